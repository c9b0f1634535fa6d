"""The pages of set-up as their templates take them: fields with what was answered and what was found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from adapters.web.render import page
from bot.commands.init_questions import Question
from bot.findings import Finding, State
from bot.set_up.answers import Answers
from bot.set_up.looking import Found, by_state
from bot.set_up.steps import DAYS, SECRETS, Step, answered
from flows.words import known, say

#: from how many choices on they stand in a list that opens
_MANY = 4
#: what is usual for it is made of the school's name, on the same page
_PREFIX = "school.prefix"


class Field(Struct, frozen=True, kw_only=True):
    """One question as it stands on a page, under the name of the person it is about, if any.

    ``told`` is what was found out about the answer, by state.
    """

    key: str
    person: str
    label: str
    kind: str
    value: str
    needed: bool
    help: str
    options: tuple[tuple[str, str], ...]
    error: str
    told: Mapping[State, list[str]]
    is_set: bool


def fields(answers: Answers, step: Step, errors: Mapping[str, str], found: Found) -> list[Field]:
    """Return the fields of a page."""
    return [
        _field(step, question, answers.given, errors.get(question.key, ""), found.get(question.key, []))
        for question in answers.questions()[step]
    ]


def _field(
    step: Step, question: Question, given: Mapping[str, str], error: str, told: list[Finding]
) -> Field:
    key, secret = question.key, question.key in SECRETS
    value = given.get(key, question.usual) if not question.choices else answered(question, given)
    if key == _PREFIX:
        value = given.get(key, "")
    person, _, label = question.words.partition(": ") if step is Step.REACH else ("", "", question.words)
    wrong = [one.what for one in told if one.state is State.WRONG]
    return Field(
        key=key,
        person=person if label else "",
        label=label or question.words,
        kind=_kind(question),
        value="" if secret else value,
        needed=question.needed,
        help=_help(question),
        options=tuple((choice, _called(choice)) for choice in question.choices),
        error=error or "\n".join(wrong),
        told={state: lines for state, lines in by_state(told).items() if state is not State.WRONG},
        is_set=secret and bool(given.get(key)),
    )


def _kind(question: Question) -> str:
    if question.key in SECRETS:
        return "secret"
    if question.key.rpartition(".")[2] in DAYS:
        return "date"
    if not question.choices:
        return "text"
    return "list" if len(question.choices) > _MANY else "choice"


def _help(question: Question) -> str:
    name = question.key.replace(".", "_")
    if known(f"set_up.help.{name}"):
        return say(f"set_up.help.{name}")
    return question.shape.mend if question.shape else ""


def _called(choice: str) -> str:
    return say(f"set_up.choice.{choice}") if known(f"set_up.choice.{choice}") else choice


def done(answers: Answers) -> list[Step]:
    """Return which pages were filled in: each of their questions has been seen, and none is missing."""
    asked = answers.questions()
    return [
        step
        for step, questions in asked.items()
        if questions
        and all(one.key in answers.given or one.key in SECRETS for one in questions)
        and not any(one.trouble(answered(one, answers.given)) for one in questions)
    ]


def shown(name: str, answers: Answers, step: Step | None, **context: Any) -> str:
    """Return a page, with the list of all of them beside it."""
    finished = done(answers)
    steps = [(one.value, one is step, one in finished) for one in Step]
    number = [*Step].index(step) + 1 if step else 0
    return page(f"set_up/{name}", steps=steps, number=number, of=len(Step), step=step, **context)
