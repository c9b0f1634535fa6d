"""What Slack costs: how soon a page is acknowledged, and what a report asks of Slack."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable
from pathlib import Path

import aiohttp

from bench.measure import Line, at_most, percentile
from bench.sandbox import KEY, folder, following
from bench.slack_bot import Side
from bench.slack_side import (
    YesSlack,
    certificate,
    command,
    counted_contexts,
    request_of,
    signed,
    submission,
)
from flows.model import Way
from flows.ui.intents import encode
from storage.open import Opening, open_store

REPORTS, STAFF_AT_ONCE, ACKS = 30, 50, 400
#: seconds between two pages of one person
PAUSE = 0.5


def measure() -> Iterable[Line]:
    """Yield acknowledgement, the Slack side alone, fifty at once, and what a report asks."""
    with folder() as path:
        seen = asyncio.run(_alone(path))
    yield at_most(
        "acknowledgement, p50 idle", seen["p50"], "ms", 2.0, "a page kept durably, from request to answer"
    )
    yield Line(what="acknowledgement, p99 idle", value=seen["p99"], unit="ms")
    note = "the same with a door that answers at once"
    yield Line(what="processor time of the Slack side alone", value=seen["side"], unit="ms", note=note)
    with folder() as path:
        busy, instant = asyncio.run(_at_once(path))
    note = "each on a page of their own every half second"
    yield at_most("acknowledgement, p99, 50 staff at once", busy, "ms", 50.0, note)
    note = "as fast as the machine goes, its callers included"
    yield Line(what="acknowledgement, p99, 50 who never pause", value=instant, unit="ms", note=note)
    with folder() as path:
        asked = asyncio.run(_asked(path))
    for what, value, most in asked:
        yield at_most(f"{what} per report", value, "", most)


async def _alone(path: Path) -> dict[str, float]:
    slack = YesSlack()
    store = await open_store(f"tinydb:{path / 'reports.db'}", key=KEY, opening=Opening.EITHER)
    side = Side(store, await slack.start())
    await side.app.start()
    await side.server.start_server()
    async with aiohttp.ClientSession() as session:
        await side.report(session, "U-brook", 1)
        side.took.clear()
        for number in range(2, REPORTS):
            await side.report(session, "U-brook", number)
    seen = {"p50": percentile(side.took, 50), "p99": percentile(side.took, 99)}
    seen["side"] = await _slack_side(side)
    await side.app.stop()
    await side.server.close()
    await store.close()
    await slack.server.close()
    return seen


async def _slack_side(side: Side) -> float:
    """Return the processor time of a page for the Slack side alone, in ms: nothing is kept."""
    body, headers = signed(command("U-jo", "t-alone"), form=True)
    await side.app.bolt.async_dispatch(request_of(body, headers))
    shown = side.door.last["U-jo"]
    filled = following("U-jo", shown)
    side.door.always = shown
    spent = 0.0
    for number in range(ACKS):
        body, headers = signed(submission("U-jo", encode(filled.intent), filled.values, 900_000 + number))
        start = time.process_time()
        await side.app.bolt.async_dispatch(request_of(body, headers))
        spent += time.process_time() - start
    return spent * 1000 / ACKS


async def _at_once(path: Path) -> tuple[float, float]:
    """Return the p99 acknowledgement while fifty people report, with pauses and without any."""
    slack = YesSlack()
    store = await open_store(f"tinydb:{path / 'reports.db'}", key=KEY, opening=Opening.EITHER)
    side = Side(store, await slack.start())
    await side.app.start()
    await side.server.start_server()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        for n in range(STAFF_AT_ONCE):  # everybody has been here before
            await side.report(session, f"U-staff-{n:02}", n)
        side.took.clear()
        await asyncio.gather(*(_person(side, session, n, 100) for n in range(STAFF_AT_ONCE)))
        busy = percentile(side.took, 99)
        side.took.clear()
        people = [f"U-staff-{n:02}" for n in range(STAFF_AT_ONCE)]
        await asyncio.gather(*(side.report(session, who, 200 + n) for n, who in enumerate(people)))
    await side.app.stop()
    await side.server.close()
    await store.close()
    await slack.server.close()
    return busy, percentile(side.took, 99)


async def _person(side: Side, session: aiohttp.ClientSession, number: int, first: int) -> None:
    """Let one person report, a page every half second; nobody begins in step with another."""
    await asyncio.sleep(number * PAUSE / STAFF_AT_ONCE)
    await side.report(session, f"U-staff-{number:02}", first + number, pause=PAUSE)


async def _asked(path: Path) -> list[tuple[str, float, float]]:
    """Return calls, connections and TLS contexts of one more report, counted exactly."""
    tls, trusted = certificate(path)
    os.environ["SSL_CERT_FILE"] = str(trusted)
    slack = YesSlack(tls)
    store = await open_store(f"tinydb:{path / 'reports.db'}", key=KEY, opening=Opening.EITHER)
    side = Side(store, await slack.start())
    await side.server.start_server()
    with counted_contexts() as made:
        await side.app.start()
        async with aiohttp.ClientSession() as session:
            await _whole(side, session, 1)
            slack.calls.clear()
            first = made["made"]
            before = len(slack.connections)
            await _whole(side, session, 2)
    posts = slack.calls["chat.postMessage"]
    others = slack.calls.total() - posts
    (newest,) = await store.cases(side.sandbox.school.id, most=1)
    planned = [s for s in await store.sends_of(newest.school, newest.id) if s.way is not Way.EDIT]
    await side.app.stop()
    await side.server.close()
    await store.close()
    await slack.server.close()
    return [
        (f"posts ({', '.join(s.message for s in planned)})", posts, len(planned)),
        ("other calls (window; who is in the channel is known)", others, 2),
        ("new connections to Slack", len(slack.connections) - before, 0),
        ("new TLS contexts", made["made"] - first, 0),
        ("TLS contexts of the whole process", made["made"], 1),
    ]


async def _whole(side: Side, session: aiohttp.ClientSession, number: int) -> None:
    """Report, and let everything go out that is due."""
    await side.report(session, "U-brook", number)
    while await side.sandbox.worker.run_due():
        pass
    await side.app.hear.finish(5)
