"""The workspace in a browser: nothing an accessibility engine objects to, two people at once, no script.

Uses a small door, so that every card and form can be put on a page. The story with the real bot is
``test_story_in_browser.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Literal

import msgspec
import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Route, expect

from adapters.web.listen import create_app
from adapters.web.send import WebChat
from flows.errors import StoreError
from flows.ports import Address
from flows.school import Platform
from flows.ui.cards import Card, Heading, Text
from flows.ui.inbound import Filled, Noted, Pressed, Receipt, Refuse, Show, Typed
from tests.adapters.samples import CARDS, CASE_CARD, FORMS, INTENTS, LEADER_FORM, RECEIPT, REPORT_PAGE
from tests.e2e.browser import chromium, overflow, picture, troubles, violations, window
from tests.fakes import FakeClock
from tests.web.door import TestDoor
from tests.web.places import LEADERSHIP, OneSchool, members

CHANNEL = Address(platform=Platform.WEB, channel=LEADERSHIP)
KIT = Address(platform=Platform.WEB, account="kit")
LOOKS: list[tuple[Literal["light", "dark"], bool]] = [
    ("light", False),
    ("dark", False),
    ("light", True),
    ("dark", True),
]


class Stage:
    """A running workspace with a browser before it."""

    def __init__(self, browser: Browser, door: TestDoor, chat: WebChat, address: str) -> None:
        self.browser = browser
        self.door = door
        self.chat = chat
        self.address = address


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """Give a running workspace and a browser."""
    door, clock = TestDoor(), FakeClock()
    chat = WebChat(":memory:", members=members, clock=clock)
    app = create_app(door=door, chat=chat, directory=OneSchool(), clock=clock)
    async with TestServer(app) as server, chromium() as browser:
        yield Stage(browser, door, chat, f"http://127.0.0.1:{server.port}")
    chat.close()


@pytest.mark.parametrize(("scheme", "phone"), LOOKS)
@pytest.mark.feature("accessible")
async def test_axe_finds_nothing_on_any_page(
    stage: Stage,
    scheme: Literal["light", "dark"],
    phone: bool,  # noqa: FBT001 - a table's column
) -> None:
    """Every page, light and dark, wide and narrow, is free of violations and no wider than the window."""
    root = await stage.chat.send(CHANNEL, CASE_CARD, key="1")
    await stage.chat.reply(root, CARDS["receipt"], key="2")
    for name, card in CARDS.items():
        await stage.chat.send(Address(platform=Platform.WEB, account="ellis"), card, key=name)
    context = await window(stage.browser, phone=phone, scheme=scheme)
    page = await context.new_page()
    said = troubles(page)
    look = f"{scheme}-{'phone' if phone else 'desk'}"

    async def check(name: str) -> None:
        assert await violations(page) == [], name
        assert await overflow(page) == 0, name
        assert said == [], name
        await picture(page, f"{name}-{look}")

    await page.goto(stage.address)
    await check("choose")
    await page.get_by_role("link", name="Kit Pretend").click()
    await check("empty")
    stage.door.replies.append(Show(REPORT_PAGE))
    await page.get_by_role("button", name="Report a posting").click()
    await expect(page.get_by_role("heading", name="What did you see?")).to_be_focused()
    await check("form")
    stage.door.replies.append(Refuse("Choose one, please.", field="danger"))
    await page.get_by_role("button", name="Continue").click()
    await expect(page.get_by_label("Yes", exact=True)).to_be_focused()
    await check("refused")
    await page.goto(f"{stage.address}/w/ash/hps.leadership")
    await page.locator("details.thread summary").click()
    await check("thread")
    stage.door.replies.append(Show(LEADER_FORM))
    await page.get_by_role("button", name="Take on HPS-2026-014").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await check("dialog")
    await page.goto(f"{stage.address}/w/ellis/dm")
    await check("cards")
    await context.close()


async def test_axe_finds_nothing_in_any_form(stage: Stage) -> None:
    """Every sample form is free of violations and fits a phone."""
    page = await (await window(stage.browser, phone=True)).new_page()
    await page.goto(f"{stage.address}/w/kit/dm")
    for name, form in FORMS.items():
        stage.door.replies.append(Show(msgspec.structs.replace(form, id=name)))
        await page.get_by_role("button", name="Report a posting").click()
        await expect(page.locator("section.ask")).to_have_attribute("aria-labelledby", f"t-{name}")
        assert await violations(page) == [], name
        assert await overflow(page) == 0, name


async def test_two_people_see_each_others_work(stage: Stage) -> None:
    """What one does appears in the other's window without a reload, and is said aloud."""
    kit = await (await window(stage.browser)).new_page()
    ash = await (await window(stage.browser)).new_page()
    await kit.goto(f"{stage.address}/w/kit/dm")
    await ash.goto(f"{stage.address}/w/ash/hps.leadership")
    await expect(ash.get_by_text("Nothing here yet")).to_be_visible()
    stage.door.replies.extend([Show(REPORT_PAGE), Receipt(RECEIPT)])
    await kit.get_by_role("button", name="Report a posting").click()
    await (
        kit.get_by_role("group", name="Is anybody in danger right now?")
        .get_by_label("No", exact=True)
        .check()
    )
    await kit.get_by_role("button", name="Continue").click()
    await expect(kit.locator("#stream").get_by_text("Thank you. Your report is safe.")).to_be_visible()
    root = await stage.chat.send(CHANNEL, CASE_CARD, key="1")
    await expect(ash.get_by_role("heading", name="HPS-2026-014")).to_be_visible()
    await expect(ash.get_by_text("Nothing here yet")).to_be_hidden()
    await expect(ash.locator("#live")).to_have_text(CASE_CARD.summary)
    await ash.locator("details.thread summary").click()
    await ash.get_by_label("Add a note to this case").fill("half a sentence")
    taken = Card(kind="update", summary="A case changed.", blocks=(Text("Brook Sample has taken this on."),))
    await stage.chat.reply(root, taken, key="2")
    await expect(ash.get_by_text("Brook Sample has taken this on.")).to_be_visible()
    await expect(ash.get_by_label("Add a note to this case")).to_have_value("half a sentence")
    await stage.chat.edit(root, RECEIPT)
    await expect(ash.get_by_role("heading", name="HPS-2026-014")).to_be_hidden()
    await ash.get_by_label("Add a note to this case").press("Enter")
    await expect(ash.get_by_label("Add a note to this case")).to_have_value("")
    pressed, filled, noted = stage.door.came
    assert isinstance(pressed, Pressed)
    assert isinstance(filled, Filled)
    assert filled.values["danger"] == "no"
    assert isinstance(noted, Noted)
    assert noted.text == "half a sentence"


