"""What each step of a case must not get wrong, said by what a person would suffer."""

from __future__ import annotations

import datetime as dt

import pytest
from msgspec.structs import replace

from flows.case import access
from flows.case.actions import table as do
from flows.case.actions.amendments import Complete
from flows.case.commands import Escalate, Move, ReportTrouble
from flows.case.context import Command
from flows.model import (
    Action,
    Answer,
    Body,
    Duty,
    EventKind,
    Excluded,
    Exclusion,
    Fact,
    Hold,
    Named,
    Outcome,
    Place,
    Source,
    Status,
    TimerKind,
    Urgency,
)
from flows.policy.engine import default_policy
from flows.policy.routing import ladder
from flows.school import PersonId, Seat
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

# -- where a case is told ------------------------------------------------------------------------


def test_a_conflict_leaves_a_restricted_case_restricted() -> None:
    """The Chair who leads a case about the Headteacher steps out: the leadership channel is told nothing."""
    matter = Matter({**ABUSE, "poster": ("headteacher",)})
    assert matter.case.restricted
    matter.do(do.HaveConflict("An invented reason."), CHAIR)
    assert matter.case.restricted
    assert [s.key for s in matter.sends.values() if s.place is Place.LEADERSHIP] == []


@pytest.mark.parametrize(("who", "restricted"), [(DEPUTY, True), (CHAIR, False)])
def test_a_conflict_moves_a_case_only_from_who_reads_the_channel(who: PersonId, *, restricted: bool) -> None:
    """Somebody of the leadership channel steps out: the case leaves it. Anybody else: it stays there."""
    matter = Matter({**ABUSE, "targets": ("headteacher",)})
    matter.do(do.HaveConflict("An invented reason."), who)
    assert matter.case.restricted is restricted
    assert bool(matter.stands("leadership")) is not restricted


# -- by when -------------------------------------------------------------------------------------

#: Friday, eight in the evening; the next working day is Monday.
FRIDAY = dt.datetime(2026, 11, 27, 20, 0, tzinfo=dt.UTC)
SATURDAY_NINE = dt.datetime(2026, 11, 28, 9, 0, tzinfo=dt.UTC)
MONDAY_NOON = dt.datetime(2026, 11, 30, 12, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("answers", "due"),
    [
        pytest.param({**ABUSE, "staff_allegation": ("not_sure",)}, SATURDAY_NINE, id="perhaps one (S5)"),
        pytest.param({**ABUSE, "racist": "not_sure"}, SATURDAY_NINE, id="perhaps racist (C8r)"),
        pytest.param({**ABUSE, "racist": "yes"}, SATURDAY_NINE, id="racist (C8r)"),
        pytest.param(ABUSE, MONDAY_NOON, id="a rude word"),
    ],
)
def test_what_cannot_wait_for_monday(answers: dict[str, Answer], due: dt.datetime) -> None:
    """Reported on Friday evening: what may be a crime or an allegation is due on Saturday at nine."""
    matter = Matter(answers, at=FRIDAY)
    assert matter.case.decision.urgency is Urgency.SAME_DAY
    assert matter.case.due_at == due


# -- holds ---------------------------------------------------------------------------------------

HOLDS: dict[str, dict[str, Answer]] = {
    "S1": {"immediate_danger": "yes"},
    "S2": {"immediate_danger": "not_sure"},
    "S3": {"sexual_imagery_child": "not_sure"},
    "S4": {"child_at_risk": "not_sure"},
    "S5": {"staff_allegation": ("staff",)},
    "C3c": {"adult_at_risk": "not_sure"},
}


@pytest.mark.parametrize("row", sorted(HOLDS))
def test_the_police_do_not_end_a_hold_that_protects(row: str) -> None:
    """Danger, imagery, a child or an adult at risk, an allegation: contact waits for those who protect."""
    matter = Matter({"targets": ("staff",), "nature": ("abusive",), **HOLDS[row]})
    reasons = matter.case.decision.reasons
    assert {reason.row for reason in reasons if reason.hold is Hold.SAFEGUARDING} == {row}
    assert matter.case.hold
    matter.do(do.RecordPolice(contacted=False, why="An invented reason."), HEAD)
    assert matter.case.hold
    assert matter.case.hold_safeguarding


