"""What a case reminds people of: when, whom, how often, and what ends it."""

from __future__ import annotations

import datetime as dt

import pytest
from msgspec.structs import replace

from flows.case.actions import table as do
from flows.case.clock import when
from flows.case.clock.ring import Ring, whose
from flows.case.clock.table import LADDER, TIMERS, key
from flows.case.context import Command
from flows.case.forms import form
from flows.errors import NotAllowed
from flows.messages import plan
from flows.model import Action, Answer, CaseId, Change, EventKind, Message, Outcome, Status, TimerKind
from flows.school import PersonId
from flows.ui.cards import Card, buttons_of
from flows.ui.intents import Act
from flows.ui.plain_text import card_text
from tests.flows.matter import (
    ABUSE,
    AT,
    CHAIR,
    CHILD,
    DEPUTY,
    DSL,
    HEAD,
    QUESTION,
    SCHOOL,
    THREAT,
    VICE,
    Matter,
    asking,
)

FRIDAY = dt.datetime(2026, 11, 27, 20, 0, tzinfo=dt.UTC)
#: A Thursday evening; the next day is the last of term, and the school is closed until Tuesday 5 January.
BEFORE_CHRISTMAS = dt.datetime(2026, 12, 17, 18, 0, tzinfo=dt.UTC)


def taken(answers: dict[str, Answer], **how: object) -> Matter:
    """Return a case that the Headteacher has taken on."""
    matter = Matter(answers, **how)  # type: ignore[arg-type]
    matter.do(do.TakeOn(), HEAD)
    return matter


def rings(matter: Matter) -> Change | None:
    """Let what rings next ring, as the worker does; None = nothing was due when its time had come."""
    due = [timer for timer in matter.timers.values() if timer.kind is TimerKind.REMIND]
    matter.at = min(timer.due for timer in due)
    return matter.do(Ring())


def said(change: Change) -> list[PersonId]:
    """Return who was reminded."""
    return [s.person for s in change.new_sends if s.message is Message.REMINDER and s.person]


def moments(matter: Matter, most: int = 20) -> list[str]:
    """Return when somebody is reminded until others are told, as a day and an hour."""
    found = []
    for _ in range(most):
        change = rings(matter)
        if change is not None and said(change):
            found.append(f"{matter.at:%a %H:%M}")
        if matter.events[-1].kind is EventKind.OVERDUE:
            return found
    return found


@pytest.mark.feature("reminders-capped")
@pytest.mark.parametrize(
    ("answers", "at", "expected"),
    [
        pytest.param(
            QUESTION, AT, ["Mon 08:00", "Tue 08:00", "Wed 08:00", "Thu 08:00", "Fri 08:00"], id="five days"
        ),
        pytest.param(
            ABUSE, AT, ["Tue 15:00", "Wed 08:00", "Thu 08:00", "Fri 08:00", "Mon 08:00"], id="the same day"
        ),
        pytest.param(
            ABUSE, FRIDAY, ["Mon 08:00", "Tue 08:00", "Wed 08:00", "Thu 08:00", "Fri 08:00"], id="on Friday"
        ),
        pytest.param(
            ABUSE,
            BEFORE_CHRISTMAS,
            ["Fri 08:00", "Tue 08:00", "Wed 08:00", "Thu 08:00", "Fri 08:00"],
            id="over the holidays",
        ),
        pytest.param(
            THREAT, AT, ["Tue 11:00", "Tue 12:00", "Tue 13:00", "Tue 14:00", "Tue 15:00"], id="it presses"
        ),
        pytest.param(
            THREAT,
            FRIDAY,
            ["Fri 21:00", "Fri 22:00", "Fri 23:00", "Sat 00:00", "Sat 01:00"],
            id="it presses at night",
        ),
    ],
)
def test_when_somebody_is_reminded(answers: dict[str, Answer], at: dt.datetime, expected: list[str]) -> None:
    """The working day before, the day, each working day after; what presses, hour by hour: five times."""
    assert moments(taken(answers, at=at)) == expected


