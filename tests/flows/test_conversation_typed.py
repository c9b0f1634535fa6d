"""Typing: how words are read, said back, kept, or asked again."""

from __future__ import annotations

import pytest

from flows.intake.answers import options_of
from flows.intake.said import steering
from flows.intake.synonyms import UNSURE
from flows.intake.typed import Misunderstood, TypedAnswer, Wants
from flows.intake.understood import SENTENCE, meant
from flows.model import Draft
from flows.questions.table import QUESTIONS, SAFETY_LIST
from flows.ui.inbound import Surface
from flows.ui.intents import ChatCommand
from tests.flows.talking import PLAIN, SCHOOL, by_pages, goto, new, see, type_, with_words

HERE = Surface.MESSAGE


def _read(draft: Draft, text: str) -> TypedAnswer | Misunderstood | Wants:
    return type_(draft, text, HERE)


def _type(draft: Draft, *texts: str) -> Draft:
    for text in texts:
        result = _read(draft, text)
        assert isinstance(result, TypedAnswer), (text, result)
        draft = result.state.draft
    return draft


@pytest.mark.parametrize(
    ("name", "words", "value"),
    [
        ("immediate_danger", "Yes.", "yes"),
        ("immediate_danger", "y", "yes"),
        ("immediate_danger", "nope", "no"),
        ("immediate_danger", "dunno", "not_sure"),
        ("immediate_danger", "I don’t know", "not_sure"),
        ("immediate_danger", "2", "no"),
        ("immediate_danger", "2.", "no"),
        ("immediate_danger", "4", None),
        ("immediate_danger", "0", None),
        ("immediate_danger", "I think so but who knows", None),
        ("safety", "none", ("none_of_these",)),
        ("safety", "no", "none_of_these"),
        ("safety", "1 and 3", ("sexual_imagery_child", "adult_at_risk")),
        ("safety", "4, 5", ("violence", "sexual")),
        ("safety", "4 5", ("violence", "sexual")),
        ("safety", "not sure", ("not_sure",)),
        ("safety", "violence", "violence"),
        ("safety", "not violence", None),
        ("safety", "all of them", SAFETY_LIST),
        ("staff_allegation", "yes", None),
        ("targets", "the head", "headteacher"),
        ("targets", "a pupil and the school", ("pupil", "school")),
        ("targets", "head, 99", None),
        ("staff_allegation", "no", "nobody"),
        ("staff_allegation", "nobody", "nobody"),
        ("staff_allegation", "yes, the headteacher", "headteacher"),
        ("poster", "anonymous", "unknown"),
        ("poster", "not sure", ("unknown",)),
        ("poster", "mum", "parent_carer"),
        ("did", "all of them", ("made", "shared", "responded", "reacted_only")),
        ("did", "shared + liked", ("shared", "reacted_only")),
        ("stance", "They said it was wrong", "condemns_or_corrects"),
        ("platform", "WhatsApp", "smartphone_or_messaging"),
        ("platform", "netmums", "forum"),
        ("still_online", "gone", "removed"),
        ("still_online", "no", "removed"),
        ("evidence", "screenshot", "saved"),
        ("evidence", "skip", "skipped"),
        ("replied", "nobody", "no"),
        ("reporter_link", "not sure", ()),
        ("reporter_link", "none", "none_of_these_apply"),
        ("keep_from", "the dsl and the chair", ("dsl", "chair")),
        ("keep_name_private", "not sure", "yes"),
        ("insider_is", "Ash Example", "ash"),
        ("insider_is", "ash", "ash"),
        ("insider_is", "someone else", "someone_else"),
        ("flag_violence", "no", "no"),
        ("nature", "rude", "abusive"),
        ("nature", "it", None),
        ("nature", "the a", None),
    ],
)
def test_how_words_are_read(name: str, words: str, value: object) -> None:
    """Numbers, words, short forms and "not sure"; what is not certain is not guessed."""
    question = QUESTIONS[name]
    found = meant(question, options_of(question, SCHOOL), words)
    assert _held(found) == _held(value)


def _held(value: object) -> object:
    return (value,) if isinstance(value, str) else value


