"""Whether it stays as quick as it fills up: 100, 1,000 and 20,000 cases; memory; the start.

A full store is a school's many years: at each size forty cases are open, twenty were closed this week and
the rest before it, one every hour back from then.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from bench.measure import Line, at_most, percentile, resident_mb
from bench.sandbox import Sandbox, folder, following, sandbox
from bot.clock import new_id
from flows.model import Case, CaseId, Change, DraftId, Event, EventKind, Outcome, Status
from flows.postings import joined
from flows.school import PersonId
from flows.ui.inbound import Receipt, Show
from flows.ui.intents import AnswerPage, ChatCommand

SIZES = (100, 1_000, 20_000)
OPEN, CLOSED_THIS_WEEK = 40, 20
ROUNDS, READS = 40, 300
DRAFTS = 1_000
AT_ONCE = 200
#: Different words in a case's notes and letters: three notes, or a letter and a note.
NOTED = 100
HEAD = "ash"


def measure() -> Iterable[Line]:
    """Yield the cost of each kind of work at each size, the growth, and the memory."""
    seen: dict[int, dict[str, float]] = {}
    for size in SIZES:
        with folder() as path:
            seen[size] = _apart("fill", path, size)
            seen[size] |= _apart("work", path, size)
            if size == SIZES[-1]:
                seen[size] |= _apart("drafts", path, size)
    for kind in ("turn", "open case", "list", "digest"):
        for size in SIZES:
            yield Line(what=f"{kind}, p50 at {size:,} cases", value=seen[size][kind], unit="ms")
        most = 1.3 if kind in ("list", "digest") else 1.5
        growth = seen[SIZES[-1]][kind] / seen[SIZES[0]][kind]
        yield at_most(f"{kind}: {SIZES[-1]:,} cases against {SIZES[0]:,}", growth, "×", most)
    last = seen[SIZES[-1]]
    for kind in (kind for kind in last if kind.startswith("find by ")):
        yield at_most(f"{kind}, p50 at {SIZES[-1]:,} cases", last[kind], "ms", 50)
    yield at_most(f"memory with {SIZES[-1]:,} cases", last["memory"], "MB", 250)
    yield at_most(f"memory per {DRAFTS:,} open drafts", last["per drafts"], "MB", 2)
    yield Line(what=f"file with {SIZES[-1]:,} cases", value=last["file"], unit="MB")
    for size in SIZES:
        yield Line(what=f"start to first answer, {size:,} cases", value=seen[size]["start"], unit="s")


def _apart(what: str, path: Path, size: int) -> dict[str, float]:
    """Do one part in a process of its own; return what it saw."""
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "bench.bench_size", what, str(path), str(size), str(time.time())],
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


async def fill(path: Path, size: int) -> dict[str, float]:
    """Make ``size`` cases out of one that came in by the front door."""
    async with sandbox(path) as bot:
        await bot.report("staff-00")
        await bot.worker.run_due()
        row = (await bot.store.cases(bot.school.id))[0]
        first = await bot.store.case(bot.school.id, row.id)
        if first is None:
            raise LookupError(row.id)
        events = tuple(await bot.store.events(bot.school.id, first.id))
        sends = tuple(await bot.store.sends_of(bot.school.id, first.id))
        for start in range(1, size, AT_ONCE):
            await asyncio.gather(
                *(
                    bot.store.commit(_another(first, events, n))
                    for n in range(start, min(start + AT_ONCE, size))
                )
            )
        return {"sends": len(sends)}


def _another(case: Case, events: tuple[Event, ...], number: int) -> Change:
    """Return the change that keeps one more case like ``case``; open if it is one of the first forty."""
    new = CaseId(new_id())
    called = f"{case.reference.rpartition('-')[0]}-{number:06}"
    notes = joined(b"", (" ".join(f"word{number * NOTED + n}" for n in range(NOTED)),))
    copy = replace(case, id=new, reference=called, cards=(), version=0, noted=notes)
    if number >= OPEN:
        ago = (
            dt.timedelta(days=8, hours=number) if number >= OPEN + CLOSED_THIS_WEEK else dt.timedelta(hours=1)
        )
        closed_at = case.opened_at - ago
        copy = replace(
            copy,
            status=Status.CLOSED,
            outcome=Outcome.INVITED,
            opened_at=closed_at - dt.timedelta(days=2),
            closed_at=closed_at,
            events=len(events) + 1,
        )
        events = (*events, Event(case=new, seq=len(events) + 1, kind=EventKind.CLOSED, at=closed_at))
    return Change(school=case.school, case=copy, events=tuple(replace(event, case=new) for event in events))


async def work(path: Path, began: float) -> dict[str, float]:
    """Return the median cost of each kind of work, the memory, and the time to the first kept answer."""
    async with sandbox(path) as bot:
        reply = await bot.begin("staff-01")
        await bot.service.handle(following("staff-01", reply))
        seen = {"start": time.time() - began}
        seen["turn"], seen["open case"] = await _reports(bot)
        seen["list"] = await _median(lambda: bot.ask(HEAD, ChatCommand.CASES))
        for kind, looked_for in _searches(bot).items():
            seen[kind] = await _median(partial(bot.ask, HEAD, ChatCommand.FIND, looked_for))
        seen["digest"] = await _median(lambda: bot.ask(HEAD, ChatCommand.DIGEST))
        gc.collect()
        seen["memory"] = resident_mb()
        seen["file"] = _megabytes(path)
        return seen


def _searches(bot: Sandbox) -> dict[str, str]:
    """Return one search of each kind; the words, the link and the days are those of every case."""
    person = next(iter(bot.school.people.values())).name
    return {
        "find by reference": f"{bot.school.prefix}-2026-000077",
        "find by words": "makes up the marks",
        "find by notes": f"word{77 * NOTED} word{77 * NOTED + 1}",
        "find by account": "@nobody",
        "find by link": "https://social.example/posting/1",
        "find by dates": "since:2020-01-01 until:2020-12-31",
        "find by person": f"person:{person}",
    }


def _megabytes(path: Path) -> float:
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) / 1e6


async def _reports(bot: Sandbox) -> tuple[float, float]:
    """Return the median time of a turn and of the turn that opens a case, in milliseconds."""
    turns: list[float] = []
    openings: list[float] = []
    for _ in range(ROUNDS):
        reply = await bot.begin("staff-02")
        while not isinstance(reply, Receipt):
            doing = following("staff-02", reply)
            start = time.perf_counter()
            reply = await bot.service.handle(doing)
            took = (time.perf_counter() - start) * 1e3
            (openings if isinstance(reply, Receipt) else turns).append(took)
    return percentile(turns, 50), percentile(openings, 50)


async def _median(ask: Callable[[], Awaitable[object]]) -> float:
    times = []
    for _ in range(READS):
        start = time.perf_counter()
        reply = await ask()
        times.append((time.perf_counter() - start) * 1e3)
        if not isinstance(reply, Show):
            raise TypeError(reply)
    return percentile(times, 50)


async def drafts(path: Path) -> dict[str, float]:
    """Return how much memory a thousand half-written reports take: three pages answered in each."""
    async with sandbox(path) as bot:
        reply = await bot.begin("staff-03")
        for _ in range(3):
            doing = following("staff-03", reply)
            if not isinstance(doing.intent, AnswerPage):
                raise TypeError(doing)
            reply = await bot.service.handle(doing)
        draft = await bot.store.draft_of(bot.school.id, PersonId("staff-03"))
        if draft is None:
            raise LookupError("staff-03")
        gc.collect()
        before = resident_mb()
        for start in range(0, DRAFTS, AT_ONCE):
            await asyncio.gather(
                *(
                    bot.store.commit(
                        Change(
                            school=bot.school.id,
                            draft=replace(
                                draft, id=DraftId(new_id()), person=PersonId(f"one-{n}"), version=0
                            ),
                        )
                    )
                    for n in range(start, start + AT_ONCE)
                )
            )
        gc.collect()
        return {"per drafts": resident_mb() - before}


def main(what: str, path: str, size: str, began: str) -> None:
    """Do one part and print what it saw, as JSON."""
    parts = {
        "fill": lambda: fill(Path(path), int(size)),
        "work": lambda: work(Path(path), float(began)),
        "drafts": lambda: drafts(Path(path)),
    }
    print(json.dumps(asyncio.run(parts[what]())))


if __name__ == "__main__":
    main(*sys.argv[1:])