@pytest.mark.parametrize("answers", [QUESTION, ABUSE, THREAT, CHILD])
def test_after_five_times_the_next_person_is_told(answers: dict[str, Answer]) -> None:
    """The sixth time tells whoever comes next on the ladder, and says of what; then it begins anew."""
    matter = taken(answers)
    moments(matter)
    assert matter.case.stand_ins == (DEPUTY,)
    assert matter.case.status is Status.ACKNOWLEDGED
    assert matter.events[-1].fact("told") == DEPUTY
    assert matter.reads(DEPUTY), "with everything, from the beginning"
    change = rings(matter)
    assert change is not None
    assert DEPUTY in said(change)


def test_at_its_end_everybody_is_told_whom_to_ring_and_it_rests() -> None:
    """Nobody is left to tell: it says so, with the number outside, and comes back after five working days."""
    matter = taken(QUESTION)
    for _ in range(200):
        rings(matter)
        if matter.events[-1].facts.get("told") == "" and matter.events[-1].kind is EventKind.OVERDUE:
            break
    assert VICE in matter.case.stand_ins
    line = plan.phrases.event_line(matter.case, matter.events[-1], SCHOOL)
    assert SCHOOL.fallback_contact.phone in line
    (timer,) = (t for t in matter.timers.values() if t.kind is TimerKind.REMIND)
    assert dt.timedelta(days=7) <= timer.due - matter.at <= dt.timedelta(days=28)
    rings(matter)
    assert matter.events[-1].fact("told") == ""


def test_what_presses_comes_back_the_next_morning_at_its_end() -> None:
    """Urgent, everybody told, still not done: the next morning, whatever day it is."""
    matter = taken(THREAT, at=FRIDAY)
    while not (matter.events[-1].kind is EventKind.OVERDUE and matter.events[-1].fact("told") == ""):
        rings(matter)
    then = matter.at
    rings(matter)
    assert matter.at - then <= dt.timedelta(days=1)
    assert f"{matter.at:%H:%M}" == "08:00"


@pytest.mark.feature("reminders-capped")
@pytest.mark.parametrize(
    "ends",
    [
        do.RecordLegal(contacted=False, why="x"),
        do.RecordLegal(contacted=True, how="phone", when="2026-11-24", reference="R1", why="x"),
    ],
)
def test_acting_ends_it(ends: Command) -> None:
    """Once Legal is decided nothing about Legal rings, and a reminder on its way says nothing of it."""
    matter = taken(ABUSE)
    rings(matter)
    at = matter.at
    assert "Legal" in card_text(_reminder(matter, HEAD, at))
    assert key(TimerKind.REMIND, matter.case.id, "legal") in matter.timers
    matter.do(ends, HEAD)
    assert key(TimerKind.REMIND, matter.case.id, "legal") not in matter.timers
    assert "Legal" not in card_text(_reminder(matter, HEAD, at))
    shown = card_text(plan.shown(matter.case, SCHOOL, HEAD, matter.at))
    assert "15:00" in shown, "what rang stays in the plan"


def test_a_closed_case_rings_no_more() -> None:
    """Closed: no timer is left, and what was on its way says nothing."""
    matter = taken(QUESTION)
    rings(matter)
    at = matter.at
    matter.do(do.Close(Outcome.MET, "x"), HEAD)
    assert matter.timers == {}
    assert plan.reminder(matter.case, SCHOOL, HEAD, at) is None
    with pytest.raises(NotAllowed):
        matter.do(Ring())


def test_an_older_reminder_is_overtaken() -> None:
    """It waited while a platform was down, and it has rung again since: only the newest is said."""
    matter = taken(ABUSE)
    rings(matter)
    first = matter.at
    rings(matter)
    assert plan.reminder(matter.case, SCHOOL, HEAD, first) is None
    assert plan.reminder(matter.case, SCHOOL, HEAD, matter.at) is not None


