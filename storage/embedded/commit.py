"""What one commit writes, row by row. Runs on the writer's thread, inside its transaction."""

from __future__ import annotations

import msgspec

from flows.model import Audit, Case, CaseId, Change, Committed, Draft, DraftId, Event, Handled, Send, Timer
from flows.school import PersonId, Platform, SchoolId
from storage import codec
from storage.embedded.rows import Rows
from storage.embedded.tables import RowDB, RowTable
from storage.invariants import OPEN_SENDS, admit, number_of, stem_of, thread_of


def event_id(case: CaseId, seq: int) -> str:
    """Return the row id of an event; ids of one case sort as its events do."""
    return f"{case}/{seq:06}"


def thread_key(platform: Platform, channel: str, message: str) -> str:
    """Return the key of a message of a platform."""
    return f"{platform}\n{channel}\n{message}"


class Keeper:
    """Writes changes into tables, after asking the rules."""

    def __init__(self, db: RowDB, rows: Rows) -> None:
        """Write through ``db``; ``rows`` gives counters and the sealer."""
        self._db = db
        self._rows = rows
        self._veil = rows.sealer.veil
        self._within = rows.sealer.veil_within

    def keep(self, change: Change) -> Committed:
        """Write ``change``; raises Conflict before anything is written."""
        school = change.school
        if change.handled:
            table, key = self._table("handled", school), self._veil(change.handled.key)
            if (body := table.body(key)) is not None:
                old = codec.decode(Handled, body)
                return Committed(case=self._case(school, old.case), repeated=True, handled=old)
        change = admit(change, self)
        if change.handled:
            # ord, not due: old keys are only looked for at opening, and an index costs every turn a page
            at = codec.instant(change.handled.at)
            table.keep(key, codec.encode(change.handled), version=1, ord=at)
        if change.dropped_draft:
            self._table("drafts", school).forget(change.dropped_draft)
        if change.draft:
            self._keep_draft(change.draft)
        case = self._keep_case(change.case) if change.case else None
        for event in change.events:
            self._keep_event(school, event)
        for line in change.audit:
            self._keep_audit(line)
        self._plan(change)
        return Committed(draft=change.draft, case=case, updated_sends=change.updated_sends)

    def _keep_draft(self, draft: Draft) -> None:
        table = self._table("drafts", draft.school)
        body = codec.encode(draft)
        table.keep(draft.id, body, version=draft.version, parent=self._veil(draft.person))

    def _keep_case(self, case: Case) -> Case:
        stem, number = stem_of(case.reference), number_of(case.reference)
        if case.reference.endswith("-"):
            number = self._rows.count_up(case.school, stem)
            case = msgspec.structs.replace(case, reference=f"{stem}{number:03}")
        elif case.version == 1 and number:
            self._rows.count_up(case.school, stem, at_least=number)
        self._table("cases", case.school).keep(case.id, codec.encode(case), version=case.version)
        return case

    def _keep_event(self, school: SchoolId, event: Event) -> None:
        row = event_id(event.case, event.seq)
        self._table("events", school).keep(row, codec.encode(event), version=1)

    def _keep_audit(self, line: Audit) -> None:
        row = f"{self._rows.count_up(line.school, 'audit lines'):012}"
        body = codec.encode(line)
        self._table("audit", line.school).keep(row, body, version=1, parent=line.case)

    def _plan(self, change: Change) -> None:
        sends, timers = self._table("sends", change.school), self._table("wakes", change.school)
        for send in change.new_sends:
            if not sends.version(self._within(send.key)):
                self._keep_send(sends, send)
        for send in change.updated_sends:
            self._keep_send(sends, send)
        for key in change.cancelled_timers:
            timers.forget(self._within(key))
        for timer in change.timers:
            self._keep_wake(timers, timer)

    def _keep_send(self, table: RowTable, send: Send) -> None:
        due = codec.instant(send.due) if send.state in OPEN_SENDS else None
        row, body = self._within(send.key), codec.encode(send)
        table.keep(row, body, version=send.version, parent=send.case, due=due, ord=send.order)
        for message in thread_of(send):
            row = self._veil(thread_key(*message))
            self._table("threads", send.school).keep(row, codec.encode(send.case), version=1)

    def _keep_wake(self, table: RowTable, timer: Timer) -> None:
        row, due = self._within(timer.key), codec.instant(timer.due)
        table.keep(row, codec.encode(timer), version=1, due=due)

    def put_record(self, platform: Platform, key: str, content: bytes) -> None:
        """Keep an adapter's record; its key is inside the sealed body."""
        table = self._db.table(f"records@{platform}")
        table.keep(self._veil(key), codec.encode((key, content)), version=1)

    def remove_record(self, platform: Platform, key: str) -> None:
        """Forget an adapter's record."""
        self._db.table(f"records@{platform}").forget(self._veil(key))

    # -- what the rules look at -------------------------------------------------------------------

    def draft_version(self, school: SchoolId, draft: DraftId) -> int:
        """Return the version of the draft as kept; 0 = none."""
        return self._table("drafts", school).version(draft)

    def draft_id_of(self, school: SchoolId, person: PersonId) -> DraftId | None:
        """Return the id of the person's open draft."""
        found = self._rows.id_of("drafts", school, self._veil(person))
        return DraftId(found) if found else None

    def case_version(self, school: SchoolId, case: CaseId) -> int:
        """Return the version of the case as kept; 0 = none."""
        return self._table("cases", school).version(case)

    def send_version(self, school: SchoolId, key: str) -> int:
        """Return the version of the send as kept; 0 = none."""
        return self._table("sends", school).version(self._within(key))

    def has_event(self, school: SchoolId, case: CaseId, seq: int) -> bool:
        """Return whether that event is kept."""
        return self._table("events", school).version(event_id(case, seq)) > 0

    def _case(self, school: SchoolId, case: CaseId | None) -> Case | None:
        body = self._table("cases", school).body(case) if case else None
        return codec.decode(Case, body) if body else None

    def _table(self, name: str, school: SchoolId) -> RowTable:
        return self._db.table(f"{name}@{school}")
