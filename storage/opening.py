"""What somebody wants of a store when they open it."""

from __future__ import annotations

from enum import Enum


class Opening(Enum):
    """A store that should be there and is not, or is another, is never taken for a new one."""

    THERE = "it must be there, as it was left"
    NEW = "there is none yet: make one; refused where there is one"
    EITHER = "make one where there is none: for trying out"
    AS_IT_IS = "whatever is missing or was changed: from now on this is how it was left"
    LOOK = "only read, also beside a program that works on it"
    BESIDE = "leave a word in it, beside programs that keep it in order: a database alone can"
    EXAMINE = "only read, also where it is not as it was left: to say where it is not"
