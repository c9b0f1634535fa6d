"""The worker's own loop, under a clock that jumps: that it goes on, that it is in time, and that it rests."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from flows.errors import Conflict, StoreError, UnreadableRow
from flows.model import Change, EventKind, Posted, Send, SendState, Timer, TimerKind
from flows.ports import Address
from flows.school import SchoolId
from flows.ui.cards import Card
from storage.open import open_store
from tests.fakes import FakeClock
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town
from tests.virtual_time import in_virtual_time

Working = Callable[[Town, "asyncio.Task[None]"], Awaitable[None]]


def while_it_runs(work: Working) -> Town:
    """Let the worker run on virtual time while something happens, then stop it; return the school."""
    clock, places = FakeClock(), []

    async def all_of_it() -> None:
        place = Town(await open_store("memory:", key=bytes(32)), clock=clock)
        places.append(place)
        running = asyncio.create_task(place.worker.run())
        await work(place, running)
        place.worker.stop()
        before = clock.at
        await running
        assert clock.at == before, "stopping waits for nothing"

    in_virtual_time(clock, all_of_it())
    return places[0]


def test_a_report_after_a_quiet_hour_goes_out_at_once() -> None:
    """The worker has had nothing to do for an hour: it lives, and a commit wakes it within a second."""

    async def work(place: Town, running: asyncio.Task[None]) -> None:
        await asyncio.sleep(3600)
        assert not running.done()
        at = place.clock.at
        await place.report("brook", ABUSE)
        await asyncio.sleep(1)
        assert place.chat.audience("leadership")
        assert place.clock.at - at <= dt.timedelta(seconds=1)

    while_it_runs(work)


def test_what_came_while_its_place_was_busy_goes_as_soon_as_it_is_free() -> None:
    """The channel takes twenty seconds over a card; a second report comes meanwhile and waits no longer."""

    async def work(place: Town, _: asyncio.Task[None]) -> None:
        real = place.chat.send

        async def send(to: Address, card: Card, *, key: str, repeat: bool = False) -> Posted:
            await asyncio.sleep(20 if to.channel else 0)
            return await real(to, card, key=key, repeat=repeat)

        place.chat.send = send  # type: ignore[method-assign]
        await place.report("brook", ABUSE)
        await asyncio.sleep(5)
        await place.report("jo", ABUSE)
        await asyncio.sleep(16)
        assert len(place.messages("leadership", "case_card")) == 1
        await asyncio.sleep(20)
        assert len(place.messages("leadership", "case_card")) == 2

    while_it_runs(work)


def test_nobody_answered_is_said_when_it_is_due() -> None:
    """The time to answer is up at a given moment: the next person is told then, not half a minute later."""

    async def work(place: Town, _: asyncio.Task[None]) -> None:
        await asyncio.sleep(11)  # between two of the worker's half minutes
        await place.report("brook", {**ABUSE, "violence": "yes", "call_999": "done"})
        await asyncio.sleep(1)
        case = await place.case()
        assert case.acknowledge_by is not None
        await asyncio.sleep((case.acknowledge_by - place.clock.at).total_seconds() - 1)
        assert not (await place.case()).stand_ins
        await asyncio.sleep(2)
        assert (await place.case()).stand_ins

    while_it_runs(work)


@pytest.mark.unwatched
def test_the_weeks_digest_is_planned_and_goes_out() -> None:
    """Nobody does anything but report: on Monday at eight the digest stands in the channel, once a week."""

    async def work(place: Town, _: asyncio.Task[None]) -> None:
        await place.report("brook", ABUSE)
        monday = dt.datetime(2026, 11, 30, 8, 0, tzinfo=dt.UTC)
        await asyncio.sleep((monday - place.clock.at).total_seconds() - 1)
        assert place.messages("leadership", "digest") == []
        await asyncio.sleep(2)
        assert len(place.messages("leadership", "digest")) == 1
        await asyncio.sleep(7 * 86400)
        assert len(place.messages("leadership", "digest")) == 2

    while_it_runs(work)


def test_the_digest_is_planned_once() -> None:
    """In a quiet hour nothing is written: a plan made at the start stands."""
    planned: list[dt.datetime] = []

    async def work(place: Town, _: asyncio.Task[None]) -> None:
        real = place.worker.digest.plan

        async def plan() -> None:
            planned.append(place.clock.at)
            await real()

        place.worker.digest.plan = plan  # type: ignore[method-assign]
        await asyncio.sleep(3600)

    while_it_runs(work)
    assert len(planned) == 1


def test_it_rests_between_looks() -> None:
    """In a quiet hour the store is asked every half minute or so, not in a tight loop."""
    asked: list[dt.datetime] = []

    async def work(place: Town, _: asyncio.Task[None]) -> None:
        real = place.store.due_sends

        async def counted(now: dt.datetime, **named: Any) -> list[Send]:
            asked.append(now)
            return list(await real(now, **named))

        place.store.due_sends = counted  # type: ignore[method-assign, assignment]
        await asyncio.sleep(3600)

    while_it_runs(work)
    assert 110 <= len(asked) <= 130


class Stumbles:
    """Something of ours that fails in one place, and counts how often it was tried."""

    def __init__(self, error: Exception) -> None:
        """Fail with this."""
        self.error, self.tried = error, 0

    async def __call__(self, *_: object, **__: object) -> int:
        """Fail again."""
        self.tried += 1
        raise self.error


def test_a_send_that_stumbles_rests_and_blocks_nobody() -> None:
    """One message hits a fault of ours: it is tried once a minute, and all the others go out."""
    fault = Stumbles(ValueError("an invented fault"))

    async def work(place: Town, running: asyncio.Task[None]) -> None:
        real = place.worker.delivery.deliver

        async def deliver(send: Send, *, superseded: bool = False) -> int:
            if send.person == "ash":
                return await fault()
            return await real(send, superseded=superseded)

        place.worker.delivery.deliver = deliver  # type: ignore[method-assign]
        await place.report("brook", ABUSE)
        await asyncio.sleep(1)
        assert place.chat.audience("leadership")
        assert place.chat.audience("brook")
        assert fault.tried == 1
        await asyncio.sleep(600)
        assert not running.done()
        assert 9 <= fault.tried <= 12

    while_it_runs(work)


def test_what_stumbles_for_too_long_is_said() -> None:
    """A fault of ours holds the lead's notice: after ten minutes the case says so, the next one is told."""
    fault = Stumbles(ValueError("an invented fault"))

    async def work(place: Town, running: asyncio.Task[None]) -> None:
        real = place.worker.delivery.deliver

        async def deliver(send: Send, *, superseded: bool = False) -> int:
            if send.person == "ash":
                return await fault()
            return await real(send, superseded=superseded)

        place.worker.delivery.deliver = deliver  # type: ignore[method-assign]
        await place.report("brook", ABUSE)
        await asyncio.sleep(720)
        case = await place.case()
        events = await place.store.events(SCHOOL, case.id)
        failed = [dict(e.facts) for e in events if e.kind is EventKind.DELIVERY_FAILED]
        assert failed == [{"message": "notice", "person": "ash"}], "once"
        assert case.stand_ins
        assert place.messages(case.stand_ins[0], "notice")
        assert not running.done()

    while_it_runs(work)