def test_every_row_that_protects_is_tried() -> None:
    """No row of that list is left to luck."""
    table = default_policy().table
    assert set(HOLDS) == {row.id for row in table.row if row.hold is Hold.SAFEGUARDING}


@pytest.mark.parametrize("row", sorted(HOLDS))
def test_a_hold_that_protects_may_come_later(row: str) -> None:
    """An answer is corrected to one of these: the hold is there at once and is a protecting one."""
    matter = Matter(ABUSE)
    assert (matter.case.hold, matter.case.hold_safeguarding) == ("", False)
    matter.do(do.Correct(report({**ABUSE, **HOLDS[row]}), ("x",), "An invented reason."), REPORTER)
    assert matter.case.hold
    assert matter.case.hold_safeguarding


def test_who_was_merely_told_does_not_lift_a_protecting_hold() -> None:
    """A third person is told of a child at risk and may act: lifting the hold is still not theirs."""
    matter = Matter(CHILD)
    case = replace(matter.case, holders={**matter.case.holders, Seat.VICE_CHAIR: VICE})
    assert access.may_do(case, VICE, SCHOOL, Action.TAKE_ON)
    assert not access.may_do(case, VICE, SCHOOL, Action.CLEAR_HOLD)
    assert access.may_do(case, DSL, SCHOOL, Action.CLEAR_HOLD)


def test_the_deputy_dsl_lifts_it_where_they_answer() -> None:
    """The DSL is out: their deputy answers and may lift the hold; the DSL may not any more."""
    matter = Matter(CHILD)
    matter.do(do.HaveConflict(), DSL)
    assert access.may_do(matter.case, DEPUTY_DSL, SCHOOL, Action.CLEAR_HOLD)
    assert not access.may_do(matter.case, DSL, SCHOOL, Action.CLEAR_HOLD)


# -- what the record says ------------------------------------------------------------------------

#: Every command, and what stands in the record after it: kinds, closed facts, a person's own words.
SAYS: list[tuple[Command, list[tuple[EventKind, dict[str, Fact], str]]]] = [
    (do.TakeOn(), [(EventKind.TAKEN_ON, {}, "")]),
    (do.AddNote("a note"), [(EventKind.NOTED, {}, "a note")]),
    (do.Hold("wait"), [(EventKind.HELD, {}, "wait")]),
    (do.ClearHold("dsl", "agreed"), [(EventKind.HOLD_CLEARED, {"agreed": "dsl"}, "agreed")]),
    (do.Confirm999("rung"), [(EventKind.CALLED_999, {}, "rung")]),
    (do.ShowReporter("must ask"), [(EventKind.REPORTER_SHOWN, {}, "must ask")]),
    (
        do.HaveConflict("my cousin"),
        [
            (EventKind.RECUSED, {"why": ("conflict",)}, "my cousin"),
            (EventKind.HANDED_ON, {"lead": "chair_of_governors"}, ""),
        ],
    ),
    (
        do.RecordLegal(contacted=True, how="phone", when="2026-11-24", why="w", reference="R1"),
        [
            (
                EventKind.DUTY_RECORDED,
                {"body": "legal", "contacted": "yes", "how": "phone", "when": "2026-11-24"},
                "w\nTheir reference: R1",
            )
        ],
    ),
    (
        do.RecordPolice(contacted=False, why="not now"),
        [(EventKind.DUTY_RECORDED, {"body": "police", "contacted": "no", "how": "", "when": ""}, "not now")],
    ),
    (do.AddToReport(report(QUESTION), "more"), [(EventKind.ADDED, {}, "more")]),
    (Move("unfit_place"), [(EventKind.MOVED, {"why": "unfit_place"}, "")]),
    (Escalate(), [(EventKind.REMINDED, {}, "")]),
    (
        ReportTrouble("notice", DSL),
        [
            (EventKind.DELIVERY_FAILED, {"message": "notice", "person": DSL}, ""),
            (EventKind.ESCALATED, {"told": DEPUTY_DSL, "unreached": DSL}, ""),
        ],
    ),
]


