"""What is counted of a term, and what of it is told: steps of five, and times that many cases share.

Counted is what is kept from nobody: a case that stands apart, or that somebody must not know of, is in no
figure that anybody reads, whoever they are. So figures are the same for all, and no two of them differ by it.
A drill and a report made by mistake are told apart, and counted nowhere else.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from operator import attrgetter

from msgspec import Struct

from flows.case.access import kept_from_nobody
from flows.figures.steps import STEP, divided, step
from flows.figures.terms import Period
from flows.model import CaseSummary, Outcome, Status
from flows.questions.table import QUESTIONS

#: Below so many cases nothing is said of how long they took.
ENOUGH = 2 * STEP


class Part(StrEnum):
    """What reports are told apart by."""

    KIND = "kind"
    SEEN_ON = "seen_on"
    CLAUSE = "clause"
    TAKEN_ON = "taken_on"
    OUTCOME = "outcome"


#: The kinds of each table that divides the reports of a term, in the order in which they are told.
DIVIDED: Mapping[Part, tuple[str, ...]] = {
    Part.KIND: divided(
        *("danger", "imagery", "allegation", "safeguarding", "threat", "sexual", "hate", "conduct", "abuse"),
        *("impersonation", "privacy", "criticism", "words", "concern"),
    ),
    Part.SEEN_ON: divided(*QUESTIONS["platform"].options, "not_asked"),
    Part.TAKEN_ON: divided("taken_on", "not_yet", "not_needed"),
    Part.OUTCOME: divided(*(one for one in Outcome if one is not Outcome.MISTAKE), "not_closed"),
}


class Times(Struct, frozen=True):
    """How long cases took, in minutes: half of them up to ``median``, the middle half of them between two."""

    median: int
    lower: int
    upper: int


class TermFigures(Struct, frozen=True, kw_only=True):
    """All that is told of one term. Every number of reports is a step."""

    term: Period
    reports: int
    tables: dict[Part, dict[str, int]]
    taken_on: Times | None
    closed: Times | None
    drills: int
    mistakes: int


class Figures(Struct, frozen=True, kw_only=True):
    """A term beside the one before it; ``until`` is the last day that is counted, of either."""

    school: str
    until: dt.date
    this: TermFigures
    before: TermFigures

    def told_of(self, part: Part) -> tuple[str, ...]:
        """Return what there is enough of to be told, in one of the two terms."""
        names = DIVIDED.get(part) or sorted({*self.this.tables[part], *self.before.tables[part]})
        return tuple(n for n in names if any(one.tables[part].get(n) for one in (self.this, self.before)))


def parted(
    rows: Iterable[CaseSummary], until: dt.datetime
) -> tuple[list[CaseSummary], list[CaseSummary], list[CaseSummary]]:
    """Return the cases that count, the drills, and the mistakes, of those that were there at a moment."""
    seen = [row for row in rows if row.opened_at < until and kept_from_nobody(row)]
    drills = [row for row in seen if row.drill]
    mistakes = [
        row
        for row in seen
        if row.outcome is Outcome.MISTAKE
        and not row.drill
        and row.closed_at is not None
        and row.closed_at < until
    ]
    apart = {row.id for row in (*drills, *mistakes)}
    return [row for row in seen if row.id not in apart] if apart else seen, drills, mistakes


def count(rows: Iterable[CaseSummary], term: Period, until: dt.datetime) -> TermFigures:
    """Return the figures of a term from the cases opened in it, as they stood at a moment."""
    counted, drills, mistakes = parted(rows, until)
    shut = [row for row in counted if row.closed_at is not None and row.closed_at < until]
    taken = [row for row in counted if row.taken_on_at is not None and row.taken_on_at < until]
    tables = _tables(counted, shut, until)
    done = tables[Part.OUTCOME]
    at_least = max(
        sum(done.values()) - done["not_closed"], step(len(counted)) - done["not_closed"] - STEP + 1
    )
    return TermFigures(
        term=term,
        reports=step(len(counted)),
        tables=tables,
        taken_on=_times(
            [row.taken_on_at - row.opened_at for row in taken if row.taken_on_at is not None],
            tables[Part.TAKEN_ON]["taken_on"],
        ),
        closed=_times([row.closed_at - row.opened_at for row in shut if row.closed_at is not None], at_least),
        drills=step(len(drills)),
        mistakes=step(len(mistakes)),
    )


def _tables(
    counted: Sequence[CaseSummary], shut: Sequence[CaseSummary], until: dt.datetime
) -> dict[Part, dict[str, int]]:
    """Return how many are of each kind, as steps."""
    outcomes = Counter(map(attrgetter("outcome"), shut))
    found = {
        Part.KIND: Counter(map(attrgetter("kind"), counted)),
        Part.SEEN_ON: _each(Counter(map(attrgetter("seen_on"), counted)), none="not_asked"),
        Part.CLAUSE: _each(Counter(map(attrgetter("clauses"), counted))),
        Part.TAKEN_ON: Counter(_taken_on(row, until) for row in counted),
        Part.OUTCOME: Counter({**outcomes, "not_closed": len(counted) - len(shut)}),
    }
    return {
        part: {name: step(counts[name]) for name in DIVIDED.get(part, tuple(counts))}
        for part, counts in found.items()
    }


def _each(combined: Mapping[tuple[str, ...], int], *, none: str = "") -> Counter[str]:
    """Return how many have each word, from how many have which; ``none`` is what has no word."""
    found: Counter[str] = Counter({none: combined.get((), 0)} if none else {})
    for words, number in combined.items():
        for word in words:
            found[word] += number
    return found


def _taken_on(row: CaseSummary, until: dt.datetime) -> str:
    """Return whether somebody has taken a case on, where somebody had to."""
    if row.taken_on_at is not None:
        return "taken_on" if row.taken_on_at < until else "not_yet"
    if row.owner is not None or row.status is Status.ACKNOWLEDGED:
        return "taken_on"  # before it was stored when
    return "not_yet" if row.holders else "not_needed"


def _times(took: list[dt.timedelta], at_least: int) -> Times | None:
    """Return how long it took, where enough are told to have got there: it shows no number."""
    if at_least < ENOUGH or len(took) < ENOUGH:
        return None
    took.sort()
    last = len(took) - 1
    quarters = (took[last * quarter // 4] // dt.timedelta(minutes=1) for quarter in (2, 1, 3))
    return Times(*map(coarse, quarters))


def coarse(minutes: int) -> int:
    """Return a time as closely as it is told: to five minutes, later to half an hour, then to half a day."""
    unit = next(unit for most, unit in _COARSE if minutes < most)
    return max(unit, (minutes + unit // 2) // unit * unit)


_HOUR, _DAY = 60, 24 * 60
#: below so many minutes, to so many
_COARSE = ((_HOUR, 5), (12 * _HOUR, 30), (2 * _DAY, 3 * _HOUR), (float("inf"), _DAY // 2))
