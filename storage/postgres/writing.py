"""What a tried commit writes, as statements: few, whatever the change holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from flows.case.summary import summary
from flows.model import Case, Status
from flows.school import SchoolId
from storage.codec import instant
from storage.postgres.attempt import Attempt
from storage.postgres.chained import LINKS
from storage.postgres.database import Query
from storage.rows import NewRow
from storage.seal import Sealer

#: the tables whose rows fall due
DUE = ("sends", "wakes")
_GONE = """delete from {} where school=%s and (tbl, id) in
(select * from unnest(%s::text[], %s::text[]))"""
_NEW = """with new as (select * from unnest(%s::text[], %s::text[], %s::int[], %s::text[], %s::bigint[],
%s::text[], %b::bytea[], %s::bigint[])
with ordinality as t(tbl, id, version, parent, ord, key, body, due, pos)),
put as (insert into rows(school, tbl, id, version, parent, ord, key, body)
select %s, tbl, id, version, parent, ord, key, body from new order by pos
on conflict (school, tbl, id) do update set version=excluded.version, ord=excluded.ord, key=excluded.key,
body=excluded.body returning tbl, id, n)
insert into due(school, tbl, id, n, due, ord)
select %s, put.tbl, put.id, put.n, new.due, new.ord from put join new on (new.tbl, new.id)=(put.tbl, put.id)
where new.due is not null
on conflict (school, tbl, id) do update set due=excluded.due, ord=excluded.ord"""
COUNT = """insert into counters(school, name, value) values(%s, %s, %s)
on conflict (school, name) do update set value=excluded.value"""
_LIST = """insert into listed(school, id, opened, closed, shut, reporter, marks)
values(%s, %s, %s, %s, %s, %s, %s)
on conflict (school, id) do update set opened=excluded.opened, closed=excluded.closed, shut=excluded.shut,
reporter=excluded.reporter, marks=excluded.marks"""
_UNLIST = "delete from listed where school=%s and id = any(%s)"
_ROSTER = """insert into schools(school, roster) values(%s, %s)
on conflict (school) do update set roster=excluded.roster"""
_SCHOOL = "insert into schools(school) values(%s) on conflict do nothing"
_NOTIFY = "select pg_notify(%s, %s)"


class Written(Struct, frozen=True):
    """A row as it is written: no two seals are alike, so it can be told from every other."""

    row: NewRow
    sealed: bytes


def sealed(rows: Iterable[NewRow], sealer: Sealer) -> list[Written]:
    """Return rows, sealed."""
    return [Written(row, sealer.seal(row.body, row.table, row.school, row.id, row.version)) for row in rows]


def statements(school: str, attempt: Attempt, written: Sequence[Written]) -> Iterator[Query]:
    """Yield what writes all that an attempt has gathered."""
    rows = [one.row for one in written]
    over = [(row.table, row.id) for row in rows if row.table in DUE and row.due is None]
    over += [place for place in attempt.removed if place[0] in DUE]
    if attempt.removed:
        yield gone("rows", school, attempt.removed)
    if cases := [row for table, row in attempt.removed if table == "cases"]:
        yield _UNLIST, (school, cases)
    if over:
        yield gone("due", school, over)
    if rows:
        yield put(school, written, attempt.sealer.id)
    for name, value in attempt.counted.items():
        yield COUNT, (school, name, value)
    for row in rows:
        if row.table == "roster":
            yield _ROSTER, (school, row.version)
        if row.table == "chain":
            yield COUNT, (school, LINKS, int(row.id))


def gone(table: str, school: str, places: Iterable[tuple[str, str]]) -> Query:
    """Return what forgets rows of a table of the database."""
    places = list(places)
    return _GONE.format(table), (school, [table for table, _ in places], [row for _, row in places])


def put(school: str, written: Sequence[Written], key: str) -> Query:
    """Return what writes rows, and when they fall due."""
    rows = [one.row for one in written]
    return _NEW, (
        [row.table for row in rows],
        [row.id for row in rows],
        [row.version for row in rows],
        [row.parent for row in rows],
        [row.ord for row in rows],
        [key] * len(rows),
        [one.sealed for one in written],
        [row.due for row in rows],
        school,
        school,
    )


def listed(case: Case, sealer: Sealer) -> Query:
    """Return what has a case be found by lists."""
    row = summary(case)
    shut = row.status is Status.CLOSED
    return _LIST, (
        case.school,
        case.id,
        instant(row.opened_at),
        instant(row.closed_at) if shut and row.closed_at is not None else None,
        shut,
        sealer.veil(row.reporter),
        [sealer.veil(mark) for mark in row.marks],
    )


def known(school: SchoolId | str) -> Query:
    """Return what lets a school be seen by whoever looks for work."""
    return _SCHOOL, (school,)


def ring(bell: str, word: str = "") -> Query:
    """Return what whoever listens hears, once all of this is kept."""
    return _NOTIFY, (bell, word)
