"""Socket Mode against a socket of our own: hears, acknowledges after the commit, stops, notices death."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import WSMsgType, web

from adapters.slack.listen import SlackApp, create
from adapters.slack.options import Options
from adapters.slack.rate_limit import Lanes
from adapters.slack.socket import DEAD_AFTER, Socket
from flows.errors import Permanent, Retryable
from tests.slack import payloads as p
from tests.slack.bench import APP, BOT, Door, Everybody
from tests.slack.fake_api import FakeSlack
from tests.slack.records import Records


class Line:
    """Slack's end of a Socket Mode connection."""

    def __init__(self) -> None:
        self.socket: web.WebSocketResponse | None = None
        self.acks: list[p.Json] = []
        self.connected = asyncio.Event()
        self.acked = asyncio.Event()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Greet, then collect acknowledgements."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A0"}})
        self.socket = socket
        self.connected.set()
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.acks.append(json.loads(message.data))
                self.acked.set()
        return socket

    async def push(self, kind: str, payload: p.Json, *, name: str, **rest: Any) -> None:
        """Send an envelope."""
        async with asyncio.timeout(5):
            await self.connected.wait()
        assert self.socket is not None
        envelope = {"type": kind, "envelope_id": name, "payload": payload, "accepts_response_payload": True}
        await self.socket.send_json({**envelope, **rest})

    async def until(self, count: int) -> list[p.Json]:
        """Wait for so many acknowledgements."""
        async with asyncio.timeout(5):
            while len(self.acks) < count:
                self.acked.clear()
                await self.acked.wait()
        return self.acks


class Room:
    """A Slack side listening through Socket Mode."""

    def __init__(self, slack: FakeSlack, line: Line, door: Door, app: SlackApp) -> None:
        self.slack, self.line, self.door, self.app = slack, line, door, app


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    """Yield a Slack side connected through a socket."""
    slack, line, door = FakeSlack(), Line(), Door()
    slack.server.app.router.add_get("/link", line.serve)
    api = await slack.start()
    options = Options(bot_token=BOT, app_token=APP, api_url=api)
    app = create(door=door, directory=Everybody(), store=Records(), options=options)
    app.chat.lanes = Lanes(spacing=0)
    await app.start()
    running = asyncio.create_task(app.run_socket())
    async with asyncio.timeout(5):
        await line.connected.wait()
    yield Room(slack, line, door, app)
    await app.stop()
    await running
    await slack.server.close()


async def test_a_command_through_the_socket(room: Room) -> None:
    """The same command, the same window; acknowledged by envelope id."""
    await room.line.push("slash_commands", p.command("words"), name="e1")
    assert (await room.line.until(1))[0]["envelope_id"] == "e1"
    assert len(room.door.seen) == 1
    assert await room.slack.until("views.open")


@pytest.mark.feature("no-public-address")
async def test_a_page_through_the_socket(room: Room) -> None:
    """A submitted window is answered in the acknowledgement."""
    from tests.slack.bench import submitted  # noqa: PLC0415 - used once

    await room.line.push("interactive", submitted(), name="e1")
    (ack,) = await room.line.until(1)
    assert ack["payload"]["response_action"] == "update"


@pytest.mark.feature("nothing-typed-is-lost")
async def test_nothing_is_acknowledged_before_it_is_kept(room: Room) -> None:
    """While the door is at work there is no acknowledgement; where it fails there is none at all."""
    room.door.wait = asyncio.Event()
    await room.line.push("events_api", p.event(p.said("one"), name="Ev1"), name="e1")
    await room.door.until(1)
    assert room.line.acks == []
    room.door.wait.set()
    await room.line.until(1)
    room.door.broken = True
    await room.line.push("events_api", p.event(p.said("two"), name="Ev2"), name="e2")
    await room.door.until(2)
    room.door.broken = False
    retry = {"retry_attempt": 1, "retry_reason": "timeout"}
    await room.line.push("events_api", p.event(p.said("two"), name="Ev2"), name="e3", **retry)
    assert [a["envelope_id"] for a in await room.line.until(2)] == ["e1", "e3"]


async def test_a_repeated_envelope_changes_nothing(room: Room) -> None:
    """The same event through the socket twice: acknowledged twice, heard once."""
    for name in ("e1", "e2"):
        await room.line.push("events_api", p.event(p.said("one"), name="Ev1"), name=name)
        await room.line.until(1 if name == "e1" else 2)
    assert len(room.door.seen) == 1


async def test_an_unknown_envelope_is_acknowledged(room: Room) -> None:
    """An event nobody asked for is not delivered again and again."""
    await room.line.push("events_api", p.event({"type": "invented"}), name="e1")
    assert await room.line.until(1)
    assert room.door.seen == []


async def test_stop_finishes_and_acknowledges(room: Room) -> None:
    """Stopped in the middle: what had come is kept and acknowledged, what comes later is not taken."""
    room.door.wait = asyncio.Event()
    await room.line.push("events_api", p.event(p.said("one"), name="Ev1"), name="e1")
    await room.door.until(1)
    stopping = asyncio.create_task(room.app.stop())
    await asyncio.sleep(0)
    await room.line.push("events_api", p.event(p.said("late"), name="Ev2"), name="e2")
    room.door.wait.set()
    await stopping
    assert [a["envelope_id"] for a in room.line.acks] == ["e1"]
    assert len(room.door.seen) == 1


async def test_a_refused_app_token_ends_at_once(room: Room) -> None:
    """The library would try a wrong token for ever; we say so and end."""
    room.slack.fail["apps.connections.open"] = ["invalid_auth"]
    with pytest.raises(Permanent) as refused:
        await Socket(room.app.bolt, room.app.chat.web, APP).run()
    assert refused.value.reference == "slack-invalid-auth"


async def test_a_dead_connection_is_given_up(room: Room) -> None:
    """No answered ping for two minutes: the watchdog gives up what the library would call connected."""
    now = [1_000_000_000_000.0]  # far after every ping the library saw
    dead = Socket(room.app.bolt, room.app.chat.web, APP, clock=lambda: now[0], look_every=0.001)
    room.line.connected.clear()
    running = asyncio.create_task(dead.run())
    async with asyncio.timeout(5):
        await room.line.connected.wait()
    now[0] += DEAD_AFTER + 1
    with pytest.raises(Retryable) as ended:
        await running
    assert ended.value.reference == "slack-socket-dead"
    await dead.close()


async def test_a_failed_connection_is_made_anew(room: Room) -> None:
    """Where Slack fails while we connect, a fresh client tries again; stopping ends it at once."""
    app = room.app
    room.slack.fail["apps.connections.open"] = ["internal_error"]
    again = create(
        door=room.door,
        directory=Everybody(),
        store=Records(),
        options=Options(bot_token=BOT, app_token=APP, api_url=app.chat.web.api_url),
    )
    running = asyncio.create_task(again.run_socket())
    await room.slack.until("apps.connections.open", 2)
    await again.stop()
    await running


async def test_socket_mode_opens_no_door_over_http(room: Room) -> None:
    """Without a signing secret there is no HTTP route: nobody could tell whose requests they are."""
    site = web.Application()
    room.app.routes(site)
    assert [route.resource.canonical for route in site.router.routes() if route.resource] == []
