"""A database that everything is moved from or into. Who works on it must be stopped."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator

from flows.errors import StoreError, UnreadableRow
from flows.model import Case, Change, Draft
from flows.school import SchoolId
from storage import codec
from storage.keys import Keys
from storage.opening import Opening
from storage.postgres import file_rows, trouble, writing
from storage.postgres.chained import LINKS
from storage.postgres.columns import WRAP
from storage.postgres.database import Database, Query
from storage.postgres.keyring import take_over
from storage.postgres.store import PostgresStore, open_postgres
from storage.rows import BATCH, FILE, Counted, Raw
from storage.seal import Sealer

# The key of a file comes with the file.
_RAW = f"""select rows.tbl, rows.school, rows.id, rows.version, rows.parent, d.due, rows.ord,
rows.key, rows.body, {WRAP} from rows
left join due d using (school, tbl, id) where rows.school=%s
and not (rows.tbl='keys' and rows.id like '{FILE}%%') order by rows.n"""  # noqa: S608 - our own words
_PUT = """insert into rows(tbl, school, id, version, parent, ord, key, body)
select * from unnest(%s::text[], %s::text[], %s::text[], %s::int[], %s::text[], %s::bigint[],
%s::text[], %b::bytea[])"""
_DUE = """insert into due(school, tbl, id, n, due, ord)
select r.school, r.tbl, r.id, r.n, t.due, r.ord from rows r
join unnest(%s::text[], %s::text[], %s::bigint[]) as t(tbl, id, due) on (t.tbl, t.id)=(r.tbl, r.id)
where r.school=%s"""
_ROSTER = "update schools set roster=%s where school=%s"
_COUNTS = "select school, name, value from counters where school=%s and name<>%s"
_COUNT = "insert into counters(school, name, value) values(%s, %s, %s)"


class DatabaseCopy:
    """See :class:`storage.moving.Copy`."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store
        self._database = store.database
        self._sealer = store.keys

    @property
    def keys(self) -> Keys:
        """The keys it is sealed with: they stay when everything moves."""
        return self._sealer

    @classmethod
    async def opened(cls, address: str, sealer: Sealer, *, new: bool) -> DatabaseCopy:
        """Return the database; a new one must be empty."""
        if new:
            await _take_over(address, sealer)
        return cls(await open_postgres(address, sealer, Opening.THERE))

    async def rows(self) -> AsyncIterator[Raw]:
        """Yield every row, school by school, as they came."""
        for school in await self._store.schools():
            with trouble.translated():
                async with self._database.plain(school) as connection:
                    cursor = connection.cursor(name="everything")
                    await cursor.execute(_RAW.encode(), (school,))
                    while found := await cursor.fetchmany(BATCH):
                        for row in found:
                            yield Raw(*row)
                    await cursor.close()

    async def counters(self) -> list[Counted]:
        """Return every counter."""
        found = []
        for school in await self._store.schools():
            (rows,) = await self._database.ask(school, (_COUNTS, (school, LINKS)))
            found += [(row[0], row[1], row[2]) for row in rows]
        return sorted(found)

    async def file(self, school: SchoolId, sha256: str) -> bytes | None:
        """Return what a file holds."""
        return await self._store.file(school, sha256)

    async def write(self, rows: list[Raw]) -> None:
        """Write rows as they are, and what they are found by here."""
        schools: dict[str, list[Raw]] = {}
        for row in rows:
            schools.setdefault(row.school, []).append(row)
        for school, mine in schools.items():
            await self._database.ask(school, *self._written(school, mine))

    def _written(self, school: str, rows: list[Raw]) -> list[Query]:
        said: list[Query] = [writing.known(school)]
        columns = ("table", "school", "id", "version", "parent", "ord", "key", "sealed")
        said.append((_PUT, [[getattr(row, column) for row in rows] for column in columns]))
        due = [row for row in rows if row.due is not None]
        if due:
            places = [row.table for row in due], [row.id for row in due], [row.due for row in due]
            said.append((_DUE, (*places, school)))
        for row in rows:
            said += self._found_by(row)
        return said

    def _found_by(self, row: Raw) -> list[Query]:
        if row.table == "chain":
            return [(writing.COUNT, (row.school, LINKS, int(row.id)))]
        if row.table == "roster":
            return [(_ROSTER, (row.version, row.school))]
        try:
            if row.table == "cases":
                case = codec.decode(Case, row.opened(self._sealer))
                return [
                    (writing.LISTED, {"school": case.school, **writing.listed(case, self._sealer)}),
                    *self._uses(Change(school=case.school, case=case)),
                ]
            if row.table == "drafts":
                draft = codec.decode(Draft, row.opened(self._sealer))
                return self._uses(Change(school=draft.school, draft=draft))
        except UnreadableRow:
            pass  # it lies there as it is, and nothing finds it, as before
        return []

    def _uses(self, change: Change) -> list[Query]:
        uses = file_rows.after(change, self._sealer)
        return list(file_rows.statements(change.school, {}, uses))

    async def write_counters(self, counters: list[Counted]) -> None:
        """Write counters."""
        for school, name, value in counters:
            await self._database.ask(school, writing.known(school), (_COUNT, (school, name, value)))

    async def write_file(self, school: SchoolId, content: bytes) -> None:
        """Write a file; what has it comes after."""
        sha256 = hashlib.sha256(content).hexdigest()
        name = file_rows.name_of(self._sealer, school, sha256)
        file = await asyncio.to_thread(file_rows.kept, self._sealer, school, name, sha256, content)
        await self._database.ask(school, *file)

    async def close(self) -> None:
        """Let go of it."""
        await self._store.close()


async def _take_over(address: str, sealer: Sealer) -> None:
    """Have an empty database be sealed with the keys of what comes into it. Raises StoreError."""
    database = Database(address)
    try:
        await database.open()
        (found,) = await database.ask("", ("select 1 from schools limit 1", ()))
        if found:
            raise StoreError(
                "store-exists",
                "There is something in that database already; it was left as it is.",
                "Name an empty one, on which only migrate was run.",
            )
        await take_over(database, sealer)
    finally:
        await database.close()
