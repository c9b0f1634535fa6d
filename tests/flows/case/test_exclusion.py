"""An exclusion is a record of its own: answers make one and never end one; who leads the case does."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from flows.case import access
from flows.case.actions import table as do
from flows.case.actions.amendments import Complete
from flows.case.forms import form, parse
from flows.delivery.outbox import recipients
from flows.errors import InvalidAnswer, NotAllowed
from flows.messages.phrases import event_line
from flows.messages.record import record
from flows.model import Action, Answer, AuditKind, EventKind, Excluded, Named, Source, Status
from flows.school import PersonId, Seat
from flows.ui.forms import Choice
from flows.ui.plain_text import card_text
from tests.flows.matter import (
    ABUSE,
    AT,
    CHAIR,
    CHILD,
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


def amend(matter: Matter, **answers: Answer) -> do.Amend:
    """Return what the reporter's own form becomes, with these answers."""
    values = {**answers, "reason_for_correction": "Invented."}
    made = parse(Action.AMEND, values, matter.case, SCHOOL)
    assert isinstance(made, do.Amend)
    return made


@pytest.mark.parametrize(
    ("answers", "named", "person", "reason", "source"),
    [
        ({"poster": ("headteacher",)}, {}, HEAD, "poster", "answers"),
        ({"staff_allegation": ("headteacher",)}, {}, HEAD, "accused", "answers"),
        ({"keep_from": ("dsl",)}, {}, DSL, "kept_out", "reporter"),
        ({}, {"kept_out": (CHAIR,)}, CHAIR, "kept_out", "reporter"),
    ],
)
def test_what_a_report_excludes_is_on_the_case(
    answers: dict[str, Answer],
    named: dict[str, tuple[PersonId, ...]],
    person: PersonId,
    reason: str,
    source: str,
) -> None:
    """Who, why, when and by what is kept with the case."""
    made = Matter({**ABUSE, **answers}, named=Named(**named)).case.recused[person]
    assert (made.why, made.source, made.at, made.by) == (reason, source, AT, None)


def test_what_somebody_says_of_themselves_is_on_the_case() -> None:
    """A conflict that is declared is kept with who declared it and their words."""
    matter = Matter(ABUSE)
    matter.do(do.HaveConflict("my cousin"), HEAD)
    made = matter.case.recused[HEAD]
    assert (made.why, made.source, made.by, made.words) == ("conflict", "declared", HEAD, "my cousin")


@pytest.mark.parametrize(
    "answers",
    [
        {"poster": ("headteacher",)},
        {"staff_allegation": ("headteacher",)},
        {"keep_from": ("headteacher",)},
        {"staff_allegation": ("not_sure",), "targets": ("headteacher",)},
    ],
)
@pytest.mark.parametrize("by", [REPORTER, CHAIR, DSL])
def test_answers_never_end_one(answers: dict[str, Answer], by: PersonId) -> None:
    """Whoever takes the answer back, and however: who was out stays out, and is told nothing."""
    matter = Matter({**ABUSE, **answers})
    before = matter.case.recused
    gone = tuple(answers)
    matter.do(do.Correct(report(ABUSE), gone, "x"), by)
    assert matter.case.recused == before
    matter.do(Complete(report(ABUSE)), by)
    assert matter.case.recused == before
    assert matter.reads(HEAD) == set()
    assert not any(access.may_do(matter.case, HEAD, SCHOOL, action) for action in Action)


def test_one_that_a_leader_finds_out_is_a_leaders() -> None:
    """Corrected by the Chair: the exclusion says so; by the reporter: that it is the answers'."""
    found = {**ABUSE, "poster": ("headteacher",)}
    for by, source in ((CHAIR, Source.LEADER), (REPORTER, Source.ANSWERS)):
        matter = Matter(ABUSE)
        matter.do(do.Correct(report(found), ("poster",), "x"), by)
        made = matter.case.recused[HEAD]
        assert (made.source, made.by) == (source, by)


def test_the_lead_lifts_it_with_a_reason() -> None:
    """Brought in, they are told as if they had never been out, and the same answers do not undo it."""
    matter = Matter({**ABUSE, "poster": ("headteacher",)})
    assert recipients(matter.case) == (CHAIR,)
    matter.do(do.BringIn(HEAD, "It was another Headteacher."), CHAIR)
    assert matter.case.recused == {}
    assert set(recipients(matter.case)) == {HEAD, CHAIR}
    assert matter.case.lead is Seat.CHAIR
    assert matter.reads(HEAD)
    event = next(e for e in matter.events if e.kind is EventKind.BROUGHT_IN)
    assert (event.facts, event.words) == ({"who": (HEAD,)}, "It was another Headteacher.")
    matter.do(
        do.Correct(report({**matter.case.report.answers, "violence": "yes"}), ("violence",), "x"), CHAIR
    )
    assert matter.case.recused == {}, "nothing new speaks against them"
    matter.do(do.Correct(report({**THREAT, "staff_allegation": ("headteacher",)}), ("targets",), "x"), CHAIR)
    assert why(matter.case) == {HEAD: Excluded.ACCUSED}, "something new does"


