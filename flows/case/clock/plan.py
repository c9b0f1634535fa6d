"""The plan of a case: an alarm for each dated thing, in step with what there is to do; and its timers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from flows.case.clock.table import LADDER, key
from flows.case.clock.when import due, next_ring, things
from flows.case.context import StepContext
from flows.model import Alarm, Case, Status, Timer, TimerKind


def planned(
    case: Case, step: StepContext, ladder: Sequence[Timer] = (), *, taken_on: bool = False
) -> dict[str, Alarm]:
    """Return the alarms as the case is now: what is new gets one, what is done or waits rings no more.

    One that stands stays as it was set: a plan is made once, and changes only where its thing does.
    ``ladder`` is the timer of the ladder, where this step set it anew; ``taken_on`` = it speaks no more, so
    that what waited for it rings in its own time.
    """
    school, presses = step.school, case.decision.urgency.presses
    found: dict[str, Alarm] = {**_ladder(case, step, ladder)}
    open_still = things(case)
    for name, task in open_still.items():
        by, old = due(case, task, school), case.alarms.get(name)
        if old is not None and old.next is not None and old.by == by and not (taken_on and not old.until):
            found[name] = old
        else:
            rang = old.rang if old is not None else ()
            found[name] = Alarm(by=by, next=next_ring(by, step.at, school, presses=presses), rang=rang)
    over = {n: a for n, a in case.alarms.items() if a.rang and n not in open_still and n != LADDER}
    return found | {name: replace(alarm, next=None) for name, alarm in over.items()}


def _ladder(case: Case, step: StepContext, timers: Sequence[Timer]) -> dict[str, Alarm]:
    """Return the ladder's alarm; it has rung where this step was the bot's own and its time had come."""
    old = case.alarms.get(LADDER)
    rang = old.rang if old is not None else ()
    if old is not None and old.next is not None and step.by is None and old.next <= step.at:
        rang = (*rang, step.at)
    waits = case.status in (Status.OPEN, Status.ESCALATED)
    for timer in timers:
        return {LADDER: Alarm(by=case.acknowledge_by or case.due_at, next=timer.due, rang=rang)}
    if old is None or not (rang or waits):
        return {}
    return {LADDER: replace(old, next=old.next if waits else None, rang=rang)}


def timers(before: Mapping[str, Alarm], case: Case) -> tuple[tuple[Timer, ...], tuple[str, ...]]:
    """Return the timers to set, and the keys of those that are over; the ladder's own are not among them."""
    then = {name: alarm.next for name, alarm in before.items() if name != LADDER}
    now = {name: alarm.next for name, alarm in case.alarms.items() if name != LADDER}
    anew = tuple(
        Timer(
            key=key(TimerKind.REMIND, case.id, name),
            school=case.school,
            kind=TimerKind.REMIND,
            due=moment,
            case=case.id,
            about=name,
        )
        for name, moment in now.items()
        if moment is not None and then.get(name) != moment
    )
    over = tuple(
        key(TimerKind.REMIND, case.id, name)
        for name, moment in then.items()
        if moment is not None and now.get(name) is None
    )
    return anew, over
