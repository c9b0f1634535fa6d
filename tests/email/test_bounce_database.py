"""An e-mail that came back, where the store is a database: the command leaves it there, a worker finds it."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from adapters.email.known import Known, known_as, leave, remember, waiting
from adapters.email.listen import EmailApp
from adapters.email.manifest import number
from bot.outbox.came_back import CameBack
from flows.model import EventKind, Send
from flows.ports import Store
from flows.school import Platform, SchoolId
from storage.memory import MemoryStore
from storage.open import Opening, open_store
from tests.database import Server
from tests.email.bounces import report
from tests.email.server import served
from tests.email.test_bounce import CHAIR, HEAD_LED, Place, pipe
from tests.fakes import FakeClock
from tests.story.test_schools import trust
from tests.town import SCHOOL, Town

NAME = "reports"
NOW = FakeClock().now()
pytestmark = pytest.mark.feature("email-comes-back")


@pytest.fixture
async def store(running: Server) -> AsyncIterator[Store]:
    """Give what one of the workers has open."""
    running.empty(NAME)
    found = await open_store(running.address(NAME, "bot"), key=bytes(32))
    yield found
    await found.close()


@pytest.fixture
async def place(
    store: Store, app: Callable[..., EmailApp], running: Server, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Place]:
    """Give a school whose Chair has e-mail alone; the command finds its database by the setting."""
    monkeypatch.setenv("DATABASE_URL", running.address(NAME, "bot"))
    monkeypatch.setenv("REPORT_KEY", base64.b64encode(bytes(32)).decode())
    found = Place(store, Path())
    async with served(found.post) as port:
        found.open(app(port, folder=False))
        yield found


async def test_what_the_command_leaves_a_worker_says_on_the_case(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """However often a server says it; the next person is told, once, and nothing is left."""
    await place.town.report("brook", HEAD_LED)
    await place.town.settle()
    text = report().replace("{id}", place.post.to(CHAIR)[0]["Message-ID"])
    for _ in range(2):
        assert await asyncio.to_thread(pipe, text) == 0
    assert "did not arrive" in capsys.readouterr().out
    assert await place.app.look() == 1
    assert await place.app.look() == 0
    await place.town.settle()
    assert "fern" in (await place.town.case()).stand_ins
    assert (await place.lines()).count(EventKind.DELIVERY_FAILED) == 1
    assert await waiting(place.town.store) == []


async def test_what_is_not_ours_leaves_nothing(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """A number that no message has: it is said, and a mail server is not told that anything failed."""
    text = report().replace("{id}", f"<{number('no such key')}@school.example>")
    assert await asyncio.to_thread(pipe, text) == 0
    assert "no message that we know of" in capsys.readouterr().out
    assert await waiting(place.town.store) == []


async def test_two_workers_say_it_once(place: Place, app: Callable[..., EmailApp], running: Server) -> None:
    """Both find it at once: one of them says it, and it waits for nobody then."""
    other = Town(await open_store(running.address(NAME, "bot"), key=bytes(32)), clock=place.town.clock)
    other.context.directory.reload({SCHOOL: place.town.school})  # type: ignore[attr-defined]
    other.context.chats = place.town.context.chats
    second = app(0, folder=False, of=other.store)
    second.came_back = CameBack(other.context, other.worker.delivery.after).heard
    await place.town.report("brook", HEAD_LED)
    await place.town.settle()
    called = place.post.to(CHAIR)[0]["Message-ID"][1:].partition("@")[0]
    assert await leave(other.store, called)
    await asyncio.gather(place.app.look(), second.look())
    for each in (place.app, second):
        await each.look()
    await place.town.settle()
    assert (await place.lines()).count(EventKind.DELIVERY_FAILED) == 1
    assert await waiting(place.town.store) == []
    await other.store.close()


async def test_a_command_beside_the_bot_leaves_its_work_alone(running: Server) -> None:
    """It puts nothing in order, takes no school into its hands, and writes what it was asked to."""
    running.empty(NAME)
    worker = await open_store(running.address(NAME, "bot"), key=bytes(32))
    await remember(worker, "rp.1", Known("c1/notice", SCHOOL), NOW)
    before = running.run("select holder, until::text from schools order by school", database=NAME)
    beside = await open_store(running.address(NAME, "bot"), key=bytes(32), opening=Opening.BESIDE)
    assert [await leave(beside, one) for one in ("rp.1", "rp.2", "rp.1")] == [True, False, True]
    await beside.close()
    assert running.run("select holder, until::text from schools order by school", database=NAME) == before
    assert await waiting(worker) == ["rp.1"]
    await worker.close()


# -- the reference leads to the school ---------------------------------------------------------------


class Asked(MemoryStore):
    """One that remembers of which schools somebody asked for a send."""

    def __init__(self) -> None:
        super().__init__()
        self.schools: list[SchoolId] = []

    async def send(self, school: SchoolId, key: str) -> Send | None:
        """Return a send."""
        self.schools.append(school)
        return await super().send(school, key)


@pytest.mark.parametrize("known", [True, False], ids=["written down", "of an older version"])
async def test_one_school_is_asked(*, known: bool) -> None:
    """That of the e-mail; all of them only where an older version did not write it down."""
    place, store = await trust(), Asked()
    place.context.store = store
    schools = list(place.context.directory.schools)
    if known:
        await remember(store, "rp.1", Known("c1/notice", schools[-1]), NOW)
    else:
        await store.put_record(Platform.EMAIL, "message/rp.1", f"{NOW.isoformat()}\nc1/notice".encode())
    found = await known_as(store, "rp.1")
    assert found is not None
    assert found.key == "c1/notice"
    await CameBack(place.context, place.worker.delivery.after).heard(found.key, found.school)
    assert store.schools == (schools[-1:] if known else schools)
    assert len(schools) > 1


async def test_all_that_goes_out_says_of_which_school_it_is(place: Place) -> None:
    """The notice, and what follows on it."""
    town = place.town
    await town.report("brook", HEAD_LED)
    await town.settle()
    await town.later(hours=1)
    mails = place.post.to(CHAIR)
    assert any(mail["In-Reply-To"] for mail in mails)
    for mail in mails:
        found = await known_as(town.store, mail["Message-ID"][1:].partition("@")[0])
        assert found is not None
        assert found.school == SCHOOL
