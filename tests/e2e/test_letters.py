"""A letter and a pack, by clicking: read, filled in, approved, saved, and opened as what they are."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import docx
import pytest
from playwright.async_api import Locator, Page, expect
from pypdf import PdfReader

from tests.e2e.bot_stage import Stage, staged
from tests.e2e.browser import overflow, picture, violations
from tests.e2e.test_story_in_browser import REPORT, answer

pytestmark = pytest.mark.browser


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Give the bot as `make run` starts it, with its worker, and a browser."""
    async with staged(tmp_path) as stage:
        yield stage


async def reported(stage: Stage) -> tuple[Page, Locator]:
    """Return the Headteacher's window with the card of a case that they have taken on."""
    brook = await stage.person("brook")
    await brook.get_by_role("button", name="Report a posting").click()
    for title, answers in REPORT:
        await answer(brook, title, answers)
    await brook.locator("#now .send-row .primary").click()
    await expect(brook.locator("#stream").get_by_text("Your report HPS-2026-001 is safe.")).to_be_visible()
    ash = await stage.person("ash", "HPS.leadership")
    card = ash.locator("#messages > li", has_text="HPS-2026-001")
    await card.get_by_role("button", name="Take this on").click()
    await expect(card).to_contain_text("Taken on by")
    return ash, card


async def file_of(page: Page, name: str, stage: Stage, where: Locator | None = None) -> io.BytesIO:
    """Return a file that is offered, as the browser is given it; ``where`` = in no dialog but there."""
    link = (where or page.get_by_role("dialog")).get_by_role("link", name=name)
    address = await link.get_attribute("href")
    assert address is not None
    given = await page.request.get(stage.address + address)
    assert given.status == 200
    async with page.expect_download() as coming:
        await link.click()
    assert (await coming.value).suggested_filename.endswith(name), "it is saved under its name"
    return io.BytesIO(await given.body())


async def test_an_invitation_is_written(stage: Stage) -> None:
    """The button on the line, the whole letter, a gap that is refused by its line, and a Word file."""
    ash, card = await reported(stage)
    await card.locator('button[value*=\'"which":"invitation"\']').first.click()
    box = ash.get_by_label("The whole letter")
    await expect(box).to_contain_text("Dear [name of the person you write to]")
    assert await violations(ash) == []
    await picture(ash, "letter-form")
    await ash.get_by_role("button", name="Approve").click()
    await expect(ash.locator("#now")).to_contain_text("Line 6: please fill in [name of the person")
    text = await box.input_value()
    await box.fill(text.replace("[name of the person you write to]", "Mx Invented <b>"))
    await ash.get_by_role("button", name="Approve").click()
    await expect(ash.get_by_role("dialog")).to_contain_text("Nothing has been sent")
    assert await violations(ash) == []
    await picture(ash, "letter-approved")
    word = await file_of(ash, ".docx", stage)
    assert any("Mx Invented <b>" in one.text for one in docx.Document(word).paragraphs)
    assert stage.complaints == []


async def test_a_pack_is_made(stage: Stage) -> None:
    """Behind *More…* the packs, the form with what it holds, and a PDF whose words can be selected."""
    ash, card = await reported(stage)
    await card.get_by_role("button", name="More…").click()
    await ash.get_by_role("dialog").locator('button[value*=\'"action":"pack"\']').click()
    await expect(ash.get_by_role("dialog")).to_contain_text("Packs for bodies outside")
    await picture(ash, "pack-list")
    await ash.get_by_role("dialog").locator('button[value*=\'"which":"legal"\']').click()
    await expect(ash.locator("#now")).to_contain_text("No picture or file goes into it")
    assert await violations(ash) == []
    await picture(ash, "pack-form")
    await ash.get_by_role("button", name="Make the pack").click()
    await expect(ash.get_by_role("dialog")).to_contain_text("hand it over yourself")
    assert await violations(ash) == []
    await picture(ash, "pack-made")
    made = PdfReader(await file_of(ash, ".pdf", stage))
    assert "They called us <b>liars</b>." in made.pages[0].extract_text()
    assert stage.complaints == []


async def test_the_office_ticks_the_yearly_wording(stage: Stage) -> None:
    """On a phone: what is to be copied, ticked one by one."""
    office = await stage.person("office", phone=True)
    box = office.get_by_label("Your answer, or a command")
    await box.fill("wording")
    await box.press("Enter")
    await expect(office.locator("#now")).to_contain_text("School admissions booklet")
    await office.locator("#now").get_by_role("button", name="It stands there").first.click()
    await expect(office.locator("#now").get_by_role("button", name="Not yet")).to_have_count(1)
    assert await violations(office) == []
    assert await overflow(office) == 0
    await picture(office, "yearly")
    assert stage.complaints == []
