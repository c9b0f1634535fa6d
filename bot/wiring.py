"""The only file that names concrete classes: which store, which platforms, which clock.

Each platform is imported only where it is configured; nothing is opened before :func:`running`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.clock import SystemClock, new_id
from bot.config.settings import (
    EmailSettings,
    Secret,
    Settings,
    SlackSettings,
    TeamsSettings,
    bounces_folder,
    is_loopback,
    key_of,
    workspace_file,
)
from bot.context import AppContext
from bot.directory import SchoolDirectory, in_place
from bot.monitoring.health import routes as health_routes
from bot.outbox.came_back import CameBack
from bot.outbox.places import Others
from bot.outbox.worker import Worker
from bot.rehearsal.press_links import PressLinks
from bot.rosters import take_rosters
from bot.school_file.kept_policies import keep, keep_in
from bot.school_file.load import load_schools
from bot.school_file.own_policy import beside, load_policies
from bot.school_file.same_people import remember
from bot.seat_page.seat_links import SeatLinks
from bot.turns.handover import hand_over
from bot.turns.service import Service
from flows.errors import StoreError
from flows.ports import Clock, Door, Store
from flows.school import Platform
from storage.open import Opening, open_store
from storage.seal import Sealer, signing_seed

Run = Callable[[], Coroutine[Any, Any, None]]

if TYPE_CHECKING:  # importing a platform takes time: only where it is configured
    from adapters.email.listen import EmailApp
    from adapters.slack.listen import SlackApp
    from adapters.slack.options import Options
    from adapters.teams.listen import TeamsApp


class Part(Enum):
    """What one process does of the whole; of a store that is shared there may be any number of each."""

    ALL = "everything"
    WEB = "what comes in"
    WORKER = "what goes out, and what has a time"


class Running:
    """A started bot: its context, service and worker, the web application, and what else must run."""

    def __init__(self, context: AppContext, directory: SchoolDirectory) -> None:
        """Begin with the context; platforms add their routes, and what they run beside them."""
        self.context = context
        self.directory = directory
        self.service = Service(context)
        self.door: Door = self.service
        self.worker = Worker(context, self.service)
        self.app = web.Application()
        #: what runs in every process; what takes in what comes; what works
        self.beside: list[Run] = [context.store.watch]
        self.in_front: list[Run] = []
        self.behind: list[Run] = [self.worker.places.run, self.service.overview.subject.shelf.run]
        self.handed_over: list[str] = []
        self.others = Others(context, self.worker.places.hurry)
        if context.store.shared:
            self.beside.append(self.others.listen)
            self.in_front.append(self.worker.places.watch)

    def of(self, part: Part) -> list[Run]:
        """Return what runs in a process that does this part."""
        front = self.in_front if part is not Part.WORKER else []
        behind = self.behind if part is not Part.WEB else []
        return [*self.beside, *front, *behind]


@asynccontextmanager
async def running(
    settings: Settings,
    *,
    clock: Clock | None = None,
    speaking: bool = True,
    opening: Opening | None = None,
    part: Part = Part.ALL,
) -> AsyncIterator[Running]:
    """Open everything the settings ask for; close it in the opposite order. Raises what refuses to start.

    ``speaking`` False = only look into the store, also beside a bot that runs: no platform is started.
    ``opening`` = how the store is opened, if not as is usual: it must be there, save for trying out.
    """
    directory = SchoolDirectory(load_schools(settings.school))
    key = key_of(settings)
    async with AsyncExitStack() as stack:
        store = await _store(settings, key, opening or (Opening.THERE if speaking else Opening.LOOK))
        stack.push_async_callback(store.close)
        if speaking:
            await _remembered(settings, store, directory)
        context = AppContext(
            store=store,
            directory=directory,
            clock=clock or SystemClock(),
            policies=load_policies(settings.school, directory.schools),
            chats={},
            new_id=new_id,
            digest=settings.digest,
            signing_seed=signing_seed(store.root),
            no_takes=0.05,
        )
        bot = Running(context, directory)
        overtaken = await take_rosters(context)
        if speaking:
            await _speak(settings, bot, stack)
        health_routes(bot.app, context)
        if speaking and part is not Part.WEB:
            bot.handed_over = [*overtaken, *await hand_over(context, bot.service.casework)]
        yield bot


async def _remembered(settings: Settings, store: Store, directory: SchoolDirectory) -> None:
    """See that people and policies are those that were known by these names before."""
    await remember(store, directory.schools)
    keep(settings.store, beside(settings.school), directory.schools.values())
    if store.shared:
        await keep_in(store, beside(settings.school), directory.schools.values())


async def _speak(settings: Settings, bot: Running, stack: AsyncExitStack) -> None:
    """Add what is configured. E-mail is the last: whoever is in a chat is told there first."""
    root = bot.context.store.root
    if settings.try_out:
        _workspace(settings, bot, stack, Sealer(root))
    if settings.slack is not None:
        await add_slack(settings.slack, bot, stack)
    if settings.teams is not None:
        await add_teams(settings, settings.teams, bot, stack)
    if settings.email is not None:
        add_email(settings, settings.email, bot)
        add_seat_pages(settings, bot, root)


async def _store(settings: Settings, key: bytes, opening: Opening) -> Store:
    """Open the store; in a try-out it is made where there is none, whatever for."""
    try:
        return await open_store(settings.store, key=key, opening=opening)
    except StoreError as error:
        if settings.try_out and error.reference == "no-store":
            return await open_store(settings.store, key=key, opening=Opening.EITHER)
        raise


def slack_options(slack: SlackSettings) -> Options:
    """Return the Slack side's options from the settings."""
    from adapters.slack.options import Options  # noqa: PLC0415 - only where it is configured

    return Options(
        bot_token=_revealed(slack.bot_token),
        signing_secret=_revealed(slack.signing_secret),
        app_token=_revealed(slack.app_token),
        client_id=slack.client_id,
        client_secret=_revealed(slack.client_secret),
        api_url=slack.api_url,
        base_url=slack.base_url,
    )


