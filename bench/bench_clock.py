"""What the clock costs: opening a case with its plan, and a round over a store full of timers that wait."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from msgspec.structs import replace

from bench.measure import Line, at_most, percentile
from bench.sandbox import Sandbox, folder, sandbox
from bot.clock import new_id
from flows.case import lifecycle
from flows.case.clock import plan
from flows.case.clock.table import LADDER, key
from flows.model import Alarm, Case, CaseId, Change, Timer, TimerKind

SIZES = (100, 20_000)
TIMERS = 5
ROUNDS, OPENINGS, AT_ONCE = 200, 300, 200


def measure() -> Iterable[Line]:
    """Yield what a plan adds to opening a case, and how a round grows with what waits."""
    seen: dict[int, dict[str, float]] = {}
    for size in SIZES:
        with folder() as path:
            seen[size] = _apart(path, size)
    few, many = seen[SIZES[0]], seen[SIZES[1]]
    yield Line(what="opening a case without a plan, p50", value=few["plain"], unit="ms")
    yield Line(what="opening a case with its plan, p50", value=few["planned"], unit="ms")
    yield at_most("opening with its plan against without", few["planned"] / few["plain"], "×", 1.3)
    for size in SIZES:
        called = f"{size:,} cases with {size * TIMERS:,} timers, p50"
        yield Line(what=f"worker round with nothing to do, {called}", value=seen[size]["idle"], unit="ms")
        yield Line(what=f"worker round in which one rings, {called}", value=seen[size]["round"], unit="ms")
    growth = many["round"] / few["round"]
    yield at_most(f"worker round: {SIZES[1]:,} cases against {SIZES[0]:,}", growth, "×", 1.3)


def _apart(path: Path, size: int) -> dict[str, float]:
    """Do it in a process of its own; return what it saw."""
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "bench.bench_clock", str(path), str(size)],
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


async def work(path: Path, size: int) -> dict[str, float]:
    """Fill a store with cases that wait; return the median of each kind of work, in milliseconds."""
    async with sandbox(path) as bot:
        await bot.report("staff-00")
        await bot.worker.run_due()
        row = (await bot.store.cases(bot.school.id))[0]
        case = await bot.store.case(bot.school.id, row.id)
        if case is None:
            raise LookupError(row.id)
        for start in range(1, size, AT_ONCE):
            await asyncio.gather(
                *(bot.store.commit(_waits(case, n)) for n in range(start, min(start + AT_ONCE, size)))
            )
    async with sandbox(path) as bot:  # as after a start: what was filled in is in the file
        idle = [await _timed(bot) for _ in range(ROUNDS)]
        ringing = [await _ringing(bot, case) for _ in range(ROUNDS)]
        plain, planned = await _openings(bot, case)
        found = {"idle": percentile(idle, 50), "round": percentile(ringing, 50)}
        return found | {"plain": plain, "planned": planned}


def _waits(case: Case, number: int) -> Change:
    """Return the change that keeps one more case like ``case``, with timers far ahead."""
    new, far = CaseId(new_id()), case.opened_at.replace(year=case.opened_at.year + 1)
    called = f"{case.reference.rpartition('-')[0]}-{number:06}"
    names, kind = [f"thing_{n}" for n in range(TIMERS)], TimerKind.REMIND
    alarms = {name: Alarm(by=far, next=far) for name in names}
    copy = replace(case, id=new, reference=called, cards=(), alarms=alarms, version=0)
    timers = tuple(
        Timer(key=key(kind, new, name), school=case.school, kind=kind, due=far, case=new, about=name)
        for name in names
    )
    return Change(school=case.school, case=copy, timers=timers)


async def _ringing(bot: Sandbox, case: Case) -> float:
    """Return how long a round takes in which one timer rings: its case is read again, and moved on."""
    due, name = bot.worker.context.now(), next(name for name in case.alarms if name != LADDER)
    found = await bot.store.case(case.school, case.id)
    if found is None:
        raise LookupError(case.id)
    alarm = replace(found.alarms[name], next=due)
    timer = Timer(
        key=key(TimerKind.REMIND, case.id, name),
        school=case.school,
        kind=TimerKind.REMIND,
        due=due,
        case=case.id,
        about=name,
    )
    again = replace(found, alarms={**found.alarms, name: alarm})
    await bot.store.commit(Change(school=case.school, case=again, timers=(timer,)))
    return await _timed(bot)


async def _timed(bot: Sandbox) -> float:
    start = time.perf_counter()
    await bot.worker.run_due()
    return (time.perf_counter() - start) * 1e3


async def _openings(bot: Sandbox, case: Case) -> tuple[float, float]:
    """Return the median time to open a case and keep it: without its plan, and with it, in turn."""
    times: dict[bool, list[float]] = {False: [], True: []}
    whole = plan.planned
    for number in range(OPENINGS):
        with_it = number % 2 == 1
        plan.planned = whole if with_it else lambda *_a, **_n: {}
        step = bot.worker.context.step(bot.school, None)
        start = time.perf_counter()
        change = lifecycle.open_case(case.report, case_id=CaseId(new_id()), code=f"B{number}", step=step)
        await bot.store.commit(change)
        times[with_it].append((time.perf_counter() - start) * 1e3)
    plan.planned = whole
    return percentile(times[False], 50), percentile(times[True], 50)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(work(Path(sys.argv[1]), int(sys.argv[2])))))
