"""Where tokens come from: one workspace's own, or installations kept by us.

Installations and the states of the OAuth flow lie in our store, sealed, never in files. Nothing asks
Slack ``auth.test`` per request: what is known is kept for a minute and forgotten at once when Slack
says that the app was removed. Rotation happens here, so background work rotates too:
https://docs.slack.dev/authentication/using-token-rotation
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from collections.abc import Callable
from typing import Any, Protocol

from msgspec import Struct
from slack_sdk.errors import SlackTokenRotationError
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.installation_store.models.bot import Bot
from slack_sdk.oauth.installation_store.models.installation import Installation
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.api_call import asked
from flows.errors import Permanent, Response
from flows.ports import Store
from flows.school import Platform

_log = logging.getLogger("adapters.slack")
#: seconds a token may be used without looking into the store again
FRESH = 60.0
#: minutes before its end at which a token is replaced (tokens live for twelve hours)
ROTATE_BEFORE = 120
#: seconds an install may take from the button to the end
STATE_LASTS = 600.0
#: installs under way at once; the oldest is forgotten for one more
MOST_STATES = 200
_STATES = "states"


class Grant(Struct, frozen=True, kw_only=True):
    """What Slack lets us do in a workspace, and as whom."""

    token: str
    team: str
    enterprise: str = ""
    bot: str = ""
    bot_account: str = ""


class Tokens(Protocol):
    """Whoever knows the token of a workspace."""

    async def grant(self, team: str, enterprise: str = "") -> Grant | None:
        """Return the workspace's grant; None if the app is not installed there."""
        ...

    async def forget(self, team: str, enterprise: str = "") -> None:
        """Forget a workspace's token: the app was removed."""
        ...


class OneWorkspace:
    """One token for one workspace: a school that installed its own app."""

    def __init__(self, client: AsyncWebClient, token: str) -> None:
        """Keep the token; Slack is asked who we are when it is first needed."""
        self._client, self._token = client, token
        self._grant: Grant | None = None
        self._lock = asyncio.Lock()

    async def grant(self, team: str, enterprise: str = "") -> Grant | None:  # noqa: ARG002 - as Tokens
        """Return the grant, if ``team`` is the workspace the token is for ("" = whichever it is)."""
        async with self._lock:
            if self._grant is None:
                who = await asked(self._client.auth_test(token=self._token), writes=False)
                self._grant = Grant(
                    token=self._token,
                    team=who.get("team_id") or "",
                    enterprise=who.get("enterprise_id") or "",
                    bot=who.get("bot_id") or "",
                    bot_account=who.get("user_id") or "",
                )
        return self._grant if team in ("", self._grant.team) else None

    async def forget(self, team: str, enterprise: str = "") -> None:  # noqa: ARG002 - as Tokens
        """Ask Slack anew next time: the token came from the settings, which we cannot change."""
        self._grant = None


