"""The story of a Chair who has e-mail alone: a mail server, the links and codes it was given, Chromium."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer, unused_port
from playwright.async_api import Browser, Page, expect

from bot.config.settings import SAMPLE_SCHOOL, EmailSettings, Settings
from bot.wiring import Running, running
from flows.case.seat_link import APART
from flows.model import EventKind, Status
from flows.school import SchoolId
from tests.e2e.bot_stage import go_on, tick, up_to
from tests.e2e.browser import chromium, violations, window
from tests.email import reading
from tests.email.server import Post, served
from tests.fakes import FakeClock
from tests.town import codes

CHAIR = "chair@school.example"


class Story:
    """The running bot with its mail server, and a browser."""

    def __init__(self, bot: Running, post: Post, browser: Browser, clock: FakeClock, address: str) -> None:
        self.bot = bot
        self.post = post
        self.browser = browser
        self.clock = clock
        self.address = address

    async def mail(self, words: str, *, after: int = 0) -> EmailMessage:
        """Return the first e-mail of the Chair's that says this, once it has come."""
        async with asyncio.timeout(10):
            while True:
                for message in self.post.to(CHAIR)[after:]:
                    if words in reading.plain(message):
                        return message
                await asyncio.sleep(0.05)

    async def open(self, link: str) -> Page:
        """Open a link on the Chair's phone, with the code that comes."""
        before = len(self.post.to(CHAIR))
        page = await (await window(self.browser, phone=True)).new_page()
        await page.goto(link)
        await page.get_by_role("button", name="Send me a code").click()
        message = await self.mail("type this code there", after=before)
        code = re.search(r"^\s*(\d{6})\s*$", reading.plain(message), re.MULTILINE)
        assert code
        assert code[1] not in message["Subject"]
        await page.get_by_label("Code").fill(code[1])
        await page.get_by_role("button", name="Open the case").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("HPS-2026-001")
        return page

    def link(self, message: EmailMessage) -> str:
        """Return the link of an e-mail."""
        found = re.search(rf"{self.address}/c/[\w-]+", reading.plain(message))
        assert found
        return found[0]


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    """Give the sample school, whose Chair has e-mail alone, with all that runs beside the bot."""
    school, port = tmp_path / "school.toml", unused_port()
    school.write_text(SAMPLE_SCHOOL.read_text("utf-8").replace('web = "ellis"\n', ""), "utf-8")
    post, clock, address = Post(), FakeClock(), f"http://127.0.0.1:{port}"
    async with served(post, tls=False) as mail_port:
        settings = Settings(
            store=f"tinydb:{tmp_path / 'reports.db'}",
            school=school,
            try_out=True,
            port=port,
            address=address,
            email=EmailSettings(host="127.0.0.1", port=mail_port, sender="reports@school.example"),
        )
        async with (
            running(settings, clock=clock) as bot,
            TestServer(bot.app, port=port) as server,
            chromium() as browser,
        ):
            assert server.port == port
            bot.context.new_code = codes()
            working = asyncio.create_task(bot.worker.run())
            yield Story(bot, post, browser, clock, address)
            bot.worker.stop()
            with suppress(asyncio.CancelledError):
                await working


async def reported(story: Story) -> None:
    """Let Brook report something that the Headteacher must not know of."""
    page = await (await window(story.browser)).new_page()
    await page.goto(f"{story.address}/w/brook/dm")
    await up_to(page, "You")
    for name, value in {
        "reporter_link": "none_of_these_apply",
        "keep_name_private": "no",
        "keep_from": "headteacher",
    }.items():
        await tick(page, name, value)
    await go_on(page, "Your words")
    await page.locator("#now textarea").first.fill("They wrote that the school is a shambles.")
    await go_on(page, "Check your answers")
    await page.locator("#now .send-row .primary").click()
    await expect(page.locator("#stream")).to_contain_text("is safe.")


async def act(page: Page, action: str, answers: dict[str, str]) -> None:
    """Press the button of an action, wherever it stands, and fill in what it asks."""
    found = page.locator(f'button[value*=\'"action":"{action}"\']')
    if not await found.count():
        await page.get_by_role("button", name="More…").click()
    await found.first.click()
    for name, value in answers.items():
        field = page.locator(f'#now [name="{name}"]')
        if name.startswith("one."):
            await page.locator(f'#now [name="{name}"][value="{value}"]').check()
        else:
            await field.fill(value)
    if answers:
        await page.locator("#now .send-row .primary").click()
    await expect(page.locator("#now .card")).to_be_visible()
    assert await violations(page) == [], action


@pytest.mark.feature("seat-page")
async def test_the_chair_works_the_case_from_a_phone(story: Story) -> None:
    """Told by e-mail, opened by link and code, taken on; later by a new link decided and closed."""
    await reported(story)
    told = await story.mail("/c/")
    assert "shambles" not in reading.plain(told)
    page = await story.open(story.link(told))
    await expect(page.locator("main")).to_contain_text("They wrote that the school is a shambles.")
    await act(page, "take_on", {})
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("You are out")

    story.clock.pass_by(APART)
    before = len(story.post.to(CHAIR))
    await page.goto(story.link(told))
    await page.get_by_role("button", name="Send me a code").click()
    fresh = await story.mail("You asked for a new link", after=before)
    page = await story.open(story.link(fresh))
    await act(page, "contact", {"one.how": "phone", "date.when": "2026-11-24", "text.text": "Rang them."})
    await act(page, "close", {"one.outcome": "no_further_action", "text.text": "They took it down."})
    case = await story.bot.context.store.case_called(SchoolId("HPS"), "HPS-2026-001")
    assert case is not None
    assert (case.status, case.owner, case.closed_by) == (Status.CLOSED, "ellis", "ellis")
    events = await story.bot.context.store.events(case.school, case.id)
    assert [event.kind for event in events if event.by == "ellis"] == [
        *(EventKind.TAKEN_ON, EventKind.CONTACT_RECORDED, EventKind.CLOSED),
    ]
    assert "ellis" in await story.bot.context.store.opened_by(case.school, case.id)