async def test_a_form_hides_what_is_not_asked(stage: Stage) -> None:
    """With script, a field that depends on another comes and goes with it, and is sent only if asked."""
    page = await (await window(stage.browser)).new_page()
    await page.goto(f"{stage.address}/w/ash/hps.leadership")
    await stage.chat.send(CHANNEL, CASE_CARD, key="1")
    stage.door.replies.append(Show(LEADER_FORM))
    await page.get_by_role("button", name="Take on HPS-2026-014").click()
    how, why = page.get_by_label("How"), page.get_by_label("Why not now?")
    await expect(how).to_be_hidden()
    await expect(why).to_be_hidden()
    await page.get_by_label("Contacted", exact=True).check()
    await how.fill("By phone")
    await page.get_by_label("Not now", exact=True).check()
    await expect(how).to_be_hidden()
    await why.fill("They are closed")
    await page.get_by_role("button", name="Record this").click()
    await expect(page.locator("#stream").get_by_text("Done.")).to_be_visible()
    filled = stage.door.came[-1]
    assert isinstance(filled, Filled)
    assert filled.values == {"contacted": "no", "why": "They are closed"}


async def test_none_of_these_stands_alone(stage: Stage) -> None:
    """Ticking “none of these” takes the other ticks away, and the other way round."""
    page = await (await window(stage.browser)).new_page()
    await page.goto(f"{stage.address}/w/kit/dm")
    stage.door.replies.append(Show(FORMS["many"]))
    await page.get_by_role("button", name="Report a posting").click()
    await page.get_by_label("None of these").check()
    await expect(page.get_by_label("A pupil")).not_to_be_checked()
    await page.get_by_label("A pupil").check()
    await expect(page.get_by_label("None of these")).not_to_be_checked()


