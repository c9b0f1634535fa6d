"""Working time: which days the school works, and what moment a time limit ends at.

Two rules for this file. Every moment that comes in or goes out is aware UTC, and every day or
wall-clock time is the school's own; the change of the clocks is met in :func:`local` and
:func:`in_utc` and nowhere else. And the present is always passed in, never read.

The limits are the policy page's §8. Bank holidays come from the ``holidays`` library, once per year.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice
from typing import assert_never
from zoneinfo import ZoneInfo

import holidays

from flows.model import Urgency
from flows.school import School, WorkingTime
from flows.words import say

#: What a school may write for ``bank_holidays``, and the library's name for it ("" = none kept).
NATIONS = {"england": "ENG", "wales": "WLS", "scotland": "SCT", "northern_ireland": "NIR", "none": ""}
#: By when the on-call person must have seen a same-day safeguarding report, holidays included (§8).
ON_CALL_BY = dt.time(9)
#: How soon an urgent report must be dealt with (§8).
URGENT_WITHIN = dt.timedelta(hours=1)
#: How often a case that presses is spoken of once everybody on the list has been told, and for how long so
#: often, day and night; then every morning.
PRESSING_AGAIN, PRESSING_FOR = dt.timedelta(hours=1), dt.timedelta(hours=8)

_DAY = dt.timedelta(days=1)
_WEEK = 7
_SATURDAY = 5


def local(at: dt.datetime, time: WorkingTime) -> dt.datetime:
    """Return the same moment on the school's wall clock."""
    return at.astimezone(ZoneInfo(time.timezone))


def is_bank_holiday(day: dt.date, time: WorkingTime) -> bool:
    """Return whether the day is a bank holiday where the school is."""
    return day in _bank_holidays(NATIONS[time.bank_holidays], day.year)


def is_working_day(day: dt.date, time: WorkingTime) -> bool:
    """Return whether the school works that day: no weekend, bank holiday, school holiday or inset day.

    A school that has named no terms works every weekday that is none of the others.
    """
    return _is_weekday(day, time) and day not in time.inset_days and _in_term(day, time)


def deadline(urgency: Urgency, at: dt.datetime, school: School, *, safeguarding: bool) -> dt.datetime:
    """Return by when a report sent ``at`` must be dealt with (policy page §8).

    ``safeguarding`` = a row with the safeguarding deadline applied: what comes too late for today
    is then with the on-call person by nine the next calendar day, working day or not.
    """
    time = school.time
    day = local(at, time).date()
    match urgency:
        case Urgency.EMERGENCY:
            return at
        case Urgency.URGENT:
            return at + URGENT_WITHIN
        case Urgency.SAME_DAY if safeguarding:
            # "instead" of noon on the next working day; a threat is never due later than a rude word.
            return min(_same_day(at, school), in_utc(day + _DAY, ON_CALL_BY, time))
        case Urgency.SAME_DAY:
            return _same_day(at, school)
        case Urgency.TWO_WORKING_DAYS:
            return in_utc(_nth_after(2, day, time, _counts), time.closes, time)
        case Urgency.ROUTINE:
            return in_utc(_nth_after(5, day, time, _counts), time.closes, time)
        case _:
            assert_never(urgency)


def next_weekday(day: dt.date, time: WorkingTime) -> dt.date:
    """Return the first weekday after ``day`` that is no bank holiday: what outside bodies count by."""
    return _nth_after(1, day, time, _is_weekday)


def acknowledge_by(urgency: Urgency, at: dt.datetime, school: School) -> dt.datetime | None:
    """Return by when somebody must have taken it on before the next person is told; None = no such limit."""
    match urgency:
        case Urgency.EMERGENCY:
            return at + school.deadlines.acknowledge_emergency
        case Urgency.URGENT:
            return at + school.deadlines.acknowledge_urgent
        case _:
            return None


