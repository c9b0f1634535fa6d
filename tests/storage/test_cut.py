"""A database that goes away in the middle: nothing kept is lost, nothing is done twice, and it goes on."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest
from msgspec.structs import replace

from flows.errors import StoreError
from flows.model import CaseId, Change, Handled
from flows.ports import Store
from storage.open import open_store
from storage.postgres import commits
from storage.postgres.database import Database
from tests.database import Server, server
from tests.storage import samples as s
from tests.storage.conftest import NAME

pytestmark = pytest.mark.slow
CUT = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'bot'"


@pytest.fixture(scope="module")
def durable() -> Iterator[Server]:
    """Give a server that keeps what it says it keeps, however it ends."""
    with server() as running:
        asyncio.run(running.made(NAME))
        yield running


@pytest.fixture
async def store(durable: Server) -> AsyncIterator[Store]:
    """Give a store in an empty database."""
    durable.empty(NAME)
    store = await open_store(durable.address(NAME, "bot"), key=s.KEY)
    yield store
    await store.close()


def delivered(number: int) -> Change:
    """Return what one delivery wants kept."""
    return Change(
        school=s.HILL,
        handled=Handled(key=f"in-{number}", at=s.NOW),
        audit=(replace(s.audit(1), facts={"number": str(number)}),),
    )


async def worked(store: Store, trouble: Callable[[], Awaitable[None]]) -> tuple[list[int], list[int]]:
    """Let 60 deliveries come while ``trouble`` is made; return which were kept, and which were refused.

    A platform that is refused delivers again.
    """
    kept, refused = list[int](), list[int]()

    async def one(number: int) -> None:
        try:
            await store.commit(delivered(number))
        except StoreError as error:
            refused.append(number if error.reference == "store-away" else -1)
        else:
            kept.append(number)

    async def some(first: int) -> None:
        for number in range(first, 60, 6):
            await one(number)

    await asyncio.gather(*map(some, range(6)), trouble())
    for number in list(refused):
        await store.commit(delivered(number))
    return kept, refused


async def numbers(store: Store) -> list[int]:
    """Return which deliveries are on the audit."""
    return sorted(int(line.facts["number"]) for line in await store.audit(s.HILL))


async def test_connections_that_are_cut(store: Store, durable: Server) -> None:
    """Whoever asks does not even notice: it is done again where it was not, and not where it was."""

    async def cut() -> None:
        for _ in range(15):
            await asyncio.to_thread(durable.run, CUT)

    kept, refused = await worked(store, cut)
    assert await numbers(store) == list(range(60))
    assert len(kept) + len(refused) == 60
    assert len(kept) > 50


@pytest.mark.feature("database-goes-away")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["in order", "as if the power went"])
async def test_a_server_that_starts_again(store: Store, durable: Server, how: signal.Signals) -> None:
    """What was kept is there once; what was refused can be sent again."""

    async def restarted() -> None:
        await asyncio.to_thread(durable.restart, how)

    await worked(store, restarted)
    assert await numbers(store) == list(range(60))


async def test_a_replica_that_takes_over() -> None:
    """The server is gone and its replica is promoted: what was kept is there, once, and it goes on."""
    with server() as first:
        await first.made(NAME)
        with server(replica_of=first) as second:
            first.run("alter system set synchronous_standby_names = '*'")
            first.run("select pg_reload_conf()")
            while first.run("select sync_state from pg_stat_replication") != [("sync",)]:
                pass
            both = f"{first.folder},{second.folder}&target_session_attrs=read-write"
            store = await open_store(f"postgresql://bot@/{NAME}?host={both}", key=s.KEY)

            async def taken_over() -> None:
                await asyncio.to_thread(first.stop, signal.SIGQUIT)
                await asyncio.to_thread(second.promote)

            await worked(store, taken_over)
            assert await numbers(store) == list(range(60))
            await store.close()


async def test_a_server_that_stays_away(store: Store, durable: Server) -> None:
    """People read what is the matter, without an address; when it is back it goes on by itself."""
    await store.commit(s.opening())
    durable.stop()
    try:
        asks = (store.commit(s.opening(2)), store.case(s.HILL, CaseId("C0001")), store.due_sends(s.NOW))
        for told in await asyncio.gather(*asks, return_exceptions=True):
            assert isinstance(told, StoreError)
            assert "does not answer" in str(told)
            assert str(durable.folder) not in str(told)
            assert "bot" not in str(told)
    finally:
        durable.start()
    assert await store.case(s.HILL, CaseId("C0001")) is not None
    assert (await store.commit(s.opening(2))).case is not None


@pytest.mark.parametrize("landed", [True, False], ids=["kept", "not kept"])
async def test_the_answer_to_commit_is_lost(
    store: Store, durable: Server, *, landed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it was kept is asked, and it is done again only where it was not: one case, either way."""
    once = iter([True])
    told = Database.transaction

    def cut(self: Database, school: str, *, lock: bool = False) -> object:
        real = told(self, school, lock=lock)
        return _Cut(real, durable, landed=landed) if next(once, False) else real

    monkeypatch.setattr(Database, "transaction", cut)
    done = await store.commit(s.opening())
    assert not done.repeated
    assert await store.case(s.HILL, CaseId("C0001")) == done.case
    assert len(await store.audit(s.HILL)) == len(s.opening().audit)
    assert store.commits == 1


class _Cut:
    """A transaction whose connection ends with its last word, heard by the server or not."""

    def __init__(self, real: object, server: Server, *, landed: bool) -> None:
        self._real, self._server, self._landed = real, server, landed

    async def __aenter__(self) -> object:
        self._connection = await self._real.__aenter__()  # type: ignore[attr-defined]
        execute = self._connection.execute

        async def heard(sql: object, *values: object) -> object:
            if sql == "commit" and not self._landed:
                await asyncio.to_thread(self._server.run, CUT)
            return await execute(sql, *values)

        self._connection.execute = heard
        return self._connection

    async def __aexit__(self, *error: object) -> bool | None:
        try:
            done: bool | None = await self._real.__aexit__(*error)  # type: ignore[attr-defined]
        finally:
            del self._connection.execute
        if self._landed:
            raise commits.trouble.away()
        return done
