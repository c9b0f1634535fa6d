"""Rows: how everything is kept, whichever database keeps it. A row knows no case and no send."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from msgspec import Struct

from flows.school import SchoolId
from storage.seal import Sealer

#: the tables in which there are rows of one case: under its id, or of it as their parent
OF_A_CASE = ("events", "audit", "opened", "links", "sends", "wakes", "sends apart", "wakes apart")


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

    sealer: Sealer
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
        return self.sealer.open(self.sealed, self.table, self.school, self.id, self.version, key=self.key)


class Kept(Protocol):
    """Rows as a commit sees them, inside its transaction."""

    sealer: Sealer

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

    def opened(self, sealer: Sealer) -> bytes:
        """Return what was kept. Raises UnreadableRow."""
        return FoundRow(
            sealer, self.table, self.school, self.id, self.version, self.parent, self.key, self.sealed
        ).body


Counted = tuple[str, str, int]


class Copy(Protocol):
    """A store that everything is read from, or written to."""

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
