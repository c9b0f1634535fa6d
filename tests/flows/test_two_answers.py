"""Of two answers the graver stands and is asked again; a yes to a safety question is never dropped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.intake.answers import options_of, read
from flows.intake.settled import settle
from flows.intake.two_answers import ABOUT_SAFETY, from_older_page, graver, says_unsafe
from flows.intake.typed import TypedAnswer
from flows.model import Answer, Draft
from flows.questions.table import QUESTIONS, YES
from flows.ui.forms import Choice, Value
from flows.ui.inbound import Surface
from tests.flows.talking import PLAIN, SCHOOL, answer, by_pages, fields, new, see, type_

HERE, THERE = Surface.MESSAGE, Surface.MODAL
CHOICES = [name for name, question in QUESTIONS.items() if not question.text]


@pytest.mark.parametrize(
    ("name", "one", "other", "stands"),
    [
        ("immediate_danger", "no", "yes", "yes"),
        ("immediate_danger", "not_sure", "no", "not_sure"),
        ("violence", "not_sure", "yes", "yes"),
        ("still_online", "removed", "not_sure", "not_sure"),
        ("stance", "condemns_or_corrects", "repeats_or_agrees", "repeats_or_agrees"),
        ("evidence", "none", "saved", "saved"),
        ("replied", "no", "colleague", "colleague"),
        ("keep_name_private", "no", "yes", "yes"),
        ("targets", ("school",), ("headteacher",), ("school", "headteacher")),
        ("targets", ("none",), ("pupil",), ("pupil",)),
        ("staff_allegation", (), ("staff",), ("staff",)),
        ("nature", ("none_of_these",), ("abusive",), ("abusive",)),
        ("safety", ("none_of_these",), ("violence",), ("violence",)),
        ("safety", ("none_of_these",), ("not_sure",), ("not_sure",)),
        ("safety", ("not_sure",), ("violence",), ("child_at_risk", "violence")),
        ("poster_is", ("ash",), ("cam",), ("ash", "cam")),
        ("poster_is", ("rather_not_say",), ("cam",), ("cam",)),
        ("keep_from", (), (), ()),
    ],
)
def test_the_graver_of_two_answers(name: str, one: Answer, other: Answer, stands: Answer) -> None:
    """Yes before not sure before no; of several ticks all count; whichever came first."""
    assert graver(QUESTIONS[name], one, other) == stands
    assert graver(QUESTIONS[name], other, one) == stands


@given(st.data())
def test_a_yes_outlives_any_other_answer(pick: st.DataObject) -> None:
    """Whatever a second page says, nothing about safety is answered more lightly than before."""
    name = pick.draw(st.sampled_from([n for n in CHOICES if n in ABOUT_SAFETY]))
    question = QUESTIONS[name]
    offered = [option.value for option in options_of(question, SCHOOL)]
    one, other = (pick.draw(st.sampled_from(offered)) for _ in "ab")
    answers = [read(question, (v,) if question.many else v, SCHOOL) for v in (one, other)]
    assert None not in answers
    stands = graver(question, *answers)  # type: ignore[arg-type]
    if question.many:
        assert {one, other} - {*question.alone} <= {*stands}
    else:
        assert stands in YES or {one, other}.isdisjoint(YES)


# -- an older page -----------------------------------------------------------------------------------


def _older(draft: Draft, page: str, values: dict[str, Value], drawn: int) -> Draft:
    older = from_older_page(draft, values, SCHOOL, drawn=drawn, known=drawn)
    return answer(draft, page, older.values, two=older.two).draft


def test_what_nobody_else_changed_is_taken_from_an_older_page() -> None:
    """Something else has happened to the report since; the answer on the page is the newest one there is."""
    draft = new()
    later = answer(draft, "danger", {}).draft
    assert later.revision > draft.revision
    assert _older(later, "danger", {"immediate_danger": "yes"}, draft.revision).answers == {
        "immediate_danger": "yes"
    }


@pytest.mark.parametrize(("first", "second"), [("no", "yes"), ("yes", "no"), ("not_sure", "yes")])
def test_of_two_answers_the_graver_stands_and_is_asked_again(first: str, second: str) -> None:
    """Yes wins whichever came first; the page says why it comes back; one more answer is the last word."""
    draft = answer(new(), "danger", {"immediate_danger": first, "works_here": "no"}).draft
    both = _older(draft, "danger", {"immediate_danger": second}, 0)
    assert both.answers["immediate_danger"] == "yes"
    assert both.again == ("immediate_danger",)
    assert not settle(both.answers, both.again).complete
    form = see(both)
    assert (form.id, form.cursor) == ("report.danger", "immediate_danger")
    asked = fields(form)["immediate_danger"]
    assert isinstance(asked, Choice)
    assert "the more serious one stands: Yes" in asked.error
    meant = answer(both, "danger", {"immediate_danger": "no"}).draft
    assert (meant.answers["immediate_danger"], meant.again) == ("no", ())


def test_the_same_answer_twice_is_one_answer() -> None:
    """A page pressed twice asks nothing again, and what it leaves blank takes nothing away."""
    draft = answer(new(), "danger", {"immediate_danger": "no"}).draft
    assert _older(draft, "danger", {"immediate_danger": "no"}, 0).again == ()
    assert _older(draft, "danger", {"immediate_danger": ""}, 0).answers == draft.answers


def test_words_of_an_older_page_are_added() -> None:
    """A text that changed meanwhile is not written over; what is new in the older one is kept."""
    draft, _ = by_pages({**PLAIN, "account_name": "one"})
    older = from_older_page(draft, {"account_name": "two", "audience": ("a", "b")}, SCHOOL, drawn=0, known=0)
    assert (older.values, older.two) == ({}, ())
    assert older.words == "two\na\nb"


def test_what_is_not_offered_is_refused_from_an_older_page_too() -> None:
    """It is no answer, so it stands against none."""
    draft = answer(new(), "danger", {"immediate_danger": "no"}).draft
    older = from_older_page(draft, {"immediate_danger": "<b>", "files": "x"}, SCHOOL, drawn=0, known=0)
    assert older.values == {"immediate_danger": "<b>", "files": "x"}
    assert set(answer(draft, "danger", older.values).errors) == {"immediate_danger"}


def test_a_page_that_was_mended_may_change_what_it_said_itself() -> None:
    """What only this window has changed is its own to change; about safety it is asked again all the same."""
    draft = answer(new(), "danger", {"immediate_danger": "yes", "works_here": "no"}).draft
    draft = answer(draft, "safety", {"safety": ("none_of_these",)}).draft
    drawn = draft.revision
    draft = answer(draft, "about", {"targets": ("school",), "staff_allegation": ("staff", "nobody")}).draft
    values: dict[str, Value] = {"targets": ("headteacher",), "staff_allegation": ("staff",)}
    own = from_older_page(draft, values, SCHOOL, drawn=drawn, known=draft.revision)
    assert (own.values, own.two) == (values, ())
    danger: dict[str, Value] = {"immediate_danger": "no", "works_here": "yes"}
    lighter = from_older_page(draft, danger, SCHOOL, drawn=0, known=draft.revision)
    assert (lighter.values["immediate_danger"], lighter.two) == ("yes", ("immediate_danger",))


@pytest.mark.parametrize(
    ("values", "unsafe"),
    [
        ({"immediate_danger": "yes"}, True),
        ({"violence": "not_sure"}, True),
        ({"safety": ("racist",)}, True),
        ({"staff_allegation": ("headteacher",)}, True),
        ({"immediate_danger": "no", "safety": ("none_of_these",), "staff_allegation": ("nobody",)}, False),
        ({"safety": ("none_of_these",), "violence": "yes"}, False),
        ({"words": "hello"}, False),
    ],
)
def test_which_page_says_that_somebody_may_not_be_safe(values: dict[str, Value], unsafe: bool) -> None:  # noqa: FBT001 - a table's column
    """Danger, a tick on the list, or an allegation."""
    assert says_unsafe(values) is unsafe


# -- typed -------------------------------------------------------------------------------------------


def _typed(draft: Draft, text: str) -> TypedAnswer:
    read_as = type_(draft, text, HERE)
    assert isinstance(read_as, TypedAnswer)
    return read_as


def _answered_elsewhere(said: str) -> Draft:
    """Return a report whose first question stands in the chat and was answered in a window."""
    typed = _typed(new(), "I saw something on a page")
    return answer(
        typed.state.draft, "danger", {"immediate_danger": said, "works_here": "no"}, surface=THERE
    ).draft


def test_a_yes_typed_where_another_answer_was_given_meanwhile_stands() -> None:
    """The question stood in the chat; the window said no; yes typed to it is not thrown away."""
    both = _typed(_answered_elsewhere("no"), "yes")
    assert both.state.draft.answers["immediate_danger"] == "yes"
    assert "more serious one stands: Yes" in both.note
    assert see(both.state.draft).cursor == "immediate_danger"
    kept = _typed(both.state.draft, "keep").state.draft
    assert (kept.answers["immediate_danger"], kept.again) == ("yes", ())


def test_the_same_typed_twice_moves_on() -> None:
    """What is typed to an answered question and says the same, or nothing clear, changes nothing."""
    for text in ("no", "hm"):
        after = _typed(_answered_elsewhere("no"), text)
        assert "already" in after.note
        assert after.state.draft.again == ()


def test_ticks_that_cannot_stand_together_are_no_second_answer() -> None:
    """They would be refused as a first one."""
    here = _typed(new(), "no").state.draft
    there = answer(here, "safety", {"safety": ("none_of_these",)}, surface=THERE).draft
    assert "already" in _typed(there, "2 and 8").note
    assert _typed(there, "2").state.draft.again == ("safety",)