@pytest.mark.feature("guided-questions")
async def test_all_of_it_by_keyboard(stage: Stage) -> None:
    """A report and a leader's dialog, with no pointer: skip link, arrows, space, Enter and Escape."""
    page = await (await window(stage.browser)).new_page()
    await page.goto(f"{stage.address}/w/kit/dm")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the conversation")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#conversation")).to_be_focused()
    stage.door.replies.append(Show(FORMS["choice"]))
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Report a posting")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="What did you see?")).to_be_focused()
    for key in ("Tab", "Space", "ArrowDown", "Tab"):
        await page.keyboard.press(key)
    await expect(page.get_by_role("button", name="Continue")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#stream").get_by_text("Done.")).to_be_visible()
    await page.get_by_label("Your answer, or a command").focus()
    await page.keyboard.type("help")
    await page.keyboard.press("Enter")
    await expect(page.locator(".mine .bubble")).to_have_text("help")
    _, filled, typed = stage.door.came
    assert isinstance(filled, Filled)
    assert filled.values == {"danger": "no"}
    assert isinstance(typed, Typed)
    assert typed.text == "help"


async def test_nothing_typed_is_lost_when_nobody_answers(stage: Stage) -> None:
    """The connection breaks: the words stay, a message says so, and the next try is the same delivery."""
    page = await (await window(stage.browser)).new_page()
    await page.goto(f"{stage.address}/w/kit/dm")
    stage.door.replies.append(Show(FORMS["text-area"]))
    await page.get_by_role("button", name="Report a posting").click()
    await page.get_by_label("What does the posting say?").fill("my long words")
    await page.route("**/fill", lambda route: route.abort())
    await page.get_by_role("button", name="Continue").click()
    await expect(page.locator("#now").get_by_text("Your words are still here.")).to_be_focused()
    await expect(page.get_by_label("What does the posting say?")).to_have_value("my long words")
    await page.unroute("**/fill")
    stage.door.replies.append(StoreError("disk-full", "The disk is full."))
    await page.get_by_role("button", name="Continue").click()
    await expect(page.locator("#now").get_by_text("Your words are still in the form.")).to_be_visible()
    await expect(page.get_by_label("What does the posting say?")).to_have_value("my long words")
    await page.get_by_role("button", name="Continue").click()
    await expect(page.locator("#stream").get_by_text("Done.")).to_be_visible()
    first, second = (inbound for inbound in stage.door.times if isinstance(inbound, Filled))
    assert first == second


async def test_news_that_comes_late_takes_no_dialog_away(stage: Stage) -> None:
    """What was asked for before a dialog was opened, and comes after it, is older: the dialog stays."""
    page = await (await window(stage.browser)).new_page()
    await stage.chat.send(CHANNEL, CASE_CARD, key="1")
    await page.goto(f"{stage.address}/w/ash/hps.leadership")
    asked, came, opened = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        if asked.is_set():
            await route.fallback()
            return
        asked.set()
        before = await route.fetch()
        came.set()
        await opened.wait()
        await route.fulfill(response=before)

    await page.route("**/w/ash/hps.leadership", late)
    await stage.chat.send(CHANNEL, RECEIPT, key="2")
    await came.wait()
    more = msgspec.structs.replace(RECEIPT, kind="more", blocks=(Heading("All there is to do"),))
    stage.door.replies.append(Show(more))
    await page.get_by_role("button", name="Take on HPS-2026-014").click()
    await expect(page.get_by_role("heading", name="All there is to do")).to_be_visible()
    async with page.expect_event("requestfinished"):
        opened.set()
    await stage.chat.send(
        CHANNEL, Card(kind="update", summary="The last.", blocks=(Text("The last."),)), key="3"
    )
    await expect(page.locator("#messages").get_by_text("The last.")).to_be_attached()
    await expect(page.get_by_role("dialog").get_by_role("heading")).to_have_text("All there is to do")
    await expect(page.locator("#now .notice")).to_have_count(0)  # as if one had gone on in another window


async def test_escape_closes_a_dialog(stage: Stage) -> None:
    """A dialog takes the focus, and Escape puts it away and gives the focus back to the page."""
    page = await (await window(stage.browser)).new_page()
    await stage.chat.send(CHANNEL, CASE_CARD, key="1")
    await page.goto(f"{stage.address}/w/ash/hps.leadership")
    stage.door.replies.append(Show(LEADER_FORM))
    await page.get_by_role("button", name="Take on HPS-2026-014").press("Enter")
    await expect(page.get_by_role("heading", name="Decide on Legal")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.get_by_role("button", name="Take on HPS-2026-014")).to_be_focused()


async def test_it_works_without_script(stage: Stage) -> None:
    """A report, a refusal, a confirmation, a thread and a dialog, as plain pages."""
    page = await (await window(stage.browser, script=False, phone=True)).new_page()
    await page.goto(f"{stage.address}/w/kit/dm")
    stage.door.replies.extend([Show(FORMS["buttons"]), Refuse("Choose one, please.", field="danger")])
    await page.get_by_role("button", name="Report a posting").click()
    await page.get_by_role("button", name="Continue").click()
    await expect(page.get_by_role("link", name="Choose one, please.")).to_be_visible()
    await page.locator("summary", has_text="Throw it away").click()
    await page.get_by_role("button", name="Yes, go on").click()
    await expect(page.locator("#stream").get_by_text("Done.")).to_be_visible()
    last = stage.door.came[-1]
    assert isinstance(last, Pressed)
    assert last.intent == INTENTS["discard"]
    await stage.chat.send(CHANNEL, CASE_CARD, key="1")
    await page.goto(f"{stage.address}/w/ash/hps.leadership")
    stage.door.replies.append(Show(LEADER_FORM))
    await page.get_by_role("button", name="Take on HPS-2026-014").click()
    await expect(page.get_by_text("Answer this only if you chose “Not now”")).to_be_visible()
    await page.get_by_role("button", name="Close").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.locator("details.thread summary").click()
    await page.get_by_label("Add a note to this case").fill("Rang them.")
    await page.locator(".thread").get_by_role("button", name="Send").click()
    assert isinstance(stage.door.came[-1], Noted)
