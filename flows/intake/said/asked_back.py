"""What is asked back of typed words before they count, and what settles it.

A name is never taken from a bare number, and nothing that would close a report off from one short word. The
small questions beside a report – *throw it away?*, *go on or begin anew?* – are answered in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec.structs import replace

from flows.intake.answers import NAMELESS, in_words
from flows.intake.settled import State
from flows.intake.synonyms import AGREED, ANEW, AWAY, DISAGREED, GO_ON, NO, UNSURE, YES
from flows.intake.understood import by_number
from flows.model import Answer, Spoken
from flows.questions.question import Kind, Question
from flows.school import School
from flows.ui.inbound import Surface
from flows.words import say


class Asks(StrEnum):
    """Why it was asked back."""

    PERSON = "person"
    CLOSES = "closes"
    DISCARD = "discard"
    OFFER = "offer"
    FRESH = "fresh"


#: Answers after which nobody would be told, or far fewer: one that is typed is asked back.
CLOSING: Mapping[str, Answer] = {"targets": ("none",), "nature": ("none_of_these",)}
#: What settles each: the words for yes, and those for no.
_SETTLES = {
    Asks.PERSON: (YES | AGREED, NO | DISAGREED),
    Asks.CLOSES: (YES | AGREED, NO | DISAGREED),
    Asks.DISCARD: (YES | AWAY, NO | GO_ON | UNSURE),
    Asks.OFFER: (YES | GO_ON | UNSURE, NO | ANEW),
    Asks.FRESH: (YES | ANEW | AWAY, NO | GO_ON | UNSURE),
}


def asks(question: Question, answer: Answer, words: str) -> Asks | None:
    """Return why these words, read as this answer, are asked back; None = they count."""
    if question.kind is Kind.PEOPLE and by_number(words) and {*answer}.difference(NAMELESS):
        return Asks.PERSON
    return Asks.CLOSES if CLOSING.get(question.name) == answer else None


def asked(state: State, surface: Surface, why: Asks, *, name: str = "", value: Answer = "") -> State:
    """Return the state in which that is asked on a surface."""
    last = state.draft.spoken.get(surface, Spoken()).last
    spoken = Spoken(last=last, asks=why, name=name, value=value, revision=state.draft.revision)
    return State(replace(state.draft, spoken={**state.draft.spoken, surface: spoken}), state.settled)


def heard(state: State, surface: Surface, name: str) -> State:
    """Return the state in which words on a surface have answered a question, and nothing is asked back."""
    spoken = Spoken(last=name)
    return State(replace(state.draft, spoken={**state.draft.spoken, surface: spoken}), state.settled)


def waiting(state: State, surface: Surface) -> Spoken | None:
    """Return what was asked back on a surface and still stands: nothing has changed since."""
    spoken = state.draft.spoken.get(surface)
    return spoken if spoken and spoken.asks and spoken.revision == state.draft.revision else None


def settled_by(spoken: Spoken, bare: str) -> bool | None:
    """Return whether words say yes or no to what was asked back; None = neither."""
    yes, no = _SETTLES[Asks(spoken.asks)]
    return True if bare in yes else False if bare in no else None


def in_question(why: Asks, question: Question, answer: Answer, school: School) -> str:
    """Return what is asked back of an answer."""
    if why is Asks.PERSON:
        return say("typed.is_it", who=in_words(question, answer, school))
    return say(f"typed.closes_{question.name}")