def ask_again(
    urgency: Urgency, at: dt.datetime, school: School, *, since: dt.datetime | None = None
) -> dt.datetime:
    """Return when a case is spoken of again that nobody has opened: each working morning.

    One that presses: each hour at first, then every morning; ``since`` = when the last one had been told.
    """
    time, day = school.time, local(at, school.time).date()
    if not urgency.presses:
        return in_utc(_nth_after(1, day, time, _counts), time.opens, time)
    if since is None or at < since + PRESSING_FOR:
        return at + PRESSING_AGAIN
    today = in_utc(day, time.opens, time)
    return today if at < today else in_utc(day + _DAY, time.opens, time)


def hear_by(opened: dt.datetime, now: dt.datetime, school: School) -> dt.datetime:
    """Return by when a reporter next hears how it stands: the second working day, then every fifth."""
    by = deadline(Urgency.TWO_WORKING_DAYS, opened, school, safeguarding=False)
    while by <= now:
        by = deadline(Urgency.ROUTINE, by, school, safeguarding=False)
    return by


def morning(day: dt.date, school: School) -> dt.datetime:
    """Return when the school opens on a day, whether it works that day or not."""
    return in_utc(day, school.time.opens, school.time)


def evening(day: dt.date, school: School) -> dt.datetime:
    """Return when the school closes on a day, whether it works that day or not."""
    return in_utc(day, school.time.closes, school.time)


def next_morning(at: dt.datetime, school: School, *, any_day: bool = False) -> dt.datetime:
    """Return the first opening, later than ``at``, of a day that counts; ``any_day`` = of any day."""
    day, time = local(at, school.time).date(), school.time
    days = (later for later in _days_after(day - _DAY) if any_day or _counts(later, time))
    return next(moment for later in days if (moment := morning(later, school)) > at)


def morning_before(day: dt.date, school: School, *, any_day: bool = False) -> dt.datetime:
    """Return the opening of the last day before ``day`` that counts; ``any_day`` = of the day before."""
    day -= _DAY
    while not (any_day or _counts(day, school.time)):
        day -= _DAY
    return morning(day, school)


def counts(at: dt.datetime, school: School) -> bool:
    """Return whether limits count the day of a moment."""
    return _counts(local(at, school.time).date(), school.time)


def next_digest(school: School, after: dt.datetime) -> dt.datetime:
    """Return the first digest moment later than ``after``: once in every ISO week.

    On the school's weekday and wall-clock time; if that is no working day, on the next working day of
    the same week; in a week that has none left, on the weekday itself.
    """
    today = local(after, school.time).date()
    monday = today - dt.timedelta(days=today.weekday())
    while True:
        moment = in_utc(_digest_day(monday, school), school.digest.time, school.time)
        if moment > after:
            return moment
        monday += _WEEK * _DAY


def iso_week(at: dt.datetime, school: School) -> str:
    """Return the school's week that ``at`` falls in, as ``2026-W48``."""
    year, week, _ = local(at, school.time).isocalendar()
    return f"{year}-W{week:02}"


def weeks_of_term(until: dt.datetime, school: School) -> tuple[dt.datetime, ...]:
    """Return where each seven days of this term end, the last first; those without a day of school are none.

    Empty outside term, and where the school has named none.
    """
    time, day = school.time, local(until, school.time).date()
    first = next((term.first for term in time.terms if term.first <= day <= term.last), None)
    ends = []
    while first is not None and day - _WEEK * _DAY >= first:
        if any(is_working_day(day - n * _DAY, time) for n in range(1, _WEEK + 1)):
            ends.append(until)
        day, until = day - _WEEK * _DAY, until - _WEEK * _DAY
    return tuple(ends)


def week_begins(week: str) -> dt.date:
    """Return the Monday of a week that is written as ``2026-W48``."""
    return dt.date.fromisoformat(f"{week}-1")


def spoken(at: dt.datetime, now: dt.datetime, school: School) -> str:
    """Return a deadline as people say it: "today by 17:00", "by 17:00 on Friday 27 November"."""
    if at == now:
        return say("calendar.now")
    there, here = local(at, school.time), local(now, school.time)
    time, weekday = f"{there:%H:%M}", say("calendar.weekdays").split()[there.weekday()]
    ahead = (there.date() - here.date()).days
    if ahead == 0:
        return say("calendar.today", time=time)
    if ahead == 1:
        return say("calendar.tomorrow", time=time, weekday=weekday)
    return spoken_by(at, now, school)


