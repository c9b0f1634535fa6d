"""The page behind a link of an e-mail: a code, then one case as in chat, for whoever holds the seat.

Knows HTTP, panes and the door. A GET shows and does nothing: mail scanners follow links. Without script it is
whole; the script takes everything off the screen when nobody is there any more.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from pathlib import Path

from aiohttp import web
from msgspec.structs import replace

from adapters.web import limits, parse
from adapters.web.guard import file_of, html
from adapters.web.reading import Sent, read
from adapters.web.render import Desk, page, refilled
from adapters.web.seat_guard import Posts, Session, Sessions, middleware, trouble
from adapters.web.seat_view import about, case_page, only
from flows.errors import InvalidAnswer, StoreError
from flows.model import Action
from flows.ports import Clock, Door
from flows.records import Records
from flows.seat_page import Seated, SeatLinks
from flows.ui.cards import Card
from flows.ui.forms import Form
from flows.ui.inbound import Asked, Filled, Pressed, Receipt, Refuse, Reply, Show, Surface
from flows.ui.intents import Act, ChatCommand
from flows.ui.plain_text import card_text
from flows.words import say


def seat_pages(
    *,
    door: Door,
    links: SeatLinks,
    records: Records,
    clock: Clock,
    secure: bool,
    floor: float = limits.SEAT_FLOOR_SECONDS,
) -> web.Application:
    """Return the pages, to stand under ``/c``. ``secure`` = they are reached by https."""
    sessions = Sessions(records, clock, secure=secure)
    pages = SeatPages(door, links, clock, sessions, Posts(records, clock, name="c"), floor=floor)
    app = web.Application(middlewares=[middleware], client_max_size=limits.SEAT_BYTES)
    app.add_routes(
        [
            web.static("/static", Path(__file__).parent / "static"),
            web.get("/{token}", pages.show),
            web.post("/{token}", pages.enter),
            web.post("/{token}/press", pages.press),
            web.post("/{token}/fill", pages.fill),
            web.post("/{token}/back", pages.back),
            web.post("/{token}/still", pages.still),
            web.post("/{token}/leave", pages.leave),
            web.get("/{token}/evidence/{case}/{sha256}", pages.evidence),
        ]
    )
    return app


class SeatPages:
    """The routes' methods, and the little they share."""

    def __init__(
        self, door: Door, links: SeatLinks, clock: Clock, sessions: Sessions, posts: Posts, *, floor: float
    ) -> None:
        self._door = door
        self._links = links
        self._clock = clock
        self._sessions = sessions
        self._posts = posts
        self._floor = floor

    # -- before anything is shown -------------------------------------------------------------------

    async def show(self, request: web.Request) -> web.Response:
        """Show the case to whoever is in; to anybody else the page that asks for nothing yet."""
        token = request.match_info["token"]
        session = await self._session(request, token)
        if session is None:
            return html(page("seat_ask"))
        await self._sessions.touch(session)
        return await self._case(token, session)

    async def enter(self, request: web.Request) -> web.Response:
        """Send a code, or take one. Whatever the link is, it reads and takes the same."""
        token, begun = request.match_info["token"], asyncio.get_running_loop().time()
        if await self._posts.too_many(request):
            return html(page("seat_code", wrong=say("seat_page.too_many")), status=429)
        pairs = (await self._read(request, limits.CODE_BYTES)).pairs
        if await self._session(request, token) is not None:
            return _see(token)
        if all(name != "code" for name, _ in pairs):
            await self._links.send_code(token)
            await self._rest(begun)
            return html(page("seat_code", wrong=""))
        seated = await self._links.open(token, parse.first(pairs, "code"))
        await self._rest(begun)
        if seated is None:
            return html(page("seat_code", wrong=say("seat_page.wrong")), status=403)
        response = _see(token)
        await self._sessions.begin(token, seated, response)
        await self._door.handle(self._open_record(seated))
        return response

    async def _rest(self, begun: float) -> None:
        """Wait until the answer has taken as long as every answer does."""
        await asyncio.sleep(max(0.0, begun + self._floor - asyncio.get_running_loop().time()))

    # -- what is shown ------------------------------------------------------------------------------

    async def _case(
        self, token: str, session: Session, *, unsaved: str = "", status: int = 200
    ) -> web.Response:
        """Show the case as it is now, below what was answered last; while a form is filled in, that alone."""
        seated, pane = session.seated, session.pane
        below = () if isinstance(pane.view, Form) else await self._below(session)
        if below is None:
            await self._sessions.end(session)
            return html(page("seat_ask"))
        desk = Desk(account="", place="", mint=lambda: session.keys.mint(token), root=f"/c/{token}")
        return html(case_page(seated, pane, below, desk, unsaved=unsaved), status=status)

    async def _below(self, session: Session) -> tuple[Card, ...] | None:
        """Return the case's card and its record; None = they may not be shown any more."""
        seated = session.seated
        asked = Asked(
            key=self._key(), actor=seated.actor, command=ChatCommand.CASE, argument=seated.reference
        )
        cards = []
        for inbound in (asked, self._open_record(seated)):
            reply = await self._door.handle(inbound)
            if not isinstance(reply, Show) or not isinstance(reply.view, Card):
                return None
            cards.append(only(reply.view, seated.case))
        return tuple(cards)

    def _open_record(self, seated: Seated) -> Pressed:
        intent = Act(case=seated.case, action=Action.OPEN_RECORD, version=0)
        return Pressed(key=self._key(), actor=seated.actor, intent=intent)

    async def evidence(self, request: web.Request) -> web.Response:
        """Give a file of the case; the door decides, and logs it."""
        session = await self._in(request)
        case = request.match_info["case"]
        if case != session.seated.case:
            raise web.HTTPNotFound
        found = await self._door.evidence(session.seated.actor, case, request.match_info["sha256"])
        if found is None:
            raise web.HTTPNotFound
        return file_of(*found)

    # -- what somebody does -------------------------------------------------------------------------

    async def press(self, request: web.Request) -> web.Response:
        """Take a press of a button."""
        return await self._do(
            request, lambda key, sent: parse.pressed("", key, sent.pairs, surface=Surface.MESSAGE)
        )

    async def fill(self, request: web.Request) -> web.Response:
        """Take a form."""
        return await self._do(
            request, lambda key, sent: parse.filled("", key, sent.pairs, surface=Surface.MESSAGE)
        )

    async def back(self, request: web.Request) -> web.Response:
        """Put away what was answered or asked, and go back to the case."""
        session = await self._in(request)
        await self._posted(request, session)
        session.pane.dismiss()
        await self._sessions.keep(session)
        return _see(request.match_info["token"])

    async def still(self, request: web.Request) -> web.Response:
        """Say whether the page may still be shown: 204, or 403 for no; and hear that somebody is there."""
        session = await self._in(request)
        sent = await self._posted(request, session)
        if parse.first(sent.pairs, "active"):
            await self._sessions.touch(session)
        return web.Response(status=204)

    async def leave(self, request: web.Request) -> web.Response:
        """Sign out: the session ends here and in the browser."""
        token = request.match_info["token"]
        session = await self._session(request, token)
        if session is not None:
            await self._posted(request, session)
            await self._sessions.end(session)
        return self._out(token, say("seat_page.out"))

    async def _do(self, request: web.Request, verb: Callable[[str, Sent], Pressed | Filled]) -> web.Response:
        """Hand in what was posted and go back to the page; 503 if it was not kept, or the page was not."""
        session = await self._in(request)
        sent = await self._posted(request, session)
        response = None
        try:
            response = await self._done(request.match_info["token"], session, sent, verb)
            await self._sessions.keep(session)
        except StoreError:
            if session.pane.did_something:  # it is the page alone that was not kept
                return trouble(503, say("seat_page.taken_in"))
            if response is None or response.status != web.HTTPServiceUnavailable.status_code:
                raise
        return response

    async def _done(
        self, token: str, session: Session, sent: Sent, verb: Callable[[str, Sent], Pressed | Filled]
    ) -> web.Response:
        key, pane = parse.first(sent.pairs, "key"), session.pane
        try:
            inbound = replace(verb(key, sent), actor=session.seated.actor)
            if not about(inbound.intent, session.seated.case):
                pane.refuse(Refuse(say("seat_page.only_this"), reference="only-this-case"))
                return _see(token)
            if isinstance(inbound.intent, Act) and inbound.intent.action is Action.OPEN_RECORD:
                pane.dismiss()
                return _see(token, "#record")
            reply = await self._hand_in(session, inbound)
        except InvalidAnswer as error:
            pane.refuse(Refuse(error.message, error.hint, field=error.field, reference=error.reference))
            return _see(token)
        except StoreError:
            pane.forgive()
            if not isinstance(pane.view, Form):
                raise
            pane.view = refilled(pane.view, parse.values(sent.pairs))
            return await self._case(token, session, unsaved=key, status=503)
        if isinstance(reply, Receipt) and await self._links.still(token) is None:
            await self._sessions.end(session)  # what they did has taken them off the case: it is said once
            return self._out(token, card_text(reply.card))
        return _see(token)

    async def _hand_in(self, session: Session, inbound: Pressed | Filled) -> Reply:
        reply = await self._door.handle(inbound)
        if isinstance(reply, Refuse):
            session.pane.refuse(reply)
        else:
            session.pane.answered(reply, inbound, self._clock.now())
        return reply

    # -- who ------------------------------------------------------------------------------------------

    async def _session(self, request: web.Request, token: str) -> Session | None:
        """Return the session of a request if its link is still good at this moment."""
        return await self._sessions.of(request, token, self._links.still)

    async def _in(self, request: web.Request) -> Session:
        """Return the session; whoever is not in goes to the page that asks for nothing yet."""
        token = request.match_info["token"]
        session = await self._session(request, token)
        if session is None:
            raise web.HTTPForbidden if request.path.endswith("/still") else web.HTTPSeeOther(f"/c/{token}")
        return session

    async def _posted(self, request: web.Request, session: Session) -> Sent:
        """Return what a page of this session posted."""
        sent = await self._read(request, limits.SEAT_BYTES)
        if not session.keys.good(request.match_info["token"], parse.first(sent.pairs, "key")):
            raise web.HTTPForbidden
        return sent

    async def _read(self, request: web.Request, most: int) -> Sent:
        if request.content_length is None or request.content_length > most:
            raise web.HTTPRequestEntityTooLarge(most, request.content_length or 0)
        async with asyncio.timeout(limits.PASSWORD_WAIT):
            return await read(request)

    def _out(self, token: str, message: str) -> web.Response:
        response = html(page("seat_out", title=say("seat_page.out_title"), message=message, again=True))
        self._sessions.forget(token, response)
        return response

    def _key(self) -> str:
        return f"seat/{secrets.token_hex(12)}"


def _see(token: str, at: str = "") -> web.Response:
    return web.Response(status=303, headers={"Location": f"/c/{token}{at}"})
