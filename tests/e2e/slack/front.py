"""The front door of the emulator: what it lacks for a Python client, and how Slack misbehaves when told to.

It passes everything on to a counterpart that we did not write. Of its own it adds: the argument forms
that the Python client uses, Block Kit checks, a Socket Mode connection, a limit of posts per channel,
connections that break after the request was accepted, and the windows as a person has them on screen.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.slack.reading import faults, live

Json = dict[str, Any]
_SHOWING = {"chat.postMessage", "chat.update", "chat.postEphemeral"}
_VIEWS = {"views.open", "views.update", "views.push", "views.publish"}


class Front:
    def __init__(self, upstream: str, scopes: Iterable[str] = ()) -> None:
        """Stand in front of an emulator at that address; Slack names a token's scopes in every answer."""
        self._scopes = ",".join(scopes)
        self.upstream = upstream
        self.calls: list[tuple[str, Json, Json]] = []
        self.faults: list[str] = []
        #: everything that was drawn for anybody, as Slack would get it
        self.shown: list[Json] = []
        #: account -> the windows on its screen, the topmost last
        self.windows: dict[str, list[Json]] = defaultdict(list)
        self.homes: dict[str, Json] = {}
        self.triggers: dict[str, str] = {}
        #: methods that lose their next answers on the way, after they were accepted
        self.drop: list[str] = []
        #: seconds between two posts in a channel; nought = no limit
        self.spacing = 0.0
        #: how many of the next posts are answered "wait a second", whatever the spacing
        self.refuse = 0
        self.refused = 0
        self.sockets: list[web.WebSocketResponse] = []
        self.acks: dict[str, Json] = {}
        self.connections = 0
        #: every token that the bot used
        self.tokens: set[str] = set()
        self._peers: set[Any] = set()
        self._last: dict[str, float] = {}
        self._changed = asyncio.Event()
        self._session: aiohttp.ClientSession | None = None
        app = web.Application(client_max_size=20_000_000)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_get("/link", self._link)
        app.router.add_get("/oauth/v2/authorize", self._consent)
        self.server = TestServer(app)

    async def start(self) -> None:
        """Listen."""
        self._session = aiohttp.ClientSession()
        await self.server.start_server()

    async def stop(self) -> None:
        """Stop listening."""
        for socket in self.sockets:
            await socket.close()
        await self.server.close()
        if self._session is not None:
            await self._session.close()

    @property
    def api_url(self) -> str:
        """The address the bot is given."""
        return str(self.server.make_url("/api/"))

    def judge(self, drawn: Json) -> list[str]:
        """Return what the validators have against a message or window, and what in it would be live."""
        kept = drawn if "type" in drawn else {"text": drawn.get("text"), "blocks": drawn.get("blocks") or []}
        wrong = [*faults(kept), *live(kept)]
        self.faults += wrong
        self.shown.append(kept)
        return wrong

    async def until(self, holds: Any, *, within: float = 10.0) -> None:
        """Wait until something holds; it is looked at whenever a call or an acknowledgement came."""
        async with asyncio.timeout(within):
            while not holds():
                self._changed.clear()
                await self._changed.wait()

    def asked(self, method: str) -> list[Json]:
        """Return the arguments of every call of a method."""
        return [arguments for name, arguments, _ in self.calls if name == method]

    async def as_person(self, token: str, method: str, **arguments: Any) -> Json:
        """Call the emulator as somebody else than the bot."""
        assert self._session is not None
        headers = {"Authorization": f"Bearer {token}"}
        async with self._session.post(
            f"{self.upstream}/api/{method}", json=arguments, headers=headers
        ) as answer:
            found: Json = await answer.json()
        assert found.get("ok"), (method, found)
        return found

    async def push(self, envelope: Json) -> Json:
        """Send an envelope through a socket; return its acknowledgement."""
        await self.until(lambda: any(not socket.closed for socket in self.sockets))
        socket = next(socket for socket in self.sockets if not socket.closed)
        await socket.send_json(envelope)
        await self.until(lambda: envelope["envelope_id"] in self.acks)
        return self.acks[envelope["envelope_id"]]

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method, arguments = request.match_info["method"], await _arguments(request)
        if request.transport is not None and request.transport not in self._peers:
            self._peers.add(request.transport)
            self.connections += 1
        self.tokens.add(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if method == "apps.connections.open":
            return self._connect(request)
        drawn = arguments.get("view") if method in _VIEWS else arguments if method in _SHOWING else None
        if drawn is not None and self.judge(drawn):
            return web.json_response({"ok": False, "error": "invalid_blocks"})
        if method == "chat.postMessage" and self._too_soon(arguments["channel"]):
            self.refused += 1
            return web.json_response(
                {"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": "1"}
            )
        answer = await self._pass_on(method, arguments, request.headers.get("Authorization", ""))
        self.calls.append((method, arguments, answer))
        if answer.get("ok"):
            self._keep(method, arguments, answer)
        self._changed.set()
        if method in self.drop and request.transport is not None:
            self.drop.remove(method)
            request.transport.close()
        return web.json_response(answer, headers={"x-oauth-scopes": self._scopes})

    async def _pass_on(self, method: str, arguments: Json, token: str) -> Json:
        assert self._session is not None
        headers = {"Authorization": token}
        url = f"{self.upstream}/api/{method}"
        async with self._session.post(url, json=arguments, headers=headers) as answer:
            found: Json = await answer.json()
        return found if "ok" in found else {"ok": False, "error": "unknown_method"}

    def _keep(self, method: str, arguments: Json, answer: Json) -> None:
        """Put windows on the screen of whoever they were opened for."""
        if method not in _VIEWS:
            return
        view = {**arguments["view"], **{name: answer["view"].get(name) for name in ("id", "hash")}}
        if method == "views.publish":
            self.homes[arguments["user_id"]] = view
        elif method == "views.update":
            for stack in self.windows.values():
                stack[:] = [view if shown["id"] == view["id"] else shown for shown in stack]
        else:
            account = self.triggers[arguments["trigger_id"]]
            self.windows[account] = [view] if method == "views.open" else [*self.windows[account], view]

    def _too_soon(self, channel: str) -> bool:
        now = time.monotonic()
        soon = self.refuse > 0 or now - self._last.get(channel, -1e9) < self.spacing
        self.refuse = max(self.refuse - 1, 0)
        if not soon:
            self._last[channel] = now
        return soon

    async def _consent(self, request: web.Request) -> web.Response:
        """Send a browser on to the emulator's own page."""
        raise web.HTTPFound(f"{self.upstream}{request.rel_url}")

    def _connect(self, request: web.Request) -> web.Response:
        if not request.headers.get("Authorization", "").startswith("Bearer xapp-"):
            return web.json_response({"ok": False, "error": "not_allowed_token_type"})
        url = str(self.server.make_url("/link")).replace("http", "ws", 1)
        return web.json_response({"ok": True, "url": url})

    async def _link(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json(
            {"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A000000001"}}
        )
        self.sockets.append(socket)
        self._changed.set()
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                ack = json.loads(message.data)
                self.acks[ack["envelope_id"]] = ack
                self._changed.set()
        return socket


async def _arguments(request: web.Request) -> Json:
    """Return a call's arguments: the Python client sends some in the address, some as a form."""
    found: Json = dict(request.query)
    if request.content_type == "application/json":
        found |= await request.json()
    elif request.can_read_body:
        found |= dict(await request.post())
    for name in ("blocks", "view", "metadata"):
        if isinstance(found.get(name), str):
            found[name] = json.loads(found[name])
    if "limit" in found:
        found["limit"] = int(found["limit"])
    return found
