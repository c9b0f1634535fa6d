"""Teams while set-up runs: listened to where the bot will be, so that it is seen whether Teams gets here.

Nobody can report yet: whoever writes is told that, and of what they wrote nothing is kept. What Teams says
of itself – where it is, who we are there – is known to these pages' checks as long as set-up runs.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from aiohttp import web

from bot.commands.look_at_platforms import context_of
from bot.config.settings import Settings, TeamsSettings
from bot.directory import SchoolDirectory
from bot.wiring import Running, add_teams
from flows.ports import Store
from flows.ui.inbound import Actor, Inbound, Refuse, Reply
from flows.words import say
from storage.open import open_store

if TYPE_CHECKING:  # importing Teams takes half a second: only where it is configured
    from adapters.teams.listen import TeamsApp


class _NotYet:
    """A :class:`flows.ports.Door` that takes nothing in."""

    async def handle(self, inbound: Inbound) -> Reply:
        """Say that it is being set up."""
        del inbound
        return Refuse(say("set_up.not_yet"), say("set_up.not_yet_hint"), reference="being-set-up")

    async def evidence(self, actor: Actor, case: str, sha256: str) -> None:
        """Return nothing: there are no cases."""

    async def figures(self, actor: Actor, asked: str) -> None:
        """Return nothing: there are no figures."""


class Hearing:
    def __init__(self) -> None:
        #: what is known of whoever has spoken to us; None = nothing is listened to
        self.store: Store | None = None
        self._by: object = None
        self._teams: TeamsApp | None = None
        self._open = AsyncExitStack()

    async def listen(self, settings: Settings | None) -> str:
        """Listen by these settings; return in words how far it is ("" = Teams is not set up in them)."""
        own = settings.teams if settings else None
        if settings is None or own is None:
            await self.close()
            return ""
        secret = own.app_password.reveal() if own.app_password else ""
        by = (settings.host, settings.port, own.app_id, secret, own.tenant_id, own.dev)
        if self._teams is None or by != self._by:
            await self.close()
            self._by = by
            await self._begin(settings, own)
        address = f"http://{settings.host}:{settings.port}"
        if self._teams is None:
            return say("set_up.hears_not", address=address)
        if await self._teams.chat.heard():
            return say("set_up.heard")
        return say("set_up.hears", address=address)

    async def _begin(self, settings: Settings, own: TeamsSettings) -> None:
        store = await open_store("memory:", key=bytes(32))
        self._open.push_async_callback(store.close)
        nobody = SchoolDirectory({})
        bot = Running(context_of(store, nobody), nobody)
        bot.door = _NotYet()
        teams = await add_teams(settings, own, bot, self._open)
        runner = web.AppRunner(bot.app, access_log=None)
        await runner.setup()
        self._open.push_async_callback(runner.cleanup)
        try:
            await web.TCPSite(runner, settings.host, settings.port).start()
        except OSError:  # most likely the bot itself runs there already
            return
        self.store, self._teams = store, teams

    async def close(self) -> None:
        """Listen no more, and forget what was heard."""
        self.store = self._teams = None
        await self._open.aclose()
