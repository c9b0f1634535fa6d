"""What a case owes: asked of whom, until when, recorded once; and no way round it to the end of the case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from flows.case import access
from flows.case.actions import table as do
from flows.case.actions.amendments import Complete
from flows.case.duties import RecordDuty, may_agree, outstanding
from flows.case.forms import form, parse
from flows.errors import InvalidAnswer, NotAllowed
from flows.messages import templates
from flows.messages.digest import Week, digest
from flows.messages.record import record
from flows.model import Action, Answer, Body, Case, EventKind, Named, Outcome, Status
from flows.school import Contact, PersonId, Seat
from flows.ui.cards import Heading, Small, Style, buttons_of
from flows.ui.intents import Act
from flows.ui.plain_text import card_text
from flows.words import say
from tests.flows.matter import (
    ABUSE,
    AT,
    CHILD,
    DEPUTY,
    DEPUTY_DSL,
    DSL,
    HEAD,
    QUESTION,
    REPORTER,
    SCHOOL,
    THREAT,
    Matter,
    report,
    row,
)

#: For each body, a report that makes the school owe it something.
OWES: dict[Body, dict[str, Answer]] = {
    Body.LEGAL: ABUSE,
    Body.POLICE: THREAT,
    Body.LADO: {**ABUSE, "staff_allegation": ("staff",)},
    Body.CHILDRENS_SERVICES: CHILD,
    Body.IMAGERY: {"sexual_imagery_child": "yes", "targets": ("pupil",)},
}
RECORDS: dict[Body, type[RecordDuty]] = {
    kind.body: kind
    for kind in (
        do.RecordLegal,
        do.RecordPolice,
        do.RecordLado,
        do.RecordChildrensServices,
        do.RecordImagery,
    )
}
BODIES = pytest.mark.parametrize("body", Body)


def taken(answers: dict[str, Answer], **changed: object) -> Matter:
    """Return a case that its lead has taken on."""
    matter = Matter(answers, **changed)  # type: ignore[arg-type]
    matter.do(do.TakeOn(), lead(matter.case))
    return matter


def lead(case: Case) -> PersonId:
    """Return who leads."""
    assert case.lead is not None
    return case.holders[case.lead]


def only(body: Body) -> Matter:
    """Return a case that is free to be closed but for one thing it owes."""
    matter = taken(OWES[body], named=Named(someone_else=("accused",)))
    duties = tuple(duty for duty in matter.case.duties if duty.body == body)
    assert duties, body
    told = {**matter.case.holders, Seat.DSL: DSL}
    matter.case = replace(matter.case, duties=duties, holders=told, hold="", hold_safeguarding=False)
    return matter


# -- until when, and because of what -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "lado"),
    [
        pytest.param("2026-11-24T10:00+00:00", "2026-11-25", id="a Tuesday"),
        pytest.param("2026-11-27T18:30+00:00", "2026-11-30", id="a Friday evening: the Monday"),
        pytest.param("2026-12-24T10:00+00:00", "2026-12-29", id="before Christmas: no bank holiday"),
        pytest.param("2027-02-16T10:00+00:00", "2027-02-17", id="in half term: a weekday all the same"),
    ],
)
def test_until_when(at: str, lado: str) -> None:
    """The LADO by the next weekday that is no bank holiday; children's services and imagery the same day."""
    moment = dt.datetime.fromisoformat(at)
    for body, day in (
        (Body.LADO, lado),
        (Body.CHILDRENS_SERVICES, at[:10]),
        (Body.IMAGERY, at[:10]),
    ):
        duties = {duty.body: duty for duty in Matter(OWES[body], at=moment).case.duties}
        assert duties[body].due == dt.date.fromisoformat(day)
        assert duties[body].rows


def test_nothing_is_owed_where_nothing_is_asked() -> None:
    """A fair question owes nobody anything, and what is not owed cannot be recorded."""
    matter = taken(QUESTION)
    assert matter.case.duties == ()
    for kind in RECORDS.values():
        with pytest.raises(NotAllowed) as refused:
            matter.do(kind(contacted=False, why="x"), HEAD)
        assert refused.value.reference == "not-owed"


# -- by whom, and once -------------------------------------------------------------------------------


@BODIES
def test_who_records_it(body: Body) -> None:
    """The lead; children's services and imagery the DSL who was told too; nobody else."""
    case = replace(only(body).case, holders={Seat.HEADTEACHER: HEAD, Seat.DSL: DSL, Seat.VICE_CHAIR: DEPUTY})
    case = replace(case, lead=Seat.HEADTEACHER, affected=(), recused={})
    allowed = {p for p in SCHOOL.people if access.may_do(case, p, SCHOOL, Action(body.value))}
    assert allowed == ({HEAD, DSL} if body in (Body.CHILDRENS_SERVICES, Body.IMAGERY) else {HEAD})