@pytest.mark.parametrize(("command", "says"), SAYS, ids=lambda value: type(value).__name__)
def test_the_record_says_what_was_done(
    command: Command, says: list[tuple[EventKind, dict[str, Fact], str]]
) -> None:
    """Who reads the record a year later reads what was done, and by whom, not something like it."""
    matter = Matter(QUESTION)
    if isinstance(command, do.ClearHold):
        matter.case = replace(matter.case, hold="Set by hand.")
    if isinstance(command, do.RecordLegal | do.RecordPolice):
        owed = Duty(body=command.body, rows=(), due=AT.date())
        matter.case = replace(matter.case, duties=(owed,))
    before = len(matter.events)
    by = None if isinstance(command, Move | Escalate | ReportTrouble) else HEAD
    matter.do(command, by)
    told = matter.events[before:]
    assert [(e.kind, e.facts, e.words) for e in told] == says
    assert [(e.seq, e.at, e.by) for e in told] == [(before + 1 + n, AT, by) for n in range(len(told))]
    assert matter.case.events == len(matter.events)


def test_a_decision_on_legal_is_kept_as_it_was_made() -> None:
    """Legal was rung on a day, with a reference, by somebody: that is what the case knows."""
    matter = Matter(ABUSE)
    matter.do(
        do.RecordLegal(contacted=True, how="phone", when="2026-11-23", why="w", reference="R1"),
        HEAD,
    )
    legal = {duty.body: duty.decided for duty in matter.case.duties}[Body.LEGAL]
    assert legal is not None
    assert (legal.contacted, legal.how, legal.when, legal.reference, legal.why, legal.by, legal.at) == (
        True,
        "phone",
        "2026-11-23",
        "R1",
        "w",
        HEAD,
        AT,
    )


def test_a_police_decision_clears_no_hold_that_never_was() -> None:
    """Where nothing held contact back, the record does not say that something was lifted."""
    matter = Matter({**ABUSE, "violence": "not_sure"})
    matter.case = replace(matter.case, hold="")
    matter.do(do.RecordPolice(contacted=True, how="phone", when="2026-11-24"), HEAD)
    assert EventKind.HOLD_CLEARED not in {e.kind for e in matter.events}


def test_files_that_were_added_are_counted() -> None:
    """Two pictures are added with words: the record says two, not minus two and not nothing."""
    matter = Matter(QUESTION)
    posting = matter.case.report.posting
    more = replace(posting, files=(*posting.files, *posting.files, *posting.files))
    matter.do(do.AddToReport(replace(matter.case.report, posting=more), "more"), REPORTER)
    assert (matter.events[-1].facts, matter.events[-1].words) == ({"files": "2"}, "more")
    assert matter.case.report.posting == more


# -- false alarms --------------------------------------------------------------------------------


def owned() -> Matter:
    """Return a case somebody has taken on."""
    matter = Matter(ABUSE)
    matter.do(do.TakeOn(), HEAD)
    return matter


def closed() -> Matter:
    """Return a closed case."""
    matter = Matter(QUESTION)
    matter.do(do.TakeOn(), HEAD)
    matter.do(do.Close(Outcome.MET, "An invented end."), HEAD)
    return matter


@pytest.mark.parametrize(
    ("matter", "person", "status"),
    [
        pytest.param(Matter(ABUSE), REPORTER, Status.OPEN, id="it was the reporter's"),
        pytest.param(Matter(CHILD), DSL, Status.OPEN, id="it was not the lead's"),
        pytest.param(Matter(ABUSE), None, Status.OPEN, id="it was nobody's"),
        pytest.param(owned(), HEAD, Status.ACKNOWLEDGED, id="the lead has taken it on"),
        pytest.param(closed(), HEAD, Status.CLOSED, id="it is closed"),
    ],
)
def test_a_message_that_failed_calls_nobody_in_vain(
    matter: Matter, person: PersonId | None, status: Status
) -> None:
    """Only the leader's own notice, while nobody has the case, calls the next person out of their evening."""
    before = len(matter.events)
    matter.do(ReportTrouble("notice", person))
    assert (matter.case.stand_ins, matter.case.status) == ((), status)
    assert matter.events[before].kind is EventKind.DELIVERY_FAILED


