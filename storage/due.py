"""What falls due, in order: found without looking at what does not."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right, insort

from flows.school import SchoolId

Key = tuple[SchoolId, str]
_LAST = (SchoolId("\U0010ffff"), "")


class Due:
    """The keys of all that waits for its time, by that time."""

    def __init__(self) -> None:
        self._line: list[tuple[dt.datetime, Key]] = []
        self._at: dict[Key, dt.datetime] = {}

    def put(self, key: Key, due: dt.datetime | None) -> None:
        """Have something fall due then, and at no other time; None = it does not any more."""
        before = self._at.pop(key, None)
        if before is not None:
            del self._line[bisect_left(self._line, (before, key))]
        if due is not None:
            self._at[key] = due
            insort(self._line, (due, key))

    def by(self, now: dt.datetime) -> list[Key]:
        """Return what is due by a moment, oldest first."""
        return [key for _, key in self._line[: bisect_right(self._line, (now, _LAST))]]

    def after(self, moment: dt.datetime | None) -> dt.datetime | None:
        """Return when the first falls due, later than a moment (None = the very first)."""
        place = 0 if moment is None else bisect_right(self._line, (moment, _LAST))
        return self._line[place][0] if place < len(self._line) else None
