"""What is wrong with answers that are not of the keys and values that the policy hears (policy page §3).

Which those are is declared with the questions, in :mod:`flows.questions.table`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flows.errors import InvalidAnswer
from flows.questions.question import Question
from flows.questions.table import KEYS


def what_is_wrong(answers: Mapping[str, object]) -> InvalidAnswer:
    """Return the error that names the first key that is wrong, its value and the rule it breaks.

    ``words`` may come along and are never read.
    """
    broken = ((name, _broken(name, given)) for name, given in answers.items())
    return next(_wrong(name, *found) for name, found in broken if found)


def _broken(name: str, given: object) -> tuple[object, str] | None:
    """Return the value that breaks a rule, and the rule; None for an answer that is right."""
    key = KEYS.get(name)
    if name == "unfinished":
        return None if isinstance(given, bool) else (given, "must be true or false")
    if name == "words":
        return None if isinstance(given, str) else (given, "must be text")
    if key is None:
        return given, f"is no key of a report; those are {', '.join((*KEYS, 'words', 'unfinished'))}"
    choices = ", ".join(key.values)
    if not key.many:
        held = isinstance(given, str) and given in key.values
        return None if held else (given, f"must be one of {choices}")
    if not isinstance(given, list | tuple):
        return given, f"must be a list of some of {choices}"
    return _broken_list(key, given, choices)


def _broken_list(key: Question, given: Sequence[object], choices: str) -> tuple[object, str] | None:
    """Return the same for a list."""
    for value in given:
        if not isinstance(value, str) or value not in key.values:
            return value, f"must be among {choices}"
    if not given and not key.may_be_empty:
        return given, f"must hold at least one of {choices}"
    alone = next((value for value in given if value in key.alone), None)
    return (given, f"must hold {alone} alone, or some of {choices}") if alone and len({*given}) > 1 else None


def _wrong(key: str, given: object, rule: str) -> InvalidAnswer:
    return InvalidAnswer(key, f"{key[:60]!r}: {_short(given)} {rule}.")


def _short(given: object) -> str:
    shown = repr(given)
    return shown if len(shown) <= 80 else shown[:79] + "…"  # noqa: PLR2004 - about a line
