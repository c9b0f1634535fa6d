"""The card that an administrator gets when something of the bot itself is down: what it is, and what to do.

It says nothing of a case, and once a day at the most, that it is down or works again.
"""

from __future__ import annotations

from bot.context import AppContext
from flows.calendar import local, spoken_since
from flows.delivery.outbox import reach
from flows.delivery.sends import plan
from flows.model import Change, Message, Send, Way
from flows.school import PersonId, School


class Status:
    def __init__(self, context: AppContext) -> None:
        self.context = context

    async def tell(self, what: str, *, why: str = "", works: bool = False) -> None:
        """Tell each administrator that something is down, or works again."""
        for school in self.context.directory.schools.values():
            sends = [self.send(school, one, what, why, works=works) for one in school.administrators]
            if new := tuple(send for send in sends if send is not None):
                await self.context.commit(Change(school=school.id, new_sends=new))

    def send(
        self, school: School, person: PersonId, what: str, why: str, *, works: bool = False
    ) -> Send | None:
        """Return what tells one of them; None where they are reached nowhere. The day makes it one."""
        now = self.context.now()
        ways = reach(school, person, self.context.platforms)
        if not ways:
            return None
        here = local(now, school.time)
        facts = {
            "what": what,
            "state": "up" if works else "down",
            "why": why,
            "day": here.date().isoformat(),
            "since": spoken_since(here),
        }
        return plan(
            Message.STATUS,
            Way.DIRECT,
            school=school.id,
            platform=ways[0],
            person=person,
            facts=facts,
            due=now,
        )
