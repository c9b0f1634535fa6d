"""Files on their way from Teams into our own keeping.

Fetching takes longer than Teams waits for an answer, so what has to be fetched is written down first, in our
store; a stop or a crash in between only delays it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
from msgspec import Struct

from adapters.teams.message_reader import Attached
from adapters.teams.origin import Where
from adapters.teams.parse import Brought
from flows.errors import InvalidAnswer, Retryable
from flows.ports import Clock, Store
from flows.school import Platform
from flows.ui.inbound import Actor, Lost, Refuse, Upload, Uploaded

_log = logging.getLogger("adapters.teams")
_PREFIX: Final = "fetch/"

#: fetches what is to be had, and names the rest; ``last`` = what might be had later is not waited for
Fetch = Callable[..., Awaitable[tuple[tuple[Upload, ...], tuple[Lost, ...]]]]


class Waiting(Struct, frozen=True, kw_only=True):
    """Files somebody handed in: who, when, where to say what became of them, and where they lie."""

    key: str
    actor: Actor
    where: Where
    files: tuple[Attached, ...]
    handed_in: dt.datetime


class Files:
    def __init__(self, *, store: Store, clock: Clock, fetch: Fetch, pauses: tuple[float, ...]) -> None:
        """Keep how to fetch; ``pauses`` are the seconds between tries, so there is one try more."""
        self._store, self._clock, self._fetch, self._pauses = store, clock, fetch, pauses

    async def write_down(self, brought: Brought) -> str:
        """Note what has to be fetched, durably; return the key it is noted under."""
        waiting = Waiting(
            key=brought.key,
            actor=brought.actor,
            where=brought.where,
            files=brought.files,
            handed_in=self._clock.now(),
        )
        await self._store.put_record(Platform.TEAMS, _PREFIX + waiting.key, msgspec.json.encode(waiting))
        return waiting.key

    async def waiting(self) -> list[str]:
        """Return the keys of what is still to be fetched."""
        return [key.removeprefix(_PREFIX) for key in await self._store.records(Platform.TEAMS, _PREFIX)]

    async def fetch(self, key: str) -> tuple[Uploaded | Refuse, Where] | None:
        """Return the files that are to be had, and why the others are not; None if that is done already."""
        content = await self._store.record(Platform.TEAMS, _PREFIX + key)
        if content is None:
            return None
        waiting = msgspec.json.decode(content, type=Waiting)
        try:
            files, lost = await self._patiently(waiting)
        except InvalidAnswer as error:
            return Refuse(error.message, error.hint, reference=error.reference), waiting.where
        uploaded = Uploaded(key=key, actor=waiting.actor, files=files, lost=lost, handed_in=waiting.handed_in)
        return uploaded, waiting.where

    async def done(self, key: str) -> None:
        """Strike out what was fetched and kept."""
        await self._store.remove_record(Platform.TEAMS, _PREFIX + key)

    async def _patiently(self, waiting: Waiting) -> tuple[tuple[Upload, ...], tuple[Lost, ...]]:
        for pause in self._pauses:
            try:
                return await self._fetch(waiting.files)
            except Retryable as error:
                _log.warning("file.waits", {"reference": error.reference})
                await asyncio.sleep(pause)
        return await self._fetch(waiting.files, last=True)
