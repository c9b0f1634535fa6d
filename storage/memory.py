"""The reference store: dicts, and the rules of ``Store`` in their plainest form.

It is the verified fake: it passes the same contract as the stores that keep, and the file store is
compared with it step by step. Everything is copied on the way in and out, as a file would.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TypeVar

from flows.case.summary import openings, summary
from flows.model import (
    Audit,
    Case,
    CaseId,
    CaseSummary,
    Change,
    Committed,
    Draft,
    DraftId,
    Event,
    Handled,
    Send,
    Timer,
    Tombstone,
)
from flows.references import looked_for
from flows.school import PersonId, Platform, SchoolId, Schools
from storage import codec
from storage.invariants import OPEN_SENDS, admit, closed_since, in_line, place_in_line, planned, thread_of
from storage.memory_parts.beside import MemoryBeside
from storage.memory_parts.due import Due

S = TypeVar("S")


def _copy(value: S) -> S:
    return codec.decode(type(value), codec.encode(value))


class MemoryStore(MemoryBeside):
    """Keeps everything until it is closed; nothing after."""

    def __init__(self, root: bytes = bytes(32)) -> None:
        self.commits = 0
        self.root, self.opens_with = root, ""
        super().__init__()
        self._handled: dict[tuple[SchoolId, str], Handled] = {}
        self._drafts: dict[tuple[SchoolId, DraftId], Draft] = {}
        self._cases: dict[tuple[SchoolId, CaseId], Case] = {}
        self._events: dict[tuple[SchoolId, CaseId], dict[int, Event]] = {}
        self._audit: list[Audit] = []
        self._sends: dict[tuple[SchoolId, str], Send] = {}
        self._timers: dict[tuple[SchoolId, str], Timer] = {}
        self._waiting, self._wakes = Due(), Due()
        self._of_case: dict[tuple[SchoolId, CaseId], dict[str, None]] = {}
        self._references: dict[tuple[SchoolId, str], CaseId] = {}

    async def commit(self, change: Change) -> Committed:
        """Keep all of ``change`` or nothing."""
        self._check_open()
        school = change.school
        if change.handled and (old := self._handled.get((school, change.handled.key))):
            case = self._cases.get((school, old.case)) if old.case else None
            return Committed(case=_copy(case) if case else None, repeated=True, handled=_copy(old))
        change = _copy(admit(change, self))
        self.commits += 1
        if change.handled:
            self._handled[school, change.handled.key] = change.handled
        if change.dropped_draft:
            self._drafts.pop((school, change.dropped_draft), None)
        if change.draft:
            self._drafts[school, change.draft.id] = change.draft
        if change.case:
            self._cases[school, change.case.id] = change.case
        self._keep_seats(change)
        for key in change.dropped_sends:
            if (gone := self._sends.pop((school, key), None)) is not None:
                self._waiting.drop((school, key))
                if gone.case is not None:
                    del self._of_case[school, gone.case][key]
        for event in change.events:
            self._events.setdefault((school, event.case), {})[event.seq] = event
        if change.tombstone:
            self._bury(change.tombstone)
        self._audit.extend(change.audit)
        self._chain(school).keep(change)
        self._links |= {(school, link.cases): link for link in change.links}
        self._plan(change)
        for file in self._use.learn(change):
            self._files.pop(file, None)
        return _copy(Committed(draft=change.draft, case=change.case, updated_sends=change.updated_sends))

    def _bury(self, stone: Tombstone) -> None:
        school, case = stone.school, stone.case
        self._tombstones[school, case] = stone
        for kept in (self._cases, self._events, self._of_case):
            kept.pop((school, case), None)
        self._audit = [line for line in self._audit if (line.school, line.case) != (school, case)]
        self._links = {at: link for at, link in self._links.items() if at[0] != school or case not in at[1]}
        for key in [key for key, send in self._sends.items() if _belongs(send, school, case)]:
            del self._sends[key]
            self._waiting.drop(key)
        for key in [key for key, timer in self._timers.items() if _belongs(timer, school, case)]:
            del self._timers[key]
            self._wakes.drop(key)
        self._references |= {(school, looked_for(stone.reference)): case}
        self._chain(school).forget(case)

    def _plan(self, change: Change) -> None:
        for new in change.new_sends:
            if (send := planned(new, self.send_version(change.school, new.key))) is not None:
                self._keep(change.school, send)
        for send in change.updated_sends:
            self._keep(change.school, send)
        for key in change.cancelled_timers:
            self._timers.pop((change.school, key), None)
            self._wakes.drop((change.school, key))
        for timer in change.timers:
            self._timers[change.school, timer.key] = timer
            self._wakes.put((change.school, timer.key), timer.due)

    def _keep(self, school: SchoolId, send: Send) -> None:
        self._sends[school, send.key] = send
        self._waiting.put((school, send.key), send.due if send.state in OPEN_SENDS else None)
        if send.case is not None:
            self._of_case.setdefault((school, send.case), {})[send.key] = None

    # -- what the rules look at before anything is stored -------------------------------------------

    def draft_version(self, school: SchoolId, draft: DraftId) -> int:
        """Return the version of a draft; 0 = none."""
        stored = self._drafts.get((school, draft))
        return stored.version if stored else 0

    def open_draft(self, school: SchoolId, person: PersonId) -> tuple[DraftId, int] | None:
        """Return the id and the version of the person's open draft."""
        mine = (d for (s, _), d in self._drafts.items() if s == school and d.person == person)
        return next(((draft.id, draft.version) for draft in mine), None)

    def case_version(self, school: SchoolId, case: CaseId) -> int:
        """Return the version of a case; 0 = none."""
        stored = self._cases.get((school, case))
        return stored.version if stored else 0

    def called(self, school: SchoolId, reference: str) -> CaseId | None:
        """Return which case has a reference, however it is written."""
        wanted = looked_for(reference)
        mine = (case for (s, _), case in self._cases.items() if s == school)
        gone = self._references.get((school, wanted))
        return next((case.id for case in mine if looked_for(case.reference) == wanted), gone)

    def send_version(self, school: SchoolId, key: str) -> int:
        """Return the version of a send; 0 = none."""
        stored = self._sends.get((school, key))
        return stored.version if stored else 0

    def has_event(self, school: SchoolId, case: CaseId, seq: int) -> bool:
        """Return whether that event is stored."""
        return seq in self._events.get((school, case), {})

    # -- reads ------------------------------------------------------------------------------------

    async def handled(self, school: SchoolId, key: str) -> Handled | None:
        """Return what became of an inbound key."""
        return self._given(self._handled.get((school, key)))

    async def draft(self, school: SchoolId, draft: DraftId) -> Draft | None:
        """Return a draft."""
        return self._given(self._drafts.get((school, draft)))

    async def draft_of(self, school: SchoolId, person: PersonId) -> Draft | None:
        """Return a person's open draft."""
        found = self.open_draft(school, person)
        return self._given(self._drafts[school, found[0]] if found else None)

    async def case(self, school: SchoolId, case: CaseId) -> Case | None:
        """Return a case, whole."""
        return self._given(self._cases.get((school, case)))

    async def case_called(self, school: SchoolId, reference: str) -> Case | None:
        """Return a case by its spoken reference, however it is written."""
        case = self.called(school, reference)
        return self._given(self._cases.get((school, case)) if case else None)

    async def cases(
        self, school: SchoolId, *, open_only: bool = True, since: dt.datetime | None = None, most: int = 1000
    ) -> Sequence[CaseSummary]:
        """Return rows, newest first."""
        rows = [row for row in self._rows(school) if not open_only or closed_since(row, since)]
        return rows[:most]

    async def cases_opened(self, school: SchoolId, first: dt.datetime, end: dt.datetime) -> list[CaseSummary]:
        """Return the cases that were opened from ``first`` on and before ``end``, oldest first."""
        return [row for row in reversed(self._rows(school)) if first <= row.opened_at < end]

    async def cases_going(self, school: SchoolId) -> Sequence[CaseSummary]:
        """Return the cases of which it was said that they go soon, newest first."""
        return [row for row in self._rows(school) if row.removal is not None]

    async def cases_reported_by(
        self, school: SchoolId, person: PersonId, *, most: int = 20
    ) -> Sequence[CaseSummary]:
        """Return the cases a person reported, newest first."""
        return [row for row in self._rows(school) if row.reporter == person][:most]

    def _rows(self, school: SchoolId) -> list[CaseSummary]:
        self._check_open()
        rows = [summary(case) for (s, _), case in self._cases.items() if s == school]
        return sorted(rows, key=lambda row: (row.opened_at, row.id), reverse=True)

    async def events(self, school: SchoolId, case: CaseId) -> Sequence[Event]:
        """Return a case's events in order."""
        self._check_open()
        return [_copy(event) for _, event in sorted(self._events.get((school, case), {}).items())]

    async def audit(
        self, school: SchoolId, *, case: CaseId | None = None, most: int = 1000
    ) -> Sequence[Audit]:
        """Return the school's audit lines, newest first."""
        self._check_open()
        lines = [a for a in reversed(self._audit) if a.school == school and case in {None, a.case}]
        return [_copy(line) for line in lines[:most]]

    async def opened_by(self, school: SchoolId, case: CaseId) -> frozenset[PersonId]:
        """Return who has opened a case or acted on it."""
        audit = [line for line in self._audit if line.school == school and line.case == case]
        return frozenset(person for _, person in openings(audit, await self.events(school, case)))

    async def cases_marked(self, school: SchoolId, mark: str) -> Sequence[CaseSummary]:
        """Return the cases whose posting is found by a mark, newest first."""
        return [row for row in self._rows(school) if mark in row.marks]

    async def send(self, school: SchoolId, key: str) -> Send | None:
        """Return one send by key."""
        return self._given(self._sends.get((school, key)))

    async def sends_of(self, school: SchoolId, case: CaseId) -> Sequence[Send]:
        """Return every send of a case, in ``order`` then insertion."""
        self._check_open()
        sends = [self._sends[school, key] for key in self._of_case.get((school, case), {})]
        return [_copy(send) for send in sorted(sends, key=place_in_line)]

    async def thread(self, school: SchoolId, platform: Platform, channel: str, message: str) -> CaseId | None:
        """Return whose thread a platform message is the root of (or a card of)."""
        self._check_open()
        wanted = (platform, channel, message)
        for (owner, _), send in reversed(self._sends.items()):
            if owner == school and wanted in thread_of(send):
                return send.case
        return None

    async def due_sends(
        self, now: dt.datetime, *, most: int = 100, but: Schools = (), take: bool = True
    ) -> Sequence[Send]:
        """Return sends of every school, waiting or attempted, due by ``now``, oldest first."""
        del take  # there is one worker
        self._check_open()
        due = [self._sends[key] for key in self._waiting.by(now) if key[0] not in but]
        return [_copy(send) for send in sorted(due, key=in_line)[:most]]

    async def due_timers(self, now: dt.datetime, *, most: int = 100, but: Schools = ()) -> Sequence[Timer]:
        """Return timers of every school due by ``now``, oldest first."""
        self._check_open()
        return [_copy(self._timers[key]) for key in self._wakes.by(now) if key[0] not in but][:most]

    async def timer(self, school: SchoolId, key: str) -> Timer | None:
        """Return one timer by key."""
        return self._given(self._timers.get((school, key)))

    async def timers(self, school: SchoolId) -> Sequence[Timer]:
        """Return every timer of a school."""
        self._check_open()
        return [_copy(timer) for (owner, _), timer in sorted(self._timers.items()) if owner == school]

    async def next_due(self, after: dt.datetime | None = None) -> dt.datetime | None:
        """Return when the next send or timer falls due."""
        self._check_open()
        firsts = (self._waiting.after(after), self._wakes.after(after))
        return min((first for first in firsts if first is not None), default=None)

    async def close(self) -> None:
        """Forget everything."""
        self._open = False

    def _given(self, value: S | None) -> S | None:
        self._check_open()
        return None if value is None else _copy(value)


def _belongs(one: Send | Timer, school: SchoolId, case: CaseId) -> bool:
    return one.school == school and (one.case == case or one.key.startswith(f"{case}/"))
