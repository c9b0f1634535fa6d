"""Sealed rows in one SQLite file: the only place that speaks SQL.

WAL with synchronous=FULL: a transaction is on the disk before :meth:`Rows.transaction` ends. One
connection writes, one reads what the last finished transaction left. It knows no case, no send.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from msgspec import Struct

from storage import errors
from storage.embedded import schema
from storage.seal import Sealer, damaged, wrong_key

_ADD = """insert into rows(tbl, school, id, version, parent, due, ord, key, body) values(?,?,?,?,?,?,?,?,?)
on conflict(tbl, school, id) do """
# A row never changes its parent; were it named here, its page of the index would be written every time.
_PUT = f"""{_ADD} update set version=excluded.version, due=excluded.due, ord=excluded.ord, key=excluded.key,
body=excluded.body"""
_ADD_NEW = f"{_ADD} nothing"
_IDS = "select id from rows where tbl=? and school=? order by n"
_NEWEST = "where tbl=? and school=? and parent=? order by n desc limit ?"
_FIRST = "select id, version from rows where tbl=? and school=? and parent=? order by n limit 1"
_VERSION = "select version from rows where tbl=? and school=? and id=?"
_COLUMNS = "select tbl, school, id, version, parent, key, body from rows "


class NewRow(Struct, frozen=True):
    """A row to keep. ``parent``, ``due`` and ``ord`` are what it can be found by; the body is sealed."""

    table: str
    school: str
    id: str
    version: int
    body: bytes
    parent: str | None = None
    due: int | None = None
    ord: int = 0


class FoundRow(Struct, frozen=True):
    """A row as it was stored; it is opened when its body is read."""

    sealer: Any  # a Sealer
    table: str
    school: str
    id: str
    version: int
    parent: str | None
    key: str
    sealed: bytes

    @property
    def body(self) -> bytes:
        """What was kept. Raises UnreadableRow."""
        opened: bytes = self.sealer.open(
            self.sealed, self.table, self.school, self.id, self.version, key=self.key
        )
        return opened


class Rows:
    """The rows of one file. Errors: StoreError only, each with what to do."""

    def __init__(
        self, path: Path, sealer: Sealer, kind: type[sqlite3.Connection] = sqlite3.Connection
    ) -> None:
        """Open or make the file; refuse one that is damaged, another's, or sealed with another key.

        ``kind`` is the class of connections: a test gives one that fails where it is told to.
        """
        self.path = path
        self.sealer = sealer
        #: finished transactions, each of which was one wait for the disk
        self.commits = 0
        #: rows put, whatever became of the transaction
        self.written = 0
        self._lock = threading.RLock()
        self._translated = errors.Translated(path)
        self._owner = 0
        with self._translated:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # what lies beside it gets the same mode
            self._writer = schema.connect(path, kind)
            try:
                self._prepare()
                self._reader = schema.prepare(schema.connect(path, kind))
            except BaseException:
                self._writer.close()
                raise

    def _prepare(self) -> None:
        (application,) = self._writer.execute("pragma application_id").fetchone()
        (tables,) = self._writer.execute("select count(*) from sqlite_master").fetchone()
        if tables and application != schema.APPLICATION:
            raise damaged("this is a database, but not one of ours")
        schema.prepare(self._writer)
        with self.transaction():
            if not tables:
                self._writer.execute(f"pragma application_id={schema.APPLICATION}")
                for statement in schema.TABLES.split(";"):
                    self._writer.execute(statement)
                self.put(NewRow("meta", "", "key", 1, b"sealed with this key"))
            (key,) = self._writer.execute("select key from rows where tbl='meta'").fetchone() or ("",)
            if key != self.sealer.id:
                raise wrong_key()
            self.get("meta", "", "key")

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
                with self._translated:
                    self._writer.execute("commit")
                self.commits += self._writer.total_changes > before
            except BaseException:
                self._undo()
                raise
            finally:
                self._owner = 0

    def _undo(self) -> None:
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
        sealed = self.sealer.seal(row.body, row.table, row.school, row.id, row.version)
        self.written += 1
        return (
            row.table,
            row.school,
            row.id,
            row.version,
            row.parent,
            row.due,
            row.ord,
            self.sealer.id,
            sealed,
        )

    def _write(self, sql: str, values: Sequence[object]) -> int:
        """Write, in a transaction of its own where there is none; return how many rows it touched."""
        if self._owner != threading.get_ident():
            with self.transaction():
                return self._write(sql, values)
        with self._translated:
            return self._writer.execute(sql, values).rowcount

    def remove(self, table: str, school: str, row: str) -> None:
        """Forget a row; its bytes in the file are overwritten."""
        self._write("delete from rows where tbl=? and school=? and id=?", (table, school, row))

    def prune(self, table: str, before: int) -> None:
        """Forget the rows of a table whose ``ord`` is below a number."""
        self._write("delete from rows where tbl=? and ord<?", (table, before))

    def drop(self, table: str, school: str) -> None:
        """Forget every row of a school's table."""
        self._write("delete from rows where tbl=? and school=?", (table, school))

    def move(self, row: FoundRow, table: str) -> None:
        """Put a row, as it is, where nothing looks for it, or back; it opens only in its own table."""
        sql = "update or ignore rows set tbl=? where tbl=? and school=? and id=?"
        self._write(sql, (table, row.table, row.school, row.id))

    def count_up(self, school: str, name: str) -> int:
        """Return the next number of a counter, from 1."""
        with self.transaction(), self._translated:
            top = self._one("select value from counters where school=? and name=?", (school, name)) or 0
            self._writer.execute("insert or replace into counters values(?,?,?)", (school, name, top + 1))
            return int(top) + 1

    # -- reading ----------------------------------------------------------------------------------

    def get(self, table: str, school: str, row: str) -> bytes | None:
        """Return the body of a row."""
        found = self._select("where tbl=? and school=? and id=?", (table, school, row))
        return found[0].body if found else None

    def version(self, table: str, school: str, row: str) -> int:
        """Return the version of a row; 0 = there is none."""
        with self._translated:
            return self._one(_VERSION, (table, school, row)) or 0

    def first_of(self, table: str, school: str, parent: str) -> tuple[str, int] | None:
        """Return the id and the version of the first row that belongs to ``parent``."""
        with self._translated:
            found = self._connection.execute(_FIRST, (table, school, parent)).fetchone()
        return cast("tuple[str, int] | None", found)

    def of(self, table: str, school: str, parent: str) -> list[FoundRow]:
        """Return the rows that belong to ``parent``, by order, then as they were added."""
        return self._select("where tbl=? and school=? and parent=? order by ord, n", (table, school, parent))

    def newest(self, table: str, school: str, parent: str | None, most: int) -> list[FoundRow]:
        """Return rows of a table (of a parent, if given), the last added first."""
        if parent is None:
            return self._select("where tbl=? and school=? order by id desc limit ?", (table, school, most))
        return self._select(_NEWEST, (table, school, parent, most))

    def between(self, table: str, school: str, first: str, last: str) -> list[FoundRow]:
        """Return rows whose id lies between two, in the order of their ids."""
        return self._select(
            "where tbl=? and school=? and id>=? and id<? order by id", (table, school, first, last)
        )

    def every(self, table: str) -> Iterator[FoundRow]:
        """Yield every row of a table, by school and id, a few hundred at a time."""
        school, row = "", ""
        while page := self._select(
            "where tbl=? and (school, id)>(?, ?) order by school, id limit 500", (table, school, row)
        ):
            yield from page
            school, row = page[-1].school, page[-1].id

    def ids(self, table: str, school: str) -> list[str]:
        """Return the ids of a table's rows, as they were added."""
        with self._translated:
            return [row for (row,) in self._connection.execute(_IDS, (table, school)).fetchall()]

    def due(self, table: str, by: int, most: int) -> list[FoundRow]:
        """Return rows due by a moment (microseconds), by the tens of ``ord``, oldest first."""
        return self._select("where tbl=? and due<=? order by ord/10, due, ord, n limit ?", (table, by, most))

    def next_due(self, tables: Sequence[str], after: int) -> int | None:
        """Return when the first row of these tables is due after a moment (microseconds)."""
        with self._translated:
            firsts = (
                self._one("select min(due) from rows where tbl=? and due>?", (t, after)) for t in tables
            )
            return min((first for first in firsts if first is not None), default=None)

    def tables(self) -> set[tuple[str, str]]:
        """Return (table, school) of all that have rows."""
        with self._translated:
            return set(self._connection.execute("select distinct tbl, school from rows where tbl<>'meta'"))

    def count(self, table: str, school: str) -> int:
        """Return how many rows a school's table has."""
        with self._translated:
            return self._one("select count(*) from rows where tbl=? and school=?", (table, school)) or 0

    def verify(self) -> int:
        """Check the file's structure, open every row, return how many there are. Slow: reads wait for it."""
        with self._translated:
            if self._connection.execute("pragma quick_check(1)").fetchone() != ("ok",):
                raise damaged("its structure is broken")
            names = {table for table, _ in self.tables()}
        return sum(1 for table in sorted(names) for row in self.every(table) if row.body is not None)

    def close(self) -> None:
        """Let go of the file; what is in the log moves into it."""
        with self._lock, self._translated:
            self._reader.close()
            self._writer.close()

    @property
    def _connection(self) -> sqlite3.Connection:
        return self._writer if self._owner == threading.get_ident() else self._reader

    def _one(self, sql: str, values: Sequence[object]) -> Any:
        found = self._connection.execute(sql, values).fetchone()
        return found[0] if found else None

    def _select(self, where: str, values: Sequence[object]) -> list[FoundRow]:
        with self._translated:
            found = self._connection.execute(_COLUMNS + where, values).fetchall()
        return [FoundRow(self.sealer, *row) for row in found]
