"""Nobody answered: whoever asked for a change of seats, absences or accounts hears that it lapsed, once."""

from __future__ import annotations

from bot.context import AppContext
from bot.rosters import question_drawn_again, seats_of, tell
from flows.model import Change, RosterChange
from flows.roster import Standing
from flows.school import School, SchoolId


class Unanswered:
    def __init__(self, context: AppContext) -> None:
        self.context = context
        self._told: set[tuple[SchoolId, str]] = set()

    async def look(self) -> None:
        """Tell of what has lapsed, once each. The key of what is sent makes it once for good."""
        for school in self.context.directory.schools.values():
            seats = await seats_of(self.context, school)
            for change in seats.roster.changes:
                lapsed = change.agreed is None and seats.standing[change.id] is Standing.LAPSED
                if lapsed and (school.id, change.id) not in self._told:
                    await self._tell(school, change)
                    self._told.add((school.id, change.id))

    async def _tell(self, school: School, change: RosterChange) -> None:
        news = tell(self.context, school, change, "lapsed", [change.by])
        if any([await self.context.store.send(school.id, one.key) for one in news]):
            return  # told before the program was started again
        edits = await question_drawn_again(self.context, school, change)
        await self.context.commit(Change(school=school.id, new_sends=(*news, *edits)))
