"""Every way a file can be in trouble is told apart, says what to do, and loses nothing."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from flows.errors import StoreError
from flows.model import CaseId
from storage.embedded.as_left.look import look
from storage.embedded.store import TinyStore
from storage.open import Opening, open_store
from storage.seal import Sealer
from tests.spawned import SPAWN
from tests.storage import samples as s
from tests.storage.contract import snapshot
from tests.storage.faults import FaultyConnection, open_as_nobody, story

C1 = CaseId("C0001")


async def refused(ask: Callable[[], object]) -> StoreError:
    """Return the StoreError that opening or doing gives."""
    with pytest.raises(StoreError) as caught:
        await ask()  # type: ignore[misc]
    error = caught.value
    assert error.message
    assert error.hint
    assert s.WORDS not in str(error)
    return error


def content(path: Path) -> bytes:
    """Return what a file holds."""
    return path.read_bytes()


def ran(script: str, path: Path) -> str:
    """Return what a program of its own printed; it must not fail."""
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", script, path],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.strip()


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """Give a file with one case and one evidence file in it."""
    path = tmp_path / "cases.db"
    store = await open_store(f"tinydb:{path}", key=s.KEY, opening=Opening.EITHER)
    await store.commit(s.opening())
    await store.put_file(s.HILL, s.WORDS.encode())
    await store.close()
    return path


@pytest.mark.parametrize(
    ("url", "key", "reference"),
    [
        ("", s.KEY, "unknown-store"),
        ("tinydb:", s.KEY, "unknown-store"),
        ("mongodb://secret@host", s.KEY, "unknown-store"),
        ("tinydb:{}/x.db", b"short", "bad-key"),
        ("tinydb:/proc/x.db", s.KEY, "store-read-only"),
        ("tinydb:{}/file/x.db", s.KEY, "store-read-only"),
        ("tinydb:{}", s.KEY, "store-read-only"),
    ],
)
async def test_an_address_that_is_no_good_is_refused(
    tmp_path: Path, url: str, key: bytes, reference: str
) -> None:
    """An unknown scheme, a short key, a place that cannot be: each says so, and no secret."""
    (tmp_path / "file").write_bytes(b"")
    error = await refused(lambda: open_store(url.format(tmp_path), key=key, opening=Opening.EITHER))
    assert error.reference == reference
    assert "secret" not in str(error)


SECOND = """
import asyncio, sys
from storage.open import open_store
try:
    asyncio.run(open_store("tinydb:" + sys.argv[1], key=bytes(range(32))))
except Exception as error:
    print(error.reference)
