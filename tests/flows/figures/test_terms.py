"""Each day counts to one term: holidays to the one before; where none is named the year has three parts."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from flows.figures.terms import Period, counted_until, named, term_of, terms_back
from tests.flows.matter import SCHOOL

NONE = replace(SCHOOL, time=replace(SCHOOL.time, terms=()))
DAY = dt.date.fromisoformat
#: Of a school with terms from autumn 2026 to summer 2028, and of one that has named none.
DAYS = [
    (SCHOOL, "2026-09-03", "Autumn 2026", "2026-09-03", "2027-01-04"),
    (SCHOOL, "2026-10-28", "Autumn 2026", "2026-09-03", "2027-01-04"),  # half-term
    (SCHOOL, "2027-01-03", "Autumn 2026", "2026-09-03", "2027-01-04"),  # holidays
    (SCHOOL, "2027-01-04", "Spring 2027", "2027-01-04", "2027-04-12"),
    (SCHOOL, "2028-08-31", "Summer 2028", "2028-04-24", "2028-09-01"),
    (SCHOOL, "2028-09-01", "Autumn 2028", "2028-09-01", "2029-01-01"),
    (SCHOOL, "2026-09-02", "Summer 2026", "2026-04-01", "2026-09-03"),
    (SCHOOL, "2026-08-01", "Summer 2026", "2026-04-01", "2026-09-03"),
    (SCHOOL, "2026-03-31", "Spring 2026", "2026-01-01", "2026-04-01"),
    (NONE, "2026-12-31", "Autumn 2026", "2026-09-01", "2027-01-01"),
    (NONE, "2027-01-01", "Spring 2027", "2027-01-01", "2027-04-01"),
    (NONE, "2027-08-31", "Summer 2027", "2027-04-01", "2027-09-01"),
]


@pytest.mark.parametrize(("school", "day", "name", "first", "before"), DAYS)
def test_which_term_a_day_counts_to(school, day, name, first, before) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001 - a table
    """A term goes on until the next begins."""
    assert term_of(DAY(day), school) == Period(name, DAY(first), DAY(before))


@given(st.dates(DAY("2020-01-01"), DAY("2035-12-31")), st.booleans())
def test_terms_divide_the_years(day: dt.date, told: bool) -> None:  # noqa: FBT001 - drawn
    """Every day of a term counts to it, and the day before it to another."""
    school = SCHOOL if told else NONE
    term = term_of(day, school)
    assert term.first <= day <= term.last
    assert term_of(term.last, school) == term_of(term.first, school) == term
    assert term_of(term.first - dt.timedelta(days=1), school).before == term.first


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("", "Autumn 2026"),
        ("this", "Autumn 2026"),
        ("this term", "Autumn 2026"),
        ("Last", "Summer 2026"),
        ("last  term", "Summer 2026"),
        ("summer 2026", "Summer 2026"),
        ("2026-01-01", "Spring 2026"),
        ("Spring 2027", None),
        ("2026-01-02", None),
        ("the good old days", None),
    ],
)
def test_which_term_is_asked_for(asked: str, name: str | None) -> None:
    """By its place, by its name as the school writes it, or by its first day; one to come is none."""
    found = named(asked, DAY("2026-11-24"), SCHOOL)
    assert (found.name if found else None) == name


def test_seven_years_are_found() -> None:
    """Further back nothing is told."""
    terms = list(terms_back(DAY("2026-11-24"), SCHOOL))
    assert [term.before for term in terms[1:]] == [term.first for term in terms[:-1]]
    assert terms[-1].name == "Spring 2020"


def test_counted_is_to_the_end_of_last_week() -> None:
    """On the school's own clock: on Monday at midnight, summer time or not."""
    for now, until in (
        ("2026-11-29T23:59:59+00:00", "2026-11-23T00:00:00+00:00"),
        ("2026-11-30T00:00:00+00:00", "2026-11-30T00:00:00+00:00"),
        ("2026-06-14T23:30:00+00:00", "2026-06-14T23:00:00+00:00"),
    ):
        found = counted_until(dt.datetime.fromisoformat(now), SCHOOL)
        assert found == dt.datetime.fromisoformat(until)
