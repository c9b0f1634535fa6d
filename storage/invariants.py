"""What every store agrees on before it keeps anything: versions, references, threads, open cases."""

from __future__ import annotations

import datetime as dt
from typing import Protocol, TypeVar

from msgspec.structs import replace

from flows.delivery.sends import rank
from flows.errors import Conflict
from flows.model import (
    Case,
    CaseId,
    CaseSummary,
    Change,
    Draft,
    DraftId,
    Message,
    Rehearsal,
    Roster,
    Send,
    SendState,
    Status,
    Way,
)
from flows.school import PersonId, Platform, SchoolId

R = TypeVar("R", Case, Draft, Rehearsal, Roster, Send)

#: states in which a send still wants work
OPEN_SENDS = frozenset({SendState.WAITING, SendState.ATTEMPTED})
#: orders of sends are below this
RANKS = 10


class Stored(Protocol):
    """What the rules may look at: versions as they are stored now (0 = none)."""

    def draft_version(self, school: SchoolId, draft: DraftId) -> int:
        """Return the version of a draft, whoever's it is."""
        ...

    def open_draft(self, school: SchoolId, person: PersonId) -> tuple[DraftId, int] | None:
        """Return the id and the version of the person's open draft."""
        ...

    def case_version(self, school: SchoolId, case: CaseId) -> int:
        """Return the version of a case."""
        ...

    def called(self, school: SchoolId, reference: str) -> CaseId | None:
        """Return which case has a reference, however it is written."""
        ...

    def send_version(self, school: SchoolId, key: str) -> int:
        """Return the version of a send."""
        ...

    def roster_version(self, school: SchoolId) -> int:
        """Return the version of a school's roster."""
        ...

    def rehearsal_version(self, school: SchoolId) -> int:
        """Return the version of the rehearsal that a school has."""
        ...

    def has_event(self, school: SchoolId, case: CaseId, seq: int) -> bool:
        """Return whether that event is stored."""
        ...


def admit(change: Change, stored: Stored) -> Change:
    """Return ``change`` as it is to be stored, every record one version on.

    Raises Conflict unless each record was read at the version that is stored now, a person has at most one
    open draft, and no two cases of a school have one reference.
    """
    school = change.school
    records = (
        change.case,
        change.draft,
        *change.new_sends,
        *change.updated_sends,
        *change.audit,
        *change.links,
        *change.timers,
        change.roster,
        change.rehearsal,
        change.tombstone,
    )
    if any(record is not None and record.school != school for record in records):
        raise ValueError("a change holds records of its own school only")
    if change.draft is not None:
        _expect(change.draft, _draft_version(change.draft, change.dropped_draft, stored), "report")
    if change.case is not None:
        _expect(change.case, stored.case_version(school, change.case.id), "case")
        if change.case.version == 0 and stored.called(school, change.case.reference) is not None:
            raise _conflict("reference")
    for send in change.updated_sends:
        _expect(send, stored.send_version(school, send.key) or None, "message")
    _expect_of_the_school(change, stored)
    if _came_late(change, stored):
        raise _conflict("case")
    return replace(
        change,
        draft=_raised(change.draft) if change.draft else None,
        case=_raised(change.case) if change.case else None,
        updated_sends=tuple(map(_raised, change.updated_sends)),
        roster=_raised(change.roster) if change.roster else None,
        rehearsal=_raised(change.rehearsal) if change.rehearsal else None,
    )


def _expect_of_the_school(change: Change, stored: Stored) -> None:
    """Raise Conflict unless what a school has one of was read as it is stored now."""
    if change.roster is not None:
        _expect(change.roster, stored.roster_version(change.school), "list of seats")
    if change.rehearsal is not None:
        _expect(change.rehearsal, stored.rehearsal_version(change.school), "rehearsal")


def _came_late(change: Change, stored: Stored) -> bool:
    """Return whether an event has that number already, or a case that is to go has changed since."""
    stone = change.tombstone
    if stone is not None and stored.case_version(stone.school, stone.case) != stone.read_at:
        return True
    return any(stored.has_event(change.school, event.case, event.seq) for event in change.events)


def _draft_version(draft: Draft, dropped: DraftId | None, stored: Stored) -> int | None:
    """Return the version a draft must have been read at; None = whatever it says, it is not that one.

    It is that of its person's open draft; only a new one is looked for by its id.
    """
    found = stored.open_draft(draft.school, draft.person)
    if found is not None and found[0] != dropped:
        return found[1] if found[0] == draft.id else None
    taken = draft.id != dropped and stored.draft_version(draft.school, draft.id)
    return None if taken else 0


def _expect(record: Case | Draft | Rehearsal | Roster | Send, version: int | None, what: str) -> None:
    if version is None or record.version != version:
        raise _conflict(what)


def planned(send: Send, version: int) -> Send | None:
    """Return a new send as it is to be stored over what has this ``version`` (0 = nothing yet).

    One that is known plans nothing a second time, save an edit: it is due again.
    """
    if version and send.way is not Way.EDIT:
        return None
    return replace(send, version=version + 1)


def _raised(record: R) -> R:
    return replace(record, version=record.version + 1)


def _conflict(what: str) -> Conflict:
    return Conflict("conflict", f"Somebody else changed this {what} first.", "Look at it again, then repeat.")


def place_in_line(send: Send) -> int:
    """Return where a send stands among others: the more pressing first (tens), then by its order (ones)."""
    return rank(send) * RANKS + send.order


def thread_of(send: Send) -> set[tuple[Platform, str, str]]:
    """Return the platform messages whose replies belong to the send's case."""
    if send.case is None or send.posted is None:
        return set()
    if send.way is not Way.ROOT and send.message is not Message.CASE_CARD:
        return set()
    posted = send.posted
    messages = {posted.message, posted.thread} - {""}
    return {(posted.platform, posted.channel, message) for message in messages}


def in_line(send: Send) -> tuple[int, dt.datetime, int]:
    """Return where a send stands among all that are due."""
    place = place_in_line(send)
    return place // RANKS, send.due, place


def closed_since(row: CaseSummary, since: dt.datetime | None) -> bool:
    """Return whether the case is open, or was closed at or after ``since``."""
    if row.status is not Status.CLOSED:
        return True
    return since is not None and row.closed_at is not None and row.closed_at >= since