@pytest.mark.parametrize("tries", [1, 3])
def test_a_store_that_fails_is_asked_again(tries: int) -> None:
    """The store refuses a round: the worker lives, rests, and plans the digest as soon as it can."""

    async def work(place: Town, running: asyncio.Task[None]) -> None:
        left = tries
        real = place.worker.digest.plan

        async def plan() -> None:
            nonlocal left
            if left:
                left -= 1
                raise StoreError("disk-full", "An invented full disk.", "Make room.")
            await real()

        place.worker.digest.plan = plan  # type: ignore[method-assign]
        await asyncio.sleep(31.0 * tries)
        assert left == 0
        assert not running.done()
        await asyncio.sleep(1)
        assert [t for t in await place.store.due_timers(far(place)) if t.kind is TimerKind.DIGEST]

    while_it_runs(work)


def test_a_store_that_fails_under_a_message_is_said_at_once(caplog: pytest.LogCaptureFixture) -> None:
    """The disk fills up while a message is on its way, and the loop rests: the log has it in a second."""
    caplog.set_level(logging.INFO)

    async def work(place: Town, _: asyncio.Task[None]) -> None:
        real = place.worker.delivery.deliver

        async def deliver(*_: Send, **__: bool) -> int:
            await asyncio.sleep(5)
            place.worker.delivery.deliver = real  # type: ignore[method-assign]
            raise StoreError("disk-full", "An invented full disk.", "Make room.")

        place.worker.delivery.deliver = deliver  # type: ignore[method-assign]
        await place.report("brook", ABUSE)
        await asyncio.sleep(4)
        assert "worker.failed" not in caplog.text
        await asyncio.sleep(2)
        assert "worker.failed" in caplog.text

    while_it_runs(work)


def test_a_store_that_goes_on_failing_is_asked_with_pauses() -> None:
    """The disk is full for ten minutes: the worker looks every half minute, not in a tight loop."""
    full = Stumbles(StoreError("disk-full", "An invented full disk.", "Make room."))

    async def work(place: Town, running: asyncio.Task[None]) -> None:
        place.worker.run_due = full  # type: ignore[method-assign]
        await asyncio.sleep(600)
        assert not running.done()

    while_it_runs(work)
    assert 18 <= full.tried <= 22


def far(place: Town) -> dt.datetime:
    """Return a moment after everything that is planned."""
    return place.clock.at + dt.timedelta(days=400)


async def waking(kind: TimerKind, error: Exception) -> tuple[Town, Stumbles, Timer]:
    """Return a school with a timer that is due and stumbles."""
    place = Town(await open_store("memory:", key=bytes(32)))
    fault = Stumbles(error)
    place.worker.digest.due = fault  # type: ignore[method-assign, assignment]
    timer = Timer(key="digest/HPS", school=SCHOOL, kind=kind, due=place.clock.at)
    await place.store.commit(Change(school=SCHOOL, timers=(timer,)))
    return place, fault, timer