class Installations(AsyncInstallationStore):
    """Installations in our store, by organisation and workspace; also the answer to :class:`Tokens`."""

    def __init__(
        self,
        store: Store,
        client: AsyncWebClient,
        *,
        client_id: str,
        client_secret: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._clock = store, clock
        self._rotator = AsyncTokenRotator(client_id=client_id, client_secret=client_secret, client=client)
        self._known: dict[tuple[str, str], tuple[float, Grant]] = {}
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}
        #: called when an installation is kept: a new one, or a token that was renewed
        self.saved: Callable[[], None] = lambda: None

    @property
    def logger(self) -> logging.Logger:
        """Where Slack's library would log."""
        return _log

    # -- as Tokens ------------------------------------------------------------------------------

    async def grant(self, team: str, enterprise: str = "") -> Grant | None:
        """Return the grant of a workspace, rotated if its token is about to end."""
        where = (enterprise, team)
        known = self._known.get(where)
        if known and self._clock() - known[0] < FRESH:
            return known[1]
        async with self._locks.setdefault(where, asyncio.Lock()):
            known = self._known.get(where)
            if known and self._clock() - known[0] < FRESH:
                return known[1]
            found = await self._find(team, enterprise)
            if found is None:
                return None
            grant = _grant(await self._rotated(found))
            self._known[where] = (self._clock(), grant)
            return grant

    async def forget(self, team: str, enterprise: str = "") -> None:
        """Forget a workspace's installation, in the store and here."""
        found = await self._find(team, enterprise)
        if found is not None:
            await self._store.remove_record(Platform.SLACK, _key(found))
        self._known = {where: known for where, known in self._known.items() if where[1] != team}

    async def several(self) -> bool:
        """Return whether the app is installed in more than one place."""
        return len(await self._store.records(Platform.SLACK, "install/")) > 1

    # -- as Slack's library wants it ---------------------------------------------------------------

    async def async_save(self, installation: Installation) -> None:
        """Keep an installation, durably."""
        content = json.dumps(_plain(installation)).encode()
        await self._store.put_record(Platform.SLACK, _key(installation), content)
        self._known.clear()
        self.saved()

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,  # noqa: ARG002 - tokens are the bot's, not a person's
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        """Return the installation of a workspace, or of its whole organisation."""
        team = "" if is_enterprise_install else team_id or ""
        return await self._find(team, enterprise_id or "")

    async def async_find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        """Return the bot's part of an installation."""
        found = await self.async_find_installation(
            enterprise_id=enterprise_id, team_id=team_id, is_enterprise_install=is_enterprise_install
        )
        return found.to_bot() if found else None

    async def _find(self, team: str, enterprise: str) -> Installation | None:
        wanted = [f"install/{enterprise}/{team}", f"install/{enterprise}/"] if enterprise else []
        keys = await self._store.records(Platform.SLACK, "install/")
        wanted += [key for key in keys if not team or key.endswith(f"/{team}")]
        for key in wanted:
            content = await self._store.record(Platform.SLACK, key)
            if content is not None:
                return Installation(**json.loads(content))
        return None

    async def _rotated(self, found: Installation) -> Installation:
        """Return the installation with a token that lasts; a new one is kept before it is used."""
        try:
            newer = await self._rotator.perform_token_rotation(
                installation=found, minutes_before_expiration=ROTATE_BEFORE
            )
        except SlackTokenRotationError:
            now = await self._find(found.team_id or "", found.enterprise_id or "")
            if now is not None and now.bot_token != found.bot_token:
                return now  # another process renewed it first; each key to a new one opens once
            hint = "Install the app again in that workspace."
            what = "Slack would not renew the token."
            raise Permanent("slack-rotation", what, hint, response=Response.CONNECTION) from None
        if newer is None:
            return found
        await self.async_save(newer)
        return newer


class States(AsyncOAuthStateStore):
    """The one-time states of the install flow, in our store: any process may finish what one began.

    Anybody may ask for the install page, so they stand in one record of bounded length.
    """

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.time) -> None:
        self._store, self._clock = store, clock

    @property
    def logger(self) -> logging.Logger:
        """Where Slack's library would log."""
        return _log

    async def async_issue(self, *args: Any, **kwargs: Any) -> str:  # noqa: ARG002 - as the library wants it
        """Return a new state and remember it; states nobody came back with are forgotten."""
        state = f"{int(self._clock())}-{secrets.token_urlsafe(32)}"
        await self._change(lambda fresh: [*fresh[1 - MOST_STATES :], state])
        return state

    async def async_consume(self, state: str) -> bool:
        """Return whether the state is ours and fresh; it cannot be used again, in any process."""
        return await self._change(
            lambda fresh: [one for one in fresh if one != state] if state in fresh else None
        )

    async def _change(self, change: Callable[[list[str]], list[str] | None]) -> bool:
        """Keep what becomes of the states that are fresh, whoever else changes them; None = nothing does."""
        while True:
            before = await self._store.record(Platform.SLACK, _STATES)
            now = self._clock()
            there: list[str] = json.loads(before) if before else []
            after = change([one for one in there if now - int(one.partition("-")[0]) < STATE_LASTS])
            if after is None:
                return False
            content = json.dumps(after).encode()
            if await self._store.replace_record(Platform.SLACK, _STATES, content, before=before):
                return True


def _key(installation: Installation) -> str:
    team = "" if installation.is_enterprise_install else installation.team_id or ""
    return f"install/{installation.enterprise_id or ''}/{team}"


def _plain(installation: Installation) -> dict[str, Any]:
    """Return an installation as JSON values that its own constructor takes back."""
    named = {name: getattr(installation, name) for name in installation.to_dict_for_copying()}
    return {name: value for name, value in named.items() if value is not None}


def _grant(found: Installation) -> Grant:
    return Grant(
        token=found.bot_token or "",
        team=found.team_id or "",
        enterprise=found.enterprise_id or "",
        bot=found.bot_id or "",
        bot_account=found.bot_user_id or "",
    )
