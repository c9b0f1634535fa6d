"""How long a case that is over is kept: the school's rule, what puts it off, what stops it.

A rule counts from the day of closing. A school year ends on 31 August: so many school years are kept whole
after the one in which the case was closed.
"""

from __future__ import annotations

import calendar
import datetime as dt
from typing import TypeVar

from flows.calendar import local
from flows.case.duties import outstanding
from flows.model import Case, CaseSummary, Outcome, Status
from flows.school import School, Span

#: So long before it goes it is said: in its thread, and in the digest.
WARNED = dt.timedelta(days=28)
_SCHOOL_YEAR_ENDS = 8
_MONTHS = 12
R = TypeVar("R", Case, CaseSummary)


def rule(row: Case | CaseSummary) -> str:
    """Return by which rule a case goes: one that no clause fits, was a mistake or practised goes sooner."""
    sooner = row.drill or row.outcome in (Outcome.NO_CLAUSE, Outcome.MISTAKE)
    return "no_clause" if sooner else "case"


def goes_on(row: Case | CaseSummary, school: School) -> dt.date | None:
    """Return the day after which a case goes; None = it stays: open, on hold, or without a rule."""
    kept = school.retention.no_clause if rule(row) == "no_clause" else school.retention.case
    if row.status is not Status.CLOSED or row.closed_at is None or row.legal_hold or kept is None:
        return None
    last = after(kept, local(row.closed_at, school.time).date())
    return max(last, row.kept_until) if row.kept_until else last


def near(row: Case | CaseSummary, school: School, on: dt.date) -> dt.date | None:
    """Return the day after which a case goes, where it is time to say so."""
    last = goes_on(row, school)
    return last if last is not None and last - WARNED <= on else None


def owes(row: Case | CaseSummary) -> bool:
    """Return whether something is still owed to somebody: then it stays whatever the rule says."""
    return bool(outstanding(row) if isinstance(row, Case) else row.owed)


def after(span: Span, day: dt.date) -> dt.date:
    """Return the last day of a time that begins on ``day``."""
    match span.unit:
        case "days":
            return day + dt.timedelta(days=span.n)
        case "school_years":
            ends = day.year + (day.month > _SCHOOL_YEAR_ENDS)
            return dt.date(ends + span.n, _SCHOOL_YEAR_ENDS, 31)
        case _:
            months = day.month - 1 + (span.n * _MONTHS if span.unit == "years" else span.n)
            year, month = day.year + months // _MONTHS, months % _MONTHS + 1
            return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
