"""Which term a day counts to. A term's figures go on until the next one begins, holidays included.

Where a school has named no term, three parts of the year stand in: from September, January and April on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import pairwise

from msgspec import Struct

from flows.calendar import in_utc, local
from flows.school import School
from flows.words import say

#: the month in which each part of the year begins
_BEGIN = (("spring", 1), ("summer", 4), ("autumn", 9))
#: so much sooner than the first term that is named no other is taken to begin
_LEAD = dt.timedelta(days=31)
_DAY = dt.timedelta(days=1)
#: so many terms back are found: seven years
_MOST = 21
#: what the terms are called by their place, from this one back
_BY_PLACE = ("", "last")


class Period(Struct, frozen=True):
    """A term with the holidays behind it: from its first day on, and before another."""

    name: str
    first: dt.date
    before: dt.date

    @property
    def last(self) -> dt.date:
        """The last day that counts to it."""
        return self.before - _DAY

    def moments(self, school: School) -> tuple[dt.datetime, dt.datetime]:
        """Return from when on, and before when, a case was opened that counts to it."""
        return midnight(self.first, school), midnight(self.before, school)


def term_of(day: dt.date, school: School) -> Period:
    """Return the term that a day counts to."""
    terms = sorted(school.time.terms, key=lambda term: term.first)
    begun = [term for term in terms if term.first <= day]
    following = next((term.first for term in terms if term.first > day), None)
    if begun:
        end = following or _part(begun[-1].last).before
        if day < end:
            return Period(begun[-1].name, begun[-1].first, end)
    part = _part(day)
    if following is None:
        return part
    if following - part.first <= _LEAD:  # what is named is this part, and has not begun
        part = _part(part.first - _DAY)
    return Period(part.name, part.first, following if following - part.before <= _LEAD else part.before)


def terms_back(day: dt.date, school: School) -> Iterator[Period]:
    """Yield the term of a day and those before it, the last first."""
    for _ in range(_MOST):
        term = term_of(day, school)
        yield term
        day = term.first - _DAY


def named(text: str, today: dt.date, school: School) -> Period | None:
    """Return the term that is asked for: this one (""), the last, by its name, or by its first day."""
    asked = " ".join(text.casefold().split()).removesuffix(" term").removeprefix("this")
    for number, term in enumerate(terms_back(today, school)):
        if asked in (term.name.casefold(), term.first.isoformat(), *_BY_PLACE[number : number + 1]):
            return term
    return None


def counted_until(now: dt.datetime, school: School) -> dt.datetime:
    """Return up to when figures count, the end of last week: they change once a week, not with a case."""
    today = local(now, school.time).date()
    return midnight(today - today.weekday() * _DAY, school)


def midnight(day: dt.date, school: School) -> dt.datetime:
    """Return when a day begins on the school's clock."""
    return in_utc(day, dt.time(), school.time)


def _part(day: dt.date) -> Period:
    """Return the part of the year that stands in where no term is named."""
    begins = [(dt.date(year, month, 1), name) for year in (day.year, day.year + 1) for name, month in _BEGIN]
    (first, name), (before, _) = next(
        (one, other) for one, other in pairwise(begins) if one[0] <= day < other[0]
    )
    return Period(say(f"figures.part.{name}", year=first.year), first, before)
