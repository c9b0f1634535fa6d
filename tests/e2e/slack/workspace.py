"""A school on Slack: the emulator, its front door, the real service, worker and Slack side, and people."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from msgspec.structs import replace

from adapters.slack.listen import SlackApp, create
from adapters.slack.manifest import SCOPES
from adapters.slack.options import Options
from adapters.slack.rate_limit import Lanes
from bot.config.settings import SAMPLE_SCHOOL
from bot.context import AppContext
from bot.directory import SchoolDirectory
from bot.outbox.worker import Worker
from bot.school_file.load import load_schools
from bot.turns.service import Service
from flows.policy.engine import default_policy
from flows.ports import Store
from flows.school import Platform, School
from storage.open import Opening, open_store
from tests.e2e.slack.emulated import (
    APP_TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    LEADERS,
    PEOPLE,
    SCHOOL,
    SIGNING,
    emulator,
    free_port,
)
from tests.e2e.slack.front import Front
from tests.e2e.slack.line import HttpLine, SocketLine
from tests.e2e.slack.reporting import page
from tests.e2e.slack.screen import BOT_ACCOUNT, BOT_TOKEN, Screen, labels
from tests.fakes import FakeClock
from tests.town import codes


class Workspace:
    """Everything of one run; people by name."""

    def __init__(self, front: Front, team: str, channel: str, school: School) -> None:
        """Keep the outside; the bot is started by :meth:`serving`."""
        self.front, self.team, self.channel, self.school = front, team, channel, school
        self.people: dict[str, Screen] = {}
        self.clock = FakeClock()
        self.url = ""
        self.app: SlackApp
        self.store: Store
        self.worker: Worker

    def __getattr__(self, name: str) -> Screen:
        """Return a person's screen."""
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None

    async def settle(self) -> None:
        """Let everything that is due go out, and what is under way be shown."""
        for _ in range(200):
            done = await self.worker.run_due()
            await self.app.hear.finish(5)
            if not done:
                return
        raise AssertionError("the worker never came to rest")

    async def leader(
        self, who: Screen, label: str, answers: dict[str, Any] | None = None, *, message: Any = None
    ) -> None:
        """Let a leader press a button of the card and, where it opens a form, fill it in."""
        who.windows.clear()
        await self.press(who, label, message or await self.root())
        for _ in range(4):
            if not who.has_window or "submit" not in who.window:
                break
            answer = await who.submit(page(who.window, answers or {}))
            assert answer.get("response_action") != "errors", (label, answer, who.reads_window())
        await self.settle()

    async def press(self, who: Screen, label: str, message: dict[str, Any]) -> None:
        """Press a button of the card, or behind its *More…* where it stands there for this person."""
        there = any(one.startswith(label) for one in labels(message))
        await who.press(message, label if there else "More…", channel=self.channel)
        await self.app.hear.finish(5)
        if not there and who.has_window and any(one.startswith(label) for one in labels(who.window)):
            await who.press_here(label)
            await self.app.hear.finish(5)

    async def root(self) -> dict[str, Any]:
        """Return the case's card in the leadership channel."""
        found = [m for m in await self.people["ash"].messages(self.channel) if m.get("blocks")]
        assert len(found) == 1, f"{len(found)} cards"
        return found[0]


@asynccontextmanager
async def workspace(
    folder: Path,
    *,
    transport: str = "http",
    scopes: Iterable[str] = tuple(SCOPES),
    store: str = "memory:",
    oauth: bool = False,
) -> AsyncIterator[Workspace]:
    """Run a whole school on Slack, over ``http`` or through a ``socket``.

    ``oauth`` = without a token of its own: the workspace has to install the app.
    """
    port = free_port()
    async with (
        outside(folder, port=port, scopes=scopes) as place,
        serving(place, transport=transport, port=port, store=store, oauth=oauth),
    ):
        yield place


