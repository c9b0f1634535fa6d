"""What happens with an activity that is trusted: into the core, and out again in Teams' shapes.

Nothing is acknowledged before the core has committed. A message is acknowledged then, and the answer
posted behind it; an invoke carries its answer back. In one conversation everything happens in order.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from adapters.teams import limits, parse, reply_payloads
from adapters.teams.conversation_locks import Order, Shown
from adapters.teams.conversation_references import References
from adapters.teams.origin import Body, Where, place, proves_presence, text_at
from adapters.teams.parse import (
    Brought,
    Changed,
    Incoming,
    Installed,
    Nothing,
    Overheard,
    Parsed,
    PlaceChanged,
    Removed,
    Unreadable,
)
from adapters.teams.responder import Shows
from adapters.teams.uploads import Files
from flows.errors import InvalidAnswer, PlatformError, StoreError
from flows.ports import Door
from flows.ui.inbound import Asked, Refuse, Reply, Reworded, Started, Typed
from flows.ui.intents import ChatCommand
from flows.words import say

_log = logging.getLogger("adapters.teams")


class Answer(Struct, frozen=True):
    """What goes back to Teams: a status, and the JSON of an invoke's answer (None = nothing)."""

    status: int
    body: dict[str, Any] | None = None


class Rosters(Protocol):
    """Who is where, and who was seen to be a guest."""

    guests: set[str]
    added: Callable[[str], None]

    def place_changed(self) -> None:
        """Look again."""


FINISH_WITHIN = 1.0  # seconds for the answers under way, where we are told to stop


