"""What the questions promise, call things and offer: words for a teaching assistant."""

from __future__ import annotations

import pytest

from flows.intake import typed
from flows.intake.settled import settle
from flows.intake.two_answers import says_unsafe
from flows.messages import templates
from flows.messages.record import record
from flows.questions.table import SAFETY_LIST
from flows.ui.forms import Choice, TextField
from flows.ui.plain_text import card_text, form_text
from tests.flows.matter import ABUSE, AT, HEAD, POSTING, SCHOOL, Matter
from tests.flows.talking import PLAIN, answer, by_pages, finish, new, see, type_
from tests.flows.test_words import sentences

#: Words that promise what nobody can keep, or that are not a teaching assistant's; and what is said instead.
NEVER = {
    "will not be told of your report": "we will not tell them who reported it",
    "answered it": "replied to it",
    "made by a computer": "made with AI",
    "come from someone who works": "the danger",
    "Is it one of these?": "one of these people",
    "its list is open": "there can be more",
    "workspace did not answer": "that did not get through",
}


@pytest.mark.parametrize("words", NEVER)
def test_no_sentence_says_it(words: str) -> None:
    """None of these stands in a sentence that people read."""
    assert [name for name, text in sentences().items() if words in text] == []


def test_a_button_is_read_whole_on_a_phone() -> None:
    """What a button says fits the narrowest screen in one line, where Slack and Teams would cut it."""
    pressed = {n: w for n, w in sentences().items() if n.startswith(("button.", "shortcut."))}
    pressed["conversation.send_now"] = sentences()["conversation.send_now"]
    assert len(pressed) > 30
    assert {name: words for name, words in pressed.items() if len(words) > 40} == {}


@pytest.mark.parametrize("key", SAFETY_LIST)
def test_every_tick_can_be_taken_back(key: str) -> None:
    """*No, ticked by mistake* stands beside each: the report goes on as if it had not been ticked."""
    draft, _ = by_pages({**PLAIN, key: "mistake"})
    sent = finish(draft)
    assert sent.answers[key] == "no"
    settled = settle(draft.answers)
    assert not settled.unsafe
    assert not settled.imagery
    assert "where" in settled.pages, "the whole report is asked"


def test_a_tick_is_taken_back_by_typing() -> None:
    """*No* to a tick of one's own takes it back, and the list is asked again."""
    draft = answer(new(), "danger", {"immediate_danger": "no"}).draft
    draft = answer(draft, "safety", {"safety": ("racist",)}).draft
    shown = type_(draft, "no")
    assert isinstance(shown, typed.TypedAnswer)
    assert shown.state.settled.known == {"immediate_danger": "no"}
    field = next(f for f in see(draft).fields if f.name == "racist")
    assert isinstance(field, Choice)
    assert field.options[-1].label == "No, ticked by mistake"


def test_a_tick_that_was_taken_back_alerts_nobody_from_an_old_page() -> None:
    """A page that takes its one tick back says nothing of danger; one that leaves it open does."""
    assert not says_unsafe({"safety": ("racist",), "racist": "mistake"})
    assert says_unsafe({"safety": ("racist",), "racist": ""})
    assert says_unsafe({"safety": ("racist", "violence"), "racist": "mistake"})


def test_something_else_has_a_text_box() -> None:
    """Which site it was is asked after *something else* alone, kept, and read in the record only."""
    draft, _ = by_pages({**PLAIN, "platform": ("other",), "platform_other": "Invented app"})
    assert finish(draft).posting.platform_other == "Invented app"
    field = next(f for f in see(draft, "where").fields if f.name == "platform_other")
    assert isinstance(field, TextField)
    assert field.shown is not None
    assert field.shown.values == ("other",)
    matter = Matter(ABUSE, posting=type(POSTING)(platform_other="Invented app"))
    assert "Site or app: Invented app" in card_text(record(matter.case, matter.events, SCHOOL, HEAD))
    assert "Invented app" not in card_text(templates.case_card(matter.case, SCHOOL, AT))


def test_what_danger_comes_from_has_a_noun() -> None:
    """Where danger was said it is the danger; where only an image was, it is who may be involved."""
    danger = answer(new(), "danger", {"immediate_danger": "yes"}).draft
    assert "Could the danger come from somebody who works" in form_text(see(danger))
    image = {**PLAIN, "sexual_imagery_child": "yes", "targets": ("pupil",)}
    text = "\n".join(form_text(form) for form in by_pages(image)[1])
    assert "Could somebody who works or volunteers here be involved?" in text


def test_what_may_never_be_added_is_said_at_the_file_field() -> None:
    """No naked or sexual picture, whoever it shows."""
    _, shown = by_pages(PLAIN)
    where = next(form for form in shown if form.id == "report.where")
    assert "Never any naked or sexual picture of anybody." in form_text(where)
    assert "taken down, was live, or disappeared" in form_text(where)
