"""What a turn in Teams costs: ours, kept durably and answered by a card, beside two kits that only echo.

The bot that is measured runs in a process of its own; Teams' side (it posts, takes the replies, gives out
tokens) runs in this one. Nobody checks tokens in the first three, so that only the turn is compared.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bench import sandbox
from bench.measure import Line, at_most
from bench.peers import teams_echo

TURNS, WARM = 150, 20
SENDS = 200
TENANT = "22222222-2222-2222-2222-222222222222"
PERSON = "00000000-0000-0000-0000-0000000000b1"
#: every second answer goes forward and every second one back: each is kept
SAYS = ("no", "back")


class Teams:
    """Teams' side: takes replies and says when one has come."""

    def __init__(self) -> None:
        self.replied = asyncio.Event()
        self.peers: set[Any] = set()
        self.tokens = 0
        self.url = ""
        self._ids = itertools.count(1)

    def app(self) -> web.Application:
        """Return the server."""
        app = web.Application()
        app.router.add_post("/token", self._token)
        app.router.add_route("*", "/v3/{rest:.*}", self._take)
        return app

    async def _token(self, _: web.Request) -> web.Response:
        self.tokens += 1
        await asyncio.sleep(1.0)
        return web.json_response({"access_token": "t", "expires_in": 3_600})

    async def _take(self, request: web.Request) -> web.Response:
        await request.read()
        if request.transport is not None:
            self.peers.add(request.transport.get_extra_info("peername"))
        self.replied.set()
        return web.json_response({"id": f"m{next(self._ids)}"}, status=201)

    def activity(self, text: str) -> dict[str, Any]:
        """Return words typed in a personal chat."""
        return {
            "type": "message",
            "id": f"a{next(self._ids)}",
            "timestamp": "2026-11-24T10:00:00.000Z",
            "channelId": "msteams",
            "serviceUrl": self.url,
            "from": {"id": "29:brook", "name": "Brook Sample", "aadObjectId": PERSON},
            "recipient": {"id": "28:bot", "name": "Report"},
            "conversation": {"id": "a:chat", "conversationType": "personal", "tenantId": TENANT},
            "channelData": {"tenant": {"id": TENANT}},
            "text": text,
        }


def measure() -> Iterable[Line]:
    """Yield CPU per turn of ours and of both kits, and what two hundred messages at once need."""
    ours, stock, agents, sends = asyncio.run(_all())
    yield Line(what="stock CloudAdapter, echo", value=stock, unit="ms CPU")
    yield Line(what="microsoft-agents-hosting, echo", value=agents, unit="ms CPU")
    yield Line(what="ours, durable, answered by a card", value=ours, unit="ms CPU")
    yield at_most("ours against stock", ours / stock, "×", 0.2)
    yield Line(what="ours against microsoft-agents", value=ours / agents, unit="×")
    yield at_most(f"connections for {SENDS} messages", sends["connections"], "", 32)
    yield Line(what=f"{SENDS} messages to {SENDS} people", value=sends["seconds"], unit="s")
    yield Line(what="tokens fetched for them", value=sends["tokens"], unit="")
    note = "the token endpoint takes 1 s"
    yield at_most("longest hold-up of the loop while a token is fetched", sends["lag"], "ms", 50, note)


