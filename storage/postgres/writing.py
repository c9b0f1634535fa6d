"""What a tried commit writes, as statements: few, whatever the change holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from flows.case.summary import summary
from flows.model import Case, Status
from flows.school import SchoolId
from storage.codec import instant
from storage.keys import Keys
from storage.postgres.attempt import Attempt
from storage.postgres.chained import LINKS
from storage.postgres.database import Query
from storage.rows import NewRow
from storage.rows import sealed as as_kept

#: the tables whose rows fall due
DUE = ("sends", "wakes")
_GONE = """delete from {} where school=%s and (tbl, id) in
(select * from unnest(%s::text[], %s::text[]))"""
_UNLIST = "delete from listed where school=%s and id = any(%s)"
LISTED = """insert into listed(school, id, opened, closed, shut, reporter, marks, going)
select %(school)s, %(case)s::text, %(opened)s::bigint, %(closed)s::bigint, %(shut)s::boolean,
%(reporter)s::text, %(marks)s::text[], %(going)s::boolean where %(case)s::text is not null
on conflict (school, id) do update set opened=excluded.opened, closed=excluded.closed, shut=excluded.shut,
reporter=excluded.reporter, marks=excluded.marks, going=excluded.going"""
# One statement for all that is written: rows, when they fall due, counters, what lists find a case by.
_WHOLE = f"""with new as (select * from unnest(%(tables)s::text[], %(ids)s::text[], %(versions)s::int[],
%(parents)s::text[], %(orders)s::bigint[], %(keys)s::text[], %(bodies)b::bytea[], %(dues)s::bigint[])
with ordinality as t(tbl, id, version, parent, ord, key, body, due, pos)),
put as (insert into rows(school, tbl, id, version, parent, ord, key, body)
select %(school)s, tbl, id, version, parent, ord, key, body from new order by pos
on conflict (school, tbl, id) do update set version=excluded.version, ord=excluded.ord, key=excluded.key,
body=excluded.body returning tbl, id, n),
dues as (insert into due(school, tbl, id, n, due, ord)
select %(school)s, put.tbl, put.id, put.n, new.due, new.ord
from put join new on (new.tbl, new.id)=(put.tbl, put.id) where new.due is not null
on conflict (school, tbl, id) do update set due=excluded.due, ord=excluded.ord),
counts as (insert into counters(school, name, value)
select %(school)s, * from unnest(%(names)s::text[], %(values)s::bigint[])
on conflict (school, name) do update set value=excluded.value),
lists as ({LISTED}),
known as (insert into schools(school, roster) select %(school)s, coalesce(%(roster)s::int, 0)
where %(new)s or %(roster)s::int is not null
on conflict (school) do update set roster=coalesce(%(roster)s::int, schools.roster))
select"""  # noqa: S608 - our own words
COUNT = """insert into counters(school, name, value) values(%s, %s, %s)
on conflict (school, name) do update set value=excluded.value"""
_SCHOOL = "insert into schools(school) values(%s) on conflict do nothing"
_NO_CASE = dict.fromkeys(("case", "opened", "closed", "shut", "reporter", "marks", "going"))


class Written(Struct, frozen=True):
    """A row as it is written: no two seals are alike, so it can be told from every other."""

    row: NewRow
    key: str
    sealed: bytes


def sealed(attempt: Attempt) -> list[Written]:
    """Return what an attempt writes, sealed: the keys that it makes for it among it."""
    data = [attempt.inner_key(row) for row in list(attempt.put_rows.values())]
    data += [None] * (len(attempt.put_rows) - len(data))  # the school's own, made for the first that needs it
    rows = zip(attempt.put_rows.values(), data, strict=True)
    return [Written(row, *as_kept(row, attempt.sealer, key)) for row, key in rows]


def gone(school: str, attempt: Attempt) -> Iterator[Query]:
    """Yield what forgets the rows that an attempt removed, and takes out of the line what is over."""
    if cases := [row for table, row in attempt.removed if table == "cases"]:
        yield _UNLIST, (school, cases)
    over = [place for place in attempt.removed if place[0] in DUE]
    over += [place for place, row in attempt.put_rows.items() if place[0] in DUE and row.due is None]
    for table, places in (("rows", list(attempt.removed)), ("due", over)):
        if places:
            of, ids = [name for name, _ in places], [row for _, row in places]
            yield _GONE.format(table), (school, of, ids)


def whole(
    school: str, attempt: Attempt, written: Sequence[Written], case: Mapping[str, object] | None, *, new: bool
) -> Query:
    """Return what writes all that an attempt has gathered."""
    rows = [one.row for one in written]
    links = [int(row.id) for row in rows if row.table == "chain"]
    counted = attempt.counted | ({LINKS: links[-1]} if links else {})
    return _WHOLE, {
        "school": school,
        "tables": [row.table for row in rows],
        "ids": [row.id for row in rows],
        "versions": [row.version for row in rows],
        "parents": [row.parent for row in rows],
        "orders": [row.ord for row in rows],
        "keys": [one.key for one in written],
        "bodies": [one.sealed for one in written],
        "dues": [row.due for row in rows],
        "names": list(counted),
        "values": list(counted.values()),
        **(case or _NO_CASE),
        "roster": next((row.version for row in rows if row.table == "roster"), None),
        "new": new,
    }


def listed(case: Case, sealer: Keys) -> dict[str, object]:
    """Return what lists find a case by."""
    row = summary(case)
    shut = row.status is Status.CLOSED
    return {
        "case": case.id,
        "opened": instant(row.opened_at),
        "closed": instant(row.closed_at) if shut and row.closed_at is not None else None,
        "shut": shut,
        "reporter": sealer.veil(row.reporter),
        "marks": [sealer.veil(mark) for mark in row.marks],
        "going": row.removal is not None,
    }


def known(school: SchoolId | str) -> Query:
    """Return what lets a school be seen by whoever looks for work."""
    return _SCHOOL, (school,)
