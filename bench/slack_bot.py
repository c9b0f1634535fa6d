"""The bot on a real file, with Slack before and behind it, for a bench."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from msgspec.structs import replace

from adapters.slack.listen import SlackApp, create
from adapters.slack.options import Options
from adapters.slack.rate_limit import Lanes
from bench.sandbox import Sandbox, following, invented_school
from bench.slack_side import BOT, SIGNING, TEAM, command, signed, submission
from flows.ports import Store
from flows.school import Platform, School
from flows.ui.inbound import Actor, Inbound, Receipt, Reply
from flows.ui.intents import encode


class Noting:
    """A door that remembers what each person was shown last."""

    def __init__(self, inner: Any) -> None:
        """Stand before another door."""
        self._inner, self.last = inner, dict[str, Reply]()
        #: an answer to give without asking anybody
        self.always: Reply | None = None

    async def handle(self, inbound: Inbound) -> Reply:
        """Pass on, and remember."""
        if self.always is not None:
            return self.always
        reply: Reply = await self._inner.handle(inbound)
        self.last[inbound.actor.account] = reply
        return reply

    async def evidence(self, actor: Actor, case: str, sha256: str) -> tuple[str, bytes] | None:
        """Pass on."""
        found: tuple[str, bytes] | None = await self._inner.evidence(actor, case, sha256)
        return found

    async def figures(self, actor: Actor, asked: str) -> tuple[str, str, bytes] | None:
        """Pass on."""
        found: tuple[str, str, bytes] | None = await self._inner.figures(actor, asked)
        return found


class Side:
    """The bot on a real file, with Slack before and behind it."""

    def __init__(self, store: Store, api_url: str) -> None:
        """Connect the real parts."""
        self.sandbox = Sandbox(store, on_slack(invented_school()))
        self.door = Noting(self.sandbox.service)
        options = Options(bot_token=BOT, signing_secret=SIGNING, api_url=api_url)
        self.app: SlackApp = create(
            door=self.door, directory=self.sandbox.context.directory, store=store, options=options
        )
        self.app.chat.lanes = Lanes(spacing=0)
        self.sandbox.context.add_chat(self.app.chat)
        self.took: list[float] = []
        site = web.Application(middlewares=[self._timed])
        self.app.routes(site)
        self.server = TestServer(site)

    @web.middleware
    async def _timed(self, request: web.Request, handler: Any) -> web.StreamResponse:
        start = time.perf_counter()
        answer: web.StreamResponse = await handler(request)
        self.took.append((time.perf_counter() - start) * 1000)
        return answer

    async def report(
        self, session: aiohttp.ClientSession, account: str, number: int, *, pause: float = 0.0
    ) -> int:
        """Make a whole report over HTTP, pausing before each page; return how many pages it took."""
        url = self.server.make_url("/slack/events")
        body, headers = signed(command(account, f"t{number}"), form=True)
        async with session.post(url, data=body, headers=headers) as answer:
            answer.raise_for_status()
        pages = 0
        while not isinstance(reply := self.door.last[account], Receipt):
            filled = following(account, reply)
            pages += 1
            if pause:
                await asyncio.sleep(pause)
            payload = submission(account, encode(filled.intent), filled.values, number * 100 + pages)
            body, headers = signed(payload)
            async with session.post(url, data=body, headers=headers) as answer:
                answer.raise_for_status()
        return pages


def on_slack(school: School) -> School:
    """Return the school with everybody on Slack instead of in the browser."""
    people = {
        person.id: replace(person, accounts={Platform.SLACK: f"U-{person.id}"})
        for person in school.people.values()
    }
    places = {Platform.SLACK: "C0LEADERS"}
    return replace(school, people=people, leadership=places, restricted={}, workspaces={Platform.SLACK: TEAM})
