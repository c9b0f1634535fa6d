"""A backup each night, due by the clock and by when the last good one was: a missed night is made up.

One process makes it: a store that is a file is in one process's hands at a time, a database has backups of
its own. What goes wrong is told to the administrators and tried again in an hour; older ones go only after a
newer one has been read back.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from bot.backups import keep, places
from bot.config.settings import BackupSettings
from bot.context import AppContext
from bot.log import Ref, note
from flows.calendar import local
from flows.errors import StoreError
from storage.embedded.as_left.head import last_copied
from storage.seal import Sealer

_AGAIN = dt.timedelta(hours=1)
_LOOK = 60.0


class Tell(Protocol):
    async def __call__(self, what: str, *, why: str = "", works: bool = False) -> None:
        """Tell the administrators what is down, with the reference of what went wrong, or that it works."""
        ...


class Nightly:
    def __init__(
        self, context: AppContext, settings: BackupSettings, store: Path, sealer: Sealer, tell: Tell
    ) -> None:
        self.context = context
        self._settings = settings
        self._store = store
        self._sealer = sealer
        self._tell = tell
        self._tried: dt.datetime | None = None
        self._failed = False

    async def run(self) -> None:
        """Look each minute whether one is due."""
        places.tidy(self._settings, self._store)
        while True:
            await self.look()
            await asyncio.sleep(_LOOK)

    async def look(self) -> bool:
        """Back up if that is due; return whether it was."""
        now = self.context.now()
        if not self.due(now) or (self._tried is not None and now - self._tried < _AGAIN):
            return False
        self._tried = now
        try:
            await _apart(lambda: self._make(now))
        except StoreError as error:
            self._failed = True
            note("backup.failed", level=logging.ERROR, reference=Ref(error.reference))
            await self._tell("backup", why=error.reference)
            return True
        note("backup.made")
        if self._failed:
            await self._tell("backup", works=True)
        self._tried, self._failed = None, False
        return True

    def due(self, now: dt.datetime) -> bool:
        """Return whether the night's moment has passed since the last good one."""
        last = last_copied(self._store)
        return last is None or last < self._latest(now)

    def _latest(self, now: dt.datetime) -> dt.datetime:
        """Return the last moment, not after now, at which one was due."""
        zone = next(iter(self.context.directory.schools.values())).time
        here = local(now, zone)
        due = dt.datetime.combine(here.date(), self._settings.at, here.tzinfo)
        if due > here:
            due = dt.datetime.combine(here.date() - dt.timedelta(days=1), self._settings.at, here.tzinfo)
        return due.astimezone(dt.UTC)

    def _make(self, now: dt.datetime) -> None:
        place = places.place_of(self._settings)
        place.make(self._store, self._sealer, keep.name_at(now))
        for name in keep.to_go(place.names(), now):
            place.remove(name)


async def _apart(work: Callable[[], None]) -> None:
    """Do something that takes long in a thread that no end of ours waits for."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def settle(error: BaseException | None) -> None:
        if done.done():  # nobody waits any more
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def run() -> None:
        error: BaseException | None = None
        try:
            work()
        except BaseException as found:  # noqa: BLE001 - handed to whoever waits
            error = found
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(settle, error)

    threading.Thread(target=run, name="backup", daemon=True).start()
    await done
