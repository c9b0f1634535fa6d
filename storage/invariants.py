"""What every store agrees on before it keeps anything: versions, references, threads, open cases."""

from __future__ import annotations

import re
from typing import Protocol, TypeVar

from msgspec.structs import replace

from flows.errors import Conflict
from flows.model import (
    Case,
    CaseId,
    Change,
    Draft,
    DraftId,
    Message,
    Send,
    SendState,
    Way,
)
from flows.school import PersonId, Platform, SchoolId

R = TypeVar("R", Case, Draft, Send)

#: states in which a send still wants work
OPEN_SENDS = frozenset({SendState.WAITING, SendState.ATTEMPTED})
_NOT_THERE = -1
_REFERENCE = re.compile(r"(.*-)([0-9]*)", re.DOTALL)


class Kept(Protocol):
    """What the check may look at: versions as they are kept now (0 = none)."""

    def draft_version(self, school: SchoolId, draft: DraftId) -> int:
        """Return the version of the draft as kept."""
        ...

    def draft_id_of(self, school: SchoolId, person: PersonId) -> DraftId | None:
        """Return the id of the person's open draft."""
        ...

    def case_version(self, school: SchoolId, case: CaseId) -> int:
        """Return the version of the case as kept."""
        ...

    def send_version(self, school: SchoolId, key: str) -> int:
        """Return the version of the send as kept."""
        ...

    def has_event(self, school: SchoolId, case: CaseId, seq: int) -> bool:
        """Return whether that event is kept."""
        ...


def admit(change: Change, kept: Kept) -> Change:
    """Return ``change`` as it is to be stored, every record one version on.

    Raises Conflict unless each record was read at the version that is stored now.
    """
    school = change.school
    owners = {send.school for send in (*change.new_sends, *change.updated_sends)}
    owners |= {line.school for line in change.audit} | {timer.school for timer in change.timers}
    owners |= {record.school for record in _single(change)}
    if owners - {school}:
        raise ValueError("a change holds records of its own school only")
    if (draft := change.draft) is not None:
        stored = 0 if draft.id == change.dropped_draft else kept.draft_version(school, draft.id)
        _expect(draft, stored, "report")
        other = kept.draft_id_of(school, draft.person)
        if other not in {None, draft.id, change.dropped_draft}:
            raise _conflict("report")
    if change.case is not None:
        _expect(change.case, kept.case_version(school, change.case.id), "case")
    for send in change.updated_sends:
        _expect(send, kept.send_version(school, send.key) or _NOT_THERE, "message")
    if any(kept.has_event(school, event.case, event.seq) for event in change.events):
        raise _conflict("case")
    return replace(
        change,
        draft=_raised(draft) if draft else None,
        case=_raised(change.case) if change.case else None,
        new_sends=tuple(map(_raised, change.new_sends)),
        updated_sends=tuple(map(_raised, change.updated_sends)),
    )


def _single(change: Change) -> list[Case | Draft]:
    return [record for record in (change.case, change.draft) if record is not None]


def _expect(record: Case | Draft | Send, stored: int, what: str) -> None:
    if record.version != stored:
        raise _conflict(what)


def _raised(record: R) -> R:
    return replace(record, version=record.version + 1)


def _conflict(what: str) -> Conflict:
    return Conflict("conflict", f"Somebody else changed this {what} first.", "Look at it again, then repeat.")


def stem_of(reference: str) -> str:
    """Return what a reference begins with: ``HPS-2026-`` of ``HPS-2026-014``."""
    found = _REFERENCE.fullmatch(reference)
    return found[1] if found else reference


def number_of(reference: str) -> int:
    """Return the number a reference ends with; 0 if none."""
    found = _REFERENCE.fullmatch(reference)
    return int(found[2] or 0) if found else 0


def thread_of(send: Send) -> set[tuple[Platform, str, str]]:
    """Return the platform messages whose replies belong to the send's case."""
    if send.case is None or send.posted is None:
        return set()
    if send.way is not Way.ROOT and send.message is not Message.CASE_CARD:
        return set()
    posted = send.posted
    messages = {posted.message, posted.thread} - {""}
    return {(posted.platform, posted.channel, message) for message in messages}
