"""What all rows of a file add up to: how many of each kind, and a keyed sum of what each can be found by.

Every change of a row that this program makes goes past a trigger of its own connection, which keeps the
sum; nothing has to remember to. A row that another program took out, put back or moved in time is seen
when the sum is made anew. What stands in a row's body is not added up: its seal shows a change, and one
body that does not open must not stop all the others.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from collections import Counter

import msgspec

from storage import codec
from storage.embedded.as_left.head import Head
from storage.seal import Sealer

_ADDED = "tbl, school, id, version, parent, due, ord"
_EVERY = f"""select {_ADDED} from rows where tbl<>'meta'
union all select 'counters', school, name, value, null, null, 0 from counters"""  # noqa: S608 - our own words
#: its row grows by so many bytes at once: what stays as long as it was moves nothing else in the file
_STEP = 512
_READ = "select version, body from rows where tbl='meta' and school='' and id='tally'"
_WRITE = """insert into rows(tbl, school, id, version, ord, key, body) values('meta', '', 'tally', ?, 0, ?, ?)
on conflict(tbl, school, id) do update set version=excluded.version, key=excluded.key, body=excluded.body"""


def _triggers() -> tuple[str, ...]:
    new = ", ".join(f"new.{column}" for column in _ADDED.split(", "))
    old = ", ".join(f"old.{column}" for column in _ADDED.split(", "))
    of_new, of_old = (
        f"'counters', {row}.school, {row}.name, {row}.value, null, null, 0" for row in ("new", "old")
    )
    more, less = "select tally(1, {});", "select tally(-1, {});"
    tables = (
        ("rows", "when new.tbl<>'meta'", "when old.tbl<>'meta'", new, old),
        ("counters", "", "", of_new, of_old),
    )
    return tuple(
        f"create temp trigger {table}_{verb} after {verb} on main.{table} {when} begin {does} end"
        for table, when_new, when_old, added, gone in tables
        for verb, when, does in (
            ("insert", when_new, more.format(added)),
            ("delete", when_old, less.format(gone)),
            ("update", when_new, less.format(gone) + more.format(added)),
        )
    )


_TRIGGERS = _triggers()


class Written(msgspec.Struct, frozen=True):
    """A tally as it is kept in the file, sealed. ``schema`` is the newest that wrote to it."""

    store: str
    commits: int
    at: int
    sum: str
    counts: dict[str, int]
    schema: int


class Tally:
    """The tally of a file that is worked on."""

    def __init__(self, sealer: Sealer, written: Written | None = None) -> None:
        """Go on from what is written; None = a new file."""
        self._sealer = sealer
        self._sum = int(written.sum, 16) if written else 0
        self._counts = Counter(written.counts if written else ())
        self._before = self._sum, self._counts.copy()
        self.head = (
            Head(written.store, written.commits, written.at) if written else Head(os.urandom(8).hex(), 0, 0)
        )

    def watch(self, connection: sqlite3.Connection) -> None:
        """Keep the sum of all that this connection changes."""
        connection.create_function("tally", len(_ADDED.split(", ")) + 1, self._add)
        for trigger in _TRIGGERS:
            connection.execute(trigger)

    def settle(self, head: Head) -> None:
        """Remember how it is, now that it is on the disk: :meth:`undo` returns to it."""
        self.head = head
        self._before = self._sum, self._counts.copy()

    def undo(self) -> None:
        """Return to what it was at :meth:`settle`."""
        total, counts = self._before
        self._sum, self._counts = total, counts.copy()

    def count(self, connection: sqlite3.Connection) -> Head:
        """Write the tally of one transaction more; return the head that says so, once it is on the disk."""
        head = msgspec.structs.replace(self.head, commits=self.head.commits + 1, at=time.time_ns() // 1000)
        written = Written(head.store, head.commits, head.at, f"{self._sum:x}", self._counts, codec.SCHEMA)
        plain = msgspec.json.encode(written)
        plain = plain.ljust(-(-len(plain) // _STEP) * _STEP)
        body = self._sealer.seal(plain, "meta", "", "tally", head.commits)
        connection.execute(_WRITE, (head.commits, self._sealer.id, body))
        return head

    def make_anew(self, connection: sqlite3.Connection) -> None:
        """Add up what is there."""
        self._sum, self._counts = 0, Counter()
        for row in connection.execute(_EVERY):
            self._add(1, *row)

    def differs(self, other: Tally) -> str:
        """Return what is there more or less than ``other`` has, in words; "" if both are the same."""
        kinds = sorted(self._counts.keys() | other._counts.keys())
        numbers = [
            f"{kind}: {self._counts[kind]} instead of {other._counts[kind]}"
            for kind in kinds
            if self._counts[kind] != other._counts[kind]
        ]
        if not numbers and self._sum != other._sum:
            numbers = ["as many rows as there were, not as they were written"]
        return "; ".join(numbers)

    def _add(self, how_many: int, table: str, school: str, *rest: object) -> None:
        row = repr((table, school, *rest)).encode()
        self._sum ^= int.from_bytes(hashlib.blake2b(row, key=self._sealer.sums, digest_size=16).digest())
        self._counts[f"{table} of {school}" if school else table] += how_many


def read(connection: sqlite3.Connection, sealer: Sealer) -> Written | None:
    """Return the tally that a file holds; None if it has none. Raises StoreError if it does not open."""
    found = connection.execute(_READ).fetchone()
    if found is None:
        return None
    version, body = found
    return msgspec.json.decode(sealer.open(body, "meta", "", "tally", version), type=Written)
