"""What is over goes when the school's rule says so: said four weeks before, messages emptied, then removed.

Looked at each morning. What is to be done next is read off the case each time, so that a stop at
any moment loses and doubles nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress

from msgspec.structs import replace

from bot.context import AppContext
from bot.turns.casework import Casework
from flows.calendar import local, next_morning, on_day
from flows.case import keeping
from flows.case.commands import SayItGoes
from flows.delivery.sends import removal
from flows.errors import Conflict, UnreadableRow
from flows.model import (
    Audit,
    AuditKind,
    Case,
    CaseSummary,
    Change,
    Message,
    Send,
    SendState,
    Timer,
    TimerKind,
    Tombstone,
    Way,
)
from flows.school import MAILED, School

_ALL = 10_000_000
#: How soon it is looked at again whether the messages of what goes are empty, and for how long that may take.
_SOON, _PATIENCE = dt.timedelta(hours=1), dt.timedelta(days=14)


class Keeping:
    def __init__(self, context: AppContext, casework: Casework) -> None:
        self.context = context
        self.casework = casework

    async def plan(self) -> None:
        """Have each school with a rule looked at by the next morning; what is due sooner stays as it is."""
        now = self.context.now()
        for school in self.context.directory.schools.values():
            timer = _timer(school, next_morning(now, school, any_day=True))
            if not _has_rule(school):
                continue
            there = await self.context.timer(school, timer.key)
            if there is None or there.due > timer.due:
                await self.context.commit(Change(school=school.id, timers=(timer,)))

    async def due(self, timer: Timer) -> None:
        """Look at every case of a school that is over."""
        school, now = self.context.directory.schools[timer.school], self.context.now()
        under_way = False
        for row in await self.context.store.cases(school.id, open_only=False, most=_ALL):
            with suppress(Conflict, UnreadableRow):  # looked at again the next time
                under_way |= await self._see_to(school, row, now)
        if under_way or _has_rule(school):
            again = now + _SOON if under_way else next_morning(now, school, any_day=True)
            await self.context.commit(Change(school=school.id, timers=(replace(timer, due=again),)))
        else:
            await self.context.commit(Change(school=school.id, cancelled_timers=(timer.key,)))

    async def _see_to(self, school: School, row: CaseSummary, now: dt.datetime) -> bool:
        """Do what is next for one case; return whether its messages are being emptied."""
        today = local(now, school.time).date()
        last = keeping.near(row, school, today)
        case = await self.context.store.case(school.id, row.id) if last and not keeping.owes(row) else None
        if case is None or last is None:
            return False
        if case.removal is None or case.removal < last:
            day = max(last, today + keeping.WARNED) if case.removal is None else last
            await self.casework.bot_command(school, case, SayItGoes(day))
            return False
        if today <= case.removal:
            return False
        if case.removing is None:
            await self._empty(school, case, now)
            return True
        if await self._emptied(case, now):
            await self._remove(school, case, today)
            return False
        return True

    async def _empty(self, school: School, case: Case, now: dt.datetime) -> None:
        """Have each message say only that the report was removed, where its platform can change one."""
        said = {"ref": case.reference, "day": on_day(local(now, school.time).date())}
        sends = await self.context.store.sends_of(school.id, case.id)
        standing = [sent for sent in _standing(sends) if sent.platform in self.context.chats]
        edits = tuple(removal(sent, now, said) for sent in standing)
        after = replace(case, removing=now)
        await self.context.commit(Change(school=school.id, case=after, new_sends=edits))

    async def _emptied(self, case: Case, now: dt.datetime) -> bool:
        if case.removing is not None and now - case.removing > _PATIENCE:
            return True
        for sent in _standing(await self.context.store.sends_of(case.school, case.id)):
            edit = await self.context.store.send(case.school, removal(sent, now, {}).key)
            if edit is not None and edit.state in (SendState.WAITING, SendState.ATTEMPTED):
                return False
        return True

    async def _remove(self, school: School, case: Case, today: dt.date) -> None:
        closed = local(case.closed_at, school.time).date() if case.closed_at else today
        rule = keeping.rule(case)
        stone = Tombstone(
            case=case.id,
            school=school.id,
            reference=case.reference,
            closed_on=closed,
            removed_on=today,
            rule=rule,
            read_at=case.version,
        )
        line = Audit(
            school=school.id,
            at=self.context.now(),
            kind=AuditKind.REMOVED,
            by=None,
            case=case.id,
            facts={"rule": rule},
        )
        await self.context.commit(Change(school=school.id, tombstone=stone, audit=(line,)))


def _standing(sends: Sequence[Send]) -> list[Send]:
    """Return the messages that stand somewhere, can be changed, and say something yet."""
    empty = {one.root for one in sends if one.message is Message.WITHDRAWN}
    return [
        one
        for one in sends
        if one.way is not Way.EDIT and one.posted and one.platform not in MAILED and one.key not in empty
    ]


def _has_rule(school: School) -> bool:
    return school.retention.case is not None or school.retention.no_clause is not None


def _timer(school: School, due: dt.datetime) -> Timer:
    return Timer(key=f"keeping/{school.id}", school=school.id, kind=TimerKind.KEEPING, due=due)
