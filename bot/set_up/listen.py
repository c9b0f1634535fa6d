"""The routes of set-up: this computer's browser, let in once by the address that was printed.

Every POST answers with a redirect, so that a page can be loaded again; no page needs script.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable
from functools import partial
from itertools import groupby
from pathlib import Path

from aiohttp import web

import adapters.web
from adapters.web.guard import Guard, html
from adapters.web.reading import read
from adapters.web.render import page
from bot.commands import check, look_at_platforms, look_at_store
from bot.findings import Finding
from bot.school_file.own_policy import policy_of
from bot.set_up import looking, pages, situations
from bot.set_up.answers import Answers
from bot.set_up.hearing import Hearing
from bot.set_up.looking import Found
from bot.set_up.policy_pages import PolicyPages
from bot.set_up.rehearsing import Rehearsing
from bot.set_up.steps import SECRETS, Step
from flows.policy.engine import Policy, default_policy
from flows.ports import Clock
from flows.school import School
from flows.words import say

_COOKIE = "set_up"
#: the pages on which people and places are looked up
_REACHED = (Step.REACH, Step.PLACES)
_STATIC = Path(adapters.web.__file__).parent / "static"
_Next = Callable[[web.Request], Awaitable[web.StreamResponse]]


class SetUp:
    def __init__(self, answers: Answers, clock: Clock) -> None:
        """Begin; :attr:`token` lets in one browser, once."""
        self.token = secrets.token_urlsafe(24)
        self._session = ""
        self._answers = answers
        self._clock = clock
        self._errors: dict[Step, dict[str, str]] = {}
        self._found: dict[Step, Found] = {}
        self._checked: list[Finding] = []
        self._old: list[str] = []
        self._hearing = Hearing()
        self._rehearsing = Rehearsing(answers, self._hearing)

    def app(self) -> web.Application:
        """Return the pages as an application; it refuses whoever is not on this computer."""
        guard = Guard(clock=self._clock, password=None, allow_remote=False)
        app = web.Application(middlewares=[guard.middleware, self._known])
        app.add_routes(
            [
                web.get("/enter", self.enter),
                web.get("/", self.begin),
                web.get("/step/{step}", self.show),
                web.post("/step/{step}", self.take),
                web.post("/write", self.write),
                web.get("/done", self.done),
                web.post("/check", self.check),
                *PolicyPages(self._answers).routes(),
                *self._rehearsing.routes(),
                web.static("/static", _STATIC),
            ]
        )
        app.on_shutdown.extend([self._rehearsing.close, self._end])
        return app

    @web.middleware
    async def _known(self, request: web.Request, handler: _Next) -> web.StreamResponse:
        """Let the browser pass that came in by the address; all else is told where that stands."""
        cookie = request.cookies.get(_COOKIE, "").encode()
        known = self._session and hmac.compare_digest(cookie, self._session.encode())
        if known or request.path == "/enter" or request.path.startswith("/static/"):
            return await handler(request)
        return _closed()

    async def enter(self, request: web.Request) -> web.Response:
        """Let in whoever has the address; it works once."""
        given = request.query.get("token", "")
        if not self.token or not hmac.compare_digest(given.encode(), self.token.encode()):
            return _closed()
        self.token, self._session = "", secrets.token_urlsafe(24)
        answer = _see("/")
        answer.set_cookie(_COOKIE, self._session, httponly=True, samesite="Strict", path="/")
        return answer

    async def begin(self, _request: web.Request) -> web.Response:
        """Go to the first page that is not filled in yet."""
        finished = pages.done(self._answers)
        return _see(f"/step/{next(step for step in Step if step not in finished)}")

    async def show(self, request: web.Request) -> web.Response:
        """Show a page."""
        step = _step(request)
        if step is Step.LOOK:
            return html(self._look())
        if step is Step.REHEARSAL:
            return await self._rehearsing.show()
        before = self._found.get(_beside(step, -1), {}) if step is not Step.SCHOOL else {}
        shown = pages.fields(self._answers, step, self._errors.get(step, {}), self._found.get(step, {}))
        return html(
            pages.shown(
                "step",
                self._answers,
                step,
                groups=[(person, [*of]) for person, of in groupby(shown, lambda field: field.person)],
                errors=[field for field in shown if field.error],
                next=_beside(step, 1),
                hearing=await self._heard() if step in _REACHED else "",
                checked=[one for told in before.values() for one in told if one.state != "wrong"],
            )
        )

    async def _heard(self) -> str:
        """Listen to Teams, where it is set up; return in words how far it is."""
        return await self._hearing.listen(looking.settings_of(self._answers, {}))

    async def _end(self, _app: web.Application) -> None:
        await self._hearing.close()

    def _look(self) -> str:
        """Return the last page: what is still missing, and who would be told."""
        reading = looking.draft(self._answers)
        asked = self._answers.questions()
        where = {question.key: step for step in Step for question in asked[step]}
        missing = []
        for problem in reading.errors:
            field = looking.field_of(problem, self._answers)
            missing.append((looking.said(problem), where.get(field, Step.PEOPLE), field))
        for step in Step:
            missing += [(words, step, field) for field, words in looking.shapes(self._answers, step).items()]
        school = reading.school
        return pages.shown(
            "look",
            self._answers,
            Step.LOOK,
            missing=missing,
            drawn=situations.drawn(school, self._policy(school), self._clock.now()) if school else [],
            policy=self._answers.given.get("policy.file", ""),
            there=self._answers.there(),
            school=self._answers.path,
            settings=self._answers.settings_file,
        )

    def _policy(self, school: School) -> Policy:
        """Return by what the school will decide."""
        return policy_of(school.policy, self._answers.path.parent).policy or default_policy()

    async def take(self, request: web.Request) -> web.Response:
        """Take what a page says, keep it, and look at it; go on where nothing is wrong."""
        step = _step(request)
        if step is Step.LOOK:
            raise web.HTTPMethodNotAllowed("POST", ("GET",))
        sent = dict((await read(request)).pairs)
        wanted = {question.key for question in self._answers.questions()[step]}
        fresh = {key: value for key, value in sent.items() if key in wanted}
        self._answers.take({key: value for key, value in fresh.items() if value or key not in SECRETS})
        for secret in SECRETS & wanted:
            if sent.get(f"forget.{secret}"):
                self._answers.forget(secret)
        self._found.pop(step, None)
        self._errors[step] = looking.shapes(self._answers, step)
        if not self._errors[step]:
            self._found[step] = await looking.live(self._answers, step, self._hearing.store)
        if self._errors[step] or looking.wrong(self._found[step]):
            return _see(f"/step/{step}#errors")
        return _see(f"/step/{_beside(step, 1)}")

    async def write(self, _request: web.Request) -> web.Response:
        """Write both files, and check what was written as the command does."""
        missing = looking.draft(self._answers).errors
        if missing or any(looking.shapes(self._answers, step) for step in Step):
            return _see("/step/look#errors")
        self._old = [kept.name for kept in self._answers.write(self._clock.now())]
        return await self.check(_request)

    async def check(self, _request: web.Request) -> web.Response:
        """Check what was written."""
        self._checked = await check.look(
            environment=self._answers.environment(),
            platform_checks=[partial(look_at_platforms.look, heard=self._hearing.store), look_at_store.look],
            trying_out=True,
            now=self._clock.now(),
        )
        return _see("/done")

    async def done(self, _request: web.Request) -> web.Response:
        """Show what was written, what the check says of it, and what comes next."""
        found = looking.by_state(self._checked)
        if not found:
            return _see("/step/look")
        context = {
            "new": not self._answers.has_store(),
            "school": self._answers.path,
            "settings": self._answers.settings_file,
            "old": self._old,
        }
        return html(
            pages.shown("done", self._answers, Step.LOOK, found=found, key=self._answers.key_file, **context)
        )


def _step(request: web.Request) -> Step:
    try:
        return Step(request.match_info["step"])
    except ValueError:
        raise web.HTTPNotFound from None


def _beside(step: Step, by: int) -> Step:
    steps: list[Step] = list(Step)
    return steps[steps.index(step) + by]


def _see(place: str) -> web.Response:
    return web.Response(status=303, headers={"Location": place})


def _closed() -> web.Response:
    return html(page("set_up/closed", message=say("set_up.closed")), status=403)