def test_what_rings_in_one_moment_is_one_message() -> None:
    """Four things are due at three: the Headteacher hears of them in one message, with a button for each."""
    matter = taken(ABUSE)
    change = rings(matter)
    assert change is not None
    assert said(change) == [HEAD]
    pressed = {
        b.intent.which for b in buttons_of(_reminder(matter, HEAD, matter.at)) if isinstance(b.intent, Act)
    }
    assert {"ask_to_take_it_down", "invite_via_complaints_procedure", "support_person_affected"} <= pressed


def test_the_dsl_is_reminded_of_what_is_theirs() -> None:
    """Children's services are the DSL's to decide: the DSL is reminded, and of the rest the Headteacher."""
    matter = taken(CHILD)
    change = rings(matter)
    assert change is not None
    assert set(said(change)) == {HEAD, DSL}


def test_a_reminder_says_nothing_to_whom_nothing_is_for() -> None:
    """Where everybody who could do it is out or affected nobody is reminded, and it still moves on."""
    matter = taken({**ABUSE, "targets": ("headteacher",)})
    affected = replace(matter.case, affected=tuple({*matter.case.holders.values()}), owner=HEAD, stand_ins=())
    matter.case = affected
    change = rings(matter)
    assert change is not None
    assert said(change) == []


def test_no_card_is_drawn_again_for_a_reminder() -> None:
    """It changes nothing that others see: no event, no edit, no line in the thread."""
    change = rings(taken(ABUSE))
    assert change is not None
    assert change.events == ()
    assert {send.message for send in change.new_sends} == {Message.REMINDER}


def test_while_nobody_has_taken_it_on_the_ladder_speaks() -> None:
    """Urgent and open: its reminders wait for an owner, and are not counted."""
    matter = Matter(THREAT)
    change = rings(matter)
    assert change is not None
    assert said(change) == []
    assert matter.case.alarms["police"].said == 0
    assert matter.case.alarms["police"].next == dt.datetime(2026, 11, 25, 8, 0, tzinfo=dt.UTC)
    matter.do(do.TakeOn(), HEAD)
    assert matter.case.alarms["police"].next == matter.at + when.AGAIN, "now it rings in its own time"


def test_outside_working_hours_it_waits_for_the_morning() -> None:
    """A machine that slept until Saturday night: what does not press is said on Monday at eight."""
    matter = taken(QUESTION)
    matter.at = dt.datetime(2026, 12, 5, 22, 0, tzinfo=dt.UTC)
    assert said(matter.do(Ring())) == []
    alarm = matter.case.alarms["help_them_raise_it"]
    assert (f"{alarm.next:%a %H:%M}", alarm.said) == ("Mon 08:00", 0)


def test_what_is_due_on_a_sunday_is_said_on_that_sunday() -> None:
    """A racist posting of Saturday night is due on Sunday at nine: at eight its leader is reminded."""
    matter = taken({**ABUSE, "racist": "yes"}, at=FRIDAY)
    rings(matter)
    assert f"{matter.at:%a %H:%M}" == "Sat 08:00"
    assert said(matter.changes[-1]) == [HEAD]


def test_a_hold_silences_what_waits_for_it() -> None:
    """Contact is put on hold: the reminder to invite them is gone; once it is cleared it is back."""
    matter = taken(ABUSE)
    assert "invite_via_complaints_procedure" in matter.case.alarms
    matter.do(do.Hold("x"), HEAD)
    assert "invite_via_complaints_procedure" not in matter.case.alarms
    matter.at += dt.timedelta(days=2)
    matter.do(do.ClearHold("headteacher", "x"), HEAD)
    alarm = matter.case.alarms["invite_via_complaints_procedure"]
    assert alarm.next is not None
    assert alarm.next > matter.at


# -- put off ----------------------------------------------------------------------------------------


