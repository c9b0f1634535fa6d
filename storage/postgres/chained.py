"""The chain of a school's audit, read out of the database to be proved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from flows.errors import StoreError
from flows.school import SchoolId
from storage import codec
from storage.chain import ChainLink
from storage.keys import Keys
from storage.postgres.columns import FOUND
from storage.postgres.database import Database
from storage.postgres.keyring import learned
from storage.rows import FoundRow

#: a counter that each link counts up: what is cut off the end is missed
LINKS = "audit links"
_ROWS = FOUND + "and tbl in ('chain', 'audit', 'events') order by tbl, id"
_CASES = "select id, version from rows where school=%s and tbl='cases'"
_LAST = "select value from counters where school=%s and name=%s"


class Chained(Struct, frozen=True):
    """See :class:`storage.proof.Kept`: the rows of one school, as of one moment."""

    found: dict[tuple[str, str], FoundRow]
    counted: int
    versions: dict[str, int]

    def links(self) -> Iterator[tuple[int, ChainLink | None]]:
        """Yield each link with the number of its row, in order."""
        for (table, row), found in self.found.items():
            if table == "chain":
                try:
                    yield int(row), codec.decode(ChainLink, found.body)
                except StoreError:
                    yield int(row), None

    def rows(self, table: str) -> Iterator[str]:
        """Yield the row id of every audit line or event."""
        yield from (row for of, row in self.found if of == table)

    def body(self, table: str, row: str) -> bytes | None:
        """Return what is kept there."""
        found = self.found.get((table, row))
        return found.body if found is not None else None

    def version(self, case: str) -> int:
        """Return the version of a case; 0 = there is none."""
        return self.versions.get(case, 0)

    def last(self) -> int:
        """Return the number that the last link must have."""
        return self.counted


async def chained(database: Database, sealer: Keys, school: SchoolId) -> Chained:
    """Return the chain of a school, and all that it holds."""
    asked = (_ROWS, (school,)), (_LAST, (school, LINKS)), (_CASES, (school,))
    rows, counted, cases = await database.ask(school, *asked)
    found = (FoundRow(sealer, *row) for row in await learned(database, sealer, rows))
    return Chained({(row.table, row.id): row for row in found}, _number(counted), dict(cases))


def _number(counted: Sequence[Any]) -> int:
    return int(counted[0][0]) if counted else 0
