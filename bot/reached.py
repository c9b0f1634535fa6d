"""How far those whom a case tells have been reached, and what its reporter hears: asked of the store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import suppress

from msgspec.structs import replace

from bot.context import AppContext
from bot.platform_states import PlatformState
from flows.case.actions.drilling import EndDrill
from flows.case.clock.table import key
from flows.case.commands import kept_from
from flows.case.lifecycle import apply, hear_timer
from flows.delivery import retry, to_reporter
from flows.delivery.outbox import redrawn
from flows.delivery.sends import moved
from flows.delivery.told import Reach, reached
from flows.errors import UnreadableRow
from flows.model import Case, CaseId, CaseSummary, Change, Message, Send, SendState, Status, Timer, TimerKind
from flows.school import PersonId, Platform, School


async def reached_in(context: AppContext, case: Case) -> dict[PersonId, Reach]:
    """Return how far everybody told of this case has been reached. Only notices are looked at."""
    notices = await _notices(context, case)
    return reached(case, notices, await context.store.opened_by(case.school, case.id))


async def _notices(context: AppContext, case: Case) -> list[Send]:
    """Return the notice of everybody told, on each platform that it went or goes to."""
    cards = await context.store.sends(case.school, case.cards)
    notices = [card for card in cards.values() if card.message is Message.NOTICE]
    ways = {moved(notice, platform, notice.due).key for notice in notices for platform in context.platforms}
    return [*notices, *(await context.store.sends(case.school, sorted(ways.difference(case.cards)))).values()]


async def about_to_hear(context: AppContext, case: Case) -> frozenset[PersonId]:
    """Return who was not reached and is about to be: their platform takes messages again, and it is next."""
    now, states, found = context.now(), context.states, set[PersonId]()
    for notice in await _notices(context, case):
        waits = notice.late and notice.state in (SendState.WAITING, SendState.ATTEMPTED)
        works = states.of(context.where(notice)).since is None
        if waits and works and notice.due - now <= retry.LONGEST and notice.person is not None:
            found.add(notice.person)
    return frozenset(found)


async def unopened(context: AppContext, rows: Iterable[CaseSummary]) -> frozenset[CaseId]:
    """Return those of these cases that wait, and that nobody who is told has opened."""
    waiting = [row for row in rows if row.status in (Status.OPEN, Status.ESCALATED)]
    openers = dict[CaseId, frozenset[PersonId]]()
    for school in {row.school for row in waiting}:
        openers |= await context.store.openers(school, [row.id for row in waiting if row.school == school])
    return frozenset(row.id for row in waiting if not openers[row.id].intersection(row.told))


async def drawn_again(context: AppContext, case: Case | None) -> tuple[Send, ...]:
    """Return the edits of everything that says who has been reached."""
    if case is None or case.status is Status.CLOSED:
        return ()
    sends = await context.store.sends_of(case.school, case.id)
    return tuple(redrawn(case, sends, context.now()))


# -- what waits for a platform that is down, as far as somebody may know of it: to whoever must not know of a
# case it is as if nothing of it waited


async def waits(
    context: AppContext, school: School, state: PlatformState, person: PersonId, *, of_a_case: bool = False
) -> tuple[dt.datetime | None, int]:
    """Return since when something waits that somebody may know of (None = nothing), and how much it is."""
    moments, count = [], 0
    for (owner, about), held in state.held.items():
        if owner != school.id or (about is None and of_a_case):
            continue
        case = None
        if about is not None:
            with suppress(UnreadableRow):  # nobody may know of it: it stops no other
                case = await context.store.case(school.id, about)
        if about is None or (case is not None and person not in kept_from(case, school)):
            moments.append(held.since)
            count += held.count
    return min(moments, default=None), count


def down_for(context: AppContext, school: School) -> Iterator[tuple[Platform, PlatformState]]:
    """Yield the platforms of a school that are down."""
    for (platform, workspace), state in context.states.down().items():
        if workspace == context.directory.workspace(school.id, platform):
            yield platform, state


# -- what the reporter hears although nobody did anything to the case


async def seen(context: AppContext, case: Case, by: PersonId, school: School) -> list[Send]:
    """Return what the reporter is told when a leader has opened their report for the first time."""
    if by == case.report.reporter:
        return []
    sends = await context.store.sends_of(case.school, case.id)
    return to_reporter.seen(case, school, context.platforms, context.now(), sends)


async def hear(context: AppContext, timer: Timer) -> None:
    """Tell the reporter how it stands, by the day they were promised; and again, until it is closed."""
    school, now = context.directory.schools[timer.school], context.now()
    case = await context.store.case(timer.school, timer.case) if timer.case else None
    if case is None or case.status is Status.CLOSED:
        await context.commit(Change(school=timer.school, cancelled_timers=(timer.key,)))
        return
    if case.drill:
        await _end(context, case)
        return
    again = timer.step + 1
    told = to_reporter.stands(case, school, context.platforms, now, again=again)
    following = hear_timer(case, now, school, step=again)
    await context.commit(Change(school=school.id, new_sends=tuple(told), timers=(following,)))


async def _end(context: AppContext, case: Case) -> None:
    """End a drill that nobody ended."""
    step = await context.step_of(context.directory.schools[case.school], case, None)
    change = apply(case, EndDrill(), step)
    gone = (*change.cancelled_timers, key(TimerKind.HEAR, case.id))
    await context.commit(replace(change, cancelled_timers=gone))
