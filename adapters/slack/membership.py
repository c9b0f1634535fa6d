"""Who can read a channel, and whether it is fit for a case. Kept for a minute; unknown means no.

A channel is fit when it is private, not shared with another organisation (nor about to be), not
archived, and ours to post in: https://docs.slack.dev/reference/objects/conversation-object
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import limits
from adapters.slack.api_call import asked, pages
from adapters.slack.client import Web
from flows.errors import Permanent, Response
from flows.ports import Membership

#: Slack's words for somebody who is no full member
_GUESTS = ("is_restricted", "is_ultra_restricted", "is_stranger")
#: guests and others that are remembered
_MOST = 5000
#: Slack's words for: there is no such person
NOBODY = ("slack-user-not-found", "slack-user-not-visible", "slack-users-not-found")
#: what is wrong with a channel -> what a person is told
_UNFIT: tuple[tuple[str, str], ...] = (
    ("is_ext_shared", "The channel is shared with another organisation."),
    ("is_shared", "The channel is shared with another workspace."),
    ("is_pending_ext_shared", "Somebody has asked to share the channel with another organisation."),
    ("is_org_shared", "The channel is shared with the whole organisation."),
    ("is_archived", "The channel is archived."),
)


#: we may post and may not see who reads: no channel is fit, and direct messages go on
_CANNOT_SEE = "slack-missing-scope"


async def looked_up(client: AsyncWebClient, account: str) -> dict[str, Any]:
    """Return what Slack says of an account; {} = nobody. Raises PlatformError if it cannot say."""
    try:
        found: dict[str, Any] = (await asked(client.users_info(user=account), writes=False)).get("user") or {}
    except Permanent as error:
        if error.reference not in NOBODY:
            raise
        return {}
    return found


class Members:
    def __init__(
        self, web: Web, *, clock: Callable[[], float] = time.monotonic, fresh: float = limits.MEMBERS_FRESH
    ) -> None:
        self._web, self._clock, self._fresh = web, clock, fresh
        self._known: dict[tuple[str, str], tuple[float, Membership]] = {}
        self._guests: dict[tuple[str, str], tuple[float, bool]] = {}
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}

    async def of(self, workspace: str, channel: str) -> Membership:
        """Return who is in a channel. A channel Slack does not show us is unfit and empty.

        Raises Retryable if Slack could not be asked, Permanent if it does not let us ask.
        """
        where = (workspace, channel)
        async with self._locks.setdefault(where, asyncio.Lock()):
            known = self._known.get(where)
            if known and self._clock() - known[0] < self._fresh:
                return known[1]
            self._known.pop(where, None)
            try:
                found = await self._look(workspace, channel)
            except Permanent as error:
                if error.response is Response.CONNECTION and error.reference != _CANNOT_SEE:
                    raise  # it says nothing of the channel
                return Membership(accounts=frozenset(), fit=False, trouble=str(error))
            self._known[where] = (self._clock(), found)
            return found

    async def there(self, workspace: str, account: str) -> bool:
        """Return whether an account is still in use. Slack takes messages for one that was deactivated.

        Raises Retryable if Slack could not be asked.
        """
        client = await self._web.client(workspace)
        try:
            found = (await asked(client.users_info(user=account), writes=False)).get("user") or {}
        except Permanent as error:
            return error.reference not in NOBODY
        return not found.get("deleted")

    def forget(self, channel: str) -> None:
        """Look again the next time: somebody left, or the channel changed."""
        self._known = {where: known for where, known in self._known.items() if where[1] != channel}

    def forget_all(self) -> None:
        """Look again the next time, wherever it is: another process heard that something has changed."""
        self._known.clear()

    async def _look(self, workspace: str, channel: str) -> Membership:
        client = await self._web.client(workspace)
        facts = (await asked(client.conversations_info(channel=channel), writes=False)).get("channel") or {}
        trouble = unfit(facts)
        accounts: set[str] = set()
        looked = pages(client.conversations_members, channel=channel, limit=limits.MEMBERS_PAGE)
        async for page in looked:
            accounts |= set(page.get("members") or ())
        grant = await self._web.tokens.grant(workspace)
        ours = grant.bot_account if grant else ""
        if ours and ours not in accounts and not trouble:
            trouble = "The bot is not in the channel."
        guests = frozenset({one for one in accounts - {ours} if await self._guest(workspace, one)})
        members = frozenset(accounts - {ours})
        return Membership(accounts=members, fit=not trouble, trouble=trouble, guests=guests)

    async def _guest(self, workspace: str, account: str) -> bool:
        """Return whether somebody in a channel is a guest; believed for a while, since there are many."""
        known = self._guests.get((workspace, account))
        if known is not None and self._clock() - known[0] < limits.GUESTS_FRESH:
            return known[1]
        client = await self._web.client(workspace)
        try:
            found = (await asked(client.users_info(user=account), writes=False)).get("user") or {}
        except Permanent:
            found = {}  # Slack does not say: that makes nobody a guest
        guest = any(found.get(name) for name in _GUESTS)
        if len(self._guests) >= _MOST:
            self._guests.clear()
        self._guests[workspace, account] = (self._clock(), guest)
        return guest


def unfit(facts: dict[str, Any]) -> str:
    """Return why a channel must not hold a case; "" if it may. What is not said counts as wrong."""
    if not facts.get("is_private"):
        return "The channel is not private."
    return next((words for name, words in _UNFIT if facts.get(name)), "")
