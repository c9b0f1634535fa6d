"""The machine interface: answers as JSON in, decisions as JSON out. Stores nothing, logs nothing."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import msgspec

from flows.assessment import assess, check
from flows.errors import InvalidAnswer
from flows.model import Decision, Reason
from flows.policy import Policy, decide, default_policy

WRONG = 2
_ENCODE = msgspec.json.Encoder().encode
_PIECE = 2000


def run(source: str, out: TextIO, err: TextIO) -> int:
    """Decide every answer set of a file (``-`` = standard input); return the exit code, as ``_run`` says."""
    looking = gc.isenabled()
    gc.disable()  # nothing made here forms a cycle, and looking for one doubles the time of a large file
    try:
        return _run(source, out, err)
    finally:
        if looking:
            gc.enable()


def _run(source: str, out: TextIO, err: TextIO) -> int:
    """Decide every answer set of a file (``-`` = standard input); return the exit code.

    0: the decisions are on ``out``, an object for an object, a list in the same order for a list.
    2: something is wrong; nothing on ``out`` and one line on ``err`` naming set, key and value.
    """
    try:
        given = msgspec.json.decode(_read(source))
        sets = given if isinstance(given, list) else [given]
        assessments = [_assessed(answers) for answers in _numbered(sets, alone=given is not sets)]
    except InvalidAnswer as error:
        return _wrong(err, error.message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _wrong(err, f"This is not JSON: {error}")
    except OSError as error:
        return _wrong(err, f"{source} cannot be read: {error.strerror or type(error).__name__}.")
    policy = default_policy()
    if given is not sets:
        out.write(_text([assessments[0]], policy) + "\n")
        return 0
    out.write("[")
    out.writelines(
        ("," if start else "") + _text(assessments[start : start + _PIECE], policy)
        for start in range(0, len(assessments), _PIECE)
    )
    out.write("]\n")
    return 0


def _read(source: str) -> bytes:
    return sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()


def _numbered(sets: list[Any], *, alone: bool) -> Iterator[tuple[str, Any]]:
    for at, answers in enumerate(sets):
        yield ("the answers" if alone else f"item {at}"), answers


def _assessed(numbered: tuple[str, Any]) -> Any:
    name, answers = numbered
    if not isinstance(answers, dict):
        raise InvalidAnswer("", f"{name}: {str(answers)[:60]!r} is not an object of answers.")
    try:
        checked, unfinished = check(answers)
    except InvalidAnswer as error:
        raise InvalidAnswer(error.field, f"{name}: key {error.message}") from error
    return assess(checked, unfinished=unfinished)


def _text(assessments: list[Any], policy: Policy) -> str:
    return ",".join(_ENCODE(shape(decide(policy, each))).decode() for each in assessments)


def shape(decision: Decision) -> dict[str, object]:
    """Return a decision as the machine interface lays it out, every key present."""
    return {
        "notify": decision.notify,
        "levels": decision.levels,
        "urgency": decision.urgency,
        "leads": decision.leads,
        "actions": decision.actions,
        "reasons": [_reason(reason) for reason in decision.reasons],
        "policy_version": decision.policy_version,
    }


def _reason(reason: Reason) -> dict[str, object]:
    return {
        "row": reason.row,
        "layer": reason.layer,
        "clauses": reason.clauses,
        "quote": reason.quote,
        "because": reason.because,
        "facts": reason.facts,
        "asks": reason.asks,
    }


def _wrong(err: TextIO, message: str) -> int:
    err.write(" ".join(message.split()) + "\n")
    return WRONG
