"""Very many cases in a database, each as the store itself would keep it: sealed, listed, with its timers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import psycopg
from msgspec.structs import replace

from bot.clock import new_id
from flows.case.clock.table import key
from flows.model import Case, CaseId, Outcome, Status, Timer, TimerKind
from flows.references import looked_for
from flows.school import SchoolId
from storage import codec
from storage.commit import found_by
from storage.keys import KEYS, OF_THE_SCHOOL, InnerKey, Keys
from storage.postgres import writing
from storage.rows import NewRow, owner_of, sealed

TIMERS = 5
#: of each school so many are open, so many were closed this week
OPEN, CLOSED_THIS_WEEK = 40, 20
_ROWS = "copy rows(n, school, tbl, id, version, parent, ord, key, body) from stdin"
_DUE = "copy due(school, tbl, id, n, due, ord) from stdin"
_LISTED = "copy listed(school, id, opened, closed, shut, reporter, marks, going) from stdin"
_SCHOOL = "insert into schools(school) values(%s) on conflict do nothing"
_KEY = """insert into rows(school, tbl, id, version, ord, key, body) values(%s, 'keys', '-', 1, 0, %s, %s)
on conflict do nothing"""
_HIS_KEY = "select body from rows where school=%s and tbl='keys' and id='-'"


def fill(address: str, keys: Keys, like: Case, schools: list[SchoolId], each: int) -> None:
    """Write so many cases like one into each school; ``address`` is that of somebody who may write all."""
    with psycopg.connect(address) as connection:
        for school in schools:
            connection.execute(_SCHOOL, (school,))
            connection.execute(_KEY, (school, keys.outside.id, keys.new_wrap()))
            found = connection.execute(_HIS_KEY, (school,)).fetchone()
            assert found is not None  # noqa: S101 - just written
            made = [_another(like, school, number) for number in range(each)]
            _write(connection, keys, made, bytes(found[0]))
            connection.commit()
        connection.execute("select setval('rows_n_seq', (select max(n) from rows))")
        connection.commit()
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("analyze")


def _another(like: Case, school: SchoolId, number: int) -> Case:
    words = " ".join(f"word{number * 12 + n}" for n in range(12))
    posting = replace(like.report.posting, words=words, link=f"https://social.example/other/{number}")
    copy = replace(
        like,
        report=replace(like.report, posting=posting),
        id=CaseId(new_id()),
        school=school,
        reference=f"{like.reference.rpartition('-')[0]}-{number:06}",
        cards=(),
        alarms={},
        version=1,
    )
    if number < OPEN:
        return copy
    ago = dt.timedelta(days=8, hours=number) if number >= OPEN + CLOSED_THIS_WEEK else dt.timedelta(hours=1)
    at = like.opened_at - ago
    shut = {"status": Status.CLOSED, "outcome": Outcome.INVITED, "closed_at": at}
    return replace(copy, opened_at=at - dt.timedelta(days=2), **shut)


def _rows(case: Case, keys: Keys) -> Iterator[NewRow]:
    school, far = case.school, case.opened_at + dt.timedelta(days=3650)
    yield NewRow(KEYS, school, case.id, 1, keys.new_wrap())
    yield NewRow("cases", school, case.id, 1, codec.encode(case))
    yield NewRow("references", school, keys.veil(looked_for(case.reference)), 1, codec.encode(case.id))
    for n in range(TIMERS):
        kind, about = TimerKind.REMIND, f"thing_{n}"
        name = key(kind, case.id, about)
        timer = Timer(key=name, school=school, kind=kind, due=far, case=case.id, about=about)
        yield NewRow("wakes", school, keys.veil_within(name), 1, codec.encode(timer), *found_by(timer))


def _write(connection: psycopg.Connection, keys: Keys, cases: list[Case], own: bytes) -> None:
    found = connection.execute("select coalesce(max(n), 0) from rows").fetchone()
    number = found[0] if found is not None else 0
    due, listed = list[Sequence[object]](), list[Sequence[object]]()
    with connection.cursor().copy(_ROWS) as copy:
        for case in cases:
            rows = list(_rows(case, keys))
            data: dict[str, InnerKey] = {case.id: keys.inner(case.school, case.id, rows[0].body)}
            data[OF_THE_SCHOOL] = keys.inner(case.school, OF_THE_SCHOOL, own)
            for row in rows:
                number += 1
                by = None if row.table == KEYS else data[owner_of(row.table, row.id, row.parent)]
                name, body = sealed(row, keys, by)
                place = row.school, row.table, row.id
                copy.write_row((number, *place, row.version, row.parent, row.ord, name, body))
                if row.due is not None:
                    due.append((*place, number, row.due, row.ord))
            listed.append((case.school, *writing.listed(case, keys).values()))
    for sql, lines in ((_DUE, due), (_LISTED, listed)):
        with connection.cursor().copy(sql) as copy:
            for one in lines:
                copy.write_row(one)
