"""A school's own policy from its file: read, joined to the duties and proved – or refused by its line.

What the file means is :mod:`flows.policy.own` and ``join``; here it is found, and each mistake gets its line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path as File

from msgspec import Struct

from bot.config.environment import as_text
from bot.school_file.parse import FORMS
from bot.school_file.toml_lines import Path as Place
from bot.school_file.toml_table import Problem, Source
from flows.errors import PolicyError, SchoolFileError
from flows.policy.engine import Policy, default_policy, duties, form, load, prove
from flows.policy.own import read_own
from flows.school import PolicyNamed, School, SchoolId

#: Where rows and lines of a file stand, and by which key they are called.
_CALLED = ("id", "row")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")


class OwnReading(Struct, frozen=True):
    """What reading gave: a policy, which weakens no duty in ``tried`` situations, or a mistake."""

    policy: Policy | None = None
    problem: Problem | None = None
    tried: int = 0


def read_policy(path: File) -> OwnReading:
    """Return the duties joined with what stands in this file, or the first mistake in it."""
    try:
        text = _text(path)
    except (OSError, UnicodeDecodeError) as error:
        return OwnReading(problem=Problem(path.name, 1, "", *_unreadable(error)))
    source = Source(path.name, text)
    if source.errors:
        return OwnReading(problem=source.errors[0])
    try:
        own = read_own(text)
        words = ""
        if own.words:
            try:
                words = _text(path.parent / own.words)
            except (OSError, UnicodeDecodeError) as error:
                line = source.line(("words",))
                return OwnReading(problem=Problem(path.name, line, "words", *_unreadable(error)))
        policy = load(duties(), own, words=words)
        return OwnReading(policy, tried=prove(load(duties()), policy))
    except PolicyError as error:
        line = _line(source, error.owner, error.part)
        return OwnReading(problem=Problem(path.name, line, "", error.message, error.hint))


def policy_of(policy: PolicyNamed, folder: File) -> OwnReading:
    """Return by what a school decides: its own file, which stands beside the school's, or a packaged form."""
    if policy.file:
        return read_policy(folder / policy.file)
    if policy.form == FORMS[0]:
        return OwnReading(default_policy())
    own, words = form(policy.form)
    return OwnReading(load(duties(), own, words=words))


def named(name: str) -> Policy:
    """Return a packaged form, or what a file adds to the duties. Raises SchoolFileError by its line."""
    if name in FORMS:
        own, words = form(name)
        return load(duties(), own, words=words)
    reading = read_policy(File(name))
    if reading.policy is None:
        raise SchoolFileError("policy-file", str(reading.problem))
    return reading.policy


def load_policies(path: File, schools: Mapping[SchoolId, School]) -> dict[PolicyNamed, Policy]:
    """Return what schools decide by, as they name it. Raises SchoolFileError: file, line and mend of each."""
    every = {policy for school in schools.values() for policy in school.policy.all}
    readings = {policy: policy_of(policy, beside(path)) for policy in every}  # a shared one is read once
    problems = sorted(str(reading.problem) for reading in readings.values() if reading.problem)
    if problems:
        lines = "\n".join(
            ["A school's own policy cannot be used:", *(f"  {problem}" for problem in problems)]
        )
        raise SchoolFileError(
            "policy-file", lines, "\nNothing was started. docs/own-policy.md describes every key."
        )
    return {policy: reading.policy for policy, reading in readings.items() if reading.policy}


def as_written(path: File) -> tuple[str, tuple[str, str]]:
    """Return the version of a policy's file that was read, its words and its text."""
    text = _text(path)
    own = read_own(text)
    return own.version, (_text(path.parent / own.words) if own.words else "", text)


def beside(path: File) -> File:
    """Return the folder in which the schools' files stand."""
    return path if path.is_dir() else path.parent


def _text(path: File) -> str:
    return as_text(path.read_bytes()).replace("\r\n", "\n").replace("\r", "\n")


def _unreadable(error: OSError | UnicodeDecodeError) -> tuple[str, str]:
    if isinstance(error, FileNotFoundError):
        return "there is no such file.", "It is looked for beside the file that names it."
    if isinstance(error, UnicodeDecodeError):
        return "this file is in another encoding than UTF-8.", "Save it again as UTF-8."
    return f"this file cannot be read ({error.strerror}).", "It must be a text file that I may read."


def _line(source: Source, owner: str, part: str) -> int:
    """Return the line on which a row's field stands, or else the row, or else what is called so."""
    if part.startswith("$"):
        steps = [name or int(place) for name, place in _STEP.findall(part)]
        return source.line(tuple(steps))
    row = next((path for path in source.lines if _is_called(source, path, owner)), None)
    last = part.rpartition(".")[2]
    for path, line in source.lines.items():
        if last and path[-1] == last and (row is None or path[: len(row)] == row):
            return line
    return source.line(row) if row else 1


def _is_called(source: Source, path: Place, owner: str) -> bool:
    """Return whether a row, line or action at this place is the one that is spoken of."""
    name = re.sub(r"^\w+ “(.*)”$", r"\1", owner)
    if not name:
        return False
    if path[-1] == name:
        return True
    at: object = source.content
    for step in path:
        at = at[step] if isinstance(at, dict | list) else None  # type: ignore[index] # a path of this content
    return isinstance(at, dict) and any(at.get(key) == name for key in _CALLED)
