"""Names masked in somebody's own words: whole words, however they are written, the reporter's as such.

Capitals, accents, the kind of apostrophe and what parts the words of a name make no difference.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from flows.model import Report
from flows.school import School
from flows.words import say

#: A part of a name with fewer letters is masked only as it is written: "An" is a name, "an" is none.
_SHORT = 3
#: So many words at most are somebody's name.
_NAME = 3
APART = r"[\s_.\-]+"
_ACCENT = "[\u0300-\u036f]*"
_APOSTROPHES = "'\u2018\u2019\u02bc`"


def mask(text: str, *, names: Sequence[str], reporter: Sequence[str]) -> str:
    """Return the text without these names and their parts, and without those of who reported it."""
    text = unicodedata.normalize("NFD", text)
    for name in reporter:
        text = _without(text, name, say("pack.the_reporter"))
    for name in names:
        text = _without(text, name, say("pack.a_third_party"))
    return unicodedata.normalize("NFC", text)


def _without(text: str, name: str, instead: str) -> str:
    bare = [word for word in re.split(APART, name.strip()) if any(map(str.isalnum, word))]
    if not bare:
        return text
    words = [spelled(word) for word in bare]
    parts = (w if len(b) >= _SHORT else f"(?-i:{w})" for w, b in zip(words, bare, strict=True))
    found = "|".join((APART.join(words), *parts))
    return re.sub(rf"(?<![^\W_])(?:{found})(?![^\W_])", lambda _: instead, text, flags=re.IGNORECASE)


def spelled(word: str) -> str:
    """Return what finds a word with any accents, and with any apostrophe."""
    bare = (char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char))
    return "".join(
        f"[{_APOSTROPHES}]?" if char in _APOSTROPHES else re.escape(char) + _ACCENT for char in bare
    )


def who_reported(report: Report, school: School) -> tuple[str, ...]:
    """Return the names by which somebody's words could say who reported."""
    person, whose = school.people.get(report.reporter), report.reporting_for
    for_whom = (whose,) if len(whose.split()) <= _NAME else ()  # more words are a sentence, and no name
    return (*((person.name,) if person else ()), *for_whom)
