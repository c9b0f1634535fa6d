"""How long a school keeps what is over: what arrives, what is refused at its line, what it comes to."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.config.settings import SAMPLE_SCHOOL
from bot.school_file.load import read_school
from flows.case.keeping import after
from flows.school import Retention, Span

SAMPLE = SAMPLE_SCHOOL.read_text("utf-8")


def written(part: str) -> str:
    """Return the sample with a part more."""
    return f"{SAMPLE}\n{part}\n"


def test_what_is_left_out_is_kept() -> None:
    """No case goes by a rule that nobody wrote; drafts go after thirty days."""
    school = read_school(SAMPLE).school
    assert school is not None
    assert school.retention == Retention()
    assert school.retention.draft == dt.timedelta(days=30)


def test_what_is_written_arrives() -> None:
    """As people say it, in any case of letters, with or without "after closing"."""
    part = '[retention]\ncase = "6 years after closing"\nno_clause = "1 School Year"\ndraft = "14 days"\n'
    school = read_school(written(part)).school
    assert school is not None
    assert school.retention == Retention(
        case=Span(6, "years"), no_clause=Span(1, "school_years"), draft=dt.timedelta(days=14)
    )


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('case = "6 days"', "case"),
        ('case = "0 years"', "case"),
        ('case = "11 months"', "case"),
        ('case = "900 years"', "case"),
        ('case = "for ever"', "case"),
        ('case = "6"', "case"),
        ('case = "6 years before closing"', "case"),
        ('case = "six years"', "case"),
        ("case = 6", "case"),
        ('no_clause = "1 term"', "no_clause"),
        ('no_clause = "-1 years"', "no_clause"),
        ('draft = "1 year"', "draft"),
        ('draft = "0 days"', "draft"),
        ('draft = "91 days"', "draft"),
        ('cases = "6 years"', "cases"),
    ],
)
def test_a_senseless_value_is_refused_at_its_line(line: str, key: str) -> None:
    """The file is refused: a rule that would remove too soon, or never, must not be guessed at."""
    text = written(f"[retention]\n{line}")
    reading = read_school(text)
    assert reading.school is None
    found = [(problem.key, problem.line) for problem in reading.errors]
    assert found == [(f"retention.{key}", text.splitlines().index(line) + 1)]


@pytest.mark.parametrize(
    ("span", "closed", "last"),
    [
        (Span(365, "days"), dt.date(2026, 11, 24), dt.date(2027, 11, 24)),
        (Span(18, "months"), dt.date(2026, 8, 31), dt.date(2028, 2, 29)),
        (Span(12, "months"), dt.date(2027, 1, 31), dt.date(2028, 1, 31)),
        (Span(13, "months"), dt.date(2026, 12, 31), dt.date(2028, 1, 31)),
        (Span(6, "years"), dt.date(2028, 2, 29), dt.date(2034, 2, 28)),
        (Span(1, "school_years"), dt.date(2026, 11, 24), dt.date(2028, 8, 31)),
        (Span(1, "school_years"), dt.date(2027, 8, 31), dt.date(2028, 8, 31)),
        (Span(1, "school_years"), dt.date(2027, 9, 1), dt.date(2029, 8, 31)),
        (Span(2, "school_years"), dt.date(2027, 1, 1), dt.date(2029, 8, 31)),
    ],
)
def test_the_last_day_of_it(span: Span, closed: dt.date, last: dt.date) -> None:
    """Months end in their month; a school year ends on 31 August, and is kept whole."""
    assert after(span, closed) == last
