"""Which school somebody who belongs to several is here for, if it can be told.

Where it is asked never depends on what exists: a case that is not there, and one that somebody must not know
of, are looked for in the same place and not found.
"""

from __future__ import annotations

import re
from collections import OrderedDict

import msgspec
from msgspec import Struct

from bot.context import AppContext
from flows.intake.said import steering
from flows.intake.understood import NUMBER, plain
from flows.model import CaseId, DraftId, Identity
from flows.references import about, begins
from flows.school import School, SchoolId
from flows.ui.inbound import Actor, Asked, Filled, Inbound, Noted, Pressed, Typed
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

#: Of one school, whoever asks: what begins something, or sets it; and what does so where something is said.
_OF_ONE = (ChatCommand.SUBJECT, ChatCommand.DRILL, ChatCommand.SEAT, ChatCommand.AWAY, ChatCommand.LINK)
_OF_ONE_WHERE_SAID = (ChatCommand.FIGURES, ChatCommand.REHEARSE, ChatCommand.WORDING)
#: What somebody who belongs to several schools is shown of each, where they name none.
OF_EACH = (
    ChatCommand.STATUS,
    ChatCommand.HOME,
    ChatCommand.SUPPORT,
    ChatCommand.DIGEST,
    ChatCommand.WORDING,
    ChatCommand.FIGURES,
    ChatCommand.REHEARSE,
)
#: So many people at most are remembered as asked which school; whoever is forgotten is asked again.
_MOST_ASKED = 1000


class _Said(Struct, frozen=True):
    """What somebody said before they were asked which school: a report's words, or a command's."""

    words: str
    command: ChatCommand = ChatCommand.REPORT


