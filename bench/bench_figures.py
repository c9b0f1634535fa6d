"""What figures cost: a term asked for in chat where it holds very many cases, and as the store fills up."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from msgspec.structs import replace

from bench.measure import Line, at_most, percentile
from bench.sandbox import folder, sandbox
from bot.clock import new_id
from flows.figures.terms import terms_back
from flows.model import Case, CaseId, Change, Outcome, Status
from flows.ui.inbound import Show
from flows.ui.intents import ChatCommand

MANY, YEAR = 20_000, 400
TERMS_BEFORE = 18
READS, AT_ONCE = 100, 200
HEAD = "ash"


def measure() -> Iterable[Line]:
    """Yield the cost at the most that there may be, and its growth from the first year to the last."""
    seen: dict[str, float] = {}
    for how in ("crowded", "first", "last"):
        with folder() as path:
            done = subprocess.run(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", "bench.bench_figures", str(path), how],
                cwd=Path(__file__).parents[1],
                stdout=subprocess.PIPE,
                check=True,
            )
            seen[how] = json.loads(done.stdout)
    yield at_most(f"figures, {MANY:,} cases in two terms, p50", seen["crowded"], "ms", 50)
    year = f"{YEAR} in the two terms asked for"
    yield Line(what=f"figures, {YEAR} cases, p50", value=seen["first"], unit="ms", note=year)
    yield Line(what=f"figures, {MANY:,} cases, p50", value=seen["last"], unit="ms", note=year)
    yield at_most(f"figures: {MANY:,} cases against {YEAR}", seen["last"] / seen["first"], "×", 1.3)


async def work(path: Path, how: str) -> float:
    """Fill a store, and return the median time in which figures are answered, in milliseconds."""
    async with sandbox(path) as bot:
        await bot.report("staff-00")
        row = (await bot.store.cases(bot.school.id))[0]
        first = await bot.store.case(bot.school.id, row.id)
        if first is None:
            raise LookupError(row.id)
        terms = [term.moments(bot.school)[0] for term in terms_back(row.opened_at.date(), bot.school)]
        recent = MANY if how == "crowded" else YEAR
        moments = _between(terms[1], row.opened_at, recent)
        if how == "last":
            moments += _between(terms[TERMS_BEFORE], terms[1], MANY - YEAR)
        for start in range(0, len(moments), AT_ONCE):
            some = enumerate(moments[start : start + AT_ONCE], start)
            await asyncio.gather(*(bot.store.commit(_case(first, n, at)) for n, at in some))
        times = []
        for _ in range(READS):
            begun = time.perf_counter()
            reply = await bot.ask(HEAD, ChatCommand.FIGURES)
            times.append((time.perf_counter() - begun) * 1e3)
            if not isinstance(reply, Show):
                raise TypeError(reply)
        return percentile(times, 50)


def _between(first: dt.datetime, last: dt.datetime, number: int) -> list[dt.datetime]:
    return [first + (last - first) * n / number for n in range(number)]


def _case(like: Case, number: int, at: dt.datetime) -> Change:
    """Return the change that keeps one more case, three of four of them closed."""
    taken = at + dt.timedelta(minutes=number % 900)
    case = replace(
        like,
        id=CaseId(new_id()),
        reference=f"{like.reference.rpartition('-')[0]}-{number:06}",
        opened_at=at,
        cards=(),
        version=0,
        owner=next(iter(like.holders.values())),
        taken_on_at=taken,
        status=Status.ACKNOWLEDGED,
    )
    if number % 4:
        ended = {
            "outcome": list(Outcome)[number % len(Outcome)],
            "closed_at": taken + dt.timedelta(days=number % 9),
        }
        case = replace(case, status=Status.CLOSED, **ended)
    return Change(school=case.school, case=case)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(work(Path(sys.argv[1]), sys.argv[2]))))
