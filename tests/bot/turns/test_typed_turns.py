"""Typing at the door: each small question can be answered, and nothing hides the way back."""

from __future__ import annotations

import pytest

from flows.model import Draft
from flows.ui.forms import Form
from flows.ui.inbound import Receipt, Refuse, Reply, Show
from flows.ui.intents import AnswerPage, Begin, GoTo, SendReport
from flows.ui.plain_text import card_text
from storage.open import open_store
from tests.story.test_schools import trust
from tests.town import SCHOOL, Town, buttons, shown_form


async def _town() -> Town:
    """Return a school where Brook has begun a report by typing, and has been asked the second question."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.say("brook", "somebody wrote invented things")
    await place.say("brook", "no")
    return place


async def _draft(place: Town, person: str = "brook") -> Draft | None:
    return await place.store.draft_of(SCHOOL, place.school.people[person].id)  # type: ignore[index]


def _card(reply: Reply) -> str:
    assert isinstance(reply, Show), reply
    assert not isinstance(reply.view, Form)
    return card_text(reply.view)


async def test_who_types_is_shown_one_question() -> None:
    """The answer to typed words is the one question that comes next; pressing on it takes just that one."""
    place = await _town()
    await place.say("brook", "none")
    reply = await place.say("brook", "a pupil")
    form = shown_form(reply)
    assert [field.name for field in form.fields] == ["staff_allegation"]
    assert form.submit == AnswerPage(
        form.submit.draft, form.submit.revision, "about", only="staff_allegation"
    )  # type: ignore[union-attr]
    pressed = await place.fill("brook", form.submit, {"staff_allegation": ("nobody",)})
    assert len(shown_form(pressed).fields) > 1


async def test_what_was_not_shown_is_not_missing() -> None:
    """One question was pressed of a page with more: no error, and an error only where it was left empty."""
    place = await _town()
    form = shown_form(await place.say("brook", "none"))
    assert [field.name for field in form.fields] == ["targets"]
    empty = await place.fill("brook", form.submit, {"targets": ()})
    assert isinstance(empty, Refuse)
    assert empty.form is not None
    assert [field.name for field in empty.form.fields] == ["targets"]
    reply = await place.fill("brook", form.submit, {"targets": ("pupil",)})
    assert isinstance(reply, Show)
    assert not any(field.error for field in shown_form(reply).fields)


async def test_change_it_is_a_button_too() -> None:
    """What was read is said back, and the button beside it opens that question again."""
    place = await _town()
    reply = await place.say("brook", "none")
    assert isinstance(reply, Show)
    assert "I read that as" in reply.note
    change = next(b.intent for b in shown_form(reply).buttons if b.label == "Change it")
    again = shown_form(await place.press("brook", change))
    assert [field.name for field in again.fields] == ["safety"]


@pytest.mark.parametrize(("words", "gone"), [("yes", True), ("throw it away", True), ("no", False)])
async def test_throw_it_away_can_be_answered_by_typing(words: str, gone: bool) -> None:  # noqa: FBT001 - a table's column
    """Yes throws it away, no goes on where one was; neither is an answer to the page behind it."""
    place = await _town()
    assert "Throw this report away?" in _card(await place.say("brook", "cancel"))
    reply = await place.say("brook", words)
    draft = await _draft(place)
    assert (draft is None) is gone
    if draft is not None:
        assert shown_form(reply).cursor == "safety"
        assert "safety" not in draft.answers


async def test_go_on_or_begin_anew_can_be_answered_by_typing() -> None:
    """Report, with one open: continue goes on; new is asked back, and then begins anew."""
    place = await _town()
    before = await _draft(place)
    assert "not sent yet" in _card(await place.say("brook", "report"))
    assert shown_form(await place.say("brook", "continue")).cursor == "safety"
    await place.say("brook", "report")
    assert "Throw away the report you began" in _card(await place.say("brook", "start a new one"))
    assert shown_form(await place.say("brook", "no")).cursor == "safety"
    await place.say("brook", "report")
    await place.say("brook", "new")
    await place.say("brook", "yes")
    after = await _draft(place)
    assert before is not None
    assert after is not None
    assert after.id != before.id


@pytest.mark.parametrize("words", ["help", "status", "cases", "home", "menu"])
async def test_whatever_comes_between_shows_the_way_back(words: str) -> None:
    """Help and the lists name the question that waits, with a button; typing continue shows it again."""
    place = await _town()
    reply = await place.say("brook", words)
    assert "Does the posting do any of these things?" in _card(reply)
    assert isinstance(reply, Show)
    assert GoTo in {type(intent) for intent in buttons(reply.view)}
    assert shown_form(await place.say("brook", "continue")).cursor == "safety"
    await place.say("brook", words)
    assert shown_form(await place.say("brook", "none")).cursor == "targets"


async def test_without_a_report_help_is_only_help() -> None:
    """There is no way back to what was never begun."""
    place = Town(await open_store("memory:", key=bytes(32)))
    assert "still open" not in _card(await place.say("brook", "help"))
    assert shown_form(await place.say("brook", "continue")).cursor == "immediate_danger"


async def test_the_check_page_is_a_way_back_too() -> None:
    """With everything answered it is the check that waits."""
    place = await _town()
    for words in ("none", "the school", "no", "anonymous", "rude", "facebook", *["skip"] * 3, "yes", "no"):
        await place.say("brook", words)
    for words in ("no", "skip", "none", "no", "nobody", "skip", "skip", "skip"):
        await place.say("brook", words)
    assert "Check your answers" in _card(await place.say("brook", "help"))


@pytest.mark.parametrize(
    ("words", "school"), [("Otherplace", "OPS"), ("2", "OPS"), ("1", "HPS"), ("hypothetical", "HPS")]
)
async def test_which_school_can_be_typed(words: str, school: str) -> None:
    """By name, a part of it, or its number; what was said before begins the report there."""
    place = await trust()
    await place.say("brook", "somebody wrote invented things")
    await place.say("brook", words)
    draft = await place.store.draft_of(school, place.school.people["brook"].id)  # type: ignore[index, arg-type]
    assert draft is not None
    assert draft.answers["words"] == "somebody wrote invented things"


@pytest.mark.parametrize("words", ["school", "99", "perhaps the other one"])
async def test_which_school_is_asked_until_it_is_certain(words: str) -> None:
    """A name of both, a number of neither, other words: asked again, and nothing said is lost."""
    place = await trust()
    await place.say("brook", "somebody wrote invented things")
    again = shown_form(await place.say("brook", words))
    assert [getattr(field, "value", "") for field in again.fields][
        1
    ] == f"somebody wrote invented things\n{words}"


async def test_only_so_many_are_remembered_as_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is forgotten is asked again: their words stand in the form."""
    monkeypatch.setattr("bot.turns.whose._MOST_ASKED", 0)
    place = await trust()
    await place.say("brook", "somebody wrote invented things")
    assert isinstance(shown_form(await place.say("brook", "Otherplace")).submit, Begin)


