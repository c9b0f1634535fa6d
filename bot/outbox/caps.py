"""Nobody hears more than so much from the clock in a day: it is counted; its last word is that more waits.

What presses is not counted, nor what tells somebody of a case for the first time, nor what people did.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from contextlib import suppress

from bot.context import AppContext
from flows.calendar import local
from flows.delivery.sends import plan
from flows.errors import UnreadableRow
from flows.model import AuditKind, EventKind, Message, Send, Way
from flows.school import PersonId, School, SchoolId

#: So many messages of the clock's own somebody has in one day of the school, on all platforms together.
MOST_A_DAY = 6
_BY_CLOCK = (EventKind.REMINDED, EventKind.ESCALATED, EventKind.OVERDUE)
#: Lines of the audit that are read to know what somebody had today, after a start.
_LINES = 5_000
#: Another worker may have had the school in hand since; in one's hands it is for longer than this.
_BELIEVED = dt.timedelta(seconds=30)
_LONG_AGO = dt.datetime.min.replace(tzinfo=dt.UTC)


class Caps:
    def __init__(self, context: AppContext) -> None:
        self.context = context
        self._had: dict[tuple[SchoolId, dt.date], Counter[PersonId]] = {}
        self._read_at: dict[SchoolId, dt.datetime] = {}

    async def counts(self, send: Send) -> bool:
        """Return whether a message is one of the clock's own that does not press."""
        if send.person is None or send.way is Way.EDIT or send.case is None or send.urgency.presses:
            return False
        if send.message is not Message.UPDATE:
            return send.message is Message.REMINDER
        events = await self.context.store.events(send.school, send.case)
        return any(one.seq == send.event and one.kind in _BY_CLOCK for one in events)

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
        age = self.context.now() - self._read_at.get(school.id, _LONG_AGO)
        if key not in self._had or (self.context.store.shared and age > _BELIEVED):
            self._read_at[school.id] = self.context.now()
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
            with suppress(UnreadableRow):  # what does not open holds up nobody else's reminders
                send = await self.context.store.send(school.id, line.facts["send"])
                if send is not None and await self.counts(send):
                    found[PersonId(line.facts["person"])] += 1
        return found
