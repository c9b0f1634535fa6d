"""The check that answers keep to the closed keys and values that the policy hears (policy page §3).

Which those are is declared with the questions, in :mod:`flows.questions.table`.
"""

from __future__ import annotations

from collections.abc import Mapping

from flows.errors import InvalidAnswer
from flows.questions.table import KEYS


def check(answers: Mapping[str, object]) -> tuple[dict[str, str | tuple[str, ...]], bool]:
    """Return the answers as the policy takes them, and whether the report was cut short.

    Raises InvalidAnswer, naming the key and the value, for what §3 does not know. ``words`` are accepted
    and left out. Values that stand alone on a form are accepted beside others: rows say what they mean.
    """
    unfinished = answers.get("unfinished", False)
    if not isinstance(unfinished, bool):
        raise _wrong("unfinished", unfinished, "must be true or false")
    checked: dict[str, str | tuple[str, ...]] = {}
    for name, given in answers.items():
        if name == "unfinished":
            continue
        if name == "words":
            if not isinstance(given, str):
                raise _wrong(name, given, "must be text")
            continue
        checked[name] = _checked(name, given)
    return checked, unfinished


def _checked(name: str, given: object) -> str | tuple[str, ...]:
    key = KEYS.get(name)
    if key is None:
        raise _wrong(name, given, "is no key of a report")
    if not key.many:
        if not isinstance(given, str):
            raise _wrong(name, given, "must be one value, in quotes")
        if given not in key.values:
            raise _wrong(name, given, f"must be one of {', '.join(key.values)}")
        return given
    if not isinstance(given, list | tuple):
        raise _wrong(name, given, "must be a list")
    for value in given:
        if not isinstance(value, str) or value not in key.values:
            raise _wrong(name, value, f"must be among {', '.join(key.values)}")
    return tuple(given)


def _wrong(key: str, given: object, rule: str) -> InvalidAnswer:
    return InvalidAnswer(key, f"{key[:60]!r}: {_short(given)} {rule}.")


def _short(given: object) -> str:
    shown = repr(given)
    return shown if len(shown) <= 80 else shown[:79] + "…"  # noqa: PLR2004 - about a line
