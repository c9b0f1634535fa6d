"""Whether a database stays as quick as it fills up: so many cases of so many schools, five timers each.

``python -m bench many --long`` fills in a million cases and five million timers; else it is fewer.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from operator import itemgetter

from msgspec.structs import replace

from bench.bench_load import opened
from bench.bulk import OPEN, TIMERS, Like, fill
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
from storage import codec
from storage.postgres.store import PostgresStore
from storage.postgres.work import NEXT, TAKE
from tests.database import server

EACH = 1_000
SHORT, LONG = (100, 1_000, 20_000), (100, 1_000, 100_000, 1_000_000)
ROUNDS, READS, TURNS_ABOUT = 6, 45, 2
#: whose list and digest are looked at, and where reports are made
SCHOOL, REPORTS = SchoolId("S00000"), SchoolId("S00999")
#: against how many cases work is measured: a worker's rounds, and all that people ask for
_FEW = {"worker": 100, "": 1_000}
_Seen = dict[str, tuple[float, float]]


def measure() -> Iterable[Line]:
    """Yield what each kind of work costs at each size, by the clock and by the processor, and its growth.

    Each size is a database of its own. They are measured in turn, twice: whatever else the machine does
    meets all of them, and the better of two is the one that less of it met.
    """
    sizes = LONG if "--long" in sys.argv else SHORT
    seen: dict[int, list[_Seen]] = {size: [] for size in sizes}
    with server("fsync=off", "shared_buffers=256MB") as running:
        addresses = {size: asyncio.run(running.made(f"of_{size}")) for size in sizes}
        for size, address in addresses.items():
            began = time.perf_counter()
            asyncio.run(filled(address, running.address(f"of_{size}"), size))
            took = time.perf_counter() - began
            yield Line(what=f"filling in {size:,} cases", value=took, unit="s")
            print(f"{size:,} cases are filled in: {took:.0f} s", file=sys.stderr, flush=True)
        for _ in range(TURNS_ABOUT):
            for size, address in addresses.items():
                seen[size].append(asyncio.run(worked(address, size)))
                print(f"{size:,} cases: {seen[size][-1]}", file=sys.stderr, flush=True)
        yield from asyncio.run(proved(addresses[sizes[-1]], sizes[-1]))
    least = {
        size: {kind: min((one[kind] for one in each), key=itemgetter(0)) for kind in each[0]}
        for size, each in seen.items()
    }
    for kind in least[sizes[0]]:
        for size in sizes:
            took, cpu = least[size][kind]
            what = f"{kind} at {size:,} cases, {size * TIMERS:,} timers, p50"
            yield Line(what=what, value=took, unit="ms", note=f"processor {cpu:.2f} ms")
    yield from growth(least)


def growth(seen: dict[int, _Seen]) -> Iterator[Line]:
    """Yield how much dearer each kind of work is in a full database than in one with few cases."""
    for kind in next(iter(seen.values())):
        few = _FEW[kind.partition(" ")[0] if kind.startswith("worker") else ""]
        for size in (size for size in seen if size > few):
            what = f"{kind}: {size:,} cases against {few:,}"
            cpu = seen[size][kind][1] / seen[few][kind][1]
            note = f"processor {cpu:.2f} ×"
            yield at_most(what, seen[size][kind][0] / seen[few][kind][0], "×", 1.5, note=note)


async def filled(address: str, owner: str, size: int) -> None:
    """Have a database hold so many cases, a thousand in each school; one more came in by the front door."""
    context = await opened(address)
    store, schools = context.store, list(context.directory.schools)
    assert isinstance(store, PostgresStore)  # noqa: S101 - for the type checker
    service = Service(context)
    await _report(service, SCHOOL, [])
    await Worker(context, service).run_due()
    case = await _first(context)
    timers = [timer for timer in await store.timers(SCHOOL) if timer.case == case.id]
    audit = await store.audit(SCHOOL, case=case.id)
    like = Like(case, await store.events(SCHOOL, case.id), audit, timers)
    await store.close()
    of = schools[: max(size // EACH, 1)]
    await asyncio.to_thread(fill, owner, store.keys, like, of, range(min(size, EACH)))


async def _first(context: AppContext) -> Case:
    """Return the case that came in by the front door."""
    rows = await context.store.cases_reported_by(SCHOOL, "brook", most=10**6)  # type: ignore[arg-type]
    case = await context.store.case(SCHOOL, next(r.id for r in rows if "-2020-" not in r.reference))
    if case is None:
        raise LookupError(SCHOOL)
    return case


async def worked(address: str, size: int) -> _Seen:
    """Return what each kind of work takes, by the clock and by the processor, in milliseconds."""
    context = await opened(address)
    service, case = Service(context), await _first(context)
    worker, turns = Worker(context, service), list[tuple[float, float]]()
    for _ in range(ROUNDS):
        await _report(service, REPORTS, turns)
    elsewhere = await _anywhere(context, size)

    async def ask(command: ChatCommand) -> None:
        reply = await service.handle(Asked(key=new_id(), actor=_actor("ash", SCHOOL), command=command))
        if not isinstance(reply, Show):
            raise TypeError(reply)

    async def read() -> None:
        found = next(elsewhere)
        intent = Act(case=found.id, action=Action.OPEN_RECORD, version=found.version)
        reply = await service.handle(Pressed(key=new_id(), actor=_actor("ash", found.school), intent=intent))
        if not isinstance(reply, Show):
            raise TypeError(reply)

    await worker.run_due()
    seen = {
        "turn": _median(turns[5:]),
        "read": await _timed(read),
        "list": await _timed(lambda: ask(ChatCommand.CASES)),
        "digest": await _timed(lambda: ask(ChatCommand.DIGEST)),
        "worker round with nothing to do": await _timed(worker.run_due),
        "worker round in which one rings": await _ringing(context, worker, case),
    }
    await context.store.close()
    return seen


async def _anywhere(context: AppContext, size: int) -> Iterator[Case]:
    """Return open cases that were filled in, none of them twice, of as many schools as there are."""
    schools = list(context.directory.schools)[: max(size // EACH, 1)]
    found = []
    for place in range(READS):
        school = schools[place * 7919 % len(schools)]
        rows = [
            row for row in await context.store.cases(school, open_only=False) if "-2020-" in row.reference
        ]
        row = rows[place * 13 % min(len(rows), OPEN)]
        case = await context.store.case(school, row.id)
        if case is None:
            raise LookupError(row.id)
        found.append(case)
    return iter(found)


async def proved(address: str, size: int) -> list[Line]:
    """Return whether what was filled in is what the product takes it for, and by which way it is found."""
    context = await opened(address)
    schools = list(context.directory.schools)[: max(size // EACH, 1)]
    store, today = context.store, context.now()
    assert isinstance(store, PostgresStore)  # noqa: S101 - for the type checker
    wrong = 0
    for school in {schools[0], schools[len(schools) // 2], schools[-1]}:
        proof = await store.audit_proof(school, today.date())
        opened_ = len(await store.cases(school))
        wrong += len(proof.faults) + (proof.links < min(size, EACH)) + (opened_ < OPEN)
        wrong += len(await store.timers(school)) < min(size, EACH) * TIMERS
    now = codec.instant(today)
    asked = {"me": "", "tbl": "wakes", "by": now, "most": 100, "but": []}
    plans = await store.database.ask("", (f"explain {TAKE}", asked), (f"explain {NEXT}", ("wakes", now)))
    lines = [line for plan in plans for (line,) in plan]
    await store.close()
    return [
        at_most(
            "faults found in three schools that were filled in", wrong, "", 0, note="audit, cases, timers"
        ),
        at_most("tables a worker reads whole", sum("Seq Scan on due" in one for one in lines), "", 0),
    ]


async def _timed(work: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """Return the median by the clock, and by the processor, in milliseconds; what comes first is left out."""
    times = []
    for _ in range(READS):
        clock, cpu = time.perf_counter(), time.process_time()
        await work()
        times.append(((time.perf_counter() - clock) * 1e3, (time.process_time() - cpu) * 1e3))
    return _median(times[5:])


def _median(times: list[tuple[float, float]]) -> tuple[float, float]:
    return percentile([took for took, _ in times], 50), percentile([cpu for _, cpu in times], 50)


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
        clock, cpu = time.perf_counter(), time.process_time()
        await worker.run_due()
        times.append(((time.perf_counter() - clock) * 1e3, (time.process_time() - cpu) * 1e3))
    return _median(times[5:])


def _actor(who: str, school: SchoolId) -> Actor:
    return Actor(platform=Platform.WEB, workspace=school.replace("S", "T"), account=who)


async def _report(service: Service, school: SchoolId, turns: list[tuple[float, float]]) -> None:
    reply = await service.handle(
        Pressed(key=new_id(), actor=_actor("brook", school), intent=Begin(fresh=True))
    )
    while not isinstance(reply, Receipt):
        doing = replace(following("", reply), actor=_actor("brook", school))
        clock, cpu = time.perf_counter(), time.process_time()
        reply = await service.handle(doing)
        if not isinstance(reply, Receipt):
            turns.append(((time.perf_counter() - clock) * 1e3, (time.process_time() - cpu) * 1e3))
