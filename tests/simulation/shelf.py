"""The store in memory as fortnights use it: what is kept is handed out as it is, and found by its case."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from flows.model import Audit, CaseId, Change, Event, Send
from flows.school import SchoolId
from storage.invariants import OPEN_SENDS, place_in_line
from storage.memory import MemoryStore, in_line


class Shelf(MemoryStore):
    """Values are frozen, and each went through the codec on its way in: reading them copies nothing.

    A fortnight reads a case's messages a thousand times as often as it writes one.
    """

    def __init__(self) -> None:
        super().__init__()
        self._by_case: dict[CaseId, dict[str, Send]] = defaultdict(dict)
        self._in_order: dict[CaseId, list[Send]] = {}
        self._lines: dict[CaseId, list[Audit]] = defaultdict(list)
        self._going: dict[tuple[SchoolId, str], Send] = {}

    def _plan(self, change: Change) -> None:
        super()._plan(change)
        for line in change.audit:
            if line.case is not None:
                self._lines[line.case].append(line)
        for each in (*change.new_sends, *change.updated_sends):
            key = change.school, each.key
            send = self._sends[key]
            if send.state in OPEN_SENDS:
                self._going[key] = send
            else:
                self._going.pop(key, None)
            if send.case is not None:
                self._by_case[send.case][send.key] = send
                self._in_order.pop(send.case, None)

    async def events(self, school: SchoolId, case: CaseId) -> Sequence[Event]:
        """Return a case's events in order."""
        return [event for _, event in sorted(self._events.get((school, case), {}).items())]

    async def audit(
        self, school: SchoolId, *, case: CaseId | None = None, most: int = 1000
    ) -> Sequence[Audit]:
        """Return the school's audit lines, newest first."""
        if case is None:
            return await super().audit(school, most=most)
        return self._lines[case][: -most - 1 : -1]

    async def sends_of(self, school: SchoolId, case: CaseId) -> Sequence[Send]:  # noqa: ARG002 - a Store's signature
        """Return every send of a case, in ``order`` then insertion."""
        if case not in self._in_order:
            self._in_order[case] = sorted(self._by_case[case].values(), key=place_in_line)
        return self._in_order[case]

    async def due_sends(self, now: dt.datetime, *, most: int = 100) -> Sequence[Send]:
        """Return sends of every school, waiting or attempted, due by ``now``, oldest first."""
        return sorted((send for send in self._going.values() if send.due <= now), key=in_line)[:most]

    async def next_due(self, after: dt.datetime | None = None) -> dt.datetime | None:
        """Return when the next send or timer falls due."""
        dues = [each.due for each in (*self._going.values(), *self._timers.values())]
        return min((due for due in dues if after is None or due > after), default=None)
