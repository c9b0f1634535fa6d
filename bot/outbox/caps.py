"""Nobody hears more than so much from the clock in a day: it is counted; its last word is that more waits.

What presses is not counted, nor what tells somebody of a case for the first time, nor what people did.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter

from bot.context import AppContext
from flows.calendar import local
from flows.delivery.sends import plan
from flows.model import AuditKind, Case, Event, EventKind, Message, Send, Way
from flows.school import PersonId, School, SchoolId

#: So many messages of the clock's own somebody has in one day of the school, on all platforms together.
MOST_A_DAY = 6
_BY_CLOCK = (EventKind.REMINDED, EventKind.ESCALATED, EventKind.OVERDUE)
#: Lines of the audit that are read to know what somebody had today, after a start.
_LINES = 5_000


class Caps:
    def __init__(self, context: AppContext) -> None:
        self.context = context
        self._had: dict[tuple[SchoolId, dt.date], Counter[PersonId]] = {}

    def counts(self, send: Send, case: Case | None, event: Event | None) -> bool:
        """Return whether a message is one of the clock's own that does not press."""
        if send.person is None or send.way is Way.EDIT or case is None or send.urgency.presses:
            return False
        line = send.message is Message.UPDATE and event is not None and event.kind in _BY_CLOCK
        return line or send.message is Message.REMINDER

    async def full(self, send: Send, school: School) -> bool:
        """Return whether all but the last message of the day has gone to whomever it is for."""
        had = await self._today(school)
        return send.person is not None and had[send.person] >= MOST_A_DAY - 1

    async def had(self, send: Send, school: School) -> None:
        """Count one that went out."""
        if send.person is not None:
            (await self._today(school))[send.person] += 1

    def last_word(self, send: Send, school: School) -> Send:
        """Return the day's last message: that more waits. Its key makes it one."""
        now = self.context.now()
        return plan(
            Message.MORE_WAITS,
            Way.DIRECT,
            school=school.id,
            platform=send.platform,
            person=send.person,
            facts={"day": local(now, school.time).date().isoformat()},
            due=now,
        )

    async def _today(self, school: School) -> Counter[PersonId]:
        day = local(self.context.now(), school.time).date()
        key = (school.id, day)
        if key not in self._had:
            self._had = {one: had for one, had in self._had.items() if one[0] != school.id}
            self._had[key] = await self._from_audit(school, day)
        return self._had[key]

    async def _from_audit(self, school: School, day: dt.date) -> Counter[PersonId]:
        """Return what the audit says that people had today: the process may have been started since."""
        found = Counter[PersonId]()
        for line in await self.context.store.audit(school.id, most=_LINES):
            if local(line.at, school.time).date() < day:
                break
            if line.kind is not AuditKind.DELIVERED or line.case is None or not line.facts.get("person"):
                continue
            send = await self.context.store.send(school.id, line.facts["send"])
            case = await self.context.store.case(school.id, line.case)
            events = await self.context.store.events(school.id, line.case) if send and send.event else ()
            event = next((one for one in events if send and one.seq == send.event), None)
            if send is not None and self.counts(send, case, event):
                found[PersonId(line.facts["person"])] += 1
        return found
