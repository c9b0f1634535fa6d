"""A store that is not the one it was does not open without a word."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from flows.errors import StoreError
from flows.model import CaseId, Change
from storage import codec
from storage.embedded.store import TinyStore
from storage.keys import Keys, Outside
from storage.open import Opening, open_store
from storage.seal import Sealer
from tests.storage import samples as s
from tests.storage.contract import snapshot

CASES = 12


def beside(path: Path) -> dict[str, bytes]:
    """Return what lies at and beside a store, without what a look makes: an index and an empty log."""
    found = {}
    for one in sorted(path.parent.rglob("*")):
        if one.is_file() and not one.name.endswith(("-shm", ".lock")):
            found[one.name] = one.read_bytes()
    return {name: whole for name, whole in found.items() if whole or not name.endswith("-wal")}


def there(path: Path) -> bool:
    """Return whether there is anything."""
    return path.exists()


async def left_running(path: Path) -> TinyStore:
    """Return a store of twelve cases that is still being worked on: the last of them are in its log."""
    store = await asyncio.to_thread(TinyStore, path, Sealer(s.KEY))
    for number in range(CASES):
        await store.commit(s.opening(number))
    return store


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """Give a store as it lies there after its program was killed: a copy of all its files."""
    (tmp_path / "running").mkdir()
    store = await left_running(tmp_path / "running" / "cases.db")
    shutil.copytree(tmp_path / "running", tmp_path / "killed")
    await store.close()
    return tmp_path / "killed" / "cases.db"


async def refusal(path: Path, opening: Opening = Opening.THERE, key: bytes = s.KEY) -> StoreError:
    """Return what opening says; it must refuse, and leave everything as it is."""
    before = beside(path)
    with pytest.raises(StoreError) as refused:
        await open_store(f"tinydb:{path}", key=key, opening=opening)
    assert beside(path) == before
    return refused.value


def log_gone(path: Path) -> None:
    """Take the log away."""
    path.with_name("cases.db-wal").unlink()


def log_cut(path: Path) -> None:
    """Leave half of the log."""
    log = path.with_name("cases.db-wal")
    os.truncate(log, log.stat().st_size // 2)


def log_cut_at_the_end(path: Path) -> None:
    """Take the last byte of the log."""
    log = path.with_name("cases.db-wal")
    os.truncate(log, log.stat().st_size - 1)


def log_flipped(path: Path) -> None:
    """Turn one bit in the middle of the log."""
    log = path.with_name("cases.db-wal")
    whole = bytearray(log.read_bytes())
    whole[len(whole) // 2] ^= 1
    log.write_bytes(whole)


def log_empty(path: Path) -> None:
    """Empty the log."""
    os.truncate(path.with_name("cases.db-wal"), 0)


def file_gone(path: Path) -> None:
    """Take the database away and leave what lies beside it."""
    path.unlink()


def file_emptied(path: Path) -> None:
    """Empty the database."""
    os.truncate(path, 0)
    log_gone(path)


def head_gone(path: Path) -> None:
    """Take the head away."""
    path.with_name("cases.db.head").unlink()


def head_flipped(path: Path) -> None:
    """Turn a bit in each half of the head."""
    head = path.with_name("cases.db.head")
    whole = bytearray(head.read_bytes())
    whole[100] ^= 1
    whole[600] ^= 1
    head.write_bytes(whole)


@pytest.mark.parametrize("opening", [Opening.THERE, Opening.EITHER, Opening.LOOK])
@pytest.mark.parametrize(
    ("damage", "reference"),
    [
        (log_gone, {"store-behind", "store-gone"}),
        (log_cut, {"store-behind"}),
        (log_cut_at_the_end, {"store-behind"}),
        (log_flipped, {"store-behind"}),
        (log_empty, {"store-behind", "store-gone"}),
        (file_gone, {"store-gone"}),
        (file_emptied, {"store-gone"}),
        (head_gone, {"store-headless"}),
        (head_flipped, {"store-damaged"}),
    ],
)
async def test_a_store_that_lacks_something_is_refused(
    path: Path, damage: Callable[[Path], None], reference: set[str], opening: Opening
) -> None:
    """Whatever of it is gone, cut or turned: refused, with what to do; nothing is changed."""
    damage(path)
    error = await refusal(path, opening)
    assert error.reference in reference
    assert "restore" in error.hint or "backup" in error.hint


async def test_a_killed_store_opens(path: Path) -> None:
    """Its log is there: all that was acknowledged is."""
    for opening in (Opening.LOOK, Opening.THERE):
        store = await open_store(f"tinydb:{path}", key=s.KEY, opening=opening)
        assert len(await store.cases(s.HILL)) == CASES
        await store.close()


async def test_an_older_file_in_place_of_the_newer_is_refused(tmp_path: Path) -> None:
    """The database of yesterday beside the head of today: it says how much is missing, and up to when."""
    store = await left_running(tmp_path / "other.db")
    await store.close()
    yesterday = (tmp_path / "other.db").read_bytes()
    store = await open_store(f"tinydb:{tmp_path / 'other.db'}", key=s.KEY)
    for number in range(50, 53):
        await store.commit(s.opening(number))
    await store.close()
    (tmp_path / "other.db").write_bytes(yesterday)
    error = await refusal(tmp_path / "other.db")
    assert error.reference == "store-behind"
    assert "the last 3 changes are missing, up to 20" in error.message


async def test_a_head_of_another_store_is_refused(path: Path, tmp_path: Path) -> None:
    """Two stores under one key: their heads are not exchanged for one another."""
    store = await left_running(tmp_path / "other.db")
    await store.close()
    shutil.copy(tmp_path / "other.db.head", path.with_name("cases.db.head"))
    assert (await refusal(path)).reference == "store-mixed"


async def test_a_copy_made_while_it_runs_is_whole_or_refused(tmp_path: Path) -> None:
    """Copies of a store that is worked on, file by file: none opens that lacks what its head has."""
    (tmp_path / "running").mkdir()
    store = await asyncio.to_thread(TinyStore, tmp_path / "running" / "cases.db", Sealer(s.KEY))
    opened = refused = 0
    said = set()
    for number in range(24):
        target = tmp_path / str(number)
        target.mkdir()
        for one in sorted((tmp_path / "running").glob("cases.db*")):
            await store.commit(s.opening(number * 10 + opened + refused))
            if one.is_file():
                shutil.copy(one, target)
            await store.commit(Change(school=s.HILL, audit=(s.audit(1),)))
        try:
            copy = await open_store(f"tinydb:{target / 'cases.db'}", key=s.KEY)
        except StoreError as error:
            said.add(error.reference)
            refused += 1
        else:
            assert await copy.case(s.HILL, CaseId(f"C{number * 10:04}")) is not None
            await copy.close()
            opened += 1
    assert refused > 12
    assert said <= {"store-behind", "store-changed", "store-damaged", "store-gone"}
    await store.close()


PLAIN = {
    "a case and its rows": ["delete from rows where id like 'C0003%' or parent='C0003'"],
    "a reference": ["delete from rows where n=(select max(n) from rows where tbl='references')"],
    "one event": ["delete from rows where tbl='events' and id='C0003/000002'"],
    "the whole audit": ["delete from rows where tbl='audit'"],
    "a timer put off": ["update rows set due=due+31536000000000 where tbl='wakes' and id like 'C0003%'"],
    "a timer brought forward": ["update rows set due=1 where tbl='wakes' and id like 'C0003%'"],
    "a message never due": ["update rows set due=null where tbl='sends' and id like 'C0003%'"],
    "a message of another case": ["update rows set parent='C4' where tbl='sends' and parent='C0003'"],
    "its place in line": ["update rows set ord=99 where tbl='sends' and parent='C0003'"],
    "a counter set back": ["update counters set value=1"],
    "no counter": ["delete from counters"],
    "a version": ["update rows set version=7 where id='C0003/000002'"],
    "another school": ["update rows set school='dale' where id='C0003/000002'"],
    "one for another": [
        "delete from rows where id='C0003/000002'",
        "update rows set id='C0003/000002' where id='C0003/000001'",
    ],
    "a row more": [
        """insert into rows(tbl, school, id, version, ord, key, body)
        select tbl, school, 'C99', 1, 0, key, body from rows where n=9"""
    ],
    "the tally": ["delete from rows where tbl='meta' and id='tally'"],
}


@pytest.mark.parametrize("statements", PLAIN.values(), ids=PLAIN.keys())
async def test_what_another_program_changed_is_seen(path: Path, statements: list[str]) -> None:
    """Rows taken out, added, moved, or put off with plain SQL: refused, with which and how many."""
    connection = sqlite3.connect(path)
    for statement in statements:
        assert connection.execute(statement).rowcount > 0, "nothing was changed"
    connection.commit()
    connection.close()
    error = await refusal(path)
    assert error.reference == "store-changed"
    if "C0003" in statements[0] and statements[0].startswith("delete"):
        assert " of hill: " in error.message


async def test_a_store_from_before_is_counted_from_now_on(tmp_path: Path) -> None:
    """A file that was never counted opens, and is from then on as well guarded as a new one."""
    path = tmp_path / "cases.db"
    store = await left_running(path)
    sealed = store._rows.sealer.seal(b"x", "meta", "", "key", 1)  # noqa: SLF001 - as a version wrote it
    await store.close()
    connection = sqlite3.connect(path)
    connection.execute("update rows set version=1, body=? where tbl='meta' and id='key'", (sealed,))
    connection.execute("delete from rows where tbl='meta' and id='tally'")
    connection.execute("pragma user_version=0")
    connection.commit()
    connection.close()
    head_gone(path)
    store = await open_store(f"tinydb:{path}", key=s.KEY)
    assert len(await store.cases(s.HILL)) == CASES
    before = await snapshot(store)
    await store.close()
    store = await open_store(f"tinydb:{path}", key=s.KEY)
    assert await snapshot(store) == before
    await store.close()
    head_gone(path)
    assert (await refusal(path)).reference == "store-headless"


@pytest.mark.parametrize("opening", [Opening.THERE, Opening.LOOK])
async def test_no_store_is_made_unasked(tmp_path: Path, opening: Opening) -> None:
    """A mistyped folder or name: refused, and nothing is made there."""
    for place in (tmp_path / "reports.db", tmp_path / "no" / "such" / "reports.db"):
        error = await refusal(place, opening)
        assert error.reference == "no-store"
        assert "--new-store" in error.hint
    assert beside(tmp_path / "reports.db") == {}
    assert not there(tmp_path / "no")


async def test_a_new_store_is_made_once(tmp_path: Path) -> None:
    """Asked for, it is made; asked for where there is one, the one there is left as it is."""
    path = tmp_path / "folder" / "reports.db"
    store = await open_store(f"tinydb:{path}", key=s.KEY, opening=Opening.NEW)
    await store.commit(s.opening())
    await store.close()
    assert (await refusal(path, Opening.NEW)).reference == "store-exists"


async def test_a_new_store_is_not_made_over_what_is_left_of_one(path: Path) -> None:
    """The database is gone and its head is there: not taken for a first start."""
    file_gone(path)
    log_gone(path)
    assert (await refusal(path, Opening.NEW)).reference == "store-gone"


async def test_reading_beside_a_running_program(tmp_path: Path) -> None:
    """Cases are read while another works on them, as they are at that moment; nothing can be written."""
    path = tmp_path / "cases.db"
    store = await left_running(path)
    reading = await open_store(f"tinydb:{path}", key=s.KEY, opening=Opening.LOOK)
    assert await snapshot(reading) == await snapshot(store)
    with pytest.raises(StoreError) as refused:
        await reading.commit(s.opening(40))
    assert refused.value.reference == "store-read-only"
    await store.commit(s.opening(41))
    await reading.close()
    await store.close()
    again = await open_store(f"tinydb:{path}", key=s.KEY)
    assert len(await again.cases(s.HILL)) == CASES + 1
    await again.close()


async def test_a_conflict_and_a_failure_leave_the_tally_right(tmp_path: Path) -> None:
    """What was rolled back is not counted."""
    path = tmp_path / "cases.db"
    store = await left_running(path)
    await asyncio.gather(
        store.commit(s.opening(20)),
        store.commit(replace(s.opening(21), case=s.case(21, version=4))),
        store.commit(replace(s.opening(22), events=(replace(s.event(22, 1), words="\ud800"),))),
        return_exceptions=True,
    )
    await store.commit(s.opening(23))
    await store.close()
    again = await open_store(f"tinydb:{path}", key=s.KEY)
    assert len(await again.cases(s.HILL)) == CASES + 2
    await again.close()


@pytest.mark.parametrize(
    ("statement", "reference"),
    [
        ("pragma user_version=99", "other-layout"),
        ("alter table rows add column later text", "other-layout"),
        ("pragma application_id=7", "not-a-store"),
    ],
)
async def test_a_file_of_another_kind_is_called_so(path: Path, statement: str, reference: str) -> None:
    """Tables of another version, somebody else's database: neither is damage, nor a failing disk."""
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.close()
    assert (await refusal(path)).reference == reference


async def test_a_store_of_a_newer_version_is_called_so_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A newer version wrote to it, if only a draft: refused before anybody is told that nothing was kept."""
    path = tmp_path / "cases.db"
    with monkeypatch.context() as later:
        later.setattr(codec, "SCHEMA", codec.SCHEMA + 1)
        store = await asyncio.to_thread(TinyStore, path, Sealer(s.KEY))
        await store.commit(Change(school=s.HILL, draft=s.draft()))
        await store.close()
    assert (await refusal(path)).reference == "newer-store"


async def test_of_a_root_that_ends_in_zeros_the_head_loses_none(tmp_path: Path) -> None:
    """Wrapped, one key in 256 ends in a zero, as what fills the rest of its place: the two are told apart."""
    outside = Outside(s.KEY)
    root = next(key for key in iter(lambda: os.urandom(32), None) if outside.wrap(key).endswith(b"\0"))
    path = tmp_path / "cases.db"
    store = TinyStore(path, Keys(outside, root), opening=Opening.NEW)
    await store.commit(s.opening())
    await store.close()
    for there_yet in (path, path.with_name("cases.db-wal")):
        there_yet.unlink(missing_ok=True)
    assert (await refusal(path, Opening.THERE)).reference == "store-gone"
