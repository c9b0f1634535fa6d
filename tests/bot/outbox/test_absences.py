"""Nobody will be there: whoever looks after the seats is told in the week before, once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from bot.outbox.absences import Absences
from flows.school import Away, PersonId, Seat
from storage.open import open_store
from tests.town import SCHOOL, Town

TODAY = dt.date(2026, 11, 24)


async def town(*away: Away, administrators: tuple[PersonId, ...] = (PersonId("office"),)) -> Town:
    """Return a school in which somebody will be away."""
    place = Town(await open_store("memory:", key=bytes(32)))
    school = replace(place.school, away=away, administrators=administrators)
    place.context.directory.reload({SCHOOL: school})  # type: ignore[attr-defined]
    return place


def away(person: str, days: int, *, lasting: int = 3) -> Away:
    """Return an absence that begins in so many days."""
    first = TODAY + dt.timedelta(days=days)
    return Away(PersonId(person), first, first + dt.timedelta(days=lasting - 1))


async def told(place: Town, *, looks: int = 1) -> Mapping[str, int]:
    """Return who is told how often."""
    absences = Absences(place.context)
    for _ in range(looks):
        await absences.look()
        await place.settle()
    people = ("office", "ash", "cam", "dee", "bryn")
    return {person: n for person in people if (n := len(place.messages(person, "away")))}


@pytest.mark.parametrize(
    ("days", "heard"), [(0, {}), (1, {"office": 1}), (7, {"office": 1}), (8, {}), (-1, {})]
)
async def test_it_is_said_in_the_week_before(days: int, heard: Mapping[str, int]) -> None:
    """From a week before on, and not when it has come: then the case itself says so."""
    place = await town(away("ash", days))
    assert place.school.seats[Seat.HEADTEACHER] == ("ash",)
    assert await told(place, looks=3) == heard


async def test_it_names_the_seat_and_the_day() -> None:
    """Which seat, from when, and what to do; no case."""
    place = await town(away("ash", 3))
    await told(place)
    (text,) = place.messages("office", "away")
    assert "From Friday 27 November nobody is there for the seat “Headteacher”" in text
    assert "name somebody else" in text


async def test_a_restart_does_not_say_it_again() -> None:
    """What was said stands in the store."""
    place = await town(away("ash", 3))
    await told(place)
    assert await told(place) == {"office": 1}


async def test_without_an_administrator_the_leaders_are_told() -> None:
    """Somebody is told in any case."""
    place = await town(away("ash", 3), administrators=())
    assert set(await told(place)) >= {"cam", "dee"}


async def test_somebody_who_stands_in_is_somebody() -> None:
    """While one of those named for a seat is there, nothing is said."""
    place = await town(away("ash", 3))
    seats = {**place.school.seats, Seat.HEADTEACHER: (PersonId("ash"), PersonId("bryn"))}
    school = replace(place.school, away=(away("ash", 3),), administrators=(PersonId("office"),), seats=seats)
    place.context.directory.reload({SCHOOL: school})  # type: ignore[attr-defined]
    assert await told(place) == {}
