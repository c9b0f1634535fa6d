"""Delivery: what the worker does when a platform fails in each way a platform fails."""

from __future__ import annotations

import datetime as dt

import pytest

from flows.delivery import retry
from flows.model import Action, EventKind, SendState, TimerKind
from storage.open import open_store
from tests.fakes import Failure
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town


async def reported() -> Town:
    """Return a school with a report whose messages have not gone out yet."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.report("brook", ABUSE)
    return place


async def states(place: Town) -> dict[str, SendState]:
    """Return every send of the case by the tail of its key."""
    case = await place.case()
    return {s.key.partition("/")[2]: s.state for s in await place.store.sends_of(SCHOOL, case.id)}


async def test_everything_goes_out_once() -> None:
    """Root first, then its thread, the notice and the receipt: each once."""
    place = await reported()
    await place.settle()
    assert set((await states(place)).values()) == {SendState.SENT}
    posts = [key for method, key in place.chat.calls if method in ("send", "reply")]
    assert len(posts) == len(set(posts)) == 4


async def test_refused_is_tried_again_later() -> None:
    """A platform that asks to wait is obeyed; then the message goes out, once."""
    place = await reported()
    place.chat.fail(*[Failure.RETRYABLE] * 3)
    await place.settle()
    assert SendState.WAITING in (await states(place)).values()
    await place.later(minutes=1)
    assert set((await states(place)).values()) == {SendState.SENT}
    assert len(place.chat.audience("leadership")) == 2


@pytest.mark.parametrize("failure", [Failure.AMBIGUOUS_ACCEPTED, Failure.AMBIGUOUS_NOT_ACCEPTED])
async def test_unknown_is_looked_up_before_it_is_repeated(failure: Failure) -> None:
    """An unknown outcome rests for the quarantine, is looked up, and only then repeated: never two."""
    place = await reported()
    place.chat.fail(*[failure] * 3)
    await place.settle()
    before = [call for call in place.chat.calls if call[0] == "find"]
    assert before == []
    await place.later(seconds=retry.QUARANTINE.total_seconds() + 1)
    await place.later(seconds=1)
    assert set((await states(place)).values()) == {SendState.SENT}
    assert len(place.chat.audience("leadership")) == 2
    assert len(place.chat.audience("ash")) == 1
    assert len(place.chat.audience("brook")) == 1


async def test_where_nothing_can_be_looked_up_a_repeat_is_marked() -> None:
    """A platform without look-up may get a message twice; the second says that it is a repeat."""
    place = await reported()
    place.chat.can_look_up = False
    place.chat.fail(Failure.AMBIGUOUS_ACCEPTED, Failure.AMBIGUOUS_ACCEPTED, Failure.AMBIGUOUS_ACCEPTED)
    await place.settle()
    await place.later(minutes=3)
    await place.later(seconds=1)
    marked = [m for m in place.chat.messages.values() if m.repeat]
    assert marked
    assert all(not m.repeat for m in list(place.chat.messages.values())[:3])


async def test_a_refused_look_up_keeps_the_outcome_unknown() -> None:
    """If the look-up itself is refused, the send stays unknown and is looked up again, not just repeated."""
    place = await reported()
    place.chat.fail(Failure.AMBIGUOUS_ACCEPTED)
    await place.settle()
    real = place.chat.members
    asked = []

    async def refused(to: object) -> object:
        asked.append(to)
        from flows.errors import Retryable  # noqa: PLC0415 - the fake's own failure

        raise Retryable("rate-limited", "wait", after=1.0)

    place.chat.members = refused  # type: ignore[method-assign, assignment]
    await place.later(minutes=3)
    assert asked
    place.chat.members = real  # type: ignore[method-assign]
    await place.later(minutes=10)
    assert len([m for m in place.chat.audience("leadership") if m.card.kind == "case_card"]) == 1


@pytest.mark.feature("not-delivered-is-said")
async def test_somebody_who_cannot_be_told_is_said_in_the_thread() -> None:
    """A person who has blocked the bot is on record, and the others are told to ring them."""
    place = await reported()
    real = place.chat.send

    async def blocked(to: object, card: object, **rest: object) -> object:
        if getattr(to, "account", "") == "ash":
            from flows.errors import Permanent  # noqa: PLC0415 - the fake's own failure

            raise Permanent("blocked", "That person blocked the bot.")
        return await real(to, card, **rest)  # type: ignore[arg-type]

    place.chat.send = blocked  # type: ignore[method-assign, assignment]
    await place.settle()
    events = [e.kind for e in await place.store.events(SCHOOL, (await place.case()).id)]
    assert EventKind.DELIVERY_FAILED in events
    assert any("could not be delivered" in text for text in place.chat.texts("leadership"))


async def test_a_channel_that_is_gone_moves_the_case() -> None:
    """If the leadership channel cannot be written to, the case goes to direct messages."""
    place = Town(await open_store("memory:", key=bytes(32)))
    del place.chat.channels["leadership"]
    await place.report("brook", ABUSE)
    await place.settle()
    case = await place.case()
    assert case.restricted
    assert any("HPS-2026-001" in text for text in place.chat.texts("ash"))
    await place.act("ash", case, Action.TAKE_ON)
    await place.settle()
    assert any("has taken this on" in text for text in place.chat.texts("ash"))


async def test_edits_are_not_piled_up() -> None:
    """Steps that follow each other before the worker gets to them make one edit of a card, not many."""
    place = await reported()
    await place.settle()
    await place.act("ash", await place.case(), Action.TAKE_ON)
    await place.act("ash", await place.case(), Action.NOTE, {"text": "One."})
    await place.act("ash", await place.case(), Action.NOTE, {"text": "Two."})
    before = sum(1 for method, _ in place.chat.calls if method == "edit")
    await place.settle()
    edits = sum(1 for method, _ in place.chat.calls if method == "edit") - before
    assert edits == 3, "the channel's card, the lead's notice and the receipt, once each"


async def test_a_worker_that_rests_is_woken_by_a_commit() -> None:
    """The worker sleeps while nothing is due, and a commit wakes it."""
    import asyncio  # noqa: PLC0415 - this test alone runs the loop

    place = Town(await open_store("memory:", key=bytes(32)))
    running = asyncio.create_task(place.worker.run())
    await asyncio.sleep(0)
    await place.report("brook", ABUSE)
    for _ in range(500):
        await asyncio.sleep(0)
        if place.chat.audience("leadership"):
            break
    place.worker.stop()
    await running
    assert place.chat.audience("leadership")


def test_backoff_grows_and_ends() -> None:
    """Waiting grows to a limit, never falls below what was asked, and ends after so many tries."""
    waits = [retry.backoff(n) for n in range(1, 12)]
    assert waits == sorted(waits)
    assert waits[-1] <= dt.timedelta(minutes=15)
    assert retry.backoff(1, asked=90.0) >= dt.timedelta(seconds=90)
    assert not retry.exhausted(1)
    assert retry.exhausted(retry.MOST_ATTEMPTS)


async def test_every_kind_of_timer_wakes_something() -> None:
    """A new kind that nobody listens for is found before one rings."""
    place = Town(await open_store("memory:", key=bytes(32)))
    assert set(place.worker.wakes()) == set(TimerKind)
