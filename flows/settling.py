"""Which answers stand and which questions are asked: the whole state of a report, from its answers alone."""

from __future__ import annotations

from functools import lru_cache

from flows.model import Answer
from flows.question_table import KEPT, ROWS, SAFETY, Row
from flows.skip_rules import Answers, met


def settle(answers: Answers) -> tuple[dict[str, Answer], tuple[Row, ...]]:
    """Return the answers that (still) apply, and the rows that are asked, in order.

    What is ticked under *safety* decides the six keys: not ticked is *no*.
    """
    kept, asked = _settled(tuple(answers.items()))
    return dict(kept), asked


#: Each row with all that must hold for it, put together once.
_CONDITIONS = tuple((row, row.condition) for row in ROWS)


@lru_cache(maxsize=16)  # one turn asks many times for the same answers; nobody's stay for long
def _settled(pairs: tuple[tuple[str, Answer], ...]) -> tuple[dict[str, Answer], tuple[Row, ...]]:
    answers = dict(pairs)
    kept: dict[str, Answer] = {}
    asked: list[Row] = []
    for row, condition in _CONDITIONS:
        if not met(condition, kept):
            continue
        asked.append(row)
        if row.name in answers and not (row.name in SAFETY and answers[row.name] == "no"):
            kept[row.name] = answers[row.name]
            if row.name == "safety":
                ticked = ticked_safety(answers)
                kept.update({key: "no" for key in SAFETY if key not in ticked})
    kept.update({name: answers[name] for name in KEPT if name in answers and name not in kept})
    return kept, tuple(asked)


def ticked_safety(answers: Answers) -> tuple[str, ...]:
    """Return the safety keys that are ticked."""
    ticked = answers.get("safety", ())
    return tuple(key for key in SAFETY if key in ticked)
