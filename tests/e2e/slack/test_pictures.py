"""Every message and window as a picture, light and dark, to be looked at; and no word of it is missing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import pytest

from tests.e2e.browser import PICTURES, chromium, window
from tests.e2e.slack.emulated import HERE, NODE
from tests.e2e.slack.reporting import RUDE, report
from tests.e2e.slack.test_types import types
from tests.e2e.slack.workspace import Workspace
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
    out = await _drawn(folder / f"{sheet}-{theme}.html", theme, files)
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
        # A sheet is as tall as there are messages: more than a picture of a window takes.
        await page.screenshot(path=folder / f"{sheet}-{theme}.png", full_page=True, timeout=60_000)


async def _drawn(out: Path, theme: str, files: Sequence[Path]) -> Path:
    """Draw payloads as one page; return where it is."""
    out.parent.mkdir(parents=True, exist_ok=True)
    made = await asyncio.create_subprocess_exec(NODE, HERE / "pictures.mjs", out, theme, *files)
    assert await made.wait() == 0
    return out


async def test_everything_people_meet(place: Workspace, tmp_path: Path) -> None:
    """A whole story, each message and window of it: Slack's types find nothing; there is a picture."""
    say = {"text": "An invented note.", "why": "Not needed.", "when": "2026-11-24", "how": "phone"}
    await place.brook.look_home()
    await place.brook.command("help")
    await report(place.brook, RUDE)
    await place.settle()
    for label in ("Take this on", "Open the record", "Decide on Legal", "Add a note", "Hold all contact"):
        await place.leader(place.ellis, label, {**say, "contacted": "no"})
    for label in ("Clear the hold", "Record contact", "Record a meeting", "Correct an answer"):
        extra = {"who": "The parent", "reason_for_correction": "It is gone."}
        await place.leader(place.ellis, label, {**say, **extra, "still_online": "removed"})
    for command in ("cases", "case HPS-2026-001", "digest", "status"):
        await place.ellis.command(command)
    await place.leader(place.ellis, "Close the case", {**say, "outcome": "supported"})
    for who in (place.brook, place.ellis):
        await who.look_home()
    await place.brook.command()
    await place.app.hear.finish(5)
    await place.brook.close()
    await place.jo.say("report")
    channel = await place.jo.open()
    posts = place.front.asked
    await place.front.until(lambda: any(a["channel"] == channel for a in posts("chat.postMessage")))
    await place.app.hear.finish(5)
    files = []
    for number, drawn in enumerate(_distinct(place.front.shown)):
        path = tmp_path / f"met-{number:02}.json"
        path.write_text(json.dumps(drawn), "utf-8")
        files.append(path)
    assert len(files) > 25
    ended, said = await types(*files)
    assert (ended, said) == (0, f"ok {len(files)}\n")
    async with chromium() as browser:
        for theme in ("light", "dark"):
            out = await _drawn(PICTURES / "slack" / f"met-{theme}.html", theme, files)
            page = await (await window(browser, scheme=theme)).new_page()
            await page.set_content(out.read_text("utf-8"))
            await page.screenshot(path=out.with_suffix(".png"), full_page=True)


def _distinct(shown: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the payloads that are not just another state of one before: one for each title and kind."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for drawn in shown:
        first = next(iter(texts(drawn["blocks"])), "")
        second = "".join(texts(drawn["blocks"]))[:80]
        found[drawn.get("type", "message"), f"{first} {second}"] = drawn
    return list(found.values())
