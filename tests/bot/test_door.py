"""What stands open to everybody lets go of whoever says nothing."""

from __future__ import annotations

import asyncio

from aiohttp import web

from bot.serving import PATIENCE, door

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
