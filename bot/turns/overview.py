"""Commands that show: status, help, cases, one case, the digest, the home page. They change nothing.

(Opening a record is logged; that is ``casework``'s.)
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.context import AppContext
from bot.reached import reached_in, unopened
from bot.turns.casework import Casework
from bot.turns.turn import Turn
from flows.calendar import iso_week
from flows.case import access
from flows.case.refusals import no_such_case
from flows.delivery.told import Reach
from flows.errors import NotAllowed
from flows.messages import lists, templates
from flows.model import Capability, CaseId, CaseSummary, Status
from flows.school import PersonId
from flows.ui.cards import Card
from flows.ui.inbound import Reply, Show
from flows.ui.intents import ChatCommand
from flows.words import say


class Overview:
    def __init__(self, context: AppContext, casework: Casework) -> None:
        self.context = context
        self.casework = casework

    async def show(self, turn: Turn, command: ChatCommand, argument: str) -> Reply:
        """Return what the command shows to this person."""
        match command:
            case ChatCommand.STATUS:
                return Show(await self._status(turn))
            case ChatCommand.CASES:
                return Show(await self._cases(turn))
            case ChatCommand.CASE:
                return await self._case(turn, argument)
            case ChatCommand.DIGEST:
                return await self._digest(turn)
            case ChatCommand.HOME:
                return Show(await self._home(turn))
            case ChatCommand.HELP | ChatCommand.REPORT:
                return Show(lists.help_card(leader=bool(turn.school.seats_of(turn.person.id))))

    async def _status(self, turn: Turn) -> Card:
        mine = await self.context.store.cases_reported_by(turn.school.id, turn.person.id)
        draft = await self.context.store.draft_of(turn.school.id, turn.person.id)
        return lists.status(mine, draft, turn.school, await self._reached(mine))

    async def _home(self, turn: Turn) -> Card:
        mine = await self.context.store.cases_reported_by(turn.school.id, turn.person.id)
        draft = await self.context.store.draft_of(turn.school.id, turn.person.id)
        leads = bool(turn.school.seats_of(turn.person.id))
        rows = await self._rows(turn) if leads else None
        reached = await self._reached(mine)
        return lists.home(mine, draft, rows, turn.school, self.context.now(), reached=reached)

    async def _cases(self, turn: Turn) -> Card:
        rows = await self._rows(turn)
        waiting = await unopened(self.context, rows)
        return lists.cases(rows, turn.school, self.context.now(), unopened=waiting)

    async def _reached(self, mine: Sequence[CaseSummary]) -> dict[CaseId, dict[PersonId, Reach]]:
        """Return how far those have been reached whom one's own reports tell."""
        found = {}
        for row in mine[: lists.MOST]:
            case = await self.context.store.case(row.school, row.id)
            if case is not None and row.status in (Status.OPEN, Status.ESCALATED):
                found[row.id] = await reached_in(self.context, case)
        return found

    async def _rows(self, turn: Turn) -> list[CaseSummary]:
        """Return the open cases this person may know of."""
        in_channel = await self.context.in_channel(turn.school, turn.identity)
        rows = await self.context.store.cases(turn.school.id)
        return [r for r in rows if access.may_know_row(r, turn.person.id, turn.school, in_channel=in_channel)]

    async def _case(self, turn: Turn, reference: str) -> Reply:
        case = await self.context.store.case_called(turn.school.id, reference.strip())
        if case is None or not await self.casework.may_know(turn, case):
            raise no_such_case()
        reached = await reached_in(self.context, case)
        if access.may(case, turn.person.id, turn.school, Capability.READ):
            return Show(templates.notice(case, turn.school, turn.person.id, self.context.now(), reached))
        return Show(templates.case_card(case, turn.school, self.context.now(), reached))

    async def _digest(self, turn: Turn) -> Reply:
        if not await self.context.in_channel(turn.school, turn.identity):
            raise NotAllowed("not-in-channel", say("service.digest_none"), "")
        now = self.context.now()
        rows = await self.context.store.cases(turn.school.id, since=lists.week_before(now))
        safe = [r for r in rows if access.may_know_row(r, turn.person.id, turn.school, in_channel=True)]
        waiting = await unopened(self.context, safe)
        return Show(lists.digest(safe, turn.school, now, iso_week(now, turn.school), unopened=waiting))
