"""Watches the clock itself: a timer that should have rung and did not, and a clock that was set back.

A machine that slept, or a clock that jumped, is told to whoever is on call, once a day at the most. What was
late rings now; it is said so that somebody looks whether anything was too late.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress

from bot.context import AppContext
from flows.calendar import local, spoken_since
from flows.case.commands import kept_from
from flows.delivery.outbox import reach
from flows.delivery.sends import plan
from flows.errors import UnreadableRow
from flows.model import Change, Message, Timer, TimerKind, Way
from flows.policy.routing import leadership_people
from flows.school import PersonId, School, Seat

#: A timer that has not rung for so long should have; a clock that is so far behind was set back.
LATE, BACK = dt.timedelta(minutes=30), dt.timedelta(minutes=5)
_ALL = 1000


class Auditor:
    def __init__(self, context: AppContext) -> None:
        self.context = context
        self._last: dt.datetime | None = None

    async def look(self) -> None:
        """Look before each round whether time went on as it should since the last one."""
        now, last = self.context.now(), self._last
        if last is None or now - last > LATE:
            await self._late(now)
        elif now < last - BACK:
            for school in self.context.directory.schools.values():
                for person in on_call(school):
                    await self._tell(school, person, "back", last)
        self._last = now

    async def _late(self, now: dt.datetime) -> None:
        """Tell of what should have rung since: to each person by what they may know of."""
        due = [t for t in await self.context.store.due_timers(now, most=_ALL) if now - t.due > LATE]
        for school in self.context.directory.schools.values():
            mine = [timer for timer in due if timer.school == school.id and timer.kind in _RINGS]
            for person in on_call(school) if mine else ():
                since = await self._since(school, mine, person)
                if since is not None:
                    await self._tell(school, person, "late", since)

    async def _since(self, school: School, due: Sequence[Timer], person: PersonId) -> dt.datetime | None:
        """Return since when something has been late that somebody may know of (None = nothing)."""
        for timer in due:
            if timer.case is None:
                return timer.due
            with suppress(UnreadableRow):
                case = await self.context.store.case(school.id, timer.case)
                if case is not None and person not in kept_from(case, school):
                    return timer.due
        return None

    async def _tell(self, school: School, person: PersonId, state: str, since: dt.datetime) -> None:
        now = self.context.now()
        facts = {
            "state": state,
            "day": local(now, school.time).date().isoformat(),
            "since": spoken_since(local(since, school.time)),
        }
        sends = tuple(
            plan(
                Message.CLOCK,
                Way.DIRECT,
                school=school.id,
                platform=way,
                person=person,
                facts=facts,
                due=now,
            )
            for way in reach(school, person, self.context.platforms)
        )
        await self.context.commit(Change(school=school.id, new_sends=sends))


#: What people wait for; that a forgotten draft is shredded later than it should be is nobody's trouble.
_RINGS = (TimerKind.ACKNOWLEDGE, TimerKind.REMIND, TimerKind.UNFINISHED, TimerKind.DIGEST)


def on_call(school: School) -> tuple[PersonId, ...]:
    """Return who is on call; where nobody is, the leaders."""
    return school.seats.get(Seat.ON_CALL, ()) or tuple(sorted(leadership_people(school)))
