"""What waits for its time: that part of :class:`flows.ports.Store`, which workers ask."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from flows.model import Apart, Send, Timer
from flows.school import SchoolId, Schools


class Waiting(Protocol):
    async def due_sends(
        self, now: dt.datetime, *, most: int = 100, but: Schools = (), take: bool = True
    ) -> Sequence[Send]:
        """Return what is due, pressing first, then oldest; of no other worker's schools.

        ``take`` False = it is only looked at, of every school, and nobody works on it.
        """
        ...

    async def due_timers(self, now: dt.datetime, *, most: int = 100, but: Schools = ()) -> Sequence[Timer]:
        """Return timers of every school due by ``now``, oldest first."""
        ...

    async def timer(self, school: SchoolId, key: str) -> Timer | None:
        """Return one timer by key, due or not."""
        ...

    async def timers(self, school: SchoolId) -> Sequence[Timer]:
        """Return every timer of a school that opens, due or not, whichever worker has the school."""
        ...

    async def apart(self) -> Sequence[Apart]:
        """Return the sends and timers that did not open when they were due."""
        ...

    async def forget_apart(self) -> None:
        """Drop what rests apart, for good: only a person decides that."""
        ...

    async def next_due(self, after: dt.datetime | None = None) -> dt.datetime | None:
        """Return when the next send or timer falls due (after a moment); None if nothing is planned."""
        ...
