"""The real process, stopped in the middle of a report and started again: nothing typed is lost."""

from __future__ import annotations

import asyncio
import base64
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from adapters.slack.manifest import SCOPES
from bot.config.settings import SAMPLE_SCHOOL
from tests.e2e.slack.emulated import APP_TOKEN, SIGNING, free_port
from tests.e2e.slack.line import HttpLine, SocketLine
from tests.e2e.slack.reporting import SCHOOL_ABUSED, finish, page
from tests.e2e.slack.screen import BOT_TOKEN, Screen
from tests.e2e.slack.workspace import Workspace, outside
from tests.slack.reading import texts

ROOT = Path(__file__).parents[3]


def school_file(folder: Path, place: Workspace) -> Path:
    """Write the sample school with its people on Slack."""

    def on_slack(found: re.Match[str]) -> str:
        screen = place.people.get(found[1])
        return f'slack = "{screen.account}"' if screen else found[0]

    text = re.sub(r'web = "(\w+)"', on_slack, SAMPLE_SCHOOL.read_text("utf-8"))
    text = text.replace(
        'leadership = { web = "leadership" }', f'leadership = {{ slack = "{place.channel}" }}'
    )
    text = re.sub(r"^restricted = .*$", "", text, flags=re.MULTILINE)
    path = folder / "school.toml"
    path.write_text(text, "utf-8")
    return path


def environment(folder: Path, place: Workspace, *, port: int, transport: str) -> dict[str, str]:
    """Return the settings a school would give."""
    return {
        "REPORT_STORE": f"tinydb:{folder / 'reports.db'}",
        "REPORT_KEY": base64.b64encode(bytes(range(32))).decode(),
        "REPORT_SCHOOL": str(school_file(folder, place)),
        "REPORT_PORT": str(port),
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING,
        "SLACK_API_URL": place.front.api_url,
        "PATH": "/usr/bin:/bin",
        **({"SLACK_APP_TOKEN": APP_TOKEN} if transport == "socket" else {}),
    }


@asynccontextmanager
async def process(
    folder: Path, place: Workspace, *, port: int, transport: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run ``python -m bot serve`` as a school would, against the emulator."""
    settings = environment(folder, place, port=port, transport=transport)
    first = [] if (folder / "reports.db").exists() else ["--new-store"]
    made = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "serve", *first, env=settings, cwd=ROOT,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert made.stdout is not None
    said: list[bytes] = []
    try:
        async with asyncio.timeout(20):
            while not (line := await made.stdout.readline()).startswith(b"Ready"):
                said.append(line)
                assert line, b"".join(said).decode()
        if transport == "socket":
            await place.front.until(lambda: any(not s.closed for s in place.front.sockets))
        yield made
    finally:
        if made.returncode is None:
            made.kill()
            await made.wait()


async def stopped(made: asyncio.subprocess.Process) -> int:
    """Ask a process to stop; return how it ended."""
    made.send_signal(signal.SIGTERM)
    async with asyncio.timeout(15):
        return await made.wait()


async def _page(person: Screen) -> str:
    """Return the page a person comes to when they type the command."""
    person.windows.clear()
    await person.command()
    await person.front.until(lambda: person.has_window)
    if "submit" not in person.window:
        await person.press_here("Continue")
        await person.front.until(lambda: "submit" in person.window)
    return person.reads_window()


@pytest.mark.parametrize("transport", ["http", "socket"])
async def test_stopped_in_the_middle_of_a_report(tmp_path: Path, transport: str) -> None:
    """SIGTERM while a page is on its way: what was acknowledged is there after the restart."""
    port = free_port()
    async with outside(tmp_path, port=port) as place:
        brook = place.brook
        line = (
            SocketLine(place.front)
            if transport == "socket"
            else HttpLine(f"http://127.0.0.1:{port}/slack/events", SIGNING)
        )
        for screen in place.people.values():
            screen.line = line
        async with process(tmp_path, place, port=port, transport=transport) as first:
            await _page(brook)
            await brook.submit({"immediate_danger": "no"})
            await brook.submit({"safety": ["none_of_these"]})
            assert "Who is it about?" in brook.reads_window()
            sending = asyncio.create_task(brook.submit(page(brook.window, SCHOOL_ABUSED)))
            ending = asyncio.create_task(stopped(first))
            try:
                async with asyncio.timeout(5):
                    kept = (await sending).get("response_action") == "update"
            except (aiohttp.ClientError, TimeoutError, OSError):
                kept = False
            assert await ending == 0
        async with process(tmp_path, place, port=port, transport=transport) as second:
            shown = await _page(brook)
            assert "danger right now" not in shown, "nothing acknowledged is asked again"
            # the page comes once more with what its answer has opened
            assert not (kept and "Who is it about?" in shown and "hurt a child" not in shown)
            await finish(brook, SCHOOL_ABUSED)
            assert "HPS-2026-" in brook.reads_window()
            await place.front.until(
                lambda: any(a["channel"] == place.channel for a in place.front.asked("chat.postMessage"))
            )
            assert "HPS-2026-" in "\n".join(texts((await place.root())["blocks"]))
            assert await stopped(second) == 0


@pytest.mark.parametrize("scopes", [tuple(SCOPES), tuple(SCOPES)[:-1]])
async def test_check_proves_it(tmp_path: Path, scopes: tuple[str, ...]) -> None:
    """``python -m bot check`` as a school types it: token, permissions, channel, seats, what is missing."""
    async with outside(tmp_path, port=free_port(), scopes=scopes) as place:
        made = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "check", cwd=ROOT,
            env=environment(tmp_path, place, port=free_port(), transport="socket"),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        out, _ = await made.communicate()
        said = out.decode()
        for words in ("Slack token: valid", "Socket Mode: connects", "private, ours", "can be reached"):
            assert words in said, said
        assert ("permissions: all 8" in said) is (scopes == tuple(SCOPES)), said
        assert ("files:read missing" in said) is (scopes != tuple(SCOPES)), said
        assert place.front.asked("chat.postMessage") == []
