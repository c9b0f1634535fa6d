"""When a question is asked: conditions as plain values, so that the table of questions can be checked.

A condition is a list of alternatives, each a list of needs; one alternative must hold whole. A need
looks at one earlier question. Nothing here knows which questions there are.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from flows.model import Answer
from flows.wordlist import WORDS, keys_in

Answers = Mapping[str, Answer]


class Need(Struct, frozen=True):
    """What one earlier question must hold: any of ``values`` – or (``exactly``) these and no others.

    ``no`` turns it round. A question that is not answered holds nothing.
    """

    name: str
    values: tuple[str, ...]
    exactly: bool = False
    no: bool = False

    def holds(self, answers: Answers) -> bool:
        """Return whether the answers meet this need."""
        held = held_by(answers, self.name)
        met = held == set(self.values) if self.exactly else not held.isdisjoint(self.values)
        return met is not self.no


class Word(Struct, frozen=True):
    """The reporter's own words hold a listed word that points to the key ``key``."""

    key: str
    name: str = WORDS

    def holds(self, answers: Answers) -> bool:
        """Return whether such a word was used."""
        return self.key in keys_in(answers)


Condition = tuple[tuple[Need | Word, ...], ...]

#: Asked of everybody.
ALWAYS: Condition = ((),)


def met(condition: Condition, answers: Answers) -> bool:
    """Return whether one alternative holds whole."""
    return any(all(need.holds(answers) for need in alternative) for alternative in condition)


def looks_at(condition: Condition) -> frozenset[str]:
    """Return the names of the questions a condition looks at."""
    return frozenset(need.name for alternative in condition for need in alternative)


def both(one: Condition, other: Condition) -> Condition:
    """Return the condition that holds where both do."""
    return tuple((*a, *b) for a in one for b in other)


def held_by(answers: Answers, name: str) -> set[str]:
    """Return what a question holds, as a set; empty where it is not answered."""
    value = answers.get(name, ())
    return {value} if isinstance(value, str) else set(value)
