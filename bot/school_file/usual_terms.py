"""The terms that councils in England and Wales usually set: a start, for a school to correct."""

from __future__ import annotations

import datetime as dt

from flows.calendar import is_bank_holiday
from flows.school import Term, WorkingTime

#: a school year is planned in spring: from June on the next one is meant
_PLANNED_FROM = 6
#: a Good Friday from this day on is late
_LATE = (4, 10)
_MONDAY, _WEDNESDAY, _FRIDAY = 0, 2, 4
_WEEKEND = 5


def usual_terms(today: dt.date) -> tuple[Term, ...]:
    """Return the terms of the school year that is running, or will be from September on."""
    year = today.year if today.month >= _PLANNED_FROM else today.year - 1
    last, back = _around_easter(_good_friday(year + 1))
    may = _last(_MONDAY, dt.date(year + 1, 5, 31))
    return (
        Term(
            f"Autumn {year}",
            _weekday(dt.date(year, 9, 3)),
            _last(_FRIDAY, dt.date(year, 12, 20)),
            _week(_last(_MONDAY, dt.date(year, 10, 31))),
        ),
        Term(
            f"Spring {year + 1}",
            _weekday(dt.date(year + 1, 1, 4)),
            last,
            _week(_last(_MONDAY, dt.date(year + 1, 2, 19))),
        ),
        Term(
            f"Summer {year + 1}",
            back,
            _last(_WEDNESDAY, dt.date(year + 1, 7, 23)),
            _week(may),
        ),
    )


def _around_easter(holy: dt.date) -> tuple[dt.date, dt.date]:
    """Return the last day of spring and the first of summer: two weeks off, before a late Easter or after."""
    if (holy.month, holy.day) >= _LATE:
        return holy - dt.timedelta(days=14), holy + dt.timedelta(days=4)
    return holy - dt.timedelta(days=1), holy + dt.timedelta(days=17)


def _weekday(day: dt.date) -> dt.date:
    while day.weekday() >= _WEEKEND:
        day += dt.timedelta(days=1)
    return day


def _last(weekday: int, day: dt.date) -> dt.date:
    """Return the last such weekday on or before a day."""
    return day - dt.timedelta(days=(day.weekday() - weekday) % 7)


def _week(monday: dt.date) -> tuple[dt.date, dt.date]:
    return monday, monday + dt.timedelta(days=4)


def _good_friday(year: int) -> dt.date:
    spring = (dt.date(year, 3, 15) + dt.timedelta(days=n) for n in range(50))
    return next(d for d in spring if d.weekday() == _FRIDAY and is_bank_holiday(d, WorkingTime()))
