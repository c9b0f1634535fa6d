"""Deciding again (policy page §2.12): it adds and raises; it takes somebody away only for a new conflict."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from flows.case.actions import table as do
from flows.case.actions.amendments import Complete
from flows.case.duties import outstanding
from flows.delivery.outbox import recipients
from flows.messages.phrases import event_line
from flows.model import (
    URGENCIES,
    Answer,
    AuditKind,
    Body,
    EventKind,
    Excluded,
    Level,
    Named,
    Outcome,
    Status,
)
from flows.questions.table import KEYS
from flows.school import Away, PersonId, Seat
from tests.flows.matter import (
    ABUSE,
    AT,
    CHAIR,
    CHILD,
    DEPUTY,
    DSL,
    HEAD,
    QUESTION,
    REPORTER,
    SCHOOL,
    THREAT,
    VICE,
    Matter,
    asking,
    report,
    why,
)
from tests.often import often

LEVELS = list(Level)


def correct(answers: Mapping[str, Answer], **changed: object) -> do.Correct:
    """Return the correction that makes the answers these."""
    return do.Correct(report(answers, **changed), ("nature",), "An invented reason.")


def kinds(matter: Matter) -> list[EventKind]:
    """Return what happened in the last step."""
    return [event.kind for event in matter.changes[-1].events]


@pytest.mark.feature("decided-again")
def test_it_adds_and_raises() -> None:
    """A tick that was missing adds the DSL, makes it urgent and sets the hold; it never takes that back."""
    matter = Matter(ABUSE)
    due = matter.case.due_at
    matter.do(correct(CHILD), HEAD)
    case = matter.case
    assert (case.decision.urgency, case.hold_safeguarding) == ("urgent", True)
    assert case.holders[Seat.DSL] == DSL
    assert case.due_at < due
    assert kinds(matter) == [EventKind.CORRECTED, EventKind.REASSESSED]
    assert matter.events[-1].facts == {"urgency": "urgent", "added": ("dsl", "police")}
    assert asking(matter.timers.values()), "and the clock runs anew"
    matter.do(correct(QUESTION), HEAD)
    assert matter.case.decision.urgency == "urgent"
    assert set(case.decision.notify) <= set(matter.case.decision.notify)
    assert matter.case.hold


def test_nothing_changes_where_nothing_is_asked() -> None:
    """Deciding again on the same answers adds nobody, rings nobody and hands nothing on."""
    matter = Matter(ABUSE)
    before = matter.case
    change = matter.do(correct(ABUSE), HEAD)
    assert kinds(matter) == [EventKind.CORRECTED, EventKind.REASSESSED]
    assert matter.events[-1].facts == {"urgency": "same_day"}
    assert asking(change.timers) == []
    assert replace(matter.case, events=1, corrected=(), noted=b"") == before


def test_a_new_conflict_cuts_off_at_once() -> None:
    """A Headteacher who turns out to have posted it is out, everywhere; what they were told is on record."""
    matter = Matter(ABUSE)
    matter.do(do.TakeOn(), HEAD)
    change = matter.do(correct({**ABUSE, "poster": ("headteacher",)}), REPORTER)
    case = matter.case
    assert (case.status, case.owner, case.lead) == (Status.OPEN, None, Seat.CHAIR)
    assert case.restricted
    assert (matter.reads(HEAD), matter.stands("leadership")) == (set(), set())
    assert {"HEAD" if a.facts["person"] == HEAD else a.facts["place"] for a in change.audit} == {
        "HEAD",
        "leadership",
    }
    assert {a.kind for a in change.audit} == {AuditKind.ALREADY_TOLD}
    assert kinds(matter)[2:] == [EventKind.RECUSED, EventKind.HANDED_ON]
    assert matter.events[-3].facts["gone"] == ("headteacher",)
    assert matter.reads(CHAIR)


def test_who_has_it_in_hand_keeps_it_in_peace() -> None:
    """It becomes urgent while its owner is at work on it: no clock calls anybody else."""
    matter = Matter(ABUSE)
    matter.do(do.TakeOn(), HEAD)
    change = matter.do(correct(CHILD), HEAD)
    assert (matter.case.owner, matter.case.decision.urgency) == (HEAD, "urgent")
    assert asking(change.timers) == []


def test_an_owner_whom_it_turns_out_to_be_about_gives_it_back() -> None:
    """A Headteacher who took on what is about them keeps reading, and no longer owns it."""
    matter = Matter(ABUSE)
    matter.do(do.TakeOn(), HEAD)
    matter.do(correct({**ABUSE, "targets": ("headteacher",)}), REPORTER)
    assert (matter.case.status, matter.case.owner, matter.case.lead) == (Status.OPEN, None, Seat.CHAIR)
    assert matter.reads(HEAD)


def test_a_conflict_of_ones_own_outlives_any_correction() -> None:
    """Who said *I have a conflict* stays out, whatever the answers become."""
    matter = Matter(ABUSE)
    matter.do(do.HaveConflict(), HEAD)
    matter.do(correct(THREAT), CHAIR)
    assert why(matter.case) == {HEAD: Excluded.CONFLICT}
    assert matter.reads(HEAD) == set()


@pytest.mark.parametrize("cleared", [False, True])
def test_a_safeguarding_hold_comes_on_top(cleared: bool) -> None:  # noqa: FBT001 - a table
    """A child at risk found out later holds contact anew, whether a lesser hold stands or was cleared."""
    matter = Matter(THREAT)
    if cleared:
        matter.do(do.RecordPolice(contacted=False, why="x"), HEAD)
        assert not matter.case.hold
    matter.do(correct({**THREAT, "child_at_risk": "yes"}), HEAD)
    assert (bool(matter.case.hold), matter.case.hold_safeguarding) == (True, True)
    matter.do(do.RecordPolice(contacted=True, why="x"), HEAD)
    assert matter.case.hold, "which a decision on the police does not end"


def test_a_cleared_hold_stays_cleared_where_nothing_new_asks_for_one() -> None:
    """Deciding again on what was known does not undo what the DSL agreed to."""
    matter = Matter(CHILD)
    matter.do(do.ClearHold("dsl", "x"), DSL)
    matter.do(correct({**CHILD, "still_online": "removed"}), HEAD)
    assert (matter.case.hold, matter.case.hold_safeguarding) == ("", False)


@pytest.mark.parametrize(("contacted", "again"), [(False, True), (True, False)])
def test_a_decision_is_asked_for_again_where_more_is_at_stake(contacted: bool, again: bool) -> None:  # noqa: FBT001 - a table
    """*Not now* was said to *consider*; where it becomes *recommend*, it is asked again. Contact stands."""
    matter = Matter({**ABUSE, "violence": "not_sure"})
    assert matter.case.decision.levels["police"] is Level.CONSIDER
    matter.do(do.RecordPolice(contacted=contacted, why="x"), HEAD)
    matter.do(correct(THREAT), HEAD)
    assert matter.case.decision.levels["police"] is Level.RECOMMEND
    assert (Body.POLICE in {duty.body for duty in outstanding(matter.case)}) is again
    if again:
        matter.do(do.RecordPolice(contacted=False, why="x"), HEAD)
    matter.do(correct(ABUSE), HEAD)
    assert Body.POLICE not in {duty.body for duty in outstanding(matter.case)}, (
        "less at stake asks nobody again"
    )


def closed(answers: Mapping[str, Answer]) -> Matter:
    """Return a half-told report that a leader closed."""
    matter = Matter(answers, unfinished=True)
    matter.do(do.TakeOn(), DSL)
    for decide in (do.RecordLegal, do.RecordPolice):
        matter.do(decide(contacted=False, why="x"), DSL)
    matter.do(do.ClearHold("dsl", "x"), DSL)
    matter.do(do.Close(Outcome.MISTAKE, "x"), DSL)
    return matter


def test_a_report_finished_after_closing_opens_the_case_again() -> None:
    """Closed on half the story: when the other half asks for more, it is open and the clock runs."""
    matter = closed({"adult_at_risk": "not_sure", "staff_allegation": ()})
    matter.do(Complete(report(CHILD)), REPORTER)
    assert (matter.case.status, matter.case.owner, matter.case.closed_at) == (Status.OPEN, None, None)
    assert kinds(matter)[-1] is EventKind.REOPENED
    assert asking(matter.timers.values())
    assert event_line(matter.case, matter.events[-1], SCHOOL) == "The reporter re-opened this case."


def test_who_is_told_only_now_finds_an_open_case() -> None:
    """The other half brings the Chair in and nothing more: they are told of an open case."""
    half: dict[str, Answer] = {"adult_at_risk": "not_sure", "staff_allegation": ()}
    matter = closed(half)
    before = matter.case
    matter.do(Complete(report({**half, "targets": ("headteacher",)})), REPORTER)
    case = matter.case
    assert set(case.decision.notify) - set(before.decision.notify) == {Seat.CHAIR}
    assert (case.decision.urgency, bool(case.hold), outstanding(case)) == (before.decision.urgency, False, ())
    assert case.status is Status.OPEN


def test_a_report_finished_after_closing_with_nothing_new_stays_closed() -> None:
    """The other half changes nothing: the case stays closed, with the answers on record."""
    matter = closed({"adult_at_risk": "yes", "staff_allegation": (), "targets": ("not_sure",)})
    matter.do(Complete(replace(matter.case.report, unfinished=False)), REPORTER)
    assert matter.case.status is Status.CLOSED
    assert not matter.case.report.unfinished
    assert EventKind.REOPENED not in kinds(matter)


def test_the_headteacher_is_told_once_cleared() -> None:
    """An unfinished report keeps the Headteacher out until the allegation is answered; then they are told."""
    matter = Matter({"immediate_danger": "yes"}, unfinished=True)
    assert why(matter.case) == {HEAD: Excluded.NOT_CLEARED}
    matter.do(Complete(report({"immediate_danger": "yes"})), REPORTER)
    assert matter.case.recused == {}
    assert matter.reads(HEAD)
    assert matter.case.restricted, "a place once left is not gone back to"


def test_another_day_takes_nobody_off() -> None:
    """The deputy who stood in for an absent Headteacher stays told when the Headteacher is back."""
    school = replace(SCHOOL, away=(Away(HEAD, AT.date(), AT.date()),))
    matter = Matter(ABUSE, school=school)
    assert (matter.case.lead, matter.case.holders) == (
        Seat.DEPUTY_HEADTEACHER,
        {Seat.DEPUTY_HEADTEACHER: DEPUTY},
    )
    matter.at = AT + dt.timedelta(days=1)
    matter.do(correct(THREAT), DEPUTY)
    assert {HEAD, DEPUTY} <= set(recipients(matter.case))
    assert matter.case.lead is Seat.HEADTEACHER
    assert matter.reads(DEPUTY)


# -- whatever the answers ----------------------------------------------------------------------------


#: What is never left empty.
ALWAYS = ("targets", "poster", "did")


def some(key: str) -> st.SearchStrategy[Answer]:
    """Return any answer to a key."""
    values = KEYS[key].values
    if not KEYS[key].many:
        return st.sampled_from(values)
    least = 1 if key in ALWAYS else 0
    alone = st.sampled_from(["none", "none_of_these"]).filter(values.__contains__).map(lambda value: (value,))
    some_of = [value for value in values if value not in ("none", "none_of_these")]
    together = st.lists(st.sampled_from(some_of), min_size=least, max_size=3, unique=True).map(tuple)
    return st.one_of(together, alone) if len(some_of) < len(values) else together


ANSWERS = st.fixed_dictionaries(
    {}, optional={key: some(key) for key in KEYS if key not in ("platform", "evidence")}
)
PEOPLE = st.lists(st.sampled_from([HEAD, DSL, CHAIR, VICE, DEPUTY]), max_size=2, unique=True).map(tuple)


def holds(first: dict[str, Answer], second: dict[str, Answer], kept_out: tuple[PersonId, ...]) -> None:
    """Assert what must hold when a report of the first answers is decided again on the second."""
    matter = Matter(first)
    old, was_told = matter.case, set(recipients(matter.case))
    if old.status is Status.CLOSED:
        return
    matter.do(Complete(report(second, named=Named(kept_out=kept_out))), REPORTER)
    new, now_told = matter.case, set(recipients(matter.case))
    assert URGENCIES.index(new.decision.urgency) >= URGENCIES.index(old.decision.urgency)
    for body, level in old.decision.levels.items():
        assert LEVELS.index(new.decision.levels[body]) >= LEVELS.index(level)
    assert new.due_at <= old.due_at
    assert new.hold or not old.hold
    assert new.hold_safeguarding >= old.hold_safeguarding
    assert was_told - set(new.recused) <= now_told, "nobody is taken away but for a conflict"
    assert now_told.isdisjoint(new.recused)
    gone = set(old.decision.notify) - set(new.decision.notify)
    assert gone <= {"headteacher", "chair_of_governors"}
    assert ("headteacher" in gone) <= (HEAD in new.recused)
    assert ("chair_of_governors" in gone) <= (CHAIR in new.recused)
    for person in set(new.recused) - {REPORTER}:
        assert matter.reads(person) == set()
    assert all(matter.reads(person) for person in now_told)
    assert {reason.row for reason in new.decision.reasons}


@given(ANSWERS, ANSWERS, PEOPLE)
def test_any_answers_then_any_others(
    first: dict[str, Answer], second: dict[str, Answer], kept_out: tuple[PersonId, ...]
) -> None:
    """Whatever was answered, and whatever it is corrected to: nothing is lost but by a conflict."""
    holds(first, second, kept_out)


@pytest.mark.soak
@settings(max_examples=often(2000))
@given(ANSWERS, ANSWERS, PEOPLE)
def test_very_many_answers(
    first: dict[str, Answer], second: dict[str, Answer], kept_out: tuple[PersonId, ...]
) -> None:
    """The same, very often."""
    holds(first, second, kept_out)
