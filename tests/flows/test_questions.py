"""The table of questions, one answer at a time, the word list, and what leaders correct."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from flows.case.corrections import CORRECTABLE, answer_lines, corrected, correction_fields
from flows.errors import InvalidAnswer
from flows.intake.answers import clean, in_words, options_of, read
from flows.intake.pages import question_label
from flows.intake.settled import settle
from flows.questions.conditions import ALWAYS, Need, Word, both, met
from flows.questions.keywords import found
from flows.questions.question import Row
from flows.questions.table import PAGES, QUESTIONS, ROWS, forward_looks
from flows.ui.forms import Choice, Many
from flows.words import known
from tests.flows.talking import PLAIN, SCHOOL, by_pages, finish, new

# -- the table -------------------------------------------------------------------------------------


def test_no_question_looks_ahead() -> None:
    """A question depends only on earlier ones, so the conversation cannot run in a circle."""
    assert forward_looks(ROWS) == ()


def test_a_question_that_looks_ahead_is_found() -> None:
    """The check names both questions."""
    wrong = (Row(page="one", name="stance", when=((Need("did", ("shared",)),),)), Row(page="one", name="did"))
    assert forward_looks(wrong) == (("stance", "did"),)


def test_every_question_stands_somewhere_and_has_its_words() -> None:
    """No question is forgotten in the table, and none is without a label; no page is without a title."""
    assert {row.name for row in ROWS} == set(QUESTIONS)
    assert [name for name in QUESTIONS if not known(f"question.{name}.label")] == []
    assert [page for page in (*PAGES, "check") if not known(f"page.{page}")] == []


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_option_has_words_of_its_own(name: str) -> None:
    """What can be chosen reads as words, each different from the others."""
    options = options_of(QUESTIONS[name], SCHOOL)
    labels = [option.label for option in options]
    assert len(set(labels)) == len(labels)
    assert all(label and "_" not in label for label in labels)


@pytest.mark.parametrize("name", QUESTIONS)
def test_not_sure_means_something_everywhere(name: str) -> None:
    """Every question takes "not sure", and never as a plain no to a question about safety."""
    question = QUESTIONS[name]
    meaning = question.unsure
    assert meaning != "no"
    if not question.text and meaning:
        assert read(question, meaning, SCHOOL) is not None


def test_conditions() -> None:
    """Any alternative, each whole; exactly means these and no others."""
    exactly = Need("targets", ("none",), exactly=True)
    assert exactly.holds({"targets": ("none",)})
    assert not exactly.holds({"targets": ("none", "school")})
    assert Need("x", ("a",), no=True).holds({})
    assert met(both(ALWAYS, ((exactly,), (Word("violence"),))), {"words": "a bomb"})
    assert not met(((exactly,), (Word("violence"),)), {"words": "a balm"})


def test_what_no_longer_applies_is_dropped() -> None:
    """Going from shared to made drops what they said about it; words and link are never dropped."""
    standing = settle(
        {"poster": ("pupil",), "did": ("made",), "stance": "cannot_tell", "words": "x", "link": "y"}
    ).standing
    assert standing == {"poster": ("pupil",), "did": ("made",), "words": "x", "link": "y"}


# -- one answer ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("immediate_danger", "yes", "yes"),
        ("immediate_danger", ("yes",), "yes"),
        ("immediate_danger", "", None),
        ("targets", "school", ("school",)),
        ("targets", ("pupil", "school"), ("school", "pupil")),
        ("targets", (), None),
        ("keep_from", (), None),
        ("keep_from", ("nobody",), ()),
        ("insider_is", ("ash",), ("ash",)),
        ("words", ("a", "b"), "a\nb"),
    ],
)
def test_reading_one_answer(name: str, value: str | tuple[str, ...], expected: object) -> None:
    """One option, several in the table's order, nothing chosen, and "nobody" as the empty answer."""
    assert read(QUESTIONS[name], value, SCHOOL) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("immediate_danger", "perhaps"),
        ("immediate_danger", ("yes", "no")),
        ("targets", ("school", "none")),
        ("keep_from", ("dsl", "nobody")),
        ("insider_is", ("a stranger",)),
        ("insider_is", ("ash", "rather_not_say")),
        ("nature", ("none_of_these", "abusive")),
    ],
)
def test_what_is_not_offered_is_refused_without_repeating_it(name: str, value: str | tuple[str, ...]) -> None:
    """An error stands beside its field and never says again what was sent."""
    with pytest.raises(InvalidAnswer) as caught:
        read(QUESTIONS[name], value, SCHOOL)
    assert caught.value.field == name
    assert "stranger" not in str(caught.value)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  hello \r\n\r\n\r\n\r\nyou\x00\x1b[31m", "hello \n\nyou[31m"),
        ("a\u202eb\u2066c\u200fd", "abcd"),
        ("👩‍👧 family", "👩‍👧 family"),
        ("one\u2028two\x85three", "one\ntwo\nthree"),
        ("\ud800x", "x"),
        ("<!channel> *b* &amp; @here [x](y)", "<!channel> *b* &amp; @here [x](y)"),
        ("é" * 50_000, "é" * 50_000),
    ],
)
def test_cleaning_keeps_everything_that_can_be_read(typed: str, kept: str) -> None:
    """Control and direction characters go; letters, emoji, markup and length stay."""
    assert clean(typed) == kept


def test_people_are_named_only_where_the_school_is_given() -> None:
    """A list without the school says that somebody is meant, not who."""
    question = QUESTIONS["accused_is"]
    assert in_words(question, ("ash",), SCHOOL) == "Ash Example – Headteacher"
    assert in_words(question, ("ash",)) == "Somebody on the school's list"
    assert in_words(question, ("someone_else",)) == "Someone else"
    assert in_words(question, ("gone",), SCHOOL) == "Somebody on the school's list"


