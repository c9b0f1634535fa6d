"""Several processes on one database: what one was told all of them know, and what one sends none repeats."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping

import aiohttp
import pytest

from bot.config.settings import SAMPLE_SCHOOL
from bot.outbox.caps import MOST_A_DAY, Caps
from bot.outbox.outages import Outages
from bot.outbox.places import Others
from bot.turns.whose import Whose
from flows.errors import StoreError
from flows.model import Action, Message, Send, Way
from flows.school import PersonId, Platform
from flows.ui.inbound import Filled, Refuse, Typed
from flows.ui.intents import ChatCommand
from storage.memory import MemoryStore
from storage.open import open_store
from tests.bot.outbox.test_outage import FAILING, times
from tests.bot.outbox.test_outages import down, told
from tests.bot.turns.test_roster import ABOUT_A_PUPIL, agreed
from tests.database import Server
from tests.source import ROOT
from tests.story.test_schools import trust
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town, said

NAME = "reports"


class Shared(MemoryStore):
    """One that other processes may have open."""

    shared = True


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


async def test_a_worker_that_starts_beside_another_sets_no_timer_anew(towns: list[Town]) -> None:
    """Whichever of them has the school in hand."""
    web, first, second = towns
    await web.report("brook", ABUSE)
    await first.settle()
    await first.worker.begin()
    before = await first.store.timers(SCHOOL)
    assert await first.store.due_timers(first.clock.at + dt.timedelta(days=4000)) != []
    await second.worker.begin()
    assert second.store.commits == 0
    assert await second.store.timers(SCHOOL) == before


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


async def test_what_was_asked_by_one_is_answered_in_another() -> None:
    """Somebody of two schools is asked which by one process and tells the other: their words are there."""
    place = await trust()
    place.context.store = Shared()
    first, second = Whose(place.context), Whose(place.context)
    brook = place.actor("brook")
    identity = place.context.directory.resolve(brook)
    assert identity is not None
    assert await first.ask(brook, "Invented words.") == "Invented words."
    assert await second.ask(brook, "More of them.") == "Invented words.\nMore of them."
    typed = Typed(key="k", actor=brook, text="2")
    answer = await first.told(typed, identity)
    assert isinstance(answer, Filled)
    assert answer.values == {"words": "Invented words.\nMore of them."}
    assert await second.told(typed, identity) == typed


async def test_what_somebody_had_today_is_read_anew_where_another_may_have_counted() -> None:
    """A school that comes back to a worker: what another sent meanwhile counts as well."""
    place = Town(Shared())
    ours = Caps(place.context)
    send = Send(
        key="k", school=SCHOOL, message=Message.REMINDER, way=Way.DIRECT, platform=Platform.WEB,
        person=PersonId("ash"), due=place.clock.now(),
    )  # fmt: skip
    for _ in range(MOST_A_DAY - 1):
        await ours.had(send, place.school)
    assert await ours.full(send, place.school)
    place.clock.pass_by(dt.timedelta(seconds=31))
    assert not await ours.full(send, place.school)  # nothing of it is on the audit


async def test_people_are_told_of_an_outage_by_one_worker() -> None:
    """Whom another has told is read where that is kept, though it found out at another moment."""
    place, slack = await down(FAILING, "office")
    place.context.store = place.store = Shared()
    second = Town(place.store, chat=place.chat, clock=place.clock)
    second.context.chats, second.context.directory = place.context.chats, place.context.directory
    other = Outages(second.context)
    await other.look()
    await place.report("brook", ABUSE)
    await times(place, 60)
    assert len(told(slack, "office")) == 1
    for where, state in place.context.states.down().items():
        found = second.context.states.of(where)
        found.since, found.why, found.held = place.clock.now(), state.why, state.held
        found.refused = True
    assert second.context.states.down()
    await other.look()
    await place.settle()
    assert len(told(slack, "office")) == 1


@pytest.mark.slow
@pytest.mark.feature("many-processes")
@pytest.mark.unwatched
async def test_web_and_worker_as_a_host_starts_them(running: Server) -> None:
    """Each by its line of the Procfile: the one listens on PORT, both say so, and both end in good time."""
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text("ascii").splitlines())
    assert set(lines) == {"release", "web", "worker"}
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
    said = {
        "DATABASE_URL": running.address(NAME, "bot"),
        "REPORT_STORE_OWNER": running.address(NAME, "owner"),
        "REPORT_KEY": base64.b64encode(bytes(32)).decode(),
        "REPORT_SCHOOL": str(SAMPLE_SCHOOL),
        "PORT": str(port),
        "DYNO": "web.1",
    }
    running.empty(NAME)
    release = await _begun(lines["release"], said)
    assert (await release.communicate())[0] == b"Up to date.\n"
    web, worker = await _begun(lines["web"], said), await _begun(lines["worker"], said)
    for process, word in ((web, b"Ready"), (worker, b"Ready: the worker works.")):
        assert process.stdout is not None
        first = await process.stdout.readline()
        while first and word not in first:
            first = await process.stdout.readline()
        assert word in first
    async with aiohttp.ClientSession() as asking:
        for path in ("/healthz", "/readyz"):
            async with asking.get(f"http://127.0.0.1:{port}{path}") as answer:
                assert answer.status == 200
    for process in (web, worker):
        process.terminate()
        async with asyncio.timeout(10):
            assert await process.wait() == 0


async def _begun(line: str, said: Mapping[str, str]) -> asyncio.subprocess.Process:
    """Begin a line of the Procfile, with our own Python."""
    program, *arguments = line.split()
    assert program == "python"
    environment = {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", **said}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
