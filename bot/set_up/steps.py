"""What set-up asks, page by page: the questions of ``init``, the dates of the terms, and the settings.

Which questions there are is asked of ``init``'s own list, with what was answered so far.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path

from bot.commands.init_questions import SEATS, USUAL_TERMS, Question, collect
from bot.config.settings import SETTINGS
from bot.school_file.template import OURS, USUAL
from bot.school_file.usual_terms import usual_terms
from flows.school import Term
from flows.words import say


class Step(StrEnum):
    """A page of set-up, in order."""

    SCHOOL = "school"
    PEOPLE = "people"
    KEYS = "keys"
    REACH = "reach"
    PLACES = "places"
    OUTSIDE = "outside"
    TERMS = "terms"
    KEPT = "kept"
    LOOK = "look"
    REHEARSAL = "rehearsal"


SECRETS = frozenset(setting.name for setting in SETTINGS if setting.secret)
#: the settings that are asked for, by the chat that needs them
_SETTINGS = {
    "slack": ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"),
    "teams": ("TEAMS_APP_ID", "TEAMS_APP_PASSWORD", "TEAMS_TENANT_ID"),
    "email": ("EMAIL_SERVER", "EMAIL_USER", "EMAIL_PASSWORD", "EMAIL_FROM"),
}
#: where things are kept, in folders of their own: a key never lies with what it opens
_FILES = {"REPORT_STORE": "reports/reports.db", "REPORT_KEY_FILE": "keys/sealing.key"}
PLATFORMS = {"both": ("slack", "teams"), "neither": ()}
#: of a term, what is asked as a date
DAYS = ("first", "last", "half_from", "half_to")
_TERMS = 3
_HOLDERS = (*(seat.value for seat, _, _ in SEATS), "office")


def questions(given: Mapping[str, str], today: dt.date, here: Path) -> dict[Step, list[Question]]:
    """Return what is asked on each page, with what was answered so far; ``here`` = the school's folder."""
    found: dict[Step, list[Question]] = {step: [] for step in Step}

    def ask(question: Question) -> str:
        found[_step_of(question.key)].append(question)
        return answered(question, given)

    collect(ask)
    for name in _settings(given):
        found[Step.KEYS].append(Question(key=name, words=say(f"set_up.setting.{name}")))
    found[Step.TERMS] = [one for one in found[Step.TERMS] if one.key != "calendar.usual_terms"]
    found[Step.TERMS] += _terms(given, today)
    found[Step.KEPT] = [
        Question(key=name, words=say(f"set_up.setting.{name}"), usual=str(here / file), needed=True)
        for name, file in _FILES.items()
    ]
    return found


def answered(question: Question, given: Mapping[str, str]) -> str:
    """Return what was answered; what is usual where nothing was, or where it is no choice any longer."""
    answer = given.get(question.key, question.usual).strip()
    if question.choices and answer not in question.choices:
        return question.usual if question.usual in question.choices else question.choices[0]
    return question.usual if question.needed and not answer else answer


def all_answers(asked: Iterable[Question], given: Mapping[str, str]) -> dict[str, str]:
    """Return every answer that counts, as ``init`` would have it."""
    found = {question.key: answered(question, given) for question in asked}
    found["calendar.usual_terms"] = {"usual": USUAL, "ours": OURS}.get(found["calendar.terms"], "no")
    return {key: answer for key, answer in found.items() if answer}


def terms(given: Mapping[str, str], today: dt.date) -> list[Term]:
    """Return the terms as they are to be written; one without whole dates is none."""
    found = []
    for number, usual in enumerate(usual_terms(today)):
        first, last, half_from, half_to = (_day(given.get(f"term.{number}.{part}", "")) for part in DAYS)
        half = (half_from, half_to) if half_from and half_to else None
        if first and last:
            found.append(Term(usual.name, first, last, half))
    return found


def strange_day(question: Question, answer: str) -> str:
    """Return what is wrong with an answer that has to be a date; "" if nothing is, or it need be none."""
    wanted = question.key.rpartition(".")[2] in DAYS
    return say("set_up.no_date") if wanted and answer and _day(answer) is None else ""


def _day(written: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(written)
    except ValueError:
        return None


def _terms(given: Mapping[str, str], today: dt.date) -> Iterator[Question]:
    """Yield whose the dates are, and each: suggested where it is known what councils usually set."""
    council = given.get("calendar.bank_holidays", USUAL_TERMS[0]) in USUAL_TERMS
    whose = ("usual", "ours", "none") if council else ("ours", "none")
    yield Question(
        key="calendar.terms",
        words=say("set_up.whose_terms"),
        usual=whose[0] if council else "none",
        choices=whose,
    )
    for number, term in enumerate(usual_terms(today)):
        days = (term.first, term.last, *(term.half_term or (None, None)))
        for part, day in zip(DAYS, days, strict=True):
            yield Question(
                key=f"term.{number}.{part}",
                words=say(f"set_up.term.{part}", term=term.name),
                usual=day.isoformat() if council and day else "",
            )


def _settings(given: Mapping[str, str]) -> Iterator[str]:
    chat = given.get("chat", "neither")
    for platform in (*PLATFORMS.get(chat, (chat,)), "email"):
        yield from _SETTINGS.get(platform, ())


def _step_of(key: str) -> Step:
    """Return the page on which a question of ``init`` stands."""
    part, _, rest = key.partition(".")
    if part in _HOLDERS:
        return Step.PEOPLE if rest == "name" else Step.REACH
    if part in ("places", "staff"):
        return Step.PLACES
    if key in ("calendar.bank_holidays", "calendar.usual_terms"):
        return Step.TERMS
    if part in ("school", "calendar", "chat"):
        return Step.SCHOOL
    return Step.REACH if part == "on_call" else Step.OUTSIDE