@pytest.mark.feature("snooze")
def test_somebody_puts_a_reminder_off() -> None:
    """It rings on the day they named, who and why is on record, and its own day stays as it was."""
    matter = taken(ABUSE)
    before = matter.case.alarms["legal"]
    matter.do(do.Snooze("legal", "2026-11-30", "They ring back on Monday."), HEAD)
    alarm = matter.case.alarms["legal"]
    assert alarm.next == dt.datetime(2026, 11, 30, 8, 0, tzinfo=dt.UTC)
    assert alarm.by == before.by
    assert (matter.events[-1].by, matter.events[-1].words) == (HEAD, "They ring back on Monday.")
    rings(matter)
    assert "Legal" not in card_text(_reminder(matter, HEAD, matter.at))
    matter.at = dt.datetime(2026, 11, 30, 8, 0, tzinfo=dt.UTC)
    matter.do(Ring())
    assert "Legal" in card_text(_reminder(matter, HEAD, matter.at))
    assert matter.case.alarms["legal"].until is None


@pytest.mark.parametrize(
    ("which", "until"),
    [("legal", "2026-11-24"), ("legal", "2026-11-23"), ("legal", "2026-12-09"), ("police", "2026-11-30")],
)
def test_what_cannot_be_put_off(which: str, until: str) -> None:
    """Not to today or before, not for more than two weeks, and nothing that is not asked for."""
    matter = taken(ABUSE)
    with pytest.raises(NotAllowed) as refused:
        matter.do(do.Snooze(which, until, "x"), HEAD)
    assert refused.value.hint


def test_the_last_day_it_can_be_put_off_to() -> None:
    """Two weeks ahead is still allowed."""
    matter = taken(ABUSE)
    matter.do(do.Snooze("legal", "2026-12-08", "x"), HEAD)
    assert matter.case.alarms["legal"].until == dt.date(2026, 12, 8)


# -- what follows -----------------------------------------------------------------------------------


@pytest.mark.feature("take-down")
def test_two_days_after_a_take_down_somebody_looks() -> None:
    """Asked to take it down: 48 hours later somebody looks whether it is gone; asked again, looked again."""
    matter = taken(ABUSE)
    matter.do(do.RecordTask("ask_to_take_it_down", "done"), HEAD)
    alarm = matter.case.alarms["still_up"]
    assert alarm.by == matter.at + dt.timedelta(hours=48)
    assert f"{alarm.next:%a %H:%M}" == "Wed 08:00"
    assert "take_it_down" not in str(matter.timers.keys())
    matter.do(do.RecordTask("still_up", "done", "It is gone."), HEAD)
    assert "still_up" not in matter.case.alarms
    matter.do(do.RecordTask("ask_to_take_it_down", "to_do"), HEAD)
    matter.at += dt.timedelta(days=1)
    matter.do(do.RecordTask("ask_to_take_it_down", "done"), HEAD)
    assert "still_up" in matter.case.alarms, "what was asked since is looked at again"


@pytest.mark.feature("care")
def test_whoever_was_supported_is_asked_again_how_they_are() -> None:
    """Asked how they are, and again in a week: on that day whoever leads is reminded to ask."""
    matter = taken(ABUSE)
    matter.do(do.RecordCare("support_person_affected", "phone", "2026-11-24", "week", "x"), HEAD)
    alarm = matter.case.alarms["support_person_affected"]
    assert f"{alarm.next:%a %d %H:%M}" == "Mon 30 08:00"
    matter.at = alarm.next or matter.at
    matter.do(Ring())
    assert "how they are" in card_text(_reminder(matter, HEAD, matter.at))
    matter.do(do.RecordCare("support_person_affected", "phone", "2026-11-30", "no", "x"), HEAD)
    assert matter.case.alarms["support_person_affected"].next is None


