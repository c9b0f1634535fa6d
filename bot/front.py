"""What stands open to everybody: how many may come at once, and who is let go of first.

A program may open only so many files, and a connection is one. Whoever is connected and asks nothing must
not keep out whoever reports: those who came first are closed before there are too many.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

#: seconds a connection may stand open without a whole request
PATIENCE = 30.0
#: connections at once, where the system sets no limit or a high one
MOST = 500
#: whose request is under way
BUSY = web.AppKey("busy", set[RequestHandler])
#: those that may wait to be let in
_BACKLOG = 128


def door(app: web.Application, *, patience: float = PATIENCE, within: float = 1.0) -> web.AppRunner:
    """Return what listens; whoever has brought no whole request after ``patience`` seconds is let go.

    ``within`` = how long answers under way may take once it closes (seconds).
    """
    busy: set[RequestHandler] = set()

    @web.middleware
    async def note(request: web.Request, handler: Handler) -> web.StreamResponse:
        busy.add(request.protocol)
        try:
            return await handler(request)
        finally:
            busy.discard(request.protocol)

    app.middlewares.append(note)
    app[BUSY] = busy
    return web.AppRunner(app, access_log=None, shutdown_timeout=within, keepalive_timeout=patience)


def most() -> int:
    """Return how many connections there may be: a quarter of what the system lets us open."""
    with suppress(ImportError, OSError):
        import resource  # noqa: PLC0415 - not on every system

        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != resource.RLIM_INFINITY:
            return min(MOST, max(soft // 4, 4))
    return MOST


class Front:
    """Listens at an address, for what a runner serves."""

    def __init__(self, runner: web.AppRunner, *, at_once: int) -> None:
        """Listen to nothing yet."""
        self._runner = runner
        self._at_once = at_once
        self._server: asyncio.Server | None = None

    async def listen(self, host: str, port: int) -> int:
        """Begin; return the port."""
        backlog = min(_BACKLOG, max(self._at_once // 2, 1))
        self._server = await asyncio.get_running_loop().create_server(
            self._met, host, port, backlog=backlog, reuse_address=True
        )
        return int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Let nobody in any more."""
        if self._server is not None:
            self._server.close()

    def _met(self) -> RequestHandler:
        server = self._runner.server
        assert server is not None  # noqa: S101 - the runner is set up
        there = server.connections
        idle = [one for one in there if one not in self._runner.app[BUSY]]
        for one in idle[: max(len(there) - self._at_once + 1, 0)]:
            one.force_close()
        return server()
