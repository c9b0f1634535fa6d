"""Another key outside follows the one before, while everybody works; killed anywhere, it goes on."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest
from msgspec.structs import replace

from flows.errors import StoreError
from flows.model import CaseId, Change
from flows.ports import Store
from storage.embedded.store import TinyStore
from storage.embedded.turning.rotation import hand, handed_beside
from storage.keys import Outside
from storage.open import rotate
from storage.postgres.store import PostgresStore
from tests.spawned import exit_of
from tests.storage import samples as s
from tests.storage.below import C1, C2, Kept, filled, of_database, of_file
from tests.storage.conftest import NAME
from tests.storage.contract import snapshot
from tests.storage.faults import rotate_a_database_until_killed, rotate_until_killed

NEW, LATER = bytes(range(100, 132)), bytes(range(50, 82))
WRAPS = "select distinct key from rows where tbl='keys'"


def ids(kept: Kept) -> set[str]:
    """Return which keys outside wrap anything."""
    return {key for (key,) in kept.below(WRAPS)}


async def said(kept: Kept, key: bytes) -> list[object]:
    """Return what a store says to who comes with a key."""
    store = await kept.open(key=key)
    try:
        case = await store.case(s.HILL, C1)
        assert case is not None
        file = await store.file(s.HILL, case.report.posting.files[0].sha256)
        return [await snapshot(store), file, await store.events(s.HILL, C1)]
    finally:
        await store.close()


async def refused(kept: Kept, key: bytes) -> str:
    """Return why a key is refused."""
    with pytest.raises(StoreError) as told:
        await kept.open(key=key)
    return told.value.reference


@pytest.mark.feature("key-rotated")
async def test_the_new_key_opens_what_the_old_one_did(kept: Kept) -> None:
    """Until somebody starts with the new one both do: whatever runs may be started again with the old."""
    await filled(kept)
    before, told = await said(kept, s.KEY), list[tuple[int, int]]()
    bodies = kept.below("select body from rows where tbl<>'keys' and tbl<>'meta' order by body")
    await rotate(kept.address, key=s.KEY, new=NEW, said=lambda *how_far: told.append(how_far))
    assert ids(kept) == {Outside(NEW).id}
    assert told[-1] == (6, 0)
    assert kept.below("select body from rows where tbl<>'keys' and tbl<>'meta' order by body") == bodies
    assert await said(kept, s.KEY) == before
    assert await said(kept, NEW) == before
    assert await refused(kept, s.KEY) == "wrong-key"
    assert await refused(kept, LATER) == "wrong-key"
    await rotate(kept.address, key=NEW, new=LATER, said=lambda *_: None)
    assert await said(kept, LATER) == before
    assert await refused(kept, NEW) == "wrong-key"


@pytest.mark.feature("key-rotated")
async def test_whoever_works_meanwhile_goes_on(kept: Kept) -> None:
    """It reads what is wrapped anew, and what it writes is wrapped with the new key."""
    await filled(kept)
    store = await kept.open()
    watching = asyncio.create_task(store.watch())
    turning = asyncio.create_task(rotate(kept.address, key=s.KEY, new=NEW, said=lambda *_: None))
    number = 10
    while not turning.done():
        await _work(store, number)
        number += 1
    await turning
    await _work(store, number)
    assert await store.case(s.HILL, C1) is not None
    watching.cancel()
    await store.close()
    assert ids(kept) == {Outside(NEW).id}
    store = await kept.open(key=NEW)
    for each in (C1, C2, *(CaseId(f"C{one:04}") for one in range(10, number + 1))):
        case = await store.case(s.HILL, each)
        assert case is not None
        for file in case.report.posting.files:
            assert await store.file(s.HILL, file.sha256) is not None
    await store.close()


async def _work(store: Store, number: int) -> None:
    sha256 = await store.put_file(s.HILL, b"picture %d" % number)
    done = await store.commit(s.opening(number, files=(s.file(f"f{number}", sha256),)))
    assert done.case is not None
    await store.commit(Change(school=s.HILL, case=replace(done.case, hold="police")))
    assert await store.case(s.HILL, done.case.id) is not None
    await store.due_sends(s.later(10**6), most=3)


async def test_another_process_hears_of_it_by_what_it_reads(database: str) -> None:
    """One that only looks, and one that only writes: neither is told, neither stumbles."""
    kept = Kept(database, lambda *_: [])
    await filled(kept)
    looking, writing = await kept.open(), await kept.open()
    await rotate(database, key=s.KEY, new=NEW, said=lambda *_: None)
    assert await looking.case(s.HILL, C1) is not None
    assert len(await looking.due_timers(s.later(10**6))) == 3
    await writing.commit(s.opening(7))
    assert await looking.case(s.HILL, CaseId("C0007")) is not None
    sha256 = await writing.put_file(s.DALE, b"x")
    for store in (looking, writing):
        assert isinstance(store, PostgresStore)
        assert store.keys.outside.id == Outside(NEW).id
        await store.close()
    store = await kept.open(key=NEW)
    assert await store.file(s.DALE, sha256) == b"x"
    await store.close()


async def test_two_at_once_are_one_after_the_other(database: str) -> None:
    """While one is under way another key is refused, and nothing is half done."""
    kept = Kept(database, lambda *_: [])
    await filled(kept)
    one, other = await kept.open(), await kept.open()
    done = await asyncio.gather(
        *(store.rotate(new, lambda *_: None) for store, new in ((one, NEW), (other, LATER))),  # type: ignore[attr-defined]
        return_exceptions=True,
    )
    for store in (one, other):
        await store.close()
    failed = [error.reference for error in done if isinstance(error, StoreError)]
    assert failed in ([], ["rotation-under-way"])
    opened = 0
    for key in (NEW, LATER):
        try:
            assert await said(kept, key)
            opened += 1
        except StoreError as error:
            assert error.reference == "wrong-key"  # noqa: PT017 - which of the two came last is no matter
    assert opened >= 1


# -- killed --------------------------------------------------------------------------------------------


async def _goes_on(kept: Kept, before: list[object], key: bytes) -> None:
    """Check that nothing is lost, and that who comes with either key finishes it."""
    assert await said(kept, key) == before
    begun = Outside(NEW).id in ids(kept)
    assert len(ids(kept)) == 1, "what was begun is finished"
    if begun:
        assert await said(kept, NEW) == before
        assert await refused(kept, s.KEY) == "wrong-key"
    else:
        await rotate(kept.address, key=s.KEY, new=NEW, said=lambda *_: None)
        assert await said(kept, NEW) == before


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_file_whose_rotation_is_killed_loses_nothing(tmp_path: Path, after: bool) -> None:  # noqa: FBT001 - a table
    """At each statement, before it and after it: it goes on at the next start, with the key of before."""
    for point in range(1, 99):
        folder = tmp_path / str(point)
        folder.mkdir()
        path, noted = folder / "cases.db", folder / "noted"
        kept = _kept_file(path)
        asyncio.run(filled(kept))
        before = asyncio.run(said(kept, s.KEY))
        ended = exit_of(rotate_until_killed, path, noted, NEW, point, after)
        if noted.exists():
            break
        assert ended == -signal.SIGKILL
        asyncio.run(_goes_on(kept, before, s.KEY))
    assert point > 12


def _kept_file(path: Path) -> Kept:
    return Kept(f"tinydb:{path}", of_file(path))


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_database_whose_rotation_is_killed_loses_nothing(
    tmp_path: Path,
    request: pytest.FixtureRequest,
    after: bool,  # noqa: FBT001 - a table
) -> None:
    """At each thing it asks: it goes on with the next process that starts, with the key of before."""
    server = request.getfixturevalue("running")
    kept = Kept(server.address(NAME, "bot"), of_database(server, NAME))
    for point in range(1, 99):
        server.empty(NAME)
        asyncio.run(filled(kept))
        before = asyncio.run(said(kept, s.KEY))
        noted = tmp_path / str(point)
        ended = exit_of(rotate_a_database_until_killed, kept.address, noted, NEW, point, after)
        if noted.exists():
            break
        assert ended == -signal.SIGKILL
        asyncio.run(_goes_on(kept, before, s.KEY))
    assert point > 7


async def test_a_key_left_for_a_program_that_was_killed_is_taken_at_its_start(tmp_path: Path) -> None:
    """Whatever else lies there in its place is nothing to us, and goes."""
    kept = _kept_file(tmp_path / "cases.db")
    await filled(kept)
    before = await said(kept, s.KEY)
    for left in (b"", b"nonsense", Outside(LATER).wrap(NEW)):
        handed_beside(tmp_path / "cases.db").write_bytes(left)
        assert await said(kept, s.KEY) == before
        assert not handed_beside(tmp_path / "cases.db").exists()
    hand(tmp_path / "cases.db", Outside(s.KEY), Outside(NEW))
    assert await said(kept, s.KEY) == before
    assert ids(kept) == {Outside(NEW).id}
    store = await kept.open(key=NEW)
    assert isinstance(store, TinyStore)
    await store.close()


async def test_a_root_that_is_missing_in_a_file_is_found_in_its_head(tmp_path: Path) -> None:
    """The head opens with the same key, and what is missing is put back."""
    kept = _kept_file(tmp_path / "cases.db")
    await filled(kept)
    before, root = await said(kept, s.KEY), "rows where tbl='meta' and id='root'"
    kept.below(f"delete from {root}")  # noqa: S608 - our own words
    assert await refused(kept, NEW) == "wrong-key"
    assert await said(kept, s.KEY) == before
    assert len(kept.below(f"select * from {root}")) == 1  # noqa: S608 - our own words


async def test_a_data_key_that_is_damaged_stops_no_rotation(kept: Kept) -> None:
    """It opens with no key; all others open with the new one."""
    await filled(kept)
    kept.below("update rows set body=%s where tbl='keys' and school='hill' and id=%s", (bytes(48), C2))
    store = await kept.open() if not kept.address.startswith("tinydb:") else None
    if store is None:  # a file does not open with a case that does not
        with pytest.raises(StoreError):
            await rotate(kept.address, key=s.KEY, new=NEW, said=lambda *_: None)
        return
    await store.close()
    await rotate(kept.address, key=s.KEY, new=NEW, said=lambda *_: None)
    store = await kept.open(key=NEW)
    assert await store.case(s.HILL, C1) is not None
    with pytest.raises(StoreError):
        await store.case(s.HILL, C2)
    await store.close()
