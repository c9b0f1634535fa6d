"""Beginning a drill: the administrator or whoever holds a seat sends an invented report the real way."""

from __future__ import annotations

from msgspec.structs import replace

from bot.context import AppContext
from bot.turns.turn import Turn
from flows.case.actions.drilling import Drill, invented, marked
from flows.case.lifecycle import open_case
from flows.case.refusals import refuse, stale
from flows.messages import lists, templates
from flows.model import CaseId
from flows.ui.inbound import Receipt, Reply, Show


class Drills:
    def __init__(self, context: AppContext) -> None:
        self.context = context

    async def begin(self, turn: Turn, argument: str) -> Reply:
        """Say what a drill does; or begin the one that is named."""
        if turn.person.id not in turn.school.administrators and not turn.school.seats_of(turn.person.id):
            raise refuse("no_drill")
        kind = argument.strip().lower()
        if kind not in set(Drill):
            return Show(lists.begin_drill(turn.school))
        step = self.context.step(turn.school, turn.person.id)
        report, case_id = invented(Drill(kind), turn.person.id, step.at), CaseId(self.context.new_id())
        change = open_case(report, case_id=case_id, code=self.context.new_code(), step=step, drill=True)
        done = await self.context.commit(replace(change, handled=turn.handled(step.at, case=case_id)))
        if done.case is None:
            raise stale()
        return Receipt(marked(templates.receipt(done.case, turn.school, step.at), done.case))
