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


def findings(lines: Iterable[tuple[bool, str, str]]) -> list[Finding]:
    """Return what an adapter's own check found: (well, what was looked at, what to do about it)."""
    return [
        Finding(State.PROVED if well else State.WRONG, f"{what}. {mend}".removesuffix(". "))
        for well, what, mend in lines
    ]
