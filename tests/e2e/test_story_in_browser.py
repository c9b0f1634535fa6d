"""The story with the real bot, in two windows: a report, its thread, a decision, the end, the digest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.bot_stage import Stage, staged
from tests.e2e.browser import overflow, picture, side_by_side, violations, window

#: Each page's answers, by field: a parent wrote something that may harm the school.
REPORT: list[tuple[str, dict[str, str]]] = [
    ("First: is everyone safe?", {"one.immediate_danger": "no"}),
    ("Is it dangerous or hateful?", {"many.safety": "none_of_these"}),
    ("Who is it about?", {"many.targets": "school", "many.staff_allegation": "nobody"}),
    ("Who put it there?", {"many.poster": "parent_carer", "many.did": "made"}),
    ("What is it like?", {"many.nature": "could_harm_reputation"}),
    (
        "Where is it?",
        {
            "many.platform": "collaborative_space",
            "one.still_online": "yes",
            "one.evidence": "saved",
            "text.link": "https://posting.example/1",
        },
    ),
    ("What has happened since?", {"one.replied": "no", "one.repeated": "no"}),
    (
        "You",
        {
            "many.reporter_link": "none_of_these_apply",
            "one.keep_name_private": "yes",
            "many.keep_from": "nobody",
        },
    ),
    ("Your words", {"text.words": "They called us <b>liars</b>."}),
]


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Give the bot as `make run` starts it, with its worker, and a browser."""
    async with staged(tmp_path) as stage:
        yield stage


async def fill(page: Page, answers: dict[str, str]) -> None:
    """Fill in fields of the form that is shown."""
    for name, value in answers.items():
        if name.startswith(("text.", "date.")):
            await page.locator(f'#now [name="{name}"]').fill(value)
        else:
            await page.locator(f'#now [name="{name}"][value="{value}"]').check()


async def answer(page: Page, title: str, answers: dict[str, str]) -> None:
    """Answer one page of a form and go on."""
    await expect(page.locator("#now .ask-title")).to_have_text(title)
    assert await violations(page) == [], title
    await fill(page, answers)
    await page.locator("#now .send-row .primary").click()


async def act(page: Page, card: Locator, action: str, answers: dict[str, str], then: str = "") -> None:
    """Press the button of that action on a card, fill in the form it opens, and see it on the card."""
    found, place = f'button[value*=\'"action":"{action}"\']', card
    if not await card.locator(found).count():
        await card.get_by_role("button", name="More…").click()
        place = page.get_by_role("dialog")
    await place.locator(found).click()
    if not answers:
        return
    await fill(page, answers)
    await page.locator("#now .send-row .primary").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.locator("#sheet-close").click()
    await expect(card).to_contain_text(then)


async def test_a_report_goes_the_whole_way(stage: Stage) -> None:
    """A teaching assistant reports, the Headteacher takes it on and decides; each sees what is theirs."""
    brook = await stage.person("brook")
    ash = await stage.person("ash", "HPS.leadership")
    await brook.get_by_role("button", name="Report a posting").click()
    for title, answers in REPORT:
        await answer(brook, title, answers)
    await expect(brook.locator("#now .ask-title")).to_have_text("Check your answers")
    await expect(brook.locator("#now")).to_contain_text("Headteacher")
    await picture(brook, "story-check")
    await brook.locator("#now .send-row .primary").click()
    await expect(brook.locator("#stream").get_by_text("Your report HPS-2026-001 is safe.")).to_be_visible()
    await picture(brook, "story-receipt")

    card = ash.locator("#messages > li", has_text="HPS-2026-001")
    await expect(card).to_be_visible()
    await expect(card).not_to_contain_text("liars")
    await expect(card).not_to_contain_text("Brook")
    for page in (brook, ash):
        await page.set_viewport_size({"width": 1000, "height": 900})
    await ash.evaluate("document.querySelector('#stream').scrollTop = 0")
    await side_by_side([brook, ash], "two-windows")
    for page in (brook, ash):
        await page.set_viewport_size({"width": 1280, "height": 860})
    await card.get_by_role("button", name="Take this on").click()
    await expect(card).to_contain_text("Taken on by")
    await expect(brook.locator("#messages > li")).to_have_count(3)  # the day, the receipt, the progress
    await act(ash, card, "open_record", {})
    await expect(ash.get_by_role("dialog")).to_contain_text("They called us <b>liars</b>.")
    assert await violations(ash) == []
    await picture(ash, "story-record")
    await ash.keyboard.press("Escape")
    await act(ash, card, "legal", {"one.contacted": "no", "text.why": "Too early to say."}, "not now")
    invited = {"many.did": "invite_via_complaints_procedure", "text.text": "They will come in."}
    told = {"one.how": "phone", "date.when": "2026-11-24", **invited}
    await act(ash, card, "contact", told, "Done: Contact the person who posted")
    await picture(ash, "story-contact")
    ended = {"one.outcome": "invited", "text.text": "They will use the procedure."}
    await act(ash, card, "close", ended, "Closed")
    await card.locator("details.thread summary").click()
    await expect(card.locator(".replies")).to_contain_text("closed this case")
    await card.get_by_label("Add a note to this case").fill("One last word.")
    await card.get_by_label("Add a note to this case").press("Enter")
    await expect(card.locator(".replies")).to_contain_text("added a note")
    await expect(card).not_to_contain_text("One last word.")
    await expect(card).not_to_contain_text("Too early")
    await picture(ash, "story-thread")
    await expect(brook.locator("#messages")).to_contain_text("closed")
    await ash.goto(f"{stage.address}/w/ash/dm")
    await ash.get_by_label("Your answer, or a command").fill("/report-posting digest")
    await ash.keyboard.press("Enter")
    await expect(ash.locator("#now .card")).to_contain_text("1")
    await picture(ash, "story-digest")
    assert stage.complaints == []