@pytest.mark.parametrize("name", [n for n, q in QUESTIONS.items() if not q.text])
def test_every_choice_can_be_typed_by_number_label_and_value(name: str) -> None:
    """Whatever a question offers can be typed in three ways, and means the same each time."""
    question = QUESTIONS[name]
    options = options_of(question, SCHOOL)
    for number, option in enumerate(options, 1):
        for words in (str(number), f"{number})", option.label, option.label.upper(), option.value):
            found = meant(question, options, words)
            held = (found,) if isinstance(found, str) else found
            if words == option.value == "not_sure":
                continue
            assert held in ((option.value,), question.unsure, (question.unsure,)), words
            if option.value != "not_sure" and held != (option.value,):
                assert option.label.casefold().strip(".") in UNSURE | {"i don't know", "i can't tell"}


def test_what_was_read_is_said_back() -> None:
    """The note says how it was read, in the option's own words."""
    result = _read(new(), "nope")
    assert isinstance(result, TypedAnswer)
    assert result.note == "I read that as: No. If that is not right, type “change it”."


def test_a_sentence_where_a_tick_was_asked_is_kept() -> None:
    """It is added to the reporter's own words, the note says so, and the question stands."""
    result = _read(with_words(new(), "first"), "there is a man outside")
    assert isinstance(result, TypedAnswer)
    assert result.state.draft.answers["words"] == "first\nthere is a man outside"
    assert "kept that with your words" in result.note
    assert see(result.state.draft).cursor == "immediate_danger"


@pytest.mark.parametrize("text", ["blurb", "7", "skip", "", "\u202e\x00", "12345"])
def test_short_words_nobody_can_read_are_asked_again(text: str) -> None:
    """With what can be typed here, never with what was typed."""
    result = _read(new(), text)
    assert isinstance(result, Misunderstood)
    assert result.hint
    assert "blurb" not in result.message + result.hint


def test_ticks_that_cannot_stand_together_are_asked_again() -> None:
    """Typing "1 and 8" where 8 is none of these says why not."""
    result = _read(_type(new(), "no"), "1 and 8")
    assert isinstance(result, Misunderstood)
    assert "None of these" in result.message


@pytest.mark.parametrize(
    ("text", "wants"),
    [
        ("cancel", Wants("cancel")),
        ("Back", Wants("back")),
        ("go back!", Wants("back")),
        ("send it", Wants("send")),
        ("help", Wants("help")),
        ("status", Wants("status")),
        ("case hps-2026-014", Wants("case", "HPS-2026-014")),
    ],
)
def test_words_that_steer(text: str, wants: Wants) -> None:
    """They steer from any question, those that ask for words too."""
    full, _ = by_pages(PLAIN)
    assert _read(new(), text) == wants
    assert _read(goto(full, "words", HERE), text) == wants
    assert _read(full, text) == wants


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("help", (ChatCommand.HELP, "")),
        ("/status", (ChatCommand.STATUS, "")),
        ("My reports", (ChatCommand.STATUS, "")),
        ("report", (ChatCommand.REPORT, "")),
        ("report: a posting about us", (ChatCommand.REPORT, "a posting about us")),
        ("case HPS-2026-014", (ChatCommand.CASE, "HPS-2026-014")),
        ("Case hps 2026 7h4m", (ChatCommand.CASE, "HPS 2026 7H4M")),
        ("case HP2–2026–CFGH", (ChatCommand.CASE, "HP2–2026–CFGH")),
        ("case HPS-2026-014 what happens when", (ChatCommand.CASE, "HPS-2026-014 what happens when")),
        ("case HPS-2026-014 is like this one", None),
        ("case studies 2026 term", None),
        ("case of beer", None),
        ("somebody wrote lies", None),
        ("", None),
    ],
)
def test_commands(text: str, expected: tuple[ChatCommand, str] | None) -> None:
    """A command is the whole of what was typed; words after report are the reporter's own."""
    assert steering.command(text) == expected


@pytest.mark.parametrize(
    ("text", "greets"), [("Hello!", True), ("thanks", True), ("hello, someone wrote", False)]
)
def test_greetings(text: str, greets: bool) -> None:  # noqa: FBT001 - a table's column
    """A greeting alone starts no report."""
    assert steering.is_greeting(text) is greets


def test_optional_words_can_be_left_out() -> None:
    """Skip, none or not sure leave a text empty; what is there already is not wiped by them."""
    full, _ = by_pages({**PLAIN, "link": "https://x.example"})
    again = goto(full, "where", HERE, field="link")
    assert _type(again, "skip").answers["link"] == "https://x.example"
    assert _type(again, "not sure").answers["link"] == "https://x.example"
    assert _type(again, "none").answers["link"] == ""


