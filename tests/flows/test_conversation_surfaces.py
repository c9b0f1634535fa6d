"""Two surfaces at once: typed words belong to what was last shown where they were typed."""

from __future__ import annotations

from flows.intake.typed import Misunderstood, TypedAnswer, Wants
from flows.model import Draft
from flows.ui.inbound import Surface
from tests.flows.talking import PLAIN, answer, by_pages, goto, new, see, type_

HERE = Surface.MESSAGE


def _read(draft: Draft, text: str) -> TypedAnswer | Misunderstood | Wants:
    return type_(draft, text, HERE)


def _type(draft: Draft, *texts: str) -> Draft:
    for text in texts:
        result = _read(draft, text)
        assert isinstance(result, TypedAnswer), (text, result)
        draft = result.state.draft
    return draft


def test_typed_words_belong_to_what_was_last_shown_here() -> None:
    """What was answered in a window meanwhile is not answered again, nor is a question nobody saw here."""
    here = _type(new(), "no")
    assert see(here).cursor == "safety"
    there = answer(here, "safety", {"safety": ("none_of_these",)}, surface=Surface.MODAL).draft
    result = _read(there, "none")
    assert isinstance(result, TypedAnswer)
    assert "already" in result.note
    assert "targets" not in result.state.draft.answers
    assert _type(result.state.draft, "pupil").answers["targets"] == ("pupil",)
    kept = _type(there, "there is so much more")
    assert kept.answers["words"] == "there is so much more"
    same = answer(here, "safety", {"safety": ("none_of_these",)}, surface=HERE).draft
    assert _type(same, "pupil").answers["targets"] == ("pupil",)


def test_a_question_still_open_here_is_answered_although_an_earlier_one_came_back() -> None:
    """Danger changed to yes in a window opens a question there; "2" here still means what stands here."""
    here = _type(new(), "no", "none")
    there = answer(here, "danger", {"immediate_danger": "yes"}, surface=Surface.MODAL).draft
    assert see(there, surface=Surface.MODAL).cursor == "works_here"
    assert _type(there, "2").answers["targets"] == ("headteacher",)


def test_commands_that_may_be_answers_are_answers_where_words_are_asked() -> None:
    """The word home can be how to be reached; elsewhere it is a command, and report offers to go on."""
    full, _ = by_pages(PLAIN)
    assert _type(goto(full, "you", HERE, field="wants_contact"), "home").answers["wants_contact"] == "home"
    assert _read(new(), "home") == Wants("home")
    assert _read(new(), "report") == Wants("report")
    assert _type(new(), "report: they wrote lies").answers["words"] == "report: they wrote lies"
