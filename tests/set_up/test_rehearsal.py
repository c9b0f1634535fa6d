"""The last step of set-up: the bot runs beside the pages, and a rehearsal is begun, seen and ended there."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.config.environment import decoded_key
from flows.school import SchoolId
from storage.open import Opening, open_store
from tests.email.server import Post, served
from tests.set_up.test_browser import Browser, browser

CHAIR = "cha@school.uk"
WHERE = "/step/rehearsal"


def free_port() -> str:
    """Return a port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


def surroundings(mail: int, port: str) -> dict[str, str]:
    """Return a mail server of ours, and how the bot is reached."""
    return {
        "EMAIL_SERVER": f"smtp://127.0.0.1:{mail}",
        "EMAIL_FROM": "bot@school.example",
        "REPORT_ADDRESS": "https://bot.school.example",
        "REPORT_PORT": port,
    }


async def read(one: Browser) -> str:
    """Return the page as it is now."""
    return await (await one.client.get(WHERE)).text()


async def until(one: Browser, there: Callable[[str], bool]) -> str:
    """Look again until the page says it, as a person would."""
    async with asyncio.timeout(20):
        while not there(page := await read(one)):
            continue  # each look is a way to the server and back
    return page


@pytest.mark.slow
@pytest.mark.feature("rehearsal-in-set-up")
async def test_from_what_was_written_to_who_has_pressed(tmp_path: Path) -> None:
    """Real e-mails by a real mail server; a press by the link in one; said on the page; ended there."""
    post, port = Post(), free_port()
    async with served(post, tls=False) as mail, browser(tmp_path, surroundings(mail, port)) as one:
        await one.enter()
        assert "First write down" in await read(one)
        await one.walk()
        page = await read(one)
        assert "Begin a rehearsal" in page
        await one.post("/rehearsal/begin", {})
        page = await until(one, lambda page: page.count("sent, not pressed yet") == 4)
        assert "Ellis Pretend" in page
        (letter,) = post.to(CHAIR)
        body = letter.get_body(("plain",))
        assert body is not None
        (path,) = re.findall(r"https://bot\.school\.example(/r/[\w-]+)", body.get_content())
        link = f"http://127.0.0.1:{port}{path}"
        assert (await one.client.session.get(link)).status == 200
        assert "e-mail: pressed" not in await read(one)
        assert (await one.client.session.post(link)).status == 200
        page = await read(one)
        assert "e-mail: pressed" in page
        assert "Pressed: 1 of 4 messages" in page
        await one.post("/rehearsal/end", {})
        assert "is being taken away" in await read(one)
    store = await open_store(
        f"tinydb:{tmp_path / 'reports' / 'reports.db'}",
        key=decoded_key((tmp_path / "keys" / "sealing.key").read_text()) or b"",
        opening=Opening.THERE,
    )
    found = await store.rehearsal(SchoolId("HPS"))
    await store.close()
    assert found is not None
    assert found.ended_at is not None, "what was begun here goes on with the bot that is started later"


async def test_before_anything_is_written_nothing_is_begun(tmp_path: Path) -> None:
    """No button, and a post by hand says what is missing."""
    async with browser(tmp_path) as one:
        await one.enter()
        assert "Begin a rehearsal" not in await read(one)
        await one.post("/rehearsal/begin", {})
        assert "REPORT_KEY_FILE" in await read(one)
        await one.post("/rehearsal/end", {})
        assert not (tmp_path / "reports").exists()


@pytest.mark.slow
async def test_a_bot_that_runs_already_is_said(tmp_path: Path) -> None:
    """Its store is in its hands: the word is typed to it instead."""
    async with browser(tmp_path, {"REPORT_PORT": free_port()}) as one:
        await one.enter()
        await one.walk()
        await one.post("/rehearsal/begin", {})
        async with browser(tmp_path, {"REPORT_PORT": free_port()}) as other:
            await other.enter()
            await other.post("/rehearsal/begin", {})
            assert "The bot is running already" in await read(other)


@pytest.mark.slow
async def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    """In words, and another try is possible."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        async with browser(tmp_path, {"REPORT_PORT": str(taken.getsockname()[1])}) as one:
            await one.enter()
            await one.walk()
            await one.post("/rehearsal/begin", {})
            page = await read(one)
    assert 'role="alert"' in page
    assert "Begin a rehearsal" in page
