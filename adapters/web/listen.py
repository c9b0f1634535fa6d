"""The workspace's routes: read what was posted, hand it to the door, show what came back.

Knows HTTP and nothing of reports. Every POST answers with a redirect to the page it came from, so the
pages work without script; the script only spares the reload.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from aiohttp import web
from aiohttp_sse import EventSourceResponse, sse_response

from adapters.web import limits, parse
from adapters.web.deliver import Delivery, Verb, surface
from adapters.web.guard import Guard, Keys, file_of, html
from adapters.web.manifest import manifest
from adapters.web.pages import Pages
from adapters.web.panes import Pane, Panes
from adapters.web.reading import Sent, read
from adapters.web.rooms import DIRECT, Room, people, rooms
from adapters.web.send import WebChat
from flows.errors import StoreError
from flows.ports import Clock, Directory, Door

#: Begins set-up for a real school, where the try-out offers it: opens its own address, and never here.
SET_UP: web.AppKey[Callable[[], Awaitable[None]]] = web.AppKey("set_up")


def create_app(
    *,
    door: Door,
    chat: WebChat,
    directory: Directory,
    clock: Clock,
    password: str | None = None,
    allow_remote: bool = False,
) -> web.Application:
    """Return the workspace as an application. Raises SettingsError if it would stand open to others."""
    guard = Guard(clock=clock, password=password, allow_remote=allow_remote)
    app = web.Application(middlewares=[guard.middleware], client_max_size=limits.REQUEST_BYTES)
    workspace = Workspace(door, chat, directory, clock)
    app.add_routes(
        [
            web.get("/", workspace.choose),
            web.post("/set-up", workspace.set_up),
            web.get("/enter", guard.ask),
            web.post("/enter", guard.enter),
            web.get("/manifest.webmanifest", workspace.manifest),
            web.get("/w/{account}", workspace.home),
            web.get("/w/{account}/events", workspace.events),
            web.get("/w/{account}/evidence/{case}/{sha256}", workspace.evidence),
            web.get("/w/{account}/figures/{asked}/{what}", workspace.figures),
            web.get("/w/{account}/{place}", workspace.show),
            web.post("/w/{account}/press", workspace.press),
            web.post("/w/{account}/fill", workspace.fill),
            web.post("/w/{account}/upload", workspace.upload),
            web.post("/w/{account}/type", workspace.type),
            web.post("/w/{account}/note", workspace.note),
            web.post("/w/{account}/command", workspace.command),
            web.post("/w/{account}/keep", workspace.keep),
            web.post("/w/{account}/dismiss", workspace.dismiss),
            web.static("/static", Path(__file__).parent / "static"),
        ]
    )
    app.on_shutdown.append(workspace.end_streams)
    return app


class Workspace:
    """The routes' methods, and the little they share."""

    def __init__(self, door: Door, chat: WebChat, directory: Directory, clock: Clock) -> None:
        self._door = door
        self._chat = chat
        self._directory = directory
        self._keys = Keys(chat.secret())
        self._panes = Panes(int(clock.now().timestamp()))
        self._pages = Pages(chat, directory, self._panes, self._keys)
        self._delivery = Delivery(door, chat, self._panes, clock)
        self._streams: set[EventSourceResponse] = set()
        self._ending = False

    # -- pages -------------------------------------------------------------------------------------

    async def choose(self, request: web.Request) -> web.Response:
        """Show who one can be."""
        return html(self._pages.chooser(set_up=SET_UP in request.app))

    async def set_up(self, request: web.Request) -> web.Response:
        """Begin set-up, and say where it is: in a window of its own, for whoever started the program."""
        if SET_UP not in request.app:
            raise web.HTTPNotFound
        await request.app[SET_UP]()
        return html(self._pages.set_up())

    async def manifest(self, _request: web.Request) -> web.Response:
        """Say what this is, for a home screen."""
        return web.json_response(manifest(), content_type="application/manifest+json")

    async def home(self, request: web.Request) -> web.Response:
        """Go to the conversation with the bot."""
        account = self._account(request)
        return _see(account, DIRECT, self._panes.of(account, DIRECT))

    async def show(self, request: web.Request) -> web.Response:
        """Show one conversation; ``page`` in its address is the page of the report that was open there."""
        account = self._account(request)
        room = self._room(account, request.match_info["place"])
        await self._delivery.go_back(account, room, self._keys.mint(account), request.query.get("page", ""))
        return html(self._pages.conversation(account, room))

    async def evidence(self, request: web.Request) -> web.Response:
        """Give a file of a case to somebody who may read it; the door decides, and logs it."""
        account = self._account(request)
        found = await self._door.evidence(
            parse.actor(account), request.match_info["case"], request.match_info["sha256"]
        )
        if found is None:
            raise web.HTTPNotFound
        return file_of(*found)

    async def figures(self, request: web.Request) -> web.Response:
        """Give the figures of a term as a file to be saved; the door decides, and logs it."""
        account, asked = self._account(request), request.match_info
        found = await self._door.figures(parse.actor(account), f"{asked['asked']} {asked['what']}")
        if found is None:
            raise web.HTTPNotFound
        name, media_type, content = found
        saved = {"Content-Disposition": f'attachment; filename="{quote(name)}"', "Content-Type": media_type}
        return web.Response(body=content, headers=saved)

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Say, as it happens, which of this person's conversations changed."""
        account = self._account(request)
        if len(self._streams) >= limits.STREAMS:
            raise web.HTTPServiceUnavailable
        with self._chat.listening() as changed, suppress(ConnectionError):
            async with sse_response(request) as stream:
                self._streams.add(stream)
                try:
                    await stream.send("", event="ready")
                    while stream.is_connected() and not self._ending:
                        await self._pass_on(account, changed, stream)
                finally:
                    self._streams.discard(stream)
        return stream

    async def _pass_on(self, account: str, changed: asyncio.Queue[str], stream: EventSourceResponse) -> None:
        """Send one change; come back now and then without one, to notice a window that is gone."""
        with suppress(TimeoutError):
            async with asyncio.timeout(limits.LISTEN_SECONDS):
                place = await changed.get()
            slug = next((room.slug for room in self._rooms(account) if room.place == place), "")
            if slug:
                await stream.send(slug, event="changed")

    async def end_streams(self, _app: web.Application) -> None:
        """Close every stream, so that the program can stop at once."""
        self._ending = True
        self._chat.tell("")
        for stream in list(self._streams):
            stream.stop_streaming()

    # -- what people do ----------------------------------------------------------------------------

    async def press(self, request: web.Request) -> web.Response:
        """Take a press of a button."""
        return await self._do(
            request,
            lambda account, room, key, sent: parse.pressed(account, key, sent.pairs, surface=surface(room)),
        )

    async def type(self, request: web.Request) -> web.Response:
        """Take words typed in the box at the foot."""
        return await self._do(
            request, lambda account, _, key, sent: parse.typed(account, key, parse.first(sent.pairs, "text"))
        )

    async def command(self, request: web.Request) -> web.Response:
        """Take a command's button."""
        return await self._do(request, lambda account, _, key, sent: parse.asked(account, key, sent.pairs))

    async def note(self, request: web.Request) -> web.Response:
        """Take words written in a case's thread."""
        return await self._do(
            request,
            lambda account, room, key, sent: parse.noted(
                account,
                key,
                channel=room.place,
                thread=parse.first(sent.pairs, "thread"),
                text=parse.first(sent.pairs, "text"),
            ),
        )

    async def fill(self, request: web.Request) -> web.Response:
        """Take a form; its files go ahead of it."""
        return await self._do(
            request,
            lambda account, room, key, sent: parse.filled(account, key, sent.pairs, surface=surface(room)),
        )

    async def upload(self, request: web.Request) -> web.Response:
        """Take only the files of a form; what was typed beside them stays in it."""
        return await self._do(
            request,
            lambda account, _, key, sent: parse.uploaded(account, key, sent.pairs, sent.files),
            sends=False,
        )

    async def dismiss(self, request: web.Request) -> web.Response:
        """Put away what was shown in a conversation."""
        account = self._account(request)
        sent = await read(request)
        room = self._room(account, parse.first(sent.pairs, "place"))
        pane = self._panes.of(account, room.slug)
        pane.dismiss()
        self._chat.tell(f"@{account}")
        return _see(account, room.slug, pane)

    async def keep(self, request: web.Request) -> web.Response:
        """Keep what somebody is writing; nothing is answered and nothing shown."""
        account, room, _, sent = await self._posted(request)
        self._delivery.write(account, room, sent)
        return web.Response(status=204)

    async def _do(self, request: web.Request, verb: Verb, *, sends: bool = True) -> web.Response:
        """Turn a post into an inbound, hand it in, and go back to the page; 503 if it was not kept."""
        account, room, key, sent = await self._posted(request)
        try:
            await self._delivery.take(account, room, key, sent, verb, sends=sends)
        except StoreError:
            return html(self._pages.conversation(account, room, unsaved=key), status=503)
        return _see(account, room.slug, self._panes.of(account, room.slug), parse.first(sent.pairs, "thread"))

    async def _posted(self, request: web.Request) -> tuple[str, Room, str, Sent]:
        """Return whose page posted, where, under which key, and what."""
        account = self._account(request)
        async with asyncio.timeout(limits.BODY_SECONDS):
            sent = await read(request)
        room = self._room(account, parse.first(sent.pairs, "place"))
        key = parse.first(sent.pairs, "key")
        if not self._keys.good(account, key):
            raise web.HTTPForbidden
        return account, room, key, sent

    # -- who and where -----------------------------------------------------------------------------

    def _account(self, request: web.Request) -> str:
        account = request.match_info["account"]
        if all(one.account != account for one in people(self._directory)):
            raise web.HTTPNotFound
        return account

    def _rooms(self, account: str) -> list[Room]:
        return rooms(self._directory, self._chat, account)

    def _room(self, account: str, slug: str) -> Room:
        room = next((room for room in self._rooms(account) if room.slug == slug), None)
        if room is None:
            raise web.HTTPNotFound
        return room


def _see(account: str, slug: str, pane: Pane, thread: str = "") -> web.Response:
    """Return a redirect to where something changed in a conversation; each form has its own address."""
    at = f"t-{thread}" if thread.isdigit() else "now"
    if pane.errors and not thread:
        at = f"f-{quote(pane.form_id)}-{quote(pane.errors[0])}"
    page = f"?page={quote(pane.form_id, safe='')}" if pane.form_id else ""
    return web.Response(status=303, headers={"Location": f"/w/{account}/{slug}{page}#{at}"})
