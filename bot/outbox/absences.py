"""Nobody will be there: the week before, whoever looks after the seats is told which seat, and from when."""

from __future__ import annotations

import datetime as dt

from bot.context import AppContext
from bot.school_file.gaps import absences
from flows.calendar import local
from flows.delivery.outbox import reach
from flows.delivery.sends import plan
from flows.model import Change, Message, Way
from flows.policy.routing import leadership_people
from flows.school import PersonId, School, SchoolId, Seat


class Absences:
    def __init__(self, context: AppContext) -> None:
        self.context = context
        self._told: set[tuple[SchoolId, Seat, dt.date]] = set()

    async def look(self) -> None:
        """Tell of what begins within a week, once each. The key of what is sent makes it once for good."""
        for school in self.context.directory.schools.values():
            today = local(self.context.now(), school.time).date()
            for seat, day in absences(school, today):
                known = (school.id, seat, day)
                if day > today and known not in self._told:
                    await self._tell(school, seat, day)
                    self._told.add(known)

    async def _tell(self, school: School, seat: Seat, day: dt.date) -> None:
        now = self.context.now()
        sends = tuple(
            plan(
                Message.AWAY,
                Way.DIRECT,
                school=school.id,
                platform=way,
                person=person,
                facts={"seat": seat.value, "day": day.isoformat()},
                due=now,
            )
            for person in _told_of(school)
            for way in reach(school, person, self.context.platforms)
        )
        await self.context.commit(Change(school=school.id, new_sends=sends))


def _told_of(school: School) -> tuple[PersonId, ...]:
    """Return who looks after the seats; where nobody is named for that, the leaders."""
    return school.administrators or tuple(sorted(leadership_people(school)))
