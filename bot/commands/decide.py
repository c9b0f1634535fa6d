"""The machine interface: answers as JSON in, decisions as JSON out. Stores nothing, logs nothing."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import msgspec

from flows.errors import InvalidAnswer
from flows.policy.assessment import Assessment, assess
from flows.policy.engine import decide, default_policy

WRONG = 2
_ENCODE = msgspec.json.Encoder()
_PIECE = 1 << 20


def run(source: str, out: TextIO, err: TextIO) -> int:
    """Decide every answer set of a file (``-`` = standard input); return the exit code.

    0: the decisions are on ``out``, an object for an object, a list in the same order for a list.
    2: something is wrong; nothing on ``out`` and one line on ``err`` naming set, key and value.
    """
    looking = gc.isenabled()
    gc.disable()  # nothing made here forms a cycle, and looking for one doubles the time of a large file
    try:
        return _run(source, out, err)
    finally:
        if looking:
            gc.enable()


def _run(source: str, out: TextIO, err: TextIO) -> int:
    try:
        given = msgspec.json.decode(read(source))
        alone = not isinstance(given, list)
        assessments = [
            _assessed("the answers" if alone else f"item {at}", answers)
            for at, answers in enumerate([given] if alone else given)
        ]
    except InvalidAnswer as error:
        return _wrong(err, error.message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _wrong(err, f"This is not JSON: {error}")
    except OSError as error:
        return _wrong(err, f"{source} cannot be read: {error.strerror or type(error).__name__}.")
    straight: BinaryIO | None = getattr(out, "buffer", None)
    out.flush()
    for piece in _pieces(assessments, alone=alone):
        if straight is None:
            out.write(piece.decode())
        else:
            straight.write(piece)
    if straight is not None:
        straight.flush()
    return 0


def read(source: str) -> bytes:
    """Return what a file holds (``-`` = standard input). Raises OSError."""
    return sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()


def _assessed(name: str, answers: Any) -> Assessment:
    if not isinstance(answers, dict):
        raise InvalidAnswer("", f"{name}: {str(answers)[:60]!r} is not an object of answers.")
    try:
        return assess(answers, unfinished=answers.get("unfinished") is True)
    except InvalidAnswer as error:
        raise InvalidAnswer(error.field, f"{name}: key {error.message}") from error


def _pieces(assessments: list[Assessment], *, alone: bool) -> Iterator[bytes]:
    """Yield the decisions as JSON, every key of each present, in pieces of about a megabyte."""
    policy = default_policy()
    piece = bytearray(b"" if alone else b"[")
    for at, assessment in enumerate(assessments):
        if at:
            piece += b","
        _ENCODE.encode_into(decide(policy, assessment), piece, -1)
        if len(piece) > _PIECE:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece) + (b"\n" if alone else b"]\n")


def _wrong(err: TextIO, message: str) -> int:
    err.write(" ".join(message.split()) + "\n")
    return WRONG
