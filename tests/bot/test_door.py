"""What stands open to everybody lets go of whoever says nothing."""

from __future__ import annotations

import asyncio

import aiohttp
from aiohttp import web

from bot.front import PATIENCE, Front, door

ENOUGH = 60.0


async def test_half_a_request_does_not_stand_open_for_long() -> None:
    """Connections that bring half a header, or nothing, are closed."""
    assert PATIENCE < ENOUGH
    runner = door(web.Application(), patience=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    for half in (b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-Half: "):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(half)
        async with asyncio.timeout(5):
            assert await reader.read() == b""
        writer.close()
    await runner.cleanup()


async def test_whoever_only_stands_there_is_let_go_first() -> None:
    """Many connect and ask nothing: a request among them is answered; one under way is not cut off."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        begun.set()
        await go_on.wait()
        return web.Response(text="slow")

    async def quick(_: web.Request) -> web.Response:
        return web.Response(text="quick")

    app = web.Application()
    app.add_routes([web.get("/slow", slow), web.get("/quick", quick)])
    runner = door(app)
    await runner.setup()
    front = Front(runner, at_once=8)
    port = await front.listen("127.0.0.1", 0)
    async with asyncio.timeout(20), aiohttp.ClientSession() as session:
        waiting = asyncio.create_task(session.get(f"http://127.0.0.1:{port}/slow"))
        await begun.wait()
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(70)]
        async with session.get(f"http://127.0.0.1:{port}/quick") as answer:
            assert await answer.text() == "quick"
        assert runner.server is not None
        closed = [reader for reader, _ in idle[:50] if await reader.read() == b""]
        assert len(closed) == 50
        assert len(runner.server.connections) <= 10
        go_on.set()
        assert await (await waiting).text() == "slow"
        for _, writer in idle:
            writer.close()
    front.close()
    await runner.cleanup()