@pytest.mark.feature("reference-chased")
def test_a_reference_that_is_missing_is_asked_for() -> None:
    """The police were rung and gave none yet: three days later it is asked for, until it is recorded."""
    matter = taken(THREAT)
    matter.do(do.RecordPolice(contacted=True, how="phone", when="2026-11-24", why="x"), HEAD)
    assert matter.case.alarms["reference_police"].by == matter.at + dt.timedelta(days=3)
    with pytest.raises(NotAllowed):
        matter.do(do.RecordReference("legal", "R1"), HEAD)
    matter.do(do.RecordReference("police", "R1"), HEAD)
    assert "reference_police" not in matter.case.alarms
    duty = next(duty for duty in matter.case.duties if duty.body == "police")
    assert duty.decided is not None
    assert duty.decided.reference == "R1"
    assert "R1" not in plan.phrases.event_line(matter.case, matter.events[-1], SCHOOL)


# -- the plan ---------------------------------------------------------------------------------------


@pytest.mark.feature("plan-shown")
def test_the_plan_says_what_rings_when_for_whom_and_what_has_rung() -> None:
    """Before it is taken on: who is told after whom; afterwards only what has a date; and what has rung."""
    matter = Matter(THREAT)
    before = card_text(plan.shown(matter.case, SCHOOL, HEAD, AT))
    assert "Chair of governors, then Vice-chair" in before
    assert SCHOOL.fallback_contact.phone in before
    matter.do(do.TakeOn(), HEAD)
    rings(matter)
    after = card_text(plan.shown(matter.case, SCHOOL, HEAD, matter.at))
    assert "Chair of governors" not in after
    assert "next reminder Tue 24 Nov, 12:00, to: Headteacher" in after
    assert "Tue 24 Nov, 11:00: Decide whether to tell the police" in after


def test_a_plan_is_made_once() -> None:
    """Whatever happens to a case, what stands in its plan stays as it was set; what is new joins it."""
    matter = taken(ABUSE)
    before = dict(matter.case.alarms)
    matter.at += dt.timedelta(hours=1)
    matter.do(do.AddNote("x"), HEAD)
    assert matter.case.alarms == before


def test_a_case_that_was_stored_before_gets_its_plan_at_the_next_step() -> None:
    """No alarms yet: the next thing that happens sets them."""
    matter = taken(ABUSE)
    matter.case = replace(matter.case, alarms={})
    matter.do(do.AddNote("x"), HEAD)
    assert "legal" in matter.case.alarms
    assert LADDER not in matter.case.alarms


def test_every_timer_has_a_row_in_the_table() -> None:
    """No timer is there of which the table does not say when it rings, what it does and what ends it."""
    assert set(TIMERS) == set(TimerKind)
    assert key(TimerKind.REMIND, CaseId("C1"), "legal") == "C1/remind/legal"


def test_the_ladder_has_one_timer() -> None:
    """However often it rings."""
    matter = Matter(THREAT)
    assert len(asking(matter.timers.values())) == 1
    assert CHAIR not in matter.case.holders.values()


def _reminder(matter: Matter, person: PersonId, at: dt.datetime) -> Card:
    card = plan.reminder(matter.case, SCHOOL, person, at)
    assert card is not None
    return card


@pytest.mark.parametrize("action", [Action.SNOOZE, Action.REFERENCE])
def test_a_form_that_would_ask_for_nothing_is_refused(action: Action) -> None:
    """Nothing has a date, and no reference is missing: whoever asks all the same reads that."""
    matter = taken(QUESTION)
    matter.do(do.RecordTask("help_them_raise_it", "done"), HEAD)
    with pytest.raises(NotAllowed) as refused:
        form(action, matter.case, SCHOOL)
    assert refused.value.hint


def test_what_only_the_lead_decides_is_for_the_lead_whoever_took_it_on() -> None:
    """The DSL has the case in hand; the decision on Legal is the Headteacher's all the same."""
    matter = Matter({**THREAT, "targets": ("staff", "pupil")})
    case = replace(matter.case, owner=DSL)
    found = when.things(case)
    assert whose(case, found["legal"], SCHOOL) == HEAD
    support = next(task for name, task in found.items() if name.startswith("support_"))
    assert whose(case, support, SCHOOL) == DSL
