"""Many conversations share one wait for the disk; one that fails takes no other with it."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from flows.errors import Conflict, StoreError
from flows.model import Case, Change, Handled
from storage.embedded.rows import Rows
from storage.embedded.store import TinyStore
from storage.embedded.writer import Writer
from storage.rows import NewRow
from storage.seal import Sealer
from tests.storage import samples as s


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[TinyStore]:
    """Give an empty one."""
    store = await asyncio.to_thread(TinyStore, tmp_path / "cases.db", Sealer(s.KEY))
    yield store
    await store.close()


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[Rows]:
    """Give an empty file."""
    rows = Rows(tmp_path / "rows.db", Sealer(s.KEY))
    yield rows
    rows.close()


async def test_fifty_conversations_share_the_disk(store: TinyStore) -> None:
    """At most one wait for the disk per two turns, in the worst case; a lone turn is one."""

    async def talk(number: int) -> None:
        for version in range(5):
            draft = s.draft(number, person=f"p{number}", version=version)  # type: ignore[arg-type]
            await store.commit(Change(school=s.HILL, draft=draft))

    before = store.commits
    await asyncio.gather(*(talk(number) for number in range(50)))
    assert store.commits - before <= 250 * 0.5
    before = store.commits
    await store.commit(s.opening())
    assert store.commits - before == 1


async def test_a_disk_that_failed_is_what_is_said_to_the_end(rows: Rows) -> None:
    """After it failed nothing more is written, closing or not, and whoever asks reads that it is the disk."""
    writer = Writer(rows)
    failing = StoreError("disk-failing", "An invented failing disk.", "Look at the disk.")

    def fail() -> None:
        raise failing

    real = rows.transaction
    rows.transaction = contextlib.contextmanager(lambda: (fail(), (yield)))  # type: ignore[assignment, misc]
    with pytest.raises(StoreError, match="failing disk"):
        await writer.do(list)
    rows.transaction = real  # type: ignore[method-assign]
    await writer.close()
    with pytest.raises(StoreError, match="failing disk"):
        await writer.do(list)


async def test_the_disk_is_waited_for_elsewhere(rows: Rows) -> None:
    """Writing happens on the writer's thread, all of one moment in one transaction."""
    writer = Writer(rows)
    threads = await asyncio.gather(*(writer.do(threading.get_ident) for _ in range(3)))
    assert len(set(threads)) == 1
    assert threads[0] != threading.get_ident()
    await writer.close()


async def test_one_that_fails_takes_no_other_with_it(rows: Rows) -> None:
    """A wish that fails half-way leaves nothing; those beside it are kept."""
    writer = Writer(rows)

    def keep(name: str, *, fail: bool) -> str:
        rows.put(NewRow("t", "", name, 1, b"x"))
        if fail:
            raise RuntimeError(name)
        return name

    wishes = [writer.do(lambda n=n: keep(n, fail=n == "b")) for n in "abc"]  # type: ignore[misc]
    outcomes = await asyncio.gather(*wishes, return_exceptions=True)
    assert [outcomes[0], outcomes[2]] == ["a", "c"]
    assert isinstance(outcomes[1], RuntimeError)
    assert rows.ids("t", "") == ["a", "c"]
    await writer.close()


async def test_a_change_that_cannot_be_written_down_is_refused_whole(store: TinyStore) -> None:
    """Text that is no Unicode fails half-way through a commit, and nothing of it stays."""
    bad = replace(s.event(1, 2), words="\ud800")
    outcomes = await asyncio.gather(
        store.commit(replace(s.opening(1), events=(s.event(1, 1), bad))),
        store.commit(s.opening(2)),
        return_exceptions=True,
    )
    assert isinstance(outcomes[0], ValueError)
    assert await store.case(s.HILL, s.case(1).id) is None
    assert await store.handled(s.HILL, "in-1") is None
    assert [row.reference for row in await store.cases(s.HILL)] == ["HPS-2026-002"]


async def test_a_conflict_is_told_only_to_whom_it_concerns(store: TinyStore) -> None:
    """In one transaction with others."""
    outcomes = await asyncio.gather(
        store.commit(s.opening(1)),
        store.commit(Change(school=s.HILL, case=s.case(2, version=4))),
        store.commit(s.opening(3)),
        return_exceptions=True,
    )
    assert [type(outcome).__name__ for outcome in outcomes] == ["Committed", "Conflict", "Committed"]


async def test_a_cancelled_wait_is_still_kept_and_listed(store: TinyStore) -> None:
    """Who stops waiting does not undo it, and the lists know of it."""
    waiting = asyncio.create_task(store.commit(s.opening()))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await store.commit(s.opening(2))
    assert [row.id for row in await store.cases(s.HILL)] == ["C0002", "C0001"]


async def test_closing_finishes_what_is_under_way(tmp_path: Path) -> None:
    """What was handed in before closing is kept and acknowledged."""
    store = await asyncio.to_thread(TinyStore, tmp_path / "cases.db", Sealer(s.KEY))
    waiting = [asyncio.create_task(store.commit(s.opening(n))) for n in range(20)]
    await asyncio.sleep(0)
    await store.close()
    assert {(await one).repeated for one in waiting} == {False}
    with pytest.raises(StoreError):
        await store.commit(s.opening(99))
    again = await asyncio.to_thread(TinyStore, tmp_path / "cases.db", Sealer(s.KEY))
    assert len(await again.cases(s.HILL)) == 20
    await again.close()


async def test_deliveries_are_remembered_for_thirty_days(tmp_path: Path) -> None:
    """Older keys go at opening; younger ones stay; nothing that came of them goes."""
    now = dt.datetime.now(dt.UTC)
    store = await asyncio.to_thread(TinyStore, tmp_path / "cases.db", Sealer(s.KEY))
    for days in (29, 31):
        handled = Handled(key=f"{days}", at=now - dt.timedelta(days=days))
        await store.commit(Change(school=s.HILL, handled=handled, audit=(s.audit(1),)))
    await store.close()
    store = await asyncio.to_thread(TinyStore, tmp_path / "cases.db", Sealer(s.KEY))
    assert await store.handled(s.HILL, "29") is not None
    assert await store.handled(s.HILL, "31") is None
    assert len(await store.audit(s.HILL)) == 2
    await store.close()


async def test_what_a_conversation_reads_is_what_it_kept(store: TinyStore) -> None:
    """Right after a commit every read knows of it, with others writing all the time."""

    async def talk(number: int) -> None:
        kept = await store.commit(s.opening(number))
        assert kept.case is not None
        for why in ("x", "xx"):
            assert (await store.case(s.HILL, kept.case.id)) == kept.case
            assert kept.case.id in {row.id for row in await store.cases(s.HILL)}
            case: Case = replace(kept.case, hold=why)
            kept = await store.commit(Change(school=s.HILL, case=case))
            assert kept.case is not None

    await asyncio.gather(*(talk(number) for number in range(20)))
    with pytest.raises(Conflict):
        await store.commit(Change(school=s.HILL, case=s.case(1, version=1)))
