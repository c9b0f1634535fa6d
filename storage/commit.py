"""What one commit writes, row by row, after asking the rules: the same in every store of rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from contextlib import suppress

from flows.case.summary import openings
from flows.errors import Conflict, UnreadableRow
from flows.model import (
    Case,
    CaseId,
    Change,
    Committed,
    Draft,
    DraftId,
    EvidenceFile,
    Handled,
    Link,
    Send,
    Timer,
    Tombstone,
)
from flows.references import looked_for
from flows.school import PersonId, Platform, SchoolId
from storage import chain, codec
from storage.chain import ChainLink
from storage.invariants import OPEN_SENDS, admit, place_in_line, planned, thread_of
from storage.keys import KEYS
from storage.rows import DRAFT, Kept, NewRow

#: how long a delivery's second copy is recognised (microseconds); platforms repeat within hours
REMEMBER_HANDLED = 30 * 24 * 3600 * 1_000_000


def thread_key(platform: Platform, channel: str, message: str) -> str:
    """Return the key of a message of a platform."""
    return f"{platform}\n{channel}\n{message}"


def found_by(one: Send | Timer) -> tuple[str | None, int | None, int]:
    """Return what a row of it is found by: what it belongs to, when it is due, its place among others."""
    if isinstance(one, Timer):
        return one.case or one.draft, codec.instant(one.due), 0
    return one.case, codec.instant(one.due) if one.state in OPEN_SENDS else None, place_in_line(one)


def files_in(table: str, body: bytes) -> Sequence[EvidenceFile]:
    """Return which files a draft or a case has; nothing else has any. Raises UnreadableRow."""
    if table == "cases":
        case = codec.decode(Case, body)
        return (*case.report.posting.files, *case.documents)
    return codec.decode(Draft, body).files if table == "drafts" else ()


class Committer:
    """Writes changes into rows, after asking the rules."""

    def __init__(self, rows: Kept) -> None:
        self._rows = rows
        self._veil = rows.sealer.veil
        self._within = rows.sealer.veil_within

    def commit(self, change: Change) -> Committed:
        """Write ``change``; raises Conflict before anything is written."""
        school, handled = change.school, change.handled
        try:
            change = admit(change, self)
        except Conflict:
            if handled is not None and (repeated := self._repeated(school, handled.key)):
                return repeated
            raise
        if handled is not None and not self._add_handled(school, handled):
            return self._repeated(school, handled.key) or Committed(repeated=True)
        if change.dropped_draft:
            self._rows.remove("drafts", school, change.dropped_draft)
            self._rows.remove(KEYS, school, DRAFT + change.dropped_draft)
        if change.draft:
            self._write_draft(change.draft)
        if change.case:
            self._write_case(change.case)
        if change.roster:
            body = codec.encode(change.roster)
            self._rows.put(NewRow("roster", school, "roster", change.roster.version, body))
        self._write_rehearsal(change)
        if change.tombstone:
            self._bury(change.tombstone)
        self._write_audit(change)
        self.write_openings(school, openings(change.audit, change.events))
        self._write_links(change.links)
        self._plan(change)
        return Committed(draft=change.draft, case=change.case, updated_sends=change.updated_sends)

    def _add_handled(self, school: SchoolId, handled: Handled) -> bool:
        """Return whether this delivery is the first: looking for its key and writing it down are one step."""
        # ord, not due: old keys are only looked for at opening, and an index costs every turn a page
        row, at = self._veil(handled.key), codec.instant(handled.at)
        return self._rows.add(NewRow("handled", school, row, 1, codec.encode(handled), ord=at))

    def _repeated(self, school: SchoolId, key: str) -> Committed | None:
        """Return what is said to a second delivery; None to a first one."""
        body = self._rows.get("handled", school, self._veil(key))
        if body is None:
            return None
        old = codec.decode(Handled, body)
        return Committed(case=self._case(school, old.case), repeated=True, handled=old)

    def _write_draft(self, draft: Draft) -> None:
        if draft.version == 1:
            self.give_key(draft.school, DRAFT + draft.id)
        parent = self._veil(draft.person) if draft.version == 1 else None  # a row keeps the one it began with
        self._rows.put(
            NewRow("drafts", draft.school, draft.id, draft.version, codec.encode(draft), parent=parent)
        )

    def _write_rehearsal(self, change: Change) -> None:
        school = change.school
        if change.rehearsal:
            body = codec.encode(change.rehearsal)
            self._rows.put(NewRow("rehearsal", school, "rehearsal", change.rehearsal.version, body))
        if change.rehearsal_over:
            self._rows.remove("rehearsal", school, "rehearsal")
        for key in change.dropped_sends:
            self._rows.remove("sends", school, self._within(key))

    def _write_case(self, case: Case) -> None:
        if case.version == 1:
            self.write_reference(case.school, case.reference, case.id)
            self.give_key(case.school, case.id)
        self._rows.put(NewRow("cases", case.school, case.id, case.version, codec.encode(case)))

    def give_key(self, school: SchoolId, owner: str) -> None:
        """Give a case or a draft its data key, before the first row of it."""
        self._rows.add(NewRow(KEYS, school, owner, 1, self._rows.sealer.new_wrap()))

    def write_reference(self, school: SchoolId, reference: str, case: CaseId) -> None:
        """Write down whose a reference is, unless it is somebody's."""
        row = self._veil(looked_for(reference))
        self._rows.add(NewRow("references", school, row, 1, codec.encode(case)))

    def _write_audit(self, change: Change) -> None:
        """Write events and lines one behind the other, and the link that holds them."""
        if not change.events and not change.audit:
            return
        school, lines = change.school, len(change.audit)
        before = self._rows.count_up(school, "audit lines", by=lines) - lines if lines else 0
        records = chain.records(change, before)
        for one in records:
            parent = one.case or None if one.table == "audit" else None
            self._rows.put(NewRow(one.table, school, one.row, 1, one.body, parent=parent))
        key = self._rows.sealer.chain
        self.write_link(school, chain.next_link(key, school, self._last_link(school), records, change))

    def _last_link(self, school: SchoolId) -> ChainLink | None:
        for row in self._rows.newest("chain", school, None, 1):
            try:
                return codec.decode(ChainLink, row.body)
            except UnreadableRow:
                return chain.lost(int(row.id))
        return None

    def write_link(self, school: SchoolId, link: ChainLink) -> None:
        """Write a link of the audit's chain."""
        self._rows.put(NewRow("chain", school, chain.line_row(link.number), 1, codec.encode(link)))

    def _write_links(self, links: Sequence[Link]) -> None:
        """Write each under both of its cases, so that it is found from either."""
        for link in links:
            for case in link.cases:
                row = f"{case}/{link.other(case)}"
                self._rows.put(NewRow("links", link.school, row, 1, codec.encode(link)))

    def _bury(self, stone: Tombstone) -> None:
        """Remove all that there is of a case, its key too; its reference stays taken."""
        school, case = stone.school, stone.case
        for row in self._rows.of_case(school, case):
            if row.table == "sends":
                with suppress(UnreadableRow):
                    for message in thread_of(codec.decode(Send, row.body)):
                        self._rows.remove("threads", school, self._veil(thread_key(*message)))
            if row.table == "links":
                self._rows.remove("links", school, f"{row.id.removeprefix(f'{case}/')}/{case}")
            self._rows.remove(row.table, school, row.id)
        self._rows.remove("cases", school, case)
        self._rows.remove(KEYS, school, case)
        self._rows.put(NewRow("tombstones", school, case, 1, codec.encode(stone)))

    def write_openings(self, school: SchoolId, opened: Iterable[tuple[CaseId, PersonId]]) -> None:
        """Write who opened which case, once each: found without reading every look at it."""
        for case, person in opened:
            row = f"{case}/{self._veil(person)}"
            self._rows.add(NewRow("opened", school, row, 1, codec.encode(person)))

    def _plan(self, change: Change) -> None:
        for new in change.new_sends:
            if (send := planned(new, self.send_version(new.school, new.key))) is not None:
                self._write_send(send)
        for send in change.updated_sends:
            self._write_send(send)
        for key in change.cancelled_timers:
            self._rows.remove("wakes", change.school, self._within(key))
        for timer in change.timers:
            self._write_timer(timer)

    def _write_send(self, send: Send) -> None:
        row, body = self._within(send.key), codec.encode(send)
        self._rows.put(NewRow("sends", send.school, row, send.version, body, *found_by(send)))
        for message in thread_of(send):
            row = self._veil(thread_key(*message))
            self._rows.put(NewRow("threads", send.school, row, 1, codec.encode(send.case)))

    def _write_timer(self, timer: Timer) -> None:
        row, body = self._within(timer.key), codec.encode(timer)
        self._rows.put(NewRow("wakes", timer.school, row, 1, body, *found_by(timer)))

    def put_record(
        self, platform: Platform, key: str, content: bytes, until: dt.datetime | None = None
    ) -> None:
        """Write an adapter's record; its key is inside the sealed body, how long it is kept beside it."""
        body, over = codec.encode((key, content)), codec.instant(until) if until is not None else 0
        self._rows.put(NewRow("records", platform, self._veil(key), 1, body, ord=over))

    def replace_record(
        self, platform: Platform, key: str, content: bytes, *, before: bytes | None, until: dt.datetime | None
    ) -> bool:
        """Write an adapter's record if the one there is ``before``; return whether it was."""
        body = self._rows.get("records", platform, self._veil(key))
        there = codec.decode(tuple[str, bytes], body)[1] if body is not None else None
        if there != before:
            return False
        self.put_record(platform, key, content, until)
        return True

    def remove_record(self, platform: Platform, key: str) -> None:
        """Forget an adapter's record."""
        self._rows.remove("records", platform, self._veil(key))

    # -- what the rules look at -------------------------------------------------------------------

    def draft_version(self, school: SchoolId, draft: DraftId) -> int:
        """Return the version of a draft, whoever's it is; 0 = none."""
        return self._rows.version("drafts", school, draft)

    def open_draft(self, school: SchoolId, person: PersonId) -> tuple[DraftId, int] | None:
        """Return the id and the version of the person's open draft."""
        found = self._rows.first_of("drafts", school, self._veil(person))
        return (DraftId(found[0]), found[1]) if found else None

    def case_version(self, school: SchoolId, case: CaseId) -> int:
        """Return the version of a case; 0 = none."""
        return self._rows.version("cases", school, case)

    def called(self, school: SchoolId, reference: str) -> CaseId | None:
        """Return which case has a reference, however it is written."""
        body = self._rows.get("references", school, self._veil(looked_for(reference)))
        return codec.decode(CaseId, body) if body else None

    def send_version(self, school: SchoolId, key: str) -> int:
        """Return the version of a send; 0 = none."""
        return self._rows.version("sends", school, self._within(key))

    def roster_version(self, school: SchoolId) -> int:
        """Return the version of a school's roster; 0 = none."""
        return self._rows.version("roster", school, "roster")

    def rehearsal_version(self, school: SchoolId) -> int:
        """Return the version of the rehearsal that a school has; 0 = none."""
        return self._rows.version("rehearsal", school, "rehearsal")

    def has_event(self, school: SchoolId, case: CaseId, seq: int) -> bool:
        """Return whether that event is stored."""
        return self._rows.version("events", school, chain.event_row(case, seq)) > 0

    def _case(self, school: SchoolId, case: CaseId | None) -> Case | None:
        body = self._rows.get("cases", school, case) if case else None
        return codec.decode(Case, body) if body else None