class Whose:
    def __init__(self, context: AppContext) -> None:
        self.context = context
        #: what people said before they were asked which school it is about
        self._said: OrderedDict[Actor, _Said] = OrderedDict()

    async def ask(self, actor: Actor, text: str, command: ChatCommand = ChatCommand.REPORT) -> str:
        """Remember that somebody is asked which school; return all that they said so far."""
        before, said = await self._forgotten(actor), _Said(text, command)
        if before is not None and before.command is command is ChatCommand.REPORT:
            said = _Said("\n".join(part for part in (before.words, text) if part))
        if self.context.store.shared:  # another process may be told the answer
            await self.context.store.put_record(actor.platform, _shelf(actor), msgspec.json.encode(said))
            return said.words
        self._said[actor] = said
        if len(self._said) > _MOST_ASKED:
            self._said.popitem(last=False)
        return said.words

    def between(self, identity: Identity, command: ChatCommand, argument: str) -> list[School]:
        """Return the schools of which one has to be chosen for a command; none where it is certain."""
        mine = self._where(identity, command)
        one = command in _OF_ONE or (command in _OF_ONE_WHERE_SAID and argument)
        return mine if one and len(mine) > 1 and not any(begins(argument, each) for each in mine) else []

    def _where(self, identity: Identity, command: ChatCommand) -> list[School]:
        """Return the schools in which a command can be this person's."""
        mine = self.context.schools_of(identity)
        if command is ChatCommand.LINK:
            return [school for school, _ in mine]
        if command is ChatCommand.SUBJECT:
            return [school for school, person in mine if school.seats_of(person.id)]
        return [s for s, person in mine if s.seats_of(person.id) or person.id in s.administrators]

    async def told(self, inbound: Inbound, identity: Identity) -> Inbound:
        """Return typed words that name the school which was asked for as what they mean: begin there."""
        mine = [school.id for school, _ in self.context.schools_of(identity)]
        school = self._named(inbound.text, mine) if isinstance(inbound, Typed) and len(mine) > 1 else None
        said = await self._forgotten(inbound.actor) if school is not None else None
        if school is None or said is None:
            return inbound
        if said.command is not ChatCommand.REPORT:
            asked = f"{about(self.context.directory.schools[school])} {said.words}".strip()
            intent = Ask(said.command, asked)
            return Pressed(key=inbound.key, actor=inbound.actor, surface=inbound.surface, intent=intent)
        return Filled(
            key=inbound.key,
            actor=inbound.actor,
            surface=inbound.surface,
            intent=Begin(school=school),
            values={"words": said.words},
        )

    async def _forgotten(self, actor: Actor) -> _Said | None:
        """Return what somebody said before they were asked, and forget it; None = they were not asked."""
        store = self.context.store
        if not store.shared:
            return self._said.pop(actor, None)
        said = await store.record(actor.platform, _shelf(actor))
        if said is not None:
            await store.remove_record(actor.platform, _shelf(actor))
        return msgspec.json.decode(said, type=_Said) if said is not None else None

    def _named(self, text: str, mine: list[SchoolId]) -> SchoolId | None:
        """Return the one school these words name: by its number, its name, or a part of that."""
        bare = plain(text)
        if number := NUMBER.fullmatch(bare):
            at = int(number[1])
            return mine[at - 1] if 1 <= at <= len(mine) else None
        names = {school: plain(self.context.directory.schools[school].name) for school in mine}
        found = [
            school for school, name in names.items() if bare and re.search(rf"\b{re.escape(bare)}\b", name)
        ]
        return found[0] if len(found) == 1 else None

    async def school(self, inbound: Inbound, identity: Identity, mine: list[SchoolId]) -> SchoolId | None:
        """Return the school; None = it has to be asked."""
        named = _named_school(inbound)
        if named in mine:
            return SchoolId(named)
        begun = [s for s in mine if await self.context.store.draft_of(s, identity.people[s].id)]
        schools = self.context.directory.schools
        leads = any(schools[s].seats_of(identity.people[s].id) for s in mine)
        asked = _asked(inbound, drafting=bool(begun), leads=leads)
        if asked is not None and asked[0] is not ChatCommand.REPORT:
            return self._called(*asked, identity, mine)
        for school in mine:
            match inbound:
                case Pressed(intent=intent) | Filled(intent=intent):
                    if await self._about(school, intent):
                        return school
                case Noted(channel=channel, thread=thread):
                    if await self.context.store.thread(school, inbound.actor.platform, channel, thread):
                        return school
                case _ if school in begun:
                    return school
                case _:
                    continue
        return mine[0] if _of_a_case(inbound) else None

    def _called(
        self, command: ChatCommand, argument: str, identity: Identity, mine: list[SchoolId]
    ) -> SchoolId:
        """Return whose reference it is, by how it begins: whether there is such a case is not looked at."""
        schools = self.context.directory.schools
        theirs = self._where(identity, command) if command in (*_OF_ONE, *_OF_ONE_WHERE_SAID) else []
        named = (s for s in mine if begins(argument, schools[s]))
        return next(named, theirs[0].id if theirs else mine[0])

    async def _about(self, school: SchoolId, intent: Intent) -> bool:
        """Return whether an intent is about a draft or a case of this school."""
        match intent:
            case (
                AnswerPage(draft=draft)
                | GoTo(draft=draft)
                | SendReport(draft=draft)
                | Discard(draft=draft)
                | TakeOut(draft=draft)
            ):
                return await self.context.store.draft(school, DraftId(draft)) is not None
            case Act(case=case) | Fill(case=case):
                return await self.context.store.case(school, CaseId(case)) is not None
            case Settle(change=change) | AskFor(which=change, undo=True):
                roster = await self.context.store.roster(school)
                return roster is not None and any(each.id == change for each in roster.changes)
            case Begin() | Ask() | AskFor():
                return False


def _asked(inbound: Inbound, *, drafting: bool, leads: bool) -> tuple[ChatCommand, str] | None:
    """Return the command that was asked for: by name, by a button, or typed while nothing is asked."""
    match inbound:
        case Asked(command=command, argument=argument):
            return command, argument
        case (
            Pressed(intent=Ask(command=command, argument=argument))
            | Filled(intent=Ask(command=command, argument=argument))
        ):
            return command, argument
        case Typed(text=text) if not drafting and steering.is_greeting(text):
            return ChatCommand.HELP, ""  # and no words of a report
        case Typed(text=text) if not drafting:
            return steering.command(text, leads=leads)
        case _:
            return None


def _of_a_case(inbound: Inbound) -> bool:
    """Return whether something is about a case, there or not."""
    return isinstance(inbound, Noted) or (
        isinstance(inbound, Pressed | Filled) and isinstance(inbound.intent, Act | Fill)
    )


def _named_school(inbound: Inbound) -> str:
    if isinstance(inbound, Pressed | Filled) and isinstance(inbound.intent, AskFor):
        return inbound.intent.school
    if isinstance(inbound, Pressed | Filled) and isinstance(inbound.intent, Begin):
        value = inbound.values.get("school", "") if isinstance(inbound, Filled) else ""
        return inbound.intent.school or (value if isinstance(value, str) else "")
    return ""


def _shelf(actor: Actor) -> str:
    """Return under which key it is remembered."""
    return f"which/{actor.workspace}/{actor.account}"
