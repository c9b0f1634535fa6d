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
from flows.model import Change, Committed
from flows.ui.inbound import Receipt
from storage import codec

REPORTS = 60
CONVERSATIONS = 50
SLOWER_US = 2_000


def measure() -> Iterable[Line]:
    """Yield the cost of a turn alone, on a slower disk, and of fifty people's turns at once."""
    with folder() as path:
        seen = asyncio.run(_alone(path))
        yield Line(what="bare SQLite commit, p50", value=seen["bare"], unit="ms", note="the same bytes")
        yield Line(what="durable turn, p50 idle", value=seen["turn"], unit="ms", note="a page's answers")
        yield Line(what="of it, the commit, p50", value=seen["commit"], unit="ms")
        yield Line(what="durable turn, p99 idle", value=seen["p99"], unit="ms")
        yield at_most("durable turn against the bare commit", seen["turn"] / seen["bare"], "×", 1.8)
    with folder() as path:
        built = fsyncs.shim(path)
        if built:
            slow = _apart(path, "alone", fsyncs.environment(built, slower_us=SLOWER_US))
            ratio = slow["turn"] / slow["bare"]
            note = f"each flush made {SLOWER_US / 1000:g} ms slower"
            yield Line(what="the same on a school's disk", value=ratio, unit="×", note=note)
        else:
            yield Line(what="no C compiler here: neither slower disk nor fsyncs", value=0, unit="-")
        both = _apart(path, "at-once", fsyncs.environment(built) if built else None)
        yield Line(what="turns per second, 50 at once", value=both["per_second"], unit="/s")
        yield Line(what="turn p99, 50 at once", value=both["p99"], unit="ms")
        if built:
            yield at_most("fsyncs per turn, 50 at once", both["fsyncs"], "fsyncs", 0.5)


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


async def _alone(path: Path) -> dict[str, float]:
    """Return medians of a turn and of the bare write of the same bytes, one after the other, in ms."""
    bare = BareFile(path / "bare.db")
    turns: list[float] = []
    writes: list[float] = []
    commits: list[float] = []
    async with sandbox(path) as bot:
        await bot.report("staff-01")
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
    return {
        "bare": percentile(writes, 50) * 1e3,
        "turn": percentile(turns, 50) * 1e3,
        "p99": percentile(turns, 99) * 1e3,
        "commit": percentile(commits, 50) * 1e3,
    }


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


def _apart(path: Path, what: str, environment: dict[str, str] | None) -> dict[str, float]:
    """Run a part in a process of its own, in that environment; return what it saw."""
    own = path / what
    own.mkdir()
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "bench.bench_turns", str(own), what, "count" if environment else "time"],
        env=environment,
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


def main(path: str, what: str, how: str) -> None:
    """Do one part and print what it saw, as JSON."""
    part = _alone(Path(path)) if what == "alone" else _at_once(Path(path), count=how == "count")
    print(json.dumps(asyncio.run(part)))


if __name__ == "__main__":
    main(*sys.argv[1:])
