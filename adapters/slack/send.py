"""Slack as :class:`flows.ports.Chat`: posts, threads, edits, one look-up, and who can read a channel."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import limits
from adapters.slack.api_call import asked, pages
from adapters.slack.client import Web
from adapters.slack.membership import Members
from adapters.slack.rate_limit import Lanes
from adapters.slack.render import Json, message
from flows.errors import Ambiguous, Permanent, Response, Retryable
from flows.model import Posted
from flows.ports import Address, Membership
from flows.school import Platform
from flows.ui.cards import Card

#: what our messages are called in Slack's metadata
EVENT = "report_posting"
#: direct message channels remembered
_MOST = 5000


class SlackChat:
    """Opens nothing by itself: ``web`` does, when it is first used."""

    platform = Platform.SLACK
    can_look_up = True

    def __init__(self, web: Web, *, lanes: Lanes | None = None, members: Members | None = None) -> None:
        self.web = web
        self.lanes = lanes or Lanes()
        self.memberships = members or Members(web)
        #: called when Slack says that something about a channel has changed
        self.changed: Callable[[], None] = lambda: None
        #: called when the app was installed anew
        self.added: Callable[[str], None] = lambda _: None
        self._direct: dict[tuple[str, str], str] = {}

    async def send(self, to: Address, card: Card, *, key: str, repeat: bool = False) -> Posted:
        """Post to a channel, if it is still private, or to a person."""
        channel = await self.channel(to)
        try:
            return await self._post(to.workspace, channel, message(card, repeat=repeat), key=key)
        except Permanent as error:
            if to.account and error.response is Response.PLACE:  # the chat we remember is none any more
                self._direct.pop((to.workspace, to.account), None)
                error.response = Response.ADDRESS
            raise

    async def reply(
        self, root: Posted, card: Card, *, key: str, broadcast: bool = False, repeat: bool = False
    ) -> Posted:
        """Post into the thread of ``root``, whose own stamp is always the one that is passed."""
        rendered = message(card, repeat=repeat)
        thread = root.thread or root.message
        return await self._post(
            root.workspace, root.channel, rendered, key=key, thread=thread, broadcast=broadcast
        )

    async def edit(self, posted: Posted, card: Card) -> None:
        """Replace a message; only the app that posted it can."""
        client = await self.web.client(posted.workspace)
        rendered = message(card, repeat=posted.repeat)
        await asked(
            client.chat_update(
                channel=posted.channel, ts=posted.message, text=rendered["text"], blocks=rendered["blocks"]
            ),
            writes=True,
        )

    async def find(
        self, to: Address, root: Posted | None, *, key: str, since: dt.datetime | None = None
    ) -> Posted | None:
        """Return the message that carries ``key``: looked for in the thread, or the channel, page by page.

        Some apps are given fifteen messages a page, and a thread from its oldest on.
        """
        client = await self.web.client(to.workspace)
        channel = root.channel if root else await self.channel(to)
        thread = (root.thread or root.message) if root else ""
        common: dict[str, Any] = {
            "channel": channel,
            "include_all_metadata": True,
            "limit": limits.LOOK_BACK,
        }
        if since is not None:
            common["oldest"] = f"{since.timestamp() - limits.CLOCKS_DIFFER:.6f}"
        if thread:
            looked = pages(client.conversations_replies, ts=thread, **common)
        else:
            looked = pages(client.conversations_history, **common)
        async for page in looked:
            mine = (m for m in page.get("messages") or () if _mark_of(m) == mark(key))
            if stamp := next((str(m.get("ts", "")) for m in mine), ""):
                return self._posted(to.workspace, channel, stamp, thread)
        return None

    async def members(self, to: Address) -> Membership:
        """Return who can read a channel, as of a minute ago at most; nobody if Slack cannot say."""
        if to.account:
            there = await self.memberships.there(to.workspace, to.account)
            return Membership(accounts=frozenset({to.account} if there else ()), fit=True)
        return await self.memberships.of(to.workspace, to.channel)

    async def say(self, workspace: str, channel: str, rendered: Json, *, thread: str = "") -> str:
        """Post a message of the conversation; return its stamp. It carries no key: it is never repeated."""
        posted = await self._post(workspace, channel, rendered, key="", thread=thread, fit=False)
        return posted.message

    async def channel(self, to: Address) -> str:
        """Return the channel to post to: a person's direct messages are opened and remembered."""
        if not to.account:
            return to.channel
        known = self._direct.get((to.workspace, to.account))
        if known is None:
            client = await self.web.client(to.workspace)
            opened = await asked(client.conversations_open(users=to.account), writes=False)
            known = str((opened.get("channel") or {}).get("id") or "")
            if not known:  # nothing was posted yet, and nothing is remembered
                what = "Slack did not say which the direct messages are."
                raise Retryable("slack-no-id", what, after=limits.POST_SPACING, response=Response.UNREACHABLE)
            if len(self._direct) >= _MOST:
                self._direct.clear()
            self._direct[to.workspace, to.account] = known
        return known

    async def _post(
        self,
        workspace: str,
        channel: str,
        rendered: Json,
        *,
        key: str,
        thread: str = "",
        broadcast: bool = False,
        fit: bool = True,
    ) -> Posted:
        client = await self.web.client(workspace)
        if fit and not channel.startswith("D"):
            await self._must_fit(workspace, channel)
        extra: dict[str, Any] = {"thread_ts": thread, "reply_broadcast": broadcast} if thread else {}
        if key:
            extra["metadata"] = {"event_type": EVENT, "event_payload": {"key": mark(key)}}
        async with self.lanes.turn(channel):
            sent = await asked(_posting(client, channel, rendered, extra), writes=True)
        if not sent.get("ts"):
            raise Ambiguous("slack-no-id", "Slack took the message and did not say which it is.")
        return self._posted(workspace, str(sent.get("channel") or channel), str(sent["ts"]), thread)

    async def _must_fit(self, workspace: str, channel: str) -> None:
        membership = await self.memberships.of(workspace, channel)
        if not membership.fit:
            hint = "The seats are told by direct message until the channel is mended."
            raise Permanent("slack-channel-unfit", membership.trouble, hint, response=Response.PLACE)

    def _posted(self, workspace: str, channel: str, stamp: str, thread: str) -> Posted:
        return Posted(
            platform=Platform.SLACK, workspace=workspace, channel=channel, message=stamp, thread=thread
        )


def mark(key: str) -> str:
    """Return what a message carries of its key: metadata can be read by every app in the channel.

    https://docs.slack.dev/messaging/message-metadata
    """
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _mark_of(found: Mapping[str, Any]) -> str:
    metadata = found.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    return str(payload.get("key", "")) if metadata.get("event_type") == EVENT else ""


def _posting(client: AsyncWebClient, channel: str, rendered: Json, extra: dict[str, Any]) -> Any:
    post: Callable[..., Any] = client.chat_postMessage
    return post(channel=channel, **rendered, **extra)
