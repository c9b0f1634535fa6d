"""Working time as the policy page's §8 has it: tables first, both changes of the clocks included."""

from __future__ import annotations

import datetime as dt

import pytest

from flows import calendar
from flows.model import Urgency
from flows.school import Deadlines, DigestTime, School, SchoolId, Term, WorkingTime

TERMS = (
    Term(
        "Autumn 2026",
        dt.date(2026, 9, 3),
        dt.date(2026, 12, 18),
        (dt.date(2026, 10, 26), dt.date(2026, 10, 30)),
    ),
    Term(
        "Spring 2027", dt.date(2027, 1, 5), dt.date(2027, 3, 25), (dt.date(2027, 2, 15), dt.date(2027, 2, 19))
    ),
    Term(
        "Summer 2027", dt.date(2027, 4, 12), dt.date(2027, 7, 23), (dt.date(2027, 5, 31), dt.date(2027, 6, 4))
    ),
)
TIME = WorkingTime(terms=TERMS, inset_days=(dt.date(2027, 1, 4), dt.date(2026, 11, 27)))
MONDAY = DigestTime()


def school(time: WorkingTime = TIME, digest: DigestTime = MONDAY) -> School:
    """Return a school of which only the calendar matters."""
    return School(id=SchoolId("HPS"), name="", prefix="HPS", people={}, seats={}, time=time, digest=digest)


