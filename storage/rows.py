"""Rows: how everything is kept, whichever database keeps it. A row knows no case and no send."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from storage.seal import Sealer


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
