"""What parents are told each year: for which year, when the office is reminded, and what it says."""

from __future__ import annotations

import datetime as dt

import pytest
from msgspec.structs import replace

from flows.letters.table import NAMES, Letter, Yearly
from flows.letters.template import faults, packaged
from flows.letters.yearly import called, reminder, wording, year_of
from flows.messages import yearly
from flows.school import WorkingTime
from flows.ui.cards import Line, Mark, buttons_of
from tests.flows.matter import SCHOOL

#: A day, the school year it is in, and what that is called.
YEARS = [
    (dt.date(2026, 8, 31), 2025, "2025/26"),
    (dt.date(2026, 9, 1), 2026, "2026/27"),
    (dt.date(2027, 1, 1), 2026, "2026/27"),
    (dt.date(2099, 9, 1), 2099, "2099/00"),
]
#: A day, and the last day up to it on which the office is reminded (None = that is a week ago or more).
REMINDED = [
    ("2026-09-01", None),
    ("2026-09-02", None),
    ("2026-09-03", "2026-09-03"),
    ("2026-09-07", "2026-09-03"),
    ("2026-09-08", "2026-09-08"),
    ("2026-09-15", "2026-09-15"),
    ("2026-09-28", "2026-09-22"),
    ("2026-09-30", None),
    ("2026-10-01", "2026-10-01"),
    ("2026-10-08", None),
    ("2026-11-01", None),
    ("2026-11-02", "2026-11-02"),
    ("2027-01-04", None),
    ("2027-01-05", "2027-01-05"),
    ("2027-07-01", "2027-07-01"),
    ("2027-08-02", None),
]


@pytest.mark.parametrize(("day", "year", "said"), YEARS)
def test_a_school_year_begins_in_september(day: dt.date, year: int, said: str) -> None:
    """Whatever the day, it is in one school year, called by both years."""
    assert (year_of(day), called(year)) == (year, said)


@pytest.mark.feature("yearly-wording")
@pytest.mark.parametrize(("day", "expected"), REMINDED)
def test_when_the_office_is_reminded(day: str, expected: str | None) -> None:
    """Each week in September, then once a month, on days that the school works; never in August."""
    found = reminder(SCHOOL, dt.date.fromisoformat(day))
    assert (found.isoformat() if found else None) == expected


def test_a_school_that_never_works_is_reminded_all_the_same() -> None:
    """Where the calendar has no working day, the day itself counts."""
    never = replace(SCHOOL, time=WorkingTime(terms=SCHOOL.time.terms[:1]))
    years_on = dt.date(2026, 12, 19)
    assert reminder(never, years_on) is None
    assert reminder(SCHOOL, dt.date(2031, 9, 1)) == dt.date(2031, 9, 1)


@pytest.mark.parametrize("place", Yearly)
def test_each_wording_is_whole(place: Yearly) -> None:
    """Its words are there, its links and names come from the school's file, and a school may have its own."""
    assert list(faults(place, packaged(place))) == []
    text = wording(place, SCHOOL, 2026)
    assert "{" not in text
    assert SCHOOL.complaints_procedure in text
    assert "{reference}" in next(faults(place, "x {reference}")).what
    assert wording(place, replace(SCHOOL, letters={place.value: "Ours {year}"}), 2026) == "Ours 2026/27"
    bare = wording(place, replace(SCHOOL, complaints_procedure="", seats={}), 2026)
    assert "please type it]" in bare


def test_names_are_told_apart() -> None:
    """No place has the name of a letter: both stand in one table of the school's file."""
    assert len(set(NAMES)) == len(Letter) + len(Yearly)


def test_what_is_ticked_is_done() -> None:
    """Each place has its line, its words and one button: to tick it, or to take that back."""
    shown = yearly.card(SCHOOL, 2026, {Yearly.WEBSITE: dt.date(2026, 9, 3)})
    lines = [block for block in shown.blocks if isinstance(block, Line)]
    assert [line.mark for line in lines] == [Mark.TO_DO, Mark.TO_DO, Mark.DONE]
    assert "3 September" in lines[2].note
    asked = [b.intent.argument for b in buttons_of(shown)]  # type: ignore[union-attr] # all are commands
    assert asked == ["HPS-2026 done booklet", "HPS-2026 done newsletter", "HPS-2026 undo website"]
    beside = yearly.beside(2026, {Yearly.WEBSITE: dt.date(2026, 9, 3)}).text
    assert "booklet: not yet" in beside
    assert "website: yes" in beside


def test_the_reminder_names_what_is_left() -> None:
    """Which year, which places, and the button that shows the words; a lock screen says only that it is."""
    card = yearly.reminder({"year": "2026", "left": "booklet website"})
    said = str(card)
    assert "2026/27" in said
    assert "School admissions booklet, School website" in said
    assert "newsletter" not in card.summary
    assert len(list(buttons_of(card))) == 1
