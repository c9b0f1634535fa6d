"""Commands that show: status, help, cases, one case, the digest, the home page. They change nothing.

What of a case is shown is on the audit, and so is who was refused.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress

from msgspec.structs import replace

from bot.context import AppContext
from bot.digest import reminded, rows_for
from bot.figures.asked import Asked as Figures
from bot.reached import down_for, reached_in, unopened, waits
from bot.rehearsal.running import Rehearsals
from bot.turns.casework import Casework
from bot.turns.finding.lists import CaseLists
from bot.turns.subject.asked import SubjectAccess
from bot.turns.turn import Turn
from bot.yearly import tick, ticked
from flows.calendar import iso_week, local
from flows.case import access
from flows.case.actions.drilling import marked
from flows.case.refusals import no_such_case, refuse
from flows.delivery.rehearsal import administrators
from flows.delivery.told import Reach
from flows.errors import NotAllowed, UnreadableRow
from flows.intake.said import steering
from flows.letters.table import Yearly
from flows.messages import lists, reporter, templates, yearly
from flows.messages.beside import hints
from flows.messages.digest import Week, digest, week_before
from flows.model import AuditKind, Capability, Case, CaseId, CaseSummary, Status
from flows.references import parted
from flows.school import PersonId, School
from flows.ui.cards import Block, Card, Heading
from flows.ui.inbound import Reply, Show
from flows.ui.intents import Act, ChatCommand
from flows.words import say


class Overview:
    def __init__(self, context: AppContext, casework: Casework) -> None:
        self.context = context
        self.casework = casework
        self.lists = CaseLists(context)
        self.subject = SubjectAccess(context)
        self.figures = Figures(context)
        self.rehearsals = Rehearsals(context)

    async def show(self, turn: Turn, command: ChatCommand, argument: str) -> Reply:
        """Return what the command shows to this person."""
        match command:
            case ChatCommand.STATUS:
                return Show(await self._status(turn, argument))
            case ChatCommand.CASES:
                return Show(await self.lists.cases(turn, argument))
            case ChatCommand.SUBJECT:
                return await self.subject.show(turn, argument)
            case ChatCommand.FIND:
                return Show(await self.lists.find(turn, argument))
            case ChatCommand.CASE:
                return await self._case(turn, argument)
            case ChatCommand.DIGEST:
                return await self._digest(turn)
            case ChatCommand.FIGURES:
                return await self.figures.show(turn.school, turn.person.id, argument)
            case ChatCommand.WORDING:
                return Show(await self._wording(turn, argument))
            case ChatCommand.REHEARSE:
                return await self.rehearsals.asked(turn.school, turn.person.id, turn.platform, argument)
            case ChatCommand.HOME:
                return Show(await self._home(turn))
            case ChatCommand.SUPPORT:
                return Show(lists.support_card(turn.school))
            case (
                ChatCommand.HELP
                | ChatCommand.REPORT
                | ChatCommand.SEAT
                | ChatCommand.AWAY
                | ChatCommand.DRILL
                | ChatCommand.LINK
            ):  # all but help are others' work
                return Show(self._help(turn))

    def _help(self, turn: Turn) -> Card:
        """Return what somebody can type in any of their schools."""
        mine = [(school, person.id) for school, person in self.context.schools_of(turn.identity)]
        leader = any(school.seats_of(person) for school, person in mine)
        return lists.help_card(
            leader=leader,
            seats=leader or any(person in school.administrators for school, person in mine),
            administers=any(person in administrators(school) for school, person in mine),
            policy_links=tuple(dict.fromkeys(school.policy_link for school, _ in mine if school.policy_link)),
        )

    async def in_every_school(self, turns: Sequence[Turn], command: ChatCommand, argument: str) -> Reply:
        """Return what somebody who belongs to several schools is shown of each, one below the other."""
        blocks: list[Block] = []
        shown: list[Card] = []
        refused: NotAllowed | None = None
        for turn in turns:
            try:
                reply = await self.show(turn, command, argument)
            except NotAllowed as error:
                refused = error
                continue
            if isinstance(reply, Show) and isinstance(reply.view, Card):
                shown.append(reply.view)
                blocks += [Heading(turn.school.name), *reply.view.blocks]
            elif isinstance(reply, Show):
                return reply  # what to look for is asked once for all of them
        if refused is not None and not shown:
            raise refused
        return Show(replace(shown[0], blocks=tuple(blocks)))

    async def _status(self, turn: Turn, reference: str = "") -> Card:
        if reference.strip():
            return await self._one_of_mine(turn, reference.strip())
        mine = await self.context.store.cases_reported_by(turn.school.id, turn.person.id)
        draft = await self.context.store.draft_of(turn.school.id, turn.person.id)
        whole = await self._whole(mine, turn.school)
        card = lists.status(mine, draft, turn.school, await self._reached(mine), whole=whole)
        lines = self._mine_wait(turn.school, {row.id for row in mine})
        if turn.person.id in turn.school.administrators:
            lines = await self._trouble(turn.school, turn.person.id)
        return lists.with_trouble(card, lines)

    async def _one_of_mine(self, turn: Turn, reference: str) -> Card:
        """Return one report of somebody's own; of anybody else's there is none."""
        case = await self.context.store.case_called(turn.school.id, reference)
        if case is None or not access.may(case, turn.person.id, turn.school, Capability.SEE_OWN):
            raise no_such_case()
        return reporter.whole(await self._own(case), turn.school, self.context.now())

    async def _whole(self, mine: Sequence[CaseSummary], school: School) -> dict[CaseId, list[Block]]:
        """Return those of somebody's own reports that are not closed, as far as a card holds them."""
        found = {}
        running = [row for row in mine if row.status is not Status.CLOSED]
        for row in running[: lists.WHOLE]:
            with suppress(UnreadableRow):
                case = await self.context.store.case(row.school, row.id)
                if case is not None:
                    own = await self._own(case)
                    found[row.id] = reporter.how_it_stands(own, school, self.context.now())
        return found

    async def _own(self, case: Case) -> reporter.Own:
        store = self.context.store
        return reporter.Own(
            case=case,
            events=tuple(await store.events(case.school, case.id)),
            looks=tuple(await store.audit(case.school, case=case.id)),
            reached=await reached_in(self.context, case),
        )

    def _mine_wait(self, school: School, mine: Collection[CaseId]) -> list[str]:
        """Return the platforms that take nothing at the moment, where somebody's own report waits for one."""
        down = [
            say(f"place.on.{platform}")
            for platform, state in down_for(self.context, school)
            if any(about in mine for _, about in state.held)
        ]
        if len(down) > 1:
            return [say("list.mine_waits_several", platforms=say("told.and").join(down))]
        return [say("list.mine_waits", platform=platform) for platform in down]

    async def _trouble(self, school: School, person: PersonId) -> list[str]:
        """Return what an administrator has to mend: a platform that is down, something that does not open."""
        lines = []
        for platform, state in down_for(self.context, school):
            since, waiting = await waits(self.context, school, state, person)
            if since is not None:
                when = f"{local(since, school.time):%Y-%m-%d %H:%M}"
                name = platform.capitalize()
                lines.append(say("list.platform_down", platform=name, since=when, why=state.why, n=waiting))
        apart = [one for one in await self.context.store.apart() if one.school == school.id]
        return [*lines, *([say("list.set_apart", n=len(apart))] if apart else [])]

    async def _home(self, turn: Turn) -> Card:
        mine = await self.context.store.cases_reported_by(turn.school.id, turn.person.id)
        draft = await self.context.store.draft_of(turn.school.id, turn.person.id)
        leads = bool(turn.school.seats_of(turn.person.id))
        listed = await self.lists.cases(turn) if leads else None
        return lists.home(mine, draft, listed, turn.school, reached=await self._reached(mine))

    async def _reached(self, mine: Sequence[CaseSummary]) -> dict[CaseId, dict[PersonId, Reach]]:
        """Return how far those have been reached whom one's own reports tell."""
        found = {}
        for row in mine[: lists.MOST]:
            with suppress(UnreadableRow):  # whoever looks after the store is told; the others are still shown
                case = await self.context.store.case(row.school, row.id)
                if case is not None and row.status in (Status.OPEN, Status.ESCALATED):
                    found[row.id] = await reached_in(self.context, case)
        return found

    async def _case(self, turn: Turn, argument: str) -> Reply:
        reference, asked = parted(argument) or (argument.strip(), "")
        case = await self.context.store.case_called(turn.school.id, reference)
        known = await self.casework.may_know(turn, case)
        await self.casework.log(turn, case, AuditKind.CARD_SHOWN if known else AuditKind.REFUSED)
        if case is None or not known:
            raise no_such_case()
        if asked:
            return await self._do(turn, case, asked)
        reached = await reached_in(self.context, case)
        if access.is_told(case, turn.person.id, turn.school):
            card = templates.notice(case, turn.school, turn.person.id, self.context.now(), reached)
            beside = await self.casework.beside.of(case, turn.person.id, turn.school)
            head, *rest = card.blocks
            return Show(marked(replace(card, blocks=(head, *hints(case, beside, turn.school), *rest)), case))
        return Show(marked(templates.case_card(case, turn.school, self.context.now(), reached), case))

    async def _do(self, turn: Turn, case: Case, asked: str) -> Reply:
        """Do what a button of the case would, by its name."""
        action = steering.action(asked)
        if action is None:
            raise refuse("no_such_action")
        return await self.casework.act(turn, Act(case=case.id, action=action, version=case.version))

    async def _digest(self, turn: Turn) -> Reply:
        oversees = access.oversees(turn.person.id, turn.school)
        if not (oversees or await self.context.in_channel(turn.school, turn.identity)):
            raise NotAllowed("not-in-channel", say("service.digest_none"), "")
        now = self.context.now()
        rows = await rows_for(self.context, turn.school, now)
        safe = [r for r, _ in access.known_rows(rows, turn.person.id, turn.school, in_channel=True)]
        await self.lists.listed(
            turn, [r for r in safe if r.closed_at is None or r.closed_at >= week_before(now)]
        )
        about = Week(
            week=iso_week(now, turn.school),
            due=now,
            unopened=await unopened(self.context, safe),
            reminded=await reminded(self.context, safe),
        )
        return Show(digest(safe, turn.school, now, about))

    async def _wording(self, turn: Turn, argument: str) -> Card:
        """Tick a place of the yearly wording, or take that back; show office and leaders how it stands."""
        school, person = turn.school, turn.person.id
        if person not in school.administrators and not school.seats_of(person):
            raise NotAllowed("not-office", say("service.wording_none"), say("service.wording_none_hint"))
        verb, _, named = argument.rpartition(" ")
        place = next((one for one in Yearly if one == named.lower()), None)
        if place is not None:
            await tick(self.context, school, person, place, done=not verb.endswith("undo"))
        return yearly.card(school, *await ticked(self.context, school))
