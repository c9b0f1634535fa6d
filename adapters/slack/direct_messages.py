"""What people write to the bot: words, files, and changes of both. Every message is answered."""

from __future__ import annotations

import asyncio
import logging

from msgspec import Struct
from msgspec.structs import replace

from adapters.slack import limits, parse
from adapters.slack.dedupe import Background, Shown
from adapters.slack.guests import People
from adapters.slack.message_reader import ids, read
from adapters.slack.origin import Where, part_at, place, text_at, was_and_is
from adapters.slack.reply_payloads import message, window
from adapters.slack.responder import Answers
from adapters.slack.turns import CANNOT_ASK, Turns
from adapters.slack.uploads import Pictures
from flows.errors import Retryable
from flows.ui.forms import Form
from flows.ui.inbound import Actor, Receipt, Refuse, Reply, Show, Surface
from flows.words import say

_log = logging.getLogger("adapters.slack")


class Carrier(Struct, frozen=True, kw_only=True):
    """Whose files they are, how the message that brings them is called, and where it was sent from."""

    key: str
    actor: Actor
    surface: Surface = Surface.MESSAGE


class DirectMessages:
    def __init__(
        self, *, turns: Turns, people: People, answers: Answers, pictures: Pictures, background: Background
    ) -> None:
        self._turns, self._people, self._answers = turns, people, answers
        self._pictures, self._background = pictures, background
        self._shown = Shown()

    async def message(self, body: parse.Body) -> None:
        """Take what a person wrote, changed or took back in a direct message; anything else is not ours."""
        event = part_at(body, "event")
        where = place(body)
        if not parse.is_direct(body):
            await self._reworded(body, where)
            return
        if event.get("bot_id") and not self._people.known(where.origin):
            return  # another bot's own words: answering could go on for ever
        early = self._shown.early(where.channel, text_at(event, "ts"))
        try:
            answer = await self._answered(body, where, early=early)
        except BaseException:
            self._shown.done(where.channel)
            raise
        self._background.start(self._show(answer, where))

    async def _show(self, reply: Reply | None, where: Where) -> None:
        try:
            if reply is not None and not (isinstance(reply, Receipt) and reply.sent):
                await self._answers.direct(message(reply), where)
        finally:
            self._shown.done(where.channel)

    async def _answered(self, body: parse.Body, where: Where, *, early: bool) -> Reply | None:
        """Hand in a message; return what to say to it, None where that is said already or comes later."""
        event = part_at(body, "event")
        names = await self._people.names(ids(event), where.origin)
        said, typed = read(event, names), parse.typed(body, names=names)
        carrier = Carrier(key=parse.event_key(body), actor=parse.actor(where.origin, guest=False))
        written = await self._pictures.write_down(said.files, carrier, where) if said.files else ""
        reply: Reply | None = None
        if typed is not None:
            answer, first = await self._turns.first(replace(typed, early=early), where)
            reply = answer if first else None
        elif not written:
            reply = Refuse(say("slack.trouble.unreadable"), reference="unreadable")
        if written:
            self._background.start(self.fetch(written))
        return reply

    async def resume(self) -> None:
        """Fetch the files that were handed in before we stopped."""
        for key in await self._pictures.waiting():
            self._background.start(self.fetch(key))

    async def fetch(self, key: str, *, tries: int = limits.FILE_TRIES) -> None:
        """Fetch what was handed in, keep it through the door, and show what comes of it."""
        try:
            fetched = await self._pictures.fetch(key, last=not tries)
            if fetched is None:
                return
        except Retryable as error:
            _log.warning("file.waits", {"reference": error.reference})
            await asyncio.sleep(min(error.after, limits.FILE_PAUSE))
            await self.fetch(key, tries=tries - 1)
            return
        inbound, where = fetched
        reply = inbound if isinstance(inbound, Refuse) else await self._turns.handle(inbound, where)
        if isinstance(reply, Refuse) and reply.reference == CANNOT_ASK and tries:
            await asyncio.sleep(limits.FILE_PAUSE)
            await self.fetch(key, tries=tries - 1)
            return
        await self._pictures.done(key)
        if where.view and isinstance(reply, Show) and isinstance(reply.view, Form):
            await self._answers.quietly(self._answers.redraw(window(reply), where, where.view))
        else:
            self.say(reply, where)

    def say(self, reply: Reply, where: Where) -> None:
        """Answer in the direct message, unless a durable message says it anyway."""
        if not (isinstance(reply, Receipt) and reply.sent):
            self._background.start(self._answers.direct(message(reply), where))

    async def _reworded(self, body: parse.Body, where: Where) -> None:
        was, now = was_and_is(part_at(body, "event"))
        names = await self._people.names(ids(was) | ids(now), where.origin) if was else {}
        inbound = parse.reworded(body, names=names)
        if inbound is not None:
            reply, first = await self._turns.first(inbound, where)
            if first:
                self.say(reply, where)
