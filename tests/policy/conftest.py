"""Answer sets of every kind, from a seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from flows.questions.table import KEYS

Answers = dict[str, Any]


def answer_sets(count: int, seed: int) -> Iterator[Answers]:
    """Yield answer sets spread over all keys; calm answers are likelier, so that rows stand alone too."""
    dice = random.Random(seed)  # noqa: S311 - a seed, not a secret
    for _ in range(count):
        calm = dice.random()
        answers: Answers = {}
        for name, key in KEYS.items():
            if dice.random() < calm * 0.9:
                continue
            if key.many:
                most = min((0, 1, 1, 1, 2, 3)[int(dice.random() * 6)], len(key.values))
                picked: dict[str, None] = {}
                while len(picked) < (most or not key.may_be_empty):
                    picked[_one_of(key.values, dice)] = None
                alone = [value for value in picked if value in key.alone]
                answers[name] = alone or list(picked)
            else:
                answers[name] = key.default if dice.random() < 0.5 else _one_of(key.values, dice)
        if dice.random() < 0.2:
            answers["unfinished"] = True
        yield answers


def _one_of(values: tuple[str, ...], dice: random.Random) -> str:
    return values[int(dice.random() * len(values))]  # a third of the cost of dice.choice, a million times


@pytest.fixture(scope="session")
def sets() -> Callable[[int, int], Iterator[Answers]]:
    """Return how to get answer sets: how many, from which seed."""
    return answer_sets
