"""Connections that fail, or kill their own program, at the call they are told; and a program to kill."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from flows.errors import StoreError
from flows.model import Change, DraftId, Handled, SendState
from storage.embedded.store import TinyStore
from storage.keys import Outside
from storage.postgres import keyring, rotation
from storage.postgres.database import Database, Query
from storage.seal import Sealer
from tests.storage import samples as s


class FaultyConnection(sqlite3.Connection):
    """Counts what changes the file, over all connections, and fails at call ``fail_at`` (0 = never)."""

    calls = 0
    fail_at = 0
    code = sqlite3.SQLITE_FULL
    kill = False
    after = False

    @classmethod
    def reset(cls, fail_at: int = 0, code: int = sqlite3.SQLITE_FULL) -> None:
        """Begin counting again."""
        cls.calls, cls.fail_at, cls.code = 0, fail_at, code

    def execute(self, sql: str, values: Any = (), /) -> sqlite3.Cursor:
        """Do it, or fail as told."""
        kind = type(self)
        changes = not sql.lstrip().startswith(("select", "pragma", "rollback"))
        kind.calls += changes
        fails = changes and kind.calls == kind.fail_at
        if fails and not kind.after:
            self._fail()
        done = super().execute(sql, values)
        if fails:
            self._fail()
        return done

    def _fail(self) -> None:
        if self.kill:
            os.kill(os.getpid(), signal.SIGKILL)
        error = sqlite3.OperationalError("told to fail")
        error.sqlite_errorcode = self.code
        raise error


def story() -> list[Change]:
    """Return a few steps that touch every kind of record, each with its inbound key."""
    opened = s.opening(2)
    sent = replace(opened.new_sends[0], state=SendState.SENT, posted=s.posted("m1"), version=1)
    steps = [
        s.opening(1),
        Change(school=s.HILL, draft=s.draft()),
        Change(school=s.HILL, draft=s.draft(version=1)),
        replace(opened, dropped_draft=DraftId("D0001")),
        Change(school=s.HILL, updated_sends=(sent,), audit=(s.audit(2),)),
        Change(
            school=s.HILL,
            case=s.case(2, version=1, reference="HPS-2026-002", hold="police"),
            events=(s.event(2, 3),),
            new_sends=(s.send(2, "3/slack:leadership"),),
            cancelled_timers=("C0002/acknowledge",),
        ),
    ]
    return [replace(step, handled=Handled(key=f"step-{n}", at=s.NOW)) for n, step in enumerate(steps)]


def tell_until_killed(path: Path, acknowledged: Path, fail_at: int, after: bool) -> None:  # noqa: FBT001 - crosses a pipe
    """Commit the story, noting each step once it is acknowledged; die without warning at a call."""
    FaultyConnection.kill, FaultyConnection.after = True, after
    FaultyConnection.reset(fail_at)

    async def tell() -> None:
        store = await asyncio.to_thread(TinyStore, path, Sealer(s.KEY), FaultyConnection)
        for number, step in enumerate(story()):
            await store.commit(step)
            _note(acknowledged, number)
        await store.close()

    asyncio.run(tell())
    _note(acknowledged, 999)


def many_until_killed(path: Path, acknowledged: Path, start: int) -> None:
    """Open cases in ten conversations at once, for ever."""

    async def talk(store: TinyStore, number: int) -> None:
        while True:
            await store.commit(s.opening(number))
            _note(acknowledged, number)
            number += 10

    async def tell() -> None:
        store = await asyncio.to_thread(TinyStore, path, Sealer(s.KEY))
        await asyncio.gather(*(talk(store, start + n) for n in range(10)))

    asyncio.run(tell())


def open_as_nobody(path: Path, tell: Connection) -> None:
    """Open a file as an account that owns nothing; tell what came of it."""
    if os.getuid() == 0:
        os.setuid(65534)
    try:
        TinyStore(path, Sealer(s.KEY))
    except StoreError as error:
        tell.send(error.reference)
    else:
        tell.send("opened")


def _note(path: Path, number: int) -> None:
    with path.open("ab", buffering=0) as file:
        file.write(b"%d\n" % number)


def rotate_until_killed(path: Path, noted: Path, new: bytes, fail_at: int, after: bool) -> None:  # noqa: FBT001 - likewise
    """Have another key follow; die without warning at a call. Note that it got through."""
    FaultyConnection.kill, FaultyConnection.after = True, after

    async def turn() -> None:
        store = await asyncio.to_thread(TinyStore, path, Sealer(s.KEY), FaultyConnection)
        FaultyConnection.reset(fail_at)
        await store.rotate(new, lambda _, __: None)
        FaultyConnection.reset()
        await store.close()

    asyncio.run(turn())
    _note(noted, 999)


class DyingDatabase(Database):
    """A database whose process dies at what it asks, when it is told to: before it, or once it is done."""

    die_at = 0
    after = False
    asked = 0

    async def ask(self, school: str, *queries: Query) -> list[list[Any]]:
        """Ask, and die."""
        self.asked += 1
        if self.asked == self.die_at and not self.after:
            os.kill(os.getpid(), signal.SIGKILL)
        found = await super().ask(school, *queries)
        if self.asked == self.die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return found


def rotate_a_database_until_killed(address: str, noted: Path, new: bytes, die_at: int, after: bool) -> None:  # noqa: FBT001 - likewise
    """Have another key follow in a database; die without warning. Note that it got through."""

    async def turn() -> None:
        database = DyingDatabase(address)
        await database.open()
        keys = await keyring.keys_of(database, Sealer(s.KEY), looking=False)
        database.asked, database.die_at, database.after = 0, die_at, after
        await rotation.rotate(database, keys, Outside(new), [s.HILL, s.DALE], lambda _, __: None)
        database.die_at = 0
        await database.close()

    asyncio.run(turn())
    _note(noted, 999)
