"""How far those whom a case tells have been reached, asked of the store; and what says so, drawn again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from bot.context import AppContext
from flows.delivery.outbox import redrawn
from flows.delivery.sends import moved
from flows.delivery.told import Reach, reached
from flows.model import Case, CaseId, CaseSummary, Message, Send, Status
from flows.school import PersonId


async def reached_in(context: AppContext, case: Case) -> dict[PersonId, Reach]:
    """Return how far everybody told of this case has been reached. Only notices are looked at."""
    notices = [notice async for notice in _notices(context, case)]
    return reached(case, notices, await context.store.opened_by(case.school, case.id))


async def _notices(context: AppContext, case: Case) -> AsyncIterator[Send]:
    """Yield the notice of everybody told, on each platform that it went or goes to."""
    for key in case.cards:
        send = await context.store.send(case.school, key)
        if send is None or send.message is not Message.NOTICE:
            continue
        yield send
        for platform in context.platforms:
            other = moved(send, platform, send.due).key
            if other not in case.cards and (way := await context.store.send(case.school, other)) is not None:
                yield way



async def unopened(context: AppContext, rows: Iterable[CaseSummary]) -> frozenset[CaseId]:
    """Return those of these cases that wait, and that nobody who is told has opened."""
    found = []
    for row in rows:
        if row.status in (Status.OPEN, Status.ESCALATED):
            opened = await context.store.opened_by(row.school, row.id)
            found += [] if opened.intersection(row.told) else [row.id]
    return frozenset(found)


async def drawn_again(context: AppContext, case: Case | None) -> tuple[Send, ...]:
    """Return the edits of everything that says who has been reached."""
    if case is None or case.status is Status.CLOSED:
        return ()
    sends = await context.store.sends_of(case.school, case.id)
    return tuple(redrawn(case, sends, context.now()))
