"""Load: 1,000 schools on one database, and conversations that come whether or not the last one was answered.

Each ``web`` process is one of its own, with the real service and store; its callers fill pages as people do.
A turn is timed from the moment at which it was to begin, so that whoever waits in line counts. What a request
of a platform costs is measured elsewhere (slack, teams). ``python -m bench load --long`` takes five minutes.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec.structs import replace

from bench.measure import Line, at_most, percentile, resident_mb
from bench.sandbox import KEY, ORDINARY, SilentChat, following
from bot.clock import SystemClock, new_id
from bot.config.load import SAMPLE_SCHOOL
from bot.context import AppContext
from bot.directory import SchoolDirectory
from bot.outbox.worker import Worker
from bot.school_file.load import load_schools
from bot.turns.service import Service
from flows.policy.engine import default_policy
from flows.school import Platform, School, SchoolId
from flows.ui.inbound import Actor, Inbound, Pressed, Receipt
from flows.ui.intents import Begin
from storage.open import open_store
from tests.database import Server, server

SCHOOLS = 1_000
#: seconds between two pages of one person; people at once in a process, where nobody pauses
PAUSE, AT_ONCE = 1.0, 64
#: turns of one report, its first page among them
TURNS = 11
#: (turns per second, seconds): the short form, and the long one
SHORT, LONG = (50.0, 30.0), (50.0, 300.0)
NAME = "reports"


def measure() -> Iterable[Line]:
    """Yield what one process and two processes say under the same load, and how much there is room for."""
    rate, lasts = LONG if "--long" in sys.argv else SHORT
    for webs in (1, 2):
        yield from _told(f"{webs} web", _run(webs, rate, lasts))
    for webs in (1, 2):
        most = _run(webs, 0.0, min(lasts, 60.0))
        yield Line(what=f"turns a second at the most, {webs} web", value=most["rate"], unit="/s")


def _told(who: str, seen: dict[str, float]) -> Iterator[Line]:
    note = f"{seen['rate']:.0f} turns/s, {seen['reports']:.0f} reports"
    yield at_most(f"errors, {who}", seen["errors"], "", 0, note=note)
    yield Line(what=f"turn p50, {who}", value=seen["p50"], unit="ms")
    yield at_most(f"turn p99, {who}", seen["p99"], "ms", 250)
    yield Line(what=f"processor a turn, {who}", value=seen["cpu"], unit="ms", note="web, without database")
    yield Line(what=f"processor a turn of the database, {who}", value=seen["server"], unit="ms")
    yield Line(what=f"processor a report of the worker, {who}", value=seen["worker"], unit="ms")
    yield Line(what=f"memory of a web at first, {who}", value=seen["first"], unit="MB")
    yield Line(what=f"memory of a web at the end, {who}", value=seen["memory"], unit="MB")
    yield at_most(f"memory at the end against half-way, {who}", seen["grown"], "×", 1.1)


def _run(webs: int, rate: float, lasts: float) -> dict[str, float]:
    """Run so many web processes and a worker on a database of their own; return what they saw together."""
    with server("max_connections=100") as running:
        asyncio.run(running.made(NAME))
        address = running.address(NAME, "bot")
        begins = str(time.time() + 3)
        shares = [["web", address, begins, str(rate / webs), str(lasts), str(n)] for n in range(webs)]
        before = _server_seconds(running)
        children = [_child(*one) for one in [*shares, ["worker", address, begins, "0", str(lasts), "0"]]]
        said = [json.loads(child.communicate()[0]) for child in children]
        served = _server_seconds(running) - before
    *found, worker = said
    times = sorted(one for each in found for one in each["times"])
    reports = sum(each["reports"] for each in found)
    return {
        "errors": sum(each["errors"] for each in said),
        "reports": reports,
        "rate": len(times) / max(each["lasted"] for each in found),
        "p50": percentile(times, 50),
        "p99": percentile(times, 99),
        "cpu": sum(each["cpu"] for each in found) * 1e3 / len(times),
        "server": served * 1e3 / len(times),
        "worker": worker["cpu"] * 1e3 / max(reports, 1),
        "grown": max(each["memory"][-1] / each["memory"][4] for each in found),
        "first": max(each["memory"][0] for each in found),
        "memory": max(each["memory"][-1] for each in found),
    }


def _child(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "bench.bench_load", *arguments],
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
    )


def _server_seconds(running: Server) -> float:
    """Return what the database's processes have worked so far, in seconds."""
    total, tick = 0.0, os.sysconf("SC_CLK_TCK")
    data = str(running.folder / "data")
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if str(stat.with_name("cwd").readlink()) == data:
                fields = stat.read_text("utf-8").rpartition(")")[2].split()
                total += sum(map(int, fields[11:15])) / tick  # those that have ended are their parent's
        except OSError:  # it has ended since
            continue
    return total


