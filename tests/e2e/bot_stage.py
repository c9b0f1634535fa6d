"""The bot as `make run` starts it, with a browser before it, for tests that walk as its users do."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from bot.config.settings import SAMPLE_SCHOOL, Settings
from bot.wiring import running
from tests.e2e.browser import chromium, troubles, window
from tests.fakes import FakeClock
from tests.town import codes


class Stage:
    """The running bot with a browser before it."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser = browser
        self.address = address
        self.complaints: list[str] = []

    async def person(self, account: str, place: str = "dm", *, phone: bool = False) -> Page:
        """Return a window of that person."""
        page = await (await window(self.browser, phone=phone)).new_page()
        self.complaints = troubles(page)
        await page.goto(f"{self.address}/w/{account}/{place}")
        return page


@asynccontextmanager
async def staged(folder: Path) -> AsyncIterator[Stage]:
    """Give the bot, with its worker, and a browser."""
    settings = Settings(store=f"tinydb:{folder / 'reports.db'}", school=SAMPLE_SCHOOL, try_out=True)
    async with (
        running(settings, clock=FakeClock()) as bot,
        TestServer(bot.app) as server,
        chromium() as browser,
    ):
        bot.context.new_code = codes()
        working = asyncio.create_task(bot.worker.run())
        yield Stage(browser, f"http://127.0.0.1:{server.port}")
        bot.worker.stop()
        await working


async def tick(page: Page, name: str, *values: str) -> None:
    """Tick answers of a question of the page that is open."""
    for value in values:
        await page.locator(f'#now [name$=".{name}"][value="{value}"]').check()


async def go_on(page: Page, title: str) -> None:
    """Press Next and wait for the page of that title."""
    await page.locator("#now .send-row .primary").click()
    await expect(page.locator("#now .ask-title")).to_have_text(title)


async def up_to(page: Page, last: str) -> None:
    """Answer a report about abuse by a parent up to the page of that title."""
    await page.get_by_role("button", name="Report a posting").click()
    await expect(page.locator("#now .ask-title")).to_have_text("First: is everyone safe?")
    for answers, title in (
        ({"immediate_danger": "no"}, "Is it dangerous or hateful?"),
        ({"safety": "none_of_these"}, "Who is it about?"),
        ({"targets": "school", "staff_allegation": "nobody"}, "Who put it there?"),
        ({"poster": "parent_carer", "did": "made"}, "What is it like?"),
        ({"nature": "abusive"}, "Where is it?"),
        (
            {"platform": "collaborative_space", "still_online": "yes", "evidence": "none"},
            "What has happened since?",
        ),
        ({"replied": "no", "repeated": "no"}, "You"),
        (
            {"reporter_link": "none_of_these_apply", "keep_name_private": "no", "keep_from": "nobody"},
            "Your words",
        ),
        ({}, "Check your answers"),
    ):
        if await page.locator("#now .ask-title").inner_text() == last:
            return
        for name, value in answers.items():
            await tick(page, name, value)
        await go_on(page, title)


async def heard(page: Page) -> str:
    """Return what is read aloud: the live region, as the accessibility tree has it."""
    region = page.get_by_role("status")
    await expect(region).not_to_be_empty()
    tree: str = await region.aria_snapshot()
    return re.sub(r"^- status:?\s*", "", tree).strip().strip('"')


async def focused(page: Page) -> str:
    """Return the role and the name of what has the focus, as the accessibility tree has them."""
    session = await page.context.new_cdp_session(page)
    tree = await session.send("Accessibility.getFullAXTree")
    for node in reversed(tree["nodes"]):
        properties = {one["name"]: one["value"].get("value") for one in node.get("properties", ())}
        if properties.get("focused") and node["role"]["value"] != "RootWebArea":
            return f"{node['role']['value']}: {node.get('name', {}).get('value', '')}".strip()
    return ""
