"""What a page costs in Slack, from request to acknowledgement: ours, and what is written without us.

Each runs in a process of its own behind its own HTTP server and takes signed requests of the same form, one
after the other; what is kept beside is 100, 1,000 or 20,000 documents. Processor time is that of all threads,
less what it costs to ask for it.
"""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

import aiohttp
from aiohttp import web
from msgspec import Struct

from bench.bench_size import fill
from bench.measure import Line, at_most, percentile
from bench.peers import bolt_forms
from bench.sandbox import KEY, folder, following
from bench.slack_bot import Side
from bench.slack_side import YesSlack, command, request_of, signed, submission
from flows.ui.forms import Value
from flows.ui.inbound import Receipt
from flows.ui.intents import encode
from storage.open import Opening, open_store

SIZES = (100, 1_000, 20_000)
MIDDLE = 1_000
PAGES, WARM = 300, 20
#: a page that takes a tenth of a second is not measured three hundred times
FEWER = 50
PEERS: dict[str, Callable[[Path, int], bolt_forms.Keep]] = {
    "Bolt that only acknowledges": bolt_forms.nothing,
    "Bolt with JSON in SQLite": bolt_forms.json_in_sqlite,
    "Bolt with stock TinyDB": bolt_forms.stock_tinydb,
}
INSTALLED, AT_ONCE = "as installed", "process_before_response"
OURS = "ours"
Request = tuple[str, dict[str, str]]
_NUMBERS = itertools.count(1)


class Seen(Struct):
    """What a page costs in ms."""

    p50: float
    p99: float
    processor: float


def measure() -> Iterable[Line]:
    """Yield every peer beside ours at every size, then the goals."""
    seen = asyncio.run(_all())
    for (who, how, size), one in seen.items():
        beside = f"{size:,} documents" if who != "Bolt that only acknowledges" else "nothing kept"
        note = f"{how}, {beside}; p99 {one.p99:.3g} ms, processor {one.processor:.2f} ms"
        yield Line(what=f"{who}, acknowledgement p50", value=one.p50, unit="ms", note=note)
    ours = seen[OURS, AT_ONCE, MIDDLE].processor
    plain = seen["Bolt with JSON in SQLite", AT_ONCE, MIDDLE].processor
    bare = seen["Bolt that only acknowledges", AT_ONCE, MIDDLE].processor
    yield at_most("ours against JSON in SQLite, processor time", ours / plain, "×", 1.0)
    yield Line(what="ours against only acknowledging, processor time", value=ours / bare, unit="×")


async def _all() -> dict[tuple[str, str, int], Seen]:
    slack = YesSlack()
    url = await slack.start()
    seen = {}
    for size in SIZES:
        seen[OURS, AT_ONCE, size] = await _apart(OURS, AT_ONCE, size, url)
        for who, keep in PEERS.items():
            if keep is not bolt_forms.nothing or size == MIDDLE:
                for how in (INSTALLED, AT_ONCE):
                    seen[who, how, size] = await _apart(who, how, size, url)
    await slack.server.close()
    return seen


async def _apart(who: str, how: str, size: int, slack: str) -> Seen:
    """Return what a page costs of one of them, in a process of its own."""
    slow = who == "Bolt with stock TinyDB" and size > MIDDLE
    with folder() as path:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.bench_peers", who, how, str(size), slack, str(path)),
            stdout=subprocess.PIPE,
        )
        if process.stdout is None:
            raise RuntimeError(who)
        url = (await process.stdout.readline()).decode().strip()
        try:
            return await _measured(url, FEWER if slow else PAGES)
        finally:
            process.kill()
            await process.wait()


async def _measured(url: str, pages: int) -> Seen:
    took, spent = [], 0.0
    async with aiohttp.ClientSession(raise_for_status=True) as session:

        async def cpu() -> float:
            async with session.get(f"{url}/cpu") as response:
                return float(await response.text())

        for page in range(WARM + pages):
            async with session.get(f"{url}/next") as response:
                body, headers = await response.json()
            idle = await cpu()
            before = await cpu()
            start = time.perf_counter()
            async with session.post(f"{url}/slack/events", data=body, headers=headers) as response:
                await response.read()
            wall = time.perf_counter() - start
            if page >= WARM:
                spent += await cpu() - before - (before - idle)
                took.append(wall * 1e3)
    return Seen(percentile(took, 50), percentile(took, 99), spent * 1e3 / pages)


# -- the processes that are measured ------------------------------------------------------------------


async def _serve(who: str, how: str, size: int, slack: str, path: Path) -> None:
    if who != OURS:
        app = bolt_forms.app(slack, PEERS[who](path, size), at_once=how == AT_ONCE).web_app("/slack/events")
        await _listen(app, _pages())
        return
    await fill(path, size)
    store = await open_store(f"tinydb:{path / 'reports.db'}", key=KEY, opening=Opening.EITHER)
    side = Side(store, slack)
    await side.app.start()
    app = web.Application()
    side.app.routes(app)
    await _listen(app, _reports(side))


async def _listen(app: web.Application, requests: AsyncIterator[Request]) -> None:
    """Serve until the process is ended; print where."""

    async def cpu(_: web.Request) -> web.Response:
        return web.Response(text=repr(time.process_time()))

    async def following_request(_: web.Request) -> web.Response:
        return web.json_response(await anext(requests))

    app.router.add_get("/cpu", cpu)
    app.router.add_get("/next", following_request)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


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
        values: dict[str, Value] = {"targets": ("school", "staff"), "words": "as long as most answers"}
        yield signed(submission("U-jo", '{"type":"a"}', values, next(_NUMBERS)))


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], Path(sys.argv[5])))