"""


async def test_a_second_program_is_refused(path: Path) -> None:
    """Also from another process; and let in once the first has closed."""
    store = await open_store(f"tinydb:{path}", key=s.KEY)
    assert (await refused(lambda: open_store(f"tinydb:{path}", key=s.KEY))).reference == "store-in-use"
    assert await asyncio.to_thread(ran, SECOND, path) == "store-in-use"
    assert await store.case(s.HILL, C1) is not None
    await store.close()
    again = await open_store(f"tinydb:{path}", key=s.KEY)
    await again.close()


@pytest.mark.parametrize("opening", [*Opening])
def test_another_key_is_told_however_it_is_looked_at(path: Path, opening: Opening) -> None:
    """Who looks with a key of another year reads that it is the key, not that the store is damaged."""
    with pytest.raises(StoreError) as told:
        look(path, Sealer(bytes(32)), opening)
    assert told.value.reference == "wrong-key"


async def test_starting_again_writes_nothing(path: Path) -> None:
    """A store that is as it should be is only read at the start; a file that nobody has goes once."""
    store = await open_store(f"tinydb:{path}", key=s.KEY)
    await store.close()
    again = await asyncio.to_thread(TinyStore, path, Sealer(s.KEY))
    assert again.commits == 0
    await again.close()


async def test_another_key_is_refused(path: Path) -> None:
    """Nothing is changed, and the right key still opens it."""
    before = content(path)
    assert (await refused(lambda: open_store(f"tinydb:{path}", key=bytes(32)))).reference == "wrong-key"
    assert content(path) == before
    store = await open_store(f"tinydb:{path}", key=s.KEY)
    assert await store.case(s.HILL, C1) is not None
    await store.close()


def cut(path: Path) -> None:
    """Leave the first page and a half."""
    path.write_bytes(path.read_bytes()[:6000])


def scribble(path: Path) -> None:
    """Write over the beginning."""
    path.write_bytes(b"Dear diary, " + path.read_bytes()[12:])


def other_database(path: Path) -> None:
    """Put a database there that is not ours."""
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("create table rows(a)")
    connection.close()


def change_body(path: Path) -> None:
    """Turn one bit of a case."""
    sql = "update rows set body=cast(substr(body,1,40)||x'00'||substr(body,42) as blob) where tbl='cases'"
    _change(path, sql)


def _change(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        assert connection.execute(statement).rowcount == 1, "the damage was not done"
    connection.commit()
    connection.close()


@pytest.mark.parametrize("damage", [cut, scribble, change_body])
@pytest.mark.feature("store-survives")
async def test_a_damaged_file_is_refused(path: Path, damage: Callable[[Path], None]) -> None:
    """Cut, overwritten, or one bit turned: said at opening, and the file is left as it is."""
    damage(path)
    before = content(path)
    assert (await refused(lambda: open_store(f"tinydb:{path}", key=s.KEY))).reference == "store-damaged"
    assert content(path) == before


@pytest.mark.parametrize("how", [Opening.THERE, Opening.LOOK])
async def test_a_row_in_another_rows_place_does_not_open(path: Path, how: Opening) -> None:
    """A sealed row is bound to its table, school, id and version; what is whole is still read."""
    copy = "update rows set body=(select body from rows where id='C0001/000001') where id='C0001/000002'"
    _change(path, copy)
    store = await open_store(f"tinydb:{path}", key=s.KEY, opening=how)
    assert (await refused(lambda: store.events(s.HILL, C1))).reference == "store-damaged"
    assert isinstance(store, TinyStore)
    assert (await refused(store.verify)).reference == "store-damaged"
    assert await store.case(s.HILL, C1) is not None, "what is whole is still read"
    await store.close()


async def test_a_whole_file_is_found_whole(path: Path) -> None:
    """``verify`` opens every row and says how many: what was kept, and what the file knows of itself."""
    store = await open_store(f"tinydb:{path}", key=s.KEY)
    assert isinstance(store, TinyStore)
    assert await store.verify() == 13
    await store.close()


@pytest.mark.parametrize(
    "change",
    [lambda last: bytes([last ^ 1]), lambda _: b""],
    ids=["one bit turned", "cut short"],
)
@pytest.mark.feature("evidence-kept")
async def test_a_changed_evidence_file_does_not_open(path: Path, change: Callable[[int], bytes]) -> None:
    """It says damaged; it is never handed out."""
    store = await open_store(f"tinydb:{path}", key=s.KEY)
    sha256 = await store.put_file(s.HILL, s.WORDS.encode())
    (kept,) = (path.parent / "cases.db.files").iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-1] + change(whole[-1]))
    assert (await refused(lambda: store.file(s.HILL, sha256))).reference == "store-damaged"
    await store.close()


async def test_what_was_half_written_is_swept_away(path: Path) -> None:
    """A part of an evidence file, left by a power cut, goes at the next opening."""
    part = path.parent / "cases.db.files" / "x.part"
    part.write_bytes(b"half")
    await (await open_store(f"tinydb:{path}", key=s.KEY)).close()
    assert not part.exists()


def test_a_read_only_place_is_refused(path: Path) -> None:
    """A folder, or a file, that this account may not write to; as root, tried as nobody."""
    place = Path(tempfile.mkdtemp())  # pytest's own folder is closed to others
    shutil.copytree(path.parent, place, dirs_exist_ok=True)
    for found in (place, *place.rglob("*")):
        found.chmod(0o555 if found.is_dir() else 0o444)
    before = content(place / "cases.db")
    for name in ("cases.db", "new.db"):
        ours, theirs = SPAWN.Pipe()
        child = SPAWN.Process(target=open_as_nobody, args=(place / name, theirs))
        child.start()
        assert ours.recv() == "store-read-only"
        child.join()
    assert content(place / "cases.db") == before
    for found in (place, place / "cases.db.files"):
        found.chmod(0o755)
    shutil.rmtree(place)


FULL = """
import asyncio, os, resource, sys
from flows.errors import StoreError
from storage.open import Opening, open_store
from tests.storage import samples as s
from tests.storage.contract import snapshot

