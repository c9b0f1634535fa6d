"""Sealed rows in one SQLite file: the only place that speaks SQL.

WAL with synchronous=FULL: a transaction is on the disk before :meth:`Rows.transaction` ends. One
connection writes, one reads what the last finished transaction left. It knows no case, no send.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from storage import errors, owner_only
from storage.embedded import schema
from storage.embedded.as_left.head import HeadFile
from storage.embedded.as_left.look import COUNTED, Found, look
from storage.embedded.as_left.tally import Tally
from storage.embedded.row_keys import RowKeys
from storage.embedded.row_reads import WRAP
from storage.keys import KEYS, Handed
from storage.opening import Opening
from storage.rows import FILE, FoundRow, NewRow
from storage.seal import Sealer

_ADD = """insert into rows(tbl, school, id, version, parent, due, ord, key, body) values(?,?,?,?,?,?,?,?,?)
on conflict(tbl, school, id) do """
# A row never changes its parent; were it named here, its page of the index would be written every time.
_PUT = f"""{_ADD} update set version=excluded.version, due=excluded.due, ord=excluded.ord, key=excluded.key,
body=excluded.body"""
_ADD_NEW = f"{_ADD} nothing"
# The key of a file comes with the file.
_RAW = f"""select n, tbl, school, id, version, parent, due, ord, key, body, {WRAP} from rows where tbl<>'meta'
and not (tbl='keys' and id like '{FILE}%') and n>? order by n limit 500"""  # noqa: S608 - our own words
_HIGHEST = "select school, max(cast(id as integer)) from rows where tbl=? group by school"
_COUNT = """insert into counters(school, name, value) values(?,?,?)
on conflict(school, name) do update set value=excluded.value"""


class Rows(RowKeys):
    """The rows of one file. Errors: StoreError only, each with what to do."""

    def __init__(
        self,
        path: Path,
        sealer: Sealer,
        kind: type[sqlite3.Connection] = sqlite3.Connection,
        *,
        opening: Opening = Opening.EITHER,
    ) -> None:
        """Open or make the file; refuse one that is damaged, another's, or not as far as it was.

        ``kind`` is the class of connections: a test gives one that fails where it is told to.
        """
        super().__init__()
        self.path = path
        #: whether nothing may be changed
        self.looking = opening in (Opening.LOOK, Opening.EXAMINE)
        #: finished transactions, each of which was one wait for the disk
        self.commits = 0
        #: rows put, whatever became of the transaction
        self.written = 0
        self._lock = threading.RLock()
        self._translated = errors.Translated(path)
        self._owner = 0
        found = look(path, sealer, opening)
        self.sealer = sealer = found.keys
        self._tally = Tally(sealer, found.written)
        with self._translated, ExitStack() as opened:
            if self.looking:
                self._writer = self._reader = opened.enter_context(closing(schema.look_into(path)))
            else:
                owner_only.made(path)  # what will lie beside it gets the same mode
                self._head = opened.enter_context(closing(HeadFile(path, sealer, self._tally.head)))
                self._writer = opened.enter_context(closing(schema.connect(path, kind)))
                self._prepare(found)
                self._reader = schema.prepare(opened.enter_context(closing(schema.connect(path, kind))))
            self._opened = opened.pop_all()

    def _prepare(self, found: Found) -> None:
        schema.prepare(self._writer)
        if found.written is not None:
            self._tally.watch(self._writer)
            return
        with self.transaction():  # a new file, or one from before anything was counted
            schema.make(self._writer)
            self._tally.make_anew(self._writer)
            self._tally.watch(self._writer)
            self.put(NewRow("meta", "", "key", COUNTED, b"sealed with this key"))
            self.put_handed(Handed(self.sealer.wrapped_root()))

    # -- writing ----------------------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all that is written inside, durably at the end, or nothing of it. May be nested."""
        with self._lock:
            if self._owner:
                yield
                return
            with self._translated:
                self._writer.execute("begin immediate")
                before = self._writer.total_changes
            self._owner = threading.get_ident()
            try:
                yield
                self._finish(changed=self._writer.total_changes > before)
            except BaseException:
                self._undo()
                raise
            finally:
                self._owner = 0

    def _finish(self, *, changed: bool) -> None:
        with self._translated:
            head = self._tally.count(self._writer) if changed else self._tally.head
            self._writer.execute("commit")
            self._tally.settle(head)
            if changed:
                self.commits += 1
                self._head.write(head)

    def _undo(self) -> None:
        self._tally.undo()
        self._given.clear()
        if self._writer.in_transaction:
            with self._translated:
                self._writer.execute("rollback")

    def put(self, row: NewRow) -> None:
        """Write a row, in place of the one with its id if there is one; its parent stays as it was."""
        self._write(_PUT, self._values(row))

    def add(self, row: NewRow) -> bool:
        """Write a row unless there is one with its id; return whether it is new."""
        return self._write(_ADD_NEW, self._values(row)) > 0

    def _values(self, row: NewRow) -> tuple[object, ...]:
        key, body = self._sealed(row)
        self.written += 1
        return (row.table, row.school, row.id, row.version, row.parent, row.due, row.ord, key, body)

    def _write(self, sql: str, values: Sequence[object]) -> int:
        """Write, in a transaction of its own where there is none; return how many rows it touched."""
        if self._owner != threading.get_ident():
            with self.transaction():
                return self._write(sql, values)
        with self._translated:
            return self._writer.execute(sql, values).rowcount

    def remove(self, table: str, school: str, row: str) -> None:
        """Forget a row; its bytes in the file are overwritten."""
        if table == KEYS:
            self._given.pop((school, row), None)
            self.sealer.inner.cache_clear()
        self._write("delete from rows where tbl=? and school=? and id=?", (table, school, row))

    def clear_log(self) -> None:
        """Empty the log: the pages in it are as they were before something was shredded."""
        with self._lock, self._translated:
            self._writer.execute("pragma wal_checkpoint(truncate)").fetchall()

    def turned(self) -> None:
        """Have the head open with the key outside of now."""
        self._head.write_root(self.sealer)

    def prune(self, table: str, before: int) -> None:
        """Forget the rows of a table whose ``ord`` is below a number."""
        self._write("delete from rows where tbl=? and ord<?", (table, before))

    def over(self, table: str, school: str, by: int) -> None:
        """Forget the rows of a school's table that have an ``ord``, and it is no more than a number."""
        self._write("delete from rows where tbl=? and school=? and ord>0 and ord<=?", (table, school, by))

    def drop(self, table: str, school: str) -> None:
        """Forget every row of a school's table."""
        self._write("delete from rows where tbl=? and school=?", (table, school))

    def move(self, row: FoundRow, table: str) -> None:
        """Put a row, as it is, where nothing looks for it, or back; it opens only in its own table."""
        sql = "update or ignore rows set tbl=? where tbl=? and school=? and id=?"
        self._write(sql, (table, row.table, row.school, row.id))

    def put_right(self, row: FoundRow, parent: str | None, due: int | None, order: int) -> None:
        """Have a row be found by these."""
        sql = "update rows set parent=?, due=?, ord=? where tbl=? and school=? and id=?"
        self._write(sql, (parent, due, order, row.table, row.school, row.id))

    def count_on(self, table: str, name: str) -> None:
        """Let a counter go on behind the highest id of a table."""
        for school, top in self._writer.execute(_HIGHEST, (table,)).fetchall():
            self._write(_COUNT, (school, name, top))

    def count_up(self, school: str, name: str, *, by: int = 1) -> int:
        """Return a counter's next number, from 1; of several at once the last."""
        with self.transaction(), self._translated:
            top = self._one("select value from counters where school=? and name=?", (school, name)) or 0
            self._writer.execute(_COUNT, (school, name, top + by))
            return int(top) + by

    def raw(self) -> Iterator[tuple[Any, ...]]:
        """Yield every row as it lies there, in the order in which they came."""
        last = 0
        while page := self._reader.execute(_RAW, (last,)).fetchall():
            yield from (row[1:] for row in page)
            last = page[-1][0]

    def counters(self) -> list[tuple[str, str, int]]:
        """Return every counter."""
        return self._reader.execute("select school, name, value from counters order by 1, 2").fetchall()

    def put_raw(self, rows: Sequence[tuple[object, ...]]) -> None:
        """Write rows as they lay elsewhere."""
        with self.transaction(), self._translated:
            self._writer.executemany(_ADD_NEW, rows)

    def put_counters(self, counters: Sequence[tuple[str, str, int]]) -> None:
        """Write counters as they stood elsewhere."""
        with self.transaction(), self._translated:
            self._writer.executemany(_COUNT, counters)

    def close(self) -> None:
        """Let go of the file; what is in the log moves into it."""
        with self._lock, self._translated:
            self._opened.close()

    @property
    def _connection(self) -> sqlite3.Connection:
        return self._writer if self._owner == threading.get_ident() else self._reader