def utc(text: str) -> dt.datetime:
    """Return "2026-11-24 14:00" as that moment in UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-11-24", True),  # an ordinary Tuesday
        ("2026-11-28", False),  # Saturday
        ("2026-11-29", False),  # Sunday
        ("2026-11-27", False),  # inset day
        ("2026-10-23", True),  # the Friday before half-term
        ("2026-10-26", False),  # half-term, first day
        ("2026-10-30", False),  # half-term, last day
        ("2026-11-02", True),  # back again
        ("2026-09-02", False),  # the day before term
        ("2026-09-03", True),  # the first day of term
        ("2026-12-18", True),  # the last day of term
        ("2026-12-21", False),  # Christmas holidays
        ("2027-05-03", False),  # early May bank holiday, inside the term
        ("2027-03-26", False),  # Good Friday
    ],
)
def test_working_days(day: str, works: bool) -> None:  # noqa: FBT001 - a table's column
    """The school works on weekdays in term that are neither bank holiday, half-term nor inset day."""
    assert works == calendar.is_working_day(dt.date.fromisoformat(day), TIME)


def test_no_terms_named() -> None:
    """A school that named no terms works every weekday that is no bank holiday."""
    time = WorkingTime()
    assert calendar.is_working_day(dt.date(2026, 8, 3), time)
    assert not calendar.is_working_day(dt.date(2026, 12, 25), time)


@pytest.mark.parametrize(
    ("nation", "day", "holiday"),
    [
        ("england", "2026-08-31", True),  # late summer
        ("scotland", "2026-08-31", False),
        ("scotland", "2026-11-30", True),  # St Andrew
        ("england", "2026-11-30", False),
        ("northern_ireland", "2026-03-17", True),  # St Patrick
        ("wales", "2026-03-17", False),
        ("england", "2026-12-28", True),  # Boxing Day fell on a Saturday
        ("none", "2026-12-25", False),
    ],
)
@pytest.mark.feature("school-time")
def test_bank_holidays_of_each_nation(nation: str, day: str, holiday: bool) -> None:  # noqa: FBT001 - a column
    """Bank holidays are those of the nation the school names; "none" keeps none."""
    time = WorkingTime(bank_holidays=nation)
    assert holiday == calendar.is_bank_holiday(dt.date.fromisoformat(day), time)


@pytest.mark.parametrize(
    ("urgency", "sent", "due"),
    [
        ("emergency", "2026-11-24 22:41", "2026-11-24 22:41"),
        ("urgent", "2026-11-24 22:41", "2026-11-24 23:41"),
        ("urgent", "2026-12-25 03:00", "2026-12-25 04:00"),  # holidays do not slow it
        ("urgent", "2026-10-25 00:30", "2026-10-25 01:30"),  # an hour is an hour when the clocks go back
        ("urgent", "2027-03-28 00:30", "2027-03-28 01:30"),  # ... and when they go forward
        ("same_day", "2026-11-24 09:00", "2026-11-24 17:00"),
        ("same_day", "2026-11-24 06:00", "2026-11-24 17:00"),  # before the school opens
        ("same_day", "2026-11-24 15:00", "2026-11-24 17:00"),  # by three is still today
        ("same_day", "2026-11-24 15:01", "2026-11-25 12:00"),
        ("same_day", "2026-11-26 15:01", "2026-11-30 12:00"),  # inset day and a weekend between
        ("same_day", "2026-11-28 10:00", "2026-11-30 12:00"),  # Saturday
        ("same_day", "2026-10-23 15:30", "2026-11-02 12:00"),  # over half-term and the change of the clocks
        ("same_day", "2026-12-18 16:00", "2027-01-05 12:00"),  # over Christmas and an inset day
        ("same_day", "2027-03-25 16:00", "2027-04-12 11:00"),  # over Easter into summer time
        ("same_day", "2027-06-07 14:00", "2027-06-07 16:00"),  # three in summer is 14:00 UTC
        ("same_day", "2027-06-07 14:01", "2027-06-08 11:00"),
        ("two_working_days", "2026-11-24 23:30", "2026-11-26 17:00"),  # sent late counts from that day
        ("two_working_days", "2026-11-25 09:00", "2026-11-30 17:00"),  # Thu 26; Fri is inset; Mon 30
        ("two_working_days", "2026-11-23 09:00", "2026-11-25 17:00"),
        ("two_working_days", "2026-11-21 09:00", "2026-11-24 17:00"),  # a Saturday
        ("two_working_days", "2026-10-22 10:00", "2026-11-02 17:00"),  # Fri 23, then Mon 2
        ("routine", "2026-11-16 10:00", "2026-11-23 17:00"),
        ("routine", "2026-11-23 10:00", "2026-12-01 17:00"),
        ("routine", "2027-06-07 10:00", "2027-06-14 16:00"),
    ],
)
def test_deadlines(urgency: str, sent: str, due: str) -> None:
    """Each urgency ends when the policy page says it does (times here are UTC)."""
    found = calendar.deadline(Urgency(urgency), utc(sent), school(), safeguarding=False)
    assert utc(due) == found


@pytest.mark.parametrize(
    ("sent", "due"),
    [
        ("2026-11-24 09:00", "2026-11-24 17:00"),  # in time for today
        ("2026-11-24 15:01", "2026-11-25 09:00"),
        ("2026-11-27 23:59", "2026-11-28 09:00"),  # Saturday counts
        ("2026-12-24 20:00", "2026-12-25 09:00"),  # so does Christmas Day
        ("2026-10-24 20:00", "2026-10-25 09:00"),  # the clocks went back in the night
        ("2027-03-27 20:00", "2027-03-28 08:00"),  # the clocks went forward in the night
        ("2027-06-07 23:30", "2027-06-08 16:00"),  # already the 8th in Cornwall
    ],
)
def test_same_day_safeguarding(sent: str, due: str) -> None:
    """A same-day safeguarding report too late for today is with the on-call person by nine tomorrow."""
    found = calendar.deadline(Urgency.SAME_DAY, utc(sent), school(), safeguarding=True)
    assert utc(due) == found


@pytest.mark.parametrize("urgency", [u for u in Urgency if u is not Urgency.SAME_DAY])
def test_safeguarding_changes_same_day_only(urgency: Urgency) -> None:
    """Every other urgency ends at the same moment whichever row asked for it."""
    sent = utc("2026-11-24 09:00")
    plain = calendar.deadline(urgency, sent, school(), safeguarding=False)
    assert plain == calendar.deadline(urgency, sent, school(), safeguarding=True)


@pytest.mark.parametrize(
    ("sent", "due"),
    [("2026-12-18 09:00", "2026-12-22 17:00"), ("2025-11-24 09:00", "2025-11-26 17:00")],
)
def test_outside_the_known_terms(sent: str, due: str) -> None:
    """Outside the terms the school has told us of, ordinary weekdays count: no limit runs on for ever."""
    own = school(WorkingTime(terms=TERMS[:1]))
    assert utc(due) == calendar.deadline(Urgency.TWO_WORKING_DAYS, utc(sent), own, safeguarding=False)


def test_a_school_sets_its_own_times() -> None:
    """Cut-off, late time and closing time are the school's to change."""
    own = School(
        id=SchoolId("HPS"), name="", prefix="HPS", people={}, seats={},
        time=WorkingTime(closes=dt.time(16, 30)),
        deadlines=Deadlines(same_day_cutoff=dt.time(13), same_day_late=dt.time(10)),
    )  # fmt: skip
    early = calendar.deadline(Urgency.SAME_DAY, utc("2026-11-24 13:00"), own, safeguarding=False)
    late = calendar.deadline(Urgency.SAME_DAY, utc("2026-11-24 13:01"), own, safeguarding=False)
    assert (utc("2026-11-24 16:30"), utc("2026-11-25 10:00")) == (early, late)


