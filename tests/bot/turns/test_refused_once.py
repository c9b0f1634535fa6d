"""What somebody asked of a case and was refused is not done when the same press is delivered again later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from flows.model import Action, Case, EventKind
from flows.ui.inbound import Filled, Inbound, Noted, Pressed, Refuse
from flows.ui.intents import Act, Fill
from storage.memory import MemoryStore
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town

#: What ash asks while the case is closed, and nothing forbids once it was opened again.
Asks = Callable[[Town, Case], Inbound]


def _presses(place: Town, case: Case) -> Inbound:
    act = Act(case=case.id, action=Action.TAKE_ON, version=case.version)
    return Pressed(key="once", actor=place.actor("ash"), intent=act)


def _fills_in(place: Town, case: Case) -> Inbound:
    fill = Fill(case=case.id, action=Action.TOLD_999, version=case.version)
    return Filled(key="once", actor=place.actor("ash"), intent=fill, values={"text": "By Ash."})


@pytest.mark.parametrize("asks", [_presses, _fills_in])
@pytest.mark.parametrize("hours", [0, 1, 72])
async def test_a_press_that_was_refused_is_not_carried_out_when_it_comes_again(
    asks: Asks, hours: int
) -> None:
    """It was an answer to the case as it was then, however soon or late it comes again."""
    place = await closed()
    inbound = asks(place, await place.case())
    assert isinstance(await place.service.handle(inbound), Refuse)
    await place.act("ash", await place.case(), Action.REOPEN, {"text": "x"})
    place.clock.pass_by(dt.timedelta(hours=hours))
    before = await place.case()
    again = await place.service.handle(inbound)
    assert isinstance(again, Refuse)
    assert again.reference == "stale"
    assert await place.case() == before


async def test_whoever_asks_anew_is_heard() -> None:
    """Only the same press counts as refused: another one is looked at afresh."""
    place = await closed()
    await place.service.handle(_presses(place, await place.case()))
    await place.act("ash", await place.case(), Action.REOPEN, {"text": "x"})
    await place.act("ash", await place.case(), Action.TAKE_ON)
    assert (await place.case()).owner == "ash"


async def test_words_for_a_case_that_were_refused_are_not_kept_later() -> None:
    """Words in its thread by somebody who is not told are not kept once they are."""
    place = Town(MemoryStore())
    await place.report("brook", ABUSE)
    await place.settle()
    root = place.chat.audience("leadership")[0].posted
    noted = Noted(
        key="n", actor=place.actor("bryn"), channel=root.channel, thread=root.message, text="Invented."
    )
    assert isinstance(await place.service.handle(noted), Refuse)
    await place.later(days=6)
    assert "bryn" in (await place.case()).stand_ins
    assert isinstance(await place.service.handle(noted), Refuse)
    kinds = [event.kind for event in await place.store.events(SCHOOL, (await place.case()).id)]
    assert EventKind.NOTED not in kinds


async def test_somebody_kept_out_is_answered_the_second_time_as_the_first() -> None:
    """That it came before says nothing of whether there is such a case."""
    place = Town(MemoryStore())
    await place.report("brook", {**ABUSE, "keep_from": ("headteacher",)})
    case = await place.case()
    answers = []
    for id_ in (case.id, "01NOSUCHCASE"):
        act = Act(case=id_, action=Action.TAKE_ON, version=1)
        pressed = Pressed(key=f"k{id_}", actor=place.actor("ash"), intent=act)
        answers += [await place.service.handle(pressed), await place.service.handle(pressed)]
    assert answers == answers[:1] * 4


async def closed() -> Town:
    """Return a school with a case that ash has closed."""
    place = Town(MemoryStore())
    await place.report("brook", ABUSE)
    await place.settle()
    await place.act("ash", await place.case(), Action.TAKE_ON)
    await place.act("ash", await place.case(), Action.LEGAL, {"contacted": "no", "why": "x"})
    await place.act("ash", await place.case(), Action.CLOSE, {"outcome": "met", "text": "x"})
    return place