def test_who_is_brought_in_and_is_not_asked_for_is_told_nothing() -> None:
    """An exclusion of somebody whom the policy would not tell ends, and that is all."""
    matter = Matter({**ABUSE, "keep_from": ("vice_chair",)})
    matter.do(do.BringIn(VICE, "x"), HEAD)
    assert matter.case.recused == {}
    assert matter.reads(VICE) == set()


def test_the_conflict_of_the_first_lead_ends() -> None:
    """Whoever leads by the policy leads again once the Chair has brought them in; the clock starts."""
    matter = Matter(THREAT)
    matter.do(do.HaveConflict("x"), HEAD)
    change = matter.do(do.BringIn(HEAD, "x"), CHAIR)
    assert (matter.case.lead, matter.case.holders[Seat.HEADTEACHER]) == (Seat.HEADTEACHER, HEAD)
    assert [event.kind for event in change.events] == [EventKind.BROUGHT_IN, EventKind.HANDED_ON]
    assert asking(change.timers)


def test_the_excluded_never_lift_it() -> None:
    """Nobody who is out may lift anything; nor may anybody who does not lead."""
    case = Matter({**CHILD, "keep_from": ("headteacher",)}).case
    may = {p for p in SCHOOL.people if access.may_do(case, p, SCHOOL, Action.BRING_IN)}
    assert may == {CHAIR}
    assert may == {p for p in SCHOOL.people if access.may_do(case, p, SCHOOL, Action.KEEP_OUT)}


@pytest.mark.parametrize("taken_on", [False, True])
def test_the_lead_keeps_somebody_out_at_any_time(taken_on: bool) -> None:  # noqa: FBT001 - a table
    """Named by the lead: off the case at once, what they were told emptied and on record, nameless."""
    matter = Matter(CHILD)
    if taken_on:
        matter.do(do.TakeOn(), HEAD)
    assert matter.reads(DSL)
    change = matter.do(do.KeepOut(DSL, "Close to the family."), HEAD)
    made = matter.case.recused[DSL]
    assert (made.why, made.source, made.by, made.words) == (
        Excluded.KEPT_OUT,
        Source.LEADER,
        HEAD,
        "Close to the family.",
    )
    assert matter.reads(DSL) == set()
    assert matter.stands("leadership") == set(), "they may read there"
    assert AuditKind.ALREADY_TOLD in {entry.kind for entry in change.audit}
    assert DSL not in recipients(matter.case)
    assert (matter.case.owner, matter.case.status) == (
        (HEAD, Status.ACKNOWLEDGED) if taken_on else (None, Status.OPEN)
    )
    line = event_line(matter.case, matter.events[-1], SCHOOL)
    assert "Cam" not in line
    assert "Cam" in card_text(record(matter.case, matter.events, SCHOOL, HEAD))


def test_the_owner_is_kept_out() -> None:
    """Whoever had taken it on gives it back, and it is told anew."""
    matter = Matter(THREAT)
    matter.do(do.TakeOn(), HEAD)
    change = matter.do(do.KeepOut(HEAD, "x"), HEAD)
    assert (matter.case.owner, matter.case.status, matter.case.lead) == (None, Status.OPEN, Seat.CHAIR)
    assert asking(change.timers)


def test_whom_it_can_be() -> None:
    """One form names everybody who is not out, the other those who are, with the reason."""
    case = Matter({**ABUSE, "keep_from": ("dsl",)}).case
    gone = PersonId("left")
    case = replace(case, recused={**case.recused, gone: case.recused[DSL]})
    whom, back = (form(action, case, SCHOOL).fields[0] for action in (Action.KEEP_OUT, Action.BRING_IN))
    assert isinstance(whom, Choice)
    assert isinstance(back, Choice)
    assert {option.value for option in whom.options} == set(SCHOOL.people) - {DSL}
    assert SCHOOL.seats_of(PersonId(whom.options[0].value))
    assert {option.value for option in back.options} == {DSL, gone}
    assert all("kept out" in option.label for option in back.options)
    for action, field in ((Action.KEEP_OUT, DSL), (Action.BRING_IN, HEAD)):
        with pytest.raises(InvalidAnswer):
            parse(action, {"who": field, "text": "x"}, case, SCHOOL)


def test_nobody_to_bring_in() -> None:
    """Where nobody is out, an older button is answered so."""
    with pytest.raises(NotAllowed) as refused:
        form(Action.BRING_IN, Matter(QUESTION).case, SCHOOL)
    assert refused.value.reference == "nobody-out"


