"""What part of the open cases somebody wants to see, and page by page. Typed: ``cases mine 2``."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from enum import StrEnum
from typing import assert_never

from msgspec import Struct

from flows.calendar import local
from flows.case.seats import answering, called_in
from flows.model import CaseSummary, Status
from flows.school import PersonId, School

#: So many cases stand on a page.
PAGE = 15
_ASKED = re.compile(r"\s*([a-z]*)\s*(\d{0,4})\s*", re.IGNORECASE)


class Filter(StrEnum):
    """Which of the open cases."""

    ALL = "all"
    MINE = "mine"
    OVERDUE = "overdue"
    HELD = "held"
    WAITING = "waiting"


class Paged(Struct, frozen=True):
    """One page of what there is, of how many."""

    shown: Sequence[CaseSummary]
    page: int
    pages: int


def asked(argument: str) -> tuple[Filter, int]:
    """Return which cases somebody asks for, and which page; what is not understood is all, from the first."""
    found = _ASKED.fullmatch(argument)
    if found is None or found[1].lower() not in {"", *Filter}:
        return Filter.ALL, 1
    return Filter(found[1].lower() or Filter.ALL), int(found[2] or 1)


def passes(row: CaseSummary, which: Filter, person: PersonId, school: School, now: dt.datetime) -> bool:
    """Return whether an open case is among those that are asked for."""
    match which:
        case Filter.ALL:
            return True
        case Filter.MINE:
            return _theirs(row, person, school)
        case Filter.OVERDUE:
            today = local(now, school.time).date()
            return row.due_at < now or any(one.due < today for one in row.owed)
        case Filter.HELD:
            return row.held
        case Filter.WAITING:
            return bool(row.owed)
        case _:
            assert_never(which)


def _theirs(row: CaseSummary, person: PersonId, school: School) -> bool:
    """Return whether it is this person's turn: they have it, it was handed to them, or they lead it."""
    if row.status is Status.ACKNOWLEDGED or row.assigned is not None:
        return person in (row.owner, row.assigned)
    leading = answering(row.holders, row.recused, school).get(row.lead) if row.lead is not None else None
    return person == leading or person in called_in(row.stand_ins, row.recused, school)


def paged(rows: Sequence[CaseSummary], page: int) -> Paged:
    """Return a page of them; behind the last there is the last."""
    pages = max(1, -(-len(rows) // PAGE))
    page = min(max(page, 1), pages)
    return Paged(rows[(page - 1) * PAGE : page * PAGE], page, pages)