# -- the word list ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("I'll Kill him", {"violence"}),
        ("a bomb threat", {"violence"}),
        ("they gave the ADDRESS out", {"child_at_risk"}),
        ("a naked photo", {"sexual_imagery_child"}),
        ("he hit her son", {"staff_allegation"}),
        ("white hitched diet skilled screenshot Stratford", set()),
        ("suicide", {"child_at_risk", "adult_at_risk"}),
        ("some racist stuff", {"racist"}),
        ("a " + "reggin"[::-1], {"racist"}),
        ("a " + "toggaf"[::-1], {"other_hate"}),
        ("from Pakistan", set()),
        ("call an ambulance", {"immediate_danger"}),
        ("the stable in Burnley was bombarded, hit send, x@knife.example", set()),
        ("racism is not tolerated", set()),
        ("İ kill", {"violence"}),
        ("", set()),
    ],
)
def test_listed_words(words: str, keys: set[str]) -> None:
    """Listed words point to keys, whatever the capitals; words that only look alike do not."""
    assert set(found(words)) == keys


def test_the_word_is_said_back_as_it_was_written() -> None:
    """The question about a word quotes that word and nothing else."""
    label = question_label("flag_violence", {"words": "he said KILLED, then more"})
    assert label == "You used the word “KILLED”. Does the posting threaten violence?"


# -- what leaders see and correct --------------------------------------------------------------------


def _report(**answers: str | tuple[str, ...]) -> object:
    draft, _ = by_pages({**PLAIN, **answers})
    return finish(draft)


def test_a_reports_lines_do_not_say_who_reported() -> None:
    """What would tell a leader who the reporter is stays out; the reporter's own list has it."""
    draft, _ = by_pages({**PLAIN, "reporter_link": ("is_headteacher",), "words": "a bomb"})
    sent = finish(draft)
    assert "I am the Headteacher" not in str(answer_lines(sent))
    assert "I am the Headteacher" in str(answer_lines(draft))
    assert ("The reporter said no, though a word points to", "violence") in answer_lines(sent)
    flagged = replace(sent, answers={**sent.answers, "text_flags": ("violence",)})
    assert ("Words in the report that point to", "violence") in answer_lines(flagged)
    denied = replace(sent, answers={**sent.answers, "text_denied": ("sexual", "racist")})
    no_to = "a sexual picture, or sexual abuse of an adult, racism"
    assert ("The reporter said no, though a word points to", no_to) in answer_lines(denied)
    assert ("Dangers and hate on the list", "Nothing was ticked.") in answer_lines(sent)
    ticked = replace(sent, answers={**sent.answers, "violence": "yes"})
    assert ("Dangers and hate on the list", "Nothing else was ticked.") in answer_lines(ticked)
    assert ("Threatens violence, or tells people to be violent", "Yes") in answer_lines(ticked)
    assert answer_lines(new()) == ()


def test_whom_the_reporter_pointed_at_is_named_only_with_the_school() -> None:
    """The record of a leader who may read names them; a list without the school does not."""
    draft, _ = by_pages({**PLAIN, "poster": ("staff",), "poster_is": ("dee",)})
    sent = finish(draft)
    assert "Dee Imagined" in str(answer_lines(sent, SCHOOL))
    assert "Dee Imagined" not in str(answer_lines(sent))
    assert "Dee Imagined" in str(answer_lines(draft, SCHOOL))


def test_correction_fields_hold_the_answers_as_they_are() -> None:
    """Each correctable answer is a field with what was said; not asked is left open."""
    draft, _ = by_pages({**PLAIN, "violence": "yes", "targets": ("staff",)})
    by_name = {f.name: f for f in correction_fields(finish(draft))}
    assert set(by_name) == set(CORRECTABLE)
    violence, allegation, stance = by_name["violence"], by_name["staff_allegation"], by_name["stance"]
    assert isinstance(violence, Choice)
    assert violence.value == "yes"
    assert isinstance(allegation, Many)
    assert allegation.value == ("nobody",)
    assert isinstance(stance, Choice)
    assert stance.value == ""


def test_correcting_nothing_changes_nothing() -> None:
    """A correction form sent back as it came gives the same answers."""
    draft, _ = by_pages({**PLAIN, "poster": ("unknown",)})
    sent = finish(draft)
    back = {f.name: f.value for f in correction_fields(sent) if isinstance(f, Choice | Many)}
    assert corrected(sent, back) == sent
    assert corrected(sent, dict.fromkeys(CORRECTABLE, ())) == sent


def test_correcting_answers() -> None:
    """Corrected answers replace the old ones; nobody accused is an empty answer; made has no stance."""
    draft, _ = by_pages({**PLAIN, "did": ("shared",), "stance": "repeats_or_agrees"})
    sent = finish(draft)
    now = corrected(
        sent,
        {
            "violence": "yes",
            "staff_allegation": ("nobody",),
            "did": ("made",),
            "targets": ("pupil", "school"),
        },
    )
    assert now.answers["violence"] == "yes"
    assert now.answers["staff_allegation"] == ()
    assert now.answers["targets"] == ("school", "pupil")
    assert now.answers["stance"] == "not_applicable"


@pytest.mark.parametrize(
    "values",
    [{"violence": "perhaps"}, {"violence": ("yes", "no")}, {"targets": ("none", "school")}, {"did": "flew"}],
)
def test_a_correction_that_is_not_offered_is_refused(values: dict[str, str | tuple[str, ...]]) -> None:
    """Only what the questions offer can be put in."""
    draft, _ = by_pages(PLAIN)
    with pytest.raises(InvalidAnswer):
        corrected(finish(draft), values)
