"""A rehearsal on Slack, by requests that are signed and calls that are made, before the real service."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from msgspec.structs import replace

from bot.config.settings import SAMPLE_SCHOOL
from bot.context import AppContext
from bot.directory import SchoolDirectory
from bot.outbox.worker import Worker
from bot.school_file.load import load_schools
from bot.turns.service import Service
from flows.school import Platform, School, SchoolId
from storage.open import open_store
from tests.fakes import FakeClock
from tests.slack import payloads as p
from tests.slack.bench import Bench
from tests.slack.fake_api import BOT_ACCOUNT

SCHOOL, LEADERS = SchoolId("HPS"), "C0LEADERS"
#: the administrator, and the Headteacher
OFFICE, HEAD = p.RAE, p.LEE
OVER = "There was a rehearsal here."


def on_slack() -> School:
    """Return the sample school with two people and one channel on Slack; nobody is anywhere else."""
    school = load_schools(SAMPLE_SCHOOL)[SCHOOL]
    accounts = {"office": OFFICE, "ash": HEAD}
    people = {
        name: replace(one, accounts={Platform.SLACK: accounts[name]} if name in accounts else {})
        for name, one in school.people.items()
    }
    where = {Platform.SLACK: p.TEAM}
    return replace(
        school, people=people, workspaces=where, leadership={Platform.SLACK: LEADERS}, restricted={}
    )


class SlackTown:
    """The real service and worker behind Slack's listener."""

    def __init__(self, bench: Bench, context: AppContext, clock: FakeClock) -> None:
        self.bench, self.context, self.clock = bench, context, clock
        self.service = Service(context)
        self.worker = Worker(context, self.service)
        self.typed = 0
        bench.door.handle = self.service.handle  # type: ignore[method-assign]
        bench.slack.users = {one: {"id": one} for one in (OFFICE, HEAD)}
        bench.slack.members[LEADERS] = [HEAD, BOT_ACCOUNT]

    async def settle(self) -> None:
        """Let the worker do all that is due."""
        while await self.worker.run_due():
            pass

    async def later(self, minutes: int) -> None:
        """Let time pass, then let the worker work."""
        self.clock.pass_by(dt.timedelta(minutes=minutes))
        await self.settle()

    async def rehearse(self, argument: str = "") -> str:
        """Let the administrator type the command; return what they are answered."""
        self.typed += 1
        status, answer = await self.bench.command(f"rehearse {argument}".strip(), trigger=f"t.{self.typed}")
        assert status == 200
        return json.dumps(answer, ensure_ascii=False)

    def texts(self, channel: str) -> list[str]:
        """Return what stands in a channel, as it was sent."""
        return [json.dumps(one["blocks"], ensure_ascii=False) for one in self.bench.slack.messages[channel]]

    def button(self, channel: str) -> dict[str, Any]:
        """Return the button of the first message there."""
        blocks = self.bench.slack.messages[channel][0]["blocks"]
        blocks = json.loads(blocks) if isinstance(blocks, str) else blocks
        element = next(
            one for block in blocks for one in block.get("elements", ()) if one["type"] == "button"
        )
        return {name: element[name] for name in ("action_id", "value")}


@pytest.fixture
async def town(bench: Bench) -> SlackTown:
    """Give the sample school on Slack."""
    clock = FakeClock()
    context = AppContext(
        store=await open_store("memory:", key=bytes(32)),
        directory=SchoolDirectory({SCHOOL: on_slack()}),
        clock=clock,
        chats={Platform.SLACK: bench.app.chat},
        new_id=lambda: "01R",
        signing_seed=bytes(32),
    )
    return SlackTown(bench, context, clock)


async def test_from_the_command_to_the_end(town: SlackTown) -> None:
    """A message to press, a channel posted to, changed and answered; pressed; then all of it is over."""
    await town.rehearse("begin")
    await town.settle()
    (asked,) = town.texts(f"D{HEAD}")
    assert "I got it" in asked
    first, below = town.texts(LEADERS)
    assert "it can" in first
    assert "thread" in below
    await town.bench.interact(p.press(town.button(f"D{HEAD}"), channel=f"D{HEAD}", account=HEAD))
    await town.settle()
    text = await town.rehearse()
    assert "Pressed: 1 of 2 messages" in text
    assert "nothing can be sent to them" in text
    assert "I got it" not in town.texts(f"D{HEAD}")[0]
    await town.rehearse("end")
    for _ in range(4):
        await town.later(3)
    assert await town.context.store.rehearsal(SCHOOL) is None
    for text in (*town.texts(LEADERS), *town.texts(f"D{HEAD}")):
        assert OVER in text
    assert "Pressed: 1 of 2 messages" in town.texts(f"D{OFFICE}")[-1]


async def test_a_press_of_somebody_else(town: SlackTown) -> None:
    """It counts for nobody."""
    await town.rehearse("begin")
    await town.settle()
    await town.bench.interact(p.press(town.button(f"D{HEAD}"), channel=f"D{HEAD}", account=OFFICE))
    assert "Pressed: 0 of 2 messages" in await town.rehearse()


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        ({"is_private": True, "is_archived": True}, "archived"),
        ({"is_private": False}, "private"),
        ({"is_private": True, "is_ext_shared": True}, "shared"),
        (None, "could not be posted to"),
    ],
    ids=["archived", "public", "shared", "gone"],
)
async def test_what_is_wrong_with_a_channel_is_said(
    town: SlackTown, channel: dict[str, Any] | None, said: str
) -> None:
    """As Slack says it, with what to do; nothing is posted there."""
    if channel is None:
        del town.bench.slack.channels[LEADERS]
    else:
        town.bench.slack.channels[LEADERS] = {"id": LEADERS, **channel}
    await town.rehearse("begin")
    await town.settle()
    assert town.texts(LEADERS) == []
    text = await town.rehearse()
    assert said in text
    assert "Put the channel right" in text


async def test_somebody_whom_slack_does_not_know(town: SlackTown) -> None:
    """It is said of them; it goes on being tried."""
    town.bench.slack.users[HEAD] = {"id": HEAD, "deleted": True}
    await town.rehearse("begin")
    await town.settle()
    assert "The account is switched off" in await town.rehearse()
