"""Whether a database stays as quick as it fills up: so many cases of so many schools, five timers each.

``python -m bench many --long`` fills in a million cases and five million timers; else it is fewer.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Iterable

from msgspec.structs import replace

from bench.bench_load import opened
from bench.bulk import TIMERS, fill
from bench.measure import Line, at_most, percentile
from bench.sandbox import following
from bot.clock import new_id
from bot.context import AppContext
from bot.outbox.worker import Worker
from bot.turns.service import Service
from flows.case.clock.table import LADDER, key
from flows.model import Action, Case, Change, Timer, TimerKind
from flows.school import Platform, SchoolId
from flows.ui.inbound import Actor, Asked, Pressed, Receipt, Show
from flows.ui.intents import Act, Begin, ChatCommand
from storage.postgres.store import PostgresStore
from tests.database import server

EACH = 1_000
SHORT, LONG = (1_000, 20_000), (1_000, 100_000, 1_000_000)
ROUNDS, READS = 6, 45
SCHOOL = SchoolId("S00000")


def measure() -> Iterable[Line]:
    """Yield what each kind of work costs at each size, by the clock and by the processor, and its growth."""
    sizes = LONG if "--long" in sys.argv else SHORT
    with server("fsync=off", "shared_buffers=256MB") as running:
        address = asyncio.run(running.made("reports"))
        seen = asyncio.run(_at_each(address, running.address("reports"), sizes))
    first, last = seen[sizes[0]], seen[sizes[-1]]
    for kind in first:
        for size in sizes:
            what = f"{kind} at {size:,} cases, {size * TIMERS:,} timers, p50"
            took, worked = seen[size][kind]
            yield Line(what=what, value=took, unit="ms", note=f"processor {worked:.2f} ms")
        most = 1.3 if kind.startswith("worker") else 1.5
        what = f"{kind}: {sizes[-1]:,} cases against {sizes[0]:,}"
        yield at_most(what, last[kind][0] / first[kind][0], "×", most)


_Seen = dict[str, tuple[float, float]]


async def _at_each(address: str, owner: str, sizes: tuple[int, ...]) -> dict[int, _Seen]:
    context = await opened(address)
    service = Service(context)
    assert isinstance(context.store, PostgresStore)  # noqa: S101 - for the type checker
    await _report(service, [])
    await Worker(context, service).run_due()
    row = (await context.store.cases(SCHOOL))[0]
    case = await context.store.case(SCHOOL, row.id)
    if case is None:
        raise LookupError(row.id)
    schools = list(context.directory.schools)
    seen: dict[int, _Seen] = {}
    done = 0
    for size in sizes:
        fresh = schools[done // EACH : size // EACH]
        await asyncio.to_thread(fill, owner, context.store.keys, case, fresh, EACH)
        done = size
        seen[size] = await _work(context, service, case)
    await context.store.close()
    return seen


async def _work(context: AppContext, service: Service, case: Case) -> _Seen:
    turns: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        await _report(service, turns)
    worker = Worker(context, service)

    async def ask(command: ChatCommand) -> None:
        reply = await service.handle(Asked(key=new_id(), actor=_actor("ash"), command=command))
        if not isinstance(reply, Show):
            raise TypeError(reply)

    async def read() -> None:
        intent = Act(case=case.id, action=Action.OPEN_RECORD, version=case.version)
        reply = await service.handle(Pressed(key=new_id(), actor=_actor("ash"), intent=intent))
        if not isinstance(reply, Show):
            raise TypeError(reply)

    await worker.run_due()
    return {
        "turn": _median(turns[5:]),
        "read": await _timed(read),
        "list": await _timed(lambda: ask(ChatCommand.CASES)),
        "digest": await _timed(lambda: ask(ChatCommand.DIGEST)),
        "worker round with nothing to do": await _timed(worker.run_due),
        "worker round in which one rings": await _ringing(context, worker, case),
    }


async def _timed(work: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """Return the median by the clock, and by the processor, in milliseconds; what comes first is left out."""
    times = []
    for _ in range(READS):
        clock, worked = time.perf_counter(), time.process_time()
        await work()
        times.append(((time.perf_counter() - clock) * 1e3, (time.process_time() - worked) * 1e3))
    return _median(times[5:])


def _median(times: list[tuple[float, float]]) -> tuple[float, float]:
    return percentile([took for took, _ in times], 50), percentile([worked for _, worked in times], 50)


async def _ringing(context: AppContext, worker: Worker, case: Case) -> tuple[float, float]:
    """Return what a round takes in which a timer rings: its case is read again, and moved on."""
    times = []
    for _ in range(READS):
        found = await context.store.case(case.school, case.id)
        if found is None:
            raise LookupError(case.id)
        due, name = context.now(), next(name for name in found.alarms if name != LADDER)
        again = replace(found, alarms={**found.alarms, name: replace(found.alarms[name], next=due)})
        kind = TimerKind.REMIND
        timer = Timer(
            key=key(kind, case.id, name), school=case.school, kind=kind, due=due, case=case.id, about=name
        )
        await context.store.commit(Change(school=case.school, case=again, timers=(timer,)))
        clock, worked = time.perf_counter(), time.process_time()
        await worker.run_due()
        times.append(((time.perf_counter() - clock) * 1e3, (time.process_time() - worked) * 1e3))
    return _median(times[5:])


def _actor(who: str) -> Actor:
    return Actor(platform=Platform.WEB, workspace="T00000", account=who)


async def _report(service: Service, turns: list[tuple[float, float]]) -> None:
    reply = await service.handle(Pressed(key=new_id(), actor=_actor("brook"), intent=Begin(fresh=True)))
    while not isinstance(reply, Receipt):
        doing = replace(following("", reply), actor=_actor("brook"))
        clock, worked = time.perf_counter(), time.process_time()
        reply = await service.handle(doing)
        if not isinstance(reply, Receipt):
            turns.append(((time.perf_counter() - clock) * 1e3, (time.process_time() - worked) * 1e3))
