"""Answers as leaders see them: listed in words, and corrected in a form of their own.

The table itself is :mod:`flows.questions.table`.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from flows.errors import InvalidAnswer
from flows.intake.answers import in_words, label
from flows.intake.pages import question_label
from flows.intake.settled import settle
from flows.intake.unanswered import nobody_said
from flows.model import Answer, Draft, Named, Report
from flows.questions.table import IN_WORDS, QUESTIONS, SAFETY_KEYS, SAFETY_LIST
from flows.school import School
from flows.ui.forms import Choice, Field, Many, Option, Value
from flows.words import say

#: What a leader may correct; what words can point to comes first.
CORRECTABLE = (
    *IN_WORDS,
    *(name for name, question in QUESTIONS.items() if question.correctable and name not in IN_WORDS),
)
#: What would tell a leader who the reporter is; shown only with the reporter's name.
_REPORTERS_OWN = frozenset({"reporter_link", "keep_name_private"})
_SHARING = {"shared", "responded"}


def answer_lines(source: Report | Draft, school: School | None = None) -> tuple[tuple[str, str], ...]:
    """Return (question, answer in words) for each answer; of a report nothing that names its reporter.

    Whom the reporter pointed at is named only where ``school`` is given. In a report the things on the
    safety list that were not ticked are one line, and what nobody was asked is named as that.
    """
    own = isinstance(source, Draft)
    answers = settle(source.answers).standing if isinstance(source, Draft) else source.answers
    aside = () if isinstance(source, Draft) else _said_together(source)
    lines = [
        (_asked_as(name, answers, own=own), in_words(QUESTIONS[name], answers[name], school))
        for name in QUESTIONS
        if name in answers and name not in aside and (own or name not in _REPORTERS_OWN)
    ]
    if isinstance(source, Report):
        rest = _rest_of_the_list(source)
        lines[_safety_said(source) :] = [*rest, *lines[_safety_said(source) :]]
        lines += nobody_said(source, without=_REPORTERS_OWN)
    for name in ("text_flags", "text_denied"):
        keys = ", ".join(label("text_flags", key) for key in answers.get(name, ()))
        lines += [(say(f"question.{name}.label"), keys)] if keys else []
    if isinstance(source, Report) and school is not None:
        lines += _pointed_at(source.named, school)
    return tuple(lines)


def _asked_as(name: str, answers: Mapping[str, Answer], *, own: bool) -> str:
    """Return a question as it stands in a list; a tick of the safety list in the words that were ticked."""
    return (
        label("safety", name)
        if name in SAFETY_LIST and not own
        else question_label(name, answers, short=True)
    )


def _said_together(report: Report) -> frozenset[str]:
    """Return the keys of a report that are not said one by one."""
    return frozenset(k for k in SAFETY_LIST if report.answers.get(k) == "no").union(report.presumed)


def _safety_said(report: Report) -> int:
    """Return how many lines speak of safety, one by one."""
    return sum(key in report.answers and key not in _said_together(report) for key in SAFETY_KEYS)


def _rest_of_the_list(report: Report) -> list[tuple[str, str]]:
    """Return the line on what was not ticked on the safety list; none where it was not asked."""
    left = tuple(key for key in SAFETY_LIST if report.given.get(key) == "no")
    if not left:
        return []
    said = "record.nothing_ticked" if left == SAFETY_LIST else "record.nothing_else_ticked"
    return [(say("record.safety_list"), say(said))]


def _pointed_at(named: Named, school: School) -> list[tuple[str, str]]:
    """Return the seat holders the reporter pointed at, by name, or that it is somebody else."""
    pointed = {
        "target": named.target,
        "accused": named.accused,
        "poster": named.poster,
        "kept_out": named.kept_out,
    }
    return [
        (question_label(f"{field}_is", {}), in_words(QUESTIONS[f"{field}_is"], (*people, *other), school))
        for field, people in pointed.items()
        if (other := ("someone_else",) if field in named.someone_else else ()) or people
    ]


def correction_fields(report: Report) -> tuple[Field, ...]:
    """Return one field for each answer a leader may correct, filled in; empty = it was not asked."""
    return tuple(_correction_field(name, report) for name in CORRECTABLE)


def _choices(name: str) -> tuple[str, ...]:
    """Return what a leader may choose: a question's own options, and what stands where it was not asked."""
    question = QUESTIONS[name]
    return (*question.values, question.nothing) if question.nothing else question.values


def _correction_field(name: str, report: Report) -> Field:
    question = QUESTIONS[name]
    answer = report.given.get(name)
    unasked = "" if name in report.given else say("record.not_asked")
    options = tuple(Option(value, label(name, value)) for value in _choices(name))
    words = question_label(name, report.answers, short=True)
    if not question.many:
        held = answer if isinstance(answer, str) else ""
        return Choice(name=name, label=words, options=options, value=held, help=unasked, required=False)
    ticked = answer if isinstance(answer, tuple) else ()
    if answer == () and question.nothing:
        ticked = (question.nothing,)
    return Many(
        name=name,
        label=words,
        options=options,
        value=ticked,
        alone=question.alone,
        help=unasked,
        required=False,
    )


def corrected(report: Report, values: Mapping[str, Value]) -> Report:
    """Return the report with the answers a leader corrected. What was not asked and is left empty stays so.

    Raises InvalidAnswer for every answer that is not offered.
    """
    answers, presumed = dict(report.answers), set(report.presumed)
    wrong: dict[str, str] = {}
    for name in (name for name in CORRECTABLE if name in values):
        try:
            found = _corrected(name, values[name])
        except InvalidAnswer as error:
            wrong |= error.errors
            continue
        if found is not None and (found or name in answers):
            answers[name] = found
            presumed.discard(name)
    if wrong:
        raise InvalidAnswer.of(wrong)
    if not _SHARING.intersection(answers.get("did", ())) and "stance" in answers:
        answers["stance"] = "not_applicable"
    return replace(report, answers=answers, presumed=tuple(n for n in report.presumed if n in presumed))


def _corrected(name: str, value: Value) -> Answer | None:
    """Return one corrected answer; None where nothing was chosen."""
    question, choices = QUESTIONS[name], _choices(name)
    chosen = {value} if isinstance(value, str) else set(value)
    chosen.discard("")
    if not chosen.issubset(choices):
        raise InvalidAnswer(name, say("conversation.not_offered"))
    ordered = tuple(choice for choice in choices if choice in chosen)
    if not ordered:
        return None
    if not question.many:
        if len(ordered) > 1:
            raise InvalidAnswer(name, say("conversation.one_only"))
        return ordered[0]
    for single in question.alone:
        if single in chosen and len(ordered) > 1:
            raise InvalidAnswer(name, say("conversation.stands_alone", label=label(name, single)))
    return () if ordered == (question.nothing,) else ordered
