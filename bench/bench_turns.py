"""What it costs to keep what a person said: a durable turn against the barest durable write there is."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from bench import fsyncs
from bench.measure import Line, at_most, percentile
from bench.sandbox import Sandbox, folder, following, sandbox
from flows.inbound import Receipt
from flows.model import Change, Committed
from storage import codec

REPORTS = 60
CONVERSATIONS = 50


def measure() -> Iterable[Line]:
    """Yield the cost of a turn alone, and of fifty people's turns at once."""
    with folder() as path:
        yield from asyncio.run(_alone(path))
    with folder() as path:
        counted = _counted(path)
        yield Line(what="turns per second, 50 at once", value=counted["per_second"], unit="turns/s")
        yield Line(what="turn p99, 50 at once", value=counted["p99"], unit="ms")
        if "fsyncs" in counted:
            yield at_most("fsyncs per turn, 50 at once", counted["fsyncs"], "fsyncs", 0.5)
        else:
            yield Line(what="fsyncs per turn: no C compiler here to count with", value=0, unit="-")


class BareFile:
    """The barest durable write: one blob into one SQLite table, write-ahead log, synchronous=FULL."""

    def __init__(self, path: Path) -> None:
        """Open the file."""
        self._file = sqlite3.connect(path, isolation_level=None)
        self._file.execute("pragma journal_mode=wal")
        self._file.execute("pragma synchronous=full")
        self._file.execute("create table kept (id integer primary key, body blob)")

    def write(self, body: bytes) -> float:
        """Keep a blob durably; return how long that took, in seconds."""
        start = time.perf_counter()
        self._file.execute("insert into kept (body) values (?)", (body,))
        return time.perf_counter() - start


async def _alone(path: Path) -> list[Line]:
    """Return the median of a turn and of the bare write of the same bytes, done in turns with each other."""
    bare = BareFile(path / "bare.db")
    turns: list[float] = []
    writes: list[float] = []
    commits: list[float] = []
    async with sandbox(path) as bot:
        sizes = _watched(bot, commits)
        for _ in range(REPORTS):
            reply = await bot.begin("staff-00")
            while not isinstance(reply, Receipt):
                doing = following("staff-00", reply)
                before = len(sizes)
                start = time.perf_counter()
                reply = await bot.service.handle(doing)
                took = time.perf_counter() - start
                if len(sizes) == before + 1 and not isinstance(reply, Receipt):
                    turns.append(took)
                    writes.append(bare.write(sizes[-1]))
    turn, write = percentile(turns, 50) * 1e3, percentile(writes, 50) * 1e3
    return [
        Line(what="bare SQLite commit, p50", value=write, unit="ms", note=f"{len(writes)} of the same bytes"),
        Line(what="durable turn, p50 idle", value=turn, unit="ms", note="Service.handle of a page's answers"),
        Line(what="of it, the commit, p50", value=percentile(commits, 50) * 1e3, unit="ms"),
        Line(what="durable turn, p99 idle", value=percentile(turns, 99) * 1e3, unit="ms"),
        at_most("durable turn against the bare commit", turn / write, "×", 2.0),
    ]


def _watched(bot: Sandbox, commits: list[float]) -> list[bytes]:
    """Note the bytes and the time of each commit of ``bot`` from now on."""
    bodies: list[bytes] = []
    commit = bot.store.commit

    async def noted(change: Change) -> Committed:
        start = time.perf_counter()
        done = await commit(change)
        commits.append(time.perf_counter() - start)
        bodies.append(codec.encode(change))
        return done

    bot.store.commit = noted  # type: ignore[method-assign]
    return bodies


def _counted(path: Path) -> dict[str, float]:
    """Run fifty conversations at once in a process that counts its fsyncs; return what it saw."""
    built = fsyncs.shim(path)
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "bench.bench_turns", str(path), "count" if built else "only-time"],
        env=fsyncs.environment(built) if built else None,
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
        check=True,
    )
    seen: dict[str, float] = json.loads(done.stdout)
    return seen


async def _at_once(path: Path, *, count: bool) -> dict[str, float]:
    """Return turns per second, the slow end of a turn, and fsyncs per turn."""
    times: list[float] = []

    async def person(bot: Sandbox, who: str) -> None:
        reply = await bot.begin(who)
        while not isinstance(reply, Receipt):
            doing = following(who, reply)
            start = time.perf_counter()
            reply = await bot.service.handle(doing)
            times.append(time.perf_counter() - start)

    async with sandbox(path) as bot:
        await bot.report("staff-59")
        before = fsyncs.so_far() if count else 0
        start = time.perf_counter()
        await asyncio.gather(*(person(bot, f"staff-{n:02}") for n in range(CONVERSATIONS)))
        took = time.perf_counter() - start
        asked = fsyncs.so_far() - before if count else 0
    turns = len(times) + CONVERSATIONS
    seen = {"per_second": turns / took, "p99": percentile(times, 99) * 1e3}
    return {**seen, "fsyncs": asked / turns} if count else seen


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_at_once(Path(sys.argv[1]), count=sys.argv[2] == "count"))))