async def add_slack(settings: SlackSettings, bot: Running, stack: AsyncExitStack) -> SlackApp:
    """Add Slack: its routes, or its socket beside them."""
    from adapters.slack import listen  # noqa: PLC0415 - only where it is configured

    context = bot.context
    slack = listen.create(
        door=bot.service, directory=context.directory, store=context.store, options=slack_options(settings)
    )
    context.add_chat(slack.chat)
    slack.chat.changed, slack.chat.added = bot.others.place_changed, context.listener(Platform.SLACK)
    bot.others.forget.append(slack.chat.memberships.forget_all)
    context.links.add(Platform.SLACK, slack.link.answers)
    slack.routes(bot.app)
    bot.directory.look_up(Platform.SLACK, slack.staff_accounts)
    stack.push_async_callback(slack.stop)
    await slack.start()
    if settings.app_token is not None:
        bot.in_front.append(slack.run_socket)
    return slack


async def add_teams(settings: Settings, own: TeamsSettings, bot: Running, stack: AsyncExitStack) -> TeamsApp:
    """Add Teams: its one route."""
    from adapters.teams import listen  # noqa: PLC0415 - importing its kit takes half a second

    context = bot.context
    teams = listen.create(
        door=bot.door,
        directory=context.directory,
        store=context.store,
        clock=context.clock,
        app_id=own.app_id,
        secret=_revealed(own.app_password),
        tenant=own.tenant_id,
        dev=own.dev,
        loopback=settings.on_this_computer,
    )
    context.add_chat(teams.chat)
    teams.chat.changed, teams.chat.added = bot.others.place_changed, context.listener(Platform.TEAMS)
    bot.others.forget.append(teams.chat.forget_places)
    bot.directory.look_up(Platform.TEAMS, teams.staff_accounts)
    context.links.add(Platform.TEAMS, teams.link.answers)
    teams.routes(bot.app)
    await teams.start()
    stack.push_async_callback(teams.stop)
    return teams


def add_email(settings: Settings, own: EmailSettings, bot: Running) -> EmailApp:
    """Add e-mail: what goes out, and what comes back."""
    from adapters.email.listen import EmailApp  # noqa: PLC0415 - only where it is configured
    from adapters.email.options import Options  # noqa: PLC0415 - likewise

    context = bot.context
    options = Options(
        host=own.host,
        port=own.port,
        at_once=own.at_once,
        private=is_loopback(own.host),
        user=own.user,
        password=_revealed(own.password),
        sender=own.sender,
        bounces=own.bounces,
        reply_to=own.reply_to,
        ca_file=own.ca_file,
    )
    app = EmailApp(
        options=options, store=context.store, clock=context.clock, folder=bounces_folder(settings.store)
    )
    context.add_chat(app.chat)
    context.links.add(Platform.EMAIL, app.link.answers)
    app.came_back = CameBack(context, bot.worker.delivery.after).heard
    bot.behind += [app.run, app.clear]
    return app


def add_seat_pages(settings: Settings, bot: Running, key: bytes) -> None:
    """Add the pages behind the links of e-mails, where we are told by which address they are reached."""
    from adapters.web.rehearsal_page import rehearsal_page  # noqa: PLC0415 - only where it is configured
    from adapters.web.seat_page import seat_pages  # noqa: PLC0415 - only where it is configured

    address = settings.address or (f"http://{settings.host}:{settings.port}" if settings.try_out else "")
    if not address:
        return
    context = bot.context
    presses = PressLinks(context, secret=key, address=address)
    links = context.pages = SeatLinks(context, secret=key, address=address, press_at=presses.link_to)
    kept, clock, secure = context.store, context.clock, address.startswith("https://")
    pages = seat_pages(door=bot.service, links=links, records=kept, clock=clock, secure=secure)
    bot.app.add_subapp("/c", pages)
    bot.app.add_subapp("/r", rehearsal_page(presses=presses, records=kept, clock=clock))
    bot.behind.append(links.run)


def _revealed(secret: Secret[str] | None) -> str:
    return secret.reveal() if secret is not None else ""


def _workspace(settings: Settings, bot: Running, stack: AsyncExitStack, sealer: Sealer) -> None:
    """Begin with the try-out workspace: its guard stands before every route."""
    from adapters.web.listen import create_app  # noqa: PLC0415 - only where it is configured
    from adapters.web.send import WebChat  # noqa: PLC0415 - likewise

    context = bot.context
    kind, _, place = settings.store.partition(":")
    path = workspace_file(Path(place)) if kind == "tinydb" else ":memory:"
    chat = WebChat(path, members=partial(in_place, bot.directory), clock=context.clock, sealer=sealer)
    stack.callback(chat.close)
    context.add_chat(chat)
    bot.app = create_app(
        door=bot.service,
        chat=chat,
        directory=context.directory,
        clock=context.clock,
        password=_revealed(settings.password) or None,
        allow_remote=settings.open_to_others,
    )
