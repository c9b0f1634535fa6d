"""Who begins by telling it finds what was understood filled in, to confirm; it decides nothing by itself."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.intake.conversation import taken_up, view
from flows.intake.from_words import offered_by
from flows.intake.settled import settle
from flows.intake.typed import Misunderstood, TypedAnswer
from flows.model import Draft
from flows.questions.question import Kind
from flows.questions.table import QUESTIONS, SAFETY_LIST
from flows.ui.forms import Choice, Form, Many, Value
from flows.ui.inbound import Surface
from flows.ui.plain_text import form_text
from tests.flows.talking import (
    AT,
    PLAIN,
    POLICY,
    SCHOOL,
    answer,
    at_check,
    finish,
    finish_unfinished,
    goto,
    new,
    see,
    type_,
)

RUDE = "A mum wrote on Facebook that our teacher is a nasty cow. It's still up and I took a screenshot."
#: What somebody writes, and what it answers.
SAYS = """
A mum wrote on Facebook that our teacher is a lying cow : poster=parent_carer did=made targets=staff
her dad shared a nasty post about the head : poster=parent_carer did=shared targets=headteacher nature=abusive
posted by a parent, rude about our TA : poster=parent_carer did=made targets=staff nature=abusive
a pupil in year 6 made a fake account pretending to be our school on tiktok : poster=pupil nature=impersonates
somebody wrote lies about the school on X : targets=school nature=untrue_or_inaccurate platform=micro_blogging
the mum of a pupil posted a video of the kids : poster=parent_carer targets=pupil nature=private_information
a former pupil commented on the forum : poster=former did=responded platform=forum
an e-mail complaining about the head : nature=critical_of_leadership targets=headteacher
sent by e-mail : platform=internet_or_email
not the first time, they keep it up. It is still online : repeated=yes still_online=yes
I replied to it and took a screen shot : replied=reporter evidence=saved
nobody is in danger but it is racist, a dad put it on facebook, still there : safety=racist still_online=yes
""".strip().splitlines()
#: What only sounds like it: the question, and what is written.
NOT_SAID = """
platform: it was not on facebook, somebody told me so
platform: I don't know if it was on WhatsApp
poster: not sure whether a parent posted it
poster: it wasn't posted by a parent
poster: a mum called the office about lunch
poster: a friend of a teacher posted it
targets: a parent posted about school dinners
targets: nothing about our teacher
targets: a picture of the teacher's car
targets: a video of a teacher at another school
nature: he was not rude at all
nature: maybe it is untrue
still_online: it has gone, it is not still there
replied: nobody has replied to it
repeated: it is the first time
evidence: I have no screenshot
safety: racism is not tolerated here
""".strip().splitlines()


def _offered(words: str, link: str = "") -> dict[str, object]:
    return {**offered_by(new(words, link).answers)}


@pytest.mark.parametrize("row", SAYS)
def test_what_words_already_answer(row: str) -> None:
    """Who posted it, about whom, how and where, as people tell it."""
    words, _, wanted = row.rpartition(" : ")
    offered = _offered(words)
    for pair in wanted.split():
        name, _, value = pair.partition("=")
        assert offered.get(name) == ((value,) if QUESTIONS[name].many else value), (name, offered)


@pytest.mark.parametrize("row", NOT_SAID)
def test_what_is_denied_or_left_open_is_not_offered(row: str) -> None:
    """A not before it, a doubt, or another word behind it: the question stays empty."""
    name, _, words = row.partition(": ")
    assert name not in _offered(words)


def test_a_link_is_a_record() -> None:
    """Who gives a link has one; with a screenshot, both."""
    assert _offered("", "https://x.example/1")["evidence"] == "link"
    assert _offered("I took a screenshot", "https://x.example/1")["evidence"] == "both"


#: What may never be offered: it would lower what follows, name somebody, or answer for safety.
NEVER = {
    "still_online": {"removed", "not_sure"}, "replied": {"no"}, "repeated": {"no"}, "evidence": {"none"},
    "nature": {"genuine_concern", "none_of_these", "not_sure"}, "targets": {"none", "not_sure"},
    "poster": {"unknown", "other_known"}, "did": {"reacted_only", "not_sure"},
    "safety": {"none_of_these", "not_sure"},
}  # fmt: skip
ASKED_ANEW = {"immediate_danger", "works_here", "staff_allegation", "keep_from", *SAFETY_LIST}
_PIECES = [*(row.rpartition(" : ")[0] for row in SAYS), *(row.partition(": ")[2] for row in NOT_SAID)]
_PIECES += [
    "nobody is in danger",
    "it has gone",
    "Dee Imagined wrote it",
    "none of these",
    "he hit her son",
    "a bomb",
]


@settings(max_examples=200)
@given(st.lists(st.sampled_from(_PIECES), min_size=1, max_size=5).map(". ".join))
def test_nothing_is_lowered_and_nobody_is_named(words: str) -> None:
    """Whatever is written: about safety only ticks, never a way down, never a person."""
    offered = offered_by({"words": words})
    for name, value in offered.items():
        assert QUESTIONS[name].kind is not Kind.PEOPLE
        assert name not in ASKED_ANEW
        held = {value} if isinstance(value, str) else set(value)
        assert held <= set(QUESTIONS[name].options) - NEVER.get(name, set())
    sent = finish_unfinished(new(words))
    assert set(sent.answers) <= {"text_flags"}
    assert set(new(words).answers) == {"words"}


@pytest.mark.parametrize("words", ["a " * 9000, "our our " * 4000, "year 2 " * 3000, "not " * 9000])
def test_reading_takes_no_longer_for_odd_words(words: str) -> None:
    """Long and repeated words are read in a moment."""
    began = time.process_time()
    offered_by({"words": words})
    assert time.process_time() - began < 2


# -- on the pages ------------------------------------------------------------------------------------


def _filled(form: Form) -> dict[str, Value]:
    """Return what stands filled in on a page."""
    return {
        field.name: field.value for field in form.fields if isinstance(field, Choice | Many) and field.value
    }


def _at(page: str, words: str = RUDE) -> Draft:
    draft = new(words)
    for here, values in (
        ("danger", {"immediate_danger": "no"}),
        ("safety", {"safety": ("none_of_these",)}),
        ("about", {"targets": ("staff",), "target_is": ("rather_not_say",), "staff_allegation": ("nobody",)}),
        ("poster", {"poster": ("parent_carer",), "did": ("made",)}),
        ("nature", {"nature": ("abusive",)}),
    ):
        if here == page:
            return draft
        draft = answer(draft, here, values).draft  # type: ignore[arg-type]
    return draft


@pytest.mark.parametrize(
    ("page", "filled"),
    [
        ("danger", {}),
        ("safety", {}),
        ("about", {"targets": ("staff",)}),
        ("poster", {"poster": ("parent_carer",), "did": ("made",)}),
        ("nature", {"nature": ("abusive",)}),
        ("where", {"platform": ("collaborative_space",), "still_online": "yes", "evidence": "saved"}),
    ],
)
def test_a_page_shows_what_was_understood(page: str, filled: dict[str, Value]) -> None:
    """Filled in and marked, question by question; danger and the safety list are empty."""
    form = see(_at(page))
    assert form.id == f"report.{page}"
    assert _filled(form) == filled
    marked = {field.name for field in form.fields if "From your words." in getattr(field, "help", "")}
    assert marked == set(filled)
    assert ("Please check it" in form_text(form)) is bool(filled)


def test_one_press_accepts_what_stands_on_a_page() -> None:
    """What is confirmed is an answer like any other, and no longer marked."""
    draft = _at("poster")
    after = answer(draft, "poster", _filled(see(draft))).draft
    assert after.answers["poster"] == ("parent_carer",)
    assert see(after).id == "report.nature"
    assert "From your words" not in form_text(see(goto(after, "poster", Surface.MESSAGE)))


def test_what_was_not_confirmed_is_no_answer() -> None:
    """Left there, the report holds none of it; and an empty page is asked again."""
    draft = _at("about")
    assert "targets" not in finish_unfinished(draft).answers
    assert "targets" in answer(draft, "about", {}).errors
    assert "targets" not in settle(draft.answers).known


def test_a_changed_answer_is_the_answer() -> None:
    """Whoever corrects what was understood is asked no more about it."""
    draft = answer(_at("poster"), "poster", {"poster": ("pupil",), "did": ("made",)}).draft
    assert draft.answers["poster"] == ("pupil",)
    assert _filled(see(goto(draft, "poster", Surface.MESSAGE)))["poster"] == ("pupil",)


def test_words_can_only_tick_on_the_safety_list() -> None:
    """*It is racist* stands ticked; whether it is so is asked, and none of these is theirs to press."""
    form = see(_at("safety", "it is racist, about a pupil"))
    assert _filled(form) == {"safety": ("racist",)}
    none = answer(_at("safety", "it is racist"), "safety", {"safety": ("none_of_these",)}).draft
    assert settle(none.answers).known["text_flags"] == ("racist",)


@pytest.mark.parametrize("words", ["right", "that's right", "yes", "keep", "correct"])
def test_who_types_confirms_with_a_word(words: str) -> None:
    """What was understood is said as a sentence, with the word that confirms it."""
    draft = _at("poster")
    came = type_(draft, words)
    assert isinstance(came, TypedAnswer)
    assert came.state.draft.answers["poster"] == ("parent_carer",)
    assert isinstance(type_(_at("poster", "invented"), words), Misunderstood)


def test_what_was_understood_is_said_to_who_types() -> None:
    """The one question says what it took from the words, and how to confirm it."""
    state = taken_up(_at("poster"))
    form = view(state, SCHOOL, POLICY, surface=Surface.MESSAGE, now=AT, typed=True)
    assert "From your words: A parent or carer. Type “right” if that is right." in form_text(form)


def test_a_yes_that_is_a_choice_of_its_own_is_that_choice() -> None:
    """Still there: yes means yes; nothing was understood of *may we keep your name private*."""
    draft = _at("where")
    for words in ("right", "skip", "skip", "skip"):
        came = type_(draft, words)
        assert isinstance(came, TypedAnswer)
        draft = came.state.draft
    assert see(draft).cursor == "still_online"
    came = type_(draft, "no")
    assert isinstance(came, TypedAnswer)
    assert came.state.draft.answers["still_online"] == "removed"
    right = type_(draft, "right")
    assert isinstance(right, TypedAnswer)
    assert right.state.draft.answers["still_online"] == "yes"


def test_a_report_told_in_words_ends_as_one_by_pages() -> None:
    """Confirmed page by page it is the same report as one that was ticked."""
    draft = new(RUDE)
    while not at_check(see(draft)):
        form = see(draft)
        rest = {n: v for n, v in PLAIN.items() if n in {f.name for f in form.fields}}
        given = {**rest, "safety": ("none_of_these",), **_filled(form)}
        draft = answer(draft, form.id.removeprefix("report."), given).draft
    sent = finish(draft)
    assert sent.answers["poster"] == ("parent_carer",)
    assert sent.answers["targets"] == ("staff",)
    assert sent.posting.words == RUDE
