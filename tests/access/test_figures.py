"""Figures show nobody that there is a case they must not know of: not by a byte, on no surface."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from bot.figures.files import TYPES
from flows.case.summary import summary
from flows.model import Action
from flows.ui.forms import Value
from flows.ui.intents import ChatCommand
from storage.open import open_store
from tests.access.test_non_interference import EXCLUDED
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town, said

#: One fewer than would be told: any that is counted shows.
SEEN = 4


async def world(answers: dict[str, Value] | None, *, worked: bool = False) -> Town:
    """Return a school with four cases that nobody is kept from, and one more where ``answers`` are given."""
    place = Town(await open_store("memory:", key=bytes(32)))
    for _ in range(SEEN):
        await place.report("jo", ABUSE)
        await place.settle()
    if answers is not None:
        await place.report("brook", {**ABUSE, **answers})
        await place.settle()
        if worked:
            for leader in ("ellis", "gale", "ash", "cam"):
                await place.act(leader, await place.case("HPS-2026-005"), Action.TAKE_ON)
            await place.settle()
    await place.later(days=8)
    return place


async def told(place: Town, person: str) -> list[object]:
    """Return all that figures tell somebody: in chat, of either term, as each file."""
    asked = ("", "last", "Autumn 2026 report", "HPS-2026-09-03 csv")
    shown = [said(await place.ask(person, ChatCommand.FIGURES, one)) for one in asked]
    files = [await place.service.figures(place.actor(person), f"HPS-2026-09-03 {what}") for what in TYPES]
    return [*shown, *files]


@pytest.mark.slow
@pytest.mark.feature("figures-show-nothing-kept-apart")
@pytest.mark.parametrize("worked", [False, True])
@pytest.mark.parametrize(("person", "answers"), EXCLUDED)
async def test_a_case_that_is_kept_from_somebody_shows_in_no_figure(
    person: str, answers: dict[str, Value], *, worked: bool
) -> None:
    """With it and without it everybody is told the same: whoever is kept out, and whoever leads it too."""
    there, not_there = await world(answers, worked=worked), await world(None)
    case = await there.case("HPS-2026-005")
    assert case.restricted or person in case.recused
    for one in (person, "ellis", "office"):
        assert await told(there, one) == await told(not_there, one)


async def test_a_case_that_is_kept_from_nobody_does_show() -> None:
    """The fifth makes a step: the test above is able to fail."""
    there, not_there = await world({}), await world(None)
    assert not summary(await there.case("HPS-2026-005")).recused
    assert "Reports: 5–9" in said(await there.ask("ash", ChatCommand.FIGURES))
    assert "Reports: fewer than 5" in said(await not_there.ask("ash", ChatCommand.FIGURES))


async def test_a_case_leaves_the_figures_when_somebody_must_not_know_of_it_any_more() -> None:
    """From the moment on that somebody is kept out, and for everybody."""
    place = await world({})
    case = await place.case("HPS-2026-005")
    values: dict[str, Value] = {"who": "bryn", "text": "Invented."}
    await place.act("ash", case, Action.TAKE_ON)
    await place.act("ash", await place.case("HPS-2026-005"), Action.KEEP_OUT, values)
    assert (await place.case("HPS-2026-005")).recused
    for person in ("bryn", "ash", "office"):
        assert "Reports: fewer than 5" in said(await place.ask(person, ChatCommand.FIGURES))


async def test_holding_a_seat_is_enough_and_losing_it_ends_it() -> None:
    """Whoever holds no seat any more is told nothing."""
    place = await world({})
    assert "Reports" in said(await place.ask("ash", ChatCommand.FIGURES))
    seats = {seat: tuple(p for p in people if p != "ash") for seat, people in place.school.seats.items()}
    place.context.directory.reload({SCHOOL: replace(place.school, seats=seats)})  # type: ignore[attr-defined]
    assert "for the leaders and the office" in said(await place.ask("ash", ChatCommand.FIGURES))
