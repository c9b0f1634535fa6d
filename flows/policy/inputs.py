"""What is wrong with answers that are not of the keys and values that the policy hears (policy page §3).

Which those are is declared with the questions, in :mod:`flows.questions.table`.
"""

from __future__ import annotations

from collections.abc import Mapping

from flows.errors import InvalidAnswer
from flows.questions.table import KEYS


def what_is_wrong(answers: Mapping[str, object]) -> InvalidAnswer:
    """Return the error that names the first key that is wrong, its value and the rule it breaks.

    ``words`` may come along and are never read. Values that stand alone on a form are accepted beside
    others: rows say what they mean.
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
        return given, "is no key of a report"
    if not key.many:
        if not isinstance(given, str):
            return given, "must be one value, in quotes"
        return None if given in key.values else (given, f"must be one of {', '.join(key.values)}")
    if not isinstance(given, list | tuple):
        return given, "must be a list"
    strange = [value for value in given if not isinstance(value, str) or value not in key.values]
    return (strange[0], f"must be among {', '.join(key.values)}") if strange else None


def _wrong(key: str, given: object, rule: str) -> InvalidAnswer:
    return InvalidAnswer(key, f"{key[:60]!r}: {_short(given)} {rule}.")


def _short(given: object) -> str:
    shown = repr(given)
    return shown if len(shown) <= 80 else shown[:79] + "…"  # noqa: PLR2004 - about a line
