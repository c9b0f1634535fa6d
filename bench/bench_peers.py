"""What a page costs in Slack, from request to acknowledgement: ours, and what is written without us.

Everything is handed to the same dispatch of the same kit with signed requests of the same form; what is kept
beside it is 100, 1,000 or 20,000 documents.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable, Iterable
from http import HTTPStatus
from pathlib import Path

from msgspec import Struct
from slack_bolt.app.async_app import AsyncApp

from bench.bench_size import fill
from bench.measure import Line, at_most, percentile
from bench.peers import bolt_forms
from bench.sandbox import KEY, folder, following
from bench.slack_bot import Side
from bench.slack_side import YesSlack, command, request_of, signed, submission
from flows.ui.forms import Value
from flows.ui.inbound import Receipt
from flows.ui.intents import encode
from storage.open import open_store

SIZES = (100, 1_000, 20_000)
MIDDLE = 1_000
PAGES, WARM = 400, 20
#: a page that takes a tenth of a second is not measured four hundred times
FEWER = 60
PEERS: dict[str, Callable[[Path, int], bolt_forms.Keep]] = {
    "Bolt that only acknowledges": bolt_forms.nothing,
    "Bolt with JSON in SQLite": bolt_forms.json_in_sqlite,
    "Bolt with stock TinyDB": bolt_forms.stock_tinydb,
}
Request = tuple[str, dict[str, str]]
_NUMBERS = itertools.count(1)


class Seen(Struct):
    """What a page costs in ms: from request to acknowledgement, and processor time of all threads."""

    p50: float
    p99: float
    processor: float


def measure() -> Iterable[Line]:
    """Yield every peer beside ours at every size, then the goals."""
    seen = asyncio.run(_all())
    for (who, how), one in seen.items():
        note = f"{how}; p99 {one.p99:.3g} ms, processor {one.processor:.2f} ms"
        yield Line(what=f"{who}, acknowledgement p50", value=one.p50, unit="ms", note=note)
    ours = seen["ours", _at(MIDDLE)]
    plain = seen["Bolt with JSON in SQLite", f"{_at(MIDDLE)}, at once"]
    bare = seen["Bolt that only acknowledges", f"{_at(MIDDLE)}, at once"]
    yield at_most("ours against JSON in SQLite, processor time", ours.processor / plain.processor, "×", 1.0)
    yield Line(what="ours against only acknowledging", value=ours.processor / bare.processor, unit="×")


def _at(size: int) -> str:
    return f"{size:,} documents"


async def _all() -> dict[tuple[str, str], Seen]:
    slack = YesSlack()
    api_url = await slack.start()
    seen: dict[tuple[str, str], Seen] = {}
    for size in SIZES:
        with folder() as path:
            seen["ours", _at(size)] = await _ours(path, size, api_url)
        for who, keep in PEERS.items():
            if who == "Bolt that only acknowledges" and size != MIDDLE:
                continue  # keeps nothing, beside however much
            for how, at_once in (("as installed", False), ("at once", True)):
                with folder() as path:
                    app = bolt_forms.app(api_url, keep(path, size), at_once=at_once)
                    slow = keep is bolt_forms.stock_tinydb and size > MIDDLE
                    seen[who, f"{_at(size)}, {how}"] = await _timed(app, _pages(), FEWER if slow else PAGES)
    await slack.server.close()
    return seen


async def _ours(path: Path, size: int, api_url: str) -> Seen:
    """Return what a page costs of a report that is really being made."""
    await fill(path, size)
    store = await open_store(f"tinydb:{path / 'reports.db'}", key=KEY)
    side = Side(store, api_url)
    await side.app.start()
    try:
        return await _timed(side.app.bolt, _reports(side), PAGES)
    finally:
        await side.app.stop()
        await store.close()


async def _reports(side: Side) -> AsyncIterator[Request]:
    """Yield page after page of report after report; beginning one is not a page."""
    while True:
        body, headers = signed(command("U-jo", f"t{next(_NUMBERS)}"), form=True)
        await side.app.bolt.async_dispatch(request_of(body, headers))
        await side.app.hear.finish(5)
        while not isinstance(reply := side.door.last["U-jo"], Receipt):
            filled = following("U-jo", reply)
            yield signed(submission("U-jo", encode(filled.intent), filled.values, next(_NUMBERS)))
        side.door.last.pop("U-jo")


async def _pages() -> AsyncIterator[Request]:
    """Yield pages as long as ours are."""
    while True:
        values: dict[str, Value] = {
            "targets": ("school", "staff"),
            "words": "as long as most answers",
        }
        yield signed(submission("U-jo", '{"type":"a"}', values, next(_NUMBERS)))


async def _timed(app: AsyncApp, requests: AsyncIterator[Request], pages: int) -> Seen:
    """Return what it costs until a page is acknowledged; the first ones (who are we?) do not count."""
    took, spent = [], 0.0
    count = 0
    async for one in requests:
        request = request_of(*one)
        start, busy = time.perf_counter(), time.process_time()
        answer = await app.async_dispatch(request)
        busy, wall = time.process_time() - busy, time.perf_counter() - start
        if answer.status != HTTPStatus.OK:
            raise RuntimeError(answer.body)
        count += 1
        if count > WARM:
            spent += busy
            took.append(wall * 1e3)
        if count == WARM + pages:
            break
    return Seen(percentile(took, 50), percentile(took, 99), spent * 1e3 / pages)
