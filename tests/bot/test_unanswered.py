"""Nobody answered what the administrator asked for: that is said, once, and its buttons go."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.rosters import Unanswered
from flows.roster import LAPSES
from flows.ui.cards import Card, buttons_of
from flows.ui.inbound import Receipt
from flows.ui.intents import Settle
from storage.open import open_store
from tests.town import SCHOOL, Town

MOMENT = dt.timedelta(minutes=1)


async def town() -> Town:
    """Return a school in which the office has asked for another DSL."""
    place = Town(await open_store("memory:", key=bytes(32)))
    assert isinstance(await place.say("office", "seat DSL: jo"), Receipt)
    await place.settle()
    return place


def questions(place: Town) -> list[Card]:
    """Return what asked the Headteacher and the Chair, as it stands now."""
    cards = [one.card for one in place.chat.messages.values() if one.card.kind == "roster"]
    return [card for card in cards if any(isinstance(one.intent, Settle) for one in buttons_of(card))]


@pytest.mark.parametrize(("after", "heard"), [(LAPSES - MOMENT, 0), (LAPSES + MOMENT, 1)])
async def test_whoever_asked_hears_that_it_lapsed(after: dt.timedelta, heard: int) -> None:
    """A week without an answer: said once, also over looks and a restart; nobody can press any more."""
    place = await town()
    assert questions(place)
    place.clock.pass_by(after)
    for unanswered in (Unanswered(place.context), Unanswered(place.context)):
        await unanswered.look()
        await unanswered.look()
        await place.settle()
    told = [text for text in place.messages("office", "roster") if "Nobody answered within a week" in text]
    assert len(told) == heard
    assert bool(questions(place)) is not bool(heard)


async def test_what_was_answered_does_not_lapse() -> None:
    """Agreed to or refused: nothing more is said of it a week later."""
    place = await town()
    roster = await place.store.roster(SCHOOL)
    assert roster is not None
    await place.press("ash", Settle(roster.changes[-1].id, agreed=False))
    await place.settle()
    place.clock.pass_by(LAPSES + MOMENT)
    before = place.store.commits
    await Unanswered(place.context).look()
    assert place.store.commits == before
