"""Files on the disk: what nobody has goes at the next start, and nothing else does."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from msgspec.structs import replace

from flows.model import Change, DraftId
from storage.embedded.store import TinyStore
from storage.seal import Sealer
from tests.storage import samples as s


def lying(path: Path) -> int:
    """Return how many files there are."""
    return len(list(path.with_name(path.name + ".files").iterdir()))


def store_at(path: Path) -> TinyStore:
    """Open a store."""
    return TinyStore(path, Sealer(s.KEY))


async def with_two_files(path: Path) -> TinyStore:
    """Give a store with a draft's file, a case's file, and one that nobody came to have."""
    store = await asyncio.to_thread(store_at, path)
    draft = s.draft(2, person=s.BROOK)
    for number, content in enumerate((b"draft", b"case")):
        file = s.file(f"f{number}", await store.put_file(s.HILL, content))
        change = (
            s.opening(files=(file,)) if number else Change(school=s.HILL, draft=replace(draft, files=(file,)))
        )
        await store.commit(change)
    await store.put_file(s.HILL, b"nobody's")
    return store


async def test_what_nobody_has_goes_at_the_start(tmp_path: Path) -> None:
    """Brought, and then the program was killed: swept away; what a draft or a case has stays."""
    path = tmp_path / "cases.db"
    await (await with_two_files(path)).close()
    assert lying(path) == 3
    store = await asyncio.to_thread(store_at, path)
    assert lying(path) == 2
    await store.commit(Change(school=s.HILL, dropped_draft=DraftId("D0002")))
    assert lying(path) == 1
    await store.close()


async def test_nothing_is_swept_while_a_draft_does_not_open(tmp_path: Path) -> None:
    """Nobody knows which files it has: all stay."""
    path = tmp_path / "cases.db"
    await (await with_two_files(path)).close()
    connection = sqlite3.connect(path)
    connection.execute("update rows set body=substr(body, 1, 40) where tbl='drafts'")
    connection.commit()
    connection.close()
    store = await asyncio.to_thread(store_at, path)
    assert lying(path) == 3
    await store.close()


@pytest.mark.parametrize("number", range(3))
async def test_a_file_that_is_brought_while_it_is_let_go_stays(tmp_path: Path, number: int) -> None:
    """One throws their draft away while another brings the same picture: the other has it."""
    path = tmp_path / "cases.db"
    store = await asyncio.to_thread(store_at, path)
    for turn in range(10):
        mine, theirs = s.draft(turn), s.draft(100 + turn, person=s.BROOK)
        file = s.file(f"a{turn}", await store.put_file(s.HILL, b"same"))
        await store.commit(Change(school=s.HILL, draft=replace(mine, files=(file,))))
        dropping = asyncio.create_task(store.commit(Change(school=s.HILL, dropped_draft=mine.id)))
        for _ in range(number):
            await asyncio.sleep(0)
        again = s.file(f"b{turn}", await store.put_file(s.HILL, b"same"))
        await store.commit(Change(school=s.HILL, draft=replace(theirs, files=(again,))))
        await dropping
        assert await store.file(s.HILL, again.sha256) == b"same"
        await store.commit(Change(school=s.HILL, dropped_draft=theirs.id))
        assert await store.file(s.HILL, again.sha256) is None
    await store.close()
