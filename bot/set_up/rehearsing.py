"""The last step of set-up: a rehearsal, by the bot itself, which runs beside these pages as long as they do.

It is what ``serve`` starts, on what was written; what is begun here goes on there.
"""

from __future__ import annotations

import asyncio

from aiohttp import web
from msgspec.structs import replace

from adapters.web.guard import html
from adapters.web.render import Desk, card_html
from bot import serving
from bot.commands.refused import in_words
from bot.config import load
from bot.rehearsal.running import Rehearsals, standing
from bot.set_up import pages
from bot.set_up.answers import Answers
from bot.set_up.hearing import Hearing
from bot.set_up.steps import Step
from bot.wiring import Running
from flows.delivery.rehearsal import Standing, administrators
from flows.errors import ReportingError
from flows.messages.rehearsal.standing import card
from flows.school import School
from flows.ui.cards import Buttons
from flows.words import say

#: So long it may take to end (seconds).
_ENDS = 5.0
#: What stands of a card on a page that has a title and buttons of its own.
_TITLE = 1


class Rehearsing:
    def __init__(self, answers: Answers, hearing: Hearing) -> None:
        self._answers, self._hearing = answers, hearing
        self._bot: Running | None = None
        self._serving: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self._last: Standing | None = None
        self._trouble, self._shown = "", ""

    def routes(self) -> list[web.RouteDef]:
        """Return what its page can be asked."""
        return [web.post("/rehearsal/begin", self.begin), web.post("/rehearsal/end", self.end)]

    async def show(self) -> web.Response:
        """Show how it stands; before anything was begun, what it does."""
        now = await standing(self._bot.context, _school(self._bot).id) if self._bot else None
        if now is not None and self._bot is not None:
            self._last = now
            self._shown = _drawn(now, _school(self._bot))
        page = pages.shown(
            "rehearsal",
            self._answers,
            Step.REHEARSAL,
            written=len(self._answers.there()) > 1,
            here=self._bot is not None,
            trouble=self._trouble,
            running=now is not None and now.rehearsal.ended_at is None,
            over=now is None and self._last is not None,
            shown=self._shown,
        )
        return html(page)

    async def begin(self, _request: web.Request) -> web.Response:
        """Start the bot, unless it runs here already, and begin one."""
        if self._bot is None:
            self._trouble = await self._started()
        if self._bot is not None:
            school = _school(self._bot)
            await Rehearsals(self._bot.context).begin(school, administrators(school)[0])
        return _see()

    async def end(self, _request: web.Request) -> web.Response:
        """End it: what was sent is taken away by the bot here, or by the one that is started later."""
        if self._bot is not None:
            await Rehearsals(self._bot.context).end(_school(self._bot).id, None)
        return _see()

    async def close(self, _app: web.Application) -> None:
        """End the bot that runs here."""
        self._stop.set()
        if self._serving is not None:
            await asyncio.wait({self._serving}, timeout=_ENDS)

    async def _started(self) -> str:
        """Start the bot; return in words why it could not be ("" = it runs)."""
        ready = asyncio.Event()

        def offered(bot: Running) -> None:
            async def up() -> None:  # it runs beside the worker, so it is begun once we listen
                self._bot = bot
                ready.set()
                await self._stop.wait()

            bot.beside.append(up)

        try:
            settings = load.for_serving(load.read_settings(self._answers.environment()))
        except ReportingError as error:
            return f"{error.message} {error.hint}"
        await self._hearing.close()  # from now on it is the bot that listens there
        run = serving.serve(settings, new_store=not self._answers.has_store(), offer=offered, stop=self._stop)
        self._serving, begun = asyncio.create_task(run), asyncio.create_task(ready.wait())
        await asyncio.wait({self._serving, begun}, return_when=asyncio.FIRST_COMPLETED)
        begun.cancel()
        self._serving.add_done_callback(self._ended)
        return "" if ready.is_set() else _why(self._serving.exception())

    def _ended(self, _serving: asyncio.Task[None]) -> None:
        self._bot = None


def _school(bot: Running) -> School:
    """Return the one school that was set up."""
    (school,) = bot.context.directory.schools.values()
    return school


def _drawn(found: Standing, school: School) -> str:
    """Return how one stands, as a card without the title and the buttons that the page has itself."""
    whole = card(found, school)
    blocks = tuple(block for block in whole.blocks[_TITLE:] if not isinstance(block, Buttons))
    return card_html(replace(whole, blocks=blocks), Desk(account="", place="", mint=str))


def _why(error: BaseException | None) -> str:
    """Return in words why the bot could not be started."""
    if isinstance(error, ReportingError):
        return say("set_up.already") if error.reference == "store-in-use" else f"{error.message} {error.hint}"
    return in_words(error) if isinstance(error, OSError) else say("set_up.not_started")


def _see() -> web.Response:
    return web.Response(status=303, headers={"Location": f"/step/{Step.REHEARSAL}"})