async def test_who_begins_by_telling_it_finds_it_filled_in() -> None:
    """Typed or brought as a message: the note says so, and the pages hold what was understood."""
    words = "a mum wrote on Facebook that our teacher is a nasty cow"
    for begin in ("say", "start"):
        place = Town(await open_store("memory:", key=bytes(32)))
        reply = await getattr(place, begin)("brook", words)
        assert isinstance(reply, Show)
        assert "filled in what I understood" in reply.note
        form = shown_form(reply)
        for values in ({"immediate_danger": "no"}, {"safety": ("none_of_these",)}):
            form = shown_form(await place.fill("brook", form.submit, values))
        assert next(getattr(field, "value", "") for field in form.fields) == ("staff",)


async def test_words_that_answer_nothing_bring_no_note() -> None:
    """Nothing understood, nothing said of it."""
    place = Town(await open_store("memory:", key=bytes(32)))
    reply = await place.say("brook", "please look at this soon")
    assert isinstance(reply, Show)
    assert reply.note == ""


async def test_a_report_of_danger_can_go_before_it_is_finished() -> None:
    """Sent at once as far as it got, marked as that; it can still be completed, and is one report."""
    place = Town(await open_store("memory:", key=bytes(32)))
    form = shown_form(await place.start("brook"))
    for values in (
        {"immediate_danger": "yes"},
        {"works_here": "no"},
        {"safety": ("none_of_these",)},
        {"targets": ("pupil",), "staff_allegation": ("nobody",)},
    ):
        form = shown_form(await place.fill("brook", form.submit, values))  # type: ignore[arg-type]
    now = next(b.intent for b in form.buttons if b.label == "Send what I have said so far now")
    sent = await place.press("brook", now)
    assert isinstance(sent, Receipt)
    assert GoTo in {type(intent) for intent in buttons(sent.card)}
    draft = await _draft(place)
    assert draft is not None
    case = await place.store.case(SCHOOL, draft.case)  # type: ignore[arg-type]
    assert case is not None
    assert case.report.unfinished
    again = shown_form(await place.press("brook", now))
    assert not any(isinstance(b.intent, SendReport) for b in again.buttons)
    await place.settle()
    assert place.messages("cam", "notice")
