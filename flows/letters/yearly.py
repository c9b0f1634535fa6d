"""The yearly wording of clause C2: for which school year, when its office is reminded, and what it says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from flows import calendar
from flows.letters.table import Yearly
from flows.letters.template import fill, template
from flows.school import School, Seat

#: A school year begins in this month, and its last reminder comes in that one.
_BEGINS, _LAST = 9, 7
_WEEK = dt.timedelta(days=7)
#: Months from the second of a school year to that of its last reminder.
_LATER = (10, 11, 12, 1, 2, 3, 4, 5, 6, _LAST)


def year_of(day: dt.date) -> int:
    """Return the year in which the school year of this day began."""
    return day.year if day.month >= _BEGINS else day.year - 1


def called(year: int) -> str:
    """Return a school year as people write it: 2026/27."""
    return f"{year}/{(year + 1) % 100:02}"


def reminder(school: School, day: dt.date) -> dt.date | None:
    """Return the last day up to this one on which the office is reminded, if that was less than a week ago.

    Each week in September, then once a month; what was missed for longer comes with the next.
    """
    passed = [one for one in _reminders(school, year_of(day)) if one <= day]
    return passed[-1] if passed and day - passed[-1] < _WEEK else None


def _reminders(school: School, year: int) -> Iterator[dt.date]:
    first = dt.date(year, _BEGINS, 1)
    for week in range(4):
        yield works_from(school, first + week * _WEEK)
    for month in _LATER:
        yield works_from(school, dt.date(year if month > _BEGINS else year + 1, month, 1))


def works_from(school: School, day: dt.date) -> dt.date:
    """Return the first day from this one on that the school works; the day itself where none does."""
    days = (day + dt.timedelta(days=ahead) for ahead in range(60))
    return next((one for one in days if calendar.is_working_day(one, school.time)), day)


def wording(place: Yearly, school: School, year: int) -> str:
    """Return what is to stand in one of the places; what the school's file does not say is left to type."""
    values = {
        "school": school.name,
        "year": called(year),
        "headteacher": _name(school, Seat.HEADTEACHER),
        "chair": _name(school, Seat.CHAIR),
        "dsl": _name(school, Seat.DSL),
        "complaints_procedure": school.complaints_procedure,
        "policy_link": school.policy_link,
    }
    return fill(template(place, school), values).text


def _name(school: School, seat: Seat) -> str:
    people = school.seats.get(seat, ())
    return school.people[people[0]].name if people else ""
