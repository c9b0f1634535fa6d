"""A school writes its own policy in a browser: chosen, changed, refused, printed, put into force."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Literal

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import expect

from bot.set_up.answers import Answers
from bot.set_up.listen import SetUp
from tests.e2e.browser import chromium, overflow, picture, troubles, violations, window
from tests.fakes import FakeClock


@pytest.mark.feature("policy-pages")
@pytest.mark.parametrize(("scheme", "phone"), [("light", False), ("dark", True)])
async def test_a_policy_is_written_and_put_into_force(
    tmp_path: Path,
    scheme: Literal["light", "dark"],
    phone: bool,  # noqa: FBT001 - a table's column
) -> None:
    """Wide and narrow: what a change does is read at once, what is weaker is refused; axe finds nothing."""
    set_up = SetUp(Answers(tmp_path / "school.toml", {}, dt.date(2026, 11, 2)), FakeClock())
    token = set_up.token
    async with TestServer(set_up.app()) as server, chromium() as browser:
        page = await (await window(browser, phone=phone, scheme=scheme)).new_page()
        base = f"http://127.0.0.1:{server.port}"
        await page.goto(f"{base}/enter?token={token}")
        said = troubles(page)

        async def looks_well(name: str) -> None:
            assert (await violations(page), await overflow(page), said) == ([], 0, []), name
            await picture(page, f"policy-{name}-{scheme}", whole=True)

        await page.goto(f"{base}/policy")
        await looks_well("forms")
        await page.get_by_label("Talk first").check()
        await page.get_by_role("button", name="Begin with this form").click()
        await expect(page.get_by_text("it comes to the same as the form")).to_be_visible()
        await page.get_by_role("link", name="Change Nobody known").click()
        await page.get_by_label("Legal Services").select_option("recommend")
        await looks_well("change")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("situations something is different from the form")).to_be_visible()
        await looks_well("policy")
        await page.get_by_role("link", name="Make it firmer S1", exact=True).click()
        await page.get_by_label("How soon").select_option("same_day")
        said.clear()
        await page.get_by_role("button", name="Save").click()
        await expect(page.locator("#soon-error")).to_contain_text("never weaker")
        said.clear()  # the browser notes that the answer was a refusal
        await looks_well("refused")
        await page.get_by_role("link", name="Leave it as it is").click()
        await page.get_by_role("link", name="The page to sign").click()
        await page.emulate_media(media="print")
        await expect(page.get_by_role("heading", name="Signatures")).to_be_visible()
        await expect(page.locator(".set-up-head")).to_be_hidden()
        await picture(page, f"policy-print-{scheme}", whole=True)
        await page.emulate_media(media="screen", color_scheme=scheme)
        await looks_well("paper")
        await page.get_by_role("link", name="Back to your policy").click()
        await page.get_by_label("From which day?").fill("2027-01-05")
        await page.get_by_role("button", name="Put it into force").click()
        await expect(page.get_by_text("policy-2027-01-05.toml")).to_be_visible()
