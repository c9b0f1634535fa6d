"""Whoever is no longer there has not been reached: the next person is told, until a living one opens it."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.outbox.presence import Presence
from flows.errors import Retryable
from flows.model import Action, Status
from flows.ports import Address, Membership
from flows.ui.intents import ChatCommand
from storage.open import open_store
from tests.fakes import FakeChat, FakeClock
from tests.story.test_story import ABUSE
from tests.town import Town, said


async def reported(*gone: str) -> Town:
    """Return a school in which these people's accounts were switched off, and somebody reported."""
    place = Town(await open_store("memory:", key=bytes(32)))
    place.chat.gone |= set(gone)
    await place.report("brook", ABUSE)
    await place.settle()
    return place


async def test_a_deactivated_leader_has_not_been_reached() -> None:
    """The platform would take the post: it is not made, the next is told, and everybody reads it."""
    place = await reported("ash")
    case = await place.case()
    assert place.messages("ash", "notice") == []
    assert case.stand_ins == ("bryn",)
    assert place.messages("bryn", "notice")
    assert "could not be reached, so the next person is told: Deputy headteacher." in place.reads(
        "leadership"
    )
    assert "Could not be reached: Headteacher – ring 01632" in place.messages("brook", "receipt")[0]
    assert "passed up" in said(await place.ask("brook", ChatCommand.STATUS))


async def test_the_chain_ends_with_a_living_person() -> None:
    """Three dead accounts in a row: the fourth person has it, within the same minute."""
    place = await reported("ash", "bryn", "cam")
    assert (await place.case()).stand_ins == ("bryn", "cam", "ellis")
    assert place.messages("ellis", "notice")


async def test_nobody_there_at_all_is_said_every_morning() -> None:
    """All accounts are dead: the case goes on speaking, until somebody comes back and opens it."""
    everybody = ("ash", "bryn", "cam", "dee", "ellis", "fern", "gale")
    place = await reported(*everybody)
    for _ in range(20):
        await place.later(days=1)
    before = len(place.messages("leadership", "update"))
    await place.later(days=3)
    assert len(place.messages("leadership", "update")) > before
    await place.act("ash", await place.case(), Action.OPEN_RECORD)
    await place.later(days=3)
    silent = len(place.messages("leadership", "update"))
    await place.later(days=7)
    assert len(place.messages("leadership", "update")) == silent
    assert (await place.case()).status is Status.ESCALATED


async def test_an_account_that_is_back_is_sent_what_it_missed() -> None:
    """Switched off by mistake and on again: within the hour they have the case, once."""
    place = await reported("ash")
    assert place.messages("ash", "notice") == []
    place.chat.gone.clear()
    for _ in range(8):
        await place.later(minutes=10)
    assert len(place.messages("ash", "notice")) == 1


class Asked(FakeChat):
    """Says who is there, and counts how often it was asked; or cannot say."""

    times = 0
    down = False

    async def members(self, to: Address) -> Membership:
        """Return who is there."""
        self.times += 1
        if self.down:
            raise Retryable("busy", "Not now.", after=1.0)
        return await super().members(to)


async def test_it_is_asked_once_for_a_while() -> None:
    """A person is asked about once in ten minutes, and again after that."""
    chat, presence, at = Asked(), Presence(), FakeClock().at
    to = Address(platform=chat.platform, account="zed")
    for minutes, times in ((0, 1), (9, 1), (10, 2)):
        assert not await presence.gone(chat, to, at + dt.timedelta(minutes=minutes))
        assert chat.times == times
    chat.gone.add("zed")
    assert await presence.gone(chat, to, at + dt.timedelta(minutes=30))


async def test_a_platform_that_cannot_say_keeps_nothing_back() -> None:
    """Not knowing is no reason to leave somebody untold, and is asked again."""
    chat, presence, at = Asked(), Presence(), FakeClock().at
    to = Address(platform=chat.platform, account="zed")
    chat.gone.add("zed")
    chat.down = True
    assert not await presence.gone(chat, to, at)
    chat.down = False
    assert await presence.gone(chat, to, at)


async def test_what_is_believed_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many people there are, so many are remembered at most."""
    monkeypatch.setattr("bot.outbox.presence._MOST", 2)
    chat, presence, at = Asked(), Presence(), FakeClock().at
    for name in "abca":
        await presence.gone(chat, Address(platform=chat.platform, account=name), at)
    assert chat.times == 4