@BODIES
def test_it_is_recorded_once(body: Body) -> None:
    """*Not now* may become contact; contact stands, and the same is not said twice."""
    matter, record_it = only(body), RECORDS[body]
    matter.do(record_it(contacted=False, why="Invented."), HEAD)
    with pytest.raises(NotAllowed):
        matter.do(record_it(contacted=False, why="Invented."), HEAD)
    matter.do(record_it(contacted=True, how="phone", when="2026-11-24", reference="R1", why="x"), HEAD)
    with pytest.raises(NotAllowed):
        matter.do(record_it(contacted=True, how="phone", when="2026-11-24", why="x"), HEAD)
    decided = matter.case.duties[0].decided
    assert decided is not None
    assert (decided.contacted, decided.reference, decided.by, decided.at) == (True, "R1", HEAD, AT)
    done = "taken over" if body is Body.IMAGERY else "contacted"
    assert done in card_text(record(matter.case, matter.events, SCHOOL, HEAD))


# -- no way round ------------------------------------------------------------------------------------


def _close(matter: Matter) -> None:
    matter.do(do.Close(Outcome.MET, "x"), lead(matter.case))


def _form(matter: Matter) -> None:
    values = {"outcome": "no_further_action", "text": "x"}
    matter.do(parse(Action.CLOSE, values, matter.case, SCHOOL), lead(matter.case))


def _mistake_alone(matter: Matter) -> None:
    matter.do(do.Close(Outcome.MISTAKE, "x"), lead(matter.case))


def _mistake_twice(matter: Matter) -> None:
    _mistake_alone(matter)
    _mistake_alone(matter)


def _own_countersign(matter: Matter) -> None:
    _mistake_alone(matter)
    matter.do(do.Countersign("x"), lead(matter.case))


def _countersign_of_nothing(matter: Matter) -> None:
    matter.do(do.Countersign("x"), DSL)


def _stranger(matter: Matter) -> None:
    _mistake_alone(matter)
    matter.do(do.Countersign("x"), REPORTER)


def _corrected(matter: Matter) -> None:
    matter.do(do.Correct(report(QUESTION), ("x",), "x"), lead(matter.case))
    _close(matter)


def _completed(matter: Matter) -> None:
    matter.do(Complete(report(QUESTION)), REPORTER)
    _close(matter)


def _countersign_after_correction(matter: Matter) -> None:
    _mistake_alone(matter)
    matter.do(do.Correct(report(QUESTION), ("x",), "x"), lead(matter.case))
    matter.do(do.Countersign("x"), DSL)


PATHS = (
    _close,
    _form,
    _mistake_alone,
    _mistake_twice,
    _own_countersign,
    _countersign_of_nothing,
    _stranger,
    _corrected,
    _completed,
    _countersign_after_correction,
)


@BODIES
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.__name__.strip("_"))
@pytest.mark.feature("closing-asks-why")
def test_no_path_closes_a_case_that_owes(body: Body, path: Callable[[Matter], None]) -> None:
    """Each way to an end is tried while one thing is owed: the case is not closed."""
    matter = only(body)
    with pytest.raises(NotAllowed) if path not in (_mistake_alone, _mistake_twice) else _nothing():
        path(matter)
    assert matter.case.status is not Status.CLOSED
    assert body in {duty.body for duty in outstanding(matter.case)}


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.__name__.strip("_"))
@pytest.mark.feature("hold")
def test_no_path_closes_a_case_on_hold(path: Callable[[Matter], None]) -> None:
    """Nor while contact waits."""
    matter = taken(QUESTION)
    matter.case = replace(matter.case, hold="Set by hand.")
    with pytest.raises(NotAllowed) if path not in (_mistake_alone, _mistake_twice) else _nothing():
        path(matter)
    assert matter.case.status is not Status.CLOSED


class _nothing:  # noqa: N801 - stands where pytest.raises would
    """No error is expected."""

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


@BODIES
@pytest.mark.feature("outside-bodies-by-decision")
def test_recorded_it_can_be_closed(body: Body) -> None:
    """Once it is recorded, either way, the case ends as ever; the school's other duties stand elsewhere."""
    for contacted in (True, False):
        matter = only(body)
        matter.do(RECORDS[body](contacted=contacted, how="phone", when="2026-11-24", why="x"), HEAD)
        _close(matter)
        assert matter.case.status is Status.CLOSED


def test_a_mistake_takes_two() -> None:
    """Who leads says that it was a mistake, a second person who was told agrees: both are on record."""
    matter = taken(CHILD)
    matter.do(do.Close(Outcome.MISTAKE, "Invented: another school."), HEAD)
    card = templates.notice(matter.case, SCHOOL, DSL, AT)
    assert "A second person has to agree" in card_text(card)
    matter.do(do.Countersign("Invented: I rang them."), DSL)
    assert (matter.case.status, matter.case.outcome) == (Status.CLOSED, Outcome.MISTAKE)
    assert [(e.kind, e.by) for e in matter.events[-2:]] == [
        (EventKind.MISTAKE_SAID, HEAD),
        (EventKind.CLOSED, DSL),
    ]


