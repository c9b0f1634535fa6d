"""What comes back to us: messages that were not delivered, as ``report-posting bounce`` leaves them.

A store in a file has one process, which is this one; the command that a mail server pipes them into is
another. So it reads them and leaves our number in a folder beside the store; a database takes it itself.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from uuid import uuid4

from adapters.email import limits
from adapters.email.known import forget, known_as, seen_to, waiting
from adapters.email.link import Link
from adapters.email.options import Options
from adapters.email.parse import CameBack
from adapters.email.send import MailChat
from adapters.email.smtp import Patience, Smtp
from flows.errors import Conflict, StoreError
from flows.ports import Clock, Store
from flows.school import SchoolId

_log = logging.getLogger("adapters.email")


class EmailApp:
    """What sends, what says whether it can, and what hears of messages that came back."""

    def __init__(
        self,
        *,
        options: Options,
        store: Store,
        clock: Clock,
        folder: Path | None,
        patience: Patience | None = None,
    ) -> None:
        """Keep the parts; open nothing. ``folder`` None = what comes back is left in the store itself."""
        self.smtp = Smtp(options, patience or Patience())
        self.chat = MailChat(options=options, smtp=self.smtp, store=store, clock=clock)
        self.link = Link(self.smtp)
        #: called with the key of what came back, and of which school it is ("" = nobody knows)
        self.came_back: Callable[[str, SchoolId], Awaitable[None]] = _nobody
        self._store, self._clock = store, clock
        self._folder = folder

    async def run(self) -> None:
        """Look for what came back until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(limits.BOUNCES_SECONDS)

    async def clear(self) -> None:
        """Forget, once a day, which e-mails went out that are too old to come back, until cancelled."""
        while True:
            with suppress(StoreError):  # tomorrow will do
                await forget(self._store, self._clock.now())
            await asyncio.sleep(limits.FORGET_SECONDS)

    async def look(self) -> int:
        """Hand on what has come back since; return how much it was. What a store refuses stays for later."""
        done = 0
        for number, over in await self._left():
            try:
                if (known := await known_as(self._store, number)) is not None:
                    await self.came_back(known.key, known.school)
                    done += 1
                await over()
            except (StoreError, Conflict):  # or another worker is about it
                _log.warning("bounce.waits")
        return done

    async def _left(self) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
        """Return the numbers of what has come back, and what to call once each was seen to."""
        if self._folder is None:
            numbers = await waiting(self._store)
            return [(one, partial(seen_to, self._store, one)) for one in numbers[: limits.BOUNCES_AT_ONCE]]
        files = await asyncio.to_thread(_files, self._folder)
        return [(file.stem, partial(asyncio.to_thread, file.unlink, missing_ok=True)) for file in files]


async def _nobody(key: str, school: SchoolId) -> None:
    del key, school


def lay(folder: Path, came_back: CameBack) -> None:
    """Leave that a message failed where the bot looks for it; several times is once."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = folder / f"{uuid4().hex}.part"
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    unfinished.replace(folder / f"{came_back.known_as}.failed")


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(folder.glob("rp.*.failed"))[: limits.BOUNCES_AT_ONCE]
