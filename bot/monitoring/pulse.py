"""The worker's pulse: what it says of itself each half minute, kept in the store for whoever is asked.

A process that only takes in what comes knows nothing of what goes out; by this it does. It is a write as
well, so that a store that takes nothing is known within the minute, not when the next report is lost.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from contextlib import suppress

import msgspec
from msgspec import Struct

from bot.context import AppContext
from flows.errors import StoreError, UnreadableRow
from flows.model import Send
from flows.school import Platform

#: under which name the store keeps records of no platform's
_SHELF, _PREFIX = Platform.WEB, "pulse/"
_BEATS = 30.0
#: A worker that has said nothing for so long is silent; what it said last is forgotten after a day.
SILENT, _FORGOTTEN = dt.timedelta(minutes=2), dt.timedelta(days=1)
#: A message that is due and has not been taken up for so long is late.
LATE = dt.timedelta(minutes=15)


class Down(Struct, frozen=True, kw_only=True):
    """A platform that takes nothing, as a worker sees it."""

    platform: str
    since: str
    why: str
    waiting: int


class Said(Struct, frozen=True, kw_only=True):
    """What a worker says of itself: when, which platforms are down, how long what is due has waited (s).

    ``open`` = the same of what is kept from nobody: to whoever must not know of a case nothing of it waits.
    """

    at: dt.datetime
    down: tuple[Down, ...] = ()
    late: float = 0.0
    open: float = 0.0


class Pulse:
    def __init__(self, context: AppContext) -> None:
        self.context = context
        self._name = f"{_PREFIX}{context.new_id()}"
        #: the reference of what the store says when it takes nothing ("" = it takes what it is given)
        self.trouble = ""

    async def run(self) -> None:
        """Beat until we end."""
        while True:
            await self.beat()
            await asyncio.sleep(_BEATS)

    async def beat(self) -> None:
        """Say how it goes."""
        try:
            said = msgspec.json.encode(await self._now())
            await self.context.store.put_record(_SHELF, self._name, said)
            self.trouble = ""
        except StoreError as error:
            self.trouble = error.reference

    async def _now(self) -> Said:
        now, states = self.context.now(), self.context.states
        due = await self.context.store.due_sends(now)
        due = [send for send in due if states.of(self.context.where(send)).since is None]
        known = [send for send in due if await self._open(send, now)]
        return Said(at=now, down=down(self.context), late=_waited(due, now), open=_waited(known, now))

    async def _open(self, send: Send, now: dt.datetime) -> bool:
        """Return whether anybody may be told that a message is late."""
        if send.case is None or _waited([send], now) <= LATE.total_seconds():
            return send.case is None
        with suppress(UnreadableRow):
            case = await self.context.store.case(send.school, send.case)
            return case is not None and not (case.restricted or case.recused)
        return False


def _waited(sends: Sequence[Send], now: dt.datetime) -> float:
    return max(((now - (one.waits_since or one.due)).total_seconds() for one in sends), default=0.0)


def down(context: AppContext) -> tuple[Down, ...]:
    """Return the platforms that take nothing, as this process sees it."""
    return tuple(
        Down(platform=platform, since=one.since.isoformat(), why=one.why, waiting=one.waiting)
        for (platform, _), one in context.states.down().items()
        if one.since is not None
    )


async def heard(context: AppContext) -> Sequence[Said]:
    """Return what the workers that are not silent have said last; none = there is none. Raises StoreError."""
    found, now = [], context.now()
    for name in await context.store.records(_SHELF, _PREFIX):
        value = await context.store.record(_SHELF, name)
        said = msgspec.json.decode(value, type=Said) if value else None
        if said is not None and now - said.at <= SILENT:
            found.append(said)
        elif said is None or now - said.at > _FORGOTTEN:
            await context.store.remove_record(_SHELF, name)
    return found
