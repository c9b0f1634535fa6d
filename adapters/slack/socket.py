"""Socket Mode: Slack without a public address, with a watchdog and a stop that finishes its work.

https://docs.slack.dev/apis/events-api/using-socket-mode – the library reconnects by itself, but for
ever: on a refused token, and behind a connection that is dead though it says that it lives. So the
token is tried first, and a connection that has not answered a ping for too long is given up, so that
whoever runs this can make a fresh one.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any

from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from adapters.slack.api_call import asked
from adapters.slack.client import Web
from adapters.slack.dedupe import Background
from flows.errors import Retryable

_log = logging.getLogger("adapters.slack")
#: seconds between two looks at the connection
LOOK_EVERY = 5.0
#: seconds without an answered ping after which the connection is dead
DEAD_AFTER = 120.0
PING_EVERY = 10.0


class Socket:
    """``clock`` counts the same seconds as the library: since 1970."""

    def __init__(
        self,
        bolt: AsyncApp,
        web: Web,
        app_token: str,
        *,
        clock: Callable[[], float] = time.time,
        look_every: float = LOOK_EVERY,
    ) -> None:
        """Keep what is needed; connect nothing."""
        self._bolt, self._web, self._token = bolt, web, app_token
        self._clock, self._look_every = clock, look_every
        self._client: SocketModeClient | None = None
        self._work = Background()
        self._stop = asyncio.Event()
        self._hearing = True

    async def run(self) -> None:
        """Listen until :meth:`stop_hearing`. Raises Permanent (token) or Retryable (dead connection)."""
        bare = self._web.bare
        self._web.session  # noqa: B018 - opens the session that ``bare`` uses
        await asked(bare.apps_connections_open(app_token=self._token), writes=False)
        self._client = SocketModeClient(
            app_token=self._token,
            web_client=bare,
            logger=_quiet(),
            ping_interval=PING_EVERY,
        )
        self._client.socket_mode_request_listeners.append(self._heard)
        connecting: Coroutine[Any, Any, None] = self._client.connect()  # type: ignore[no-untyped-call]
        self._work.start(connecting)
        await self._watch(self._client)

    async def connected(self) -> bool:
        """Return whether the connection stands."""
        return self._client is not None and await self._client.is_connected()

    async def stop_hearing(self) -> None:
        """Take nothing new; finish and acknowledge what has come."""
        self._hearing = False
        await self._work.finish(within=20.0)
        self._stop.set()

    async def close(self) -> None:
        """Let go of the connection."""
        self._stop.set()
        if self._client is not None:
            await self._client.close()  # type: ignore[no-untyped-call]

    async def _heard(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        """Take one envelope. One that we do not acknowledge, Slack gives to the next connection."""
        if self._hearing:
            task = asyncio.create_task(self._answer(client, request))
            self._work.keep(task)
            await asyncio.shield(task)

    async def _answer(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        answer = await run_async_bolt_app(self._bolt, request)
        await send_async_response(client, request, answer, self._clock())

    async def _watch(self, client: SocketModeClient) -> None:
        """Return when stopped; raise Retryable when the connection has been dead too long."""
        alive = self._clock()
        while not self._stop.is_set():
            answered = client.last_ping_pong_time or 0.0
            if await client.is_connected():
                alive = max(alive, answered)
            if self._clock() - alive > DEAD_AFTER:
                _log.error("socket.dead")
                raise Retryable("slack-socket-dead", "The connection to Slack is dead.", after=0.0)
            try:
                async with asyncio.timeout(self._look_every):
                    await self._stop.wait()
            except TimeoutError:
                continue


def _quiet() -> logging.Logger:
    logger = logging.getLogger("adapters.slack.socket_library")
    logger.setLevel(logging.CRITICAL)  # each try that fails is a line of its own; we say it once
    return logger