@pytest.mark.parametrize(
    ("answers", "apart"),
    [
        ({"staff_allegation": ("staff",)}, True),
        ({"staff_allegation": ("not_sure",)}, True),
        ({"staff_allegation": ("governor",)}, True),
        ({"poster": ("staff",)}, True),
        ({"poster": ("governor",)}, True),
        ({"poster": ("staff",), "child_at_risk": "yes"}, True),
        ({"poster": ("staff",), "did": ("shared",), "stance": "condemns_or_corrects"}, False),
        ({"child_at_risk": "yes"}, False),
        ({}, False),
    ],
)
def test_what_never_stands_in_the_leadership_channel(answers: dict[str, Answer], apart: bool) -> None:  # noqa: FBT001 - a table
    """An allegation, or the conduct of somebody in school: whoever it is may read there, named or not."""
    matter = Matter({**ABUSE, **answers})
    assert matter.case.restricted is apart
    assert bool(matter.stands("leadership")) is not apart
    later = Matter(ABUSE)
    later.do(do.Correct(report({**ABUSE, **answers}), tuple(answers), "x"), HEAD)
    assert later.case.restricted is apart
    assert bool(later.stands("leadership")) is not apart


# -- the reporter's own answers ----------------------------------------------------------------------


def test_a_reporter_sees_what_they_answered_and_nothing_else() -> None:
    """Their form has their own answers, as they gave them, whatever leaders have corrected since."""
    matter = Matter(ABUSE)
    matter.do(
        do.Correct(report({**ABUSE, "violence": "yes", "nature": ("abusive",)}), ("nature", "violence"), "x"),
        HEAD,
    )
    held = {f.name: f for f in form(Action.AMEND, matter.case, SCHOOL).fields}
    assert set(held) == {*ABUSE, "reason_for_correction"}
    assert held["nature"].value == ABUSE["nature"]  # type: ignore[union-attr]


def test_what_a_reporter_mends_stands_beside_a_leaders_correction() -> None:
    """What no leader touched becomes the answer; what one corrected stays, and both are on record."""
    matter = Matter(ABUSE)
    matter.do(do.Correct(report({**ABUSE, "nature": ("abusive",)}), ("nature",), "x"), HEAD)
    change = matter.do(amend(matter, nature=("genuine_concern",), targets=("pupil",)), REPORTER)
    assert matter.case.report.answers == {**ABUSE, "nature": ("abusive",), "targets": ("pupil",)}
    assert matter.case.said == {"nature": ("genuine_concern",), "targets": ("pupil",)}
    assert change.events[0].kind is EventKind.AMENDED
    assert change.events[0].facts == {"answers": ("nature", "targets")}
    again = {f.name: f.value for f in form(Action.AMEND, matter.case, SCHOOL).fields[:-1]}  # type: ignore[union-attr]
    assert again == {"nature": ("genuine_concern",), "targets": ("pupil",)}


def test_a_report_finished_later_does_not_undo_a_correction() -> None:
    """What a leader corrected in half a report stays corrected when its reporter finishes it."""
    half: dict[str, Answer] = {"immediate_danger": "yes", "staff_allegation": ()}
    matter = Matter(half, unfinished=True)
    accused = {**half, "staff_allegation": ("headteacher",)}
    matter.do(do.Correct(report(accused, unfinished=True), ("staff_allegation",), "x"), CHAIR)
    matter.do(Complete(report({**half, **ABUSE})), HEAD)
    assert matter.case.report.answers["staff_allegation"] == ("headteacher",)
    assert matter.case.report.answers["nature"] == ABUSE["nature"]
    assert why(matter.case) == {HEAD: Excluded.ACCUSED}


def test_who_waits_to_be_cleared_does_not_clear_themselves() -> None:
    """A Headteacher's own half-told report keeps them out; finishing it lets in others, never themselves."""
    for by, out in ((HEAD, {HEAD: Excluded.NOT_CLEARED}), (REPORTER, {})):
        matter = Matter({"immediate_danger": "yes"}, unfinished=True)
        matter.do(Complete(report({"immediate_danger": "yes", "staff_allegation": ()})), by)
        assert why(matter.case) == out


def test_of_an_older_case_nothing_is_shown() -> None:
    """What its reporter had answered is not known any more: the form asks everything and holds nothing."""
    matter = Matter(QUESTION)
    matter.case = replace(matter.case, said={})
    fields = form(Action.AMEND, matter.case, SCHOOL).fields
    assert {f.value or () for f in fields} == {()}  # type: ignore[union-attr]
    assert len(fields) > len(QUESTION) + 1
    matter.do(amend(matter, targets=("staff",)), REPORTER)
    assert matter.case.report.answers["targets"] == ("staff",)