def spoken_by(at: dt.datetime, now: dt.datetime, school: School) -> str:
    """Return a deadline that reads the same on every day: "by 17:00 on Friday 27 November"."""
    there, here = local(at, school.time), local(now, school.time)
    said = say("calendar.later", time=f"{there:%H:%M}", day=on_day(there.date()))
    return said if there.year == here.year else f"{said} {there.year}"


def on_day(day: dt.date) -> str:
    """Return a day as people say it: "Friday 27 November"."""
    weekday = say("calendar.weekdays").split()[day.weekday()]
    return f"{weekday} {day.day} {say('calendar.months').split()[day.month - 1]}"


def short(at: dt.datetime) -> str:
    """Return a moment of the school's wall clock in little room: "Tue 24 Nov, 10:05"."""
    weekday, month = (say(f"calendar.{name}").split() for name in ("weekdays", "months"))
    return say(
        "calendar.short",
        weekday=weekday[at.weekday()],
        day=at.day,
        month=month[at.month - 1],
        time=f"{at:%H:%M}",
    )


def spoken_since(at: dt.datetime) -> str:
    """Return a moment of the school's wall clock that has passed: "10:05 on Tuesday 24 November"."""
    return say("calendar.since", time=f"{at:%H:%M}", day=on_day(at.date()))


def _same_day(at: dt.datetime, school: School) -> dt.datetime:
    """Return closing time today if there is still time for it, else the late time on the next working day."""
    time, limits, sent = school.time, school.deadlines, local(at, school.time)
    if _counts(sent.date(), time) and sent.time() <= limits.same_day_cutoff:
        return in_utc(sent.date(), time.closes, time)
    return in_utc(_nth_after(1, sent.date(), time, _counts), limits.same_day_late, time)


def _digest_day(monday: dt.date, school: School) -> dt.date:
    wanted = monday + school.digest.weekday * _DAY
    rest = (monday + n * _DAY for n in range(school.digest.weekday, _WEEK))
    return next((day for day in rest if _counts(day, school.time)), wanted)


def _counts(day: dt.date, time: WorkingTime) -> bool:
    """Return whether limits count this day.

    Before the first and after the last term the school has told us of, ordinary weekdays count: a
    limit that ends too soon is put right by a glance, one that never ends is forgotten.
    """
    if is_working_day(day, time):
        return True
    told = not time.terms or min(t.first for t in time.terms) <= day <= max(t.last for t in time.terms)
    return not told and _is_weekday(day, time) and day not in time.inset_days


def _is_weekday(day: dt.date, time: WorkingTime) -> bool:
    return day.weekday() < _SATURDAY and not is_bank_holiday(day, time)


def _in_term(day: dt.date, time: WorkingTime) -> bool:
    return not time.terms or any(
        term.first <= day <= term.last
        and not (term.half_term and term.half_term[0] <= day <= term.half_term[1])
        for term in time.terms
    )


def _nth_after(
    nth: int, day: dt.date, time: WorkingTime, counts: Callable[[dt.date, WorkingTime], bool]
) -> dt.date:
    """Return the ``nth`` day after ``day`` that counts."""
    counted = (later for later in _days_after(day) if counts(later, time))
    return next(islice(counted, nth - 1, None))


def _days_after(day: dt.date) -> Iterator[dt.date]:
    while True:
        day += _DAY
        yield day


def in_utc(day: dt.date, at: dt.time, time: WorkingTime) -> dt.datetime:
    """Return a wall-clock time of the school as a moment in UTC."""
    return dt.datetime.combine(day, at, tzinfo=ZoneInfo(time.timezone)).astimezone(dt.UTC)


@cache
def _bank_holidays(nation: str, year: int) -> frozenset[dt.date]:
    if not nation:
        return frozenset()
    return frozenset(holidays.country_holidays("GB", subdiv=nation, years=year))
