"""Asked to end while a platform hangs: nothing more is taken, what is begun ends, and it is over soon."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import re
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from bot.config.settings import SAMPLE_SCHOOL
from bot.school_file.load import load_schools
from flows.errors import StoreError
from flows.model import Action
from flows.school import Platform
from flows.ui.intents import ChatCommand
from storage.open import Opening, open_store
from tests.fakes import FakeChat
from tests.story.test_story import ABUSE
from tests.town import Town

ROOT = Path(__file__).parents[2]
KEY = bytes(range(32))
SIGNING = "invented"


class HangingSlack:
    """Answers what is asked of it, but never a message."""

    def __init__(self) -> None:
        """Nothing has been posted."""
        self.posted = asyncio.Event()
        app = web.Application()
        app.router.add_post("/api/{method}", self._answer)
        self.server = TestServer(app)

    async def _answer(self, request: web.Request) -> web.Response:
        if request.match_info["method"] == "chat.postMessage":
            self.posted.set()
            await asyncio.sleep(60)
        ours = {"team_id": "T1", "user_id": "UBOT", "bot_id": "B1", "url": "https://x.slack.com/"}
        return web.json_response({"ok": True, "channel": {"id": "D1"}, "channels": [], **ours})


@pytest.fixture
async def slack() -> AsyncIterator[HangingSlack]:
    """Give one that listens."""
    hanging = HangingSlack()
    await hanging.server.start_server()
    yield hanging
    await hanging.server.close()


def school_on_slack(folder: Path) -> Path:
    """Write the sample school, everybody with a Slack account beside their own."""
    text = SAMPLE_SCHOOL.read_text("utf-8")
    text = re.sub(r'(?m)^web = "(\w+)"', lambda m: f'web = "{m[1]}"\nslack = "U{m[1].upper()}"', text)
    text = re.sub(r"^(leadership|restricted) = .*$", "", text, flags=re.MULTILINE)
    path = folder / "school.toml"
    path.write_text(text, "utf-8")
    return path


async def something_to_send(folder: Path, school: Path) -> None:
    """Keep a case of which nobody has been told."""
    store = await open_store(f"tinydb:{folder / 'reports.db'}", key=KEY, opening=Opening.NEW)
    place = Town(store)
    place.context.directory.reload(load_schools(school))  # type: ignore[attr-defined]
    place.context.chats = {Platform.SLACK: FakeChat(Platform.SLACK)}
    await place.report("brook", ABUSE)
    await store.close()


def command(text: str) -> tuple[bytes, dict[str, str]]:
    """Return a slash command as Slack signs and posts it."""
    fields = {
        "command": "/report-posting",
        "text": text,
        "user_id": "UJO",
        "team_id": "T1",
        "channel_id": "D9",
    }
    body = urlencode({**fields, "trigger_id": "1.2", "response_url": "http://127.0.0.1:9/x"}).encode()
    now = str(int(time.time()))
    sign = hmac.new(SIGNING.encode(), f"v0:{now}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {"X-Slack-Request-Timestamp": now, "X-Slack-Signature": f"v0={sign}"}
    return body, {**headers, "Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.slow
@pytest.mark.unwatched
async def test_the_real_process_ends_within_five_seconds(tmp_path: Path, slack: HangingSlack) -> None:
    """SIGTERM while Slack hangs: a command that comes then is refused, nothing of it is kept."""
    (tmp_path / "store").mkdir()
    school, port = school_on_slack(tmp_path), unused_port()
    await something_to_send(tmp_path / "store", school)
    settings = {
        "REPORT_STORE": f"tinydb:{tmp_path / 'store' / 'reports.db'}",
        "REPORT_KEY": base64.b64encode(KEY).decode(),
        "REPORT_SCHOOL": str(school),
        "REPORT_PORT": str(port),
        "SLACK_BOT_TOKEN": "xoxb-invented",
        "SLACK_SIGNING_SECRET": SIGNING,
        "SLACK_API_URL": str(slack.server.make_url("/api/")),
        "PATH": "/usr/bin:/bin",
    }
    made = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "serve", env=settings, cwd=ROOT,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        async with asyncio.timeout(30), aiohttp.ClientSession() as session:
            await slack.posted.wait()
            made.send_signal(signal.SIGTERM)
            began, answers = time.monotonic(), []
            while made.returncode is None and not answers:
                body, headers = command("An invented posting.")
                url = f"http://127.0.0.1:{port}/slack/events"
                async with session.post(url, data=body, headers=headers) as answer:
                    answers.append(await answer.text())
            assert "try again" in answers[0]
            assert await made.wait() == 0
            assert time.monotonic() - began < 5
    finally:
        if made.returncode is None:
            made.kill()
            await made.wait()
    store = await open_store(settings["REPORT_STORE"], key=KEY)
    assert await store.draft_of(next(iter(load_schools(school))), "jo") is None  # type: ignore[arg-type]
    assert len(await store.cases(next(iter(load_schools(school))))) == 1
    await store.close()


async def test_nothing_is_taken_once_it_ends() -> None:
    """Typed, pressed, asked: each is told that nothing was kept; what was begun before is finished."""
    place = Town(await open_store("memory:", key=KEY))
    await place.report("brook", ABUSE)
    under_way = asyncio.create_task(place.start("jo", "An invented posting."))
    await asyncio.sleep(0)
    place.service.stop_taking()
    await under_way
    case = await place.case()
    for ask in (
        place.say("brook", "He wrote it again."),
        place.ask("ash", ChatCommand.CASES),
        place.act("ash", case, Action.TAKE_ON),
    ):
        with pytest.raises(StoreError) as refused:
            await ask
        assert refused.value.reference == "stopping"
        assert "again" in refused.value.hint
    assert (await place.case()).version == case.version
