"""So much of one school at once, and no more: whoever comes after waits in that school's own line.

What a school's people and messages do takes turns of one process. A school that brings a thousand of them in
one moment must not be what the others wait for; and what nobody can wait for any more is refused in words.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from flows.errors import NotAllowed
from flows.school import SchoolId
from flows.words import say


class Shares:
    """Places that schools share: no school has more than ``each`` of ``places``, and free ones go round.

    ``waiting`` = so many of one school may wait, None = any number.
    """

    def __init__(self, places: int | None, each: int, *, waiting: int | None = None) -> None:
        self._free = places
        self._each = each
        self._most = waiting
        self.taken: dict[SchoolId, int] = {}
        #: those who wait, by school; the school whose turn is next comes first
        self.lines: OrderedDict[SchoolId, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def place(self, school: SchoolId) -> AsyncIterator[None]:
        """Wait for a place. Raises NotAllowed where too many of the school wait already."""
        if self._may(school) and school not in self.lines:
            self._take(school)
        else:
            await self._wait(school)
        try:
            yield
        finally:
            self._leave(school)

    def _may(self, school: SchoolId) -> bool:
        return self._free != 0 and self.taken.get(school, 0) < self._each

    def _take(self, school: SchoolId) -> None:
        self.taken[school] = self.taken.get(school, 0) + 1
        if self._free is not None:
            self._free -= 1

    def _leave(self, school: SchoolId) -> None:
        self.taken[school] -= 1
        if not self.taken[school]:
            del self.taken[school]
        if self._free is not None:
            self._free += 1
        self._hand_on()

    async def _wait(self, school: SchoolId) -> None:
        line = self.lines.setdefault(school, deque())
        if self._most is not None and len(line) >= self._most:
            raise NotAllowed("crowded", say("service.crowded"), say("service.crowded_hint"))
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # it was our turn in the moment in which we were stopped
                self._leave(school)
            else:
                self._step_out(school, turn)
            raise

    def _step_out(self, school: SchoolId, turn: asyncio.Future[None]) -> None:
        line = self.lines.get(school, deque())
        if turn in line:
            line.remove(turn)
        if not line:
            self.lines.pop(school, None)

    def _hand_on(self) -> None:
        """Give what is free to the first who may have it; their school goes to the end of the round."""
        for school in list(self.lines):
            line = self.lines[school]
            while line and line[0].done():  # cut off in this moment
                line.popleft()
            turn = line.popleft() if line and self._may(school) else None
            if not line:
                del self.lines[school]
            if turn is not None:
                if line:
                    self.lines.move_to_end(school)
                self._take(school)
                turn.set_result(None)
                return
