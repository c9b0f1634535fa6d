"""Whoever may be the one it is about is told nothing until the lead brings them in (policy page §2.11)."""

from __future__ import annotations

import pytest

from flows.case.actions import table as do
from flows.case.actions.amendments import Complete
from flows.delivery.outbox import recipients
from flows.intake.report import named
from flows.messages import templates
from flows.messages.record import record
from flows.model import Answer, Excluded, Named
from flows.school import PersonId, Seat
from flows.ui.plain_text import card_text
from flows.words import say
from tests.flows.matter import (
    ABUSE,
    AT,
    CHILD,
    DEPUTY_DSL,
    DSL,
    HEAD,
    REPORTER,
    SCHOOL,
    Matter,
    report,
    why,
)

ACCUSED: dict[str, Answer] = {**ABUSE, "staff_allegation": ("staff",)}
DSL_WAITS = say("action.bring_in_a_dsl")


def to_do(matter: Matter) -> str:
    """Return what the lead reads."""
    return card_text(templates.notice(matter.case, SCHOOL, HEAD, AT))


@pytest.mark.parametrize(
    "answers", [ACCUSED, {**ACCUSED, "child_at_risk": "yes"}, {**CHILD, "poster": ("staff",)}]
)
def test_the_lead_alone_is_told_and_brings_a_dsl_in_first(answers: dict[str, Answer]) -> None:
    """Both DSLs may be the one: it is the first thing to do; once one is in, it is not asked any more."""
    matter = Matter(answers)
    assert recipients(matter.case) == (HEAD,)
    assert matter.reads(DSL) == matter.reads(DEPUTY_DSL) == set()
    first = next(line for line in to_do(matter).splitlines() if line.startswith("○"))
    assert DSL_WAITS in first
    matter.do(do.BringIn(DSL, "It is a teaching assistant."), HEAD)
    assert matter.case.holders == {Seat.HEADTEACHER: HEAD, Seat.DSL: DSL}
    assert matter.reads(DSL)
    assert DSL_WAITS not in to_do(matter)
    assert why(matter.case)[DEPUTY_DSL] is Excluded.NOT_CLEARED, "one word for one person"


def test_somebody_else_clears_them() -> None:
    """Who says that it is nobody of these is believed: the DSL is told at once, and the record says so."""
    matter = Matter(ACCUSED, named=Named(someone_else=("accused",)))
    assert set(recipients(matter.case)) == {HEAD, DSL}
    assert DSL_WAITS not in to_do(matter)
    assert say("option.someone_else") in card_text(record(matter.case, matter.events, SCHOOL, HEAD))


def test_a_named_dsl_is_out_and_the_deputy_is_told() -> None:
    """Known is known: nobody else waits."""
    matter = Matter(ACCUSED, named=Named(accused=(DSL,)))
    assert set(recipients(matter.case)) == {HEAD, DEPUTY_DSL}
    assert why(matter.case) == {DSL: Excluded.ACCUSED}


def test_found_out_later_they_are_out_at_once() -> None:
    """A case that comes to accuse somebody unknown leaves whoever may be the one; brought in, they stay."""
    matter = Matter(CHILD)
    assert matter.reads(DSL)
    matter.do(do.Correct(report({**CHILD, **ACCUSED}), ("staff_allegation",), "x"), HEAD)
    assert matter.reads(DSL) == set()
    matter.do(do.BringIn(DSL, "x"), HEAD)
    matter.do(do.Correct(report({**CHILD, **ACCUSED, "violence": "yes"}), ("violence",), "x"), HEAD)
    assert matter.reads(DSL)


def test_a_report_finished_later_clears_only_whom_it_clears() -> None:
    """Half a report kept the Headteacher out; the rest lets them in, and nobody of whom it does not say."""
    half: dict[str, Answer] = {"immediate_danger": "yes", "text_flags": ("staff_allegation",)}
    matter = Matter(half, unfinished=True)
    assert {HEAD, DSL, DEPUTY_DSL} <= set(why(matter.case))
    matter.do(Complete(report({**half, **ACCUSED})), REPORTER)
    assert HEAD not in matter.case.recused
    assert {DSL, DEPUTY_DSL} <= set(why(matter.case))
    assert matter.reads(DSL) == set()
    assert matter.reads(HEAD)


@pytest.mark.parametrize(
    ("standing", "kept"),
    [
        ({"accused_is": ("someone_else",)}, Named(someone_else=("accused",))),
        ({"insider_is": ("someone_else",)}, Named(someone_else=("accused",))),
        ({"accused_is": ("rather_not_say",)}, Named()),
        ({"poster_is": ("cam", "someone_else")}, Named(poster=(PersonId("cam"),), someone_else=("poster",))),
        ({}, Named()),
    ],
)
def test_somebody_else_is_kept(standing: dict[str, Answer], kept: Named) -> None:
    """What the reporter said of who it is, and that it is nobody of these, is with the report."""
    assert named(standing) == kept
