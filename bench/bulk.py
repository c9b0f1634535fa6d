"""Very many cases in a database, each as the store itself would keep it, and none of them by a turn.

The store's own rules say which rows a change has (:class:`storage.commit.Committer`): keys, events, lines of
the audit and the chain that holds them. Each row is sealed for its own place, by its own case's key. What is
spared is the way and back for each case: a school's rows are written at once, by COPY, indexes as they are.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat

import psycopg
from msgspec import Struct
from msgspec.structs import replace

from bot.clock import new_id
from flows.model import Audit, Case, CaseId, Change, Event, EventKind, Outcome, Status, Timer
from flows.school import SchoolId
from storage.commit import Committer
from storage.keys import KEYS, OF_THE_SCHOOL, Keys, Outside
from storage.postgres import writing
from storage.postgres.attempt import Asked, Attempt
from storage.postgres.chained import LINKS
from storage.postgres.columns import COLUMNS
from storage.rows import FoundRow, NewRow

TIMERS = 5
#: of each school so many are open, so many were closed this week
OPEN, CLOSED_THIS_WEEK = 40, 20
#: over so many minutes from tomorrow on timers fall due
_SPREAD = 60 * 24 * 365
#: rows of a case at the most, so that each school has numbers of its own
_ROWS_EACH = 24
_ROWS = "copy rows(n, school, tbl, id, version, parent, ord, key, body) from stdin (format binary)"
_ROW_TYPES = ("int8", "text", "text", "text", "int4", "text", "int8", "text", "bytea")
_DUE = "copy due(school, tbl, id, n, due, ord) from stdin (format binary)"
_DUE_TYPES = ("text", "text", "text", "int8", "int8", "int8")
_LISTED = "copy listed(school, id, opened, closed, shut, reporter, marks, going) from stdin (format binary)"
_LISTED_TYPES = ("text", "text", "int8", "int8", "bool", "text", "text[]", "bool")
_COUNTED = "select name, value from counters where school=%s"
_LAST_NUMBER = "select coalesce(max(n), 0) from rows"


class Like(Struct, frozen=True):
    """A case that came in by the front door, with all that is made again of it."""

    case: Case
    events: Sequence[Event]
    audit: Sequence[Audit]
    timers: Sequence[Timer]


def fill(address: str, keys: Keys, like: Like, schools: Sequence[SchoolId], numbers: range) -> None:
    """Write a case for each number into each school; ``address`` is that of somebody who may write all."""
    with psycopg.connect(address) as connection:
        found = connection.execute(_LAST_NUMBER).fetchone()
        first = found[0] + 1 if found is not None else 1
    firsts = [first + place * len(numbers) * _ROWS_EACH for place in range(len(schools))]
    given = (repeat(one) for one in (address, keys.outside.key, keys.root, like, numbers))
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(_fill_school, *given, schools, firsts):
            pass
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("select setval('rows_n_seq', (select max(n) from rows))")
        connection.execute("vacuum analyze")


def changes(like: Like, school: SchoolId, numbers: Iterable[int]) -> Iterator[Change]:
    """Yield what opens each case: the first forty are open, others closed, one every hour back from then."""
    for number in numbers:
        case = _another(like.case, school, number)
        shut = case.status is Status.CLOSED
        events = [replace(one, case=case.id, at=case.opened_at) for one in like.events]
        if shut:
            at = case.closed_at or case.opened_at
            events.append(Event(case=case.id, seq=len(events) + 1, kind=EventKind.CLOSED, at=at))
        yield Change(
            school=school,
            case=replace(case, events=len(events)),
            events=tuple(events),
            audit=tuple(
                replace(one, school=school, case=case.id, at=case.opened_at) for one in like.audit[:1]
            ),
            timers=tuple(_timers(like, case, number)),
        )


def _another(like: Case, school: SchoolId, number: int) -> Case:
    words = " ".join(f"word{number * 12 + n}" for n in range(12))
    posting = replace(like.report.posting, words=words, link=f"https://social.example/other/{number}")
    copy = replace(
        like,
        report=replace(like.report, posting=posting),
        id=CaseId(new_id()),
        school=school,
        reference=f"{like.reference.partition('-')[0]}-2020-{number:06}",
        cards=(),
        alarms={},
        version=0,
    )
    if number < OPEN:
        return copy
    ago = dt.timedelta(days=8, hours=number) if number >= OPEN + CLOSED_THIS_WEEK else dt.timedelta(hours=1)
    at = like.opened_at - ago
    shut = {"status": Status.CLOSED, "outcome": Outcome.INVITED, "closed_at": at}
    return replace(copy, opened_at=at - dt.timedelta(days=2), **shut)


def _timers(like: Like, case: Case, number: int) -> Iterator[Timer]:
    """Yield five timers, none due before tomorrow, spread over a year."""
    for place, timer in enumerate(like.timers[:TIMERS]):
        minutes = (number * TIMERS + place) * 7919 % _SPREAD
        due = like.case.opened_at + dt.timedelta(days=1, minutes=minutes)
        key = timer.key.replace(like.case.id, case.id)
        yield replace(timer, key=key, school=case.school, case=case.id, due=due)


class _Gathered(Attempt):
    """What several changes write into a school, one behind the other."""

    def newest(self, table: str, school: str, parent: None, most: int) -> list[FoundRow]:
        """Return the link of the change before; of the first, the one that is kept."""
        if LINKS in self.counted:
            return [self.put_rows["chain", f"{self.counted[LINKS]:012}"]]  # type: ignore[list-item] # it is read alike
        return super().newest(table, school, parent, most)

    def put(self, row: NewRow) -> None:
        """Write a row; a link says how many there are."""
        super().put(row)
        if row.table == "chain":
            self.counted[LINKS] = int(row.id)


def _fill_school(  # noqa: PLR0917 - what a process is told
    address: str, outside: bytes, root: bytes, like: Like, numbers: range, school: SchoolId, first: int
) -> None:
    with psycopg.connect(address) as connection:
        write(connection, Keys(Outside(outside), root), school, first, changes(like, school, numbers))


def write(
    connection: psycopg.Connection, keys: Keys, school: SchoolId, first: int, of: Iterable[Change]
) -> None:
    """Write changes of one school that nobody else writes to; their rows are numbered from ``first``."""
    gathered = _Gathered(keys, school, _there(connection, keys, school))
    committer = Committer(gathered)
    cases = [committer.commit(one).case for one in of]
    _copy(connection, gathered, school, first, [case for case in cases if case is not None])


def _there(connection: psycopg.Connection, keys: Keys, school: SchoolId) -> dict[Asked, object]:
    """Return what a school has that the next change goes on from; of nothing else is anything there."""
    known: dict[Asked, object] = {}
    for name, value in connection.execute(_COUNTED, (school,)):
        known["count", name, ""] = value
    for asked, where in (("row", f"and id='{OF_THE_SCHOOL}'"), ("last", "order by id desc limit 1")):
        table = KEYS if asked == "row" else "chain"
        row = connection.execute((COLUMNS + where).encode(), (school, table)).fetchone()
        if row is not None:
            known[asked, table, OF_THE_SCHOOL if asked == "row" else ""] = FoundRow(keys, *row)
    return known


def _copy(
    connection: psycopg.Connection, gathered: Attempt, school: SchoolId, first: int, cases: Sequence[Case]
) -> None:
    written = writing.sealed(gathered)
    rows, due = list[Sequence[object]](), list[Sequence[object]]()
    for number, one in enumerate(written, first):
        row = one.row
        place = school, row.table, row.id
        rows.append((number, *place, row.version, row.parent, row.ord, one.key, one.sealed))
        if row.due is not None:
            due.append((*place, number, row.due, row.ord))
    listed = [(school, *writing.listed(case, gathered.sealer).values()) for case in cases]
    for sql, types, lines in (
        (_ROWS, _ROW_TYPES, rows),
        (_DUE, _DUE_TYPES, due),
        (_LISTED, _LISTED_TYPES, listed),
    ):
        with connection.cursor().copy(sql) as copy:
            copy.set_types(types)
            for line in lines:
                copy.write_row(line)
    for name, value in gathered.counted.items():
        connection.execute(writing.COUNT.encode(), (school, name, value))
    connection.execute(*writing.known(school))
