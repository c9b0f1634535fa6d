"""Rights follow the seat at each use: who holds it now has the case, who held it before has it no longer."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from flows.case import access
from flows.case.actions import table as do
from flows.case.commands import Escalate
from flows.case.seats import HandOver, NotYet, changed
from flows.delivery.outbox import recipients
from flows.errors import NotAllowed
from flows.messages.phrases import event_line
from flows.model import Action, AuditKind, EventKind, Excluded, Status
from flows.model import Capability as Can
from flows.school import Person, PersonId, School, Seat
from tests.flows.matter import (
    ABUSE,
    CHAIR,
    CHILD,
    DEPUTY,
    DEPUTY_DSL,
    DSL,
    HEAD,
    REPORTER,
    SCHOOL,
    SUBSTITUTE,
    THREAT,
    VICE,
    Matter,
    asking,
    row,
    why,
)

NEW = PersonId("nova")


def seats(**held: tuple[PersonId, ...]) -> School:
    """Return the school with other people in some seats; the new one is on its list."""
    people = {**SCHOOL.people, NEW: Person(id=NEW, name="Nova Sample", accounts=SCHOOL.people[HEAD].accounts)}
    return replace(SCHOOL, people=people, seats={**SCHOOL.seats, **{Seat(s): p for s, p in held.items()}})


#: A new Headteacher.
SUCCEEDED = seats(headteacher=(NEW,))


def may(matter: Matter, person: PersonId, school: School) -> set[Action]:
    """Return what somebody may do to a case, the school being so."""
    return {action for action in Action if access.may_do(matter.case, person, school, action)}


@pytest.mark.parametrize("closed", [False, True])
def test_rights_follow_the_seat_at_once(closed: bool) -> None:  # noqa: FBT001 - a table
    """The moment the list says so the old one may nothing and the new one what the old one could."""
    matter = Matter(CHILD)
    before = may(matter, HEAD, SCHOOL)
    if closed:
        matter.case = replace(matter.case, status=Status.CLOSED)
    assert Action.CLOSE in before
    assert may(matter, HEAD, SUCCEEDED) == set()
    assert not access.may(matter.case, HEAD, SUCCEEDED, Can.KNOW)
    assert may(matter, NEW, SUCCEEDED) == before
    assert may(matter, NEW, SCHOOL) == set()


def test_clearing_a_hold_follows_the_seat() -> None:
    """A new DSL clears the safeguarding hold; the old one does not any more."""
    matter, school = Matter(CHILD), seats(dsl=(NEW,))
    assert Action.CLEAR_HOLD in may(matter, NEW, school)
    assert Action.CLEAR_HOLD not in may(matter, DSL, school)


def test_an_excluded_new_holder_gets_nothing() -> None:
    """Whoever is excluded stays so in whatever seat they come to."""
    matter = Matter({**ABUSE, "keep_from": ("vice_chair",)})
    school = seats(headteacher=(VICE,))
    assert may(matter, VICE, school) == set()
    assert may(matter, HEAD, school) == set()
    matter.school = school
    matter.do(HandOver())
    assert VICE not in recipients(matter.case)
    assert matter.case.lead is Seat.CHAIR
    assert matter.reads(VICE) == matter.reads(HEAD) == set()


def test_a_case_goes_over() -> None:
    """The new one is told from the beginning, the old one's messages are emptied, and the case says so."""
    matter = Matter(CHILD)
    matter.do(do.TakeOn(), HEAD)
    matter.school = SUCCEEDED
    assert changed(matter.case, SUCCEEDED) == changed(row(matter.case), SUCCEEDED) == ("headteacher",)
    change = matter.do(HandOver())
    assert matter.case.holders == {Seat.HEADTEACHER: NEW, Seat.DSL: DSL}
    assert (matter.case.owner, matter.case.status) == (None, Status.OPEN)
    assert matter.reads(HEAD) == set()
    assert matter.reads(NEW)
    assert asking(change.timers)
    assert {entry.kind for entry in change.audit} == {AuditKind.ALREADY_TOLD}
    assert [event.kind for event in change.events] == [EventKind.HANDED_OVER, EventKind.HANDED_ON]
    line = event_line(matter.case, change.events[0], SCHOOL)
    assert "Headteacher" in line
    assert "Nova" not in line
    assert changed(matter.case, SUCCEEDED) == ()
    assert may(matter, NEW, SUCCEEDED) >= {Action.CLOSE, Action.TAKE_ON}


