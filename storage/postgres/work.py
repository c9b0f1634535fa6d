"""What is due, handed to one worker at a time: a school is in one worker's hands, for as long as it works.

So everything that a worker knows while it works – what is under way at a destination, the last edit of a
message, how many messages somebody had – is as right with ten of them as with one. One that dies leaves its
schools to the others after :data:`_LENT`. Whatever a worker does is kept under versions all the same: should
two ever hold one school, the second to attempt a send is refused before it says a word.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Collection, Sequence
from typing import Any, TypeVar

from flows.errors import UnreadableRow
from flows.model import Apart, CaseId, Send, Timer
from flows.school import SchoolId
from storage import codec
from storage.keys import Keys
from storage.postgres import file_rows
from storage.postgres.bell import LAZILY
from storage.postgres.columns import COLUMNS
from storage.postgres.database import Database, Query
from storage.postgres.keyring import learned
from storage.rows import FoundRow

T = TypeVar("T", Send, Timer)

#: how long a school is in a worker's hands after it last asked (seconds): longer than it ever sleeps
_LENT = 45
#: asked again before then, the database is told only so often
_RENEWED = 20
#: schools that are put in order in one way to the database and back
_AT_ONCE = 100
_KINDS: dict[str, type[Send | Timer]] = {"sends": Send, "wakes": Timer}
_LINE = "order by d.ord/10, d.due, d.ord, d.n limit %(most)s"
_BUT = "d.school <> all(%(but)s)"
TAKE = f"""with free as materialized (select school from schools where (holder=%(me)s or until < now())
and school in (select d.school from due d join schools s using (school) where d.tbl=%(tbl)s and d.due<=%(by)s
and {_BUT} and (s.holder=%(me)s or s.until < now()) {_LINE}) for update skip locked),
taken as (update schools s set holder=%(me)s, until=now() + make_interval(secs => {_LENT})
from free where s.school=free.school
and (s.holder<>%(me)s or s.until < now() + make_interval(secs => {_LENT - _RENEWED})))
select d.school, d.id from due d join free using (school) where d.tbl=%(tbl)s and d.due<=%(by)s
and {_BUT} {_LINE}"""  # noqa: S608 - our own words
LOOK = f"select d.school, d.id from due d where d.tbl=%(tbl)s and d.due<=%(by)s and {_BUT} {_LINE}"  # noqa: S608 - likewise
NEXT = "select min(due) from due where tbl=%s and due>%s"
_LET_GO = "update schools set holder='', until='-infinity' where holder=%s"
_AS = "select set_config('report.school', %s, true)"
_BODIES = COLUMNS + "and id = any(%s)"
_RENAME = "update rows set tbl=%s where school=%s and tbl=%s and id=%s"
_LINE_UP = "update due set tbl=%s where school=%s and tbl=%s and id=%s"
_RESTS = "select distinct school from due where tbl = any(%s) order by school"
_OLD = "delete from rows where school=%s and tbl='handled' and ord < %s"
_FORGET = "delete from {} where school=%s and tbl = any(%s)"
_ASIDE = [f"{table} apart" for table in _KINDS]


class Work:
    """The worker's part of the store."""

    def __init__(self, database: Database, sealer: Keys, *, looking: bool) -> None:
        """Take nothing into our hands yet, and nothing at all where we are only ``looking``."""
        self._database = database
        self._sealer = sealer
        self._looking = looking
        self._me = os.urandom(8).hex()

    async def due(
        self,
        kind: type[T],
        table: str,
        now: dt.datetime,
        most: int,
        but: Collection[str],
        *,
        take: bool = True,
    ) -> list[T]:
        """Return what is due of the schools in our hands, and of those in nobody's, which are ours then."""
        asked = {"me": self._me, "tbl": table, "by": codec.instant(now), "most": most, "but": list(but)}
        sql = TAKE if take and not self._looking else LOOK
        # who has what in hand may be forgotten
        _, line = await self._database.ask("", LAZILY, (sql, asked))
        found = await self._bodies(table, line)
        rows = [found[school, row] for school, row in line if (school, row) in found]
        return await self.whole(kind, rows)

    async def _bodies(self, table: str, line: Sequence[Any]) -> dict[tuple[str, str], FoundRow]:
        """Return rows of several schools, each school asked for as itself."""
        schools: dict[str, list[str]] = {}
        for school, row in line:
            schools.setdefault(school, []).append(row)
        queries: list[Query] = []
        for school, rows in schools.items():
            queries += [(_AS, (school,)), (_BODIES, (school, table, rows))]
        answers = await self._database.ask("", *queries) if queries else []
        bodies = [row for answer in answers[1::2] for row in answer]
        bodies = list(await learned(self._database, self._sealer, bodies))
        return {(row[1], row[2]): FoundRow(self._sealer, *row) for row in bodies}

    async def _whole(self, kind: type[T], row: FoundRow) -> T | None:
        """Return what opens; the rest is moved to where nothing looks for it."""
        try:
            return codec.decode(kind, row.body)
        except UnreadableRow:
            if not self._looking:
                moved = (f"{row.table} apart", row.school, row.table, row.id)
                await self._database.ask(row.school, (_RENAME, moved), (_LINE_UP, moved))
            return None

    async def whole(self, kind: type[T], rows: Sequence[FoundRow]) -> list[T]:
        """Return what opens of these."""
        return [one for row in rows if (one := await self._whole(kind, row)) is not None]

    async def next_due(self, after: int) -> int | None:
        """Return when the next send or timer is due after a moment."""
        found = await self._database.ask("", *((NEXT, (table, after)) for table in _KINDS))
        firsts = [rows[0][0] for rows in found]
        return min((first for first in firsts if first is not None), default=None)

    async def schools(self) -> list[str]:
        """Return every school that has rows, and every platform that keeps records."""
        (found,) = await self._database.ask("", ("select school from schools order by school", ()))
        return [school for (school,) in found]

    async def tidy(self, handled_before: int) -> None:
        """Forget old deliveries and files that nobody has; put back what opens now."""
        schools = await self.schools()
        for first in range(0, len(schools), _AT_ONCE):
            queries: list[Query] = []
            for school in schools[first : first + _AT_ONCE]:
                old = _OLD, (school, handled_before)
                queries += [(_AS, (school,)), old, (file_rows.OVERDUE, (school,)), file_rows.unused(school)]
            await self._database.ask("", *queries)
        for school in await self._where_some_rest():
            for row, reason in await self._resting(school):
                if reason is None:
                    back = row.table, row.school, f"{row.table} apart", row.id
                    await self._database.ask(row.school, (_RENAME, back), (_LINE_UP, back))

    async def _where_some_rest(self) -> list[str]:
        (found,) = await self._database.ask("", (_RESTS, (_ASIDE,)))
        return [school for (school,) in found]

    async def _resting(self, school: str, *, waiting: bool = False) -> list[tuple[FoundRow, str | None]]:
        """Return each row that rests (or waits), and why it does not open (None = it does)."""
        found: list[tuple[FoundRow, str | None]] = []
        for table, kind in _KINDS.items():
            named = table if waiting else f"{table} apart"
            (rows,) = await self._database.ask(school, (COLUMNS, (school, named)))
            for row in await learned(self._database, self._sealer, rows):
                own = FoundRow(self._sealer, table, *row[1:])
                try:
                    codec.decode(kind, own.body)
                    found.append((own, None))
                except UnreadableRow as error:
                    found.append((own, error.reference))
        return found

    async def apart(self) -> list[Apart]:
        """Return what rests apart; where we only look, also what would if it fell due."""
        found = []
        for school in await (self.schools() if self._looking else self._where_some_rest()):
            rows = await self._resting(school)
            rows += await self._resting(school, waiting=True) if self._looking else []
            found += [_apart(row, reason) for row, reason in rows if reason is not None]
        return found

    async def forget_apart(self) -> None:
        """Drop what rests apart, for good."""
        for school in await self._where_some_rest():
            over = (school, _ASIDE)
            await self._database.ask(school, (_FORGET.format("rows"), over), (_FORGET.format("due"), over))

    async def let_go(self) -> None:
        """Leave the schools in our hands to the others."""
        if not self._looking:
            await self._database.ask("", (_LET_GO, (self._me,)))


def _apart(row: FoundRow, reason: str) -> Apart:
    about = row.parent or row.id.partition("/")[0]
    return Apart(
        school=SchoolId(row.school),
        kind=_KINDS[row.table].__name__.lower(),
        id=row.id,
        about=CaseId(about),
        reason=reason,
    )
