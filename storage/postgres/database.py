"""Connections to the database, and what is said on each: one school at a time, again where it was cut.

Everything of one transaction is sent in one go (libpq's pipeline), so that a network costs one way and back.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from psycopg import AsyncConnection, Notify
from psycopg_pool import AsyncConnectionPool

from flows.errors import StoreError
from storage.postgres import trouble

T = TypeVar("T")
Query = tuple[str, Sequence[object] | Mapping[str, object]]

APP = "report_posting_app"
#: what a process calls when it has planned something
BELL = "report_posting"
#: What does not come within this long does not come (seconds): a connection; one of ours that is free.
_CONNECT_WITHIN, _WAIT_FOR_A_CONNECTION = 5, 2.0
#: Nothing is tried again after this long: whoever asked should hear what is the matter, and may try later.
_GIVE_UP = 5.0
#: How long to rest before each further try.
RESTS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
_BEGIN = "begin isolation level read committed"
_AS = """select set_config('report.school', %(school)s, true), set_config('role', %(role)s, true),
set_config('lock_timeout', '10s', true), set_config('idle_in_transaction_session_timeout', '20s', true)"""
# What a commit asks is found by keys: planned once, whatever it holds, and by index while tables are new.
_AS_WITH_LOCK = f"""{_AS}, set_config('plan_cache_mode', 'force_generic_plan', true),
set_config('enable_seqscan', 'off', true), pg_advisory_xact_lock(hashtextextended(%(school)s, 0))"""
_ROLE = """select coalesce((select rolname from pg_roles where rolname = %s
and pg_has_role(current_user, oid, 'member')), 'none')"""


class Database:
    def __init__(self, address: str, *, most: int = 8) -> None:
        """Say where it is; :meth:`open` connects."""
        self._address = address
        self._pool = AsyncConnectionPool(
            address,
            kwargs={"autocommit": True, "connect_timeout": _CONNECT_WITHIN, "application_name": BELL},
            min_size=1,
            max_size=most,
            timeout=_WAIT_FOR_A_CONNECTION,
            reconnect_timeout=2.0,  # given up quickly, begun again by the next who asks
            open=False,
        )
        self._role = "none"
        self._open = True

    async def open(self) -> None:
        """Connect. Raises StoreError."""
        with trouble.translated():
            await self._pool.open(wait=True, timeout=2 * _CONNECT_WITHIN)
            async with self._pool.connection() as connection:
                found = await (await connection.execute(_ROLE, (APP,))).fetchone()
        self._role = found[0] if found is not None else "none"

    @property
    def walled(self) -> bool:
        """Whether we work as a role that owns nothing."""
        return self._role == APP

    async def close(self) -> None:
        """Let go of every connection."""
        self._open = False
        await self._pool.close(timeout=2.0)

    def check_open(self) -> None:
        """Raise StoreError if it was closed."""
        if not self._open:
            raise trouble.closed()

    @asynccontextmanager
    async def transaction(self, school: str, *, lock: bool = False) -> AsyncIterator[AsyncConnection]:
        """Give a connection inside a transaction of one school, in a pipeline; who has it says commit.

        ``lock`` = nobody else writes in that school until then.
        """
        async with self._pool.connection() as connection, connection.pipeline():
            await connection.execute(_BEGIN)
            await self._as(connection, school, _AS_WITH_LOCK if lock else _AS)
            yield connection

    @asynccontextmanager
    async def plain(self, school: str) -> AsyncIterator[AsyncConnection]:
        """Give a connection inside a transaction that only reads one school, each query by itself."""
        async with self._pool.connection() as connection:
            await connection.execute("begin isolation level repeatable read read only")
            await connection.execute(_AS, {"school": school, "role": self._role})
            yield connection
            await connection.execute("rollback")

    async def _as(self, connection: AsyncConnection, school: str, words: str) -> None:
        await connection.execute(words.encode(), {"school": school, "role": self._role})

    async def ask(self, school: str, *queries: Query) -> list[list[Any]]:
        """Return what each query gives, all of one school.

        What is sent in one go is one transaction, without being told where it begins and ends: each word
        less spares a look at the network.
        """
        return await self._asked(school, queries)

    async def repeat(self, query: Query, times: int) -> None:
        """Say the same so often, each time in a transaction of its own."""
        for _ in range(times):
            await self._asked("", (query,))

    async def _asked(self, school: str, queries: Sequence[Query]) -> list[list[Any]]:
        async def once() -> list[list[Any]]:
            async with self._pool.connection() as connection:
                async with connection.pipeline():
                    await self._as(connection, school, _AS)
                    cursors = [await connection.execute(sql.encode(), values) for sql, values in queries]
                return [await cursor.fetchall() if cursor.description else [] for cursor in cursors]

        return await self.again(once)

    async def again(self, once: Callable[[], Awaitable[T]]) -> T:
        """Do something that may be done twice, over again where a connection was cut. Raises StoreError."""
        self.check_open()
        tries = self.tries()
        while True:
            try:
                with trouble.translated():
                    return await once()
            except StoreError as error:
                if error.reference != "store-away" or not await tries():
                    raise

    def tries(self) -> Callable[[], Awaitable[bool]]:
        """Return what rests a little before each further try, and says whether there is to be one."""
        rests, end = iter(RESTS), asyncio.get_running_loop().time() + _GIVE_UP

        async def rested() -> bool:
            rest = next(rests, None)
            if rest is None or not self._open or asyncio.get_running_loop().time() > end:
                return False
            await self.settle(rest)
            return True

        return rested

    async def settle(self, rest: float) -> None:
        """Wait a moment, then drop the connections that do not answer any more."""
        await asyncio.sleep(rest * random.uniform(0.8, 1.2))  # noqa: S311 - so that not all come back at once
        await self._pool.check()

    async def listen(self, bell: Callable[[str], None]) -> None:
        """Call ``bell`` with what each process says, until cancelled; where it was cut we ask ``""``."""
        while True:
            try:
                with trouble.translated():
                    await self._hear(bell)
            except StoreError:
                await asyncio.sleep(1.0)  # until then whoever works looks now and then of itself

    async def _hear(self, bell: Callable[[str], None]) -> None:
        connection = await AsyncConnection.connect(
            self._address, autocommit=True, connect_timeout=_CONNECT_WITHIN, application_name=f"{BELL} bell"
        )
        async with connection:
            await connection.execute(f"listen {BELL}")
            bell("")
            said: Notify
            async for said in connection.notifies():
                bell(said.payload)
