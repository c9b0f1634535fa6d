"""How a report says a thing, and the one way in which that is said again (policy page §3).

*Reported as* where the reporter said so, *could not tell* where they were not sure, and *was not asked* where
nobody asked. In the words of a row or a kind a part like ``[violence:possibly threatening]`` is said in the
way in which the report says it of that key; ``[headteacher:…]`` stands only where that seat is really told.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum

from flows.model import Report
from flows.questions.table import KEYS
from flows.school import LOOKS_ON, Seat
from flows.words import say


class Said(StrEnum):
    """How a report says a thing, the plainest first; ``words`` = words of theirs point to it."""

    REPORTED = "reported"
    COULD_NOT_TELL = "could_not_tell"
    WORDS = "words"
    NOT_ASKED = "not_asked"
    NO = "no"


_PART = re.compile(r"\[([\w=|]+):([^\]]*)\]")
#: Several parts about seats that stand for each other.
_ELSE = re.compile(r"(\[\w+:[^\]]*\])(\[\w+:[^\]]*\])+")
_SEATS = frozenset(seat.value for seat in Seat if seat not in LOOKS_ON)
#: Answers that say neither yes nor no.
_UNSURE = frozenset({"not_sure", "unknown", "cannot_tell"})


def said(report: Report, key: str, value: str = "yes") -> Said:
    """Return how a report says ``value`` of ``key``."""
    pointed = key in report.answers.get("text_flags", ())
    answer = report.given.get(key)
    if answer is None:
        return Said.WORDS if pointed else Said.NOT_ASKED
    held = (answer,) if isinstance(answer, str) else answer
    if value in held:
        return Said.REPORTED
    if not _UNSURE.isdisjoint(held):
        return Said.COULD_NOT_TELL
    return Said.WORDS if pointed else Said.NO


def as_said(
    words: str, told: Collection[str] | None = None, report: Report | None = None, *, own: bool = False
) -> str:
    """Return the words of a row or a kind, said as the report says it, naming nobody as told who is not.

    ``told`` None = as the policy has it, for a page about it: of parts that stand for each other the first.
    ``report`` None = the matter alone. ``own`` = to the reporter themselves.
    """
    if told is None:
        words = _ELSE.sub(r"\1", words)

    def part(found: re.Match[str]) -> str:
        names, text = found.groups()
        if names in _SEATS:
            return str(text) if told is None or names in told else ""
        before = words[: found.start()]
        return _way_of(names, text, report, own=own, begins=not before or before.endswith(". "))

    return _PART.sub(part, words)


def _way_of(names: str, what: str, report: Report | None, *, own: bool, begins: bool) -> str:
    ways = [said(report, *name.split("=")) for name in names.split("|")] if report is not None else []
    way = min(ways, key=tuple(Said).index, default=Said.NO)
    if way is not Said.NO:
        what = say(f"said.own.{way}" if own else f"said.{way}", what=what)
    return what[:1].upper() + what[1:] if begins else what


def parts_named(words: str) -> frozenset[str]:
    """Return the seats and the keys that the parts of these words are about."""
    return frozenset(name.split("=")[0] for names, _ in _PART.findall(words) for name in names.split("|"))


#: What a part may be about.
PARTS = (*sorted(_SEATS), *KEYS)
