"""What a report holds that nobody answered: named as that wherever answers are read.

An answer is given, follows from a rule that is named beside it, or was not asked. It is never filled in.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from flows.intake.answers import in_words
from flows.intake.pages import question_label
from flows.model import Report
from flows.questions.table import KEYS, QUESTIONS
from flows.words import say

#: Worked out from the reporter's own words, so neither asked nor answered.
_FROM_WORDS = frozenset({"text_flags", "text_denied"})
_PASSED_ON = {"shared", "responded"}


def not_asked(report: Report) -> tuple[str, ...]:
    """Return the keys that the policy has no answer to from the reporter, in the order of the table.

    Left out is what follows by a rule that is named instead, and what could not apply.
    """
    unanswered = {name for name in KEYS if name not in report.answers} | {*report.presumed}
    if follows(report):
        unanswered -= {"did", "stance"}
    elif "did" not in unanswered and not _PASSED_ON.intersection(report.answers["did"]):
        unanswered -= {"stance"}
    return tuple(name for name in KEYS if name in unanswered and name not in _FROM_WORDS)


def follows(report: Report) -> bool:
    """Return whether what they did follows from this, that nobody knows who put it there."""
    return "did" in report.presumed and "poster" not in report.presumed and "poster" in report.answers


def nobody_said(report: Report, *, without: AbstractSet[str] = frozenset()) -> list[tuple[str, str]]:
    """Return the lines on what nobody answered: what follows by a rule, and what was not asked."""
    lines = []
    if follows(report):
        taken = in_words(QUESTIONS["did"], report.answers["did"])
        lines.append((question_label("did", {}, short=True), say("record.follows", answer=taken)))
    names = [name for name in not_asked(report) if name not in without]
    if names:
        asked = " · ".join(question_label(name, {}, short=True) for name in names)
        lines.append((say("record.not_asked"), asked))
    return lines
