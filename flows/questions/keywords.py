"""The words that raise a question: found in the reporter's own words, asked about once.

Whole words and phrases only, from ``keywords.toml``. A word can only raise an answer of *no* to *not
sure*, and an explicit *no* stands (policy page §3, ``text_flags``); it is never a finding.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from flows.model import Answer

#: The question whose answer is searched.
WORDS = "words"

_LISTS: Mapping[str, Mapping[str, str]] = tomllib.loads(
    files("flows.questions").joinpath("keywords.toml").read_text("utf-8")
)
_GROUP = re.compile("<(\\w+)>")
#: What words can point to.
FLAGS = tuple(_LISTS["words"])


def _alternatives(listed: str) -> str:
    """Return lines as alternatives, each group put in."""
    lines = "|".join(line for line in listed.splitlines() if line)
    return _GROUP.sub(lambda name: _alternatives(_LISTS["group"][name[1]]), f"(?:{lines})")


def _pattern(listed: str, turned: str = "") -> re.Pattern[str]:
    words = "\n".join([listed, *(re.escape(one[::-1]) for one in turned.split())])
    spaced = _alternatives(words).replace(" ", r"\s+")
    return re.compile(rf"(?<![\w@#/.-]){spaced}(?![\w@])(?!-\w)(?!\.\w)")


#: Words as they are searched; for each letter where it stood, and where the words end.
_Reading = tuple[str, list[int]]
#: Soft hyphens, joiners and what web pages put within words; strokes and dots laid over letters.
_UNSEEN, _FILLERS = ("Cf", "Mn", "Me"), "\u115f\u1160\u3164"
#: Letters of other alphabets that look like ours, and apostrophes.
LOOKS_LIKE = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d\u043a\u043c\u0442\u04cf"
    "\u03b1\u03b5\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u0261\u0131\u2019\u02bc",
    "aeopcyxijshdqwkmtlaeikvoptuxgi''",
)

_HARMLESS = _pattern(_LISTS["harmless"]["phrases"])
_PATTERNS = {
    key: _pattern(listed, _LISTS["turned_round"].get(key, "")) for key, listed in _LISTS["words"].items()
}


@lru_cache(maxsize=16)  # one turn asks many times for the same words; nobody's stay for long
def found(words: str) -> dict[str, str]:
    """Return the first listed word or phrase of each key these words point to, as it was written.

    They are read twice where not all is plain: as they stand, and as the eye reads them.
    """
    readings = [_lowered(words)] if words.isascii() else [_lowered(words), _as_seen(words)]
    hits: dict[str, str] = {}
    for plain, places in readings:
        safe = _HARMLESS.sub(lambda phrase: "." * len(phrase[0]), plain)
        for key, pattern in _PATTERNS.items():
            hit = None if key in hits else pattern.search(safe)
            if hit:
                written = words[places[hit.start()] : places[hit.end()]]
                hits[key] = " ".join(written.split())
    return {key: hits[key] for key in _PATTERNS if key in hits}


def _lowered(words: str) -> _Reading:
    """Return words in small letters, and where each letter stood: some grow when they are made small."""
    letters = [(small, place) for place, letter in enumerate(words) for small in letter.lower()]
    return "".join(small for small, _ in letters).replace("’", "'"), [*(at for _, at in letters), len(words)]


def _as_seen(words: str) -> _Reading:
    """Return words without signs that nobody sees, each letter as the one that it looks like."""
    letters = [
        (small, place)
        for place, letter in enumerate(words)
        for small in unicodedata.normalize("NFKC", letter).lower().translate(LOOKS_LIKE)
        if unicodedata.category(small) not in _UNSEEN and small not in _FILLERS
    ]
    return "".join(small for small, _ in letters), [*(at for _, at in letters), len(words)]


def keys_in(answers: Mapping[str, Answer]) -> frozenset[str]:
    """Return the keys the reporter's words point to."""
    words = answers.get(WORDS, "")
    return frozenset(found(words)) if isinstance(words, str) and words else frozenset()
