"""What does not open when it is due rests apart, as it is, and stops nobody else.

A row is moved to a table in which nothing is looked for. When the file is opened again each is tried
once more: a newer program reads what an older one could not, and a backup may have been put back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TypeVar

from msgspec.structs import replace

from flows.errors import UnreadableRow
from flows.model import Apart, Send, Timer
from flows.school import SchoolId
from storage import codec
from storage.embedded.rows import Rows
from storage.embedded.writer import Writer
from storage.rows import FoundRow

T = TypeVar("T", Send, Timer)
#: the tables whose rows fall due, and what is kept in each
_KINDS: dict[str, type[Send | Timer]] = {"sends": Send, "wakes": Timer}


async def whole(kind: type[T], found: Sequence[FoundRow], writer: Writer, rows: Rows) -> list[T]:
    """Return what opens of ``found``; the rest is moved aside."""
    opened = []
    for row in found:
        try:
            opened.append(codec.decode(kind, row.body))
        except UnreadableRow:
            if not rows.looking:
                await writer.do(partial(rows.move, row, _aside(row.table)))
    return opened


def put_back(rows: Rows) -> None:
    """Return to its table whatever opens now."""
    for row, broken in list(_every(rows)):
        if broken is None:
            rows.move(replace(row, table=_aside(row.table)), row.table)


def resting(rows: Rows, *, looking: bool) -> list[Apart]:
    """Return what rests apart, with the reason; ``looking`` = also what would rest if it fell due."""
    return [
        Apart(
            school=SchoolId(row.school),
            kind=_KINDS[row.table].__name__.lower(),
            id=row.id,
            about=_about(row),
            reason=broken,
        )
        for row, broken in (*_every(rows), *(_every(rows, waiting=True) if looking else ()))
        if broken is not None
    ]


def _about(row: FoundRow) -> str:
    """Return the case or draft a row belongs to; a timer of an older version said so in its id only."""
    return row.parent or row.id.partition("/")[0]


def forget(rows: Rows) -> None:
    """Drop what rests apart, for good."""
    for row, _ in list(_every(rows)):
        rows.remove(_aside(row.table), row.school, row.id)


def _every(rows: Rows, *, waiting: bool = False) -> Iterator[tuple[FoundRow, str | None]]:
    """Yield each row that rests (or waits) under the name of its own table, and why it does not open (None =
    it does).
    """
    for table, kind in _KINDS.items():
        for row in rows.every(table if waiting else _aside(table)):
            own = replace(row, table=table)
            try:
                codec.decode(kind, own.body)
            except UnreadableRow as error:
                yield own, error.reference
            else:
                yield own, None


def _aside(table: str) -> str:
    return f"{table} apart"
