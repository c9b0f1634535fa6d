"""Several processes on one database: what one was told all of them know, and what one sends none repeats."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from bot.outbox.others import Others
from flows.errors import StoreError
from flows.model import Action
from flows.ui.inbound import Refuse
from flows.ui.intents import ChatCommand
from storage.open import open_store
from tests.bot.turns.test_roster import ABOUT_A_PUPIL, agreed
from tests.database import CARELESS, Server, server
from tests.story.test_story import ABUSE
from tests.town import Town, said

NAME = "reports"


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    """Give a server with a database whose tables are made."""
    with server(*CARELESS) as found:
        asyncio.run(found.made(NAME))
        yield found


@pytest.fixture
async def towns(running: Server) -> AsyncIterator[list[Town]]:
    """Give three processes on one database, that speak to one platform at one time of day."""
    running.empty(NAME)
    found: list[Town] = []
    for _ in range(3):
        store = await open_store(running.address(NAME, "bot"), key=bytes(32))
        first = found[0] if found else None
        found.append(Town(store, chat=first.chat, clock=first.clock) if first else Town(store))
    yield found
    for town in found:
        await town.store.close()


@pytest.mark.feature("many-processes")
async def test_what_one_takes_in_others_send_once(towns: list[Town]) -> None:
    """A report of one process is told by the workers of two others: each message once, and all of them."""
    web, *workers = towns
    await web.report("brook", ABUSE)
    for _ in range(20):
        await asyncio.gather(*(worker.worker.run_due() for worker in workers))
    keys = [message.key for message in web.chat.messages.values()]
    assert sorted(keys) == sorted(set(keys))
    alone = Town(await open_store("memory:", key=bytes(32)))
    await alone.report("brook", ABUSE)
    await alone.settle()
    assert len(keys) == len(alone.chat.messages)


async def test_a_worker_goes_on_where_another_ended(towns: list[Town]) -> None:
    """Between two messages of a case; none is sent again."""
    web, first, second = towns
    await web.report("brook", ABUSE)
    await first.settle()
    before = set(web.chat.messages)
    await first.store.close()
    await web.act("ash", await web.case(), Action.TAKE_ON)
    await second.settle()
    keys = [message.key for message in web.chat.messages.values()]
    assert before < set(web.chat.messages)
    assert sorted(keys) == sorted(set(keys))


async def test_a_seat_that_one_was_told_of_counts_in_all(towns: list[Town]) -> None:
    """From the moment it is agreed, whoever lost a seat reads nothing more, whichever process is asked."""
    web, other, _ = towns
    await web.report("brook", ABOUT_A_PUPIL)
    await web.settle()
    case = await web.case()
    assert case.reference in said(await other.ask("cam", ChatCommand.CASES))
    web.chat.channels["leadership"] -= {"cam"}
    await agreed(web, "seat DSL: jo")
    assert case.reference not in said(await other.ask("cam", ChatCommand.CASES))
    assert isinstance(await other.act("cam", case, Action.OPEN_RECORD), Refuse)
    assert case.reference in said(await other.ask("jo", ChatCommand.CASES))


async def test_what_one_hears_of_a_place_all_look_at(towns: list[Town]) -> None:
    """Somebody came into a channel: whoever keeps who is in it asks again, in every process."""
    web, worker, _ = towns
    looked = asyncio.Queue[str]()
    behind = Others(worker.context, lambda: looked.put_nowait("look"))
    behind.forget.append(lambda: looked.put_nowait("forget"))
    listening = asyncio.create_task(behind.listen())
    bell = asyncio.Event()
    worker.context.nudge = bell.set
    await bell.wait()  # it listens
    Others(web.context, lambda: None).place_changed()
    assert [await looked.get(), await looked.get()] == ["forget", "look"]
    listening.cancel()


async def test_a_word_that_cannot_be_passed_on_stops_nothing(towns: list[Town]) -> None:
    """The others look every few minutes anyhow."""
    web, *_ = towns
    await web.store.close()
    with pytest.raises(StoreError):
        await web.store.ring("places")
    Others(web.context, lambda: None).place_changed()
    await asyncio.sleep(0)