@pytest.mark.parametrize(
    ("urgency", "by"),
    [
        ("emergency", "2026-11-24 09:10"),
        ("urgent", "2026-11-24 09:20"),
        ("same_day", None),
        ("two_working_days", None),
        ("routine", None),
    ],
)
def test_acknowledge_by(urgency: str, by: str | None) -> None:
    """Only emergencies and urgent reports move on to the next person, after 10 and 20 minutes."""
    found = calendar.acknowledge_by(Urgency(urgency), utc("2026-11-24 09:00"), school())
    assert (utc(by) if by else None) == found


@pytest.mark.parametrize(
    ("after", "moment"),
    [
        ("2026-11-23 07:59", "2026-11-23 08:00"),
        ("2026-11-23 08:00", "2026-11-30 08:00"),  # strictly later
        ("2026-11-29 23:00", "2026-11-30 08:00"),
        ("2027-04-26 12:00", "2027-05-04 07:00"),  # bank holiday Monday: Tuesday, in summer time
        ("2026-10-19 12:00", "2026-10-26 08:00"),  # half-term week has no working day: Monday itself
        ("2026-12-14 12:00", "2026-12-21 08:00"),  # Christmas likewise
        ("2026-12-28 12:00", "2027-01-05 08:00"),  # inset Monday: Tuesday
        ("2027-03-22 12:00", "2027-03-29 07:00"),  # the week after the clocks went forward
    ],
)
def test_next_digest(after: str, moment: str) -> None:
    """The digest goes once a week at the school's own wall-clock time, on a working day if there is one."""
    assert utc(moment) == calendar.next_digest(school(), utc(after))


def test_one_digest_in_every_week() -> None:
    """Following the digest for two years meets every ISO week exactly once."""
    own, at, weeks = school(), utc("2026-01-01 00:00"), []
    while at < utc("2028-01-01 00:00"):
        at = calendar.next_digest(own, at)
        weeks.append(calendar.iso_week(at, own))
    expected = list(dict.fromkeys(weeks))
    assert (expected, 105) == (weeks, len(weeks))


def test_digest_on_friday_never_slips_into_next_week() -> None:
    """A digest whose Friday is a holiday stays in its week."""
    own = school(digest=DigestTime(4, dt.time(8)))
    assert utc("2026-11-27 08:00") == calendar.next_digest(own, utc("2026-11-23 12:00"))


@pytest.mark.parametrize(
    ("at", "week"),
    [
        ("2026-11-24 09:00", "2026-W48"),
        ("2027-01-03 12:00", "2026-W53"),
        ("2027-01-04 12:00", "2027-W01"),
        ("2027-06-06 23:30", "2027-W23"),  # already Monday in Cornwall
    ],
)
def test_iso_week(at: str, week: str) -> None:
    """A week is the school's own ISO week, two digits."""
    assert week == calendar.iso_week(utc(at), school())


@pytest.mark.parametrize(
    ("at", "now", "words"),
    [
        ("2026-11-24 17:00", "2026-11-24 09:00", "today by 17:00"),
        ("2026-11-25 12:00", "2026-11-24 16:00", "tomorrow (Wednesday) by 12:00"),
        ("2026-11-27 17:00", "2026-11-24 16:00", "by 17:00 on Friday 27 November"),
        ("2027-01-05 12:00", "2026-12-18 16:00", "by 12:00 on Tuesday 5 January 2027"),
        ("2027-06-07 16:00", "2027-06-06 23:30", "today by 17:00"),  # wall clock of the school
        ("2026-11-24 09:00", "2026-11-24 09:00", "now"),
        ("2026-11-23 17:00", "2026-11-24 09:00", "by 17:00 on Monday 23 November"),
    ],
)
def test_spoken(at: str, now: str, words: str) -> None:
    """A deadline is said as people say it, on the school's clock."""
    assert words == calendar.spoken(utc(at), utc(now), school())


@pytest.mark.parametrize("urgency", list(Urgency))
@pytest.mark.parametrize("safeguarding", [True, False])
@pytest.mark.unwatched
def test_sent_later_is_never_due_earlier(urgency: Urgency, safeguarding: bool) -> None:  # noqa: FBT001 - a column
    """Over two years, half an hour at a time: no limit lies in the past, and waiting never shortens one."""
    own, at, before = school(), utc("2026-08-20 00:15"), utc("2000-01-01 00:00")
    for _ in range(0, 2 * 365 * 48, 7):
        at += dt.timedelta(minutes=30 * 7)
        due = calendar.deadline(urgency, at, own, safeguarding=safeguarding)
        assert max(at, before) <= due <= at + dt.timedelta(days=60)
        before = due
