"""The lifecycle as a grid, tried square by square; and what holds after any steps whatever."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from flows.case import access
from flows.case.actions import table as do
from flows.case.actions.amendments import Complete
from flows.case.commands import Escalate, Move, ReportTrouble
from flows.case.context import Command
from flows.case.declared import ByPerson
from flows.case.lifecycle import BY_ITSELF, LIFECYCLE, acknowledge_timer
from flows.errors import NotAllowed
from flows.model import (
    Action,
    AuditKind,
    Body,
    Case,
    Duty,
    DutyDecision,
    EventKind,
    Excluded,
    Message,
    Named,
    Outcome,
    Place,
    SendState,
    Status,
)
from flows.policy.routing import leadership_people
from flows.school import Away, PersonId, Platform, Seat
from tests.flows.matter import (
    ABUSE,
    AT,
    CHAIR,
    CHILD,
    DEPUTY,
    DEPUTY_DSL,
    DSL,
    HEAD,
    QUESTION,
    REPORTER,
    SCHOOL,
    SUBSTITUTE,
    THREAT,
    VICE,
    Matter,
    asking,
    report,
)

#: Where each action leads from open, escalated, acknowledged, closed ("-" = it is refused).
GRID = """
take_on        acknowledged acknowledged acknowledged -
conflict       open         escalated    acknowledged closed
assign         open         escalated    open         -
note           open         escalated    acknowledged closed
write          open         escalated    acknowledged closed
support        open         escalated    acknowledged -
link           open         escalated    acknowledged closed
unlink         open         escalated    acknowledged closed
chronology     open         escalated    acknowledged closed
end_links      open         escalated    acknowledged closed
end_drill      closed       closed       closed       -
told_999       open         escalated    acknowledged -
hold           open         escalated    acknowledged -
clear_hold     open         escalated    acknowledged -
contact        -            -            acknowledged -
meeting        -            -            acknowledged -
legal          open         escalated    acknowledged -
police         open         escalated    acknowledged -
lado           open         escalated    acknowledged -
childrens_services open     escalated    acknowledged -
imagery        open         escalated    acknowledged -
own            open         escalated    acknowledged -
task           open         escalated    acknowledged -
care           open         escalated    acknowledged -
goes_on        open         escalated    acknowledged -
letter         open         escalated    acknowledged -
pack           open         escalated    acknowledged closed
export         open         escalated    acknowledged closed
correct        open         escalated    acknowledged -
amend          open         escalated    acknowledged -
keep_out       open         escalated    acknowledged closed
bring_in       open         escalated    acknowledged closed
add            open         escalated    acknowledged closed
open_record    open         escalated    acknowledged closed
more           open         escalated    acknowledged -
plan           open         escalated    acknowledged -
snooze         open         escalated    acknowledged -
reference      open         escalated    acknowledged -
keep_longer    -            -            -            closed
legal_hold     open         escalated    acknowledged closed
lift_legal_hold open        escalated    acknowledged closed
show_reporter  open         escalated    acknowledged closed
close          -            -            closed       -
countersign    -            -            closed       -
reopen         -            -            -            open
"""
STATUSES = (Status.OPEN, Status.ESCALATED, Status.ACKNOWLEDGED, Status.CLOSED)
SQUARES = [
    (Action(line.split()[0]), status, to)
    for line in GRID.strip().splitlines()
    for status, to in zip(STATUSES, line.split()[1:], strict=True)
]
NEXT = report({**QUESTION, "still_online": "removed"})
COMMANDS: dict[Action, Command] = {
    Action.TAKE_ON: do.TakeOn(),
    Action.CONFLICT: do.HaveConflict("An invented reason."),
    Action.ASSIGN: do.Assign(HEAD, "An invented reason."),
    Action.NOTE: do.AddNote("An invented note."),
    Action.WRITE: do.Write("Invented words."),
    Action.SUPPORT: do.AskForSupport("Invented words."),
    Action.END_LINKS: do.EndLinks("An invented reason."),
    Action.END_DRILL: do.EndDrill(),
    Action.TOLD_999: do.Confirm999("Ash Example, at ten."),
    Action.HOLD: do.Hold("An invented reason."),
    Action.KEEP_LONGER: do.KeepLonger("3", "An invented reason."),
    Action.LEGAL_HOLD: do.LegalHold("An invented reason."),
    Action.LIFT_LEGAL_HOLD: do.LiftLegalHold("An invented reason."),
    Action.CLEAR_HOLD: do.ClearHold("dsl", "An invented reason."),
    Action.CONTACT: do.RecordContact("phone", "2026-11-24", "Invented words."),
    Action.MEETING: do.RecordMeeting("2026-11-24", "Nobody real", "Invented words."),
    Action.LEGAL: do.RecordLegal(contacted=False, why="An invented reason."),
    Action.POLICE: do.RecordPolice(contacted=True, how="phone", why="x", reference="R1"),
    Action.LADO: do.RecordLado(contacted=True, how="phone", when="2026-11-24", why="x"),
    Action.CHILDRENS_SERVICES: do.RecordChildrensServices(contacted=False, why="An invented reason."),
    Action.IMAGERY: do.RecordImagery(contacted=True, how="in_person", when="2026-11-24", why="x"),
    Action.OWN: do.RecordOwn(contacted=False, which="own:warning", why="An invented reason."),
    Action.TASK: do.RecordTask("preserve_evidence", "done"),
    Action.CARE: do.RecordCare("support_person_affected", "phone", "2026-11-24", "week", "Invented words."),
    Action.SNOOZE: do.Snooze("help_them_raise_it", "2026-11-30", "An invented reason."),
    Action.REFERENCE: do.RecordReference("police", "R1"),
    Action.GOES_ON: do.GoesOn("Invented words."),
    Action.PACK: do.MakePack("legal"),
    Action.EXPORT: do.MakeExport("An invented reason."),
    Action.LETTER: do.ApproveLetter("record", "Invented words."),
    Action.COUNTERSIGN: do.Countersign("An invented reason."),
    Action.CORRECT: do.Correct(NEXT, ("still_online",), "An invented reason."),
    Action.AMEND: do.Amend(NEXT, ("still_online",), "An invented reason."),
    Action.KEEP_OUT: do.KeepOut(CHAIR, "An invented reason."),
    Action.BRING_IN: do.BringIn(CHAIR, "An invented reason."),
    Action.ADD: do.AddToReport(NEXT, "More invented words."),
    Action.CLOSE: do.Close(Outcome.MET, "An invented end."),
    Action.REOPEN: do.Reopen("An invented reason."),
    Action.SHOW_REPORTER: do.ShowReporter("An invented reason."),
}


#: What shows something, or is kept beside the case: the case does not change by it.
NO_STEP = (Action.OPEN_RECORD, Action.MORE, Action.PLAN, Action.CHRONOLOGY, Action.LINK, Action.UNLINK)


def standing(status: Status) -> Matter:
    """Return a case in this status. The Headteacher leads it and, where it is owned, owns it."""
    matter = Matter(QUESTION)
    if status is Status.ESCALATED:
        matter.case = replace(matter.case, due_at=matter.at)
        matter.do(Escalate())
    elif status is not Status.OPEN:
        matter.do(do.TakeOn(), HEAD)
    if status is Status.CLOSED:
        matter.do(COMMANDS[Action.CLOSE], HEAD)
    assert matter.case.status is status
    return matter


@pytest.mark.parametrize(("action", "status", "to"), SQUARES)
@pytest.mark.unwatched
def test_every_square_of_the_grid(action: Action, status: Status, to: str) -> None:
    """An allowed action leads where the grid says; any other is refused and changes nothing."""
    matter = standing(status)
    if action is Action.CLEAR_HOLD:
        matter.case = replace(matter.case, hold="Set by hand.")
    if action is Action.COUNTERSIGN:
        matter.case = replace(matter.case, mistaken=HEAD)
    if action in {*Body, Action.PACK}:
        owed = Duty(
            body=Body.LEGAL if action is Action.PACK else Body(action.value), rows=("X",), due=AT.date()
        )
        matter.case = replace(matter.case, duties=(owed,))
    if action is Action.CARE:
        matter.case = replace(matter.case, look_in={"support_person_affected": AT.date()})
    if action is Action.REFERENCE:
        made = DutyDecision(contacted=True, how="phone", by=HEAD, at=AT)
        owed = Duty(body=Body.POLICE, rows=("X",), due=AT.date(), decided=made)
        matter.case = replace(matter.case, duties=(owed,))
    if action is Action.OWN:
        owed = Duty(body="own:warning", called="Decide on a warning", rows=("X",), due=AT.date())
        matter.case = replace(matter.case, duties=(owed,))
    before, command = matter.case, COMMANDS.get(action)
    assert (action in LIFECYCLE[status]) is (to != "-")
    if command is None:
        assert action in NO_STEP, "reading, and what stands beside, changes nothing and is no step"
        return
    if to == "-":
        with pytest.raises(NotAllowed) as refused:
            matter.do(command, DSL)
        assert refused.value.reference == ("case-closed" if status is Status.CLOSED else "not-yet")
        assert refused.value.message
        assert refused.value.hint
        assert matter.case is before
        return
    matter.do(command, DSL)
    assert matter.case.status == to


def test_nobody_is_asked_again_once_somebody_has_taken_it_on() -> None:
    """A timer that could not be opened is set anew only where somebody is still to be asked."""
    matter = Matter(ABUSE)
    assert acknowledge_timer(matter.case, matter.step(None))
    matter.do(do.TakeOn(), HEAD)
    assert acknowledge_timer(matter.case, matter.step(None)) == ()


def test_the_grid_is_the_lifecycle() -> None:
    """The grid says as much as the table, and what happens by itself leads to statuses that exist."""
    allowed = {(status, action): Status(to) for action, status, to in SQUARES if to != "-"}
    assert allowed == {(s, a): to for s, row in LIFECYCLE.items() for a, to in row.items()}
    assert {action for action, _, _ in SQUARES} == set(Action)
    assert set(BY_ITSELF) == set(Status)


def not_now(command: Command, *, on: Matter, by: PersonId | None, reference: str) -> None:
    """Assert that the command is refused so, and that nothing changed."""
    before = on.case
    with pytest.raises(NotAllowed) as refused:
        on.do(command, by)
    assert refused.value.reference == reference
    assert refused.value.hint
    assert on.case is before


def test_what_makes_no_sense_now_is_refused() -> None:
    """The same wish twice, contact under a hold, closing with a decision owed: refused in plain words."""
    matter = Matter(CHILD)
    not_now(COMMANDS[Action.LEGAL], on=matter, by=None, reference="no-decider")
    not_now(do.HaveConflict(), on=matter, by=None, reference="already-recused")
    matter.do(do.TakeOn(), HEAD)
    not_now(do.TakeOn(), on=matter, by=HEAD, reference="already-yours")
    not_now(Escalate(), on=matter, by=None, reference="already-taken-on")
    not_now(COMMANDS[Action.CONTACT], on=matter, by=HEAD, reference="on-hold")
    not_now(COMMANDS[Action.MEETING], on=matter, by=HEAD, reference="on-hold")
    not_now(COMMANDS[Action.CLOSE], on=matter, by=HEAD, reference="undecided")
    matter.do(COMMANDS[Action.CLEAR_HOLD], DSL)
    not_now(COMMANDS[Action.CLEAR_HOLD], on=matter, by=DSL, reference="no-hold")
    matter.do(do.HaveConflict(), HEAD)
    not_now(do.HaveConflict(), on=matter, by=HEAD, reference="already-recused")
    matter.do(Move("excluded_member"))
    not_now(Move("excluded_member"), on=matter, by=None, reference="already-moved")


def test_contact_and_meeting_once_nothing_holds_them() -> None:
    """Without a hold, contact and meeting are put on record with how and when."""
    matter = standing(Status.ACKNOWLEDGED)
    matter.do(COMMANDS[Action.CONTACT], HEAD)
    matter.do(COMMANDS[Action.MEETING], HEAD)
    contact, meeting = matter.events[-2:]
    assert contact.facts == {"how": "phone", "when": "2026-11-24"}
    assert (meeting.facts, meeting.words) == ({"when": "2026-11-24"}, "Nobody real\nInvented words.")


@pytest.mark.parametrize(
    ("answers", "ends"),
    [
        pytest.param(THREAT, True, id="a threat: the decision on the police ends it"),
        pytest.param(CHILD, False, id="a child at risk: it does not"),
        pytest.param({**THREAT, "child_at_risk": "not_sure"}, False, id="both: it does not"),
    ],
)
def test_which_hold_a_decision_on_the_police_ends(answers: dict[str, str], ends: bool) -> None:  # noqa: FBT001 - a table
    """A hold of C8 ends with the recorded decision; a safeguarding hold waits for those who protect."""
    matter = Matter(answers)
    assert matter.case.hold
    matter.do(COMMANDS[Action.POLICE], HEAD)
    assert bool(matter.case.hold) is not ends
    cleared = [e for e in matter.events if e.kind is EventKind.HOLD_CLEARED]
    assert [e.facts["agreed"] for e in cleared] == (["police_decision"] if ends else [])
    decided = next(e for e in matter.events if e.kind is EventKind.DUTY_RECORDED)
    assert decided.words == "x\nTheir reference: R1"


def test_999_is_the_decision_on_the_police() -> None:
    """Where the police are to be rung now, having rung them is the decision; the case can be closed."""
    matter = Matter({"immediate_danger": "yes", "targets": ("pupil",)})
    matter.do(do.TakeOn(), HEAD)
    matter.do(COMMANDS[Action.CLEAR_HOLD], DSL)
    not_now(COMMANDS[Action.CLOSE], on=matter, by=HEAD, reference="undecided")
    matter.do(COMMANDS[Action.TOLD_999], HEAD)
    matter.do(COMMANDS[Action.CLOSE], HEAD)
    assert matter.case.status is Status.CLOSED


def test_an_owner_with_a_conflict_gives_the_case_back_with_its_clock() -> None:
    """Whoever owned it – the lead or not – a case without an owner is open and its clock runs."""
    matter = Matter(CHILD)
    matter.do(do.TakeOn(), DSL)
    assert asking(matter.timers.values()) == []
    change = matter.do(do.HaveConflict(), DSL)
    assert (matter.case.status, matter.case.owner) == (Status.OPEN, None)
    assert len(asking(change.timers)) == 1
    assert matter.case.holders[Seat.DEPUTY_DSL] == DEPUTY_DSL
    assert EventKind.HANDED_ON not in {e.kind for e in change.events}, "the Headteacher leads as before"


def test_a_conflict_after_closing_keeps_it_closed() -> None:
    """Somebody can step out of a closed case; it stays closed and nobody is chased."""
    matter = standing(Status.CLOSED)
    change = matter.do(do.HaveConflict(), HEAD)
    assert (matter.case.status, change.timers) == (Status.CLOSED, ())
    assert HEAD in matter.case.recused


def test_a_reopened_case_has_time_again() -> None:
    """Its old limit may be long past: opened again, it is due as if it had come today."""
    matter = standing(Status.CLOSED)
    matter.at = AT + dt.timedelta(days=60)
    matter.do(COMMANDS[Action.REOPEN], HEAD)
    assert matter.case.due_at > matter.at
    assert (matter.case.owner, matter.case.outcome, matter.case.closed_at) == (None, None, None)


def test_nobody_takes_it_on() -> None:
    """Each in the lead's list is told once; when the list ends it says so and goes on waiting."""
    away = replace(SCHOOL, seats={**SCHOOL.seats, Seat.HEADTEACHER: (HEAD, REPORTER)})
    matter = Matter(THREAT, school=away)
    for _ in range(9):
        matter.do(Escalate())
    assert matter.case.stand_ins == (REPORTER, DEPUTY, DSL, CHAIR, VICE, SUBSTITUTE)
    assert matter.events[-1].facts == {"told": ""}
    assert matter.case.status is Status.ESCALATED