async def test_a_screenshot_goes_with_the_report(stage: Stage) -> None:
    """A picture is kept with the report and can be opened from the record, by nobody but the leaders."""
    brook = await stage.person("brook")
    await brook.get_by_role("button", name="Report a posting").click()
    for title, answers in REPORT:
        if title == "Where is it?":
            await expect(brook.locator("#now .ask-title")).to_have_text(title)
            await brook.get_by_label("What name does the account show?").fill("Somebody Invented")
            await brook.locator("#now input[type=file]").set_input_files(
                {"name": "shot.png", "mimeType": "image/png", "buffer": await brook.screenshot()}
            )
            await brook.get_by_role("button", name="Add these files now").click()
            await expect(brook.locator("#now")).to_contain_text("The file is kept")
            await expect(brook.get_by_label("What name does the account show?")).to_have_value(
                "Somebody Invented"
            )
            await picture(brook, "story-file")
        await answer(brook, title, answers)
    await brook.locator("#now .send-row .primary").click()
    ash = await stage.person("ash", "HPS.leadership")
    await act(ash, ash.locator("#messages > li", has_text="HPS-2026-001"), "open_record", {})
    link = ash.get_by_role("dialog").get_by_role("link", name="shot.png")
    address = await link.get_attribute("href")
    assert address is not None
    shown = await ash.request.get(stage.address + address)
    assert (shown.status, shown.headers["content-type"]) == (200, "image/png")
    assert (await ash.request.get(stage.address + address.replace("/w/ash/", "/w/jo/"))).status == 404
    await picture(ash, "story-evidence")


async def test_a_report_can_be_typed(stage: Stage) -> None:
    """The same questions, answered by typing in the box, one at a time."""
    jo = await stage.person("jo")
    box = jo.get_by_label("Your answer, or a command")
    await box.fill("/report-posting They wrote about us")
    await box.press("Enter")
    await expect(jo.locator("#now .ask-title")).to_have_text("First: is everyone safe?")
    await box.fill("no")
    await box.press("Enter")
    await expect(jo.locator("#now .ask-title")).to_have_text("Is it dangerous or hateful?")
    await expect(jo.locator(".mine .bubble")).to_contain_text(["no"])
    await box.fill("back")
    await box.press("Enter")
    await expect(jo.locator("#now .ask-title")).to_have_text("First: is everyone safe?")
    await box.fill("perhaps tomorrow")
    await box.press("Enter")
    await expect(jo.get_by_role("status")).to_contain_text("Type one of the choices")
    await expect(box).to_have_value("perhaps tomorrow")
    await picture(jo, "story-typed")


async def test_who_must_not_know_sees_nothing(stage: Stage) -> None:
    """The Headteacher put it there: no card, no message, no count, and the Chair is told."""
    brook = await stage.person("brook")
    ash = await stage.person("ash", "HPS.leadership")
    ellis = await stage.person("ellis")
    await brook.get_by_role("button", name="Report a posting").click()
    for title, answers in REPORT:
        changed = (
            {"many.poster": "headteacher", "many.did": "made"} if title == "Who put it there?" else answers
        )
        await answer(brook, title, changed)
    await brook.locator("#now .send-row .primary").click()
    await expect(ellis.locator("#messages")).to_contain_text("HPS-2026-001")
    await picture(ellis, "story-chair")
    await ash.reload()
    for place in ("HPS.leadership", "dm"):
        await ash.goto(f"{stage.address}/w/ash/{place}")
        await expect(ash.get_by_text("Nothing here yet")).to_be_visible()
        await expect(ash.locator("body")).not_to_contain_text("HPS-2026-001")
        await expect(ash.locator(".unseen")).to_have_count(0)
    await ash.get_by_role("button", name="Cases").click()
    await expect(ash.locator("#now .card")).to_be_visible()
    await expect(ash.locator("body")).not_to_contain_text("HPS-2026-001")


async def test_every_page_fits_a_phone(stage: Stage) -> None:
    """The whole report at 360 pixels: nothing to scroll sideways, nothing axe objects to."""
    page = await (await window(stage.browser, phone=True, scheme="dark")).new_page()
    await page.goto(f"{stage.address}/w/brook/dm")
    await page.get_by_role("button", name="Report a posting").click()
    for number, (title, answers) in enumerate(REPORT):
        await expect(page.locator("#now .ask-title")).to_have_text(title)
        assert await overflow(page) == 0, title
        await picture(page, f"story-phone-{number}")
        await answer(page, title, answers)
