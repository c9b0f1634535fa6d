"""The page before a report is sent: what was answered, who would be told now, how soon, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from flows.intake import conversation, typed
from flows.intake.conversation import taken_up
from flows.school import PersonId, School
from flows.ui.forms import Value
from flows.ui.inbound import Surface
from flows.ui.plain_text import form_text
from tests.flows.talking import AT, PLAIN, POLICY, SCHOOL, by_pages, finish, goto, see, with_file
from tests.flows.test_conversation import FILE
from tests.flows.test_one_question import upto

GOLDEN = Path(__file__).parent / "golden"
EVENING = dt.datetime(2026, 11, 27, 20, tzinfo=dt.UTC)
ALL_OUT = replace(SCHOOL, seats={seat: (PersonId("brook"),) for seat in SCHOOL.seats})

#: Each an answer sheet, a school, and a moment.
REPORTS: dict[str, tuple[dict[str, Value], School, dt.datetime]] = {
    "plain": (PLAIN, SCHOOL, AT),
    "rude": (
        {**PLAIN, "nature": ("abusive",), "targets": ("staff",), "words": "An invented slur."},
        SCHOOL,
        AT,
    ),
    "threat": ({**PLAIN, "violence": "yes", "targets": ("headteacher", "staff")}, SCHOOL, EVENING),
    "racist": ({**PLAIN, "racist": "not_sure"}, SCHOOL, EVENING),
    "danger": ({**PLAIN, "immediate_danger": "yes"}, SCHOOL, AT),
    "imagery": ({**PLAIN, "sexual_imagery_child": "not_sure", "targets": ("pupil",)}, SCHOOL, AT),
    "question": ({**PLAIN, "nature": ("genuine_concern",)}, SCHOOL, AT),
    "nobody": ({**PLAIN, "targets": ("none",)}, SCHOOL, AT),
    "nobody_left": ({**PLAIN, "reporter_link": ("is_poster",), "violence": "yes"}, ALL_OUT, AT),
    "unsure": ({**PLAIN, "safety": ("not_sure",), "poster": ("unknown",)}, SCHOOL, AT),
}


@pytest.mark.parametrize("name", REPORTS)
def test_what_the_check_says(name: str, golden: Callable[[Path, str], None]) -> None:
    """A reporter reads what will be sent and what becomes of it, and decides: word for word."""
    said, school, now = REPORTS[name]
    draft, _ = by_pages(said)
    form = conversation.view(taken_up(draft), school, POLICY, surface=Surface.MODAL, now=now, page="check")
    golden(GOLDEN / f"check_{name}.txt", form_text(form) + "\n")


TOLD: dict[str, Value] = {
    "platform": ("other",),
    "platform_other": "An invented site",
    "link": "https://x.example/1",
    "account_name": "An invented name",
    "audience": "Everybody",
    "captured_by": "Brook",
    "first_seen": "On Tuesday",
    "reporting_for": "A pupil",
    "wants_contact": "By phone",
    "words": "They said something.",
    "keep_name_private": "yes",
}


def test_what_was_told_in_words_is_sent_as_it_was_told() -> None:
    """Every word of a reporter stands in the report where a leader looks for it."""
    sent = finish(with_file(by_pages({**PLAIN, **TOLD})[0], FILE))
    posting = sent.posting
    assert {name: getattr(posting, name) for name in TOLD if hasattr(posting, name)} == {
        name: value for name, value in TOLD.items() if hasattr(posting, name)
    }
    assert (sent.reporting_for, sent.wants_contact, sent.private_name) == ("A pupil", "By phone", True)
    assert (posting.files, sent.sent_at, sent.unfinished) == ((FILE,), AT, False)


def test_files_stand_on_the_check() -> None:
    """A picture that came along is named there, so that nobody sends one they did not mean to."""
    draft, _ = by_pages(PLAIN)
    assert "shot.png" in form_text(see(with_file(draft, FILE), "check"))


LATER = AT + dt.timedelta(minutes=7)


@pytest.mark.parametrize(
    ("name", "said", "words"),
    [
        ("works_here", {"immediate_danger": "yes"}, "no"),
        ("safety", {}, "none of these"),
        ("targets", {}, "a pupil"),
        ("words", {}, "They said something about her."),
    ],
)
def test_whatever_is_typed_is_of_its_moment(name: str, said: dict[str, Value], words: str) -> None:
    """When a report was last touched decides when it goes ahead by itself, and when it is thrown away."""
    came = typed.read(taken_up(upto(name, **said)), words, SCHOOL, LATER, surface=Surface.MESSAGE)
    assert isinstance(came, typed.TypedAnswer)
    assert came.state.draft.touched_at == LATER


@pytest.mark.parametrize(
    ("page", "name", "words"),
    [
        ("where", "account_name", "An invented name"),
        ("where", "account_name", "skip"),
        ("where", "audience", "twenty people in that group, all of them parents"),
        ("since", "first_seen", "not sure"),
    ],
)
def test_words_that_are_typed_are_of_their_moment(page: str, name: str, words: str) -> None:
    """The same where words are asked for, or left out."""
    draft = goto(by_pages(PLAIN)[0], page, Surface.MESSAGE, field=name)
    came = typed.read(taken_up(draft), words, SCHOOL, LATER, surface=Surface.MESSAGE)
    assert isinstance(came, typed.TypedAnswer)
    assert came.state.draft.touched_at == LATER


@pytest.mark.parametrize("words", ["change 2", "about", "There is something more that I want to say."])
def test_whatever_is_typed_at_the_check_is_of_its_moment(words: str) -> None:
    """The same where everything is answered."""
    came = typed.read(taken_up(by_pages(PLAIN)[0]), words, SCHOOL, LATER, surface=Surface.MESSAGE)
    assert isinstance(came, typed.TypedAnswer)
    assert came.state.draft.touched_at == LATER
