"""Each September: whoever administers the bot is told once that people have changed, and can be tried."""

from __future__ import annotations

import datetime as dt

from bot.context import AppContext
from flows.calendar import local
from flows.delivery.outbox import reach
from flows.delivery.rehearsal import administrators
from flows.delivery.sends import plan
from flows.letters.yearly import works_from
from flows.model import AuditKind, Change, Message, Way
from flows.school import School, SchoolId

#: the month, and the hour of the school's clock from which it is said
_MONTH, _FROM = 9, 9
#: Whoever has rehearsed since then need not be told.
_SINCE = dt.timedelta(days=60)
#: So much of the audit is looked through for one.
_LINES = 5_000


class September:
    def __init__(self, context: AppContext) -> None:
        self.context = context
        self._told: set[tuple[SchoolId, int]] = set()

    async def look(self) -> None:
        """Tell whoever administers, where it is time; the key of what is sent makes it once a year."""
        for school in self.context.directory.schools.values():
            now = local(self.context.now(), school.time)
            first = works_from(school, dt.date(now.year, _MONTH, 1))
            time = now.month == _MONTH and now.hour >= _FROM and now.date() >= first
            if time and (school.id, now.year) not in self._told:
                await self._tell(school, now.year)
                self._told.add((school.id, now.year))

    async def _tell(self, school: School, year: int) -> None:
        now = self.context.now()
        for line in await self.context.store.audit(school.id, most=_LINES):
            if line.at < now - _SINCE:
                break
            if line.kind is AuditKind.REHEARSED:
                return
        sends = tuple(
            plan(
                Message.REHEARSE,
                Way.DIRECT,
                school=school.id,
                platform=platform,
                person=person,
                facts={"year": str(year)},
                due=now,
            )
            for person in administrators(school)
            for platform in reach(school, person, self.context.platforms)
        )
        await self.context.commit(Change(school=school.id, new_sends=sends))
