"""What a store of an earlier schema holds is read as if it had been written today.

The documents were written by the code of that day, one of every shape that a story left behind.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.messages.phrases import event_line
from flows.model import Audit, Event, EventKind, Message, Place, Send, Way
from storage import codec
from tests.flows.matter import SCHOOL, THREAT, Matter

LINES = (Path(__file__).parent / "schema_1" / "documents.txt").read_text("utf-8").splitlines()
EVENTS, SENDS, AUDIT = (
    [codec.decode(kind, line.partition(" ")[2].encode()) for line in LINES if line.startswith(kind.__name__)]
    for kind in (Event, Send, Audit)
)


@pytest.mark.parametrize(
    ("kind", "fact", "words"),
    [
        (EventKind.CORRECTED, "answers", ("violence",)),
        (EventKind.REASSESSED, "added", ("police",)),
        (EventKind.RECUSED, "why", ("conflict",)),
    ],
)
def test_several_words_of_a_fact_come_apart(kind: EventKind, fact: str, words: tuple[str, ...]) -> None:
    """What commas had joined is a tuple; a fact of one word stays one."""
    event = next(event for event in EVENTS if event.kind is kind)
    assert event.several(fact) == words
    assert isinstance(next(e for e in EVENTS if e.kind is EventKind.REASSESSED).facts["urgency"], str)


def test_an_old_event_reads_as_ever() -> None:
    """Its line in the story says what it always said."""
    case = Matter(THREAT).case
    told = next(event for event in EVENTS if event.kind is EventKind.REASSESSED)
    assert event_line(case, told, SCHOOL).endswith("Also told: Police.")
    out = next(event for event in EVENTS if event.kind is EventKind.RECUSED)
    assert event_line(case, out, SCHOOL) == "Somebody stepped out of this case because of a conflict."


def test_whose_place_a_send_goes_to_is_a_field() -> None:
    """A card in a restricted place, and every line below it, says whose place it is; no other does."""
    assert {send.way for send in SENDS if send.place is Place.RESTRICTED} >= {Way.ROOT, Way.REPLY}
    for send in SENDS:
        assert (send.seat or "") == ("chair_of_governors" if send.place is Place.RESTRICTED else ""), send.key


def test_which_receipt_it_is_is_a_field() -> None:
    """The receipt of a report that was finished later is told from the first."""
    assert sorted(send.again for send in SENDS if send.message is Message.RECEIPT) == [0, 1]


def test_which_message_the_audit_means_is_a_fact() -> None:
    """Every line about a send says which message it was, and a line of the thread which line."""
    assert {line.facts["message"] for line in AUDIT} == {
        *(Message.CASE_CARD, Message.NOTICE, Message.UPDATE, Message.RECEIPT, Message.PROGRESS)
    }
    assert all(line.facts["event"] for line in AUDIT if line.facts.get("message") == Message.UPDATE)
