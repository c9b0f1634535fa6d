"""How long a refused message rests, and when to stop."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.delivery.retry import MOST_ATTEMPTS, backoff, exhausted


@pytest.mark.parametrize(
    ("attempts", "asked", "rests"),
    [
        (0, 0, 2),
        (1, 0, 2),
        (2, 0, 4),
        (3, 0, 8),
        (3, 30, 30),
        (9, 0, 512),
        (10, 0, 900),
        (500, 0, 900),
        (500, 3600, 3600),
    ],
)
def test_how_long_it_rests(attempts: int, asked: float, rests: int) -> None:
    """It doubles from two seconds to a quarter of an hour, and is never less than the platform asked."""
    assert backoff(attempts, asked=asked) == dt.timedelta(seconds=rests)


@given(st.integers(0, 10**9), st.floats(0, 10**6))
def test_it_always_ends(attempts: int, asked: float) -> None:
    """However often it was refused, the rest has an end and does not get shorter."""
    assert backoff(attempts, asked=asked) >= backoff(max(attempts - 1, 0), asked=asked)


def test_when_to_stop() -> None:
    """After the last attempt a person is told instead."""
    assert [exhausted(n) for n in (0, MOST_ATTEMPTS - 1, MOST_ATTEMPTS, MOST_ATTEMPTS + 1)] == [
        False,
        False,
        True,
        True,
    ]
