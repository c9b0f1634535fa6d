"""Every message and window as a picture, light and dark, to be looked at; and no word of it is missing."""

from __future__ import annotations

import asyncio
import json
from typing import Literal

import pytest

from tests.e2e.browser import PICTURES, chromium, window
from tests.e2e.slack.workspace import HERE, NODE
from tests.slack.reading import texts

GOLDEN = HERE.parents[1] / "slack/golden"
#: what people see day by day; the hostile and the huge are on a sheet of their own
DAILY = (
    "message-case-card", "message-receipt", "message-buttons", "message-facts", "message-quote",
    "message-attachment",
    "message-tone-danger", "message-tone-caution", "message-tone-good", "home-case-card", "unsent", "trouble",
    "modal-report-page", "modal-leader-form", "modal-errors", "modal-many", "modal-file", "modal-no-fields",
    "modal-with-note", "asked-choice", "asked-many", "asked-text-area", "asked-step", "one-moment", "refusal",
)  # fmt: skip


def squeezed(words: str) -> str:
    """Return words without spaces."""
    return "".join(words.split())


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("sheet", ["daily", "all"])
async def test_pictures(theme: Literal["light", "dark"], sheet: str) -> None:
    """Each payload is drawn by a renderer that is not ours, and shows what it says."""
    daily = [path for path in (GOLDEN / f"{name}.json" for name in DAILY) if path.is_file()]
    files = daily if sheet == "daily" else sorted(GOLDEN.glob("*.json"))
    assert len(files) > 20
    folder = PICTURES / "slack"
    folder.mkdir(parents=True, exist_ok=True)
    out = folder / f"{sheet}-{theme}.html"
    made = await asyncio.create_subprocess_exec(NODE, HERE / "pictures.mjs", out, theme, *files)
    assert await made.wait() == 0
    async with chromium() as browser:
        context = await window(browser, scheme=theme)
        page = await context.new_page()
        await page.set_content(out.read_text("utf-8"))
        for path in files:
            shown = squeezed(await page.locator(f"#{path.stem}").inner_text())
            assert len(shown) > len(path.stem), "an empty picture"
            if sheet == "all":
                continue  # this renderer reads markup in plain text, which Slack does not
            payload = json.loads(path.read_text("utf-8"))
            for block in payload["blocks"]:
                if block["type"] in ("header", "rich_text"):
                    for words in (w for w in texts(block) if not w.startswith("https://school.example")):
                        assert squeezed(words)[:200] in shown, (path.stem, words)
        await page.screenshot(path=folder / f"{sheet}-{theme}.png", full_page=True)
