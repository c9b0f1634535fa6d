"""Files on their way from Slack into our own keeping.

Fetching takes longer than Slack waits for an answer, so what has to be fetched is written down first,
in our store; a stop or a crash in between only delays it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from adapters.slack.files import address, claimed, fetch
from adapters.slack.options import Options
from adapters.slack.origin import Where
from adapters.slack.send import SlackChat
from flows.errors import InvalidAnswer, Permanent, Retryable
from flows.ports import Store
from flows.school import Platform
from flows.ui.inbound import Actor, Lost, Refuse, Surface, Upload, Uploaded
from flows.words import say

_PREFIX = "fetch/"


class Waiting(Struct, frozen=True, kw_only=True):
    """Files somebody handed in: who, when, where to say what became of them, and where they lie."""

    key: str
    actor: Actor
    surface: Surface
    where: Where
    files: tuple[dict[str, Any], ...]
    handed_in: dt.datetime | None = None


class Pictures:
    def __init__(
        self,
        *,
        store: Store,
        chat: SlackChat,
        options: Options,
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        self._store, self._chat, self._options, self._now = store, chat, options, now

    async def write_down(self, files: tuple[dict[str, Any], ...], carrier: Any, where: Where) -> str:
        """Write down what has to be fetched; return the key it is written under."""
        found = tuple(
            {
                "url": address(file, self._options.file_origins),
                "name": str(file.get("name") or ""),
                "size": claimed(file),
                "mimetype": str(file.get("mimetype") or ""),
            }
            for file in files
        )
        waiting = Waiting(
            key=f"{carrier.key}:files",
            actor=carrier.actor,
            surface=carrier.surface,
            where=replace(where, response="", trigger=""),
            files=found,
            handed_in=self._now(),
        )
        await self._store.put_record(Platform.SLACK, _PREFIX + waiting.key, msgspec.json.encode(waiting))
        return waiting.key

    async def waiting(self) -> list[str]:
        """Return the keys of what is still to be fetched."""
        return [key.removeprefix(_PREFIX) for key in await self._store.records(Platform.SLACK, _PREFIX)]

    async def fetch(self, key: str, *, last: bool = False) -> tuple[Uploaded | Refuse, Where] | None:
        """Return the files that are to be had, and why the others are not; None if they are fetched already.

        Raises Retryable if Slack would not give one of them now: they stay written down. ``last`` = then it
        is one of those that are not to be had.
        """
        content = await self._store.record(Platform.SLACK, _PREFIX + key)
        if content is None:
            return None
        waiting = msgspec.json.decode(content, type=Waiting)
        files, lost = list[Upload](), list[Lost]()
        for file in waiting.files:
            try:
                files.append(await self._one(file, waiting))
            except (InvalidAnswer, Permanent) as error:
                lost.append(Lost(str(file["name"]), error.message, error.reference))
            except Retryable:
                if not last:
                    raise
                lost.append(Lost(str(file["name"]), say("slack.trouble.file_gone"), "file-gone"))
        if lost and not files:
            await self.done(key)
            words = " ".join(say("file.lost", name=one.name, why=one.why) for one in lost)
            return Refuse(words, reference=lost[0].reference), waiting.where
        uploaded = Uploaded(
            key=waiting.key,
            actor=waiting.actor,
            surface=waiting.surface,
            files=tuple(files),
            lost=tuple(lost),
            handed_in=waiting.handed_in,
        )
        return uploaded, waiting.where

    async def done(self, key: str) -> None:
        """Strike out what was fetched and kept."""
        await self._store.remove_record(Platform.SLACK, _PREFIX + key)

    async def _one(self, file: dict[str, Any], waiting: Waiting) -> Upload:
        if not file["url"]:
            raise InvalidAnswer("", say("slack.trouble.file_gone"), reference="file-elsewhere")
        origin = waiting.where.origin
        grant = await self._chat.web.tokens.grant(origin.team, origin.enterprise)
        token = grant.token if grant else ""
        return await fetch(self._chat.web.session, token, file, most=self._options.most_bytes)
