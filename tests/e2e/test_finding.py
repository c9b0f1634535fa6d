"""A case found again by clicking, on a telephone too, and exported: the ZIP is saved and proves itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from bot.exports.verify import verify
from tests.e2e.bot_stage import Stage, staged
from tests.e2e.browser import overflow, picture, violations
from tests.e2e.test_letters import file_of, reported

pytestmark = pytest.mark.browser


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Give the bot as `make run` starts it, with its worker, and a browser."""
    async with staged(tmp_path) as stage:
        yield stage


@pytest.mark.feature("find")
async def test_a_case_is_looked_for_on_a_telephone(stage: Stage) -> None:
    """Typed, the form, what it finds, the list; nothing runs over the side and axe finds nothing."""
    await reported(stage)
    phone = await stage.person("ash", phone=True)
    box = phone.locator("#text")
    await box.fill("find")
    await box.press("Enter")
    asked = phone.locator("#now")
    await expect(asked).to_contain_text("Find a case")
    assert (await violations(phone), await overflow(phone)) == ([], 0)
    await picture(phone, "find-form-phone", whole=True)
    await asked.get_by_label("Reported on this day or later").fill("2026-01-01")
    await asked.get_by_role("button", name="Find", exact=True).click()
    await expect(asked).to_contain_text("You looked for: since:2026-01-01")
    await expect(asked.get_by_role("button", name="HPS-2026-001")).to_be_visible()
    assert (await violations(phone), await overflow(phone)) == ([], 0)
    await picture(phone, "find-phone", whole=True)
    await box.fill("cases waiting")
    await box.press("Enter")
    await expect(asked).to_contain_text("Open cases that wait for a decision")
    assert (await violations(phone), await overflow(phone)) == ([], 0)
    await picture(phone, "cases-phone", whole=True)


@pytest.mark.feature("export-proves-itself")
async def test_a_case_is_exported_and_saved(stage: Stage) -> None:
    """From the record: what it is for, both files under their names, and the ZIP is as it was made."""
    ash, card = await reported(stage)
    await card.get_by_role("button", name="Open the record").click()
    await ash.get_by_role("dialog").get_by_role("button", name="Export").click()
    await ash.get_by_label("What is it for, and who gets it?").fill("For the invented hearing.")
    await ash.get_by_role("button", name="Make the export").click()
    made = ash.get_by_role("dialog")
    await expect(made).to_contain_text("Export of HPS-2026-001")
    assert (await violations(ash), await overflow(ash)) == ([], 0)
    await picture(ash, "export", whole=True)
    sheet = await file_of(ash, "Export of HPS-2026-001.pdf", stage)
    assert sheet.getvalue().startswith(b"%PDF")
    saved = (await file_of(ash, "Export of HPS-2026-001.zip", stage)).getvalue()
    assert verify(saved).changed == ()


@pytest.mark.feature("subject-access")
async def test_what_is_kept_about_somebody_is_looked_through_and_saved(stage: Stage) -> None:
    """Typed, picked, each page read as it goes out, a mask added, made, saved, taken away; on a telephone."""
    await reported(stage)
    ash = await stage.person("ash", phone=True)
    box = ash.locator("#text")
    await box.fill("subject access")
    await box.press("Enter")
    asked = ash.locator("#now")
    await expect(asked).to_contain_text("What is kept about somebody who asks")
    assert (await violations(ash), await overflow(ash)) == ([], 0)
    await picture(ash, "subject-who-phone", whole=True)
    await asked.get_by_label("What the person is called").fill("Ash Example")
    await asked.get_by_role("button", name="Look", exact=True).click()
    await expect(asked).to_contain_text("Which of these are really about the person")
    assert (await violations(ash), await overflow(ash)) == ([], 0)
    await asked.get_by_label("HPS-2026-001").check()
    await asked.get_by_role("button", name="Look through these").click()
    await expect(asked).to_contain_text("page 1 of")
    assert (await violations(ash), await overflow(ash)) == ([], 0)
    await picture(ash, "subject-page-phone", whole=True)
    await asked.get_by_label("Passage 1").check()
    masks = asked.get_by_label("Masked on this page")
    await masks.fill(f"{await masks.input_value()}\nmarks")
    await asked.get_by_role("button", name="Right as shown: go on").click()
    await expect(asked).to_contain_text("You changed something")
    while await asked.get_by_role("button", name="Right as shown: go on").count():
        step = await asked.get_by_text("page ").first.inner_text()
        await asked.get_by_role("button", name="Right as shown: go on").click()
        await expect(asked.get_by_text(step, exact=True)).to_have_count(0)
    await expect(asked).to_contain_text("Everything was looked through")
    await picture(ash, "subject-whole-phone", whole=True)
    await asked.get_by_role("button", name="Make the files").click()
    await expect(asked).to_contain_text("Nothing has been sent")
    assert (await violations(ash), await overflow(ash)) == ([], 0)
    await picture(ash, "subject-made-phone", whole=True)
    name = (await asked.get_by_role("heading").first.inner_text()).rpartition(" ")[2]
    content = (await file_of(ash, f"{name}.zip", stage, asked)).getvalue()
    assert verify(content).changed == ()
    await asked.get_by_role("button", name="Take it away").first.click()
    await expect(asked).to_contain_text("Taken away")