def test_the_seat_of_somebody_unreached_falls_to_the_next() -> None:
    """The DSL cannot be reached: the deputy is told in that seat, and leads no more than the DSL did."""
    matter = Matter(CHILD)
    matter.do(ReportTrouble("notice", DSL))
    assert matter.case.holders[Seat.DEPUTY_DSL] == DEPUTY_DSL
    assert (matter.case.stand_ins, matter.case.status) == ((), Status.OPEN)
    assert matter.reads(DEPUTY_DSL)
    for again in (DSL, DEPUTY_DSL):
        matter.do(ReportTrouble("notice", again))
        assert matter.events[-1].kind is EventKind.DELIVERY_FAILED, "and nobody is left"


def test_a_line_that_failed_calls_nobody() -> None:
    """What could not be withdrawn, or a line in somebody's thread, is no notice."""
    matter = Matter(ABUSE)
    matter.do(ReportTrouble("withdrawn", HEAD))
    assert matter.case.stand_ins == ()


def test_a_stand_in_who_is_not_there_either_calls_the_next() -> None:
    """However many accounts are dead, the next living person is told."""
    matter = Matter(ABUSE)
    for gone, stand_ins in ((HEAD, (DEPUTY,)), (DEPUTY, (DEPUTY, DSL)), (DSL, (DEPUTY, DSL, CHAIR))):
        matter.do(ReportTrouble("notice", gone))
        assert matter.case.stand_ins == stand_ins


def test_whom_it_is_about_is_never_told_instead() -> None:
    """A deputy the posting is about does not come to lead because the Headteacher was not reached."""
    matter = Matter(ABUSE, named=Named(target=(DEPUTY,)))
    matter.do(ReportTrouble("notice", HEAD))
    assert matter.case.stand_ins == (DSL,)


def test_the_leads_notice_that_failed_calls_the_next() -> None:
    """The Headteacher cannot be reached: the deputy is told now, and everybody reads that."""
    matter = Matter(ABUSE)
    matter.do(ReportTrouble("notice", HEAD))
    assert (matter.case.stand_ins, matter.case.status) == ((DEPUTY,), Status.ESCALATED)
    assert [e.kind for e in matter.events[-2:]] == [EventKind.DELIVERY_FAILED, EventKind.ESCALATED]
    assert matter.events[-1].facts == {"told": DEPUTY, "unreached": HEAD}
    assert matter.reads(DEPUTY)


def test_whom_it_must_not_reach_is_not_called_instead() -> None:
    """The lead cannot be reached and the deputy must not know: the one after them is told."""
    matter = Matter(ABUSE)
    matter.case = replace(
        matter.case, recused={DEPUTY: Exclusion(why=Excluded.CONFLICT, source=Source.DECLARED, at=AT)}
    )
    matter.do(ReportTrouble("notice", HEAD))
    assert matter.case.stand_ins == (DSL,)


# -- stepping out --------------------------------------------------------------------------------


def test_a_stand_in_who_steps_out_is_no_stand_in() -> None:
    """Somebody called in has a conflict: they are cut off, and the others who were called stay."""
    matter = Matter(THREAT)
    matter.do(Escalate())
    matter.do(Escalate())
    assert matter.case.stand_ins == (DEPUTY, DSL)
    matter.do(do.HaveConflict(), DEPUTY)
    assert matter.case.stand_ins == (DSL,)


def test_somebody_elses_conflict_takes_the_case_from_nobody() -> None:
    """The DSL steps out of a case the Headteacher has taken on: it stays theirs, and no clock runs."""
    matter = Matter(CHILD)
    matter.do(do.TakeOn(), HEAD)
    change = matter.do(do.HaveConflict(), DSL)
    assert (matter.case.owner, matter.case.status) == (HEAD, Status.ACKNOWLEDGED)
    assert asking(change.timers) == []
    assert EventKind.HANDED_ON not in {e.kind for e in change.events}


def test_the_lead_who_steps_out_hands_on_with_the_clock() -> None:
    """The lead of an urgent case steps out: whoever leads now has their full time to answer."""
    matter = Matter(THREAT)
    matter.at = AT + dt.timedelta(minutes=15)
    change = matter.do(do.HaveConflict(), HEAD)
    assert [t.due for t in asking(change.timers)] == [matter.at + SCHOOL.deadlines.acknowledge_urgent]
    assert matter.case.lead is Seat.CHAIR


