"""A template: plain text with {placeholders} for what the case says and [gaps] for what a person types.

Its first line is the title, a line that begins with - is one of a list. A school's own
template, where it has one, stands in place of the packaged one.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from msgspec import Struct

from flows.letters.table import KINDS, Letter, Yearly
from flows.school import School
from flows.words import say

#: Characters that a template may have, so that it fits into a form when it is filled.
MOST = 2000
#: Characters that a letter may have: what a form carries on every platform.
LONGEST = 3000
#: What any letter may say.
COMMON = (
    "school", "reference", "date", "lead", "lead_seat", "lead_phone", "lead_email", "chair", "headteacher",
    "dsl", "complaints_procedure", "policy_link", "where",
)  # fmt: skip
#: What the yearly wording may say: it is about no case.
YEARLY = ("school", "year", "headteacher", "chair", "dsl", "complaints_procedure", "policy_link")
#: What only a record that stays in school may say besides.
FACTS = ("opened", "kind", "link", "account", "first_seen", "answers", "words", "files", "told", "decided")

_PLACE = re.compile(r"\{([^{}\n]*)\}")
_GAP = re.compile(r"\[[^\[\]\n]+\]")


class Fault(Struct, frozen=True):
    """What is wrong with a template: on which line, what, and how to mend it."""

    line: int
    what: str
    mend: str


class Filled(Struct, frozen=True):
    """A letter filled from a case; ``gaps`` is what only a person can fill in."""

    text: str
    gaps: tuple[str, ...]


@cache
def packaged(letter: Letter | Yearly) -> str:
    """Return the template that comes with the program."""
    return (files("flows.letters") / "en" / f"{letter}.txt").read_text("utf-8")


def template(letter: Letter | Yearly, school: School) -> str:
    """Return the school's own template, or else the packaged one."""
    return school.letters.get(letter) or packaged(letter)


def placeholders(letter: Letter | Yearly) -> tuple[str, ...]:
    """Return what may stand in braces in a letter."""
    if isinstance(letter, Yearly):
        return YEARLY
    return (*COMMON, *FACTS) if KINDS[letter].facts else COMMON


def faults(letter: Letter | Yearly, text: str) -> Iterator[Fault]:
    """Yield what is wrong with a template, by its line."""
    known = placeholders(letter)
    if not text.strip():
        yield Fault(1, "this template is empty.", "Write the letter, or take the line out of [letters].")
    for number, line in enumerate(text.splitlines(), start=1):
        for name in _PLACE.findall(line):
            if name not in known:
                yield Fault(number, f"there is no placeholder {{{name}}}.", _meant(name, known))
        if "{" in (left := _PLACE.sub("", line)) or "}" in left:
            what = "a brace stands alone here."
            yield Fault(number, what, "A placeholder is one name between { and }; no other braces.")
    if len(text) > MOST:
        what = f"this template has {len(text)} characters."
        yield Fault(1, what, f"A form carries it up to {MOST}: shorten it, or say the rest in an enclosure.")


def _meant(name: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name.strip().lower(), known, n=1, cutoff=0.6)
    listed = ", ".join(f"{{{one}}}" for one in known)
    return f"Did you mean {{{near[0]}}}?" if near else f"Known in this letter: {listed}."


def fill(text: str, values: Mapping[str, str]) -> Filled:
    """Return a template with its placeholders filled; what the school has not said is a gap to fill in."""
    missing = tuple(dict.fromkeys(name for name in _PLACE.findall(text) if not values[name]))
    empty = {name: say("letter.gap", what=say(f"letter.said.{name}")) for name in missing}
    filled = _PLACE.sub(lambda found: values[found[1]] or empty[found[1]], text)
    gaps = (*_GAP.findall(text), *empty.values())
    return Filled(filled.strip()[:LONGEST], tuple(dict.fromkeys(gaps)))


def unfilled(text: str, gaps: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Yield each gap that still stands in a letter, with its line."""
    for number, line in enumerate(text.splitlines(), start=1):
        yield from ((number, gap) for gap in gaps if gap in line)