@pytest.mark.parametrize("word", ["skip", "none", "no", "not sure"])
def test_what_was_told_in_words_is_not_emptied_by_a_word(word: str) -> None:
    """Somebody comes back to their own words and types *none*: the words stay, every one of them."""
    full, _ = by_pages({**PLAIN, "words": "Invented words of a morning."})
    again = goto(full, "words", HERE, field="words")
    assert _type(again, word).answers["words"] == "Invented words of a morning."
    assert _type(goto(full, "where", HERE, field="audience"), "none").answers["audience"] == ""
    fresh = full.answers | {}
    del fresh["audience"]
    emptied = _read(_with(full, fresh), "skip")
    assert isinstance(emptied, TypedAnswer)
    assert emptied.note == "I left that empty."


def _with(draft: Draft, answers: dict[str, str | tuple[str, ...]]) -> Draft:
    from msgspec.structs import replace  # noqa: PLC0415 - only here

    return replace(draft, answers=answers)


def test_free_words_are_taken_as_they_are() -> None:
    """Where text is asked, a sentence is the answer – numbers and yes too."""
    full, _ = by_pages(PLAIN)
    for text in ("2", "yes", "line one\nline two", "<!channel> *x*"):
        assert _type(goto(full, "where", HERE, field="audience"), text).answers["audience"] == text
    assert _type(goto(full, "words", HERE), "more").answers["words"] == "more"


def test_changing_a_page_by_typing_walks_through_it() -> None:
    """Change opens a page: each typed answer moves on, "keep" leaves one as it is, then the check again."""
    full, _ = by_pages(PLAIN)
    at = goto(full, "since", HERE)
    assert see(at).cursor == "replied"
    at = _type(at, "colleague")
    assert see(at).cursor == "repeated"
    at = _type(at, "keep")
    assert at.answers["repeated"] == "no"
    assert see(at).cursor == "first_seen"
    at = _type(at, "on Monday")
    assert see(at).id == "report.check"
    assert at.answers["replied"] == "colleague"


def test_a_page_let_go_by_a_change_that_drops_its_question() -> None:
    """The field under the cursor is gone: the page's first question is asked instead."""
    full, _ = by_pages(PLAIN)
    at = goto(full, "poster", HERE, field="did")
    dropped = {k: v for k, v in at.answers.items() if k != "did"} | {"poster": ("unknown",)}
    assert see(_with(at, dropped)).cursor == "poster"


@pytest.mark.parametrize(
    ("text", "page"),
    [("change 3", "about"), ("3", "about"), ("change your words", "words"), ("change nature", "nature")],
)
def test_change_can_be_typed_on_the_check_page(text: str, page: str) -> None:
    """By number or by name."""
    full, _ = by_pages(PLAIN)
    assert see(_type(full, text)).id == f"report.{page}"


@pytest.mark.feature("guided-questions")
def test_on_the_check_page_words_are_kept_and_yes_sends() -> None:
    """Yes sends, a sentence is added to the words, and anything shorter is asked again."""
    full, _ = by_pages(PLAIN)
    assert _read(full, "yes") == Wants("send")
    assert _type(full, "one more thing happened").answers["words"] == "one more thing happened"
    assert isinstance(_read(full, "change 99"), Misunderstood)
    assert see(_type(full, "no")).id == "report.check"
    assert see(_type(full, "not sure")).id == "report.check"


def test_words_typed_late_can_bring_a_question_back() -> None:
    """A listed word typed on the check page is asked about before anything is sent."""
    full, _ = by_pages(PLAIN)
    assert see(_type(full, "he said he will kill")).cursor == "flag_violence"


@pytest.mark.parametrize(
    "text", ["🔥" * 500, "x " * 25_000, "a\u202eb\x00c d e", "<!channel> <@U1> *b* [x](y)"]
)
def test_hostile_typing_loses_nothing(text: str) -> None:
    """Emoji, length, control characters, markup: kept as words or asked again; never an exception."""
    result = _read(new(), text)
    if isinstance(result, TypedAnswer):
        assert [c for c in str(result.state.draft.answers["words"]) if c.isalnum()] == [
            c for c in text if c.isalnum()
        ]
    else:
        assert len(text.split()) < SENTENCE
