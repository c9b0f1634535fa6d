"""The words that raise a question: found in the reporter's own words, asked about once.

Whole words and phrases only, from ``keywords.toml``. A word can only raise an answer of *no* to *not
sure*, and an explicit *no* stands (policy page §3, ``text_flags``); it is never a finding.
"""

from __future__ import annotations

import re
import tomllib
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


_HARMLESS = _pattern(_LISTS["harmless"]["phrases"])
_PATTERNS = {
    key: _pattern(listed, _LISTS["turned_round"].get(key, "")) for key, listed in _LISTS["words"].items()
}


@lru_cache(maxsize=16)  # one turn asks many times for the same words; nobody's stay for long
def found(words: str) -> dict[str, str]:
    """Return the first listed word or phrase of each key these words point to, as it was written."""
    plain = words.replace("’", "'").lower()
    if len(plain) != len(words):  # a letter that grows when it is made small: what stands where is lost
        words = plain
    plain = _HARMLESS.sub(lambda safe: "." * len(safe[0]), plain)
    hits = ((key, pattern.search(plain)) for key, pattern in _PATTERNS.items())
    return {key: " ".join(words[hit.start() : hit.end()].split()) for key, hit in hits if hit}


def keys_in(answers: Mapping[str, Answer]) -> frozenset[str]:
    """Return the keys the reporter's words point to."""
    words = answers.get(WORDS, "")
    return frozenset(found(words)) if isinstance(words, str) and words else frozenset()
