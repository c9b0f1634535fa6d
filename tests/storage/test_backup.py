"""A backup is whole whenever it is made, and the ways back lose nothing that is there."""

from __future__ import annotations

import asyncio
import datetime as dt
import sqlite3
from pathlib import Path

import pytest

from flows.errors import StoreError
from flows.model import CaseId
from storage.embedded.as_left.head import last_copied
from storage.embedded.backup import HEADS, Drill, back_up, drill, go_on_with_what_is_there, restore
from storage.embedded.store import TinyStore
from storage.open import Opening, open_store
from storage.seal import Sealer
from tests.storage import samples as s
from tests.storage.contract import snapshot
from tests.storage.test_whole import beside

SEALER = Sealer(s.KEY)


@pytest.fixture
async def store(tmp_path: Path) -> TinyStore:
    """Give a store with three cases and a file, being worked on."""
    store = await asyncio.to_thread(TinyStore, tmp_path / "place" / "cases.db", SEALER)
    for number in (1, 2, 3):
        await store.commit(s.opening(number))
    await store.put_file(s.HILL, s.WORDS.encode())
    return store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give where that store is."""
    return tmp_path / "place" / "cases.db"


async def test_a_backup_is_made_beside_the_running_program(
    store: TinyStore, path: Path, tmp_path: Path
) -> None:
    """Twenty backups while cases are opened: each opens, whole, with all that was acknowledged before it."""
    sha256 = await store.put_file(s.HILL, b"abc")
    for number in range(10, 30):
        await store.commit(s.opening(number))
        opening = asyncio.create_task(store.commit(s.opening(number + 100)))
        rows = await asyncio.to_thread(back_up, path, SEALER, tmp_path / f"b{number}")
        await opening
        place = f"tinydb:{tmp_path}/b{number}/cases.db"
        copy = await open_store(place, key=s.KEY, opening=Opening.LOOK)
        assert await copy.case(s.HILL, CaseId(f"C{number:04}")) is not None
        assert await copy.file(s.HILL, sha256) == b"abc"
        assert rows > number
        await copy.close()
    await store.close()


async def test_what_a_backup_is_made_of_is_its_owners_alone(
    store: TinyStore, path: Path, tmp_path: Path
) -> None:
    """Folders 0700, files 0600, and nothing readable in them."""
    back_up(path, SEALER, tmp_path / "b")
    for one in (tmp_path / "b", *(tmp_path / "b").rglob("*")):
        assert one.stat().st_mode & 0o077 == 0, one
        assert one.is_dir() or s.WORDS.encode() not in one.read_bytes()
    await store.close()


async def test_a_backup_writes_over_nothing(store: TinyStore, path: Path, tmp_path: Path) -> None:
    """A folder that holds something is refused, and so is a store that is not as it was."""
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "x").touch()
    with pytest.raises(StoreError, match="not empty"):
        back_up(path, SEALER, tmp_path / "b")
    await store.close()
    path.with_name("cases.db.head").unlink()
    with pytest.raises(StoreError) as refused:
        back_up(path, SEALER, tmp_path / "c")
    assert refused.value.reference == "store-headless"
    assert not (tmp_path / "c").exists()


async def test_a_backup_put_back_is_the_store_again(store: TinyStore, path: Path, tmp_path: Path) -> None:
    """Restored on purpose it opens; what was there lies beside it; a running program is not disturbed."""
    back_up(path, SEALER, tmp_path / "b")
    before = await snapshot(store)
    await store.commit(s.opening(4))
    with pytest.raises(StoreError) as refused:
        restore(path, SEALER, tmp_path / "b")
    assert refused.value.reference == "store-in-use"
    await store.close()
    _, aside = restore(path, SEALER, tmp_path / "b")
    assert aside is not None
    again = await open_store(f"tinydb:{path}", key=s.KEY)
    assert await snapshot(again) == before
    await again.close()
    later = await open_store(f"tinydb:{aside / 'cases.db'}", key=s.KEY)
    assert len(await later.cases(s.HILL)) == 4
    await later.close()


async def test_where_nothing_was_nothing_is_put_aside(store: TinyStore, path: Path, tmp_path: Path) -> None:
    """On another machine: no empty folder is left, and nobody is told of one."""
    back_up(path, SEALER, tmp_path / "b")
    await store.close()
    elsewhere = tmp_path / "elsewhere" / "cases.db"
    rows, aside = restore(elsewhere, SEALER, tmp_path / "b")
    assert rows > 0
    assert aside is None
    assert not list(elsewhere.parent.glob("*.before-*"))


async def test_a_backup_that_is_none_or_broken_is_not_put_back(
    store: TinyStore, path: Path, tmp_path: Path
) -> None:
    """An empty folder, none, or a damaged copy: refused, and the store is as it was."""
    await store.close()
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(StoreError) as refused:
            restore(path, SEALER, folder)
        assert refused.value.reference == "no-backup"
    back_up(path, SEALER, tmp_path / "b")
    connection = sqlite3.connect(tmp_path / "b" / "cases.db")
    connection.execute("delete from rows where tbl='cases'")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError) as refused:
        restore(path, SEALER, tmp_path / "b")
    assert refused.value.reference == "store-changed"
    assert not list(path.parent.glob("*.before-*"))
    await (await open_store(f"tinydb:{path}", key=s.KEY)).close()


async def test_going_on_with_what_is_there(store: TinyStore, path: Path) -> None:
    """On purpose: what is left opens again, what waits is due when its seal says, and a copy lies beside."""
    due = await store.next_due()
    await store.close()
    connection = sqlite3.connect(path)
    connection.execute("delete from rows where id='C0002' and tbl='cases'")
    connection.execute("update rows set due=due+31536000000000 where tbl='wakes'")
    connection.execute("update rows set due=null, parent='C0009' where tbl='sends'")
    connection.execute("update counters set value=0")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError):
        await open_store(f"tinydb:{path}", key=s.KEY)
    _, aside = go_on_with_what_is_there(path, SEALER)
    assert aside is not None
    again = await open_store(f"tinydb:{path}", key=s.KEY)
    assert [case.id for case in await again.cases(s.HILL)] == ["C0003", "C0001"]
    assert await again.next_due() == due
    assert len(await again.sends_of(s.HILL, CaseId("C0003"))) == 2
    assert len(await again.due_timers(s.later(60))) == 3
    await again.commit(s.opening(5))
    assert len(await again.audit(s.HILL)) == 4
    await again.close()
    assert (aside / "cases.db").exists()


async def test_there_is_nothing_to_go_on_with(tmp_path: Path) -> None:
    """No file, no store: none is made."""
    with pytest.raises(StoreError) as refused:
        go_on_with_what_is_there(tmp_path / "cases.db", SEALER)
    assert refused.value.reference == "no-store"
    assert beside(tmp_path / "cases.db") == {}


async def test_going_on_after_the_head_is_lost(store: TinyStore, path: Path) -> None:
    """Without its head it is refused; on purpose it goes on, and is guarded again."""
    await store.close()
    path.with_name("cases.db.head").unlink()
    go_on_with_what_is_there(path, SEALER)
    again = await open_store(f"tinydb:{path}", key=s.KEY, opening=Opening.THERE)
    assert len(await again.cases(s.HILL)) == 3
    await again.close()


async def test_another_key_leaves_nothing_behind(store: TinyStore, path: Path) -> None:
    """With another key one reads that nothing was changed, and so it is: no copy is made either."""
    await store.close()
    before = beside(path)
    with pytest.raises(StoreError) as refused:
        go_on_with_what_is_there(path, Sealer(bytes(32)))
    assert refused.value.reference == "wrong-key"
    assert beside(path) == before
    assert not list(path.parent.glob("*.before-*"))


@pytest.mark.feature("backup-drill")
async def test_a_drill_opens_all_of_it_elsewhere(store: TinyStore, path: Path, tmp_path: Path) -> None:
    """Every row opens, every audit is whole and holds its head; store and backup stay as they were."""
    rows = back_up(path, SEALER, tmp_path / "b")
    before, copy = beside(path), beside(tmp_path / "b" / "cases.db")
    assert drill(SEALER, tmp_path / "b") == Drill(rows, 1, ())
    assert (beside(path), beside(tmp_path / "b" / "cases.db")) == (before, copy)
    await store.close()


async def test_a_drill_says_what_is_wrong(store: TinyStore, path: Path, tmp_path: Path) -> None:
    """Another store's head, none at all, or a copy that is damaged."""
    back_up(path, SEALER, tmp_path / "b")
    heads = tmp_path / "b" / HEADS
    whole = heads.read_text("utf-8")
    for said in (whole[:-3] + "AA\n", "", whole + "elsewhere 20261130-AAAA-AAAA-AAAA-AAAA\n"):
        heads.write_text(said, "utf-8")
        assert len(drill(SEALER, tmp_path / "b").wrong) == 1, said
    heads.write_text(whole, "utf-8")
    connection = sqlite3.connect(tmp_path / "b" / "cases.db")
    connection.execute("update rows set body=x'00' where tbl='cases' and id='C0002'")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError):
        drill(SEALER, tmp_path / "b")
    await store.close()


@pytest.mark.feature("backup-age-is-said")
async def test_when_it_was_backed_up_last_is_known(store: TinyStore, path: Path, tmp_path: Path) -> None:
    """Never, until a copy was made and read back; one that failed is none."""
    assert last_copied(path) is None
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    with pytest.raises(StoreError):
        back_up(path, SEALER, tmp_path / "full")
    assert last_copied(path) is None
    back_up(path, SEALER, tmp_path / "b")
    at = last_copied(path)
    assert at is not None
    assert abs(dt.datetime.now(dt.UTC) - at) < dt.timedelta(minutes=5)
    path.with_name("cases.db.backed-up").write_text("nonsense", "ascii")
    assert last_copied(path) is None
    await store.close()
