"""Keeping a change: the rules first, on what is there now; then all of it, in one transaction.

Changes of one school come one after the other, whichever process brings them: each takes the school's lock
first. Of a connection that is cut when it should say "kept", the database is asked afterwards what became of
the transaction, so nobody is told wrongly that nothing was kept, and nothing is done twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakValueDictionary

from msgspec import Struct
from psycopg import AsyncConnection

from flows.errors import Conflict, StoreError
from flows.model import Case, Change, Committed
from storage.commit import Committer
from storage.keys import Keys, id_of
from storage.postgres import file_rows, keyring, trouble, writing
from storage.postgres.attempt import Asked, Attempt, likely
from storage.postgres.columns import FOUND, WRAP
from storage.postgres.database import Database, Query
from storage.rows import OF_A_CASE, FoundRow

_LOCK = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"
# One question for all of it: each statement more would wake the server once more.
_FETCH = f"""select 'row', tbl, id, version::bigint, parent, key, body, {WRAP}
from rows where school=%(school)s and (tbl, id) in
(select * from unnest(%(row_tables)s::text[], %(row_ids)s::text[]))
union all select 'first', t.tbl, f.id, f.version, t.parent, '', '', null
from unnest(%(first_tables)s::text[], %(first_parents)s::text[]) as t(tbl, parent),
lateral (select id, version from rows r where r.school=%(school)s and r.tbl=t.tbl and r.parent=t.parent
order by ord, n limit 1) f
union all select 'last', t.tbl, f.id, f.version, f.parent, f.key, f.body,
(select k.body from rows k where k.school=%(school)s and k.tbl='keys' and k.id=f.key)
from unnest(%(last_tables)s::text[]) as t(tbl),
lateral (select * from rows r where r.school=%(school)s and r.tbl=t.tbl order by id desc limit 1) f
union all select 'count', name, '', value, '', '', '', null
from counters where school=%(school)s and name = any(%(counts)s)
union all select 'outside', '', '', 0, '', '', body, null from keyring where name='root'
union all select 'use', owner, file_id, gone::int, name, '', '', null from file_uses
where school=%(school)s and owner = any(%(owners)s)"""  # noqa: S608 - our own words
# Asked only where a case goes, so apart: all that belongs to it.
_OF_CASE = FOUND + """and tbl = any(%s) and (parent=%s or (id >= %s and id < %s))"""
_FATE = """select tbl, id, version, body from rows where school=%s and (tbl, id) in
(select * from unnest(%s::text[], %s::text[]))"""


class Commits:
    """Keeps changes."""

    def __init__(self, database: Database, sealer: Keys, ring: Callable[[], None]) -> None:
        """``ring`` is called when something that goes out has been kept."""
        self._ring = ring
        self._database = database
        self._sealer = sealer
        self._known = set[str]()
        #: first come, first served, and only one connection of ours waits for a school
        self._turns = WeakValueDictionary[str, asyncio.Lock]()
        #: how many changes were kept
        self.count = 0

    async def commit(self, change: Change) -> Committed:
        """Keep all of ``change`` or nothing."""

        def tried(attempt: Attempt) -> Committed:
            return Committer(attempt).commit(change)

        done: Committed = await self.keep(change.school, likely(change, self._sealer), tried, change)
        return done

    async def keep(
        self,
        school: str,
        asked: set[Asked],
        work: Callable[[Attempt], Any],
        change: Change | None = None,
    ) -> Any:
        """Do ``work`` on rows of one school and keep what it wrote; raises what it raises."""
        self._database.check_open()
        turn = self._turns.setdefault(school, asyncio.Lock())
        tries = self._database.tries()
        while True:
            kept = _Kept()
            try:
                with trouble.translated():
                    async with turn, self._database.transaction(school, lock=True) as connection:
                        await self._try(connection, _Job(school, asked, work, change), kept)
                return self._counted(kept)
            except StoreError as error:
                if error.reference != "store-away":
                    raise
                if kept.said and await self._landed(school, kept.written):
                    return self._counted(kept)
                if not await tries():
                    raise

    def _counted(self, kept: _Kept) -> Any:
        self.count += kept.said
        # what has a time is found by looking: only what is to go out now wakes a worker
        if any(one.row.table == "sends" and one.row.due is not None for one in kept.written):
            self._ring()
        return kept.outcome

    async def _try(self, connection: AsyncConnection, job: _Job, kept: _Kept) -> None:
        school = job.school
        owners = file_rows.after(job.change, self._sealer) if job.change is not None else {}
        attempt, outcome, before = await self._tried(connection, job, list(owners))
        if isinstance(outcome, Conflict):
            raise outcome
        kept.outcome = outcome
        if outcome is False or getattr(outcome, "repeated", False):
            return  # nothing is to be kept
        kept.written = writing.sealed(attempt)
        for query in (
            *writing.gone(school, attempt),
            self._whole(school, attempt, kept.written, outcome),
            *file_rows.statements(school, before, owners),
        ):
            await _say(connection, query)
        kept.said = True
        await connection.execute("commit")
        self._known.add(school)

    async def _tried(
        self, connection: AsyncConnection, job: _Job, owners: list[str]
    ) -> tuple[Attempt, Any, file_rows.Uses]:
        """Return the attempt that asked for nothing that was not fetched, what came of it, and file uses."""
        wanted, used = job.asked, list[tuple[str, str, str, bool]]()
        known: dict[Asked, Any] = dict.fromkeys(wanted)
        while True:
            cursor = await connection.execute(_FETCH.encode(), _asking(job.school, wanted, owners))
            for kind, name, row, number, parent, key, body, wrap in await cursor.fetchall():
                match kind:
                    case "count":
                        known["count", name, ""] = number
                    case "first":
                        known["first", name, parent] = row, number
                    case "outside":
                        await self._learn(body)
                    case "use":
                        used.append((name, row, parent, bool(number)))
                    case _:
                        place = FoundRow(self._sealer, name, job.school, row, number, parent, key, body, wrap)
                        known[kind, name, row if kind == "row" else ""] = place
            known |= await self._more(connection, job.school, wanted)
            attempt = Attempt(self._sealer, job.school, known)
            try:
                outcome = job.work(attempt)
            except Conflict as error:
                outcome = error
            if not attempt.missed:
                return attempt, outcome, file_rows.had(used)
            wanted, owners = attempt.missed, []
            known |= dict.fromkeys(wanted)

    async def _learn(self, root: bytes) -> None:
        """Wrap with the key outside of now: another process may have turned to a new one."""
        if id_of(root) != self._sealer.outside.id:
            self._sealer.learn(await keyring.handed(self._database))

    async def _more(
        self, connection: AsyncConnection, school: str, wanted: set[Asked]
    ) -> dict[Asked, list[FoundRow]]:
        """Return all rows of cases, where any are asked for."""
        found: dict[Asked, list[FoundRow]] = {}
        for _, case, _ in (one for one in wanted if one[0] == "case"):
            values = (school, list(OF_A_CASE), case, f"{case}/", f"{case}0")
            rows = await (await connection.execute(_OF_CASE.encode(), values)).fetchall()
            found["case", case, ""] = [FoundRow(self._sealer, *row) for row in rows]
        return found

    def _whole(
        self, school: str, attempt: Attempt, written: Sequence[writing.Written], outcome: Any
    ) -> Query:
        """Return what writes all of it, and what lists and workers find it by."""
        case: Case | None = getattr(outcome, "case", None)
        return writing.whole(
            school,
            attempt,
            written,
            writing.listed(case, self._sealer) if case is not None else None,
            new=school not in self._known,
        )

    async def _landed(self, school: str, written: Sequence[writing.Written]) -> bool:
        """Return whether a transaction whose connection was cut was kept. StoreError if nobody knows.

        Its rows are looked for as they were sealed, once nobody writes in the school any more. The number of
        the transaction would not do: a server that was killed gives it to another.
        """
        places = [one.row.table for one in written], [one.row.id for one in written]
        locked, fate = (_LOCK, (school,)), (_FATE, (school, *places))
        _, found = await self._database.ask(school, locked, fate)
        there = {(table, row): (version, body) for table, row, version, body in found}
        now = [(one, *there.get((one.row.table, one.row.id), (0, b""))) for one in written]
        if any(body == one.sealed for one, _, body in now):
            return True
        if now and all(version > one.row.version for one, version, _ in now):
            raise trouble.away()  # all of it was written over since, by us or by somebody who came first
        return False


class _Job(Struct, frozen=True):
    """What is to be done on the rows of a school, and what it will probably ask for."""

    school: str
    asked: set[Asked]
    work: Callable[[Attempt], Any]
    change: Change | None


class _Kept:
    """How far a try came."""

    def __init__(self) -> None:
        #: whether "commit" was said, and of which rows
        self.said = False
        self.written: list[writing.Written] = []
        self.outcome: Any = None


async def _say(connection: AsyncConnection, query: Query) -> None:
    sql, values = query
    await connection.execute(sql.encode(), values)


def _asking(school: str, wanted: set[Asked], owners: list[str]) -> dict[str, object]:
    of = {kind: [one for one in wanted if one[0] == kind] for kind in ("row", "first", "last", "count")}
    return {
        "school": school,
        "row_tables": [table for _, table, _ in of["row"]],
        "row_ids": [row for _, _, row in of["row"]],
        "first_tables": [table for _, table, _ in of["first"]],
        "first_parents": [parent for _, _, parent in of["first"]],
        "last_tables": [table for _, table, _ in of["last"]],
        "counts": [name for _, name, _ in of["count"]],
        "owners": owners,
    }
