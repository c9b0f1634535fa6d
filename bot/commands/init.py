"""``init``: asks about a school and writes its file, with comments.

What is asked is a table; who asks is a plain function, so that a file of answers does as well as a
person at a keyboard. What was answered is always written, even where something in it is still to be
mended: nobody should have to answer twice.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TextIO

import typer
from msgspec import Struct

from bot.school_file.load import read_school
from bot.school_file.template import render
from flows.errors import InvalidAnswer

#: Asks one question and returns the answer, "" for none.
Ask = Callable[["Question"], str]

PLATFORMS = ("slack", "teams", "both", "neither")


class Question(Struct, frozen=True, kw_only=True):
    """One question. ``choices`` = one of these; ``needed`` = may not be left empty."""

    key: str
    words: str
    usual: str = ""
    choices: tuple[str, ...] = ()
    needed: bool = False


SCHOOL = (
    Question(key="school.name", words="What is the school called?", needed=True),
    Question(
        key="school.kind", words="What kind of school is it?", usual="maintained",
        choices=("maintained", "academy"),
    ),
    Question(
        key="calendar.bank_holidays", words="Whose bank holidays does it keep?", usual="england",
        choices=("england", "wales", "scotland", "northern_ireland"),
    ),
    Question(key="school.complaints_procedure", words="Where is the complaints procedure (link)?"),
    Question(key="school.policy_link", words="Where is the social media policy (link)?"),
    Question(key="chat", words="Which chat does the staff use?", usual="neither", choices=PLATFORMS),
)  # fmt: skip

#: Seats in the order they are asked for: (seat, what it is called, whether it must be filled).
SEATS = (
    ("headteacher", "Headteacher", True),
    ("deputy_headteacher", "deputy headteacher", False),
    ("dsl", "designated safeguarding lead (DSL)", True),
    ("deputy_dsl", "deputy DSL", False),
    ("chair_of_governors", "Chair of governors", True),
    ("vice_chair", "vice-chair of governors", False),
    ("substitute_governor", "governor or trust contact who steps in for both", False),
)

OUTSIDE = (
    Question(key="legal.name", words="Who gives legal advice?", usual="CC Legal Services"),
    Question(key="legal.email", words="Their e-mail address?"),
    Question(key="lado.phone", words="The LADO's phone number?"),
    Question(key="lado.email", words="The LADO's e-mail address?"),
    Question(key="childrens_services.phone", words="Children's services: phone number?"),
    Question(key="childrens_services.out_of_hours", words="Children's services: number out of hours?"),
    Question(key="fallback_contact.name", words="Who is rung when nobody in the school may be told?"),
    Question(key="fallback_contact.phone", words="Their phone number?"),
)


def run(path: Path, *, answers: Path | None, force: bool, out: TextIO) -> int:
    """Ask (or take the file of answers) and write ``path``; return 0, or 2 if something in it is wrong."""
    if path.exists() and not force:
        raise InvalidAnswer("path", f"{path.name} is there already.", "Add --force to write over it.")
    given = collect(_from_file(answers) if answers else _from_person)
    text = render(given)
    path.write_text(text, "utf-8")
    reading = read_school(text, file=path.name)
    out.write(f"Written: {path}\n")
    for title, problems in (("To be mended", reading.errors), ("To be confirmed", reading.warnings)):
        if problems:
            out.write(f"{title}:\n")
            out.writelines(f"  {problem}\n" for problem in problems)
    out.write(f"Look at it, then: report-posting check {path}\n")
    return 2 if reading.errors else 0


def collect(ask: Ask) -> dict[str, str]:
    """Return every answer by key, asked in order; what an earlier answer rules out is not asked."""
    given = {question.key: ask(question) for question in SCHOOL}
    usual = initials(given["school.name"])
    given["school.prefix"] = ask(
        Question(key="school.prefix", words="What should references begin with?", usual=usual, needed=True)
    )
    platforms = _platforms(given["chat"])
    for seat, title, needed in SEATS:
        _collect_person(seat, title, platforms, ask, given, needed=needed)
    _collect_person(
        "office", "person who looks after this bot's settings", platforms, ask, given, needed=False
    )
    for platform in platforms:
        for key, words in (
            (f"places.{platform}", f"The id of the private leadership channel on {platform.title()}?"),
            (f"staff.{platform}", f"The id of the staff group or team on {platform.title()}?"),
        ):
            given[key] = ask(Question(key=key, words=words))
    given["staff.email_domain"] = ask(
        Question(key="staff.email_domain", words="What do staff e-mail addresses end with (after the @)?")
    )
    given |= {question.key: ask(question) for question in OUTSIDE}
    return {key: value for key, value in given.items() if value}


def initials(name: str) -> str:
    """Return what references of a school of that name could begin with."""
    letters = "".join(word[0] for word in re.findall(r"[A-Za-z]\w*", name)).upper()
    return letters if 2 <= len(letters) <= 8 else "SCH"  # noqa: PLR2004 - as bot.school_parts has it


def _collect_person(
    seat: str, title: str, platforms: tuple[str, ...], ask: Ask, given: dict[str, str], *, needed: bool
) -> None:
    """Ask who holds a seat and how to reach them; a name that was given before is the same person."""
    none = "" if needed else " Leave empty if there is none."
    name = ask(Question(key=f"{seat}.name", words=f"Who is the {title}?{none}", needed=needed))
    known = {value for key, value in given.items() if key.endswith(".name") and key != "school.name"}
    given[f"{seat}.name"] = name
    if not name or name in known:
        return
    for detail, words in (
        ("email", "Their e-mail address?"),
        ("phone", "Their phone number, for emergencies?"),
        *((platform, f"Their account id on {platform.title()}?") for platform in platforms),
    ):
        given[f"{seat}.{detail}"] = ask(Question(key=f"{seat}.{detail}", words=f"{name}: {words}"))


def _platforms(chat: str) -> tuple[str, ...]:
    return {"both": ("slack", "teams"), "neither": ()}.get(chat, (chat,))


def _from_file(path: Path) -> Ask:
    """Return an Ask that reads a TOML file: ``[headteacher] name = "…"``."""
    try:
        answers = _flat(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise InvalidAnswer("answers", f"{path.name}: {error.strerror}.", "Check its path.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise InvalidAnswer("answers", f"{path.name} is not TOML.", 'Write: [school] name = "…"') from None

    def ask(question: Question) -> str:
        answer = answers.get(question.key, question.usual)
        if question.choices and answer not in question.choices:
            mend = f"Write one of: {', '.join(question.choices)}."
            raise InvalidAnswer(question.key, f"{question.key}: I do not know this word.", mend)
        if question.needed and not answer:
            raise InvalidAnswer(question.key, f"{question.key} is missing.", f"It answers: {question.words}")
        return answer

    return ask


def _flat(table: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{prefix}{key}.")
        else:
            found[prefix + key] = str(value)
    return found


def _from_person(question: Question) -> str:
    """Ask somebody at a keyboard. Stopping (Ctrl-C) writes nothing."""
    import questionary  # noqa: PLC0415 - only where somebody is asked

    if question.choices:
        asked = questionary.select(question.words, list(question.choices), default=question.usual)
    else:
        asked = questionary.text(
            question.words,
            default=question.usual,
            validate=lambda text: bool(text.strip()) or not question.needed or "This one is needed.",
        )
    answer = asked.ask(kbi_msg="")
    if answer is None:
        raise typer.Abort
    return str(answer).strip()
