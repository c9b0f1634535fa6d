"""The bell that wakes workers: rung once what is to go out is kept, by itself and not waiting for the disk.

Whoever rings holds a lock of the whole database until its transaction is over. Rung inside a commit, it made
all commits wait in line for the disk, one after the other, of whichever school they were.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from flows.errors import StoreError
from storage.postgres.database import BELL, Database, Query

LAZILY: Query = "select set_config('synchronous_commit', 'off', true)", ()
_NOTIFY = "select pg_notify(%s, %s)"


class Bell:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._wanted = False
        self._ringing: asyncio.Task[None] | None = None

    async def say(self, word: str) -> None:
        """Have every process that listens hear a word."""
        await self._database.ask("", LAZILY, (_NOTIFY, (BELL, word)))

    def ring(self) -> None:
        """Have workers look soon; many rings at once are one. A word that is missed costs half a minute."""
        self._wanted = True
        if self._ringing is None:
            self._ringing = asyncio.create_task(self._ring())

    async def _ring(self) -> None:
        try:
            while self._wanted:
                self._wanted = False
                with suppress(StoreError):
                    await self.say("")
        finally:
            self._ringing = None

    async def close(self) -> None:
        """Have rung what is to be rung."""
        if self._ringing is not None:
            await self._ringing
