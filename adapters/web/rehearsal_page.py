"""The page behind the link of a rehearsal's e-mail: one button. A GET shows it and does nothing else.

Mail scanners follow links, so opening one shows nothing; and nobody is told what is wrong with a link.
"""

from __future__ import annotations

from aiohttp import web

from adapters.web import limits
from adapters.web.guard import html
from adapters.web.render import page
from adapters.web.seat_guard import Posts, middleware, trouble
from flows.ports import Clock
from flows.records import Records
from flows.rehearsal_page import Presses
from flows.words import say


def rehearsal_page(*, presses: Presses, records: Records, clock: Clock) -> web.Application:
    """Return the page, to stand under ``/r``; its looks stand under ``/c``."""
    posts = Posts(records, clock, name="r")

    async def show(_request: web.Request) -> web.Response:
        return html(page("rehearsal", done=False))

    async def press(request: web.Request) -> web.Response:
        if await posts.too_many(request):
            return trouble(429, say("seat_page.too_many"))
        if not await presses.press(request.match_info["token"]):
            return trouble(404, say("rehearsal.page_over"))
        return html(page("rehearsal", done=True))

    app = web.Application(middlewares=[middleware], client_max_size=limits.CODE_BYTES)
    app.add_routes([web.get("/{token}", show), web.post("/{token}", press)])
    return app
