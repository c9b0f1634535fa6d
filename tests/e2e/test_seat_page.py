"""The page behind a link of an e-mail, in Chromium: links gone astray, tabs, idleness, axe in every state."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import AsyncIterator
from typing import Literal

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from flows.case.seat_link import APART, LASTS, TRIES
from tests.e2e.bot_stage import focused
from tests.e2e.browser import chromium, overflow, picture, troubles, violations, window
from tests.web.seat import CHAIR, Mailbox, mailbox

Scheme = Literal["light", "dark"]
LOOKS: list[tuple[Scheme, bool]] = [("light", False), ("dark", False), ("light", True), ("dark", True)]
SECRET = "An invented posting about nobody."
ASK, CODE = "Open the page of a case", "Type the code"


class Stage:
    """The Chair's mailbox, and a browser before the page."""

    def __init__(self, browser: Browser, box: Mailbox, address: str) -> None:
        self.browser = browser
        self.box = box
        self.address = address

    def link(self, number: int = 0) -> str:
        """Return the address of a link that was sent."""
        return f"{self.address}/c/{self.box.tokens()[number]}"

    async def page(self, *, phone: bool = True, scheme: Scheme = "light", script: bool = True) -> Page:
        """Return a page of a browser of its own, whose clock stands until it is moved."""
        context = await window(self.browser, phone=phone, scheme=scheme, script=script)
        page = await context.new_page()
        if script:
            await page.clock.install()
        return page

    async def ask(self, page: Page, link: str = "") -> None:
        """Follow the link and have a code sent; it arrives."""
        await page.goto(link or self.link())
        await page.get_by_role("button", name="Send me a code").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(CODE)
        await self.box.place.settle()

    async def type(self, page: Page, code: str) -> None:
        """Type a code."""
        await page.get_by_label("Code").fill(code)
        await page.get_by_role("button", name="Open the case").click()

    async def open(self, page: Page, link: str = "") -> Page:
        """Open the case."""
        await self.ask(page, link)
        await self.type(page, self.box.code())
        await expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("HPS-2026-00"))
        return page

    async def closed(self, page: Page) -> None:
        """Nothing of the case is on the screen."""
        await expect(page.get_by_role("heading", level=1)).to_have_text(ASK)
        assert SECRET not in await page.content()


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """Give a school whose Chair has e-mail alone and leads a case, and a browser."""
    box = await mailbox()
    await box.report()
    async with TestServer(box.app) as server, chromium() as browser:
        yield Stage(browser, box, f"http://127.0.0.1:{server.port}")


@pytest.mark.parametrize(("scheme", "phone"), LOOKS)
@pytest.mark.feature("seat-page")
async def test_axe_finds_nothing_in_any_state(
    stage: Stage,
    scheme: Scheme,
    phone: bool,  # noqa: FBT001 - a table's column
) -> None:
    """From the link to the end, light and dark, wide and narrow: no violation, none wider than the window."""
    page = await stage.page(phone=phone, scheme=scheme)
    said = troubles(page)
    look = f"{scheme}-{'phone' if phone else 'desk'}"

    async def check(name: str) -> None:
        assert await violations(page) == [], name
        assert await overflow(page) == 0, name
        assert [line for line in said if "403" not in line] == [], name
        await picture(page, f"seat-{name}-{look}", whole=True)

    await page.goto(stage.link())
    await check("ask")
    await stage.ask(page)
    await check("code")
    await stage.type(page, "000")
    await expect(page.get_by_role("alert")).to_be_visible()
    await check("wrong")
    await stage.type(page, stage.box.code())
    await expect(page.get_by_role("heading", name="The record", exact=True)).to_be_visible()
    await check("case")
    await page.get_by_role("button", name="Take this on").click()
    await expect(page.locator("#now .card")).to_contain_text("has taken this on")
    await check("done")
    await page.get_by_role("button", name="Record the LADO").first.click()
    await expect(page.locator("#now .ask-title")).to_be_focused()
    await check("form")
    await page.locator("#now .primary").click()
    await expect(page.locator("#now .has-error").first).to_be_visible()
    await check("mend")
    await page.get_by_role("button", name="Back to the case").click()
    await page.get_by_role("button", name="More…").click()
    await expect(page.locator("#now .b-heading").first).to_be_focused()
    await check("more")
    await page.clock.fast_forward(545_000)
    await expect(page.locator(".seat-idle")).to_be_visible()
    await check("idle")
    await page.get_by_role("button", name="Stay here").click()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("You are out")
    await check("out")
    await page.context.close()


async def test_a_forwarded_link_opens_nothing_for_whom_it_was_forwarded_to(stage: Stage) -> None:
    """The code goes to the Chair's mailbox; the other has none, and the Chair's link still works."""
    other = await stage.page()
    before = len(stage.box.mail.messages)
    await stage.ask(other)
    assert [m.audience for m in list(stage.box.mail.messages.values())[before:]] == [CHAIR]
    await stage.type(other, "123456" if stage.box.code() != "123456" else "654321")
    await expect(other.get_by_role("alert")).to_contain_text("That opened nothing.")
    assert SECRET not in await other.content()
    stage.box.place.clock.pass_by(APART)
    await stage.open(await stage.page())


@pytest.mark.parametrize("script", [True, False])
async def test_a_link_that_is_replayed_opens_nothing(stage: Stage, *, script: bool) -> None:
    """Opened once, it and its code open nothing in another browser; a new link comes, to the Chair."""
    await stage.open(await stage.page(script=script))
    code = stage.box.code()
    again = await stage.page(script=script)
    stage.box.place.clock.pass_by(APART)
    await stage.ask(again)
    await stage.type(again, code)
    await expect(again.get_by_role("alert")).to_contain_text("That opened nothing.")
    await stage.open(again, stage.link(-1))