def test_whom_it_is_about_is_never_called_to_stand_in() -> None:
    """A deputy whom the reporter pointed at as the target is passed over."""
    matter = Matter(THREAT, named=Named(target=(DEPUTY,)))
    matter.do(Escalate())
    assert matter.case.stand_ins == (DSL,)


# -- who must not know -------------------------------------------------------------------------------


def test_a_card_in_hand_is_emptied_too() -> None:
    """A message that waits when somebody is cut off may be on its way: it is emptied once it lands."""
    matter = Matter(ABUSE)
    key = f"C1/notice/web:{HEAD}"
    matter.sends[key] = replace(matter.sends[key], state=SendState.WAITING)
    change = matter.do(do.HaveConflict(), HEAD)
    assert matter.reads(HEAD) == set()
    told = {a.facts["send"] for a in change.audit if a.kind is AuditKind.ALREADY_TOLD}
    assert told, "what the leadership channel had read is on record"
    assert key not in told, "what had not gone out was not read by anybody"


def test_the_seats_own_place_is_left_when_its_lead_must_not_know() -> None:
    """A Chair who leads and finds a conflict no longer finds the case in the Chair's own place."""
    matter = Matter({**ABUSE, "poster": ("headteacher",)})
    assert matter.stands("restricted.chair_of_governors")
    matter.do(do.HaveConflict(), CHAIR)
    assert matter.stands("restricted.chair_of_governors") == set()
    assert matter.case.lead is Seat.VICE_CHAIR
    assert matter.reads(VICE)


