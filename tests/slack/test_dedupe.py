"""Work under way: done once for one delivery, finished before we stop, and left only when time is up."""

from __future__ import annotations

import asyncio

import pytest

from adapters.slack.dedupe import Background, Once
from flows.errors import StoreError
from flows.ui.inbound import Refuse, Reply


async def test_what_comes_of_it_is_finished_too() -> None:
    """A task that starts another one: both are waited for."""
    work, seen = Background(), list[str]()

    async def second() -> None:
        seen.append("second")

    async def first() -> None:
        await asyncio.sleep(0)
        work.start(second())

    work.start(first())
    assert await work.finish(within=5) == 0
    assert seen == ["second"]


async def test_what_takes_too_long_is_left() -> None:
    """Stopping has an end: what hangs is cancelled, and counted."""
    work = Background()
    work.start(asyncio.Event().wait())
    assert await work.finish(within=0.001) == 1


async def test_one_delivery_is_worked_on_once() -> None:
    """Three at once: one piece of work, the same reply, and only one is the first."""
    once, worked = Once(), list[int]()

    async def work() -> Reply:
        worked.append(1)
        await asyncio.sleep(0)
        return Refuse("x")

    replies = await asyncio.gather(*(once.run("k", work) for _ in range(3)))
    assert [first for _, first in replies] == [True, False, False]
    assert {reply for reply, _ in replies} == {Refuse("x")}
    assert len(worked) == 1


async def test_a_failed_delivery_may_come_again() -> None:
    """What was not kept is forgotten here too."""
    once = Once()

    async def fails() -> Reply:
        raise StoreError("disk-full", "The disk is full.")

    async def works() -> Reply:
        return Refuse("x")

    with pytest.raises(StoreError):
        await once.run("k", fails)
    assert await once.run("k", works) == (Refuse("x"), True)


async def test_work_goes_on_when_its_caller_is_cut_off() -> None:
    """The one who waits is cancelled (a connection closed): what was begun is finished and remembered."""
    once, going = Once(), asyncio.Event()

    async def work() -> Reply:
        await going.wait()
        return Refuse("kept")

    waiting = asyncio.create_task(once.run("k", work))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    going.set()
    assert await once.run("k", work) == (Refuse("kept"), False)