def test_what_the_old_one_did_says_what_they_were() -> None:
    """A note of the Headteacher of that day stays the Headteacher's, whoever holds the seat now."""
    matter = Matter(ABUSE)
    noted = matter.do(do.AddNote("Invented."), HEAD).events[0]
    matter.school = SUCCEEDED
    matter.do(HandOver())
    assert noted.seat is Seat.HEADTEACHER
    assert event_line(matter.case, noted, SCHOOL).startswith("Headteacher added")


def test_a_seat_that_nobody_holds_goes_to_its_substitute() -> None:
    """The DSL leaves and nobody follows: the deputy has the case."""
    matter = Matter(CHILD, school=SCHOOL)
    matter.school = seats(dsl=())
    matter.do(HandOver())
    assert matter.case.holders == {Seat.HEADTEACHER: HEAD, Seat.DEPUTY_DSL: DEPUTY_DSL}
    assert matter.reads(DSL) == set()
    assert matter.reads(DEPUTY_DSL)


def test_somebody_called_in_who_has_left() -> None:
    """Who was called in because nobody answered, and holds no seat any more, is out of the case."""
    matter = Matter(THREAT)
    matter.do(Escalate())
    assert matter.case.stand_ins == (DEPUTY,)
    gone = {seat: tuple(p for p in people if p != DEPUTY) for seat, people in SCHOOL.seats.items()}
    matter.school = replace(SCHOOL, seats=gone)
    assert may(matter, DEPUTY, matter.school) == set()
    assert not access.may_know_row(row(matter.case), DEPUTY, matter.school, in_channel=False)
    change = matter.do(HandOver())
    assert matter.case.stand_ins == ()
    assert matter.reads(DEPUTY) == set()
    assert change.events[0].facts == {"seats": ("stand_in",)}


def test_never_left_with_nobody_who_may_close_it() -> None:
    """Nobody led it: as soon as somebody holds a seat who may, they lead. Until then nothing happens."""
    matter = Matter({**ABUSE, "keep_from": ("chair", "vice_chair")})
    for person in (HEAD, SUBSTITUTE):
        matter.do(do.KeepOut(person, "x"), HEAD)
    assert matter.case.lead is None
    before = matter.case
    with pytest.raises(NotAllowed) as refused:
        matter.do(HandOver())
    assert refused.value.reference == "seats-stand"
    assert matter.case is before
    matter.school = SUCCEEDED
    change = matter.do(HandOver())
    assert (matter.case.lead, matter.case.holders) == (Seat.HEADTEACHER, {Seat.HEADTEACHER: NEW})
    assert Action.CLOSE in may(matter, NEW, SUCCEEDED)
    assert "new" in event_line(matter.case, change.events[0], SCHOOL)


def test_a_reporter_keeps_their_report() -> None:
    """Who reported and leaves their seat keeps what every reporter has, and no more."""
    matter = Matter(ABUSE, school=SCHOOL)
    matter.case = replace(matter.case, report=replace(matter.case.report, reporter=HEAD))
    assert may(matter, HEAD, SUCCEEDED) == {Action.ADD, Action.AMEND, Action.SUPPORT}
    assert may(matter, REPORTER, SUCCEEDED) == set()


def test_seats_that_stand_hand_nothing_over() -> None:
    """A school whose seats are as they were changes nothing, and a holder more takes nobody's place."""
    matter = Matter(CHILD)
    matter.school = seats(headteacher=(NEW, HEAD))
    with pytest.raises(NotAllowed):
        matter.do(HandOver())
    assert CHAIR not in recipients(matter.case)


def test_whom_a_change_of_seats_brings_in_waits_unless_they_were_told() -> None:
    """Whoever has been told keeps what they have; whoever is new is out until the lead brings them in."""
    matter = Matter(CHILD)
    with pytest.raises(NotAllowed):
        matter.do(NotYet((DSL,)))
    matter.do(NotYet((DSL, NEW)))
    assert why(matter.case) == {NEW: Excluded.SEATED_BY}
    assert DSL in recipients(matter.case)
