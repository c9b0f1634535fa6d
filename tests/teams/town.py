"""The sample school on Teams: the real service, worker and listener, before a connector that is ours.

People act as Teams sends it: over HTTP, by pressing what stands on a card that was really sent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from msgspec.structs import replace

from adapters.teams import listen
from adapters.teams.verify import Trust
from bot.config.settings import SAMPLE_SCHOOL
from bot.context import AppContext
from bot.directory import SchoolDirectory, leadership_people, restricted_people
from bot.outbox.worker import Worker
from bot.school_file.load import load_schools
from bot.turns.service import Service
from flows.model import Case
from flows.policy.engine import default_policy
from flows.school import Platform, School, SchoolId, Seat
from flows.ui.intents import Intent, encode
from storage.open import open_store
from tests.fakes import FakeClock
from tests.teams import activities, reading
from tests.teams.connector import CHANNEL, TENANT, Connector, account, member
from tests.town import codes

SCHOOL = SchoolId("HPS")
APART = "19:apart@thread.tacv2"
_UNREMARKABLE = ("no", "none_of_these", "nobody", "rather_not_say", "skipped", "none_of_these_apply")
SEND = "Send the report"
_numbers = count(1)


def school_on_teams() -> School:
    """Return the sample school with everybody in Teams."""
    school = load_schools(SAMPLE_SCHOOL)[SCHOOL]
    people = {
        name: replace(person, accounts={Platform.TEAMS: account(name)})
        for name, person in school.people.items()
    }
    return replace(
        school,
        people=people,
        workspaces={Platform.TEAMS: TENANT},
        leadership={Platform.TEAMS: CHANNEL},
        restricted={Seat.CHAIR: {Platform.TEAMS: APART}},
    )


class TeamsTown:
    def __init__(self, context: AppContext, clock: FakeClock, connector: Connector, school: School) -> None:
        self.context, self.clock, self.connector, self.school = context, clock, connector, school
        self.service = Service(context)
        self.worker = Worker(context, self.service)
        self.url = ""
        self.session: aiohttp.ClientSession

    async def post(self, activity: dict[str, Any]) -> tuple[int, Any]:
        """Deliver an activity as Teams does; return status and answer, once everything is shown."""
        sent = {**activity, "serviceUrl": self.connector.url}
        async with self.session.post(f"{self.url}api/messages", json=sent) as response:
            body = await response.json() if response.content_type == "application/json" else None
        await self.app.desk.finish()
        return response.status, body

    app: listen.TeamsApp

    def chat(self, person: str) -> list[dict[str, Any]]:
        """Return the cards in somebody's chat, oldest first."""
        return [
            found["attachments"][0]["content"]
            for name in (f"a:chat-{person}", f"a:{account(person)}")
            for found in self.connector.messages.get(name, {}).values()
        ]

    def channel(self, address: str = CHANNEL) -> list[dict[str, Any]]:
        """Return the cards in a channel, threads included, oldest first."""
        return [
            found["attachments"][0]["content"]
            for name, thread in self.connector.messages.items()
            if name.partition(";")[0] == address
            for found in thread.values()
        ]

    async def say(self, person: str, text: str) -> None:
        """Let somebody type in their chat."""
        status, _ = await self.post(activities.personal(person, text=text))
        assert status == 200

    async def press(
        self, person: str, card: dict[str, Any], label: str, filled: Mapping[str, Any] | None = None
    ) -> Any:
        """Let somebody press a button of a card, with its inputs filled in; return Teams' answer."""
        data = next(p["data"] for p in reading.parts(card) if p.get("title") == label and "data" in p)
        _, body = await self.post(
            activities.press({**data, **(filled or {})}, base=lambda **r: activities.personal(person, **r))
        )
        return body

    async def act(self, person: str, intent: Intent, *, where: Any = activities.in_channel) -> Any:
        """Let somebody press a button that they made up themselves; return Teams' answer."""
        data = {"i": encode(intent), "n": f"made-up-{next(_numbers)}"}
        _, body = await self.post(activities.press(data, base=lambda **r: where(person, **r), replyToId="1"))
        return body

    async def report(self, person: str, answers: Mapping[str, Any], words: str) -> None:
        """Let somebody report from the first page to the receipt, by card."""
        await self.say(person, f"report-posting {words}")
        card = self.chat(person)[-1]
        for _ in range(30):
            labels = [p["title"] for p in reading.parts(card) if p["type"] == "Action.Execute"]
            label = SEND if SEND in labels else labels[0]
            body = await self.press(person, card, label, filled(card, answers))
            card = body["value"]
            if not any(part["type"] == "Action.Execute" for part in reading.parts(card)):
                return
        raise AssertionError("the report never ended")

    async def settle(self) -> None:
        """Let the worker do everything that is due now."""
        for _ in range(200):
            if not await self.worker.run_due():
                return
        raise AssertionError("the worker never came to rest")

    async def later(self, **time: float) -> None:
        """Let time pass, then let the worker work."""
        self.clock.pass_by(dt.timedelta(**time))
        await self.settle()

    async def case(self) -> Case:
        """Return the one case."""
        found = await self.context.store.case_called(SCHOOL, "HPS-2026-001")
        assert found is not None
        return found


def filled(card: dict[str, Any], answers: Mapping[str, Any]) -> dict[str, str]:
    """Return what stands in a card's inputs once somebody has answered so."""
    found: dict[str, str] = {}
    for part in reading.parts(card):
        if part["type"] == "Input.ChoiceSet":
            given = answers.get(part["id"][2:])
            offered = [choice["value"] for choice in part["choices"]]
            usual = next((word for word in _UNREMARKABLE if word in offered), offered[-1])
            found[part["id"]] = ",".join(given) if isinstance(given, tuple) else given or usual
        elif part["type"] in ("Input.Text", "Input.Date"):
            found[part["id"]] = answers.get(part["id"][2:], part.get("value", ""))
    return found


@asynccontextmanager
async def teams_town(connector: Connector) -> AsyncIterator[TeamsTown]:
    """Give the school with its doors open on a Tuesday at ten; everybody has the app."""
    school, clock = school_on_teams(), FakeClock()
    connector.channels = {
        CHANNEL: [member(name) for name in sorted(leadership_people(school))],
        APART: [member(name) for name in sorted(restricted_people(school, Seat.CHAIR))],
    }
    store = await open_store("memory:", key=bytes(32))
    directory = SchoolDirectory({school.id: school})
    context = AppContext(
        store=store,
        directory=directory,
        clock=clock,
        policy=default_policy(),
        chats={},
        new_id=lambda: f"01TEAMS{next(_numbers):019d}",
        signing_seed=bytes(32),
        new_code=codes(),
    )
    town = TeamsTown(context, clock, connector, school)
    town.app = listen.create(
        door=town.service,
        directory=directory,
        store=store,
        clock=clock,
        app_id="",
        dev=True,
        loopback=True,
        trust=Trust(app_id="", tenant=TENANT, dev=True),
    )
    context.add_chat(town.app.chat)
    directory.look_up(Platform.TEAMS, town.app.staff_accounts)
    made = web.Application()
    town.app.routes(made)
    await town.app.start()
    async with TestServer(made) as server, aiohttp.ClientSession() as session:
        town.url, town.session = str(server.make_url("/")), session
        for person in school.people:
            await town.post(activities.personal(person, type="installationUpdate", action="add"))
        await town.post(activities.arrives(activities.in_channel))
        yield town
    await town.app.stop()
    await store.close()
