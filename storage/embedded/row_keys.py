"""The keys of a file, and what is done to all of them: the part of its rows that seals."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, suppress

import msgspec

from flows.errors import UnreadableRow
from storage.embedded.as_left.look import HANDED
from storage.embedded.row_reads import RowReads
from storage.keys import KEYS, OF_THE_SCHOOL, Handed, InnerKey, id_of
from storage.rows import FILE, FoundRow, NewRow, owner_of, sealed

_HAND = """insert into rows(tbl, school, id, version, ord, key, body) values('meta', '', ?, 1, 0, ?, ?)
on conflict(tbl, school, id) do update set key=excluded.key, body=excluded.body"""
_BEFORE = """select n, tbl, school, id, version, parent, key, body, null from rows
where key=? and tbl not in ('meta', 'keys') and school<>'' and n>? order by n limit ?"""
_RESEAL = "update rows set key=?, body=? where tbl=? and school=? and id=?"
_WRAPS = "select n, school, id, body from rows where tbl='keys' and key<>? and n>? order by n limit ?"
LEFT = "select count(*), coalesce(sum(key<>?), 0) from rows where tbl='keys'"
_FILE_KEYS = f"select school, id from rows where tbl='keys' and id like '{FILE}%'"  # noqa: S608 - our own words
_WRAP = "select body from rows where tbl='keys' and school=? and id=?"
#: data keys that whoever writes has at hand
_GIVEN = 4096


class RowKeys(RowReads):
    """Every row is sealed with the data key of its case, or of its school."""

    def __init__(self) -> None:
        self._given = dict[tuple[str, str], InnerKey | None]()

    def _sealed(self, row: NewRow) -> tuple[str, bytes]:
        """Return which key keeps a row, and how."""
        if row.table == KEYS:
            self._given.pop((row.school, row.id), None)
        data = self._key_for(row) if row.school and row.table != KEYS else None
        return sealed(row, self.sealer, data)

    def _key_for(self, row: NewRow) -> InnerKey:
        """Return the data key of the case that a row is of; without one, the school's."""
        found = self._inner_key(row.school, owner_of(row.table, row.id, row.parent))
        if found is None and (found := self._inner_key(row.school, OF_THE_SCHOOL)) is None:
            self.put(NewRow(KEYS, row.school, OF_THE_SCHOOL, 1, self.sealer.new_wrap()))
            return self._key_for(row)
        return found

    def _inner_key(self, school: str, owner: str) -> InnerKey | None:
        if (school, owner) not in self._given:
            if len(self._given) >= _GIVEN:
                self._given.clear()
            wrap = self._one(_WRAP, (school, owner))
            self._given[school, owner] = None if wrap is None else self.sealer.inner(school, owner, wrap)
        return self._given[school, owner]

    def wrap(self, school: str, owner: str) -> bytes | None:
        """Return a data key, as it is kept."""
        with self._translated:
            found: bytes | None = self._one(_WRAP, (school, owner))
        return found

    # -- of files -----------------------------------------------------------------------------------

    def key_of_file(self, school: str, owner: str) -> bytes:
        """Return the data key of a file, as it is kept: a new one where there is none."""
        if (found := self.wrap(school, owner)) is None:
            found = self.sealer.new_wrap()
            self.put(NewRow(KEYS, school, owner, 1, found))
        return found

    def shred_files(self, but: Collection[tuple[str, str]]) -> None:
        """Forget the data keys of all files but these."""
        with self.transaction(), self._translated:
            for school, owner in self._connection.execute(_FILE_KEYS).fetchall():
                if (school, owner) not in but:
                    self.remove(KEYS, school, owner)

    # -- of before there were any ---------------------------------------------------------------------

    def sealed_before(self, after: int, most: int) -> tuple[list[FoundRow], int]:
        """Return rows behind a number that were sealed before there were data keys, and the last's number."""
        with self._translated:
            found = self._connection.execute(_BEFORE, (self.sealer.id, after, most)).fetchall()
        return [FoundRow(self.sealer, *row[1:]) for row in found], found[-1][0] if found else after

    def reseal(self, row: FoundRow, body: bytes) -> None:
        """Seal a row with the key that it would be sealed with today; it stays as it is."""
        key, kept = self._sealed(NewRow(row.table, row.school, row.id, row.version, body, row.parent))
        self._write(_RESEAL, (key, kept, row.table, row.school, row.id))

    # -- one key outside after the other --------------------------------------------------------------

    def handed(self) -> Handed:
        """Return what the store keeps of its keys."""
        with self._translated:
            return msgspec.convert(dict(self._connection.execute(HANDED).fetchall()), Handed)

    def put_handed(self, handed: Handed) -> None:
        """Write what the store keeps of its keys."""
        with self.transaction():
            for name in ("root", "there", "back"):
                if wrapped := getattr(handed, name):
                    self._write(_HAND, (name, id_of(wrapped), wrapped))
                else:
                    self.remove("meta", "", name)

    def rewrap(self, after: int, most: int) -> int:
        """Wrap so many data keys behind a number with the key of now; return the last's number, 0 = done."""
        now = self.sealer.outside.id
        with self.transaction(), self._translated:
            found = self._connection.execute(_WRAPS, (now, after, most)).fetchall()
            for _, school, row, wrap in found:
                with suppress(UnreadableRow):  # one that is damaged opens with no key
                    self._write(_RESEAL, (now, self.sealer.rewrapped(wrap), KEYS, school, row))
        return found[-1][0] if found else 0

    def progress(self, now: str) -> tuple[int, int]:
        """Return how many data keys there are, and how many are not wrapped by this key yet."""
        with self._translated:
            every, left = self._connection.execute(LEFT, (now,)).fetchone()
        return every, left

    # -- what it stands on ----------------------------------------------------------------------------

    def transaction(self) -> AbstractContextManager[None]:
        """Keep all that is written inside, or nothing of it."""
        raise NotImplementedError

    def put(self, row: NewRow) -> None:
        """Write a row."""
        raise NotImplementedError

    def remove(self, table: str, school: str, row: str) -> None:
        """Forget a row."""
        raise NotImplementedError

    def _write(self, sql: str, values: Sequence[object]) -> int:
        raise NotImplementedError
