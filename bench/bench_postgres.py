"""What the store of many processes costs: a commit against a bare INSERT and COMMIT of the same bytes.

The server is the tests' own, with fsync on, on this machine: a way and back costs little here.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import psycopg
from msgspec.structs import replace

from bench.measure import Line, at_most, percentile
from flows.model import CaseId, Change, Handled
from storage import chain
from storage.commit import Committer
from storage.keys import InnerKey
from storage.open import open_store
from storage.postgres.store import PostgresStore
from tests.database import Server, server
from tests.storage import samples as s

ROUNDS, WARM_UP = 200, 50
NAME = "reports"


def measure() -> Iterable[Line]:
    """Measure on a server of our own."""
    with server() as running:
        asyncio.run(running.made(NAME))
        yield from asyncio.run(_measured(running))


async def _measured(running: Server) -> list[Line]:
    store = await open_store(running.address(NAME, "bot"), key=s.KEY)
    assert isinstance(store, PostgresStore)  # noqa: S101 - for the type checker
    with psycopg.connect(running.address(NAME)) as connection:
        connection.execute("create table bare(id bigint generated always as identity, body bytea)")
        connection.commit()
        commits, bare = await _turn_about(store, running, connection)
    one, other = percentile(commits, 50), percentile(bare, 50)
    lines = [
        Line(what="bare INSERT and COMMIT, p50", value=other * 1e3, unit="ms", note="the same bytes"),
        Line(
            what="a commit, p50", value=one * 1e3, unit="ms", note="a case, an act, a line, a send, a timer"
        ),
        Line(what="a commit, p99", value=percentile(commits, 99) * 1e3, unit="ms"),
        at_most("a commit against the bare one", one / other, "×", 2),
        *await _apart(store),
        Line(what="reading a case, p50", value=await _reading(store) * 1e3, unit="ms"),
        Line(what="commits of 32 schools at once", value=await _at_once(store), unit="a second"),
    ]
    await store.close()
    return lines


async def _turn_about(
    store: PostgresStore, running: Server, connection: psycopg.Connection
) -> tuple[list[float], list[float]]:
    """Return how long commits take, and bare ones of as many bytes, turn about."""
    kept = await store.commit(s.opening())
    commits, bare = list[float](), list[float]()
    size = 0
    for number in range(ROUNDS + WARM_UP):
        change = Change(
            school=s.HILL,
            handled=Handled(key=f"in-{number}", at=s.NOW),
            case=kept.case,
            events=(s.event(1, number + 10),),
            audit=(s.audit(1),),
            new_sends=(s.send(1, f"update/{number}"),),
            timers=(s.timer(1, minutes=number),),
        )
        began = time.perf_counter()
        kept = await store.commit(change)
        commits.append(time.perf_counter() - began)
        if not size:
            size = _newest(running)
        body = os.urandom(size)
        began = time.perf_counter()
        connection.execute("insert into bare(body) values(%b)", (body,))
        connection.commit()
        bare.append(time.perf_counter() - began)
    return commits[WARM_UP:], bare[WARM_UP:]


async def _apart(store: PostgresStore) -> list[Line]:
    """Return what sealing and the audit's chain cost: each commit with them beside one without."""
    found = []
    for what, without in (("sealing", _unsealed), ("the audit's chain", _unchained)):
        took: dict[bool, list[float]] = {True: [], False: []}
        worked: dict[bool, list[float]] = {True: [], False: []}
        case = await store.case(s.HILL, CaseId("C0001"))
        for number in range(2 * ROUNDS):
            key, whole = f"{what}-{number}", number % 2 == 0
            change = Change(
                school=s.HILL,
                handled=Handled(key=key, at=s.NOW),
                case=case,
                audit=(s.audit(1),),
                new_sends=(s.send(1, key),),
                timers=(s.timer(1, minutes=number),),
            )
            with nullcontext() if whole else without():
                clock, processor = time.perf_counter(), time.process_time()
                case = (await store.commit(change)).case
                took[whole].append(time.perf_counter() - clock)
                worked[whole].append(time.process_time() - processor)
        note = f"processor {percentile(worked[True], 50) / percentile(worked[False], 50):.2f} ×"
        ratio = percentile(took[True], 50) / percentile(took[False], 50)
        found.append(at_most(f"a commit with {what} against one without", ratio, "×", 1.1, note=note))
    return found


@contextmanager
def _unsealed() -> Iterator[None]:
    """Let rows be kept as they are; what was sealed is opened all the same."""
    seal = InnerKey.seal
    InnerKey.seal = lambda _self, body, *_at: _BARE + body  # type: ignore[method-assign]
    InnerKey.open = _read  # type: ignore[assignment]
    try:
        yield
    finally:
        InnerKey.seal = seal  # type: ignore[method-assign]


_BARE, _OPEN = b"bare:", InnerKey.open


def _read(self: InnerKey, body: bytes, *at: Any) -> bytes:
    return body.removeprefix(_BARE) if body.startswith(_BARE) else _OPEN(self, body, *at)


@contextmanager
def _unchained() -> Iterator[None]:
    """Let lines of the audit be written without the link that holds them."""
    before = Committer.write_link, Committer._last_link, chain.next_link  # noqa: SLF001 - what it costs
    Committer.write_link = Committer._last_link = lambda *_: None  # type: ignore[assignment,method-assign] # noqa: SLF001 - likewise
    chain.next_link = lambda *_: None  # type: ignore[assignment]
    try:
        yield
    finally:
        Committer.write_link, Committer._last_link, chain.next_link = before  # type: ignore[method-assign] # noqa: SLF001 - likewise


def _newest(running: Server) -> int:
    """Return how many bytes the rows have that the last commit wrote."""
    one = "select xmin::text from rows where tbl = 'cases'"
    sql = f"select sum(length(body)) from rows where xmin::text = ({one})"  # noqa: S608 - our own words
    return int(str(running.run(sql, database=NAME)[0][0]))


async def _reading(store: PostgresStore) -> float:
    found = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await store.case(s.HILL, CaseId("C0001"))
        found.append(time.perf_counter() - began)
    return percentile(found, 50)


async def _at_once(store: PostgresStore) -> float:
    """Return how many commits a second there are, of schools that do not wait for each other."""
    opened = [s.opening(1, school=f"school-{number}") for number in range(32)]  # type: ignore[arg-type]
    await asyncio.gather(*(store.commit(change) for change in opened))

    async def one(number: int) -> None:
        for turn in range(20):
            line = replace(s.audit(1), school=f"school-{number}")
            await store.commit(
                Change(school=line.school, handled=Handled(key=f"{turn}", at=s.NOW), audit=(line,))
            )

    began = time.perf_counter()
    await asyncio.gather(*map(one, range(32)))
    return 32 * 20 / (time.perf_counter() - began)
