"""How a case is called: by its school, the year and a code drawn by lot.

No reference tells of another: numbers in order have a gap where somebody must not know of a case.
"""

from __future__ import annotations

import datetime as dt

from flows.school import School

#: Of Open Location Code: no vowels, so no words, and nothing that is taken for another when read or written.
#: https://github.com/google/open-location-code
CODE_LETTERS = "23456789CFGHJMPQRVWX"
CODE_LENGTH = 4
#: What people write for what they hear or see. Neither stands in a code, and years begin with the same two.
_TAKEN_FOR = str.maketrans("oilzsb", "011258")


def reference(school: School, day: dt.date, code: str) -> str:
    """Return what a case opened that day is called: ``HPS-2026-7H4M``."""
    return f"{school.prefix}-{day.year}-{code}"


def looked_for(called: str) -> str:
    """Return the form in which references are compared: capitals, spaces and dashes make no difference."""
    return "".join(filter(str.isalnum, called.casefold())).translate(_TAKEN_FOR)


def begins(called: str, school: School) -> bool:
    """Return whether a reference of the school begins so, whether there is such a case or not."""
    return looked_for(called).startswith(looked_for(f"{school.prefix}20"))
