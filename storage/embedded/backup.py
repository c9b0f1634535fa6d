"""Copies of a store for the day that it is lost, and the ways back; a copy of the open file is none."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, closing
from pathlib import Path

from msgspec import Struct

from flows.school import SchoolId
from storage import chain, errors
from storage.embedded import queries, schema
from storage.embedded.as_left import tally
from storage.embedded.as_left.head import Head, HeadFile, copied
from storage.embedded.as_left.look import look
from storage.embedded.files import Files
from storage.embedded.lock import FileLock
from storage.embedded.put_right import FileCommitter
from storage.embedded.rows import Rows
from storage.keys import Keys
from storage.opening import Opening
from storage.rows import FILE, Counted, Raw
from storage.seal import Sealer

#: the file of a backup that says how far each school's audit was
HEADS = "audit-heads.txt"
#: what lies beside a store under its own name and belongs to it
_ENDINGS = ("", "-wal", "-shm", ".head", ".files")


def back_up(path: Path, sealer: Sealer, folder: Path, *, counts: bool = True) -> int:
    """Copy a store, also while a program works on it; return how many rows were read back.

    First the database, as of one moment, with the head of that moment; then the files: one that is needed
    is there before its row is. ``counts`` False = it is not the backup yet, only what that is made of. Raises
    StoreError.
    """
    with errors.Translated(path):
        keys = look(path, sealer, Opening.LOOK).keys
    with errors.Translated(folder):
        if folder.exists() and any(folder.iterdir()):
            raise errors.not_empty(folder)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        copy = folder / path.name
        os.close(os.open(copy, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        with closing(schema.look_into(path)) as store, closing(sqlite3.connect(copy)) as to:
            store.backup(to)
            written = tally.read(to, keys)
        if written is not None:
            HeadFile(copy, keys, Head(written.store, written.commits, written.at)).close()
        _copy(_beside(path, ".files"), _beside(copy, ".files"))
    rows = _read_back(copy, sealer)
    _write_heads(folder, copy, sealer)
    if counts:
        counted(path)
    return rows


def counted(path: Path) -> None:
    """Write down that a store has a good backup as of now."""
    with errors.Translated(path):
        copied(path, dt.datetime.now(dt.UTC))


class Drill(Struct, frozen=True):
    """What a restore for practice found: how many rows open, how many audits; what is ``wrong``."""

    rows: int
    schools: int
    wrong: tuple[str, ...]


def drill(sealer: Sealer, folder: Path) -> Drill:
    """Restore a backup into a place of its own, look at all of it as at a store, and remove it again."""
    with tempfile.TemporaryDirectory(prefix="report-posting-drill-") as scratch:
        path = Path(scratch) / "drill.db"
        rows, _ = restore(path, sealer, folder)
        said, today = _heads(folder), dt.datetime.now(dt.UTC).date()
        found = queries.proofs(path, sealer, today, said)
    wrong = [f"{school}: its audit is not as it was kept" for school, one in found.items() if one.faults]
    wrong += [
        f"{school}: its audit does not hold the head that lies in {HEADS}"
        for school in {*said, *found}
        if school not in found or found[SchoolId(school)].held_at is None
    ]
    return Drill(rows, len(found), tuple(sorted(wrong)))


def _heads(folder: Path) -> dict[str, str]:
    try:
        lines = (folder / HEADS).read_text("utf-8").splitlines()
    except OSError:
        return {}
    return {school: head for school, _, head in (line.partition(" ") for line in lines)}


def _write_heads(folder: Path, copy: Path, sealer: Sealer) -> None:
    """Write how far each school's audit is, to be kept elsewhere as well: it says nothing else."""
    today = dt.datetime.now(dt.UTC).date()
    with closing(Rows(copy, sealer, opening=Opening.LOOK)) as rows, errors.Translated(folder):
        heads = [
            f"{school} {chain.head(rows.sealer.chain, school, queries.last_link(rows, school), today)}\n"
            for school in queries.schools(rows)
        ]
        (folder / HEADS).touch(mode=0o600)
        (folder / HEADS).write_text("".join(heads), "utf-8")


