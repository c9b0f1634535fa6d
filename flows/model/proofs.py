"""What a look at the whole audit found: how much there is, and where it is not as it was kept."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from msgspec import Struct


class FaultKind(StrEnum):
    """What is not as it was kept."""

    EDITED = "edited"
    REMOVED = "removed"
    ADDED = "added"
    MOVED = "moved"
    CUT = "cut"
    OLDER = "older"


class AuditFault(Struct, frozen=True, kw_only=True):
    """Where: the link's number, and its day (None where neither it nor a neighbour says one)."""

    number: int
    day: dt.date | None
    what: FaultKind
    of: str = "link"


class AuditProof(Struct, frozen=True, kw_only=True):
    """The audit of a school, proved.

    ``links`` and ``records`` are how many there are, ``gone`` how many records were removed by the rule that
    ends a case; ``began`` is the day from which the chain knows anything, None = there is no chain.
    ``held_at`` is the day of the link that an older head, if one was given, was made of; None = none fits.
    ``trouble`` is why the whole file is not as it was left, where it is not.
    """

    links: int
    records: int
    gone: int = 0
    began: dt.date | None = None
    old: int = 0
    faults: tuple[AuditFault, ...] = ()
    head: str = ""
    held_at: dt.date | None = None
    trouble: str = ""
