"""Which of the cases that somebody may know of are those they look for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from string import ascii_uppercase, digits
from zoneinfo import ZoneInfo

from flows.finding.query import Query
from flows.model import CaseSummary
from flows.model.reports import Posting
from flows.postings import BLIND, account_mark, blinded, each_blind, holds, link_mark
from flows.references import CODE_LENGTH, looked_for
from flows.school import PersonId, School

#: A row, and whether its case may be read.
Known = tuple[CaseSummary, bool]


def found(known: Iterable[Known], query: Query, school: School) -> list[CaseSummary]:
    """Return the rows that fit, in their order.

    What somebody wrote – words, link, account – is compared only where they may read it.
    """
    rows = list(known)
    if query.words or query.link or query.account:
        rows = _written(rows, query)
    if query.reference:
        rows = _called(rows, looked_for(query.reference))
    if query.since:
        first = _midnight(query.since, school)
        rows = [one for one in rows if one[0].opened_at >= first]
    if query.until and query.until < dt.date.max:
        end = _midnight(query.until + dt.timedelta(days=1), school)
        rows = [one for one in rows if one[0].opened_at < end]
    if query.person:
        rows = _concerning(rows, query.person, school)
    return [row for row, _ in rows]


def _written(rows: list[Known], query: Query) -> list[Known]:
    rows = [one for one in rows if one[1]]
    if query.link:
        link = link_mark(Posting(link=query.link))
        rows = [one for one in rows if link and link in one[0].marks]
    if query.account:
        account = account_mark(Posting(account_name=query.account))
        rows = [one for one in rows if account and account in one[0].marks]
    if query.words:
        rows = _with_words(rows, blinded(query.words))
    return rows


def _with_words(rows: list[Known], wanted: bytes) -> list[Known]:
    """Return the rows with all of these words, of the posting or written since; signs alone are none."""
    for word in each_blind(wanted):
        # nearly always these bytes come first where a word begins, or nowhere: then no call is needed
        rows = [
            one
            for one in rows
            if not (at := one[0].words.find(word)) % BLIND
            or ((at >= 0 or word in one[0].noted) and _says(one[0], word))
        ]
    return rows if wanted else []


def _says(row: CaseSummary, word: bytes) -> bool:
    return holds(row.words, word) or holds(row.noted, word)


def _called(rows: list[Known], wanted: str) -> list[Known]:
    """Return the rows of that reference, or whose reference ends in that code."""
    ends = tuple(one for one in f"{digits}{ascii_uppercase}" if looked_for(one) == wanted[-1:])
    code = len(wanted) == CODE_LENGTH
    likely = ((one, looked_for(one[0].reference)) for one in rows if one[0].reference.endswith(ends))
    return [one for one, called in likely if called == wanted or (code and called.endswith(wanted))]


def _midnight(day: dt.date, school: School) -> dt.datetime:
    # in UTC, as rows are: two clocks cost twenty times as much to compare
    return dt.datetime.combine(day, dt.time.min, ZoneInfo(school.time.timezone)).astimezone(dt.UTC)


def _concerning(rows: list[Known], name: str, school: School) -> list[Known]:
    """Return the rows somebody of that name is told of or has; or, for who reads, whose words name them."""
    wanted = blinded(name)
    people = _people(wanted, school)
    named = {row.id for row, _ in _with_words([one for one in rows if one[1]], wanted)}
    told: dict[tuple[int, int], bool] = {}
    return [one for one in rows if one[0].id in named or (people and _theirs(one[0], people, told))]


def _theirs(row: CaseSummary, people: frozenset[PersonId], told: dict[tuple[int, int], bool]) -> bool:
    """Return whether one of these is told of a case, or has it; each way of being told is looked at once."""
    if row.owner in people or row.assigned in people:
        return True
    way = id(row.holders), id(row.stand_ins)
    if way not in told:
        told[way] = not (people.isdisjoint(row.holders.values()) and people.isdisjoint(row.stand_ins))
    return told[way]


def _people(wanted: bytes, school: School) -> frozenset[PersonId]:
    """Return whom a name, or a part of it, can mean; signs alone mean nobody."""
    words = each_blind(wanted)
    people = school.people.values()
    return frozenset(p.id for p in people if words and all(holds(blinded(p.name), word) for word in words))
