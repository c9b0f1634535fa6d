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
                answers[name] = dice.sample(key.values, dice.choice((0, 1, 1, 1, 2, min(3, len(key.values)))))
            else:
                answers[name] = key.default if dice.random() < 0.5 else dice.choice(key.values)
        if dice.random() < 0.2:
            answers["unfinished"] = True
        yield answers


@pytest.fixture(scope="session")
def sets() -> Callable[[int, int], Iterator[Answers]]:
    """Return how to get answer sets: how many, from which seed."""
    return answer_sets