def restore(path: Path, sealer: Sealer, folder: Path) -> tuple[int, Path | None]:
    """Put a backup in the place of a store; return how many rows it has, and where what was there lies."""
    with errors.Translated(folder):
        found = sorted(folder.glob("*.head")) if folder.is_dir() else []
        if len(found) != 1:
            raise errors.no_backup(folder)
        copy = found[0].with_suffix("")
    rows = _read_back(copy, sealer)
    with errors.Translated(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(path)
        try:
            aside = _put_aside(path, shutil.move)
            for ending in (".files", "", ".head"):  # the head last: without it the rest does not open
                _copy(_beside(copy, ending), _beside(path, ending))
        finally:
            lock.release()
    return rows, aside


def go_on_with_what_is_there(path: Path, sealer: Sealer) -> tuple[int, Path | None]:
    """Take a store as it is for the one it was; return how many rows it has, and where a copy of it lies."""
    with errors.Translated(path):
        look(path, sealer, Opening.AS_IT_IS)  # whoever comes with another key leaves nothing behind
        lock = FileLock(path)
        try:
            aside = _put_aside(path, _copy)
            with closing(Rows(path, sealer, opening=Opening.AS_IT_IS)) as rows:
                FileCommitter(rows).put_right()
        finally:
            lock.release()
    return _read_back(path, sealer), aside


def _read_back(path: Path, sealer: Sealer) -> int:
    """Return how many rows a store has. Raises StoreError unless it is whole."""
    with closing(Rows(path, sealer, opening=Opening.LOOK)) as rows:
        return rows.verify()


def _put_aside(path: Path, how: Callable[[Path, Path], object]) -> Path | None:
    there = [one for ending in _ENDINGS if (one := _beside(path, ending)).exists()]
    if not there:
        return None
    aside = _beside(path, f".before-{dt.datetime.now(dt.UTC):%Y%m%d-%H%M%S-%f}")
    aside.mkdir(mode=0o700)
    for one in there:
        how(one, aside / one.name)
    return aside


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _copy(one: Path, to: Path) -> None:
    """Copy a file or a folder of files so that it is on the disk, for its owner's eyes only."""
    if one.is_dir():
        to.mkdir(mode=0o700, exist_ok=True)
        for inner in one.iterdir():
            _copy(inner, to / inner.name)
    elif one.exists():
        with one.open("rb") as read, os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as write:
            shutil.copyfileobj(read, write)
            write.flush()
            os.fsync(write.fileno())


class FileCopy:
    """See :class:`storage.moving.Copy`."""

    def __init__(self, path: Path, sealer: Sealer, *, new: bool) -> None:
        """Take the file; waits for the disk."""
        opening = Opening.NEW if new else Opening.THERE
        with ExitStack() as opened:
            look(path, sealer, opening)
            with errors.Translated(path):
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            opened.callback(FileLock(path).release)
            self._rows = Rows(path, sealer, opening=opening)
            opened.callback(self._rows.close)
            self._files = Files(path.with_name(path.name + ".files"), self._rows.sealer)
            self._files.make()
            FileCommitter(self._rows).catch_up()
            self._opened = opened.pop_all()

    @classmethod
    async def opened(cls, path: Path, sealer: Sealer, *, new: bool) -> FileCopy:
        """Return the file."""
        return await asyncio.to_thread(lambda: cls(path, sealer, new=new))

    @property
    def keys(self) -> Keys:
        """The keys it is sealed with: they stay when everything moves."""
        return self._rows.sealer

    async def rows(self) -> AsyncIterator[Raw]:
        """Yield every row, as they came."""
        for row in self._rows.raw():
            yield Raw(*row)

    async def counters(self) -> list[Counted]:
        """Return every counter."""
        return self._rows.counters()

    async def file(self, school: SchoolId, sha256: str) -> bytes | None:
        """Return what a file holds."""
        wrap = self._rows.wrap(school, FILE + self._files.name(school, sha256))
        return await asyncio.to_thread(self._files.read, school, sha256, wrap)

    async def write(self, rows: list[Raw]) -> None:
        """Write rows as they are."""
        values = [(r.table, r.school, r.id, r.version, r.parent, r.due, r.ord, r.key, r.sealed) for r in rows]
        await asyncio.to_thread(self._rows.put_raw, values)

    async def write_counters(self, counters: list[Counted]) -> None:
        """Write counters."""
        await asyncio.to_thread(self._rows.put_counters, counters)

    async def write_file(self, school: SchoolId, content: bytes) -> None:
        """Write a file."""
        if await self.file(school, hashlib.sha256(content).hexdigest()) is None:
            owner = FILE + self._files.name(school, hashlib.sha256(content).hexdigest())
            wrap = await asyncio.to_thread(self._rows.key_of_file, school, owner)
            await asyncio.to_thread(self._files.put, school, content, wrap)

    async def close(self) -> None:
        """Let go of it."""
        await asyncio.to_thread(self._opened.close)
