"""Commands that show: status, help, cases, one case, the digest, the home page. They change nothing.

(Opening a record is logged; that is ``casework``'s.)
"""

from __future__ import annotations

from bot.context import World
from bot.turns.casework import Casework
from bot.turns.turn import Visit
from flows.calendar import iso_week
from flows.case import access
from flows.errors import NotAllowed, NotFound
from flows.messages import lists, templates
from flows.model import Capability, CaseRow
from flows.ui.cards import Card
from flows.ui.inbound import Reply, Show
from flows.ui.intents import Command
from flows.words import say


class Overview:
    """See the module."""

    def __init__(self, world: World, casework: Casework) -> None:
        """Keep the world, and the one who opens records."""
        self.world = world
        self.casework = casework

    async def show(self, visit: Visit, command: Command, argument: str) -> Reply:
        """Return what the command shows to this person."""
        match command:
            case Command.STATUS:
                return Show(await self._status(visit))
            case Command.CASES:
                return Show(lists.cases(await self._rows(visit), visit.school, self.world.now()))
            case Command.CASE:
                return await self._case(visit, argument)
            case Command.DIGEST:
                return await self._digest(visit)
            case Command.HOME:
                return Show(await self._home(visit))
            case Command.HELP | Command.REPORT:
                return Show(lists.help_card(leader=bool(visit.school.seats_of(visit.person.id))))

    async def _status(self, visit: Visit) -> Card:
        mine = await self.world.store.cases_reported_by(visit.school.id, visit.person.id)
        draft = await self.world.store.draft_of(visit.school.id, visit.person.id)
        return lists.status(mine, draft)

    async def _home(self, visit: Visit) -> Card:
        mine = await self.world.store.cases_reported_by(visit.school.id, visit.person.id)
        draft = await self.world.store.draft_of(visit.school.id, visit.person.id)
        leads = bool(visit.school.seats_of(visit.person.id))
        rows = await self._rows(visit) if leads else None
        return lists.home(mine, draft, rows, visit.school, self.world.now())

    async def _rows(self, visit: Visit) -> list[CaseRow]:
        """Return the open cases this person may know of."""
        in_channel = await self.world.in_channel(visit.school, visit.identity)
        rows = await self.world.store.cases(visit.school.id)
        return [r for r in rows if access.may_know_row(r, visit.person.id, in_channel=in_channel)]

    async def _case(self, visit: Visit, reference: str) -> Reply:
        case = await self.world.store.case_called(visit.school.id, reference.strip())
        if case is None or not await self.casework.may_know(visit, case):
            raise NotFound(
                "no-such-case", say("case.refused.no_such_case"), say("case.refused.no_such_case_hint")
            )
        if access.may(case, visit.person.id, visit.school, Capability.READ):
            return Show(templates.notice(case, visit.school, visit.person.id, self.world.now()))
        return Show(templates.case_card(case, visit.school, self.world.now()))

    async def _digest(self, visit: Visit) -> Reply:
        if not await self.world.in_channel(visit.school, visit.identity):
            raise NotAllowed("not-in-channel", say("service.digest_none"), "")
        now = self.world.now()
        rows = await self.world.store.cases(visit.school.id, since=lists.week_before(now))
        safe = [r for r in rows if access.may_know_row(r, visit.person.id, in_channel=True)]
        return Show(lists.digest(safe, visit.school, now, iso_week(now, visit.school)))
