"""Told: ready. Whether each platform answers is said at the start, by ``/readyz``, and when it changes."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.config.settings import SAMPLE_SCHOOL, Secret, Settings, SlackSettings, TeamsSettings
from bot.links import Links
from bot.wiring import Running, running
from flows.school import Platform
from tests.fakes import FakeClock
from tests.slack.bench import APP, BOT, SIGNING
from tests.slack.fake_api import FakeSlack
from tests.source import ROOT


def nowhere() -> str:
    """Return an address at which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{held.getsockname()[1]}/api/"


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """Yield a Slack."""
    fake = FakeSlack()
    await fake.start()
    yield fake
    await fake.server.close()


def on_slack(api: str, *, app: str = "") -> Settings:
    """Return the settings of a school on Slack."""
    slack = SlackSettings(
        bot_token=Secret(BOT),
        signing_secret=Secret(SIGNING),
        app_token=Secret(app) if app else None,
        api_url=api,
    )
    return Settings(school=SAMPLE_SCHOOL, slack=slack)


async def readyz(bot: Running) -> tuple[int, dict[str, object]]:
    """Return what a monitor is told."""
    async with TestClient(TestServer(bot.app)) as client:
        answer = await client.get("/readyz")
        return answer.status, await answer.json()


async def test_a_platform_that_answers() -> None:
    """It is said; and when it falls silent and comes back, that is said too."""
    links, clock, answers = Links(FakeClock()), FakeClock(), [("", 0), ("slack-unreachable", 1), ("", 0)]

    async def ask() -> tuple[str, int]:
        return answers.pop(0)

    links.add(Platform.SLACK, ask)
    await links.ask()
    assert links.in_words() == ["Slack answers."]
    await links.ask()
    assert links.in_words() == [
        "Slack does not answer (slack-unreachable: docs/errors.md). It is tried again until it does."
    ]
    assert links.silent[Platform.SLACK].since == clock.now()
    await links.ask()
    assert links.silent == {}


@pytest.mark.parametrize("app", ["", APP])
async def test_slack_cannot_be_reached(app: str) -> None:
    """A start while Slack cannot be reached is no start that went well: a monitor is told why."""
    async with running(on_slack(nowhere(), app=app)) as bot:
        await bot.context.links.ask()
        assert "Slack does not answer (slack-unreachable" in bot.context.links.in_words()[0]
        status, said = await readyz(bot)
        assert (status, said["reason"]) == (503, "platform-silent")


async def test_slack_answers(slack: FakeSlack) -> None:
    """Where it answers all is well."""
    async with running(on_slack(f"{slack.origin}/api/")) as bot:
        await bot.context.links.ask()
        assert bot.context.links.in_words() == ["Slack answers."]
        assert await readyz(bot) == (200, {"ok": True})


async def test_a_socket_that_does_not_stand(slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack answers, and nothing would ever come in: that is not well."""
    monkeypatch.setattr("adapters.slack.link._LOOKS", 1)
    async with running(on_slack(f"{slack.origin}/api/", app=APP)) as bot:
        await bot.context.links.ask()
        assert "slack-socket-dead" in bot.context.links.in_words()[0]


async def test_teams_gives_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """Microsoft gives no token: said at the start, and tried again."""
    monkeypatch.setattr("adapters.teams.listen.endpoint", lambda _: nowhere())
    own = TeamsSettings(app_id="app", app_password=Secret("wrong"), tenant_id="tenant")
    async with running(Settings(school=SAMPLE_SCHOOL, teams=own)) as bot:
        await bot.context.links.ask()
        assert "Teams does not answer (no-token" in bot.context.links.in_words()[0]


@pytest.mark.slow
async def test_what_serve_prints(tmp_path: Path) -> None:
    """``serve`` with Slack out of reach says so, in words, and not that it is ready."""
    key = base64.b64encode(bytes(32)).decode()
    told = {
        "REPORT_STORE": f"tinydb:{tmp_path / 'store' / 'reports.db'}",
        "REPORT_KEY": key,
        "REPORT_SCHOOL": str(SAMPLE_SCHOOL),
        "REPORT_PORT": nowhere().rsplit(":", 1)[1].split("/")[0],
        "SLACK_BOT_TOKEN": BOT,
        "SLACK_APP_TOKEN": APP,
        "SLACK_API_URL": nowhere(),
    }
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("REPORT_", "SLACK_"))}
    bot = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "serve", "--new-store"),
        env={**bare, **told},
        cwd=ROOT,
        stdout=-1,
        stderr=-1,
    )
    assert bot.stdout is not None
    assert bot.stderr is not None
    async with asyncio.timeout(30):
        lines = [(await bot.stdout.readline()).decode() for _ in range(2)]
    bot.terminate()
    said = (await bot.communicate())[1].decode()
    assert lines[0].startswith("Slack does not answer (slack-unreachable")
    assert lines[1].startswith("Not ready yet, but running: http://")
    assert "Traceback" not in said
    assert not {"aiohttp", "slack_sdk"} & set(re.findall(r"[a-z_]+", said))
