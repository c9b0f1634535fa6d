"""The sample school on Slack and Teams: the real service, worker and send sides, over fields of ours."""

from __future__ import annotations

import asyncio
import datetime as dt
from itertools import count
from random import Random

from msgspec.structs import replace

from bot.config.settings import SAMPLE_SCHOOL
from bot.context import AppContext
from bot.directory import SchoolDirectory, leadership_people, restricted_people
from bot.outbox.worker import Worker
from bot.school_file.load import load_schools
from bot.turns.service import Service
from flows.model import Case
from flows.policy.engine import default_policy
from flows.ports import Chat
from flows.school import PersonId, Platform, School, Seat
from flows.ui.inbound import Actor
from tests.fakes import FakeClock
from tests.simulation.field import Field
from tests.simulation.shelf import Shelf
from tests.simulation.slack_side import TEAM, slack_chat
from tests.simulation.teams_side import teams_chat
from tests.teams.connector import TENANT, account
from tests.town import SCHOOL, Town, codes
from tests.virtual_time import VirtualLoop

LEADERS = {Platform.SLACK: "C0LEADERS", Platform.TEAMS: "19:leaders@thread.tacv2"}
CHAIRS = {Platform.SLACK: "C0CHAIR", Platform.TEAMS: "19:chair@thread.tacv2"}
#: Who is on one platform only; everybody else is on both.
ONLY = {"cam": Platform.SLACK, "fern": Platform.TEAMS}
BOTH = (Platform.SLACK, Platform.TEAMS)
#: The longest nap between two looks at the clock; the worker takes no longer ones itself.
_NAP = dt.timedelta(seconds=30)
_HELD = dt.timedelta(minutes=4)
_policy = default_policy()


def school_on_both() -> School:
    """Return the sample school with its people on Slack and Teams."""
    school = load_schools(SAMPLE_SCHOOL)[SCHOOL]
    people = {}
    for name, person in school.people.items():
        known = {Platform.SLACK: f"U0{name.upper()}", Platform.TEAMS: account(name)}
        mine = {p: known[p] for p in BOTH if ONLY.get(name, p) is p}
        people[name] = replace(person, accounts=mine)
    return replace(
        school,
        people=people,
        workspaces={Platform.SLACK: TEAM, Platform.TEAMS: TENANT},
        leadership=LEADERS,
        restricted={Seat.CHAIR: CHAIRS},
    )


class Place(Town):
    """Whoever works there, on what they have; the bot can be stopped, killed and started."""

    service_kind: type[Service] = Service
    worker_kind: type[Worker] = Worker

    def __init__(self, store: Shelf, rng: Random, clock: FakeClock) -> None:
        self.store, self.rng, self.clock = store, rng, clock
        self.school = school_on_both()
        self.fields = {platform: Field(platform, clock, rng) for platform in BOTH}
        self.shelf, self.numbers, self.codes = store, count(1), codes()
        for platform, field in self.fields.items():
            for place, people in (
                (LEADERS, leadership_people(self.school)),
                (CHAIRS, restricted_people(self.school, Seat.CHAIR)),
            ):
                accounts = (self.school.people[p].accounts.get(platform) for p in people)
                field.open(place[platform], *sorted(one for one in accounts if one))
            for person in self.school.people.values():
                if one := person.accounts.get(platform):
                    field.open({Platform.SLACK: f"D{one}", Platform.TEAMS: f"a:{one}"}[platform], one)
        self.running: list[asyncio.Task[None]] = []

    def chats(self) -> dict[Platform, Chat]:
        """Return send sides that remember nothing yet."""
        self.slack = slack_chat(self.fields[Platform.SLACK])
        self.teams = teams_chat(self.fields[Platform.TEAMS], self.store)
        return {Platform.SLACK: self.slack, Platform.TEAMS: self.teams}

    def begin(self) -> None:
        """Start the bot."""
        self.context = AppContext(
            store=self.store,
            directory=SchoolDirectory({SCHOOL: self.school}),
            clock=self.clock,
            policy=_policy,
            chats=self.chats(),
            new_id=lambda: f"01SIM{next(self.numbers):021d}",
            signing_seed=bytes(32),
            new_code=self.codes,
        )
        self.service = self.service_kind(self.context)
        self.worker = self.worker_kind(self.context, self.service)
        self.slack.changed = self.teams.changed = self.worker.places.hurry
        self.running = [asyncio.create_task(run()) for run in (self.worker.run, self.worker.places.run)]

    def hear(self, platform: Platform, channel: str) -> None:
        """Let the platform say that something about a channel has changed."""
        if platform is Platform.SLACK:
            self.slack.memberships.forget(channel)
            self.slack.changed()
        else:
            self.teams.place_changed()

    async def end(self) -> None:
        """Stop the bot as it is stopped: what is under way is finished."""
        self.worker.stop()
        works, looks = self.running
        await works
        looks.cancel()

    async def kill(self) -> None:
        """Kill the bot, whatever it is doing."""
        under_way = asyncio.all_tasks() - {asyncio.current_task()}
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    def actor(self, person: str) -> Actor:
        """Return somebody at what they have."""
        platform, own = next(iter(self.school.people[PersonId(person)].accounts.items()))
        return Actor(platform=platform, workspace=self.school.workspaces[platform], account=own)

    def person(self, platform: Platform, own: str) -> PersonId | None:
        """Return whose account that is."""
        return self.context.directory.person_at(SCHOOL, platform, own)

    def cases(self) -> list[Case]:
        """Return every case, the newest first, whether or not its row opens."""
        return sorted(self.shelf.whole(), key=lambda case: case.opened_at, reverse=True)

    async def until(self, moment: dt.datetime) -> None:
        """Let time pass; hours in which nothing is due pass at once."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        while (left := moment - self.clock.now()) > dt.timedelta():
            before = self._moved()
            await asyncio.sleep(min(left, _NAP).total_seconds())
            due = await self.store.next_due()
            now = self.clock.now()
            quiet = min(moment, due if due is not None and due > now else moment) - now - _NAP
            if due is not None and due <= now:  # it waits for a platform: look again in a while
                quiet = min(quiet, _HELD) if self._moved() == before else dt.timedelta()
            if quiet > dt.timedelta():
                loop.skip(quiet)

    def _moved(self) -> int:
        return sum(field.calls for field in self.fields.values())