class Desk:
    """Knows nothing of Microsoft's kit."""

    def __init__(
        self, *, door: Door, references: References, shows: Shows, files: Files, guests: Rosters
    ) -> None:
        self._door = door
        self._references = references
        self._shows = shows
        self._files = files
        self._guests = guests
        self._in, self._out, self._shown = Order(), Order(), Shown()
        self._behind: set[asyncio.Task[None]] = set()
        self._fetching: set[asyncio.Task[None]] = set()
        #: what somebody typed, by message, so that a change of it can be followed
        self._words: OrderedDict[tuple[str, str], str] = OrderedDict()
        #: when a message was first said to have been written: brought again, it may claim another moment
        self._moments: OrderedDict[tuple[str, str], str] = OrderedDict()

    async def take(self, activity: Body) -> Answer:
        """Do what an activity asks for; return what Teams is answered. Raises nothing but bugs."""
        where = place(activity)
        activity = self._at_its_first_moment(activity, where)
        if text_at(activity, "type") != "message":
            return await self._take(activity, where, early=False)
        early = self._shown.early(where.conversation, text_at(activity, "timestamp"))
        try:
            return await self._take(activity, where, early=early)
        finally:
            self._later(where, self._seen(where.conversation))

    async def _seen(self, conversation: str) -> None:
        self._shown.done(conversation)

    async def _take(self, activity: Body, where: Where, *, early: bool) -> Answer:
        async with self._in.of(where.conversation):
            try:
                new = proves_presence(activity) and await self._references.remember(where)
                return await self._do(activity, where, new=new, early=early)
            except StoreError:
                _log.exception("nothing.kept")
                return self._nothing_kept(activity, where)

    def _at_its_first_moment(self, activity: Body, where: Where) -> Body:
        """Return a message as it was when its id was first seen."""
        moment = text_at(activity, "timestamp")
        if not moment or not where.activity:
            return activity
        first = self._moments.setdefault((where.conversation, where.activity), moment)
        while len(self._moments) > limits.REFERENCES:
            self._moments.popitem(last=False)
        return activity if first == moment else {**activity, "timestamp": first}

    async def finish(self) -> None:
        """Wait until everything that was acknowledged has been answered."""
        while waiting := self._behind | self._fetching:
            await asyncio.gather(*waiting, return_exceptions=True)

    async def stop(self) -> None:
        """Leave what is being fetched to the next start, and answer the rest."""
        for task in self._fetching:
            task.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(FINISH_WITHIN):
                await self.finish()

    async def resume(self) -> None:
        """Fetch the files that were handed in before we stopped."""
        for key in await self._files.waiting():
            self._begin(self._fetching, self._fetched(key))

    async def _do(self, activity: Body, where: Where, *, new: bool, early: bool) -> Answer:
        try:
            parsed = parse.parse(activity, guest=where.account in self._guests.guests)
        except InvalidAnswer as error:
            return self._refused(activity, where, Refuse(error.message, error.hint))
        return await self._parsed(_marked(parsed) if early else parsed, new=new)

    async def _parsed(self, parsed: Parsed, *, new: bool) -> Answer:
        match parsed:
            case Incoming():
                return await self._turn(parsed)
            case Unreadable(where=where):
                self._later(where, self._shows.words(where, say("teams.trouble.unreadable")))
                return Answer(200)
            case Changed():
                return await self._changed(parsed)
            case Brought():
                return await self._brought(parsed)
            case Installed(where=where):
                self._guests.added(where.account if where.personal else "")
                if new and where.personal and where.account:
                    await self._welcome(where)
                return Answer(200)
            case Removed(where=where):
                await self._references.forget(where)
                return Answer(200)
            case PlaceChanged():
                self._guests.place_changed()
                return Answer(200)
            case Overheard(where=where):
                self._later(where, self._shows.words(where, say("teams.only_you")))
                return Answer(200)
            case Nothing(answer=answer):
                return Answer(200, {}) if answer else Answer(200)

    async def _changed(self, changed: Changed) -> Answer:
        """Hand in what somebody made of their words; what they were we know as long as we run."""
        where = changed.where
        message = (where.conversation, where.activity)
        before = self._words.get(message, "")
        self._note(message, changed.after)
        reworded = Reworded(key=changed.key, actor=changed.actor, before=before, after=changed.after)
        reply = await self._door.handle(reworded)
        self._later(where, self._shows.below(where, reply, key=changed.key))
        return Answer(200)

    def _note(self, message: tuple[str, str], words: str) -> None:
        self._words[message] = words
        while len(self._words) > limits.REFERENCES:
            self._words.popitem(last=False)

    async def _turn(self, turn: Incoming) -> Answer:
        reply = await self._handle(turn)
        where = turn.where
        if isinstance(typed := turn.inbounds[-1], Typed):
            self._note((where.conversation, where.activity), typed.text)
        match turn.frame:
            case parse.Frame.MESSAGE if where.personal:
                last = turn.inbounds[-1]
                fresh = isinstance(last, Started)
                self._later(where, self._shows.below(where, reply, key=last.key, fresh=fresh))
            case parse.Frame.MESSAGE:
                self._later(where, self._shows.privately(where, reply, key=turn.inbounds[-1].key, said=True))
            case parse.Frame.SUBMIT:
                self._later(where, self._shows.in_place(turn, reply))
            case parse.Frame.CARD | parse.Frame.DIALOG | parse.Frame.NOTE:
                if turn.own and where.card and where.personal:
                    await self._references.set_view(where, where.card)
                    self._later(where, self._shows.replaced(turn, reply))
                return Answer(200, reply_payloads.invoke(turn, reply))
        return Answer(200)

    async def _handle(self, turn: Incoming) -> Reply:
        """Hand everything in, in order; return what the last one is answered."""
        reply: Reply | None = None
        for inbound in turn.inbounds:
            reply = await self._door.handle(inbound)
        if reply is None:
            raise ValueError("a turn has something in it")
        return reply

    async def _brought(self, brought: Brought) -> Answer:
        where = brought.where
        if brought.words is not None:  # they may begin the report that the files belong to
            said = await self._door.handle(brought.words)
            self._later(where, self._shows.below(where, said, key=brought.words.key))
        self._begin(self._fetching, self._fetched(await self._files.write_down(brought)))
        return Answer(200)

    async def _fetched(self, key: str) -> None:
        """Fetch what was handed in, keep it through the door, and show what comes of it."""
        found = await self._files.fetch(key)
        if found is None:
            return
        brought, where = found
        try:
            async with self._in.of(where.conversation):
                reply = brought if isinstance(brought, Refuse) else await self._door.handle(brought)
            await self._files.done(key)
        except StoreError:  # it stays written down, for the next start
            _log.exception("nothing.kept")
            reply = Refuse(say("teams.trouble.store"))
        self._later(where, self._shows.below(where, reply, key=key))

    async def _welcome(self, where: Where) -> None:
        key = f"{where.conversation}/{where.activity}/welcome"
        asked = Asked(key=key, actor=parse.actor(where), command=ChatCommand.HELP)
        reply = await self._door.handle(asked)
        self._later(where, self._shows.below(where, reply, key=key))

    def _refused(self, activity: Body, where: Where, refuse: Refuse) -> Answer:
        words = f"{refuse.message} {refuse.hint}".strip()
        match text_at(activity, "name"):
            case "adaptiveCard/action":
                return Answer(200, reply_payloads.message(words))
            case "":
                self._later(where, self._shows.words(where, words))
                return Answer(200)
            case _:
                return Answer(200, reply_payloads.task_message(words))

    def _nothing_kept(self, activity: Body, where: Where) -> Answer:
        """Say that nothing was kept. A message is not acknowledged, so that Teams may bring it again."""
        words = say("teams.trouble.store")
        match text_at(activity, "name"):
            case "adaptiveCard/action":
                return Answer(200, reply_payloads.failure(words))
            case "":
                if text_at(activity, "type") == "message":
                    self._later(where, self._shows.words(where, words))
                return Answer(500)
            case _:
                return Answer(200, reply_payloads.task_message(words))

    def _later(self, where: Where, work: Coroutine[Any, Any, None]) -> None:
        """Do it behind the acknowledgement, after whatever is still to be shown in that conversation."""

        async def in_order() -> None:
            async with self._out.of(where.conversation):
                try:
                    await work
                except PlatformError as error:
                    # Losing a view loses nothing: it can be derived again from the state.
                    _log.warning("view.lost", {"reference": error.reference})

        self._begin(self._behind, in_order())

    @staticmethod
    def _begin(tasks: set[asyncio.Task[None]], work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)


def _marked(parsed: Parsed) -> Parsed:
    """Return what was said as said before the question was shown that is open now."""
    match parsed:
        case Incoming(inbounds=inbounds):
            marked = (replace(one, early=True) if isinstance(one, Typed) else one for one in inbounds)
            return replace(parsed, inbounds=tuple(marked))
        case Brought(words=Typed() as words):
            return replace(parsed, words=replace(words, early=True))
        case _:
            return parsed
