"""A database that several processes share: its walls, its migrations, and who has what in hand."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import psycopg
import pytest
from msgspec.structs import replace

from bot.monitoring.metrics import WAITING, Metrics
from flows.errors import Conflict, StoreError
from flows.model import CaseId, Change, Handled, Roster, Send, SendState
from flows.ports import Store
from storage.open import Opening, open_store
from storage.postgres import migrate, work
from storage.postgres.bell import Bell
from storage.postgres.store import PostgresStore
from tests.database import Server
from tests.storage import samples as s
from tests.storage.conftest import NAME
from tests.town import Town

FAR = s.later(10**6)


@asynccontextmanager
async def opened(address: str, count: int = 1, key: bytes = s.KEY) -> AsyncIterator[list[Store]]:
    """Open it in so many processes' places."""
    stores = [await open_store(address, key=key) for _ in range(count)]
    try:
        yield stores
    finally:
        for store in stores:
            await store.close()


async def test_a_case_of_before_is_looked_at_whether_it_goes(database: str, running: Server) -> None:
    """What was kept before it was written down which cases go is found like what was kept since."""
    async with opened(database) as (store,):
        for number, day in ((1, s.NOW.date()), (2, None)):
            await store.commit(Change(school=s.HILL, case=s.case(number, removal=day)))
        running.run("update listed set going = default", database=NAME)
        assert [row.id for row in await store.cases_going(s.HILL)] == ["C0001"]


# -- the second wall --------------------------------------------------------------------------------


@pytest.mark.feature("walls")
async def test_the_role_of_the_program_sees_one_school_at_a_time(database: str, running: Server) -> None:
    """With another school named, or none, the database itself shows no row and takes none."""
    async with opened(database) as (store,):
        await store.commit(s.opening())
        await store.put_file(s.HILL, b"file")
    with psycopg.connect(database) as connection:
        for said in ("", f"set local report.school = '{s.DALE}'"):
            connection.execute("set local role report_posting_app")
            if said:
                connection.execute(said.encode())
            for table in ("rows", "counters", "listed", "files", "file_uses"):
                found = connection.execute(f"select count(*) from {table}".encode()).fetchone()  # noqa: S608 - our own words
                assert found == (0,), (table, said)
            for sql in (
                "update rows set version = 99",
                "delete from rows",
                f"update rows set school = '{s.DALE}'",  # noqa: S608 - our own words
            ):
                assert connection.execute(sql.encode()).rowcount == 0
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(
                    "insert into rows(school, tbl, id, version, ord, key, body) "
                    f"values('{s.HILL}', 'cases', 'x', 1, 0, '', '')".encode()
                )
            connection.rollback()
    rows = running.run("select count(*) from rows", database=NAME)
    assert rows[0][0] != 0


@pytest.mark.parametrize(
    "sql",
    [
        "drop table rows",
        "alter table rows disable row level security",
        "drop policy one_school on rows",
        "truncate rows",
        "alter role report_posting_app bypassrls",
        "update migrations set number = 99",
        "delete from meta",
        "create table mine(a int)",
    ],
)
async def test_the_role_of_the_program_owns_nothing(database: str, sql: str) -> None:
    """It cannot take down the wall it stands behind, nor touch what others made."""
    with psycopg.connect(database) as connection:
        for role in ("report_posting_app", "none"):
            connection.execute(f"set local role {role}".encode())
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(sql.encode())
            connection.rollback()


async def test_where_a_host_gives_one_role_its_owner_stands_behind_the_wall_too(
    running: Server,
) -> None:
    """Who owns the tables sees no row of a school it did not name: the wall is forced on owners."""
    running.empty(NAME)
    async with opened(running.address(NAME, "owner")) as (store,):
        await store.commit(s.opening())
        assert await store.case(s.HILL, CaseId("C0001")) is not None
    with psycopg.connect(running.address(NAME, "owner")) as connection:
        assert connection.execute("select count(*) from rows").fetchone() == (0,)


async def test_nothing_that_people_made_lies_open(database: str, running: Server) -> None:
    """Every word of a case, every name and account is sealed or a keyed hash, in every column."""
    async with opened(database) as (store,):
        await store.commit(replace(s.opening(), draft=s.draft()))
        await store.put_file(s.HILL, b"what was posted")
        row = (await store.cases(s.HILL))[0]
    shown = ""
    for table in ("rows", "counters", "listed", "files", "file_uses", "due", "schools", "meta", "keyring"):
        shown += repr(running.run(f"select t::text from {table} t", database=NAME))  # noqa: S608 - our own words
    for word in (row.reference, s.ASH, s.BROOK, "in-1", "what was posted", *row.marks):
        assert word not in shown
        assert word.encode().hex() not in shown


