"""Support lines in a school's file: what arrives, what is refused, and what `check` doubts."""

from __future__ import annotations

import pytest

from bot.config.settings import SAMPLE_SCHOOL
from bot.school_file.load import read_school
from flows.school import SupportLine

SAMPLE = SAMPLE_SCHOOL.read_text("utf-8")
BEGINS, ENDS = SAMPLE.index("[support.staff]"), SAMPLE.index("[policy]")


def with_support(part: str) -> str:
    """Return the sample with other support lines."""
    return f"{SAMPLE[:BEGINS]}{part}\n{SAMPLE[ENDS:]}"


@pytest.mark.feature("care")
def test_lines_arrive_in_the_order_in_which_they_stand() -> None:
    """By parts or in one line each; hours may be left out."""
    part = '[support.one]\nname = "One"\nphone = "01632 960016"\n'
    part += '[support]\ntwo = { name = "Two", phone = "01632 960017", hours = "day and night" }\n'
    school = read_school(with_support(part)).school
    assert school is not None
    assert set(school.support) == {
        SupportLine(name="One", phone="01632 960016"),
        SupportLine(name="Two", phone="01632 960017", hours="day and night"),
    }


@pytest.mark.parametrize(
    ("part", "key"),
    [
        ('[support.one]\nname = "One"\n', "support.one.phone"),
        ('[support.one]\nphone = "01632 960016"\n', "support.one.name"),
        ('[support.one]\nname = "One"\nphone = "ring us"\n', "support.one.phone"),
        ('[support.one]\nname = "One"\nphone = "01632 960016"\ntimes = "always"\n', "support.one.times"),
    ],
)
def test_what_is_wrong_is_said_at_its_line(part: str, key: str) -> None:
    """A line without a name or a number that can be rung helps nobody: the file is refused."""
    reading = read_school(with_support(part))
    assert reading.school is None
    assert key in [problem.key for problem in reading.errors]


def test_a_school_without_a_line_is_doubted() -> None:
    """It starts all the same; `check` says that nobody who is hurt is told whom to ring."""
    reading = read_school(with_support(""))
    assert reading.school is not None
    assert "support" in [problem.key for problem in reading.warnings]
    assert "support" not in [problem.key for problem in read_school(SAMPLE).warnings]
