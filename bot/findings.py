"""What ``check`` finds: one thing that was looked at, and how far it is."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct


class State(StrEnum):
    """How far something is: proved, left to do, or wrong (nothing would start)."""

    PROVED = "proved"
    LEFT = "left"
    WRONG = "wrong"


class Finding(Struct, frozen=True):
    """One thing that was looked at."""

    state: State
    what: str


_STATES = {True: State.PROVED, None: State.LEFT, False: State.WRONG}


def findings(lines: Iterable[tuple[bool | None, str, str]]) -> list[Finding]:
    """Return what an adapter's own check found: (well, what was looked at, what to do about it).

    ``None`` = that cannot be proved from here, so it is left for a person.
    """
    return [Finding(_STATES[well], f"{what}. {mend}".removesuffix(". ")) for well, what, mend in lines]
