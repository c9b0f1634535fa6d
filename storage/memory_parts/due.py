"""What falls due, in order: found without looking at what does not."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right, insort
from itertools import count

from flows.school import SchoolId

Key = tuple[SchoolId, str]
#: Behind all that falls due in a moment.
_LAST, _NO_KEY = float("inf"), (SchoolId(""), "")


class Due:
    """The keys of all that waits for its time, by that time; of one moment, as they first came."""

    def __init__(self) -> None:
        self._line: list[tuple[dt.datetime, float, Key]] = []
        self._at: dict[Key, dt.datetime] = {}
        self._came: dict[Key, int] = {}
        self._numbers = count()

    def put(self, key: Key, due: dt.datetime | None) -> None:
        """Have something fall due then, and at no other time; None = not now, but it keeps its turn."""
        if key not in self._came:
            self._came[key] = next(self._numbers)
        came, before = self._came[key], self._at.pop(key, None)
        if before is not None:
            del self._line[bisect_left(self._line, (before, came, key))]
        if due is not None:
            self._at[key] = due
            insort(self._line, (due, came, key))

    def drop(self, key: Key) -> None:
        """Forget something that is over."""
        self.put(key, None)
        del self._came[key]

    def by(self, now: dt.datetime) -> list[Key]:
        """Return what is due by a moment, oldest first."""
        return [key for _, _, key in self._line[: bisect_right(self._line, (now, _LAST, _NO_KEY))]]

    def after(self, moment: dt.datetime | None) -> dt.datetime | None:
        """Return when the first falls due, later than a moment (None = the very first)."""
        place = 0 if moment is None else bisect_right(self._line, (moment, _LAST, _NO_KEY))
        return self._line[place][0] if place < len(self._line) else None
