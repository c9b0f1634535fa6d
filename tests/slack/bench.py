"""A running Slack side: signed requests go in, a door notes them, a fake Slack shows what came of it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import urlencode

from aiohttp.test_utils import TestClient
from slack_sdk.signature import SignatureVerifier

from adapters.slack.listen import SlackApp
from flows.errors import StoreError
from flows.model import Identity
from flows.school import Person, PersonId, SchoolId
from flows.ui.cards import Card, Text
from flows.ui.inbound import Actor, Inbound, Reply, Show
from flows.ui.intents import AnswerPage, encode
from tests.adapters.samples import FORMS
from tests.slack import payloads as p
from tests.slack.fake_api import FakeSlack

#: an invented secret, and invented tokens of each kind
SIGNING = "signing-secret"
BOT, APP = "xoxb-1", "xapp-1"
PAGE = AnswerPage("D1", 3, "danger")
FORM = FORMS["choice"]
CARD = Card(kind="list", summary="Your reports.", blocks=(Text("None yet."),))


ANSWERED = {"field:danger": p.chosen("radio_buttons", "no")}
INPUT = [{"type": "input", "block_id": "field:danger"}, {"type": "input", "block_id": "field:words"}]


def submitted(values: p.Json | None = None, blocks: list[p.Json] | None = None) -> p.Json:
    """Return a submitted page."""
    body = p.submission(encode(PAGE), ANSWERED if values is None else values)
    body["view"]["blocks"] = INPUT if blocks is None else blocks
    return body


class Door:
    """A door that notes what comes in and answers what it was told to."""

    def __init__(self) -> None:
        """Answer every delivery with the first page of a report."""
        self.seen: list[Inbound] = []
        self.reply: Callable[[Inbound], Reply] = lambda _: Show(FORM)
        self.wait: asyncio.Event | None = None
        self.broken = False
        self._changed = asyncio.Event()

    async def until(self, count: int) -> None:
        """Wait until so much has come in."""
        async with asyncio.timeout(5):
            while len(self.seen) < count:
                self._changed.clear()
                await self._changed.wait()

    async def handle(self, inbound: Inbound) -> Reply:
        """Note it, wait if told to, and answer."""
        self.seen.append(inbound)
        self._changed.set()
        if self.wait is not None:
            await self.wait.wait()
        if self.broken:
            raise StoreError("disk-full", "The disk is full.")
        return self.reply(inbound)

    async def evidence(self, actor: Actor, case: str, sha256: str) -> tuple[str, bytes] | None:
        """Give no files."""
        del actor, case, sha256
        return None

    async def figures(self, actor: Actor, asked: str) -> tuple[str, str, bytes] | None:
        """Give no figures."""
        del actor, asked
        return None


class Everybody:
    """A directory in which two accounts are staff of one school, unless they are guests."""

    schools: ClassVar[dict[SchoolId, Any]] = {}

    def resolve(self, actor: Actor) -> Identity | None:
        """Return who it is."""
        if actor.workspace != p.TEAM or actor.guest or actor.account not in (p.RAE, p.LEE):
            return None
        return Identity({SchoolId("s"): Person(id=PersonId(actor.account), name="Rae Example")})

    def person_at(self, *_: Any) -> PersonId | None:
        """Know nobody by place."""
        return None

    def workspace(self, *_: Any) -> str:
        """Return the only workspace."""
        return p.TEAM


class Bench:
    """A running Slack side: signed requests go in, the fake Slack shows what came of it."""

    def __init__(self, slack: FakeSlack, app: SlackApp, door: Door, client: TestClient[Any, Any]) -> None:
        self.slack, self.app, self.door, self.client = slack, app, door, client

    async def post(
        self,
        body: str,
        *,
        kind: str = "application/x-www-form-urlencoded",
        age: float = 0,
        secret: str = SIGNING,
    ) -> tuple[int, Any]:
        """Send a signed request; return status and body."""
        stamp = str(int(time.time() - age))
        signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body) or ""
        headers = {
            "Content-Type": kind,
            "X-Slack-Signature": signature,
            "X-Slack-Request-Timestamp": stamp,
        }
        answer = await self.client.post("/slack/events", data=body, headers=headers)
        text = await answer.text()
        return answer.status, json.loads(text) if text.startswith("{") else text

    async def command(self, text: str = "", **rest: Any) -> tuple[int, Any]:
        """Type the slash command."""
        return await self.post(urlencode(p.command(text, **rest)))

    async def interact(self, payload: p.Json, **rest: Any) -> tuple[int, Any]:
        """Press, submit or close something."""
        return await self.post(urlencode({"payload": json.dumps(payload)}), **rest)

    async def event(
        self, inner: p.Json, *, name: str = "Ev1", team: str = p.TEAM, **rest: Any
    ) -> tuple[int, Any]:
        """Deliver an event."""
        return await self.post(
            json.dumps(p.event(inner, name=name, team=team)), kind="application/json", **rest
        )
