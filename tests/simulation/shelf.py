"""The store in memory as fortnights use it: what is kept is handed out as it is, and found by its case."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from flows.case.summary import openings
from flows.errors import UnreadableRow
from flows.model import Audit, Case, CaseId, Change, Event, EventKind, Message, Send
from flows.school import PersonId, SchoolId, Schools
from storage.invariants import OPEN_SENDS, in_line, place_in_line
from storage.memory import MemoryStore


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
        #: when each message was to go out, as it was planned
        self.planned: dict[str, dt.datetime] = {}
        #: cases whose row does not open
        self.shut: set[CaseId] = set()
        #: messages taken back, of which the case said in the same step that a copy may still be read
        self._named: set[tuple[SchoolId, str]] = set()

    def _plan(self, change: Change) -> None:
        super()._plan(change)
        said = {event.fact("person") for event in change.events if may_be_read(event)}
        for send in change.updated_sends:
            if send.state not in OPEN_SENDS and (send.person or "") in said:
                back = send.message is Message.WITHDRAWN and send.root
                self._named.add((change.school, back or send.key))
        for line in change.audit:
            if line.case is not None:
                self._lines[line.case].append(line)
        for send in change.new_sends:
            self.planned.setdefault(send.key, send.due)
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

    def whole(self) -> list[Case]:
        """Return every case, also one whose row does not open."""
        return list(self._cases.values())

    def nobody_finds(self, school: SchoolId, key: str, message: str) -> bool:
        """Return whether that is a copy which the case says nobody can find: not the one on record."""
        found = self._sends[school, key].posted if (school, key) in self._named else None
        return (school, key) in self._named and (found is None or found.message != message)

    async def case(self, school: SchoolId, case: CaseId) -> Case | None:
        """Return a case, whole."""
        if case in self.shut:
            raise UnreadableRow("unreadable-row", "A kept Case cannot be read.", "Put back the last backup.")
        return self._cases.get((school, case))

    async def opened_by(self, school: SchoolId, case: CaseId) -> frozenset[PersonId]:
        """Return who has opened a case or acted on it."""
        found = openings(self._lines[case], await self.events(school, case))
        return frozenset(person for _, person in found)

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

    async def due_sends(
        self, now: dt.datetime, *, most: int = 100, but: Schools = (), take: bool = True
    ) -> Sequence[Send]:
        """Return sends of every school, waiting or attempted, due by ``now``, oldest first."""
        del take
        due = (one for one in self._going.values() if one.due <= now and one.school not in but)
        return sorted(due, key=in_line)[:most]

    async def next_due(self, after: dt.datetime | None = None) -> dt.datetime | None:
        """Return when the next send or timer falls due."""
        dues = [send.due for send in self._going.values()]
        dues += [timer.due for timer in self._timers.values()]
        return min((due for due in dues if after is None or due > after), default=None)


def may_be_read(event: Event) -> bool:
    """Return whether this says that something that was taken back may still be read."""
    return event.kind is EventKind.DELIVERY_FAILED and event.fact("message") == Message.WITHDRAWN
