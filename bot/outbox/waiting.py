"""At each start: a case that nobody has opened has a timer, also one that was stored before there were."""

from __future__ import annotations

import datetime as dt

from bot.context import AppContext
from bot.reached import unopened
from flows.case.lifecycle import acknowledge_timer
from flows.model import Change

_EVER, _ALL = dt.timedelta(days=36_500), 1_000_000


async def set_timers(context: AppContext) -> int:
    """Set the timer of each case that waits without one; return how many there were."""
    timers = await context.store.due_timers(context.now() + _EVER, most=_ALL)
    waits = {timer.case for timer in timers}
    done = 0
    for school in context.directory.schools.values():
        rows = [row for row in await context.store.cases(school.id, most=_ALL) if row.id not in waits]
        for found in await unopened(context, rows):
            case = await context.store.case(school.id, found)
            if case is not None:
                anew = acknowledge_timer(case, context.step(school, None))
                await context.commit(Change(school=school.id, timers=anew))
                done += len(anew)
    return done
