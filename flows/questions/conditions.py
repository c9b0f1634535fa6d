"""When a question is asked: conditions as plain values, so that the table of questions can be checked.

A condition is a list of alternatives, each a list of needs; one alternative must hold whole. A need
looks at one earlier question. Nothing here knows which questions there are.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from flows.model import Answer
from flows.questions.keywords import WORDS, keys_in

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
        value = answers.get(self.name, ())
        held = (value,) if isinstance(value, str) else value
        met = set(held) == set(self.values) if self.exactly else _meet(held, self.values)
        return met is not self.no


def _meet(held: tuple[str, ...], values: tuple[str, ...]) -> bool:
    """Return whether any value is held; the tuples are too short for sets to pay."""
    for value in held:  # noqa: SIM110 - a generator costs more than the question it answers
        if value in values:
            return True
    return False


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
    # Plain loops: this is asked some two hundred times a turn.
    for alternative in condition:
        for need in alternative:
            if not need.holds(answers):
                break
        else:
            return True
    return False


def looks_at(condition: Condition) -> frozenset[str]:
    """Return the names of the questions a condition looks at."""
    return frozenset(need.name for alternative in condition for need in alternative)


def both(one: Condition, other: Condition) -> Condition:
    """Return the condition that holds where both do."""
    return tuple((*a, *b) for a in one for b in other)
