"""Invented records for the store's tests; small, and different from each other where it matters."""

from __future__ import annotations

import datetime as dt
from typing import TypeVar

from msgspec.structs import replace

from flows.model import (
    Audit,
    AuditKind,
    Body,
    Case,
    CaseId,
    Change,
    Decision,
    Draft,
    DraftId,
    Duty,
    Event,
    EventKind,
    EvidenceFile,
    Handled,
    Layer,
    Level,
    Message,
    Place,
    Posted,
    Posting,
    Reason,
    Report,
    Send,
    Timer,
    TimerKind,
    Urgency,
    Way,
)
from flows.school import PersonId, Platform, SchoolId, Seat

R = TypeVar("R", Case, Draft, Send)

KEY = bytes(range(32))
NOW = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)
HILL = SchoolId("hill")
DALE = SchoolId("dale")
ASH = PersonId("ash-example")
BROOK = PersonId("brook-sample")
#: words that must never stand in a file as they are
WORDS = "marmalade-zeppelin said at the gate"

#: What the school owes in such a case.
DUTIES = tuple(Duty(body=body, rows=("C1",), due=NOW.date()) for body in (Body.LEGAL, Body.POLICE))


def later(minutes: float = 0) -> dt.datetime:
    """Return a moment after NOW."""
    return NOW + dt.timedelta(minutes=minutes)


def stored(record: R) -> R:
    """Return a record as it is read back after a commit."""
    return replace(record, version=record.version + 1)


def draft(
    number: int = 1, *, school: SchoolId = HILL, person: PersonId = ASH, version: int = 0, words: str = WORDS
) -> Draft:
    """Return a report being written."""
    return Draft(
        id=DraftId(f"D{number:04}"),
        school=school,
        person=person,
        answers={"words": words, "about": ("staff", "pupil")},
        started_at=NOW,
        touched_at=later(version),
        version=version,
    )


def case(number: int = 1, *, school: SchoolId = HILL, version: int = 0, **changed: object) -> Case:
    """Return a case, with what ``changed`` says otherwise."""
    values: dict[str, object] = {
        "reference": f"{'HPS' if school == HILL else 'DPS'}-2026-{number:03}",
        "opened_at": later(number),
        "due_at": later(600),
        "holders": {Seat.HEADTEACHER: PersonId("head"), Seat.CHAIR: PersonId("chair")},
        "lead": Seat.HEADTEACHER,
        "report": Report(
            reporter=ASH, answers={"about": ("staff",)}, posting=Posting(words=WORDS), sent_at=NOW
        ),
        "decision": decision(),
        "duties": DUTIES,
    }
    values |= changed
    return Case(id=CaseId(f"C{number:04}"), school=school, version=version, **values)  # type: ignore[arg-type]


def decision() -> Decision:
    """Return what the policy might have asked for."""
    return Decision(
        notify=("chair_of_governors", "headteacher", "legal", "police"),
        levels={"police": Level.CALL_999_NOW, "legal": Level.CONSIDER},
        urgency=Urgency.SAME_DAY,
        leads=Seat.HEADTEACHER,
        actions=("keep",),
        reasons=(
            Reason(
                row="C1",
                layer=Layer.POLICY,
                because="It names a member of staff.",
                facts={"about": ("staff",)},
            ),
        ),
        policy_version="1",
    )


def file(name: str, sha256: str, *, gone: bool = False) -> EvidenceFile:
    """Return the record of a file."""
    return EvidenceFile(
        id=name,
        name=f"{name}.png",
        media_type="image/png",
        size=3,
        sha256=sha256,
        added_by=ASH,
        added_at=NOW,
        gone=gone,
    )


def with_files(one: Case, *files: EvidenceFile) -> Case:
    """Return a case with these files."""
    return replace(one, report=replace(one.report, posting=replace(one.report.posting, files=files)))


def event(number: int, seq: int, kind: EventKind = EventKind.NOTED) -> Event:
    """Return an event of a case."""
    return Event(case=CaseId(f"C{number:04}"), seq=seq, kind=kind, at=later(seq), by=ASH, words=WORDS)


def send(number: int, name: str, *, school: SchoolId = HILL, **changed: object) -> Send:
    """Return a message to deliver for a case."""
    values: dict[str, object] = {
        "message": Message.CASE_CARD,
        "way": Way.ROOT,
        "platform": Platform.SLACK,
        "place": Place.LEADERSHIP,
        "case": CaseId(f"C{number:04}"),
        "due": NOW,
    }
    values |= changed
    return Send(key=f"C{number:04}/{name}", school=school, **values)  # type: ignore[arg-type]


def posted(message: str, thread: str = "") -> Posted:
    """Return where a message landed."""
    return Posted(platform=Platform.SLACK, workspace="W", channel="C-lead", message=message, thread=thread)


def timer(number: int, name: str = "acknowledge", *, minutes: float = 20, school: SchoolId = HILL) -> Timer:
    """Return a timer of a case."""
    return Timer(
        key=f"C{number:04}/{name}",
        school=school,
        kind=TimerKind.ACKNOWLEDGE,
        due=later(minutes),
        case=CaseId(f"C{number:04}"),
    )


def audit(number: int, *, school: SchoolId = HILL, at: dt.datetime = NOW) -> Audit:
    """Return a line for the data protection officer."""
    return Audit(school=school, at=at, kind=AuditKind.REFUSED, by=ASH, case=CaseId(f"C{number:04}"))


def opening(
    number: int = 1, *, school: SchoolId = HILL, key: str = "", files: tuple[EvidenceFile, ...] = ()
) -> Change:
    """Return the change that opens a case: all kinds of records at once."""
    return Change(
        school=school,
        handled=Handled(key=key or f"in-{number}", at=NOW, case=CaseId(f"C{number:04}")),
        case=with_files(case(number, school=school), *files),
        events=(event(number, 1, EventKind.OPENED), event(number, 2)),
        audit=(audit(number, school=school),),
        new_sends=(
            send(number, "card/slack:leadership", school=school),
            send(
                number, f"notice/slack:{ASH}", school=school, message=Message.NOTICE, way=Way.DIRECT, order=1
            ),
        ),
        timers=(timer(number, school=school),),
    )
