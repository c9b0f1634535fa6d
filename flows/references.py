"""How a case is called: by its school, the year and a code drawn by lot.

No reference tells of another: numbers in order have a gap where somebody must not know of a case.
"""

from __future__ import annotations

import datetime as dt
import re

from flows.school import School

#: Of Open Location Code: no vowels, so no words, and nothing that is taken for another when read or written.
#: https://github.com/google/open-location-code
CODE_LETTERS = "23456789CFGHJMPQRVWX"
CODE_LENGTH = 4
#: What people write for what they hear or see. Neither stands in a code, and years begin with the same two.
_TAKEN_FOR = str.maketrans("oilzsb", "011258")

#: A reference as people write it; no word of a sentence is a code, since a code has no vowels.
_WRITTEN = re.compile(r"([a-z0-9]{2,8}\W*20\d\d\W*[0-9b-df-hj-np-tv-xz]{3,6})(?:\s+(.+))?", re.IGNORECASE)


def reference(school: School, day: dt.date, code: str) -> str:
    """Return what a case opened that day is called: ``HPS-2026-7H4M``."""
    return f"{school.prefix}-{day.year}-{code}"


def looked_for(called: str) -> str:
    """Return the form in which references are compared: capitals, spaces and dashes make no difference."""
    return "".join(filter(str.isalnum, called.casefold())).translate(_TAKEN_FOR)


def parted(text: str) -> tuple[str, str] | None:
    """Return the reference that words begin with, and what follows it; None = they begin with none."""
    found = _WRITTEN.fullmatch(text.strip())
    return (found[1].upper(), found[2] or "") if found else None


def about(school: School) -> str:
    """Return what stands before what is asked, where somebody belongs to several: how a reference begins."""
    return f"{school.prefix}-20"


def bare(asked: str, school: School) -> str:
    """Return what is asked without the word that only says of which school."""
    first, _, rest = asked.partition(" ")
    return rest.strip() if first == about(school) else asked


def begins(called: str, school: School) -> bool:
    """Return whether a reference of the school begins so, whether there is such a case or not."""
    return looked_for(called).startswith(looked_for(f"{school.prefix}20"))
