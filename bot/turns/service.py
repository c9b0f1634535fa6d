"""The only door in. Everything a person types or presses, on any platform, comes through here.

One inbound: who is it → was it handled before → load → one pure step → one commit → what to show.
Nothing is acknowledged before it is durable: whoever calls :meth:`Service.handle` answers its
platform only after it has returned.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from bot.context import AppContext, Span
from bot.rosters import catch_up
from bot.sharing.shares import Shares
from bot.turns import evidence
from bot.turns.answering import Answering
from bot.turns.casework import Casework
from bot.turns.drills import Drills
from bot.turns.overview import Overview
from bot.turns.reporting import Reporting
from bot.turns.roster import Rosters
from bot.turns.surrogates import legible
from bot.turns.turn import Asking, Turn, asks_of_a_case, one_time_code
from bot.turns.whose import OF_EACH, Whose
from flows.case.refusals import stale
from flows.errors import Conflict, InvalidAnswer, NotAllowed, ReportingError, StoreError
from flows.finding import query
from flows.messages import lists
from flows.model import Change, Handled, Identity
from flows.references import bare
from flows.ui.inbound import (
    Actor,
    Asked,
    Filled,
    Inbound,
    Noted,
    Pressed,
    Refuse,
    Reply,
    Reworded,
    Show,
    Started,
    Typed,
    Uploaded,
)
from flows.ui.intents import (
    Act,
    AnswerPage,
    Ask,
    AskFor,
    Begin,
    ChatCommand,
    Discard,
    Fill,
    GoTo,
    Intent,
    SendReport,
    Settle,
    TakeOut,
)
from flows.words import say

#: Turns of one school that are under way at once, and that may wait for them, in one process.
AT_ONCE, WAITING = 16, 100
#: Of this many people who act on one case in the same moment, each gets through.
_TRIES = 60


class Service:
    """Implements :class:`flows.ports.Door`."""

    def __init__(self, context: AppContext) -> None:
        """Keep the context; do nothing yet."""
        self.context = context
        self.reporting = Reporting(context)
        self.answering = Answering(context)
        self.casework = Casework(context)
        self.overview = Overview(context, self.casework)
        self.rosters = Rosters(context, self.casework)
        self.drills = Drills(context)
        self.whose = Whose(context)
        self.shares = Shares(None, AT_ONCE, waiting=WAITING)
        self._taking = True

    def stop_taking(self) -> None:
        """Take nothing more: whoever comes reads that nothing was kept, and to try again."""
        self._taking = False

    async def handle(self, inbound: Inbound) -> Reply:
        """Do it, durably, then say what to show. Raises only StoreError: then nothing was stored."""
        with self.context.spans.span(Span.TURN, inbound=type(inbound), on=inbound.actor.platform) as became:
            reply = await self._handled(inbound)
            became(reply=type(reply))
            return reply

    async def _handled(self, inbound: Inbound) -> Reply:
        if not self._taking:
            raise StoreError("stopping", "It is ending; nothing was kept.", "Try again in a minute.")
        inbound = legible(inbound)
        self.context.heard_from(inbound.actor.platform, inbound.actor.account)
        await catch_up(self.context)
        identity = self.context.directory.resolve(inbound.actor)
        code, key, began = one_time_code(inbound), inbound.key, asyncio.get_running_loop().time()
        try:
            if code:
                return await self._until_stored(lambda: self.rosters.links.redeem(inbound.actor, key, code))
            if identity is None or not identity.people:
                return Refuse(say("service.stranger"), say("service.stranger_hint"), reference="stranger")
            async with self.shares.place(next(iter(identity.people))):
                return await self._until_stored(lambda: self._dispatch(inbound, identity))
        except StoreError:
            raise
        except InvalidAnswer as error:
            return Refuse(error.message, error.hint, field=error.field, reference=error.reference)
        except ReportingError as error:
            await self.context.no_sooner(began)
            return Refuse(error.message, error.hint, reference=error.reference)

    async def evidence(self, actor: Actor, case: str, sha256: str) -> tuple[str, bytes] | None:
        """Return (media type, bytes) of a file of a case, if this person may read it; logged."""
        await catch_up(self.context)
        identity, began = self.context.directory.resolve(actor), asyncio.get_running_loop().time()
        if (made := await self.overview.subject.file(identity, case, sha256)) is not None:
            return made
        for school, person in self.context.schools_of(identity):
            found = await evidence.read(self.context, school, person.id, case, sha256)
            if found is not None:
                return found
        await self.context.no_sooner(began)
        return None

    async def figures(self, actor: Actor, asked: str) -> tuple[str, str, bytes] | None:
        """Return (name, media type, bytes) of a term's figures as a file, if they are theirs; logged."""
        return await self.overview.figures.file(self.context.directory.resolve(actor), asked)

    async def _until_stored(self, attempt: Callable[[], Awaitable[Reply]]) -> Reply:
        """Try again where somebody else's change came first; if it never ends, say so."""
        for _ in range(_TRIES):
            try:
                return await attempt()
            except Conflict:
                await asyncio.sleep(0)  # whoever came first has the turn
        return Refuse(say("service.busy"), say("service.busy_hint"), reference="busy")

    async def _dispatch(self, inbound: Inbound, identity: Identity) -> Reply:
        inbound = await self.whose.told(inbound, identity)
        turn = await self._visit(inbound, identity)
        if isinstance(turn, Show):
            return turn
        before = await self.context.store.handled(turn.school.id, turn.key)
        if before is not None and not before.refused:
            return await self._again(turn, before)
        turn = replace(turn, refused=before is not None)
        try:
            return await self._done(turn, inbound)
        except NotAllowed:
            if before is None and asks_of_a_case(inbound):
                refused = Handled(key=turn.key, at=self.context.now(), refused=True)
                await self.context.commit(Change(school=turn.school.id, handled=refused))
            raise

    async def _done(self, turn: Turn, inbound: Inbound) -> Reply:
        match inbound:
            case Started(words=words, link=link):
                return await self.reporting.start(turn, words=words, link=link)
            case Pressed(intent=intent):
                return await self._pressed(turn, intent)
            case Filled(intent=intent):
                return await self._filled(turn, inbound)
            case Typed():
                return await self._typed(turn, inbound)
            case Reworded(before=was, after=now):
                return await self.reporting.reworded(turn, was, now)
            case Uploaded():
                return await self._uploaded(turn, inbound)
            case Asked(command=command, argument=argument):
                return await self._asked(turn, command, argument)
            case Noted(channel=channel, thread=thread, text=text):
                return await self.casework.note(turn, channel, thread, text)

    async def _pressed(self, turn: Turn, intent: Intent) -> Reply:
        match intent:
            case Begin(fresh=fresh):
                return await self.reporting.start(turn, fresh=fresh)
            case GoTo():
                return await self.reporting.goto(turn, intent)
            case SendReport():
                return await self.reporting.send(turn, intent)
            case TakeOut():
                return await self.reporting.take_out(turn, intent)
            case Discard():
                return await self.reporting.discard(turn, intent)
            case Act():
                return await self.casework.act(turn, intent)
            case Ask(command=command, argument=argument):
                return await self._asked(turn, command, argument)
            case AskFor():
                return await self.rosters.pressed(turn, intent)
            case Settle():
                return await self.rosters.settle(turn, intent)
            case AnswerPage() | Fill():
                raise stale()

    async def _filled(self, turn: Turn, inbound: Filled) -> Reply:
        match inbound.intent:
            case AnswerPage() as page:
                return await self.answering.answer(turn, page, inbound.values)
            case SendReport() as sending:
                return await self.reporting.send(turn, sending)
            case Fill() as fill:
                return await self.casework.fill(turn, fill, inbound.values)
            case Begin(fresh=fresh):
                words = inbound.values.get("words", "")
                return await self.reporting.start(
                    turn, words=words if isinstance(words, str) else "", fresh=fresh
                )
            case Ask(command=ChatCommand.FIND):
                return await self._asked(turn, ChatCommand.FIND, query.filled(inbound.values))
            case Ask(command=ChatCommand.SUBJECT, argument=argument):
                return await self.overview.subject.filled(turn, argument, inbound.values)
            case AskFor(undo=False) as asking:
                return await self.rosters.filled(turn, asking, inbound.values)
            case GoTo() | Discard() | TakeOut() | Act() | Ask() | AskFor() | Settle() as other:
                return await self._pressed(turn, other)

    async def _uploaded(self, turn: Turn, brought: Uploaded) -> Reply:
        case = brought.case or await self.casework.sent_meanwhile(turn, brought.handed_in)
        if case:
            return await self.casework.upload(turn, case, brought)
        return await self.reporting.upload(turn, brought)

    async def _typed(self, turn: Turn, said: Typed) -> Reply:
        reply = await self.reporting.typed(turn, said.text, said.link, early=said.early)
        if isinstance(reply, Asking) and reply.command is ChatCommand.REPORT:
            return await self.reporting.start(turn, words=reply.argument, link=said.link)
        if isinstance(reply, Asking):
            shown = await self._asked(turn, reply.command, reply.argument)
            return await self.reporting.with_way_back(turn, shown)
        return reply

    async def _asked(self, turn: Turn, command: ChatCommand, argument: str) -> Reply:
        if command is ChatCommand.REPORT:
            return await self.reporting.start(turn, words=argument)
        if between := self.whose.between(turn.identity, command, argument):
            await self.whose.ask(turn.actor, argument, command)
            return Show(lists.which_of(between, command, argument))
        argument = bare(argument, turn.school)
        if command in (ChatCommand.SEAT, ChatCommand.AWAY, ChatCommand.LINK):
            return await self.rosters.show(turn, command, argument)
        if command is ChatCommand.DRILL:
            return await self.drills.begin(turn, argument)
        mine = self.context.schools_of(turn.identity)
        together = command in (ChatCommand.CASES, ChatCommand.FIND) or (command in OF_EACH and not argument)
        if len(mine) > 1 and together:
            turns = [replace(turn, school=school, person=person) for school, person in mine]
            return await self.overview.in_every_school(turns, command, argument)
        return await self.overview.show(turn, command, argument)

    async def _again(self, turn: Turn, before: Handled) -> Reply:
        """Answer a second delivery from the state as it is: nothing is done twice."""
        if before.case is not None:
            return await self.casework.again(turn, before.case, reporter=before.draft is not None)
        return await self.reporting.again(turn)

    async def _visit(self, inbound: Inbound, identity: Identity) -> Turn | Show:
        """Return who is here for which school; where that is open, the question which."""
        schools = self.context.directory.schools
        mine = [school.id for school, _ in self.context.schools_of(identity)]
        chosen = mine[0] if len(mine) == 1 else await self.whose.school(inbound, identity, mine)
        if chosen is None:
            words = inbound.words if isinstance(inbound, Started) else ""
            text = inbound.text if isinstance(inbound, Typed) else words
            came = inbound.link if isinstance(inbound, Started | Typed) else ""
            text = f"{text}\n{came}".strip() if came not in text else text
            said = await self.whose.ask(inbound.actor, text)
            return Show(lists.which_school([schools[s] for s in mine], said))
        return Turn(
            school=schools[chosen],
            person=identity.people[chosen],
            identity=identity,
            actor=inbound.actor,
            key=f"{inbound.actor.platform}:{inbound.key}",
            surface=inbound.surface,
            platform=inbound.actor.platform,
        )
