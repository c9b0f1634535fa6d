"""The only file that names concrete classes: which store, which platforms, which clock.

Each platform is imported only where it is configured; nothing is opened before :func:`running`.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from aiohttp import web
from flows.policy import default_policy

from bot.clock import SystemClock, new_id
from bot.directory import SchoolDirectory, leadership_people, restricted_people
from bot.health import routes as health_routes
from bot.school import load_schools
from bot.service import Service
from bot.settings import Settings
from bot.worker import Worker
from bot.world import World
from flows import lists
from flows.calendar import iso_week
from flows.ports import Clock
from flows.school import Platform, School, SchoolId, Seat
from flows.text import card_text
from storage import open_store


class Running:
    """A started bot: its world, service and worker, and the web application to serve."""

    def __init__(self, world: World, service: Service, worker: Worker, app: web.Application) -> None:
        """Keep the four."""
        self.world = world
        self.service = service
        self.worker = worker
        self.app = app


@asynccontextmanager
async def running(settings: Settings, *, clock: Clock | None = None) -> AsyncIterator[Running]:
    """Open everything the settings ask for; close it in the opposite order. Raises what refuses to start."""
    clock = clock or SystemClock()
    schools = load_schools(settings.school)
    directory = SchoolDirectory(schools)
    policy = default_policy()
    key = settings.sealing_key.reveal() if settings.sealing_key is not None else bytes(32)
    async with AsyncExitStack() as stack:
        store = await open_store(settings.store, key=key)
        stack.push_async_callback(store.close)
        world = World(store=store, directory=directory, clock=clock, policy=policy, chats={}, new_id=new_id)
        service = Service(world)
        worker = Worker(world, service)
        app = web.Application()
        if settings.try_out:
            app = _workspace(settings, world, service, stack)
        health_routes(app, world)
        yield Running(world, service, worker, app)


def _workspace(settings: Settings, world: World, service: Service, stack: AsyncExitStack) -> web.Application:
    """Add the try-out workspace: its messages lie beside the store."""
    from adapters.web.listen import create_app  # noqa: PLC0415 - only where it is configured
    from adapters.web.send import WebChat  # noqa: PLC0415

    kind, _, place = settings.store.partition(":")
    path = Path(place).with_suffix(".workspace.db") if kind == "tinydb" else ":memory:"
    chat = WebChat(path, members=_members(world), clock=world.clock)
    stack.callback(chat.close)
    world.add_chat(chat)
    return create_app(
        door=service,
        chat=chat,
        directory=world.directory,
        clock=world.clock,
        password=settings.password.reveal() if settings.password else None,
        allow_remote=settings.open_to_others,
    )


def _members(world: World) -> Callable[[str], frozenset[str]]:
    """Return who is in a channel of the workspace: as the school's file says."""

    def members(address: str) -> frozenset[str]:
        found: set[str] = set()
        for school in world.directory.schools.values():
            people = leadership_people(school) if school.leadership.get(Platform.WEB) == address else ()
            found |= {school.people[p].accounts.get(Platform.WEB, "") for p in people}
            for seat, places in school.restricted.items():
                if places.get(Platform.WEB) == address:
                    found |= _accounts(school, seat)
        return frozenset(found - {""})

    return members


def _accounts(school: School, seat: Seat) -> set[str]:
    return {school.people[p].accounts.get(Platform.WEB, "") for p in restricted_people(school, seat)}


async def try_out(settings: Settings) -> None:
    """Run the try-out until it is stopped. Prints the address."""
    await serve(settings)


async def serve(settings: Settings) -> None:
    """Run until SIGINT or SIGTERM; then stop taking requests, finish what is under way, and close."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows has no signal handlers here
            loop.add_signal_handler(number, stop.set)
    async with running(settings) as bot:
        runner = web.AppRunner(bot.app, access_log=None, shutdown_timeout=10.0)
        await runner.setup()
        try:
            site = web.TCPSite(runner, settings.host, settings.port)
            await site.start()
            print(f"Ready: http://{settings.host}:{settings.port}/", flush=True)  # noqa: T201 - says where
            working = asyncio.create_task(bot.worker.run())
            await asyncio.wait(
                {working, asyncio.create_task(stop.wait())}, return_when=asyncio.FIRST_COMPLETED
            )
            bot.worker.stop()
            await working
        finally:
            await runner.cleanup()


async def list_cases(settings: Settings, school: str = "") -> str:
    """Return a school's open cases as text, for its administrator: counts and states, no contents."""
    async with running(settings) as bot:
        chosen = _school(bot.world, school)
        rows = await bot.world.store.cases(chosen.id)
        return card_text(lists.digest(rows, chosen, bot.world.now(), iso_week(bot.world.now(), chosen)))


async def show_digest(settings: Settings, school: str = "") -> str:
    """Return this week's digest as text, as the leadership channel would see it."""
    async with running(settings) as bot:
        chosen = _school(bot.world, school)
        now = bot.world.now()
        rows = await bot.world.store.cases(chosen.id, since=lists.week_before(now))
        seen = [row for row in rows if not row.restricted]
        return card_text(lists.digest(seen, chosen, now, iso_week(now, chosen)))


def _school(world: World, wanted: str) -> School:
    schools = world.directory.schools
    if wanted:
        return schools[SchoolId(wanted)]
    return next(iter(schools.values()))