def test_a_place_that_one_of_its_readers_must_not_see_is_not_used() -> None:
    """Two share the Chair's seat: when the first is out the second leads, but not in the place both read."""
    shared = replace(SCHOOL, seats={**SCHOOL.seats, Seat.CHAIR: (CHAIR, SUBSTITUTE)})
    matter = Matter({**ABUSE, "poster": ("headteacher",)}, school=shared)
    matter.do(do.HaveConflict(), CHAIR)
    assert matter.case.holders[Seat.CHAIR] == SUBSTITUTE
    assert matter.stands("restricted.chair_of_governors") == set()


def test_a_place_the_case_moves_to_is_told_why() -> None:
    """The first line in a new place says what to do and why, as it did in the old one."""
    matter = Matter({**ABUSE, "targets": ("headteacher",)})
    assert matter.case.lead is Seat.CHAIR
    matter.do(Move("excluded_member"))
    assert matter.stands("leadership") == set()
    assert "C1/1/web:restricted.chair_of_governors" in matter.stands("restricted.chair_of_governors")


def test_who_comes_back_is_told_again() -> None:
    """Somebody kept out and let in again gets a new message, each time: the one before was emptied."""
    matter = Matter(ABUSE)
    first = matter.reads(HEAD)
    for _ in range(2):
        matter.do(do.KeepOut(HEAD, "x"), CHAIR)
        assert matter.reads(HEAD) == set()
        matter.do(do.BringIn(HEAD, "x"), CHAIR)
        assert matter.reads(HEAD)
        assert matter.reads(HEAD).isdisjoint(first)
        first |= matter.reads(HEAD)
    matter.do(do.AddNote("An invented note."), DSL)
    edited = {s.root for s in matter.changes[-1].new_sends if s.message is Message.NOTICE}
    assert edited & matter.reads(HEAD), "and it is that message which is kept up to date"


