"""When the school's seats have changed: open cases go over to whoever holds them now."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress

from bot.context import AppContext
from bot.turns.casework import Casework
from flows.case.seats import HandOver, NotYet, changed
from flows.errors import Conflict, NotAllowed
from flows.model import EVERY_ROW, CaseSummary
from flows.policy.wording import seat_name
from flows.ports import Store
from flows.school import PersonId, School


async def changing_hands(store: Store, school: School) -> Sequence[CaseSummary]:
    """Return the open cases of which somebody told does not hold their seat any more, or nobody leads."""
    rows = await store.cases(school.id, most=EVERY_ROW)
    return [row for row in rows if row.lead is None or changed(row, school)]


def in_words(row: CaseSummary, school: School) -> str:
    """Return which case goes over, and for which seats; no names."""
    seats = ", ".join(seat_name(seat) for seat in changed(row, school)) or "nobody leads it"
    return f"{row.reference}: {seats}"


async def hand_over(context: AppContext, casework: Casework) -> list[str]:
    """Hand over what has to be, and return which cases went over, in words."""
    lines = []
    for school in context.directory.schools.values():
        lines += await hand_over_of(context, casework, school)
    return lines


async def hand_over_of(context: AppContext, casework: Casework, school: School) -> list[str]:
    """Hand over what has to be of one school."""
    lines = []
    for row in await changing_hands(context.store, school):
        case = await context.store.case(school.id, row.id)
        try:
            if case is not None:
                await casework.bot_command(school, case, HandOver())
                lines.append(f"{in_words(row, school)} – goes over to whoever holds it now.")
        except (NotAllowed, Conflict):
            continue  # there is still nobody who may lead it, or another process has just handed it over
    return lines


async def keep_waiting(
    context: AppContext,
    casework: Casework,
    school: School,
    seated: Collection[PersonId],
    *,
    by: Collection[PersonId],
) -> None:
    """Keep whom a change of seats brings in out of every case that those who made it must not know of."""
    rows = await context.store.cases(school.id, open_only=False, most=EVERY_ROW) if seated else ()
    for row in rows:
        case = await context.store.case(school.id, row.id) if set(by) & set(row.recused) else None
        if case is not None:
            with suppress(NotAllowed):  # they are told of it already, or kept out
                await casework.bot_command(school, case, NotYet(tuple(sorted(seated))))
