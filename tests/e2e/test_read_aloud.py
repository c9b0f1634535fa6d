"""A whole report by keyboard, as somebody hears it who does not see; writes docs/read-aloud.md.

What is heard comes from Chromium's accessibility tree: the live region after each press, where the focus
is, and what the page that came holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.e2e.bot_stage import focused, heard, staged

pytestmark = pytest.mark.browser
PAGE = Path(__file__).parents[2] / "docs" / "read-aloud.md"
HEAD = """# A report, read aloud

What somebody hears who reports a posting by keyboard with a screen reader, in the try-out. A browser's
accessibility tree was read, step by step; a test writes this page (`tests/e2e/test_read_aloud.py`).

Each heading is what was pressed; *heard* is what the one live region says; *focus* is where one stands then.
"""
NEXT = "button: Next"
#: What was done, the controls it takes (each reached by Tab), and the title of the page that comes.
STEPS: list[tuple[str, list[str], str]] = [
    ("Is anyone in danger: No; Next", ["radio: Yes", "ArrowDown", NEXT], "Is it dangerous or hateful?"),
    ("Next, with nothing ticked", [NEXT], "Is it dangerous or hateful?"),
    ("None of these; Next", ["checkbox: None of these", NEXT], "Who is it about?"),
    (
        "The school as a whole; it doesn't say that; Next",
        ["checkbox: The school as a whole", "checkbox: No, it doesn't say that", NEXT],
        "Who put it there?",
    ),
    (
        "A parent or carer; they wrote it; Next",
        ["checkbox: A parent or carer", "checkbox: They wrote or made it", NEXT],
        "What is it like?",
    ),
    (
        "Abusive; Next",
        ["checkbox: Abusive: rude, cruel or bullying about a person or the school", NEXT],
        "Where is it?",
    ),
    (
        "Facebook; still there; a screenshot; Next",
        ["checkbox: Facebook", "radio: Yes", "radio: Yes, a screenshot or a copy", NEXT],
        "What has happened since?",
    ),
    ("Nobody replied; they did it before; Next", ["radio: No", "radio: Yes", NEXT], "You"),
    (
        "None of these; keep my name private; nobody to keep out; Next",
        ["checkbox: None of these", "radio: Yes", "checkbox: Nobody", NEXT],
        "Your words",
    ),
    ("Nothing in my own words; Next", [NEXT], "Check your answers"),
    ("Send the report", ["button: Send the report"], ""),
]


async def use(page: Page, control: str) -> None:
    """Go to a control by Tab and use it; a key alone is only pressed."""
    if ": " not in control:
        await page.keyboard.press(control)
        return
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await focused(page) == control:
            break
    assert await focused(page) == control
    await page.keyboard.press("Enter" if control.startswith("button") else "Space")


async def contents(page: Page) -> str:
    """Return what came, one line each, as the tree has it."""
    asked = await page.locator("#now > *").count()
    tree = await page.locator("#now" if asked else "#messages > li:last-child").aria_snapshot()
    lines = [line for line in tree.splitlines() if not re.match(r"\s*- (text|/\w+|img):?", line)]
    return "\n".join(line.rstrip(":") for line in lines)


@pytest.mark.feature("accessible")
async def test_a_report_can_be_followed_without_seeing(
    tmp_path: Path, golden: Callable[[Path, str], None]
) -> None:
    """Each press says what came; nothing is said by looks alone; the words stand in docs/read-aloud.md."""
    said = [HEAD]

    async def note(page: Page, what: str) -> None:
        said.append(f"## {what}\n\n*Heard:* {await heard(page)}\n\n*Focus:* {await focused(page)}\n")
        said.append(f"```\n{await contents(page)}\n```\n")

    async with staged(tmp_path) as stage:
        page = await stage.person("brook")
        await page.keyboard.press("Tab")
        assert await focused(page) == "link: Skip to the conversation"
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        assert await focused(page) == "button: Report a posting"
        await page.keyboard.press("Enter")
        await expect(page.locator("#now .ask-title")).to_be_focused()
        await note(page, "Report a posting")
        for what, controls, title in STEPS:
            before = await page.locator("#now").get_attribute("data-serial")
            for control in controls:
                await use(page, control)
            await expect(page.locator("#now")).not_to_have_attribute("data-serial", before or "")
            if title:
                await expect(page.locator("#now .ask-title")).to_have_text(title)
            else:
                receipt = page.locator("#messages > li", has_text="Thank you.")
                await expect(receipt).to_contain_text("Was sent it, not opened yet")
                await expect(page.get_by_role("status")).to_contain_text("Thank you.")
            await note(page, what)
        await use(page, "button: Help")
        await expect(page.get_by_role("status")).to_contain_text("What you can do here")
        await note(page, "Help")
    words = re.sub(r"HPS-2026-\w+", "HPS-2026-001", "\n".join(said))
    # the notice may have gone out before the receipt is read: then it says so
    words = re.sub(r"(Heard:.* safe\.) Was sent it, not opened yet\.", r"\1 Is being told.", words)
    golden(PAGE, words)
