"""Nobody hears more than so much from the clock in a day, whatever lies about; and the last word says so."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from bot.outbox.caps import MOST_A_DAY, Caps
from bot.outbox.worker import Worker
from bot.turns.service import Service
from flows.model import Action, Message
from storage.embedded.store import TinyStore
from storage.open import open_store
from storage.seal import Sealer
from tests.bot.outbox.test_apart import flipped
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town

MANY = MOST_A_DAY + 4


async def flooded(answers: dict[str, object]) -> Town:
    """Return a school with many cases that the Headteacher has taken on, all due today."""
    place = Town(await open_store("memory:", key=bytes(32)))
    for number in range(1, MANY + 1):
        await place.report("brook", {**ABUSE, **answers})  # type: ignore[dict-item]
        await place.settle()
        await place.act("ash", await place.case(f"HPS-2026-{number:03}"), Action.TAKE_ON)
    await place.settle()
    return place


def heard(place: Town) -> list[str]:
    """Return what the Headteacher heard from the clock, by the kind of message."""
    kinds = [m.card.kind for m in place.chat.audience("ash")]
    return [kind for kind in kinds if kind in ("reminder", "more_waits")]


@pytest.mark.feature("messages-capped")
async def test_the_day_s_last_message_says_that_more_waits() -> None:
    """Ten cases are due at three: five are said, then that more waits; the next morning begins anew."""
    place = await flooded({})
    await place.later(hours=5)
    assert heard(place) == ["reminder"] * (MOST_A_DAY - 1) + ["more_waits"]
    assert "HPS" not in place.messages("ash", "more_waits")[0]
    await place.later(hours=18)
    assert len(heard(place)) == 2 * MOST_A_DAY


@pytest.mark.feature("messages-capped")
async def test_a_start_forgets_nothing_of_it() -> None:
    """The bot is started again at ten past three: what was said before still counts."""
    place = await flooded({})
    place.clock.pass_by(dt.timedelta(hours=5))
    for timer in list(await place.store.due_timers(place.clock.at, most=1000))[: 4 * 3]:
        await place.worker.ringing.remind(timer)
    while len(heard(place)) < 3:
        assert await place.worker.run_due()
    place.service = Service(place.context)
    place.worker = Worker(place.context, place.service)
    await place.settle()
    assert heard(place) == ["reminder"] * (MOST_A_DAY - 1) + ["more_waits"]


async def test_what_presses_is_not_held_back() -> None:
    """Ten urgent cases: each is spoken of when its moment has come."""
    place = await flooded({"violence": "yes", "call_999": "done"})
    await place.later(hours=1)
    assert heard(place) == ["reminder"] * MANY


async def test_what_does_not_open_holds_up_nobodys_reminders(tmp_path: Path) -> None:
    """A message of today does not open after a start: the day is counted without it, not stopped by it."""
    store = TinyStore(tmp_path / "cases.db", Sealer(bytes(32)))
    place = Town(store)
    await place.report("brook", ABUSE)
    await place.settle()
    case = await place.case()
    await place.act("ash", case, Action.TAKE_ON)
    await place.settle()
    await place.later(hours=5)
    (said,) = [s for s in await store.sends_of(SCHOOL, case.id) if s.message is Message.REMINDER]
    assert (await Caps(place.context).full(said, place.school)) is False
    for send in await store.sends_of(SCHOOL, case.id):
        if send.message is Message.NOTICE:
            flipped(store, "sends", store._from.sealer.veil_within(send.key))  # noqa: SLF001 - from below
    caps = Caps(place.context)
    assert (await caps._today(place.school))["ash"] == 1  # noqa: SLF001 - one reminder, whatever else lies about
    await store.close()