async def test_a_link_that_is_too_old_brings_a_new_one(stage: Stage) -> None:
    """After 72 hours no code comes; the e-mail that comes has a link, which opens the case."""
    stage.box.place.clock.pass_by(LASTS)
    await stage.box.place.settle()
    page = await stage.page()
    await stage.ask(page)
    assert "You asked for a new link" in stage.box.read()
    await stage.open(page, stage.link(-1))


async def test_a_scanner_uses_nothing_up(stage: Stage) -> None:
    """Programs that follow every link of an e-mail, with and without script, change nothing."""
    before = len(stage.box.mail.messages)
    for script in (True, False):
        scanner = await stage.page(script=script)
        for _ in range(3):
            await scanner.goto(stage.link())
    await stage.box.place.settle()
    assert len(stage.box.mail.messages) == before
    await stage.open(await stage.page())


async def test_codes_are_not_guessed(stage: Stage) -> None:
    """After five wrong ones the right one opens nothing either; the next code does."""
    page = await stage.page()
    await stage.ask(page)
    code = stage.box.code()
    for step in range(1, TRIES + 1):
        await stage.type(page, f"{(int(code) + step) % 10**6:06}")
        await expect(page.get_by_role("alert")).to_be_visible()
    await stage.type(page, code)
    await expect(page.get_by_role("alert")).to_be_visible()
    stage.box.place.clock.pass_by(APART)
    await page.get_by_role("button", name="Send another code").click()
    await expect(page.get_by_role("alert")).to_be_hidden()
    await stage.box.place.settle()
    await stage.type(page, stage.box.code())
    await expect(page.get_by_role("heading", level=1)).to_have_text("HPS-2026-001")


async def test_links_that_were_ended_close_what_is_open(stage: Stage) -> None:
    """Whoever leads ends them: the open page goes at its next look, and the link opens nothing."""
    page = await stage.open(await stage.page())
    other = await page.context.new_page()
    await other.clock.install()
    await other.goto(stage.link())
    case = await stage.box.place.case()
    await page.get_by_role("button", name="More…").click()
    await page.get_by_role("button", name="End the links sent by e-mail").click()
    await page.get_by_label("Why?").fill("It was forwarded.")
    await page.get_by_role("button", name="End them").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("You are out")
    await expect(other.get_by_role("heading", level=1)).to_have_text("HPS-2026-001")
    await other.clock.fast_forward(21_000)
    await stage.closed(other)
    assert (await stage.box.place.case()).version > case.version
    await stage.ask(page)
    await stage.type(page, "123456")
    await expect(page.get_by_role("alert")).to_contain_text("That opened nothing.")


async def test_a_case_that_is_taken_away_goes_from_the_screen(stage: Stage) -> None:
    """The seat goes to somebody else while the page is open: within twenty seconds nothing is shown."""
    page = await stage.open(await stage.page())
    assert SECRET in await page.content()
    stage.box.lose_the_seat()
    await page.clock.fast_forward(21_000)
    await stage.closed(page)


async def test_nothing_is_left_when_nobody_is_there(stage: Stage) -> None:
    """Warned after nine minutes, whoever is there stays; after ten in which nothing is done all is gone."""
    page = await stage.open(await stage.page())
    await page.clock.fast_forward(541_000)
    warning = page.locator(".seat-idle")
    await expect(warning).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(warning).to_be_hidden()
    await page.clock.fast_forward(541_000)
    await expect(warning).to_be_visible()
    assert SECRET in await page.content()
    await page.clock.fast_forward(60_000)
    await stage.closed(page)
    await page.goto(stage.link())
    await stage.closed(page)


async def test_the_server_ends_it_too(stage: Stage) -> None:
    """Where the browser does not – its computer slept – the page asked for ten minutes later is none."""
    page = await stage.open(await stage.page(script=False))
    stage.box.place.clock.pass_by(dt.timedelta(minutes=10))
    await page.get_by_role("button", name="Take this on").click()
    await stage.closed(page)
    assert (await stage.box.place.case()).owner is None


async def test_two_tabs_of_one_case_live_and_end_together(stage: Stage) -> None:
    """What one does the other shows when it looks; signing out of one takes the other off the screen."""
    page = await stage.open(await stage.page())
    other = await page.context.new_page()
    await other.goto(stage.link())
    await expect(other.get_by_role("heading", level=1)).to_have_text("HPS-2026-001")
    await page.get_by_role("button", name="Take this on").click()
    await expect(page.locator("#now .card")).to_contain_text("has taken this on")
    case = await stage.box.place.case()
    await other.get_by_role("button", name="Take this on").click()
    await expect(other.locator("#now .notice.danger")).to_be_focused()
    assert (await stage.box.place.case()).version == case.version
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("You are out")
    await stage.closed(other)


async def test_it_is_complete_by_keyboard(stage: Stage) -> None:
    """From the link to a note on record, with Tab, Enter and letters alone; the focus is where work is."""
    page = await stage.page(phone=False)
    await page.goto(stage.link())
    await page.keyboard.press("Tab")
    assert await focused(page) == "button: Send me a code"
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Code")).to_be_focused()
    await stage.box.place.settle()
    await page.keyboard.type(stage.box.code())
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("HPS-2026-001")
    for _ in range(60):
        await page.keyboard.press("Tab")
        if (await focused(page)).startswith("button: Add a note"):
            break
    await page.keyboard.press("Enter")
    await expect(page.locator("#now .ask-title")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.type("Rung at ten.")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("#now .card")).to_be_focused()
    await expect(page.locator("main")).to_contain_text("Rung at ten.")