def test_leaders_without_the_channel_hear_in_direct_messages() -> None:
    """A leader on another platform than the leadership channel is told of each step where they are."""
    people = {**SCHOOL.people, HEAD: replace(SCHOOL.people[HEAD], accounts={Platform.EMAIL: "a@b.example"})}
    matter = Matter(ABUSE, school=replace(SCHOOL, people=people), platforms=(Platform.WEB, Platform.EMAIL))
    change = matter.do(do.AddNote("An invented note."), HEAD)
    heard = {(s.person, s.place) for s in change.new_sends if s.message is Message.UPDATE}
    assert heard == {(HEAD, None), (None, Place.LEADERSHIP)}


def test_urgent_cases_go_everywhere() -> None:
    """Urgent notices go to every platform a person has; others to the first."""
    people = {
        who: replace(person, accounts={**person.accounts, Platform.EMAIL: f"{who}@school.example"})
        for who, person in SCHOOL.people.items()
    }
    school = replace(SCHOOL, people=people)
    both = (Platform.WEB, Platform.EMAIL)
    for answers, ways in ((THREAT, 2), (ABUSE, 1)):
        matter = Matter(answers, school=school, platforms=both)
        notices = [s for s in matter.sends.values() if s.message is Message.NOTICE and s.person == HEAD]
        assert len(notices) == ways


