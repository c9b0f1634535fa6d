"""Somebody who sets it up alone, before the pages of set-up in Chromium."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from aiohttp.test_utils import TestServer
from playwright.async_api import Locator, Page, expect

from bot.clock import SystemClock
from bot.set_up.answers import Answers
from bot.set_up.listen import SetUp
from tests.e2e.browser import chromium, window

TODAY = dt.date(2026, 11, 2)
NEXT = "Save and go on"


class Walker:
    """Somebody who sets it up: types, and counts what is pressed."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks, self.typed = page, 0, 0

    def field(self, key: str) -> Locator:
        """Return a field."""
        return self.page.locator(f'[id="{key}"]')

    async def type(self, **answers: str) -> None:
        """Fill in fields; what stands for the dot is two underscores."""
        for key, value in answers.items():
            name = key if key.isupper() else key.replace("__", ".")
            await self.field(name).fill(value)
            self.typed += 1

    async def choose(self, key: str, value: str) -> None:
        """Choose one of several."""
        await self.page.locator(f'[name="{key}"][value="{value}"]').check()
        self.clicks += 1

    async def go_on(self, title: str) -> None:
        """Save the page, and be on the one of that title."""
        await self.page.get_by_role("button", name=NEXT).click()
        self.clicks += 1
        try:
            await expect(self.page.get_by_role("heading", level=1)).to_have_text(title)
        except AssertionError as error:
            error.add_note(f"It said: {await self.page.locator('#errors').all_inner_texts()}")
            raise


@asynccontextmanager
async def walking(
    folder: Path,
    around: Mapping[str, str],
    *,
    phone: bool = False,
    scheme: Literal["light", "dark"] = "light",
) -> AsyncIterator[Walker]:
    """Give somebody before the pages of set-up, in an empty folder; ``around`` = what is set already."""
    set_up = SetUp(Answers(folder / "school.toml", around, TODAY), SystemClock())
    token = set_up.token
    async with TestServer(set_up.app()) as server, chromium() as browser:
        page = await (await window(browser, phone=phone, scheme=scheme)).new_page()
        await page.goto(f"http://127.0.0.1:{server.port}/enter?token={token}")
        yield Walker(page)
