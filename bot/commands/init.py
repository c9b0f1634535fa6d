"""``init``: asks about a school and writes its file, with comments.

Who asks is a plain function, so that a file of answers does as well as a person at a keyboard. What a person
has answered is kept as they go, beside the file that is to be: whoever stops goes on where they stopped.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

import typer

from bot.clock import SystemClock
from bot.commands.init_questions import Ask, Question, collect
from bot.config.environment import as_text
from bot.school_file.load import read_school
from bot.school_file.template import quoted, render
from bot.school_file.toml_faults import no_such_file
from bot.school_file.usual_terms import usual_terms
from flows.errors import InvalidAnswer

#: what a command that was stopped ends with, as shells have it
STOPPED = 130


def run(path: Path, *, answers: Path | None, force: bool, out: TextIO, today: dt.date | None = None) -> int:
    """Ask (or take the file of answers) and write ``path``; return 0, or 2 if something in it is wrong."""
    if path.exists() and not force:
        raise InvalidAnswer(
            "path",
            f"{path.name} is there already.",
            "Change it in any editor; or add --force to write over it.",
        )
    _must_be_writable(path)
    kept = kept_beside(path)
    given = collect(_from_file(answers) if answers else _kept_as_they_go(kept, out))
    text = render(given, usual_terms(today or SystemClock().now().date()))
    write(path, text)
    if not answers:
        kept.unlink(missing_ok=True)
    reading = read_school(text, file=path.name)
    out.write(f"Written: {path}\n")
    for title, problems in (("To be mended", reading.errors), ("To be confirmed", reading.warnings)):
        if problems:
            out.write(f"{title}:\n")
            out.writelines(f"  {problem}\n" for problem in problems)
    out.write(f"Look at it, then: report-posting check {path}\n")
    return 2 if reading.errors else 0


def write(path: Path, text: str) -> None:
    """Write a file that holds names and numbers of people, or keys: its owner's alone."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(text.encode())


def kept_beside(path: Path) -> Path:
    """Return where what was answered is kept until the school's file is written."""
    return path.with_name(f"{path.name}.answers")


def keep(kept: Path, answered: Mapping[str, str]) -> None:
    """Keep what was answered so far."""
    write(kept, "".join(f"{json.dumps(key)} = {quoted(value)}\n" for key, value in answered.items()))


def _must_be_writable(path: Path) -> None:
    """Refuse a place that nothing can be written to, before anything is asked."""
    try:
        with tempfile.TemporaryFile(dir=path.absolute().parent):
            pass
        if path.exists():
            with path.open("ab"):
                pass
    except OSError as error:
        what = f"{path} cannot be written ({error.strerror}). Nothing was asked yet."
        mend = "Name a file in a folder that is there and that you may write to: report-posting init FILE"
        raise InvalidAnswer("path", what, mend) from None


def _from_file(path: Path) -> Ask:
    """Return an Ask that reads a TOML file: ``[headteacher] name = "…"``."""
    answers = read_answers(path)

    def ask(question: Question) -> str:
        answer = answers.get(question.key, question.usual)
        if not answer.strip() and question.needed:
            raise InvalidAnswer(question.key, f"{question.key} is missing.", f"It answers: {question.words}")
        if trouble := question.trouble(answer):
            raise InvalidAnswer(question.key, f"{question.key}: {trouble}", "")
        return answer.strip()

    return ask


def read_answers(path: Path) -> dict[str, str]:
    """Return the answers of a file, by key. Raises InvalidAnswer for what is none."""
    try:
        content = path.read_bytes()
        if strange := no_such_file(content):
            line, what, mend = strange
            raise InvalidAnswer("answers", f"{path.name}, line {line}: {what}", mend)
        return _flat(tomllib.loads(as_text(content)))
    except OSError as error:
        raise InvalidAnswer("answers", f"{path.name}: {error.strerror}.", "Check its path.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
        raise InvalidAnswer("answers", f"{path.name} is not TOML.", 'Write: [school] name = "…"') from None


def _flat(table: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{prefix}{key}.")
        else:
            found[prefix + key] = str(value)
    return found


def _kept_as_they_go(kept: Path, out: TextIO) -> Ask:
    """Return an Ask that asks a person, keeps each answer, and does not ask again what is kept."""
    before = read_answers(kept) if kept.exists() else {}
    if before:
        out.write(f"Going on after {len(before)} answers, which were kept. To begin anew, delete {kept}\n")
    answered = dict(before)

    def ask(question: Question) -> str:
        if question.key in before and not question.trouble(before[question.key]):
            return before[question.key]
        try:
            answered[question.key] = answer = _from_person(question)
        except typer.Abort:
            if answered:
                out.write("Stopped. What you answered is kept: the same command goes on from there.\n")
                raise typer.Exit(STOPPED) from None
            raise
        keep(kept, answered)
        return answer

    return ask


def _from_person(question: Question) -> str:
    """Ask somebody at a keyboard. Raises Abort where they stop."""
    import questionary  # noqa: PLC0415 - only where somebody is asked

    if question.choices:
        asked = questionary.select(question.words, list(question.choices), default=question.usual)
    else:
        asked = questionary.text(
            question.words, default=question.usual, validate=lambda text: question.trouble(text) or True
        )
    answer = asked.ask(kbi_msg="")
    if answer is None:
        raise typer.Abort
    return str(answer).strip()
