"""The store of many processes: sealed rows in PostgreSQL. Any number of processes may have it open."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from flows.errors import StoreError
from flows.model import Apart, AuditProof, CaseId, Change, Committed, Send, Timer
from flows.school import Platform, SchoolId, Schools
from storage import codec
from storage.commit import REMEMBER_HANDLED, Committer
from storage.keys import KEYS, OF_THE_SCHOOL, Keys, Outside
from storage.opening import Opening
from storage.postgres import file_rows, migrate, rotation, trouble, writing
from storage.postgres.attempt import Attempt
from storage.postgres.bell import Bell
from storage.postgres.commits import Commits
from storage.postgres.database import Database
from storage.postgres.keyring import give_keys, handed, keys_of, learned
from storage.postgres.queries import Reader
from storage.postgres.work import Work
from storage.seal import Sealer

_LOCK = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"
_NUMBERS = "select number from migrations"
_OVER = "delete from rows where school=%s and tbl='records' and ord > 0 and ord <= %s"
_ROSTERS = "select school, roster from schools where roster > 0"


async def open_postgres(address: str, sealer: Sealer, opening: Opening) -> PostgresStore:
    """Return the store in a database. Raises StoreError, with what to do."""
    if opening in (Opening.NEW, Opening.EITHER):
        await migrate.migrate(address)
    database = Database(address)
    looking = opening in (Opening.LOOK, Opening.BESIDE)
    try:
        await database.open()
        await _see(database)
        store = PostgresStore(database, await keys_of(database, sealer, looking=looking), looking=looking)
        await store.begin()
    except BaseException:
        await database.close()
        raise
    return store


async def _see(database: Database) -> None:
    """See that the tables are those of this version."""
    (numbers,) = await database.ask("", (_NUMBERS, ()))
    missing = migrate.numbered().keys() - {number for (number,) in numbers}
    if missing:
        raise trouble.not_made()
    if len(numbers) > len(migrate.numbered()):
        raise trouble.newer()


async def proofs_of(address: str, sealer: Sealer, today: dt.date, said: str) -> dict[SchoolId, AuditProof]:
    """Return the proof of each school's audit."""
    store = await open_postgres(address, sealer, Opening.LOOK)
    try:
        schools = [SchoolId(school) for school in await store.schools()]
        found = {school: await store.audit_proof(school, today, said) for school in schools}
    finally:
        await store.close()
    return {school: proof for school, proof in found.items() if proof.links or proof.records}


