"""What rows are asked: the reading half of :mod:`storage.embedded.rows`."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

from flows.errors import StoreError
from storage import errors
from storage.embedded.as_left import tally
from storage.keys import KEYS, Keys
from storage.rows import OF_A_CASE, FoundRow
from storage.seal import damaged

_IDS = "select id from rows where tbl=? and school=? order by n"
_NEWEST = "where tbl=? and school=? and parent=? order by n desc limit ?"
_FIRST = "select id, version from rows where tbl=? and school=? and parent=? order by n limit 1"
_VERSION = "select version from rows where tbl=? and school=? and id=?"
_TABLES = "select distinct tbl, school from rows where tbl not in ('meta', 'keys')"
#: a row's data key, as it is kept
WRAP = "(select k.body from rows k where k.tbl='keys' and k.school=rows.school and k.id=rows.key)"
_COLUMNS = f"select tbl, school, id, version, parent, key, body, {WRAP} from rows "  # noqa: S608 - our own words


class RowReads:
    """Reads by index, each of what the last finished transaction left."""

    sealer: Keys
    _translated: errors.Translated

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

    def of_case(self, school: str, case: str) -> list[FoundRow]:
        """Return every row that belongs to a case, in the tables of :data:`OF_A_CASE`."""
        where = "where tbl=? and school=? and (parent=? or (id>=? and id<?))"
        found = (self._select(where, (table, school, case, f"{case}/", f"{case}0")) for table in OF_A_CASE)
        return [row for rows in found for row in rows]

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

    def paged(self, table: str, school: str) -> Iterator[FoundRow]:
        """Yield every row of a school's table by id, a few hundred at a time."""
        row = ""
        while page := self._select(
            "where tbl=? and school=? and id>? order by id limit 500", (table, school, row)
        ):
            yield from page
            row = page[-1].id

    def ids(self, table: str, school: str) -> list[str]:
        """Return the ids of a table's rows, as they were added."""
        with self._translated:
            return [row for (row,) in self._connection.execute(_IDS, (table, school)).fetchall()]

    def due(self, table: str, by: int, most: int, but: Collection[str] = ()) -> list[FoundRow]:
        """Return rows due by a moment (microseconds), by the tens of ``ord``, oldest first."""
        besides = f"and school not in ({','.join('?' * len(but))}) " if but else ""
        line = f"where tbl=? and due<=? {besides}order by ord/10, due, ord, n limit ?"
        return self._select(line, (table, by, *but, most))

    def next_due(self, tables: Sequence[str], after: int) -> int | None:
        """Return when the first row of these tables is due after a moment (microseconds)."""
        with self._translated:
            firsts = (
                self._one("select min(due) from rows where tbl=? and due>?", (t, after)) for t in tables
            )
            return min((first for first in firsts if first is not None), default=None)

    def tables(self) -> set[tuple[str, str]]:
        """Return (table, school) of all that have rows; keys are no table that anybody looks into."""
        with self._translated:
            return set(self._connection.execute(_TABLES))

    def count(self, table: str, school: str) -> int:
        """Return how many rows a school's table has."""
        with self._translated:
            return self._one("select count(*) from rows where tbl=? and school=?", (table, school)) or 0

    def counts(self) -> Mapping[str, int]:
        """Return how many rows of each kind the file's own tally has; nothing where it does not open."""
        with self._translated:
            try:
                written = tally.read(self._connection, self.sealer)
            except StoreError:
                return {}
        return written.counts if written else {}

    @contextmanager
    def one_moment(self) -> Iterator[None]:
        """Read what is inside as of one moment, whoever writes meanwhile; only where nothing is written."""
        with self._translated:
            self._connection.execute("begin")
            try:
                yield
            finally:
                self._connection.execute("rollback")

    def verify(self) -> int:
        """Check the file's structure, open every row, return how many there are. Slow: reads wait for it."""
        with self._translated:
            if self._connection.execute("pragma quick_check(1)").fetchone() != ("ok",):
                raise damaged("its structure is broken")
            names = {table for table, _ in self.tables()}
        return sum(1 for table in (KEYS, *sorted(names)) for row in self.every(table) if row.body is not None)

    @property
    def _connection(self) -> sqlite3.Connection:
        """What is read from."""
        raise NotImplementedError

    def _one(self, sql: str, values: Sequence[object]) -> Any:
        found = self._connection.execute(sql, values).fetchone()
        return found[0] if found else None

    def _select(self, where: str, values: Sequence[object]) -> list[FoundRow]:
        with self._translated:
            found = self._connection.execute(_COLUMNS + where, values).fetchall()
        return [FoundRow(self.sealer, *row) for row in found]
