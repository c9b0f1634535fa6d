"""Invented cases by the thousand, as they stand after a term or three, and a reader who works things out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from random import Random

from msgspec.structs import replace

from flows.case.exclusion import Exclusion
from flows.figures.steps import STEP
from flows.model import Case, CaseId, Excluded, Outcome, Source, Status
from flows.school import PersonId
from tests.flows.matter import ABUSE, AT, CHILD, HEAD, QUESTION, THREAT, Matter

KINDS = (
    ABUSE,
    QUESTION,
    THREAT,
    CHILD,
    {**ABUSE, "racist": "yes"},
    {**ABUSE, "staff_allegation": ("staff",)},
    {"nature": ("critical_of_leadership",), "targets": ("school",)},
    {"nature": ("impersonates",), "targets": ("school",)},
)
PLATFORMS = ((), ("forum",), ("blog",), ("media_sharing", "other"), ("collaborative_space",), "other")
#: The Monday on which a week of these tests begins.
MONDAY = dt.datetime(2026, 11, 23, 0, 0, tzinfo=dt.UTC)


@cache
def opened(kind: int) -> Case:
    """Return a case of a kind, as it is when it opens."""
    return Matter(KINDS[kind]).case


def invented(rng: Random, number: int, *, days: int = 500) -> Case:
    """Return a case that came at some time in so many days, and what may have become of it."""
    case = opened(rng.randrange(len(KINDS)))
    at = AT - dt.timedelta(minutes=rng.randrange(days * 24 * 60))
    answers = {**case.report.answers, "platform": rng.choice(PLATFORMS)}
    if not answers["platform"]:
        del answers["platform"]
    case = replace(
        case,
        id=CaseId(f"C{number:06}"),
        reference=f"HPS-{at.year}-{number:06}",
        opened_at=at,
        report=replace(case.report, answers=answers),
        restricted=rng.random() < 0.1,
        drill=rng.random() < 0.05,
        version=0,
        recused={PersonId("ellis"): _kept_out(at)} if rng.random() < 0.1 else {},
    )
    return _worked(case, rng)


def _worked(case: Case, rng: Random) -> Case:
    if rng.random() < 0.2:
        return replace(
            case, holders={}, status=Status.CLOSED, outcome=Outcome.NO_CLAUSE, closed_at=case.opened_at
        )
    if rng.random() < 0.2:
        return case
    taken = case.opened_at + dt.timedelta(minutes=rng.randrange(4000))
    case = replace(case, owner=HEAD, status=Status.ACKNOWLEDGED, taken_on_at=rng.choice((taken, taken, None)))
    if rng.random() < 0.3:
        return case
    ended = taken + dt.timedelta(minutes=rng.randrange(40_000))
    return replace(case, status=Status.CLOSED, outcome=rng.choice(list(Outcome)), closed_at=ended)


def _kept_out(at: dt.datetime) -> Exclusion:
    return Exclusion(why=Excluded.KEPT_OUT, source=Source.REPORTER, at=at)


# -- whoever tries to work it out ----------------------------------------------------------------------


def possible(tables: Sequence[Mapping[str, int]], reports: int) -> Iterator[tuple[int, str, set[int]]]:
    """Yield for each number of each table all that it may be, for a reader of all of them who can count.

    ``tables`` divide one and the same reports; everything is told as a step. A reader knows that each adds up
    to as many reports as there are, and how many those may be.
    """
    bounds = [(reports, reports + STEP - 1), *map(_sum, tables)]
    totals = range(max(least for least, _ in bounds), min(most for _, most in bounds) + 1)
    for number, table in enumerate(tables):
        least, most = _sum(table)
        for name, low in table.items():
            rest = range(least - low, most - low - STEP + 2)
            yield (
                number,
                name,
                {n for n in range(low, low + STEP) if any(all_ - n in rest for all_ in totals)},
            )


def _sum(table: Mapping[str, int]) -> tuple[int, int]:
    least = sum(table.values())
    return least, least + (STEP - 1) * len(table)
