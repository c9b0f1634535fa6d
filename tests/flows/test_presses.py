"""How long a report is: every tick and every button counted, as somebody walks through it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec import Struct

from flows.intake.answers import read
from flows.intake.settled import settle
from flows.model import Answer, Draft
from flows.questions.table import QUESTIONS, SAFETY_LIST
from flows.ui.cards import Style
from flows.ui.forms import Choice, Field, Form, Many, Shortcut, Value
from flows.ui.intents import SendReport
from flows.ui.shortcuts import encode, joined
from tests.flows.talking import (
    PLAIN,
    SCHOOL,
    answer,
    at_check,
    by_pages,
    finish,
    first_alert,
    new,
    see,
    wanted,
)

PAGE = Path(__file__).parents[2] / "docs" / "conversation.md"
RUDE: dict[str, Value] = {**PLAIN, "targets": ("staff",), "nature": ("abusive",), "evidence": "none"}
TOLD = "A mum wrote on Facebook that our teacher is a nasty cow. It is still up, and I took a screenshot."
DANGER: dict[str, Value] = {**RUDE, "immediate_danger": "yes", "child_at_risk": "yes", "targets": ("pupil",)}
IMAGE: dict[str, Value] = {**PLAIN, "sexual_imagery_child": "yes", "targets": ("pupil",)}
FAIR: dict[str, Value] = {**PLAIN, "nature": ("genuine_concern",)}


class Walk(Struct, frozen=True):
    """What a report took, with the press that begins it, and after which press the leaders were alerted."""

    pages: int
    presses: int
    draft: Draft
    alerted_after: int = 0


def walked(answers: Mapping[str, Value], words: str = "", *, sends_now: bool = False) -> Walk:
    """Walk through a report by the shortest way that says the same."""
    draft, presses, pages, alerted = new(words), 1, 0, 0
    for _ in range(20):
        form = see(draft)
        now = [b for b in form.buttons if isinstance(b.intent, SendReport)]
        if at_check(form) or (now and sends_now):
            return Walk(pages + at_check(form), presses + 1, draft, alerted)
        page = form.id.removeprefix("report.")
        filled, cost = _cheapest(form, answers)
        before = draft.answers
        came = answer(draft, page, filled)
        assert not came.errors, (page, came.errors)
        draft, presses = came.draft, presses + cost
        pages += not any(row.page == page and row.name in before for row in settle(before).rows)
        if not alerted and first_alert(draft):
            alerted = presses
    raise AssertionError("the report never ended")


def _cheapest(form: Form, answers: Mapping[str, Value]) -> tuple[dict[str, Value], int]:
    """Return a page filled in, and the presses that it took."""
    ways = [_way(form, answers, None)]
    ways += [_way(form, answers, one) for one in form.shortcuts if _says(one, answers)]
    return min(ways, key=lambda way: way[1])


def _says(one: Shortcut, answers: Mapping[str, Value]) -> bool:
    """Return whether a press answers as this person would."""
    return all(_held(value) == _held(wanted(name, answers)) for name, value in one.values.items())


def _way(form: Form, answers: Mapping[str, Value], press: Shortcut | None) -> tuple[dict[str, Value], int]:
    pressed = press.values if press else {}
    filled: dict[str, Value] = {}
    presses = 1
    for field in form.fields:
        if not isinstance(field, Choice | Many) or not _visible(field, filled):
            continue
        if field.name in pressed:
            assert not field.value
            continue
        said = wanted(field.name, answers)
        filled[field.name] = said
        presses += len(_held(said) ^ _held(field.value)) if isinstance(field, Many) else field.value != said
    return joined(filled, encode(press) if press else ""), presses


def _visible(field: Field, filled: Mapping[str, Value]) -> bool:
    return field.shown is None or bool(_held(filled.get(field.shown.field, ())) & {*field.shown.values})


def _held(value: Value) -> set[str]:
    return ({value} if value else set()) if isinstance(value, str) else {*value}


#: A report, what it may take in presses, and how it is walked.
GOALS: dict[str, tuple[int, Walk]] = {
    "a rude post": (20, walked(RUDE)),
    "told in words first": (12, walked({**RUDE, "evidence": "saved"}, TOLD)),
    "a picture of a child": (13, walked(IMAGE)),
    "a fair question": (13, walked(FAIR)),
    "danger, sent at once": (9, walked(DANGER, sends_now=True)),
}


@pytest.mark.parametrize("name", GOALS)
def test_no_report_takes_more_presses(name: str) -> None:
    """Ticks and buttons, the first press and *send* among them."""
    most, walk = GOALS[name]
    assert walk.presses <= most


def test_the_docs_say_how_many() -> None:
    """The table in docs/conversation.md holds what was counted."""
    page = PAGE.read_text("utf-8")
    assert f"| {' | '.join(GOALS)} |" in page
    assert f"| {' | '.join(f'{walk.pages} / {walk.presses}' for _, walk in GOALS.values())} |" in page


def test_the_alert_of_danger_is_out_after_the_second_press() -> None:
    """Report a posting; yes, now. Nothing else stands between."""
    assert GOALS["danger, sent at once"][1].alerted_after == 2


@pytest.mark.parametrize("answers", [RUDE, IMAGE, FAIR], ids=["rude", "imagery", "fair"])
def test_the_short_way_is_the_same_report(answers: dict[str, Value]) -> None:
    """Whoever takes the presses that save ticks has sent what somebody sends who ticks all of it."""
    assert finish(walked(answers).draft) == finish(by_pages(answers)[0])


# -- what a shortcut may do ---------------------------------------------------------------------------


def _shortcuts(answers: Mapping[str, Value]) -> list[tuple[str, Draft, Shortcut]]:
    """Return every shortcut that somebody with these answers meets, with the page and the draft."""
    met: list[tuple[str, Draft, Shortcut]] = []
    draft = new()
    while not at_check(form := see(draft)):
        page = form.id.removeprefix("report.")
        met += [(page, draft, one) for one in form.shortcuts]
        draft = answer(draft, page, _way(form, answers, None)[0]).draft
    return met


MET = [
    one for said in (RUDE, IMAGE, FAIR, DANGER, {**RUDE, "poster": ("unknown",)}) for one in _shortcuts(said)
]


@pytest.mark.parametrize(("page", "draft", "one"), MET)
def test_a_shortcut_answers_what_it_says_and_nothing_else(page: str, draft: Draft, one: Shortcut) -> None:
    """Each answer is one that can be ticked on that page; what it does not name stays open."""
    fields = {field.name: field for field in see(draft).fields}
    for name, value in one.values.items():
        assert read(QUESTIONS[name], value, SCHOOL) is not None
        assert name in fields
        assert name not in draft.answers
    after = answer(draft, page, one.values).draft
    given = {name for name in after.answers if name not in draft.answers}
    texts = {name for name in given if QUESTIONS[name].text}
    assert given - texts - {*SAFETY_LIST} <= {*one.values}


@pytest.mark.parametrize(("page", "draft", "one"), MET)
def test_a_shortcut_overrules_no_tick(page: str, draft: Draft, one: Shortcut) -> None:
    """Something else was ticked beside it: the page asks, and the tick is not lost."""
    beside: dict[str, Value] = {"targets": ("school",)} if page == "about" else {}
    for field in see(draft).fields:
        if not isinstance(field, Choice | Many) or field.name not in one.values:
            continue
        other = next(o.value for o in field.options if o.value not in _held(one.values[field.name]))
        ticked: Value = (other,) if isinstance(field, Many) else other
        came = answer(draft, page, joined({**beside, field.name: ticked}, encode(one)))
        assert field.name in came.errors
        assert field.name not in came.draft.answers


def test_none_is_offered_where_something_is_answered_or_understood() -> None:
    """What words tick is not pressed away, and an answer that stands is changed where it stands."""
    no = {"immediate_danger": "no"}
    understood = answer(new("it is racist"), "danger", no).draft
    assert see(understood).shortcuts == ()
    assert see(answer(new(), "danger", no).draft).shortcuts != ()
    assert see(answer(new(), "danger", no).draft, "danger").shortcuts == ()


def test_danger_stands_out() -> None:
    """The press that alerts the leaders looks like it."""
    assert [one.style for one in see(new()).shortcuts] == [Style.DANGER, Style.PLAIN]


def test_what_is_sent_at_once_waits_for_the_two_answers_that_tell_whom() -> None:
    """Only in danger, and once it is said whom it is about and whether somebody here is accused."""
    answers: dict[str, Answer] = {"immediate_danger": "yes", "works_here": "no"}
    draft = answer(new(), "danger", answers).draft
    assert not any(isinstance(b.intent, SendReport) for b in see(draft).buttons)
    calm = walked({**RUDE, "violence": "yes"}).draft
    for page in settle(calm.answers).asked:
        assert not any(isinstance(b.intent, SendReport) for b in see(calm, page).buttons)
