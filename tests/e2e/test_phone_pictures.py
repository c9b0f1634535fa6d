"""The moments that matter on a phone, as Slack, Teams and the web page draw them, light and dark.

What must be done first is seen without scrolling. `make pictures` keeps the sheets for docs/.
"""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from adapters.slack import dialogue, views
from adapters.slack import render as slack
from adapters.teams import fields
from adapters.teams import render as teams
from adapters.web.listen import create_app
from adapters.web.send import WebChat
from flows.ports import Address
from flows.school import Platform
from flows.ui.cards import Card, Style, buttons_of
from flows.ui.forms import Form
from flows.ui.inbound import Show
from tests.e2e.browser import PICTURES, chromium, window
from tests.e2e.scenes import Scene, scenes
from tests.e2e.slack.emulated import HERE, NODE
from tests.e2e.teams.test_cards import KIT, SHOW, look
from tests.fakes import FakeClock
from tests.web.door import TestDoor
from tests.web.places import OneSchool, members

pytestmark = pytest.mark.browser

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
WIDE, HIGH = 390, 844
#: The sheet of many messages, as one on a phone.
AS_A_PHONE = "body{columns:1!important;width:auto!important}figcaption{display:none}"
KIT_HOLDER = Address(platform=Platform.WEB, account="kit")
MOMENTS = ("danger", "imagery", "mistake", "typed", "case", "case-taken-on", "allegation", "pupil")
#: Where somebody must act: the press that comes first stands on the first screen.
AT_ONCE = ("case", "case-taken-on", "allegation", "pupil")
#: Whether the first element of just these words is wholly in sight, and nothing stands over it.
AT_HAND = """label => {
  const every = [...document.querySelectorAll("body *")];
  const found = every.find(one => !one.children.length && one.innerText === label);
  if (!found) return false;
  const { left, right, top, bottom } = found.getBoundingClientRect();
  const inside = y => found.contains(document.elementFromPoint((left + right) / 2, y));
  return bottom > top && top >= 0 && bottom <= innerHeight && inside(top + 1) && inside(bottom - 1);
}"""
#: What an outage of Teams looks like, and where it is read.
ONLY = {"outage-on-call": "slack", "outage-over": "slack", "outage-late-notice": "teams"}