# -- migrations -------------------------------------------------------------------------------------


@pytest.mark.feature("database-url")
async def test_migrations_run_once_whoever_begins(running: Server) -> None:
    """Two releases at the same moment make the tables once; a third finds nothing to do."""
    running.run("drop database if exists twice", database="postgres")
    running.run("create database twice owner owner")
    address = running.address("twice", "owner")
    done = await asyncio.gather(migrate.migrate(address), migrate.migrate(address))
    assert sorted(map(len, done)) == [0, len(migrate.numbered())]
    assert await migrate.migrate(address) == []


async def test_a_migration_that_fails_leaves_nothing(
    running: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of a release's migrations are kept, or none: the one before goes on."""
    running.run("drop database if exists half", database="postgres")
    running.run("create database half owner owner")
    known = migrate.numbered()
    monkeypatch.setattr(
        migrate, "numbered", lambda: {**known, 9000: ("9000_bad.sql", "create table rows(a int)")}
    )
    with pytest.raises(StoreError):
        await migrate.migrate(running.address("half", "owner"))
    assert running.run("select to_regclass('rows')", database="half") == [(None,)]


@pytest.mark.parametrize("opening", [Opening.THERE, Opening.LOOK])
async def test_a_database_without_our_tables_is_refused(running: Server, opening: Opening) -> None:
    """With what to do; nothing is made unasked."""
    running.run("drop database if exists bare", database="postgres")
    running.run("create database bare owner owner")
    with pytest.raises(StoreError, match="migrate") as told:
        await open_store(running.address("bare", "owner"), key=s.KEY, opening=opening)
    assert told.value.reference == "store-not-migrated"


async def test_a_database_of_a_newer_version_is_refused(database: str, running: Server) -> None:
    """By the program, and by its migrations."""
    running.run("insert into migrations values(9999, 'of tomorrow')", database=NAME)
    try:
        with pytest.raises(StoreError, match="newer"):
            await open_store(database, key=s.KEY)
        with pytest.raises(StoreError, match="newer"):
            await migrate.migrate(running.address(NAME, "owner"))
    finally:
        running.run("delete from migrations where number = 9999", database=NAME)


async def test_another_key_opens_nothing(database: str) -> None:
    """A database is sealed with the key it was first opened with."""
    async with opened(database):
        pass
    with pytest.raises(StoreError, match="another key"):
        await open_store(database, key=bytes(32))


# -- several processes ------------------------------------------------------------------------------


async def test_a_school_is_in_one_workers_hands(database: str) -> None:
    """What is due of a school is given to one worker; what is another's school's, to another."""
    async with opened(database, 3) as (first, second, third):
        await first.commit(s.opening())
        await first.commit(s.opening(school=s.DALE))
        mine = await first.due_sends(FAR, most=1)
        theirs = await second.due_sends(FAR)
        assert {send.school for send in mine}.isdisjoint({send.school for send in theirs})
        assert len({send.school for send in (*mine, *theirs)}) == 2
        assert await third.due_sends(FAR) == await third.due_timers(FAR) == []
        assert [one.key for one in await first.due_sends(FAR, most=1)] == [one.key for one in mine]
        assert {timer.school for timer in await first.due_timers(FAR)} == {send.school for send in mine}


async def test_what_is_only_counted_is_taken_from_nobody(database: str) -> None:
    """A process that takes in what comes counts what waits when it is asked; workers get it all the same."""
    async with opened(database, 2) as (web, worker):
        await web.commit(s.opening())
        place = Town(web)
        place.clock.at = FAR
        counted = re.findall(
            rf"^{WAITING.name}{{.*}} (\d+)$", await Metrics(place.context).text(), re.MULTILINE
        )
        assert sum(map(int, counted)) > 0
        assert await worker.due_sends(FAR)
        assert await web.due_sends(FAR, take=False) != await web.due_sends(FAR) == []


async def test_what_a_worker_leaves_goes_to_the_others(database: str, running: Server) -> None:
    """At once where it ends in good order; after a while where it dies."""
    async with opened(database, 2) as (first, second):
        await first.commit(s.opening())
        assert await first.due_sends(FAR)
        assert await second.due_sends(FAR) == []
        await first.close()
        assert await second.due_sends(FAR)
        running.run("update schools set until = now() - interval '1 second'", database=NAME)
        async with opened(database) as (third,):
            assert await third.due_sends(FAR)
            assert await second.due_sends(FAR) == []


async def test_of_workers_that_race_for_a_send_one_attempts_it(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if all of them believed it was theirs: the attempt is on record before a word is said."""
    monkeypatch.setattr(work, "TAKE", work.LOOK)  # a seeded bug: nobody asks who has it in hand
    async with opened(database, 3) as stores:
        await stores[0].commit(s.opening())
        attempted = list[Send]()

        async def worker(store: Store, seen: Sequence[Send]) -> None:
            for send in seen:
                try:
                    change = Change(
                        school=send.school, updated_sends=(replace(send, state=SendState.ATTEMPTED),)
                    )
                    attempted.extend((await store.commit(change)).updated_sends)
                except Conflict:
                    continue

        seen = [await store.due_sends(FAR) for store in stores]  # all of them, before anybody begins
        await asyncio.gather(*map(worker, stores, seen))
        assert sorted(send.key for send in attempted) == sorted({send.key for send in attempted})
        assert len(attempted) == len(s.opening().new_sends)


async def test_of_workers_that_race_for_a_digest_one_plans_it(database: str) -> None:
    """A year of digests, planned by all of them at once: each week's goes out once."""
    async with opened(database, 3) as stores:
        weeks = [replace(s.send(1, "digest"), key=f"digest/{week}", case=None) for week in range(52)]
        await asyncio.gather(
            *(store.commit(Change(school=s.HILL, new_sends=(week,))) for week in weeks for store in stores)
        )
        due = await stores[0].due_sends(FAR, most=1000)
        assert sorted(send.key for send in due) == sorted(week.key for week in weeks)
        assert {send.version for send in due} == {1}


async def test_deliveries_to_several_processes_are_one(database: str) -> None:
    """A platform that delivers to each of them at once is answered by what the first one did."""
    async with opened(database, 4) as stores:
        changes = (replace(s.opening(n), handled=Handled(key="same", at=s.NOW)) for n in range(4))
        kept = await asyncio.gather(*(store.commit(c) for store, c in zip(stores, changes, strict=True)))
        assert [one.repeated for one in kept].count(False) == 1
        assert len(await stores[0].cases(s.HILL)) == 1


async def test_audit_lines_of_several_processes_stand_one_behind_the_other(database: str) -> None:
    """None is lost, none has another's number."""
    async with opened(database, 3) as stores:
        await asyncio.gather(
            *(
                store.commit(Change(school=s.HILL, audit=(s.audit(number), s.audit(number))))
                for number in range(10)
                for store in stores
            )
        )
        assert len(await stores[0].audit(s.HILL)) == 60


async def test_a_worker_wakes_when_another_process_plans_something(database: str) -> None:
    """At once, and not when nothing was planned; a word that is rung is heard as it is."""
    async with opened(database, 2) as (front, behind):
        heard = asyncio.Queue[str]()
        listening = asyncio.create_task(behind.listen(heard.put_nowait))
        assert await heard.get() == ""  # what was planned before it listened is looked for
        await front.commit(Change(school=s.HILL, audit=(s.audit(1),)))
        await front.ring("places")
        assert await heard.get() == "places"
        await front.commit(s.opening())
        assert await heard.get() == ""
        listening.cancel()


async def test_a_bell_is_rung_once_for_many_and_by_no_timer(database: str) -> None:
    """Whoever rings holds up all others for a moment: it is done for what goes out, and once for many."""
    async with opened(database, 2) as (front, behind):
        heard = asyncio.Queue[str]()
        listening = asyncio.create_task(behind.listen(heard.put_nowait))
        assert await heard.get() == ""
        await front.commit(Change(school=s.HILL, timers=(s.timer(1),)))
        await front.ring("timer")
        assert await heard.get() == "timer"
        assert isinstance(front, PostgresStore)
        bell = Bell(front.database)
        for _ in range(20):
            bell.ring()
        await bell.close()
        await front.ring("over")
        assert [await heard.get() for _ in range(2)] == ["", "over"]
        listening.cancel()


async def test_who_holds_a_seat_is_known_everywhere(database: str) -> None:
    """How often a school's list of seats was changed can be asked without reading any."""
    async with opened(database, 2) as (first, second):
        assert await second.rosters() == {}
        await first.commit(Change(school=s.HILL, roster=Roster(school=s.HILL)))
        await first.commit(Change(school=s.HILL, roster=Roster(school=s.HILL, version=1)))
        assert await second.rosters() == {s.HILL: 2}
