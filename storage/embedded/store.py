"""The store of one machine: TinyDB's tables over rows in one SQLite file, one writer, bodies sealed.

Memory holds a short row of each case, nothing else: everything else is found by an index of the file
and opened when asked for, so what a turn costs does not depend on how many cases there are.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import sqlite3
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

from flows.case.summary import summary
from flows.errors import StoreError, UnreadableRow
from flows.model import Apart, Case, CaseId, Change, Committed, Draft, Send, Timer
from flows.school import Platform, SchoolId, Schools
from storage import codec, errors
from storage.commit import REMEMBER_HANDLED
from storage.embedded import apart
from storage.embedded.as_left.head import last_copied
from storage.embedded.as_left.look import look
from storage.embedded.case_index import CaseIndex
from storage.embedded.files import Files
from storage.embedded.lock import FileLock
from storage.embedded.put_right import FileCommitter
from storage.embedded.queries import Reader
from storage.embedded.rows import Rows
from storage.embedded.tables import RowDB
from storage.embedded.turning import rotation
from storage.embedded.writer import Writer
from storage.file_use import File, FileUse
from storage.keys import KEYS, Outside
from storage.memory_parts.alone import Alone
from storage.opening import Opening
from storage.rows import FILE
from storage.seal import Sealer


async def open_tinydb(path: str, key: bytes, opening: Opening) -> TinyStore:
    """Return the store in the file ``path``. Raises StoreError, with what to do."""
    return await asyncio.to_thread(partial(TinyStore, Path(path), Sealer(key), opening=opening))


class TinyStore(Reader, Alone):
    """See :class:`flows.ports.Store`. One program at a time per file."""

    def __init__(
        self,
        path: Path,
        sealer: Sealer,
        kind: type[sqlite3.Connection] = sqlite3.Connection,
        *,
        opening: Opening = Opening.EITHER,
    ) -> None:
        """Open the file, waiting for the disk: call it in a thread."""
        working = opening is not Opening.LOOK
        with ExitStack() as opened:
            if working:
                _make_place(path, sealer, opening)
                opened.callback(FileLock(path).release)
            self._rows = Rows(path, sealer, kind, opening=opening)
            opened.callback(self._rows.close)
            self._files = Files(path.with_name(path.name + ".files"), self._rows.sealer)
            self._committer = FileCommitter(self._rows)
            if working:
                self._files.make()
                self._rows.prune("handled", time.time_ns() // 1000 - REMEMBER_HANDLED)
                apart.put_back(self._rows)
                self._committer.catch_up()
            self._use = FileUse()
            indexes = self._indexes(self._rows)
            if working:
                self._refer(indexes)
                self._sweep()
            self._opened = opened.pop_all()
        super().__init__(RowDB(self._rows), indexes, self._rows)
        self._writer = Writer(self._rows)
        self._let_go: list[File] = []
        self._closed = False

    def _indexes(self, rows: Rows) -> defaultdict[SchoolId, CaseIndex]:
        indexes: defaultdict[SchoolId, CaseIndex] = defaultdict(CaseIndex)
        for found in rows.every("cases"):
            case = codec.decode(Case, found.body)
            self._use.learn(Change(school=case.school, case=case))
            indexes[case.school].put(summary(case))
        return indexes

    def _sweep(self) -> None:
        """Let go of files that nobody has: whoever brought them did not come to store what they belong to."""
        try:
            for found in self._rows.every("drafts"):
                draft = codec.decode(Draft, found.body)
                self._use.learn(Change(school=draft.school, draft=draft))
        except UnreadableRow:
            return  # nobody knows which files it has: all stay
        used = self._use.all()
        for school, sha256 in used:
            if self._files.of_before(school, sha256):
                self._seal_anew(school, sha256)
        self._files.sweep(used)
        self._rows.shred_files({(school, FILE + self._files.name(school, sha256)) for school, sha256 in used})

    def _seal_anew(self, school: SchoolId, sha256: str) -> None:
        """Give a file of before a key of its own; one that does not open stays as it is."""
        with suppress(UnreadableRow):
            content = self._files.read(school, sha256, None)
            if content is not None:
                wrap = self._rows.key_of_file(school, FILE + self._files.name(school, sha256))
                self._files.put(school, content, wrap)

    def _refer(self, indexes: Mapping[SchoolId, CaseIndex]) -> None:
        """Write down the references of cases that a version kept which knew them from its lists only."""
        for school, index in indexes.items():
            cases = index.newest(open_only=False, since=None, most=sys.maxsize)
            if self._rows.count("references", school) < len(cases):
                with self._rows.transaction():
                    for case in reversed(cases):
                        self._committer.write_reference(school, case.reference, case.id)

    @property
    def opens_with(self) -> str:
        """The id of the key outside that opens it from now on."""
        return self._rows.sealer.outside.id

    @property
    def root(self) -> bytes:
        """What secrets beside the store are derived from; the same whatever key it is wrapped by."""
        return self._rows.sealer.root

    @property
    def commits(self) -> int:
        """How many transactions were finished; each waited for the disk once."""
        return self._rows.commits

    def backed_up(self) -> dt.datetime | None:
        """Return when this file was copied last and the copy read back; None = never."""
        return last_copied(self._rows.path)

    async def commit(self, change: Change) -> Committed:
        """Keep all of ``change`` or nothing, durably before returning."""
        done = await self._writer.do(
            lambda: self._committer.commit(change), lambda committed: self._learn(change, committed)
        )
        shredded = change.tombstone is not None or bool(self._let_go)
        while self._let_go:
            await self._let_go_of(self._let_go.pop())
        if shredded:
            with suppress(StoreError):  # the change is kept; the log empties itself at the end
                await asyncio.to_thread(self._rows.clear_log)
        return done

    async def _let_go_of(self, file: File) -> None:
        """Shred the key of a file that nobody has, then remove the file; unless somebody brings it again."""
        owner = FILE + self._files.name(*file)

        def shred() -> None:
            if not self._use.used(file):
                self._rows.remove(KEYS, file[0], owner)

        await self._writer.do(shred)
        await asyncio.to_thread(self._files.remove, file, self._use.used)

    def _learn(self, change: Change, committed: Committed) -> None:
        if committed.repeated:
            return
        if committed.case is not None:
            self._indexes_by_school[committed.case.school].put(summary(committed.case))
        if change.tombstone is not None:
            self._indexes_by_school[change.school].drop(change.tombstone.case)
        self._let_go += self._use.learn(change)

    async def sends_of(self, school: SchoolId, case: CaseId) -> Sequence[Send]:
        """Return every send of a case, in ``order`` then insertion; one that does not open is set apart."""
        found = self._rows.of("sends", school, case)
        return await apart.whole(Send, found, self._writer, self._rows)

    async def due_sends(
        self, now: dt.datetime, *, most: int = 100, but: Schools = (), take: bool = True
    ) -> Sequence[Send]:
        """Return sends of every school, waiting or attempted, due by ``now``, oldest first."""
        del take  # there is one worker
        found = self._rows.due("sends", codec.instant(now), most, but)
        return await apart.whole(Send, found, self._writer, self._rows)

    async def due_timers(self, now: dt.datetime, *, most: int = 100, but: Schools = ()) -> Sequence[Timer]:
        """Return timers of every school due by ``now``, oldest first."""
        found = self._rows.due("wakes", codec.instant(now), most, but)
        return await apart.whole(Timer, found, self._writer, self._rows)

    async def apart(self) -> Sequence[Apart]:
        """Return the sends and timers that did not open when they were due."""
        self._check_open()
        return apart.resting(self._rows, looking=self._rows.looking)

    async def forget_apart(self) -> None:
        """Drop what rests apart, for good: only a person decides that."""
        await self._writer.do(lambda: apart.forget(self._rows))

    async def put_file(self, school: SchoolId, content: bytes) -> str:
        """Store bytes durably and sealed; return their SHA-256 as hex."""
        self._check_open()
        sha256 = hashlib.sha256(content).hexdigest()
        self._use.comes(school, sha256)
        owner = FILE + self._files.name(school, sha256)
        wrap = await self._writer.do(lambda: self._rows.key_of_file(school, owner))
        return await asyncio.to_thread(self._files.put, school, content, wrap)

    async def file(self, school: SchoolId, sha256: str) -> bytes | None:
        """Return the bytes stored under that hash for that school."""
        self._check_open()
        wrap = self._rows.wrap(school, FILE + self._files.name(school, sha256))
        return await asyncio.to_thread(self._files.read, school, sha256, wrap)

    async def put_record(self, platform: Platform, key: str, content: bytes) -> None:
        """Keep an adapter's own small record, sealed."""
        await self._writer.do(lambda: self._committer.put_record(platform, key, content))

    async def replace_record(
        self,
        platform: Platform,
        key: str,
        content: bytes,
        *,
        before: bytes | None,
        until: dt.datetime | None = None,
    ) -> bool:
        """Keep a record in place of ``before``; False = there is another now."""
        put = partial(self._committer.replace_record, platform, key, content, before=before, until=until)
        return await self._writer.do(put)

    async def forget_records(self, platform: Platform, now: dt.datetime) -> None:
        """Forget an adapter's records whose time is over."""
        await self._writer.do(lambda: self._rows.over("records", platform, codec.instant(now)))

    async def remove_record(self, platform: Platform, key: str) -> None:
        """Forget an adapter's record."""
        await self._writer.do(lambda: self._committer.remove_record(platform, key))

    async def rotate(self, new: bytes, said: Callable[[int, int], None]) -> None:
        """Have another key outside open everything; ``said`` hears how many keys there are, and are left."""
        await rotation.rotate(self._rows, self._writer, Outside(new), said)

    async def watch(self) -> None:
        """Take the key that another program hands us, whenever it does; until cancelled."""
        await rotation.watch(self._rows, self._writer)

    async def verify(self) -> int:
        """Open every row there is and return how many; raises StoreError at the first that is damaged.

        For a check by hand, not while serving: reads wait until it is done.
        """
        self._check_open()
        return await asyncio.to_thread(self._rows.verify)

    async def close(self) -> None:
        """Finish what is being written and let go of the file. Closing twice is closing once."""
        if self._closed:
            return
        self._closed = True
        await self._writer.close()
        await asyncio.to_thread(self._opened.close)

    def _check_open(self) -> None:
        if self._closed:
            raise errors.closed()


def _make_place(path: Path, sealer: Sealer, opening: Opening) -> None:
    """Make the folder of a new store; nothing is made where there should be one and is none."""
    if not path.exists():
        look(path, sealer, opening)
        with errors.Translated(path):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