class Studio:
    """A browser, and every moment."""

    def __init__(self, browser: Browser, moments: dict[str, Scene]) -> None:
        self.browser = browser
        self.moments = moments
        self.draws = {"slack": self.on_slack, "teams": self.on_teams, "web": self.on_the_page}

    async def shot(self, name: str, scheme: Scheme) -> bytes:
        """Return a picture of what is read on one platform alone."""
        async with self.draws[ONLY[name]](name, scheme) as page:
            return await page.screenshot()

    @asynccontextmanager
    async def page(self, scheme: Scheme) -> AsyncIterator[Page]:
        """Give a phone's window."""
        context = await window(self.browser, phone=True, scheme=scheme)
        page = await context.new_page()
        await page.set_viewport_size({"width": WIDE, "height": HIGH})
        yield page
        await context.close()

    @asynccontextmanager
    async def on_slack(self, name: str, scheme: Scheme) -> AsyncIterator[Page]:
        """Give a moment as Slack's blocks are drawn."""
        moment = self.moments[name]
        window_of = dialogue.form_message if name == "typed" else views.modal_form
        payload = window_of(moment) if isinstance(moment, Form) else slack.message(moment)
        folder = PICTURES / "moments"
        folder.mkdir(parents=True, exist_ok=True)
        file, out = folder / f"{name}.json", folder / f"{name}-{scheme}.html"
        file.write_text(json.dumps(payload), "utf-8")
        made = await asyncio.create_subprocess_exec(NODE, HERE / "pictures.mjs", out, scheme, file)
        assert await made.wait() == 0
        async with self.page(scheme) as page:
            await page.set_content(out.read_text("utf-8"))
            await page.add_style_tag(content=AS_A_PHONE)
            yield page

    @asynccontextmanager
    async def on_teams(self, name: str, scheme: Scheme) -> AsyncIterator[Page]:
        """Give a moment as Microsoft's kit draws it."""
        moment = self.moments[name]
        mark = "You may have had this message before." if name == "outage-late-notice" else ""
        card: Any = fields.form(moment) if isinstance(moment, Form) else teams.card(moment, mark=mark)
        async with self.page(scheme) as page:
            await page.set_content("<!doctype html><html lang=en><title>A card</title><body></body></html>")
            await page.add_script_tag(path=KIT)
            seen = await page.evaluate(SHOW, [card, look(scheme)])
            assert not seen["wide"]
            yield page

    @asynccontextmanager
    async def on_the_page(self, name: str, scheme: Scheme) -> AsyncIterator[Page]:
        """Give a moment in the workspace."""
        moment, door, clock = self.moments[name], TestDoor(), FakeClock()
        chat = WebChat(":memory:", members=members, clock=clock)
        app = create_app(door=door, chat=chat, directory=OneSchool(), clock=clock)
        if isinstance(moment, Card):
            await chat.send(KIT_HOLDER, moment, key="1")
        async with TestServer(app) as server, self.page(scheme) as page:
            await page.goto(f"http://127.0.0.1:{server.port}/w/kit/dm")
            if isinstance(moment, Form):
                door.replies.append(Show(moment))
                await page.get_by_role("button", name="Report a posting").click()
                await expect(page.locator("section.ask")).to_be_visible()
            yield page
        chat.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio() -> AsyncIterator[Studio]:
    """Give a browser and every moment."""
    async with chromium() as browser:
        yield Studio(browser, await scenes())


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", MOMENTS)
async def test_what_comes_first_is_seen_without_scrolling(name: str, studio: Studio) -> None:
    """On a phone, light and dark, wherever it is read: the next press stands on the first screen."""
    shots = []
    for where, draw in studio.draws.items():
        for scheme in SCHEMES:
            async with draw(name, scheme) as page:
                shots.append(await page.screenshot())
                if name in AT_ONCE:
                    label = first_press(studio.moments[name])
                    assert await at_hand(page, label), (where, scheme, label)
    await sheet(studio.browser, name, shots)


@pytest.mark.asyncio(loop_scope="module")
async def test_an_outage_of_teams_as_it_is_read(studio: Studio) -> None:
    """On Slack what on-call reads while it lasts and when it is over; on Teams the case that came late."""
    shots = [await studio.shot(name, scheme) for name in ONLY for scheme in SCHEMES]
    await sheet(studio.browser, "outage", shots)


def first_press(moment: Scene) -> str:
    """Return the label of what is to be pressed first."""
    assert isinstance(moment, Card)
    every = list(buttons_of(moment))
    return next((one.label for one in every if one.style is Style.PRIMARY), every[0].label)


async def at_hand(page: Page, label: str) -> bool:
    """Return whether what is so called stands on the screen where it can be pressed, nothing before it.

    A page that has just come draws itself once more, so it is asked until it stands.
    """
    try:
        await page.wait_for_function(AT_HAND, arg=label, timeout=5_000)
    except PlaywrightTimeoutError:
        return False
    return True


async def sheet(browser: Browser, name: str, shots: list[bytes]) -> None:
    """Leave one picture of several phones side by side."""
    page = await (await window(browser)).new_page()
    await page.set_viewport_size({"width": 1700, "height": 700})
    frame = "border-radius:12px;box-shadow:0 4px 18px rgb(9 40 41/28%);width:250px"
    images = "".join(
        f'<img style="{frame}" src="data:image/png;base64,{b64encode(shot).decode()}">' for shot in shots
    )
    await page.set_content(
        '<body style="margin:0;background:#dfe8e3"><main style="display:inline-flex;gap:16px;padding:16px">'
        f"{images}</main>"
    )
    folder = PICTURES / "moments"
    folder.mkdir(parents=True, exist_ok=True)
    await page.locator("main").screenshot(path=folder / f"{name}.png")
    await page.context.close()
