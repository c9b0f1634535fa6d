"""What reporters read can be read at eleven, what leaders are asked to do at thirteen.

Measured as Flesch and Kincaid do: words in a sentence, syllables in a word; a school grade plus five is an
age.
The school's policy is quoted word for word, so its own words are not measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import pytest
import syllapy

from flows.messages import lists, templates
from flows.model import Answer, Event, EventKind
from flows.ui.cards import Block, Bullets, Callout, Card, Heading, Small, Text
from flows.ui.forms import Choice, Form, Many, Value
from flows.words import say
from tests.flows.examples import DRAFT
from tests.flows.matter import ABUSE, AT, CHILD, QUESTION, SCHOOL, THREAT, Matter, row
from tests.flows.talking import PLAIN, by_pages
from tests.flows.test_words import sentences

REPORTERS, LEADERS = 11, 13
_QUOTED = re.compile("“[^”]*”")
_SENTENCES = re.compile(r"(?<=[.?!:;])\s+|\n+| – ")
_WORDS = re.compile(r"[A-Za-z][A-Za-z'’]*")


def age(texts: Iterable[str]) -> float:
    """Return the age at which these texts can be read."""
    parts = [part for text in texts for part in _SENTENCES.split(_QUOTED.sub("", text))]
    counted = [words for words in map(_WORDS.findall, parts) if words]
    words = [word for part in counted for word in part]
    syllables = sum(syllapy.count(word) for word in words)
    return 0.39 * len(words) / len(counted) + 11.8 * syllables / len(words) - 15.59 + 5


def prose(blocks: Iterable[Block]) -> Iterator[str]:
    """Yield what blocks say in sentences; the policy's own words are quotes and left out."""
    for block in blocks:
        if isinstance(block, Text | Callout | Small | Heading):
            yield block.text
        if isinstance(block, Bullets):
            yield from block.lines


def page(form: Form) -> Iterator[str]:
    """Yield what a page says."""
    yield form.title
    yield from prose(form.intro)
    for field in form.fields:
        yield from (field.label, field.help)
        if isinstance(field, Choice | Many):
            for option in field.options:
                yield from (option.label, option.description, *prose(option.advice))


WALKS: list[dict[str, Value]] = [
    {},
    {"immediate_danger": "yes", "targets": ("pupil",)},
    {"immediate_danger": "not_sure", "works_here": "yes"},
    {"sexual_imagery_child": "yes", "targets": ("pupil",)},
    {"nature": ("genuine_concern",)},
    {"violence": "yes", "targets": ("staff",), "did": ("shared",), "platform": ("other",)},
    {"staff_allegation": ("staff",), "targets": ("staff",), "child_at_risk": "yes", "replied": "not_sure"},
    {"poster": ("unknown",), "racist": "not_sure", "replied": "reporter", "keep_from": ("headteacher",)},
]


@pytest.mark.parametrize("said", WALKS)
def test_every_page_can_be_read_at_eleven(said: dict[str, Value]) -> None:
    """Page by page, with what opens and what an answer brings."""
    ages = {form.id: age(page(form)) for form in by_pages({**PLAIN, **said})[1]}
    assert {name: found for name, found in ages.items() if found > REPORTERS} == {}


def cards() -> Iterator[tuple[str, Card]]:
    """Yield every card that a reporter reads."""
    answers: dict[str, dict[str, Answer]] = {
        "abuse": ABUSE,
        "threat": THREAT,
        "child": CHILD,
        "question": QUESTION,
        "danger": {"immediate_danger": "yes", "staff_allegation": ("staff",), "targets": ("pupil",)},
        "image": {"sexual_imagery_child": "not_sure", "targets": ("pupil",)},
        "hate": {"other_hate": "yes", "poster": ("pupil",)},
        "nothing": {"targets": ("none",), "nature": ("none_of_these",)},
    }
    for name, said in answers.items():
        yield f"receipt of {name}", templates.receipt(Matter(said).case, SCHOOL, AT)
    case = Matter(ABUSE).case
    for kind in (EventKind.TAKEN_ON, EventKind.CONTACT_RECORDED, EventKind.CLOSED, EventKind.REOPENED):
        yield kind, templates.progress(case, Event(case=case.id, seq=2, kind=kind, at=AT))
    yield "status", lists.status([row(case)], DRAFT, SCHOOL)
    yield "help", lists.help_card(leader=False)


@pytest.mark.parametrize(("name", "card"), list(cards()), ids=[name for name, _ in cards()])
def test_every_card_of_a_reporter_can_be_read_at_eleven(name: str, card: Card) -> None:
    """Receipts, progress, status and help."""
    assert age(prose(card.blocks)) <= REPORTERS, name


def test_what_leaders_are_asked_to_do_can_be_read_at_thirteen() -> None:
    """Each action by itself."""
    actions = {name: say(name, dsl=say("dsl.dsl")) for name in sentences() if name.startswith("action.")}
    assert {name: text for name, text in actions.items() if age([text]) > LEADERS} == {}


def test_the_measure_tells_hard_from_easy() -> None:
    """A sentence of the policy is far above, one of ours below."""
    hard = "The Headteacher will contact those responsible, inviting them to address any legitimate concerns."
    assert age([hard]) > LEADERS + 2
    assert age(["Don't reply to the posting."]) < REPORTERS
    assert age([f"It is about the school. “{hard}”"]) < REPORTERS, "the policy's own words do not count"