class PostgresStore(Reader):
    """See :class:`flows.ports.Store`."""

    shared = True

    def __init__(self, database: Database, sealer: Keys, *, looking: bool) -> None:
        super().__init__(database, sealer)
        self._bell = Bell(database)
        self._commits = Commits(database, sealer, self._bell.ring)
        self._work = Work(database, sealer, looking=looking)
        self._looking = looking
        self._closed = False

    @property
    def keys(self) -> Keys:
        """What it is sealed with."""
        return self._sealer

    @property
    def opens_with(self) -> str:
        """The id of the key outside that opens it from now on."""
        return self._sealer.outside.id

    @property
    def root(self) -> bytes:
        """What secrets beside the store are derived from; the same whatever key it is wrapped by."""
        return self._sealer.root

    @property
    def database(self) -> Database:
        """Where it is kept."""
        return self._database

    async def schools(self) -> list[str]:
        """Return every school that has rows, and every platform that keeps records."""
        return await self._work.schools()

    async def begin(self) -> None:
        """Bring up to date what only we can, and put in order what was left."""
        if not self._looking:
            schools = await self.schools()
            await give_keys(self._database, self._sealer, schools)
            await rotation.begin(self._database, self._sealer, schools)
            await self._work.tidy(time.time_ns() // 1000 - REMEMBER_HANDLED)

    @property
    def commits(self) -> int:
        """How many changes were kept since it was opened."""
        return self._commits.count

    @property
    def walled(self) -> bool:
        """Whether the program works as a role that owns no table."""
        return self._database.walled

    async def commit(self, change: Change) -> Committed:
        """Keep all of ``change`` or nothing, durably before returning."""
        return await self._commits.commit(change)

    async def sends_of(self, school: SchoolId, case: CaseId) -> Sequence[Send]:
        """Return every send of a case, in ``order`` then insertion; one that does not open is set apart."""
        found = await self._rows(school, "sends", "and parent=%s order by ord, n", case)
        return await self._work.whole(Send, found)

    async def due_sends(
        self, now: dt.datetime, *, most: int = 100, but: Schools = (), take: bool = True
    ) -> Sequence[Send]:
        """Return due sends of the schools in our hands; of all, where nothing is taken into them."""
        return await self._work.due(Send, "sends", now, most, but, take=take)

    async def due_timers(self, now: dt.datetime, *, most: int = 100, but: Schools = ()) -> Sequence[Timer]:
        """Return due timers of the schools in our hands."""
        return await self._work.due(Timer, "wakes", now, most, but)

    async def next_due(self, after: dt.datetime | None = None) -> dt.datetime | None:
        """Return when the next send or timer falls due."""
        first = await self._work.next_due(codec.instant(after) if after else 0)
        return None if first is None else codec.moment(first)

    async def apart(self) -> Sequence[Apart]:
        """Return the sends and timers that did not open when they were due."""
        return await self._work.apart()

    async def forget_apart(self) -> None:
        """Drop what rests apart, for good: only a person decides that."""
        await self._work.forget_apart()

    async def put_file(self, school: SchoolId, content: bytes) -> str:
        """Store bytes durably and sealed; return their SHA-256 as hex."""
        sha256 = hashlib.sha256(content).hexdigest()
        name, brought = (
            file_rows.name_of(self._sealer, school, sha256),
            codec.instant(dt.datetime.now(dt.UTC)),
        )
        wrapped_by = ""
        while wrapped_by != self._sealer.outside.id:
            wrapped_by = self._sealer.outside.id
            file = await asyncio.to_thread(file_rows.kept, self._sealer, school, name, sha256, content)
            await self._database.ask(
                school,
                (_LOCK, (school,)),
                *file,
                (file_rows.BROUGHT, (school, f"{brought}/{name}", name)),
                writing.known(school),
            )
            self._sealer.learn(await handed(self._database))  # another key may have followed meanwhile
        return sha256

    async def rotate(self, new: bytes, said: Callable[[int, int], None]) -> None:
        """Have another key outside open everything; ``said`` hears how many keys there are, and are left."""
        await rotation.rotate(self._database, self._sealer, Outside(new), await self.schools(), said)

    async def file(self, school: SchoolId, sha256: str) -> bytes | None:
        """Return the bytes stored under that hash for that school."""
        name = file_rows.name_of(self._sealer, school, sha256)
        (found,) = await self._database.ask(school, (file_rows.READ, (school, name)))
        if not found:
            return None
        (file,) = await learned(self._database, self._sealer, found)
        return await asyncio.to_thread(file_rows.opened, self._sealer, school, sha256, file)

    async def put_record(self, platform: Platform, key: str, content: bytes) -> None:
        """Keep an adapter's own small record, sealed."""

        def put(attempt: Attempt) -> None:
            Committer(attempt).put_record(platform, key, content)

        await self._commits.keep(platform, set(), put)

    async def replace_record(
        self,
        platform: Platform,
        key: str,
        content: bytes,
        *,
        before: bytes | None,
        until: dt.datetime | None = None,
    ) -> bool:
        """Keep a record in place of ``before``; False = there is another now."""

        def put(attempt: Attempt) -> bool:
            write = Committer(attempt).replace_record
            return write(platform, key, content, before=before, until=until)

        asked = {("row", "records", self._sealer.veil(key)), ("row", KEYS, OF_THE_SCHOOL)}
        done: bool = await self._commits.keep(platform, asked, put)
        return done

    async def forget_records(self, platform: Platform, now: dt.datetime) -> None:
        """Forget an adapter's records whose time is over."""
        await self._database.ask(platform, (_OVER, (platform, codec.instant(now))))

    async def remove_record(self, platform: Platform, key: str) -> None:
        """Forget an adapter's record."""

        def remove(attempt: Attempt) -> None:
            Committer(attempt).remove_record(platform, key)

        await self._commits.keep(platform, set(), remove)

    async def watch(self) -> None:
        """Wait until cancelled: which key follows is read where everything else is."""
        await asyncio.Event().wait()

    async def rosters(self) -> Mapping[SchoolId, int]:
        """Return the version of each school's roster, of those that have one."""
        (found,) = await self._database.ask("", (_ROSTERS, ()))
        return {SchoolId(school): version for school, version in found}

    async def ring(self, word: str = "") -> None:
        """Have every process that listens hear a word."""
        await self._bell.say(word)

    async def listen(self, hear: Callable[[str], None]) -> None:
        """Call ``hear`` when any process rings or plans something, until cancelled."""
        await self._database.listen(hear)

    async def close(self) -> None:
        """Leave what is in our hands to the others, and let go. Closing twice is closing once."""
        if self._closed:
            return
        self._closed = True
        await self._bell.close()
        with suppress(StoreError):  # it is left to them in a while anyhow
            await self._work.let_go()
        await self._database.close()