def test_an_unreachable_person_is_on_record() -> None:
    """A holder on no platform is written to by e-mail, and on record as one to ring."""
    people = {**SCHOOL.people, HEAD: replace(SCHOOL.people[HEAD], accounts={})}
    matter = Matter(ABUSE, school=replace(SCHOOL, people=people))
    assert matter.case.unreached == (HEAD,)
    assert {s.platform for s in matter.sends.values() if s.person == HEAD} == {Platform.EMAIL}
    matter.do(do.HaveConflict(), HEAD)
    assert matter.case.unreached == ()


def test_seats_without_anybody_are_on_record() -> None:
    """When everybody who could safeguard is out, the first event says which seat nobody fills."""
    matter = Matter(CHILD, named=Named(kept_out=(DSL, DEPUTY_DSL)))
    assert matter.events[0].facts["unfilled"] == ("dsl",)


def test_a_case_nobody_is_told_of() -> None:
    """Nothing to do with school: closed at once, kept, and only the reporter hears."""
    matter = Matter({"targets": ("none",), "nature": ("none_of_these",)})
    assert (matter.case.status, matter.case.outcome) == (Status.CLOSED, Outcome.NO_CLAUSE)
    assert {s.message for s in matter.sends.values()} == {Message.RECEIPT}
    assert (matter.events[0].facts, matter.timers) == ({"told": "nobody"}, {})