def test_where_nobody_else_was_told_the_fallback_is_named() -> None:
    """Only one person knows of it: the school's contact outside is named, and the case stays open."""
    school = replace(SCHOOL, fallback_contact=Contact(name="Council", phone="01632 960099"))
    matter = taken(ABUSE, school=school)
    assert set(matter.case.holders.values()) == {HEAD}
    with pytest.raises(NotAllowed) as refused:
        matter.do(do.Close(Outcome.MISTAKE, "x"), HEAD)
    assert "Council: 01632 960099" in refused.value.message
    assert matter.case.status is Status.ACKNOWLEDGED


def test_a_closed_case_that_comes_to_owe_is_open_again() -> None:
    """The rest of a half-told report makes the school owe the LADO: it cannot stay closed."""
    matter = taken(QUESTION, unfinished=True)
    matter.do(do.Close(Outcome.MET, "x"), lead(matter.case))
    matter.do(Complete(report(OWES[Body.LADO])), REPORTER)
    assert matter.case.status is Status.OPEN
    assert Body.LADO in {duty.body for duty in outstanding(matter.case)}


# -- lifting a hold ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "contacted", "may"),
    [
        pytest.param(CHILD, (), ("dsl",), id="a child at risk"),
        pytest.param(CHILD, (Body.CHILDRENS_SERVICES,), ("dsl", "childrens_services"), id="they were rung"),
        pytest.param(OWES[Body.LADO], (), (), id="an allegation: nobody in school"),
        pytest.param(OWES[Body.LADO], (Body.LADO,), ("lado",), id="an allegation: the LADO was rung"),
        pytest.param(
            {**CHILD, "staff_allegation": ("staff",)},
            (Body.LADO, Body.CHILDRENS_SERVICES, Body.POLICE),
            ("lado", "police"),
            id="an allegation and a child: not children's services",
        ),
        pytest.param(THREAT, (), (), id="a threat: the decision on the police"),
    ],
)
def test_who_can_have_agreed(
    answers: dict[str, Answer], contacted: tuple[Body, ...], may: tuple[str, ...]
) -> None:
    """Who was told and protects, or a body on record as contacted; after S5 the LADO or the police."""
    matter = taken(answers)
    for body in contacted:
        matter.do(RECORDS[body](contacted=True, how="phone", when="2026-11-24", why="x"), HEAD)
    assert may_agree(matter.case) == may
    for who in ("dsl", "deputy_dsl", "headteacher", "lado", "childrens_services", "police"):
        command = do.ClearHold(who, "x")
        if who in may:
            continue
        with pytest.raises((NotAllowed, InvalidAnswer)):
            matter.do(parse(Action.CLEAR_HOLD, {"agreed": who, "text": "x"}, matter.case, SCHOOL), HEAD)
        with pytest.raises(NotAllowed):
            matter.do(command, HEAD)
    assert matter.case.hold


def test_who_put_it_on_hold_by_hand_may_lift_it() -> None:
    """A hold that no row asks for is the lead's own."""
    matter = taken(QUESTION)
    matter.do(do.Hold("x"), HEAD)
    assert may_agree(matter.case) == ("dsl", "headteacher")
    assert [o.value for o in form(Action.CLEAR_HOLD, matter.case, SCHOOL).fields[0].options] == [  # type: ignore[union-attr]
        "dsl",
        "headteacher",
    ]
    matter.do(do.ClearHold("headteacher", "x"), HEAD)
    assert not matter.case.hold


def test_an_affected_dsl_does_not_agree() -> None:
    """The DSL whom the posting is about has no say in it; their deputy may."""
    case = replace(taken(CHILD).case, affected=(DSL,))
    assert may_agree(case) == ()
    case = replace(case, holders={**case.holders, Seat.DEPUTY_DSL: DEPUTY_DSL})
    assert may_agree(case) == ("deputy_dsl",)


# -- what is owed leads ------------------------------------------------------------------------------


@pytest.mark.feature("why-me")
def test_what_is_owed_leads_card_notice_reminder_and_digest() -> None:
    """It is what is next, with its day, and its button is the first; the record says it too."""
    matter = taken(OWES[Body.LADO])
    for card in (
        templates.case_card(matter.case, SCHOOL, AT),
        templates.notice(matter.case, SCHOOL, HEAD, AT),
    ):
        asked = Heading(say("task.next", what=say("action.lado_within_1_working_day")))
        why = card.blocks[card.blocks.index(asked) + 1]
        assert isinstance(why, Small)
        assert why.text == "Safeguarding duty. By Wednesday 25 November."
        pressed = next(buttons_of(card))
        assert isinstance(pressed.intent, Act)
        assert (pressed.intent.action, pressed.style) == (Action.LADO, Style.PRIMARY)
    opened = row(matter.case, restricted=False)
    week = card_text(digest([opened], SCHOOL, AT, Week(week="2026-W48", due=AT)))
    assert "LADO · by Wednesday 25 November" in week
    assert "1 with contact on hold" in week
    assert "owed by Wednesday 25 November" in card_text(record(matter.case, matter.events, SCHOOL, HEAD))
    many = [replace(opened, reference=f"HPS-2026-{n:03}") for n in range(9)]
    assert "more" in card_text(digest(many, SCHOOL, AT, Week(week="2026-W48", due=AT)))
