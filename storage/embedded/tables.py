"""TinyDB's interface over the rows: its tables and queries, without its file rewritten at every change.

All of TinyDB's table methods go through two hooks, which are replaced here (hence tinydb is pinned,
and its behaviours are tested against this class): reading opens only the rows that are asked for,
writing keeps only the documents that changed. A table named ``cases@SCHOOL`` is what the store keeps
of a school: it can be queried, and is changed only by a commit. Unlike TinyDB's, answers are never
cached and an empty table is not remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any

from tinydb import TinyDB
from tinydb.storages import Storage
from tinydb.table import Table

from flows.errors import StoreError
from storage import codec
from storage.embedded.rows import Rows
from storage.rows import NewRow

Document = dict[str, Any]


class RowStorage(Storage):
    """TinyDB's storage: everything as one mapping, for what TinyDB does to whole databases."""

    def __init__(self, rows: Rows) -> None:
        """Stand on open rows."""
        self.rows = rows

    def read(self) -> dict[str, dict[str, Document]] | None:
        """Return every table, a copy; None if there is none."""
        names = sorted(_name(*place) for place in self.rows.tables())
        return {name: dict(_Documents(self.rows, name).items()) for name in names} or None

    def write(self, data: Mapping[str, Mapping[str, Document]]) -> None:
        """Write the difference to what is stored, in one transaction."""
        with self.rows.transaction():
            for place in self.rows.tables():
                if _name(*place) not in data and not place[1]:
                    self.rows.drop(*place)
            for name, documents in data.items():
                overlay = _Overlay(_Documents(self.rows, name), str)
                overlay.become(documents)
                overlay.write()

    def close(self) -> None:
        """Do nothing: the rows are closed by who opened them."""


class RowTable(Table):
    """A table whose documents are rows. Documents handed out are copies."""

    def __init__(self, storage: Storage, name: str) -> None:
        super().__init__(storage, name, cache_size=0)

    @property
    def _rows(self) -> Rows:
        assert isinstance(self.storage, RowStorage)  # noqa: S101 - for the type checker
        return self.storage.rows

    def __len__(self) -> int:
        """Return how many documents there are."""
        return self._rows.count(*_place(self.name))

    def _read_table(self) -> Mapping[str, Document]:  # type: ignore[override]
        return _Documents(self._rows, self.name)

    def _update_table(self, updater: Callable[[Any], None]) -> None:
        with self._rows.transaction():
            overlay = _Overlay(_Documents(self._rows, self.name), self.document_id_class)
            updater(overlay)
            overlay.write()


class KeyedTable(RowTable):
    """What the store keeps of a school: text ids, and no way round the store's rules."""

    document_id_class = str  # type: ignore[assignment]

    def _get_next_id(self) -> Any:
        self._update_table(lambda _: None)

    def _update_table(self, updater: Callable[[Any], None]) -> None:  # noqa: ARG002 - TinyDB's signature
        raise StoreError("not-by-hand", f"{self.name} is changed by a commit only.", "Use the store.")


class RowDB(TinyDB):
    """A TinyDB over rows."""

    def __init__(self, rows: Rows) -> None:
        """Stand on open rows."""
        super().__init__(rows, storage=RowStorage)
        self._over = rows

    def table(self, name: str, **_options: Any) -> RowTable:
        """Return the table of that name; TinyDB's options are about its cache, and there is none."""
        if name not in self._tables:
            kind = KeyedTable if "@" in name else RowTable
            self._tables[name] = kind(self.storage, name)
        found = self._tables[name]
        assert isinstance(found, RowTable)  # noqa: S101 - for the type checker
        return found

    def tables(self) -> set[str]:
        """Return the names of tables that hold something."""
        return {_name(*place) for place in self._over.tables()}

    def drop_table(self, name: str) -> None:
        """Forget a table. Those of the store are refused."""
        self.table(name).truncate()
        self._tables.pop(name, None)


class _Documents(Mapping[str, Document]):
    """A table's documents, each opened when it is looked at."""

    def __init__(self, rows: Rows, name: str) -> None:
        self.rows = rows
        self.place = _place(name)

    def __getitem__(self, row: str) -> Document:
        body = self.rows.get(*self.place, row)
        if body is None:
            raise KeyError(row)
        return codec.document(body)

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows.ids(*self.place))

    def __len__(self) -> int:
        return self.rows.count(*self.place)

    def __contains__(self, row: object) -> bool:
        return self.rows.version(*self.place, str(row)) > 0


class _Overlay(MutableMapping[Any, Document]):
    """What an updater sees: copies of the documents it looks at; only what it changed is written."""

    def __init__(self, stored: _Documents, kind: Callable[[Any], Any]) -> None:
        self._stored = stored
        self._kind = kind
        self._seen: dict[str, Document | None] = {}

    def __getitem__(self, row: Any) -> Document:
        found = self._seen[str(row)] if str(row) in self._seen else self._stored.get(str(row))
        if found is None:
            raise KeyError(row)
        self._seen[str(row)] = found
        return found

    def __setitem__(self, row: Any, document: Document) -> None:
        self._seen[str(row)] = document

    def __delitem__(self, row: Any) -> None:
        if row not in self:
            raise KeyError(row)
        self._seen[str(row)] = None

    def __contains__(self, row: object) -> bool:
        return self._seen[str(row)] is not None if str(row) in self._seen else str(row) in self._stored

    def __iter__(self) -> Iterator[Any]:
        there = list(self._stored)
        stored = set(there)
        left = [row for row in there if self._seen.get(row, True) is not None]
        new = [row for row, document in self._seen.items() if document is not None and row not in stored]
        return iter([self._kind(row) for row in (*left, *new)])

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def clear(self) -> None:
        """Forget every document."""
        self._seen = dict.fromkeys([*self._stored, *self._seen], None)

    def become(self, documents: Mapping[str, Document]) -> None:
        """Hold these documents and no others."""
        self.clear()
        self._seen |= dict(documents)

    def write(self) -> None:
        """Write what changed."""
        table, school = self._stored.place
        for row, document in self._seen.items():
            version = self._stored.rows.version(table, school, row)
            if document is None:
                if version:
                    self._stored.rows.remove(table, school, row)
            elif not version or self._stored[row] != document:
                self._stored.rows.put(NewRow(table, school, row, version + 1, codec.encode(document)))


def _name(table: str, school: str) -> str:
    return f"{table}@{school}" if school else table


def _place(name: str) -> tuple[str, str]:
    table, _, school = name.partition("@")
    return table, school
