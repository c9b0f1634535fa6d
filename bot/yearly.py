"""The yearly wording: what is ticked, by whom, and a reminder to the office until all of it is."""

from __future__ import annotations

import datetime as dt

import msgspec
from msgspec import Struct

from bot.context import AppContext
from flows.calendar import local
from flows.delivery.outbox import reach
from flows.delivery.sends import plan
from flows.letters.table import Yearly
from flows.letters.yearly import reminder, year_of
from flows.model import Audit, AuditKind, Change, Message, Way
from flows.school import PersonId, Platform, School, SchoolId, Seat

#: the shelf of the store's small records on which these lie; no adapter uses it
_SHELF = Platform.EMAIL
#: no reminder comes before this hour of the school's clock
_FROM = 9


class Tick(Struct, frozen=True):
    """Somebody said on this day that the wording stands there."""

    by: PersonId
    day: dt.date


class YearlyWording:
    def __init__(self, context: AppContext) -> None:
        self.context = context
        self._told: set[tuple[SchoolId, dt.date]] = set()

    async def look(self) -> None:
        """Remind each school's office where it is time. The key of what is sent makes it once for good."""
        for school in self.context.directory.schools.values():
            now = local(self.context.now(), school.time)
            day = reminder(school, now.date()) if now.hour >= _FROM else None
            if day is not None and (school.id, day) not in self._told:
                await self._remind(school, day)
                self._told.add((school.id, day))

    async def _remind(self, school: School, day: dt.date) -> None:
        year, done = await ticked(self.context, school)
        left = " ".join(place for place in Yearly if place not in done)
        sends = tuple(
            plan(
                Message.YEARLY,
                Way.DIRECT,
                school=school.id,
                platform=platform,
                person=person,
                facts={"day": day.isoformat(), "year": str(year), "left": left},
                due=self.context.now(),
            )
            for person in (school.administrators or school.seats.get(Seat.HEADTEACHER, ())[:1])
            for platform in reach(school, person, self.context.platforms)
        )
        if left and sends:
            await self.context.commit(Change(school=school.id, new_sends=sends))


async def ticked(context: AppContext, school: School) -> tuple[int, dict[Yearly, dt.date]]:
    """Return this school year, and since when the wording stands in which place."""
    year = year_of(local(context.now(), school.time).date())
    found = {}
    for place in Yearly:
        kept = await context.store.record(_SHELF, _key(school, year, place))
        if kept is not None:
            found[place] = msgspec.json.decode(kept, type=Tick).day
    return year, found


async def tick(context: AppContext, school: School, by: PersonId, place: Yearly, *, done: bool) -> None:
    """Keep that the wording stands in a place this year, or that it does not after all; logged."""
    now = context.now()
    day = local(now, school.time).date()
    key = _key(school, year_of(day), place)
    if done:
        await context.store.put_record(_SHELF, key, msgspec.json.encode(Tick(by, day)))
    else:
        await context.store.remove_record(_SHELF, key)
    facts = {"place": place.value, "year": str(year_of(day)), "done": "yes" if done else "no"}
    entry = Audit(school=school.id, at=now, kind=AuditKind.WORDING_TICKED, by=by, facts=facts)
    await context.commit(Change(school=school.id, audit=(entry,)))


def _key(school: School, year: int, place: Yearly) -> str:
    return f"yearly/{school.id}/{year}/{place}"
