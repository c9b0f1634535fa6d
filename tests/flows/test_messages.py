"""What each audience reads, as text to be read; and what must never stand where."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from flows.delivery.to_reporter import MILESTONES
from flows.messages.phrases import event_line
from flows.messages.record import record, reporter_shown
from flows.messages.templates import written
from flows.model import MESSAGES, EventKind, Message, Readers
from flows.questions.table import SAFETY_LIST
from flows.school import School
from flows.ui.cards import Buttons, Card
from flows.ui.plain_text import card_text, form_text
from flows.words import known, say
from tests.flows.examples import (
    channel_cards,
    events,
    examples,
    occasion,
    other_cards,
    put_off,
    worked,
)
from tests.flows.matter import (
    ABUSE,
    DSL,
    FILE,
    HEAD,
    REPORTER,
    SCHOOL,
    SECRET,
    THREAT,
    Matter,
)
from tests.flows.talking import PLAIN, by_pages, see, with_file

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", sorted(examples()))
@pytest.mark.unwatched
def test_as_it_is_read(name: str, golden: Callable[[Path, str], None]) -> None:
    """Each message reads as its golden text says."""
    card = examples()[name]
    golden(GOLDEN / f"{name}.txt", f"({card.summary})\n\n{card_text(card)}\n")


def test_every_event_as_a_line(golden: Callable[[Path, str], None]) -> None:
    """Each thing that can happen reads as its golden line says."""
    lines = [f"{event.kind}: {event_line(case, event, SCHOOL)}" for case, event in events()]
    golden(GOLDEN / "events.txt", "\n".join(lines) + "\n")


def test_every_message_has_an_example() -> None:
    """Every member of Message is drawn by an example of its own name, and every event by one of its kind."""
    assert {card.kind for card in examples().values()} >= set(Message)
    assert all(known(f"progress.{sort}") for sort in MILESTONES)
    assert {event.kind for _, event in events()} == set(EventKind)


@pytest.mark.parametrize("message", Message)
def test_every_message_is_written_as_its_case_is_now(message: Message) -> None:
    """Each message is a card of its own name; where what it was about is gone, nothing is said."""
    assert message in MESSAGES, "declare who may have it, its key and its name in MESSAGES of flows/model"
    whole = occasion(put_off() if message is Message.REMINDER else worked(), message)
    card = written(message, whole)
    assert card is not None, "what it is written from is missing in `occasion` of examples.py"
    assert card.kind == message
    of_a_case = MESSAGES[message].readers is not Readers.PLANNED
    assert (written(message, replace(whole, case=None)) is None) is of_a_case
    needs_more = message in (Message.NOTICE, Message.ASSIGNED, Message.UPDATE, Message.PROGRESS)
    needs_more = needs_more or message in (Message.NOTE_TO_REPORTER, Message.ROSTER, Message.REMINDER)
    assert (written(message, replace(whole, event=None, person=None)) is None) is needs_more


# -- what must never stand where ---------------------------------------------------------------------


def names(school: School) -> set[str]:
    """Return every word of every person's name."""
    return {word for person in school.people.values() for word in person.name.split()}


@pytest.mark.parametrize("card", list(channel_cards()), ids=lambda card: card.kind)
def test_a_card_for_a_channel_is_discreet(card: Card) -> None:
    """No words, link, file, account or name stands in a channel, nor travels with a button."""
    everything = card_text(card) + msgspec.json.encode(card).decode()
    assert SECRET not in everything
    assert [name for name in names(SCHOOL) if name in everything] == []


@pytest.mark.parametrize("card", [*channel_cards(), *other_cards()], ids=lambda card: card.kind)
def test_a_lock_screen_says_that_and_not_what(card: Card) -> None:
    """A summary holds neither kind nor words nor names, and is a sentence."""
    kinds = [
        say(f"kind.{name}") for name in ("imagery", "safeguarding", "allegation", "threat", "hate", "conduct")
    ]
    assert card.summary
    assert SECRET not in card.summary
    assert [
        word for word in (*names(SCHOOL), *kinds, "racist", "police", "child") if word in card.summary
    ] == []


def test_only_the_record_holds_the_words() -> None:
    """The words and files stand in the record, the reporter's name only where it was asked for."""
    matter = worked()
    opened = card_text(record(matter.case, matter.events, SCHOOL, HEAD))
    assert SECRET in opened
    assert "captured by" not in opened
    name = SCHOOL.people[REPORTER].name
    assert name not in opened
    shown = card_text(reporter_shown(matter.case, SCHOOL))
    assert name in shown
    assert "captured by" in shown
    gone = replace(SCHOOL, people={HEAD: SCHOOL.people[HEAD]})
    assert say("record.gone") in card_text(reporter_shown(Matter(ABUSE).case, gone))


@pytest.mark.parametrize("key", SAFETY_LIST)
def test_the_record_holds_the_ticked_words(key: str) -> None:
    """What was ticked stands there as it was read, so that a leader knows which of several things it was."""
    matter = Matter({**ABUSE, key: "not_sure"})
    assert f"{say(f'option.safety.{key}')}: Not sure" in card_text(
        record(matter.case, matter.events, SCHOOL, HEAD)
    )


def test_technical_facts_of_a_file_stand_in_the_record_alone() -> None:
    """Whoever reports reads its name and size; its type and fingerprint are for the record."""
    draft = with_file(by_pages(PLAIN)[0], FILE)
    shown = form_text(see(draft))
    assert FILE.name in shown
    assert not any(fact in shown for fact in (FILE.sha256, FILE.media_type, "SHA-256"))
    matter = Matter(ABUSE)
    assert FILE.sha256 in card_text(record(matter.case, matter.events, SCHOOL, HEAD))


def test_a_record_without_words() -> None:
    """A report of ticks alone has a record of ticks alone; who may note is offered it, others are not."""
    matter = Matter(ABUSE)
    bare = replace(matter.case.report, posting=type(matter.case.report.posting)())
    case = replace(matter.case, report=bare)
    mine, theirs = (record(case, [], SCHOOL, person) for person in (HEAD, DSL))
    assert say("record.words") not in card_text(mine)
    assert [type(block) for block in mine.blocks[:3]] != [type(block) for block in (Buttons(()),) * 3]
    assert any(isinstance(block, Buttons) for block in mine.blocks)
    assert not any(isinstance(block, Buttons) for block in theirs.blocks)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (Message.CASE_CARD, "By 11:00 on Tuesday 24 November – that has passed"),
        (Message.NOTICE, "By 11:00 on Tuesday 24 November – that has passed"),
        (Message.RECEIPT, "By 11:00 on Tuesday 24 November – that has passed"),
        (Message.UPDATE, "It was to be seen to by 11:00 on Tuesday 24 November: that has passed."),
    ],
)
def test_a_deadline_that_has_passed_is_said_to_have(message: Message, words: str) -> None:
    """What waited for a platform is read days later: it asks nobody to see to it *by 11:00 today*."""
    matter = Matter(THREAT)
    on = replace(occasion(matter), event=matter.events[0])
    late = written(message, replace(on, now=on.now + dt.timedelta(days=3)))
    assert late is not None
    assert words in card_text(late)
    assert "passed" not in card_text(written(message, on) or late)