def test_trouble_is_on_the_record() -> None:
    """A message that could not be delivered is an event of its case: to whom, and in which message."""
    matter = Matter(ABUSE)
    matter.do(ReportTrouble("notice", HEAD))
    failed = next(e for e in matter.events if e.kind is EventKind.DELIVERY_FAILED)
    assert failed.facts == {"message": "notice", "person": HEAD}
    assert matter.case.stand_ins, "it was the lead, so the next one is told"


# -- whatever happens --------------------------------------------------------------------------------

ANSWERS = (
    ABUSE,
    QUESTION,
    THREAT,
    CHILD,
    {**ABUSE, "targets": ("headteacher", "pupil")},
    {**ABUSE, "poster": ("chair",)},
)
PEOPLE = (HEAD, DEPUTY, DSL, DEPUTY_DSL, CHAIR, VICE, SUBSTITUTE, REPORTER)
ANYTHING: tuple[Command, ...] = (
    *COMMANDS.values(),
    Escalate(),
    Move("unfit_place"),
    ReportTrouble("notice", HEAD),
    *(do.Correct(report(answers), ("nature",), "x") for answers in ANSWERS),
    Complete(report({**THREAT, "poster": ("headteacher",)})),
)


@given(
    st.sampled_from(ANSWERS),
    st.lists(st.tuples(st.sampled_from(ANYTHING), st.sampled_from(PEOPLE), st.integers(0, 40)), max_size=12),
)
def test_whatever_happens(first: dict[str, str], steps: list[tuple[Command, PersonId, int]]) -> None:
    """Events are numbered without gaps, and nobody who must not know can read on."""
    school = replace(SCHOOL, away=(Away(HEAD, AT.date() + dt.timedelta(2), AT.date() + dt.timedelta(9)),))
    matter = Matter(first, school=school)
    for command, by, hours in steps:
        matter.at += dt.timedelta(hours=hours)
        before = matter.case
        action = command.declared.action if isinstance(command, ByPerson) else None
        if action is not None and not access.may_do(before, by, school, action):
            continue
        try:
            matter.do(command, by if action is not None else None)
        except NotAllowed:
            assert matter.case is before
            continue
        steady(matter, before)


def steady(matter: Matter, before: Case) -> None:
    """Assert what must hold after every step."""
    case, change = matter.case, matter.changes[-1]
    assert [e.seq for e in matter.events] == list(range(1, case.events + 1))
    assert change.events
    assert case.version == before.version
    keys = [s.key for s in change.new_sends]
    assert len(keys) == len(set(keys))
    assert {x.school for x in (*change.new_sends, *change.audit, *change.timers)} <= {case.school}
    assert {s.case for s in change.new_sends} <= {case.id}
    told = {*case.holders.values(), *case.stand_ins}
    assert told.isdisjoint(case.recused)
    assert case.owner not in case.recused
    assert case.owner not in case.affected
    lead = case.holders.get(case.lead) if case.lead else None
    assert lead is None or lead not in case.affected
    assert (case.owner is not None) == (case.status in (Status.ACKNOWLEDGED, Status.CLOSED))
    assert (case.outcome is None) == (case.closed_at is None) == (case.status is not Status.CLOSED)
    assert {p for p in (*before.holders.values(), *before.stand_ins) if p not in case.recused} <= told
    for person in case.recused:
        assert {k for k in matter.reads(person) if "receipt" not in k and "reporter." not in k} == set()
        assert not any(access.may_do(case, person, matter.school, a) for a in Action) or person == REPORTER
    for person in told:
        assert matter.reads(person)
    if not leadership_people(matter.school).isdisjoint(case.recused):
        assert matter.stands("leadership") == set()
    assert (case.status in (Status.OPEN, Status.ESCALATED)) or not asking(matter.timers.values())
    assert case.status is not Status.CLOSED or not matter.timers
    assert all(made.why in Excluded for made in case.recused.values())
