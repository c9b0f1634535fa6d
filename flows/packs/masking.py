"""Names masked in somebody's own words: whole words, however they are written, the reporter's as such."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flows.words import say

#: A part of a name with fewer letters is no name by itself.
_SHORTEST = 3


def mask(text: str, *, names: Sequence[str], reporter: str) -> str:
    """Return the text without these names and their parts, and without the reporter's ("" = it is shown)."""
    if reporter:
        text = _without(text, reporter, say("pack.the_reporter"))
    for name in names:
        text = _without(text, name, say("pack.a_third_party"))
    return text


def _without(text: str, name: str, instead: str) -> str:
    words = name.split()
    parts = [
        r"\s+".join(map(re.escape, words)),
        *(re.escape(word) for word in words if len(word) >= _SHORTEST),
    ]
    found = "|".join(part for part in parts if part)
    return (
        re.sub(rf"(?<!\w)(?:{found})(?!\w)", lambda _: instead, text, flags=re.IGNORECASE) if found else text
    )