async def go(path):
    store = await open_store("tinydb:" + path, key=s.KEY, opening=Opening.EITHER)
    await store.commit(s.opening(1))
    before, refusals = await snapshot(store), set()
    for more in range(0, 40000, 1777):
        size = os.path.getsize(path + "-wal") + more
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        try:
            await store.commit(s.opening(2))
            break
        except StoreError as error:
            refusals.add(error.reference)
        assert await snapshot(store) == before
    print(sorted(refusals))
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
    try:
        await store.put_file(s.HILL, b"x" * 1000)
    except StoreError as error:
        print(error.reference)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print((await store.commit(s.opening(3))).case.reference, len(os.listdir(path + ".files")))
    await store.close()
    store = await open_store("tinydb:" + path, key=s.KEY)
    print(len(await store.cases(s.HILL)), await store.verify())

asyncio.run(go(sys.argv[1]))
"""


async def test_a_full_disk_refuses_and_then_goes_on(tmp_path: Path) -> None:
    """Wherever in a commit the room ends nothing is half kept; with room again it goes on by itself."""
    said = (await asyncio.to_thread(ran, FULL, tmp_path / "cases.db")).splitlines()
    assert said == ["['disk-full']", "disk-full", "HPS-2026-003 0", "3 37"]


@pytest.mark.parametrize(
    ("code", "reference"),
    [
        (sqlite3.SQLITE_FULL, "disk-full"),
        (sqlite3.SQLITE_IOERR | 4 << 8, "disk-failing"),
        (sqlite3.SQLITE_READONLY, "store-read-only"),
        (sqlite3.SQLITE_CORRUPT, "store-damaged"),
    ],
    ids=["full", "flush", "read-only", "corrupt"],
)
async def test_a_failure_at_any_call_keeps_all_or_nothing(tmp_path: Path, code: int, reference: str) -> None:
    """Each call of each step fails once: nothing of the step is kept; a failed flush ends all work."""
    FaultyConnection.kill = FaultyConnection.after = False
    FaultyConnection.reset()
    store = await asyncio.to_thread(TinyStore, tmp_path / "cases.db", Sealer(s.KEY), FaultyConnection)
    points = 0
    for step in story():
        call = 0
        while call >= 0:
            call += 1
            before = await snapshot(store)
            FaultyConnection.reset(call, code)
            try:
                await store.commit(step)
            except StoreError as error:
                assert error.reference == reference  # noqa: PT017 - whether it is raised is what is asked
                points += 1
            else:
                call = -1
                continue
            assert await snapshot(store) == before
            if reference == "disk-failing":
                assert (await refused(partial(store.commit, story()[0]))).reference == "disk-failing"
                await store.close()
                FaultyConnection.reset()
                store = await asyncio.to_thread(
                    TinyStore, tmp_path / "cases.db", Sealer(s.KEY), FaultyConnection
                )
                assert await snapshot(store) == before
    FaultyConnection.reset()
    assert points > 25
    await store.close()
