"""Care: support is offered, put on record, and somebody looks in again on the day that was said."""

from __future__ import annotations

import datetime as dt

import pytest
from msgspec.structs import replace

from flows.case import access
from flows.case.actions import table as do
from flows.case.checklist.tasks import next_step, recordable, still_open, tasks
from flows.case.forms import parse
from flows.case.summary import summary
from flows.errors import InvalidAnswer, NotAllowed
from flows.messages import lists, templates
from flows.messages.record import record
from flows.model import Action, Became, Case
from flows.ui.cards import Mark
from flows.ui.forms import Value
from flows.ui.plain_text import card_text
from tests.flows.matter import ABUSE, AT, DSL, HEAD, QUESTION, SCHOOL, Matter, row

PERSON, CHILD_TOO, SELF = "support_person_affected", "support_child_affected", "support_for_reporter"
ABOUT_ME = {**ABUSE, "reporter_link": ("is_target",)}
PHONE = SCHOOL.support[0].phone
OFFERED: dict[str, Value] = {"how": "phone", "when": "2026-11-24", "text": "Invented words."}


def cared(again: str, which: str = PERSON, answers: dict[str, object] = ABUSE) -> Matter:  # type: ignore[assignment]
    """Return a case in which somebody was offered support."""
    matter = Matter(answers)  # type: ignore[arg-type]
    matter.do(do.TakeOn(), HEAD)
    matter.do(do.RecordCare(which, "phone", "2026-11-24", again, "Invented words."), HEAD)
    return matter


def line(case: Case, which: str = PERSON) -> list[tuple[Mark, dt.date | None]]:
    """Return how the lines of one offer stand."""
    return [(task.mark, task.due) for task in tasks(case) if task.name == which]


@pytest.mark.feature("care")
@pytest.mark.parametrize(
    ("again", "day"),
    [("no", None), ("day", "2026-11-25"), ("week", "2026-12-01"), ("fortnight", "2026-12-08")],
)
def test_contact_is_recorded_and_the_next_look_has_a_day(again: str, day: str | None) -> None:
    """Done, by whom; and where somebody is to be asked again, a line of its own with its day."""
    matter = cared(again)
    due = dt.date.fromisoformat(day) if day else None
    assert matter.case.tasks[PERSON].became is Became.DONE
    assert line(matter.case) == [(Mark.DONE, None), *([(Mark.TO_DO, due)] if due else [])]
    said = card_text(templates.update(matter.case, matter.events[-1], SCHOOL, AT))
    assert ("asked again by" in said) is (due is not None)
    assert "Invented words." not in said
    assert "Invented words." in card_text(record(matter.case, matter.events, SCHOOL, HEAD))


def test_a_look_falls_on_a_weekday() -> None:
    """From a Friday *tomorrow* is the next weekday: nobody is asked how they are on a Saturday."""
    matter = Matter(ABUSE)
    matter.at = AT + dt.timedelta(days=3)
    matter.do(do.RecordCare(PERSON, "phone", "2026-11-27", "day", "x"), HEAD)
    assert matter.case.look_in == {PERSON: dt.date(2026, 11, 30)}


def test_looking_in_moves_the_day_or_ends_it() -> None:
    """Asked again, there is a new day; no need any more, and the line is gone."""
    matter = cared("day")
    matter.do(do.RecordCare(PERSON, "in_person", "2026-11-25", "week", "Better."), HEAD)
    assert matter.case.look_in == {PERSON: dt.date(2026, 12, 1)}
    matter.do(do.RecordCare(PERSON, "in_person", "2026-12-01", "no", "Well."), HEAD)
    assert matter.case.look_in == {}
    assert line(matter.case) == [(Mark.DONE, None)]


def test_a_look_does_not_keep_the_case_from_being_closed_and_is_said() -> None:
    """It is no duty: closing says that it is open; it can be the next step, and is in the digest's row."""
    case = cared("week").case
    look = "Ask the person the posting is about again how they are."
    assert look in still_open(case)
    assert PERSON not in [name for name in recordable(case) if recordable(case)[name] == look]
    found = [task for task in tasks(case) if task.due and task.action is Action.CARE]
    assert next_step(case, found, lambda _: True) == found[0]
    assert summary(case).asked == len(tasks(case))


def test_whom_it_is_about_is_not_asked_to_look_in_on_themselves() -> None:
    """A target who holds a seat reads whom they can ring; the line is for those who lead."""
    matter = Matter({**ABUSE, "targets": ("headteacher",)})
    assert HEAD in matter.case.affected
    lead = next(p for p in matter.case.holders.values() if p not in matter.case.affected)
    matter.do(do.RecordCare(PERSON, "phone", "2026-11-24", "week", "x"), lead)
    mine = card_text(templates.notice(matter.case, SCHOOL, HEAD, AT))
    assert PHONE in mine
    assert "Ask the person" not in mine
    assert not access.may_do(matter.case, HEAD, SCHOOL, Action.CARE)
    assert "Ask the person" in card_text(templates.notice(matter.case, SCHOOL, lead, AT))


@pytest.mark.feature("care")
def test_a_reporter_who_is_the_target_is_told_whom_to_ring() -> None:
    """On the receipt, while the case is open, and in their status; anybody by asking for it."""
    matter = Matter(ABOUT_ME)
    assert PHONE in card_text(templates.receipt(matter.case, SCHOOL, AT))
    assert PHONE in card_text(lists.status([row(matter.case)], None, SCHOOL))
    other = Matter(QUESTION)
    assert PHONE not in card_text(templates.receipt(other.case, SCHOOL, AT))
    assert PHONE not in card_text(lists.status([row(other.case)], None, SCHOOL))
    assert PHONE in card_text(lists.support_card(SCHOOL))
    none = replace(SCHOOL, support=())
    assert "school office" in card_text(lists.support_card(none))
    assert SELF in {task.name for task in tasks(matter.case)}


def test_the_record_has_the_numbers_where_somebody_is_to_be_supported() -> None:
    """Whoever offers support has them at hand."""
    for answers, there in ((ABUSE, True), (QUESTION, False)):
        matter = Matter(answers)
        assert (PHONE in card_text(record(matter.case, matter.events, SCHOOL, HEAD))) is there


def test_what_cannot_be_recorded_is_refused() -> None:
    """Nobody is to be supported, or it is not asked for; a form that lacks something comes back."""
    filled = {**OFFERED, "which": PERSON, "again": "no"}
    with pytest.raises(InvalidAnswer):
        parse(Action.CARE, filled, Matter(QUESTION).case, SCHOOL)
    for by, which in ((HEAD, CHILD_TOO), (None, PERSON)):
        with pytest.raises(NotAllowed):
            Matter(ABUSE).do(do.RecordCare(which, "phone", "2026-11-24", "no", "x"), by)
    case = Matter(ABUSE).case
    with pytest.raises(InvalidAnswer):
        parse(Action.CARE, {**OFFERED, "which": PERSON}, case, SCHOOL)
    assert parse(Action.CARE, filled, case, SCHOOL)


def test_a_pupil_is_supported_through_whoever_is_told() -> None:
    """Of a case about a pupil the offer is the pupil's, and the DSL who is told may record it."""
    matter = Matter({**ABUSE, "targets": ("pupil",)})
    assert access.may_do(matter.case, DSL, SCHOOL, Action.CARE)
    matter.do(do.RecordCare(CHILD_TOO, "in_person", "2026-11-24", "week", "x"), DSL)
    assert matter.case.tasks[CHILD_TOO].by == DSL
    assert matter.case.look_in == {CHILD_TOO: dt.date(2026, 12, 1)}
