"""A machine slept, a process was off, a clock was changed: whoever is on call hears of it once."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from bot.outbox.auditor import on_call
from bot.outbox.worker import Worker
from flows.model import Action, Change, Timer, TimerKind
from storage.open import open_store
from tests.fakes import FakeClock
from tests.story.test_story import ABUSE
from tests.town import Town
from tests.virtual_time import VirtualLoop, in_virtual_time


async def at_work() -> Town:
    """Return a school with a case that the Headteacher has taken on, and a worker that has looked once."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.report("brook", ABUSE)
    await place.settle()
    await place.act("ash", await place.case(), Action.TAKE_ON)
    await place.worker.begin()
    await place.settle()
    return place


def told(place: Town) -> list[str]:
    """Return what those on call were told of the clock."""
    return [text for person in on_call(place.school) for text in place.messages(person, "clock")]


@pytest.mark.feature("auditor")
async def test_a_machine_that_slept_is_spoken_of_once() -> None:
    """It slept over what was due at three: each of those on call hears of it, and no more on that day."""
    place = await at_work()
    for hours in (20, 3, 3):
        place.clock.pass_by(dt.timedelta(hours=hours))
        await place.worker.auditor.look()
        await place.settle()
    assert len(told(place)) == len(on_call(place.school)) > 0
    assert "should have been said since 15:00 on Tuesday 24 November" in told(place)[0]


async def test_a_process_that_was_off_is_spoken_of_once() -> None:
    """It was off for three weeks and is started twice: said once."""
    place = await at_work()
    place.clock.pass_by(dt.timedelta(weeks=3))
    for _ in range(2):
        place.worker = Worker(place.context, place.service)
        await place.worker.begin()
        await place.settle()
    assert len(told(place)) == len(on_call(place.school))


async def test_a_report_that_nobody_has_sent_off_is_spoken_of_too() -> None:
    """Somebody began to tell of a danger, and the machine slept: there is no case yet, and it was late."""
    place = Town(await open_store("memory:", key=bytes(32)))
    begun = Timer(
        school=place.school.id,
        key="unfinished/D1",
        kind=TimerKind.UNFINISHED,
        due=place.clock.at + dt.timedelta(minutes=10),
    )
    await place.store.commit(Change(school=place.school.id, timers=(begun,)))
    await place.worker.auditor.look()
    place.clock.pass_by(dt.timedelta(hours=20))
    await place.worker.auditor.look()
    await place.settle()
    assert len(told(place)) == len(on_call(place.school)) > 0


async def test_a_round_that_comes_in_time_says_nothing() -> None:
    """What rings within half an hour of its time is not late, and where nothing was due nothing is said."""
    place = await at_work()
    for _ in range(40):
        place.clock.pass_by(dt.timedelta(minutes=20))
        await place.worker.auditor.look()
        await place.settle()
    assert told(place) == []
    other = Town(await open_store("memory:", key=bytes(32)))
    await other.worker.begin()
    other.clock.pass_by(dt.timedelta(hours=12))
    await other.worker.auditor.look()
    await other.settle()
    assert told(other) == []


@pytest.mark.feature("auditor")
async def test_a_clock_that_was_set_back_is_spoken_of() -> None:
    """Two hours back: what has a time comes later than it should, and somebody hears that."""
    place = await at_work()
    place.clock.pass_by(dt.timedelta(minutes=1))
    await place.worker.auditor.look()
    place.clock.pass_by(dt.timedelta(hours=-2))
    await place.worker.auditor.look()
    await place.settle()
    assert len(told(place)) == len(on_call(place.school))
    assert "set back" in told(place)[0]


async def test_whoever_must_not_know_of_a_case_hears_nothing_of_its_timers() -> None:
    """All that was late is of a case about somebody on call: to them it is as if nothing had been late."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.report("brook", {**ABUSE, "poster": ("headteacher",)})
    await place.settle()
    gone = [
        t for t in await place.store.due_timers(place.clock.at.replace(year=2028), most=999) if not t.case
    ]
    assert {timer.kind for timer in gone} <= {TimerKind.DIGEST}
    await place.worker.auditor.look()
    place.clock.pass_by(dt.timedelta(days=2))
    await place.worker.auditor.look()
    await place.settle()
    people = {person for person in on_call(place.school) if place.messages(person, "clock")}
    assert people == {person for person in on_call(place.school) if person != "ash"}


def test_the_worker_looks_by_itself() -> None:
    """Nobody calls for it: a machine that sleeps for two days while the worker runs says so."""
    clock = FakeClock()

    async def all_of_it() -> None:
        place = Town(await open_store("memory:", key=bytes(32)), clock=clock)
        await place.report("brook", ABUSE)
        running = asyncio.create_task(place.worker.run())
        await asyncio.sleep(60)
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        loop.skip(dt.timedelta(days=2))
        await asyncio.sleep(120)
        place.worker.stop()
        await running
        assert len(told(place)) == len(on_call(place.school))

    in_virtual_time(clock, all_of_it())