async def test_a_timer_that_stumbles_comes_back_in_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    """One timer hits a fault of ours: kept, tried again after a minute; the log says which kind it was."""
    place, fault, timer = await waking(TimerKind.DIGEST, ValueError("an invented fault"))
    with caplog.at_level(logging.ERROR):
        await place.settle()
    (stumbled,) = [r.getMessage() for r in caplog.records if "timer.stumbled" in r.getMessage()]
    assert "kind=digest" in stumbled
    assert fault.tried == 1
    kept = [t for t in await place.store.due_timers(far(place)) if t.key == timer.key]
    assert [t.due for t in kept] == [place.clock.at + dt.timedelta(minutes=1)]


async def test_a_timer_that_was_changed_meanwhile_is_read_again() -> None:
    """Somebody else changed what the timer is about: the round goes on, and the timer stays as it was."""
    place, fault, timer = await waking(TimerKind.DIGEST, Conflict("conflict", "Changed.", "Look again."))
    assert await place.worker.run_due() == 1
    kept = [t for t in await place.store.due_timers(far(place)) if t.key == timer.key]
    assert [t.due for t in kept] == [timer.due]
    assert fault.tried == 1


async def test_a_full_disk_ends_the_round_and_not_the_worker() -> None:
    """The store fails under a timer or a send: the round says so, so that all of it is tried again later."""
    full = StoreError("disk-full", "An invented full disk.", "Make room.")
    place, _, _ = await waking(TimerKind.DIGEST, full)
    with pytest.raises(StoreError):
        await place.worker.run_due()
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.report("brook", ABUSE)
    place.worker.delivery.deliver = Stumbles(full)  # type: ignore[method-assign, assignment]
    with pytest.raises(StoreError):
        await place.worker.run_due()


async def test_a_school_taken_out_by_mistake_loses_no_timer() -> None:
    """A school that is not in the file: its timers wait an hour at a time, and none is forgotten."""
    place = Town(await open_store("memory:", key=bytes(32)))
    timer = Timer(key="digest/OLD", school=SchoolId("OLD"), kind=TimerKind.DIGEST, due=place.clock.at)
    await place.store.commit(Change(school=timer.school, timers=(timer,)))
    assert await place.worker.run_due() == 1
    kept = [t for t in await place.store.due_timers(far(place)) if t.key == timer.key]
    assert [t.due for t in kept] == [place.clock.at + dt.timedelta(hours=1)]
    assert await place.worker.run_due() == 0


async def test_a_send_that_changed_meanwhile_is_read_afresh() -> None:
    """Another step changed a send while it was in hand: that counts as work, and it goes out next round."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.report("brook", ABUSE)
    real = place.worker.delivery.deliver
    place.worker.delivery.deliver = Stumbles(Conflict("conflict", "Changed.", "Look again."))  # type: ignore[method-assign, assignment]
    assert await place.worker.run_due() == 4
    place.worker.delivery.deliver = real  # type: ignore[method-assign]
    await place.settle()
    case = await place.case()
    assert {s.state for s in await place.store.sends_of(SCHOOL, case.id)} == {SendState.SENT}


async def test_what_does_not_open_is_looked_at_each_hour_and_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A send and a timer about a row that does not open: each rests an hour, and the log says it one time."""
    place = Town(await open_store("memory:", key=bytes(32)))
    damaged = UnreadableRow("store-damaged", "An invented damage.", "Put back the last backup.")
    await place.report("brook", ABUSE)
    place.worker.delivery.deliver = Stumbles(damaged)  # type: ignore[method-assign, assignment]
    place.worker.digest.due = Stumbles(damaged)  # type: ignore[method-assign, assignment]
    timer = Timer(key="digest/HPS", school=SCHOOL, kind=TimerKind.DIGEST, due=place.clock.at)
    await place.store.commit(Change(school=SCHOOL, timers=(timer,)))
    hour = place.clock.at + dt.timedelta(hours=1)
    with caplog.at_level("ERROR"):
        await place.settle()
        due = {send.due for send in await place.store.sends_of(SCHOOL, (await place.case()).id)}
        assert due == {hour}
        assert [t.due for t in await place.store.due_timers(far(place)) if t.key == timer.key] == [hour]
        await place.later(hours=1)
    blocked = [record for record in caplog.records if "row.blocked" in record.getMessage()]
    assert len(blocked) == len(await place.store.sends_of(SCHOOL, (await place.case()).id)) + 1


async def test_what_had_stumbled_is_not_moved_once_it_is_over() -> None:
    """A send that ended while it stumbled, or that rests longer already, keeps what it has."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.report("brook", ABUSE)
    case = await place.case()
    await place.settle()
    sent = (await place.store.sends_of(SCHOOL, case.id))[0]
    assert await place.worker.delivery.put_off(sent, dt.timedelta(minutes=1)) == 0
    again = await place.store.send(SCHOOL, sent.key)
    assert again == sent
