"""Looks each minute whether the bot itself is well, and tells its administrators where it is not.

What is down cannot be relied on to say so: where the worker is silent, this process delivers the card by
itself, under the send's version, so that one of several does it; where the store takes nothing, it goes out
unkept.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from bot.context import AppContext
from bot.monitoring.pulse import LATE, Pulse, heard
from bot.monitoring.status import Status
from flows.errors import Conflict, PlatformError, StoreError
from flows.messages import templates
from flows.messages.templates import Occasion
from flows.model import Change, Send, SendState
from flows.ports import Address
from flows.school import School

_LOOK = 60.0
#: What is over before that is nobody's news.
PATIENCE = dt.timedelta(minutes=5)


class Watch:
    """``pulse`` = this process's own worker's; None = it has none, and others' are listened to."""

    def __init__(
        self, context: AppContext, deliver: Callable[[Send], Awaitable[int]], pulse: Pulse | None
    ) -> None:
        self.context = context
        self._deliver = deliver
        self._pulse = pulse
        self._status = Status(context)
        self._since: dict[str, dt.datetime] = {}
        #: what was told: whether it could be kept that it was
        self._told: dict[str, dt.date] = {}

    async def run(self) -> None:
        """Look until we end."""
        while True:
            await self.look()
            await asyncio.sleep(_LOOK)

    async def look(self) -> None:
        """Tell what has been down for long enough, once a day, and what works again."""
        found, now = await self.trouble(), self.context.now()
        for what in [what for what in self._since if what not in found]:
            del self._since[what]
            if self._told.pop(what, None) is not None:
                await self._tell(what, "", works=True, kept="store" not in found)
        for what, why in found.items():
            since = self._since.setdefault(what, now)
            if now - since >= PATIENCE and self._told.get(what) != now.date():
                self._told[what] = now.date()
                await self._tell(what, why, works=False, kept="store" not in found)

    async def trouble(self) -> Mapping[str, str]:
        """Return what is not well, and the reference of why where there is one."""
        if self._pulse is not None and self._pulse.trouble:
            return {"store": self._pulse.trouble}
        try:
            said = await heard(self.context)
        except StoreError as error:
            return {"store": error.reference}
        if not said:
            return {"worker": ""}
        return {"outbox": ""} if max(one.open for one in said) > LATE.total_seconds() else {}

    async def _tell(self, what: str, why: str, *, works: bool, kept: bool) -> None:
        for school in self.context.directory.schools.values():
            for person in school.administrators:
                send = self._status.send(school, person, what, why, works=works)
                if send is not None:
                    await (self._kept(school, send) if kept else self._unkept(school, send))

    async def _kept(self, school: School, send: Send) -> None:
        """Keep it, and deliver it here: whoever else has it in hand as well is refused by its version."""
        with suppress(StoreError, Conflict):
            await self.context.commit(Change(school=school.id, new_sends=(send,)))
            stored = await self.context.store.send(school.id, send.key)
            if stored is not None and stored.state is SendState.WAITING:
                await self._deliver(stored)

    async def _unkept(self, school: School, send: Send) -> None:
        assert send.person is not None  # noqa: S101 - it is for an administrator
        account = school.account_of(send.person, send.platform)
        workspace = self.context.directory.workspace(school.id, send.platform)
        to = Address(platform=send.platform, workspace=workspace, account=account)
        occasion = Occasion(school=school, now=self.context.now(), person=send.person, facts=send.facts)
        card = templates.written(send.message, occasion)
        if card is not None:
            with suppress(PlatformError):
                await self.context.chats[send.platform].send(to, card, key=send.key)
