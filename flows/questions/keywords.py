"""The short list of words that raise a question: found in the reporter's own words, asked about once.

A word can only raise an answer of *no* to *not sure* (policy page §3, ``text_flags``); it is never a
finding. Slurs stand turned round, so that nobody has to read them to read this file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from flows.model import Answer

#: The question whose answer is searched.
WORDS = "words"

#: Beginnings of words, by the key they point to. A trailing "$" = the whole word, nothing after it.
_BEGINNINGS: dict[str, str] = {
    "immediate_danger": "999$ ambulance",
    "sexual_imagery_child": "naked nude nudes topless undress sext porn upskirt",
    "child_at_risk": "suicid self-harm selfharm address$ addresses$ groom$ grooming$ groomed$",
    "adult_at_risk": "suicid self-harm selfharm",
    "violence": (
        "kill murder stab burn bomb knife$ knives$ shoot punch behead acid$ machete gun$ guns$ "
        "lynch slaughter die$ dies$ petrol arson"
    ),
    "racist": "racis",
    "other_hate": "homophob transphob islamophob antisemit anti-semit",
    "staff_allegation": (
        "hit$ hits$ hitting$ grabbed$ grabs$ grabbing$ touched$ touching$ slapped$ slaps$ smacked$ "
        "dragged$ shoved$ groped abused$ nonce paedo pedo$ groom$ groomed$ grooming$"
    ),
}
#: What words can point to.
FLAGS = tuple(_BEGINNINGS)
#: Beginnings of slurs, turned round.
_TURNED: dict[str, str] = {
    "racist": (
        "$reggin $saggin $sreggin $ikap $sikap $yekip $syekip $sgow $gow $sknihc $oppyg $soppyg $nooc $snooc"
    ),
    "other_hate": "toggaf $ynnart $seinnart $ekyd $sekyd $drater $sdrater citsaps $zaps $dezaps",
}

_WORD = re.compile(r"[\w'’-]+")


def _pattern(beginnings: str, *, turned: bool = False) -> re.Pattern[str]:
    parts = []
    for one in beginnings.split():
        read = one[::-1] if turned else one
        parts.append(re.escape(read.rstrip("$")) + ("$" if read.endswith("$") else ""))
    return re.compile("|".join(parts))


_PATTERNS: dict[str, tuple[re.Pattern[str], ...]] = {
    key: (_pattern(listed), *([_pattern(_TURNED[key], turned=True)] if key in _TURNED else []))
    for key, listed in _BEGINNINGS.items()
}


@lru_cache(maxsize=16)  # one turn asks many times for the same words; nobody's stay for long
def found(words: str) -> dict[str, str]:
    """Return the first listed word of each key these words point to, as it was written."""
    hits: dict[str, str] = {}
    for written in dict.fromkeys(_WORD.findall(words)):
        plain = written.casefold().strip("'’-_")
        for key, patterns in _PATTERNS.items():
            if key not in hits and any(p.match(plain) for p in patterns):
                hits[key] = written
    return hits


def keys_in(answers: Mapping[str, Answer]) -> frozenset[str]:
    """Return the keys the reporter's words point to."""
    words = answers.get(WORDS, "")
    return frozenset(found(words)) if isinstance(words, str) and words else frozenset()
