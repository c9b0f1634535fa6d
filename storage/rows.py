"""Rows: how everything is kept, whichever database keeps it. A row knows no case and no send."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from typing import Protocol, TypeVar

from msgspec import Struct

from flows.errors import UnreadableRow
from flows.school import SchoolId
from storage import codec
from storage.keys import KEYS, OF_THE_SCHOOL, InnerKey, Keys

T = TypeVar("T")

#: the tables in which there are rows of one case: under its id, or of it as their parent
OF_A_CASE = ("events", "audit", "opened", "links", "sends", "wakes", "sends apart", "wakes apart")

#: those whose ids begin with that of a case, and those that have it as their parent
_UNDER, _BESIDE = ("events", "opened", "links"), ("audit", "sends", "wakes", "sends apart", "wakes apart")
#: how the data keys of a file and of a draft are called, before the name of the one and the id of the other
FILE, DRAFT = "file/", "draft/"


def owner_of(table: str, row: str, parent: str | None) -> str:
    """Return whose data key seals a row, if there is one: the case or draft it is of; else the school's."""
    if table == "cases":
        return row
    if table == "drafts":
        return DRAFT + row
    if table in _UNDER:
        return row.partition("/")[0]
    return (parent if table in _BESIDE else None) or OF_THE_SCHOOL


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

    sealer: Keys
    table: str
    school: str
    id: str
    version: int
    parent: str | None
    key: str
    sealed: bytes
    #: the data key it was sealed with; None = it has none, or none any more
    wrap: bytes | None = None

    @property
    def body(self) -> bytes:
        """What was kept. Raises UnreadableRow."""
        at = self.school, self.id, self.version
        return self.sealer.opened(self.sealed, self.table, at, self.key, self.wrap)


def that_open(kind: type[T], found: Iterable[FoundRow]) -> list[T]:
    """Return what opens of some rows."""
    whole = []
    for row in found:
        with suppress(UnreadableRow):
            whole.append(codec.decode(kind, row.body))
    return whole


def sealed(row: NewRow, sealer: Keys, data: InnerKey | None) -> tuple[str, bytes]:
    """Return which key keeps a row, and how: a data key as it is, what is of no school by the root."""
    if row.table == KEYS:
        return sealer.outside.id, row.body
    by = sealer if data is None else data
    return by.id, by.seal(row.body, row.table, row.school, row.id, row.version)


class Kept(Protocol):
    """Rows as a commit sees them, inside its transaction."""

    sealer: Keys

    def get(self, table: str, school: str, row: str) -> bytes | None:
        """Return the body of a row."""
        ...

    def version(self, table: str, school: str, row: str) -> int:
        """Return the version of a row; 0 = there is none."""
        ...

    def first_of(self, table: str, school: str, parent: str) -> tuple[str, int] | None:
        """Return the id and the version of the first row that belongs to ``parent``."""
        ...

    def newest(self, table: str, school: str, parent: None, most: int) -> list[FoundRow]:
        """Return rows of a table, those with the highest ids first."""
        ...

    def of_case(self, school: str, case: str) -> list[FoundRow]:
        """Return every row that belongs to a case, in the tables of :data:`OF_A_CASE`."""
        ...

    def put(self, row: NewRow) -> None:
        """Write a row, in place of the one with its id if there is one; its parent stays as it was."""
        ...

    def add(self, row: NewRow) -> bool:
        """Write a row unless there is one with its id; return whether it is new."""
        ...

    def remove(self, table: str, school: str, row: str) -> None:
        """Forget a row."""
        ...

    def count_up(self, school: str, name: str, *, by: int = 1) -> int:
        """Return a counter's next number, from 1; of several at once the last."""
        ...


#: rows written at once
BATCH = 500


class Raw(Struct, frozen=True):
    """A row as it lies there, with all that it is found by."""

    table: str
    school: str
    id: str
    version: int
    parent: str | None
    due: int | None
    ord: int
    key: str
    sealed: bytes
    wrap: bytes | None

    def opened(self, sealer: Keys) -> bytes:
        """Return what was kept. Raises UnreadableRow."""
        return sealer.opened(
            self.sealed, self.table, (self.school, self.id, self.version), self.key, self.wrap
        )


Counted = tuple[str, str, int]


class Copy(Protocol):
    """A store that everything is read from, or written to."""

    @property
    def keys(self) -> Keys:
        """The keys it is sealed with: they stay when everything moves."""
        ...

    def rows(self) -> AsyncIterator[Raw]:
        """Yield every row; those of a school in the order in which they came."""
        ...

    async def counters(self) -> list[Counted]:
        """Return every counter: school, name, value."""
        ...

    async def file(self, school: SchoolId, sha256: str) -> bytes | None:
        """Return what a file holds."""
        ...

    async def write(self, rows: list[Raw]) -> None:
        """Write rows into an empty store."""
        ...

    async def write_counters(self, counters: list[Counted]) -> None:
        """Write counters."""
        ...

    async def write_file(self, school: SchoolId, content: bytes) -> None:
        """Write a file."""
        ...

    async def close(self) -> None:
        """Let go of it."""
        ...