def schools(count: int = SCHOOLS) -> dict[SchoolId, School]:
    """Return the sample school so often, each in a workspace of its own."""
    one = next(iter(load_schools(SAMPLE_SCHOOL).values()))
    made = {}
    for number in range(count):
        name = SchoolId(f"S{number:05}")
        limits = replace(one.limits, reports_per_person_per_day=1_000_000)
        made[name] = replace(one, id=name, workspaces={Platform.WEB: f"T{number:05}"}, limits=limits)
    return made


async def opened(address: str) -> AppContext:
    """Return the whole bot on a database, with all schools."""
    every = schools()
    accounts = {p.accounts.get(Platform.WEB, "") for p in next(iter(every.values())).people.values()}
    return AppContext(
        store=await open_store(address, key=KEY),
        directory=SchoolDirectory(every),
        clock=SystemClock(),
        policy=default_policy(),
        chats={Platform.WEB: SilentChat(frozenset(accounts - {""}))},
        new_id=new_id,
        signing_seed=bytes(32),
    )


class Callers:
    """People who report, at so many turns a second, whatever becomes of the turns before."""

    def __init__(self, service: Service, number: int) -> None:
        """Count what becomes of it."""
        self._service = service
        self._number = number
        self.times: list[float] = []
        self.errors = self.reports = 0

    async def one(self, call: int, due: float, ends: float, *, pause: float = PAUSE) -> None:
        """Make a report, a page each second; without a pause as fast as pages come."""
        actor = Actor(
            platform=Platform.WEB, workspace=f"T{call % SCHOOLS:05}", account=WHO[call // SCHOOLS % 2]
        )
        doing: Inbound = Pressed(key=new_id(), actor=actor, intent=Begin(fresh=True))
        loop = asyncio.get_running_loop()
        while due < ends:
            await asyncio.sleep(max(due - loop.time(), 0))
            try:
                reply = await self._service.handle(doing)
                self.times.append((loop.time() - due) * 1e3)
                if isinstance(reply, Receipt):
                    self.reports += 1
                    return
                doing = replace(following("", reply, ORDINARY), actor=actor)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
                print(f"{type(error).__name__}: {error}", file=sys.stderr)
                self.errors += 1
                return
            due = due + pause if pause else loop.time()

    async def again(self, first: int, step: int, ends: float) -> None:
        """Make one report after the other, each in another school."""
        call, loop = first, asyncio.get_running_loop()
        while loop.time() < ends:
            await self.one(call, loop.time(), ends, pause=0)
            call += step


WHO = ("brook", "jo")


async def web(address: str, begins: float, rate: float, lasts: float, number: int) -> dict[str, object]:
    """Take in conversations; return what each turn took, and what it cost."""
    context = await opened(address)
    service = Service(context)
    callers = Callers(service, number)
    await asyncio.sleep(max(begins - time.time(), 0))
    began, worked = asyncio.get_running_loop().time(), _worked()
    if rate:
        calls = [
            callers.one(n * 2 + number, began + n * TURNS / rate, began + lasts)
            for n in range(int(rate * lasts / TURNS))
        ]
    else:
        calls = [callers.again(n * 2 + number, AT_ONCE * 2, began + lasts) for n in range(AT_ONCE)]
    memory = asyncio.create_task(_memory(lasts))
    await asyncio.gather(*calls)
    lasted = asyncio.get_running_loop().time() - began
    await context.store.close()
    seen = {"times": callers.times, "errors": callers.errors, "reports": callers.reports}
    return {**seen, "cpu": _worked() - worked, "memory": await memory, "lasted": lasted}


async def _memory(lasts: float) -> list[float]:
    """Return how much memory this process holds, ten times in the while."""
    seen = []
    for _ in range(10):
        await asyncio.sleep(lasts / 10.5)
        seen.append(resident_mb())
    return seen


async def worker(address: str, begins: float, lasts: float) -> dict[str, object]:
    """Send what goes out for as long; return what it cost."""
    context = await opened(address)
    works = Worker(context, Service(context))
    running = asyncio.create_task(works.run())
    worked = _worked()
    await asyncio.sleep(max(begins + lasts - time.time(), 0))
    cost = _worked() - worked
    works.stop()
    await running
    await context.store.close()
    return {"times": [], "errors": 0, "reports": 0, "cpu": cost, "lasted": lasts}


def _worked() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main(part: str, address: str, *told: str) -> None:
    """Do one process's part, and print what it saw."""
    begins, rate, lasts, number = told
    if part == "web":
        work = web(address, float(begins), float(rate), float(lasts), int(number))
    else:
        work = worker(address, float(begins), float(lasts))
    print(json.dumps(asyncio.run(work)))


if __name__ == "__main__":
    main(*sys.argv[1:])
