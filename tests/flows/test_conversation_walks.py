"""Random walks through a report: answering, typing, going back, changing, in any order."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.intake import typed
from flows.intake.answers import clean, options_of
from flows.intake.settled import settle
from flows.model import Draft
from flows.questions.table import CHECK, PAGES, QUESTIONS, ROWS, forward_looks
from flows.ui.forms import Choice, FileField, Form, Many, Value
from flows.ui.inbound import Surface
from tests.flows.talking import (
    PLAIN,
    SCHOOL,
    answer,
    at_check,
    back,
    by_pages,
    finish,
    goto,
    new,
    place,
    see,
    type_,
    wanted,
    with_words,
)
from tests.often import often

TOLD: list[dict[str, Value]] = [
    {},
    {"immediate_danger": "yes", "works_here": "no"},
    {"sexual_imagery_child": "not_sure", "targets": ("pupil", "staff")},
    {"nature": ("genuine_concern",), "targets": ("parent_or_other_adult",)},
    {"poster": ("unknown",), "words": "he hit her, a bomb", "flag_violence": "yes"},
    {"did": ("shared",), "stance": "repeats_or_agrees", "child_at_risk": "yes"},
]
_WORDS = st.text(alphabet=string.ascii_letters + " \n🔥\u202e\x00<>&*_", max_size=60)


def _filled(form: Form, pick: st.DataObject) -> dict[str, Value]:
    """Return any valid way to fill a page in."""
    values: dict[str, Value] = {}
    for field in form.fields:
        match field:
            case Choice(name=name, options=options):
                values[name] = pick.draw(st.sampled_from([o.value for o in options]))
            case Many(name=name, options=options, alone=alone):
                free = [o.value for o in options if o.value not in alone]
                several = st.lists(st.sampled_from(free), min_size=1, unique=True).map(tuple)
                single = st.sampled_from([(one,) for one in alone]) if alone else several
                values[name] = pick.draw(several | single)
            case FileField():
                continue
            case _:
                values[field.name] = field.value or pick.draw(_WORDS)
    return values


def _finish(draft: Draft, pick: st.DataObject) -> tuple[Draft, list[str]]:
    """Answer whatever is asked until the check page; return the pages in the order they came."""
    came: list[str] = []
    for _ in range(30):
        form = see(draft, surface=Surface.MODAL)
        came.append(form.id.removeprefix("report."))
        if at_check(form):
            return draft, came
        answered = answer(draft, came[-1], _filled(form, pick))
        assert not answered.errors
        draft = answered.draft
    raise AssertionError("it never ended")


def _lead_through(pick: st.DataObject) -> None:
    draft, came = _finish(new(), pick)
    assert settle(draft.answers).complete
    pages = settle(draft.answers).pages
    assert len(pages) <= 10
    assert list(dict.fromkeys(came)) == list(pages)
    imagery = draft.answers.get("sexual_imagery_child") in ("yes", "not_sure")
    fair = draft.answers.get("nature") == ("genuine_concern",)
    assert len(pages) == (5 if imagery else 7 if fair else 10)
    assert settle(draft.answers).standing == draft.answers
    sent = finish(draft)
    assert set(sent.answers) <= {n for n, q in QUESTIONS.items() if q.policy} | {"text_flags"}


@settings(max_examples=60)
@given(st.data())
@pytest.mark.unwatched
def test_every_report_ends_within_its_pages(pick: st.DataObject) -> None:
    """Whatever is answered: the check comes, in 5, 7 or 10 pages, and no page comes twice for long."""
    _lead_through(pick)


def _step(draft: Draft, pick: st.DataObject, said: list[str]) -> Draft:
    """Take one step of any kind; remember words that must not be lost."""
    surface = pick.draw(st.sampled_from(Surface))
    match pick.draw(st.sampled_from(["page", "page", "type", "number", "back", "goto", "words"])):
        case "page":
            form = see(draft, surface=surface)
            page = form.id.removeprefix("report.")
            if page == CHECK:
                return draft
            filled = _filled(form, pick)
            filled.pop("words", None)
            return answer(draft, page, filled).draft
        case "type":
            words = "sentence " + " ".join(
                pick.draw(st.lists(st.sampled_from(["kill", "it", "zebra"]), min_size=3))
            )
            page, name = place(draft, surface)
            result = type_(draft, words, surface=surface)
            assert isinstance(result, typed.TypedAnswer)
            if page == CHECK or not QUESTIONS[name].text or name == "words":
                said.append(words)
            return result.state.draft
        case "number":
            _, name = place(draft, surface)
            most = len(options_of(QUESTIONS[name], SCHOOL)) if name and not QUESTIONS[name].text else 3
            number = str(pick.draw(st.integers(1, max(most, 1))))
            result = type_(draft, number, surface=surface)
            return result.state.draft if isinstance(result, typed.TypedAnswer) else draft
        case "back":
            return back(draft, surface)[0]
        case "goto":
            return goto(draft, pick.draw(st.sampled_from((*PAGES, CHECK))), surface)
        case _:
            said.append("said aloud")
            return with_words(draft, "said aloud")


def _wander(pick: st.DataObject) -> None:
    draft, said = new("came along"), ["came along"]
    for _ in range(pick.draw(st.integers(1, 25))):
        after = _step(draft, pick, said)
        assert after.version == draft.version
        assert settle(after.answers).standing == after.answers
        for surface in Surface:
            assert see(after, surface=surface).title
        draft = after
    draft, _ = _finish(goto(goto(draft, "", Surface.MODAL), "", Surface.MESSAGE), pick)
    kept = finish(draft).posting.words
    assert all(clean(words) in kept for words in said)


@settings(max_examples=30)
@given(st.data())
@pytest.mark.unwatched
def test_wandering_loses_nothing_and_ends(pick: st.DataObject) -> None:
    """Answering, typing, going back, changing on two surfaces: no word is lost, and it can be ended."""
    _wander(pick)


@settings(max_examples=40)
@given(st.permutations([page for page in PAGES if page not in ("hand_over", "last")]), st.sampled_from(TOLD))
@pytest.mark.unwatched
def test_pages_in_any_order_end_in_the_same_report(order: list[str], answers: dict[str, Value]) -> None:
    """Filled in first or last, the answers are the same, and so is the report."""
    draft = new()
    for page in order:
        if page in settle(draft.answers).pages:
            filled = {**PLAIN, **answers, "safety": wanted("safety", answers)}
            draft = answer(draft, page, filled).draft
    assert finish(by_pages(answers, draft)[0]) == finish(by_pages(answers)[0])


@pytest.mark.soak
@settings(max_examples=often(1500))
@given(st.data())
def test_every_report_ends_long(pick: st.DataObject) -> None:
    """As above, many more."""
    _lead_through(pick)


@pytest.mark.soak
@settings(max_examples=often(1500))
@given(st.data())
def test_wandering_long(pick: st.DataObject) -> None:
    """As above, many more."""
    _wander(pick)


@settings(max_examples=100)
@given(st.text(max_size=200))
def test_any_text_at_all_can_be_typed(text: str) -> None:
    """Nothing typed raises, and a sentence is never thrown away."""
    result = type_(new(), text, surface=Surface.MESSAGE)
    assert isinstance(result, typed.TypedAnswer | typed.Misunderstood | typed.Wants)


def test_the_table_is_sound() -> None:
    """What makes all of the above hold: no question looks ahead."""
    assert not forward_looks(ROWS)