def test_a_lead_with_a_conflict_leaves_a_closed_case_in_peace() -> None:
    """The lead steps out after closing: the record says who leads now, and nobody is rung for it."""
    matter = closed()
    change = matter.do(do.HaveConflict(), HEAD)
    assert [e.kind for e in change.events] == [EventKind.RECUSED, EventKind.HANDED_ON]
    assert (matter.case.status, matter.case.owner, asking(change.timers)) == (Status.CLOSED, None, [])


# -- closing and opening again -------------------------------------------------------------------


def test_closing_keeps_how_it_ended() -> None:
    """The outcome, the reason and the moment are in the case and in the record."""
    matter = closed()
    assert (matter.case.outcome, matter.case.closed_at) == (Outcome.MET, AT)
    assert (matter.events[-1].facts, matter.events[-1].words) == ({"outcome": "met"}, "An invented end.")


def test_a_closed_case_that_asks_for_more_says_that_it_is_open() -> None:
    """A report is finished after closing and asks for more: open, on record, with a clock."""
    matter = Matter({"targets": ("pupil",), "nature": ("genuine_concern",)}, unfinished=True)
    matter.do(do.TakeOn(), DSL)
    matter.do(do.Close(Outcome.MISTAKE, "x"), DSL)
    change = matter.do(Complete(report({**QUESTION, "violence": "yes"})), REPORTER)
    assert change.events[-1].kind is EventKind.REOPENED
    assert (matter.case.status, matter.case.owner, matter.case.outcome) == (Status.OPEN, None, None)
    assert matter.case.closed_at is None
    due = {t.kind: t.due for t in change.timers}
    assert {TimerKind.ACKNOWLEDGE, TimerKind.HEAR} <= set(due), "and its reporter hears how it stands"
    assert [t.due for t in asking(change.timers)] == [AT + SCHOOL.deadlines.acknowledge_urgent]


# -- who is told next ----------------------------------------------------------------------------


def everybody_told(lead: Seat) -> list[PersonId]:
    """Return in which order people are told where nobody ever answers."""
    told: list[PersonId] = []
    while (person := ladder(SCHOOL, lead, told=told, without=())) is not None:
        told.append(person)
    return told


@pytest.mark.parametrize(
    ("lead", "order"),
    [
        (Seat.HEADTEACHER, [HEAD, DEPUTY, DSL, CHAIR, VICE, SUBSTITUTE]),
        (Seat.DSL, [DSL, HEAD, DEPUTY_DSL]),
        (Seat.CHAIR, [CHAIR, VICE, SUBSTITUTE, DSL, HEAD]),
        (Seat.VICE_CHAIR, [VICE, SUBSTITUTE, DSL, HEAD]),
        (Seat.SUBSTITUTE_GOVERNOR, [SUBSTITUTE, DSL, HEAD]),
    ],
)
def test_whoever_leads_the_list_ends_at_on_call(lead: Seat, order: list[PersonId]) -> None:
    """Nobody answers: governors come first for a governor's part, and somebody on call is always reached."""
    assert everybody_told(lead) == order


def test_who_stepped_out_before_is_not_put_out_again() -> None:
    """An answer is corrected after somebody stepped out: the record says once that they are out."""
    matter = Matter(ABUSE)
    matter.do(do.HaveConflict("An invented reason."), DEPUTY)
    change = matter.do(do.Correct(report({**ABUSE, "still_online": "removed"}), ("still_online",), "x"), HEAD)
    assert EventKind.RECUSED not in {e.kind for e in change.events}
    assert DEPUTY in matter.case.recused


def test_a_case_that_somebody_has_taken_on_asks_nobody_when_its_lead_steps_out() -> None:
    """The DSL has it in hand: the lead hands on, and no clock starts for a case that is being dealt with."""
    matter = Matter(CHILD)
    matter.do(do.TakeOn(), DSL)
    change = matter.do(do.HaveConflict(), HEAD)
    assert matter.case.status is Status.ACKNOWLEDGED
    assert asking(change.timers) == []
