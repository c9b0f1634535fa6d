"""A page as a renderer is given it, whole: what stands out, what is filled in, which button means what."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from flows.intake import conversation
from flows.intake.conversation import taken_up
from flows.model import CaseId, Draft
from flows.school import Contact, School
from flows.ui.forms import Value
from flows.ui.inbound import Surface
from tests.flows.outline import outline
from tests.flows.talking import AT, PLAIN, POLICY, SCHOOL, answer, by_pages, goto, new, with_file, with_words
from tests.flows.test_conversation import FILE, IMAGE

GOLDEN = Path(__file__).parent / "golden"


def page(draft: Draft, name: str | None = None, *, typed: bool = False, school: School = SCHOOL) -> str:
    """Return the outline of a page."""
    surface = Surface.MESSAGE if typed else Surface.MODAL
    state = taken_up(draft)
    form = conversation.view(state, school, POLICY, surface=surface, now=AT, page=name, typed=typed)
    return "\n".join(outline(form)) + "\n"


def said(**values: Value) -> Draft:
    """Return a report that says this on its first page."""
    return answer(new(), "danger", values).draft


def imagery() -> Draft:
    """Return a report of an image that has come to its last page."""
    draft = answer(said(immediate_danger="no"), "safety", {"safety": ("sexual_imagery_child",)}).draft
    draft = answer(
        draft, "safety", {"safety": ("sexual_imagery_child",), "sexual_imagery_child": "yes"}
    ).draft
    return answer(draft, "about", {"targets": ("pupil",), "staff_allegation": ("nobody",)}).draft


def two_answers() -> Draft:
    """Return a report in which somebody said two things about danger."""
    return conversation.with_two(by_pages(PLAIN)[0], "immediate_danger", "yes", AT).draft


NO_NUMBERS = replace(
    SCHOOL,
    people={who: replace(one, phone="") for who, one in SCHOOL.people.items()},
    police_non_emergency="",
    childrens_services=Contact(),
)
WORDS = "A parent posted on Facebook that our head teacher is useless. I took a screenshot."
PAGES: dict[str, Callable[[], str]] = {
    "danger": lambda: page(said(immediate_danger="yes", works_here="no"), "danger"),
    "doubt": lambda: page(said(immediate_danger="not_sure", works_here="no")),
    "imagery": lambda: page(imagery()),
    "offered": lambda: page(goto(with_words(said(immediate_danger="no"), WORDS), "about", Surface.MODAL)),
    "files": lambda: page(with_file(by_pages(PLAIN)[0], FILE), "where"),
    "files_locked": lambda: page(with_file(by_pages(IMAGE)[0], FILE), "check"),
    "two_answers": lambda: page(two_answers(), "danger"),
    "nobody_to_ring": lambda: page(said(immediate_danger="yes", works_here="no"), school=NO_NUMBERS),
    "went_ahead": lambda: page(
        replace(by_pages({**PLAIN, "violence": "yes"})[0], case=CaseId("C1")), "check"
    ),
    "words_apart": lambda: page(with_words(by_pages(IMAGE)[0], WORDS), "check"),
    "typed_offered": lambda: page(
        goto(with_words(said(immediate_danger="no"), WORDS), "about", Surface.MESSAGE), typed=True
    ),
    "typed": lambda: page(said(immediate_danger="no"), typed=True),
    "check": lambda: page(by_pages({**PLAIN, "violence": "yes", "replied": "colleague"})[0], "check"),
}


@pytest.mark.parametrize("name", PAGES)
def test_what_a_renderer_is_given(name: str, golden: Callable[[Path, str], None]) -> None:
    """Who is in danger must not overlook whom to ring, and nobody may press what they did not mean."""
    golden(GOLDEN / f"page_{name}.txt", PAGES[name]())