async def _all() -> tuple[float, float, float, dict[str, float]]:
    teams = Teams()
    runner = web.AppRunner(teams.app(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    teams.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/"  # type: ignore[union-attr] # noqa: SLF001 - aiohttp has no name for it
    costs = [await _turns(teams, mode) for mode in ("ours", "stock", "agents")]
    teams.peers.clear()
    done = await asyncio.create_subprocess_exec(*_command("sends", teams.url), stdout=subprocess.PIPE)
    out, _ = await done.communicate()
    seen = json.loads(out)
    await runner.cleanup()
    return (*costs, {**seen, "connections": len(teams.peers), "tokens": teams.tokens})  # type: ignore[return-value]


async def _turns(teams: Teams, mode: str) -> float:
    """Return the CPU of one turn in milliseconds, over many, one after the other."""
    process = await asyncio.create_subprocess_exec(*_command(mode, teams.url), stdout=subprocess.PIPE)
    if process.stdout is None:
        raise RuntimeError(mode)
    url = (await process.stdout.readline()).decode().strip()
    try:
        return await _measured(teams, mode, url)
    finally:
        process.kill()
        await process.wait()


async def _measured(teams: Teams, mode: str, url: str) -> float:
    async with aiohttp.ClientSession() as session:

        async def turn(text: str) -> None:
            teams.replied.clear()
            async with session.post(f"{url}api/messages", json=teams.activity(text)) as response:
                if response.status not in (200, 201, 202):
                    raise RuntimeError(f"{mode}: {response.status} {await response.text()}")
            async with asyncio.timeout(10):
                await teams.replied.wait()

        async def cpu() -> float:
            async with session.get(f"{url}cpu") as response:
                return float(await response.text())

        await turn("report-posting They wrote something invented")
        for n in range(WARM):
            await turn(SAYS[n % 2])
        before = await cpu()
        for n in range(TURNS):
            await turn(SAYS[n % 2])
        spent = await cpu() - before
    return spent / TURNS * 1_000


def _command(mode: str, url: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "bench.bench_teams", mode, url)


# -- the processes that are measured ------------------------------------------------------------------


@asynccontextmanager
async def _ours(path: Path, url: str, secret: str = "") -> AsyncIterator[tuple[web.Application, Any]]:
    """Give our bot on a real file."""
    from msgspec.structs import replace  # noqa: PLC0415 - a kit's process loads nothing of ours

    from adapters.teams import limits, listen  # noqa: PLC0415 - likewise
    from adapters.teams.rate_limit import Pace  # noqa: PLC0415 - likewise
    from adapters.teams.verify import Trust  # noqa: PLC0415 - likewise
    from bot.directory import SchoolDirectory  # noqa: PLC0415 - likewise
    from flows.school import PersonId, Platform  # noqa: PLC0415 - likewise

    async with sandbox.sandbox(path) as place:
        brook = place.school.people[PersonId("brook")]
        known = replace(brook, accounts={Platform.TEAMS: PERSON})
        school = replace(place.school, people={**place.school.people, brook.id: known})
        place.context.directory = SchoolDirectory({school.id: school})
        limits.TYPED_BELOW = 10**9  # one reply for each turn: the card that stands there is changed
        app_id = "11111111-1111-1111-1111-111111111111" if secret else ""
        teams = listen.create(
            door=place.service,
            directory=place.context.directory,
            store=place.store,
            clock=place.context.clock,
            app_id=app_id,
            secret=secret,
            tenant=TENANT,
            dev=True,
            loopback=True,
            token_url=f"{url}token",
            keys_url=f"{url}nokeys",
            trust=Trust(app_id=app_id, tenant=TENANT, dev=True),
            pace=_Unhurried() if not secret else Pace(),  # one chat takes more here than Teams would allow
        )
        app = web.Application()
        teams.routes(app)
        await teams.start()
        try:
            yield app, teams
        finally:
            await teams.stop()


class _Unhurried:
    """A pace without a limit: the bench speaks to one chat as fast as it can."""

    async def turn(self, conversation: str) -> None:
        """Wait for nothing."""


async def _serve(mode: str, url: str) -> None:
    """Serve one bot until the process is ended; print where."""
    if mode == "ours":
        with sandbox.folder() as path:
            async with _ours(path, url) as (app, _):
                await _listen(app)
    else:
        await _listen(teams_echo.stock() if mode == "stock" else teams_echo.agents())


async def _listen(app: web.Application) -> None:
    async def cpu(_: web.Request) -> web.Response:
        return web.Response(text=repr(time.process_time()))

    app.router.add_get("/cpu", cpu)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/", flush=True)  # type: ignore[union-attr] # noqa: SLF001 - aiohttp has no name for it
    await asyncio.Event().wait()


async def _send(url: str) -> None:
    """Send to many at once while the first token is still being fetched; print what was seen."""
    from adapters.teams.conversation_references import References  # noqa: PLC0415 - only in this process
    from adapters.teams.origin import Where  # noqa: PLC0415 - likewise
    from flows.ports import Address  # noqa: PLC0415 - likewise
    from flows.school import Platform  # noqa: PLC0415 - likewise
    from flows.ui.cards import Card, Text  # noqa: PLC0415 - likewise

    with sandbox.folder() as path:
        async with _ours(path, url, secret="right") as (_, teams):  # noqa: S106 - our own endpoint's
            known: References = teams.chat._references  # noqa: SLF001 - as an installation leaves it
            people = [f"person-{n}" for n in range(SENDS)]
            for one in people:
                where = Where(
                    tenant=TENANT,
                    service_url=url,
                    conversation=f"a:{one}",
                    activity="1",
                    account=one,
                    sender=one,
                    bot="28:bot",
                    personal=True,
                )
                await known.remember(where)
            card = Card(kind="bench", summary="A message.", blocks=(Text("An invented message."),))
            first = asyncio.create_task(teams.token())
            lag = await _held_up(first)
            began = time.perf_counter()
            await asyncio.gather(
                *(
                    teams.chat.send(
                        Address(platform=Platform.TEAMS, workspace=TENANT, account=one), card, key=one
                    )
                    for one in people
                )
            )
            seen = {"lag": lag * 1_000, "seconds": time.perf_counter() - began}
    print(json.dumps(seen))


async def _held_up(task: asyncio.Task[Any]) -> float:
    """Return by how much the loop was late at the most while a task ran, in seconds."""
    worst = 0.0
    while not task.done():
        before = time.perf_counter()
        await asyncio.sleep(0.005)
        worst = max(worst, time.perf_counter() - before - 0.005)
    return worst


if __name__ == "__main__":
    asyncio.run(_send(sys.argv[2]) if sys.argv[1] == "sends" else _serve(sys.argv[1], sys.argv[2]))
