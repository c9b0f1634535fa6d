"""Figures of a term from the store: two slices of its list of cases; what the bot did, from their records."""

from __future__ import annotations

import asyncio
import datetime as dt

from bot.context import AppContext
from flows.calendar import local
from flows.errors import InvalidAnswer
from flows.figures.count import Figures, TermFigures, count, parted
from flows.figures.doings import Doings, doings
from flows.figures.terms import Period, counted_until, named, term_of, terms_back
from flows.model import Event, Send
from flows.school import School
from flows.words import say

#: Of so many cases the records are read before others have their turn.
_AT_ONCE = 20
_DAY = dt.timedelta(days=1)


def which_term(context: AppContext, school: School, asked: str) -> Period:
    """Return the term that is asked for. Raises InvalidAnswer, with those there are."""
    today = local(context.now(), school.time).date()
    found = named(asked, today, school)
    if found is None:
        first = [term.name for term, _ in zip(terms_back(today, school), range(3), strict=False)]
        hint = say("figures.unknown_hint", names=", ".join(first))
        raise InvalidAnswer("term", say("figures.unknown"), hint, reference="no-such-term")
    return found


async def figures_of(context: AppContext, school: School, term: Period) -> Figures:
    """Return a term's figures beside those of the term before it."""
    until = counted_until(context.now(), school)
    return Figures(
        school=school.name,
        until=local(until, school.time).date() - _DAY,
        this=await _of_term(context, school, term, until),
        before=await _of_term(context, school, term_of(term.first - _DAY, school), until),
    )


async def _of_term(context: AppContext, school: School, term: Period, until: dt.datetime) -> TermFigures:
    return count(await context.store.cases_opened(school.id, *term.moments(school)), term, until)


async def doings_of(context: AppContext, school: School, term: Period) -> Doings:
    """Return what the bot did with the cases that figures count, from their events and messages."""
    until = counted_until(context.now(), school)
    rows = await context.store.cases_opened(school.id, *term.moments(school))
    counted, _, _ = parted(rows, until)
    events, sends, people = list[Event](), list[Send](), set(school.people)
    for number, row in enumerate(counted):
        events += await context.store.events(school.id, row.id)
        sends += await context.store.sends_of(school.id, row.id)
        people |= {row.reporter, *row.told}
        if number % _AT_ONCE == 0:
            await asyncio.sleep(0)
    return doings(events, sends, people, until)
