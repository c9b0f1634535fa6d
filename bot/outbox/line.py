"""What is due, read so that no school hides the others, however much of one has piled up."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from bot.context import AppContext
from flows.model import Send, Timer
from flows.school import SchoolId, Schools

T = TypeVar("T", Send, Timer)

#: So much is read at once; a school of which there is half as much on a page may hide others behind it.
PAGE, _HIDES = 100, 50
#: So many pages in one round; the schools of the last round give way then.
_PAGES = 16


class _Read(Protocol[T]):  # type: ignore[misc] # what a store gives is read only
    def __call__(self, now: dt.datetime, *, most: int, but: Schools) -> Awaitable[Sequence[T]]: ...


class Line:
    def __init__(self, context: AppContext) -> None:
        self.context = context
        self._give_way: dict[str, frozenset[SchoolId]] = {}

    async def timers(self, now: dt.datetime) -> list[Timer]:
        """Return what wakes now, of every school that has something."""
        return (await self._read("wakes", self.context.store.due_timers, now, PAGE))[0]

    async def sends(self, now: dt.datetime, free: Callable[[Send], bool]) -> list[Send]:
        """Return what is to go; more is read where all that was read belongs to what cannot go yet."""
        most = PAGE
        due, more = await self._read("sends", self.context.store.due_sends, now, most)
        while more and not any(free(send) for send in due):
            most *= 4
            due, more = await self._read("sends", self.context.store.due_sends, now, most)
        return due

    async def _read(self, what: str, read: _Read[T], now: dt.datetime, most: int) -> tuple[list[T], bool]:
        """Return what is due, and whether there is more; those who had the last round give way."""
        first = self._give_way.pop(what, frozenset())
        found, more = await self._pages(what, read, now, most, first)
        if first and not found:
            found, more = await self._pages(what, read, now, most, frozenset())
        return found, more or bool(first)

    async def _pages(
        self, what: str, read: _Read[T], now: dt.datetime, most: int, but: frozenset[SchoolId]
    ) -> tuple[list[T], bool]:
        """Return a page of what is due and, where schools fill it, another one without them, and so on."""
        found: dict[tuple[SchoolId, str], T] = {}
        more = False
        for _ in range(_PAGES):
            page = await read(now, most=most, but=but)
            found.update({(one.school, one.key): one for one in page})
            if len(page) < most:
                return list(found.values()), more
            more = True
            counts = Counter(school for school, _ in found)
            hide = {school for school, count in counts.items() if count >= most * _HIDES // PAGE}
            if hide <= but:
                return list(found.values()), more
            but |= hide
        self._give_way[what] = but
        return list(found.values()), more