@asynccontextmanager
async def outside(
    folder: Path, *, port: int, scopes: Iterable[str] = tuple(SCOPES)
) -> AsyncIterator[Workspace]:
    """Run everything but the bot, which is expected at that port. At the end every payload was sound."""
    events = f"http://127.0.0.1:{port}/slack/events"
    async with emulator(folder, events_url=events, scopes=scopes) as upstream:
        front = Front(upstream, scopes)
        await front.start()
        try:
            yield await _furnish(front)
            assert front.faults == []
        finally:
            await front.stop()


@asynccontextmanager
async def serving(
    place: Workspace, *, transport: str, port: int, store: str, oauth: bool = False, spacing: float = 0.0
) -> AsyncIterator[None]:
    """Run the bot itself: store, service, worker and Slack side."""
    directory = SchoolDirectory({SCHOOL: place.school})
    place.store = await open_store(store, key=bytes(32), opening=Opening.EITHER)
    ids = count(1)
    context = AppContext(
        store=place.store,
        directory=directory,
        clock=place.clock,
        policy=default_policy(),
        chats={},
        new_id=lambda: f"01E2E{next(ids):021d}",
        signing_seed=bytes(32),
        new_code=codes(),
    )
    service = Service(context)
    place.url = f"http://127.0.0.1:{port}"
    options = Options(
        bot_token="" if oauth else BOT_TOKEN,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        base_url=place.url,
        signing_secret=SIGNING,
        app_token=APP_TOKEN if transport == "socket" else "",
        api_url=place.front.api_url,
        # the emulator calls itself by name
        file_origins=(place.front.upstream.replace("127.0.0.1", "localhost"),),
    )
    place.app = create(door=service, directory=directory, store=place.store, options=options)
    place.app.chat.lanes = Lanes(spacing=spacing)
    context.add_chat(place.app.chat)
    place.worker = Worker(context, service)
    site = web.Application()
    place.app.routes(site)
    await place.app.start()
    server = TestServer(site, port=port)
    await server.start_server()
    listening = asyncio.create_task(place.app.run_socket()) if transport == "socket" else None
    line = (
        SocketLine(place.front)
        if transport == "socket"
        else HttpLine(str(server.make_url("/slack/events")), SIGNING)
    )
    for screen in place.people.values():
        screen.line = line
    try:
        yield
    finally:
        await place.app.stop()
        if listening is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await listening
        await server.close()
        await place.store.close()


async def _furnish(front: Front) -> Workspace:
    """Invite the bot, send everybody else out of the leadership channel, and write the school's file."""
    team = (await front.as_person("xoxp-ash", "auth.test"))["team_id"]
    users = (await front.as_person("xoxp-ash", "users.list"))["members"]
    accounts = {u["name"]: u["id"] for u in users}
    channels = await front.as_person("xoxp-ash", "conversations.list", types="private_channel")
    channel = next(c["id"] for c in channels["channels"] if c["name"] == "leadership-cases")
    await front.as_person("xoxp-ash", "conversations.invite", channel=channel, users=BOT_ACCOUNT)
    members = (await front.as_person("xoxp-ash", "conversations.members", channel=channel))["members"]
    keep = {accounts[name] for name in LEADERS} | {BOT_ACCOUNT}
    for member in members:
        if member not in keep:
            await front.as_person("xoxp-ash", "conversations.kick", channel=channel, user=member)
    place = Workspace(front, team, channel, on_slack(team, channel, accounts))
    for name in PEOPLE:
        place.people[name] = Screen(
            name, accounts[name], f"xoxp-{name}", team=team, front=front, line=SocketLine(front)
        )
    return place


def on_slack(team: str, channel: str, accounts: dict[str, str]) -> School:
    """Return the sample school with its people on Slack instead of in the try-out workspace."""
    school = next(iter(load_schools(SAMPLE_SCHOOL).values()))
    people = {
        person.id: replace(
            person,
            email="",
            accounts={Platform.SLACK: accounts[person.id]} if person.id in accounts else {},
        )
        for person in school.people.values()
    }
    return replace(
        school,
        people=people,
        workspaces={Platform.SLACK: team},
        leadership={Platform.SLACK: channel},
        restricted={},
    )
