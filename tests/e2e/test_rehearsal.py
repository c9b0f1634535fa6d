"""A rehearsal in a browser: begun on the last page of set-up, pressed on that of an e-mail, and ended."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import pytest
from aiohttp.test_utils import TestClient, TestServer
from playwright.async_api import expect

from bot.set_up.answers import Answers
from bot.set_up.listen import SetUp
from tests.e2e.browser import chromium, overflow, picture, troubles, violations, window
from tests.email.server import Post, served
from tests.fakes import FakeClock
from tests.set_up.test_browser import TODAY, Browser
from tests.set_up.test_rehearsal import CHAIR, free_port, surroundings


@pytest.mark.feature("rehearsal-in-set-up")
@pytest.mark.parametrize(("scheme", "phone"), [("light", False), ("dark", False), ("light", True)])
async def test_a_rehearsal_from_set_up(
    tmp_path: Path,
    scheme: Literal["light", "dark"],
    phone: bool,  # noqa: FBT001 - a table's column
) -> None:
    """Four clicks from what was written to what came of it; a link that is only followed presses nothing."""
    post, port = Post(), free_port()
    async with served(post, tls=False) as mail:
        set_up = SetUp(Answers(tmp_path / "school.toml", surroundings(mail, port), TODAY), FakeClock())
        async with TestServer(set_up.app()) as server, chromium() as browser:
            one = Browser(TestClient(server), set_up.token)
            await one.enter()
            await one.walk()
            context = await window(browser, phone=phone, scheme=scheme)
            base = f"http://127.0.0.1:{server.port}"
            await context.add_cookies([{"name": "set_up", "value": set_up._session, "url": base}])  # noqa: SLF001 - the browser that walked
            page = await context.new_page()
            said = troubles(page)

            async def looks_well(name: str) -> None:
                assert (await violations(page), await overflow(page), said) == ([], 0, []), name
                await picture(page, f"rehearsal-{name}-{scheme}{'-phone' if phone else ''}", whole=True)

            await page.goto(f"{base}/step/rehearsal")
            await looks_well("before")
            await page.get_by_role("button", name="Begin a rehearsal").click()
            await expect(page.get_by_role("button", name="End the rehearsal")).to_be_visible()
            for _ in range(20):
                if len(post.to(CHAIR)):
                    break
                await page.get_by_role("link", name="Look again").click()
            (letter,) = post.to(CHAIR)
            body = letter.get_body(("plain",))
            assert body is not None
            (path,) = re.findall(r"https://bot\.school\.example(/r/[\w-]+)", body.get_content())
            await page.goto(f"http://127.0.0.1:{port}{path}")
            await looks_well("link")
            await page.goto(f"{base}/step/rehearsal")
            await expect(page.get_by_text("Pressed: 0 of 4 messages")).to_be_visible()
            await page.goto(f"http://127.0.0.1:{port}{path}")
            await page.get_by_role("button", name="I got it").click()
            await expect(page.get_by_role("status")).to_contain_text("it is noted")
            await looks_well("pressed")
            await page.goto(f"{base}/step/rehearsal")
            await expect(page.get_by_text("Pressed: 1 of 4 messages")).to_be_visible()
            await looks_well("running")
            await page.get_by_role("button", name="End the rehearsal").click()
            await expect(page.get_by_text("What was sent is being taken away")).to_be_visible()
            await looks_well("ended")
            await one.client.close()
