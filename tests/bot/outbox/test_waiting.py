"""A case that nobody has opened has a timer after every start, whichever version stored it."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path

import pytest

from bot.outbox.waiting import set_timers
from flows.model import Action, Change, EventKind, Timer, TimerKind
from storage.embedded.store import TinyStore
from storage.open import open_store
from storage.seal import Sealer
from tests.bot.outbox.test_apart import flipped
from tests.fakes import FakeClock
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town
from tests.virtual_time import in_virtual_time

DANGER = {**ABUSE, "violence": "yes", "call_999": "done"}
QUIET = {**ABUSE, "nature": ("genuine_concern",)}


async def timers(place: Town) -> list[Timer]:
    """Return every timer of a case but that by which its reporter hears."""
    found = await place.store.due_timers(place.clock.at + dt.timedelta(days=400), most=1000)
    return [timer for timer in found if timer.case and timer.kind is not TimerKind.HEAR]


async def older(answers: dict[str, object]) -> Town:
    """Return a school with a case as it was stored before cases that wait had timers."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.report("brook", answers)  # type: ignore[arg-type]
    await place.settle()
    gone = tuple(timer.key for timer in await timers(place))
    await place.store.commit(Change(school=SCHOOL, cancelled_timers=gone))
    return place


@pytest.mark.parametrize("answers", [ABUSE, QUIET, DANGER], ids=["same day", "routine", "urgent"])
async def test_a_case_of_an_older_version_gets_its_timer_once(answers: dict[str, object]) -> None:
    """It waits without one: after the start it has one, a second start changes nothing, and it speaks."""
    place = await older(answers)
    assert await set_timers(place.context) == 1
    found = await timers(place)
    assert [timer.kind for timer in found].count(TimerKind.ACKNOWLEDGE) == 1
    assert [timer.kind for timer in found].count(TimerKind.REMIND) >= 1
    assert await set_timers(place.context) == 0
    assert await timers(place) == found
    await place.later(days=5)
    kinds = {e.kind for e in await place.store.events(SCHOOL, (await place.case()).id)}
    assert kinds & {EventKind.REMINDED, EventKind.ESCALATED}


async def test_one_whose_list_had_run_out_speaks_again() -> None:
    """Everybody was told long ago and nobody looked: the next start does not leave it silent."""
    place = await older(DANGER)
    await set_timers(place.context)
    await place.later(hours=9)
    await place.store.commit(
        Change(school=SCHOOL, cancelled_timers=tuple(t.key for t in await timers(place)))
    )
    before = len(place.messages("leadership", "update"))
    await place.later(days=3)
    assert len(place.messages("leadership", "update")) == before, "silent, as it was then"
    assert await set_timers(place.context) == 1
    await place.later(days=2)
    assert len(place.messages("leadership", "update")) > before


async def test_a_reporter_of_an_older_version_hears_too() -> None:
    """A case that is stored without the day by which its reporter hears gets it, once."""
    place = await older(ABUSE)
    key = f"{(await place.case()).id}/hear"
    await place.store.commit(Change(school=SCHOOL, cancelled_timers=(key,)))
    for _ in range(2):
        await set_timers(place.context)
        due = await place.store.due_timers(place.clock.at + dt.timedelta(days=400), most=1000)
        assert [timer.key for timer in due if timer.kind is TimerKind.HEAR] == [key]
    await place.later(days=3)
    assert "how it stands" in place.reads("brook")


async def test_one_that_somebody_has_taken_on_has_no_ladder() -> None:
    """Its leader has taken it on: starting again calls nobody else, and reminds of what is to be done."""
    place = await older(ABUSE)
    await place.act("ash", await place.case(), Action.TAKE_ON)
    assert await set_timers(place.context) == 1
    assert await set_timers(place.context) == 0
    assert {timer.kind for timer in await timers(place)} == {TimerKind.REMIND}


def test_the_worker_sees_to_it_when_it_starts() -> None:
    """Nobody calls for it: a school that is only started speaks of its old case within the day."""
    clock = FakeClock()

    async def all_of_it() -> None:
        place = await older(DANGER)
        clock.at = place.clock.at
        place.context.clock = clock
        running = asyncio.create_task(place.worker.run())
        await asyncio.sleep(86_400)
        place.worker.stop()
        await running
        assert (await place.case()).stand_ins

    in_virtual_time(clock, all_of_it())


async def test_a_case_that_does_not_open_keeps_no_other_from_a_start(tmp_path: Path) -> None:
    """One stored case is damaged and has no timer: the worker begins, and the others get theirs."""
    store = TinyStore(tmp_path / "cases.db", Sealer(bytes(32)))
    place = Town(store)
    for reporter in ("brook", "jo"):
        await place.report(reporter, ABUSE)
        await place.settle()
    await store.commit(Change(school=SCHOOL, cancelled_timers=tuple(t.key for t in await timers(place))))
    bad, whole = await place.case("HPS-2026-001"), await place.case("HPS-2026-002")
    flipped(store, "cases", str(bad.id))
    await place.worker.begin()
    assert {timer.case for timer in await timers(place)} == {whole.id}
    await store.close()
