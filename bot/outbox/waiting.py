"""At each start: a case that waits, or has something to be done, has its timers."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

from msgspec.structs import replace

from bot.context import AppContext
from flows.case.clock import plan
from flows.case.lifecycle import acknowledge_timer, hear_timer
from flows.errors import UnreadableRow
from flows.model import EVERY_ROW, CaseId, Change, TimerKind
from flows.school import School


async def set_timers(context: AppContext) -> int:
    """Set the timers of each open case that lacks them; return how many cases there were."""
    done = 0
    for school in context.directory.schools.values():
        timers = await context.store.timers(school.id)  # also while another worker has the school in hand
        asked = {timer.case for timer in timers if timer.kind is TimerKind.ACKNOWLEDGE}
        planned = {timer.case for timer in timers if timer.kind is TimerKind.REMIND}
        hears = {timer.case for timer in timers if timer.kind is TimerKind.HEAR}
        for row in await context.store.cases(school.id, most=EVERY_ROW):
            if row.id not in hears:
                told = (hear_timer(row, context.now(), school),)
                await context.commit(Change(school=school.id, timers=told))
            if row.id in planned and (row.id in asked or row.owner is not None):
                continue
            with suppress(UnreadableRow):  # `check` and /readyz speak of it; the others have their timers
                done += await _set(context, school, row.id, asked, planned)
    return done


async def _set(
    context: AppContext,
    school: School,
    case_id: CaseId,
    asked: Collection[CaseId | None],
    planned: Collection[CaseId | None],
) -> int:
    """Set the timers that a case lacks; return 1 if it lacked any."""
    case = await context.store.case(school.id, case_id)
    if case is None:
        return 0
    step = context.step(school, None)
    ladder = () if case.id in asked else acknowledge_timer(case, step)
    after = replace(case, alarms=plan.planned(case, step, ladder))
    before = case.alarms if case.id in planned else {}
    anew = (*ladder, *plan.timers(before, after)[0])
    if anew:
        await context.commit(Change(school=school.id, case=after, timers=anew))
    return int(bool(anew))
