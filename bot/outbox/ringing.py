"""What a timer of a case does when it rings: the case is read again, and the core says what follows."""

from __future__ import annotations

from msgspec.structs import replace

from bot.context import AppContext
from flows.case import lifecycle as cases
from flows.case.clock.ring import Ring
from flows.case.clock.when import MOST
from flows.case.commands import Escalate
from flows.case.context import StepContext
from flows.errors import NotAllowed
from flows.model import Case, Change, Timer


class Ringing:
    def __init__(self, context: AppContext) -> None:
        self.context = context

    async def escalate(self, timer: Timer) -> None:
        """Tell the next person, where nobody has taken the case on in time."""
        school = self.context.directory.schools[timer.school]
        case = await self.context.store.case(timer.school, timer.case) if timer.case else None
        if case is None:
            await self.context.commit(Change(school=timer.school, cancelled_timers=(timer.key,)))
            return
        step = await self.context.step_of(school, case, None)
        step = replace(step, opened=await self.context.store.opened_by(school.id, case.id))
        try:
            change = cases.apply(case, Escalate(again=timer.step > 0), step)
        except NotAllowed:
            # Somebody was quicker, or has it open: the reminder re-reads the case just before it speaks.
            await self._not_now(timer, case, step)
            return
        woken = (*change.cancelled_timers, timer.key)  # what the change sets anew stands all the same
        await self.context.commit(replace(change, cancelled_timers=woken))

    async def _not_now(self, timer: Timer, case: Case, step: StepContext) -> None:
        """Say nothing: the timer is over, or where the case still waits for somebody, it rings again."""
        anew = cases.acknowledge_timer(case, step)
        over = () if anew else (timer.key,)
        await self.context.commit(Change(school=timer.school, timers=anew, cancelled_timers=over))

    async def remind(self, timer: Timer) -> None:
        """Remind whoever something dated is for, where it is still to do and its alarm has not moved."""
        school = self.context.directory.schools[timer.school]
        case = await self.context.store.case(timer.school, timer.case) if timer.case else None
        alarm = case.alarms.get(timer.about) if case is not None else None
        if case is None or alarm is None or alarm.next is None:
            await self.context.commit(Change(school=timer.school, cancelled_timers=(timer.key,)))
            return
        step = self.context.step(school, None)
        if alarm.next > step.at:  # another alarm of this case has rung for it, or it was put off
            later = replace(timer, due=alarm.next)
            await self.context.commit(Change(school=timer.school, timers=(later,)))
            return
        if any(one.said >= MOST for one in case.alarms.values()):
            # Somebody is called in, so that what was sent before matters.
            step = await self.context.step_of(school, case, None)
        try:
            change = cases.apply(case, Ring(), step)
        except NotAllowed:  # it is not to be done any more, and nothing has happened to the case since
            change = Change(school=timer.school, cancelled_timers=(timer.key,))
        await self.context.commit(change)
