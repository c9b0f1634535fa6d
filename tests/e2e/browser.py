"""A browser for end-to-end tests: Chromium that talks to this machine only, axe, and screenshots."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: Where pictures are left; not kept in the repository.
SHOTS = Path("var/screenshots")
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 860}


@contextmanager
def chromium() -> Iterator[Browser]:
    """Give a browser, closed when left. Uses the machine's own Chromium if there is one."""
    path = CHROMIUM if Path(CHROMIUM).exists() else None
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def window(
    browser: Browser,
    *,
    phone: bool = False,
    scheme: Literal["light", "dark"] = "light",
    script: bool = True,
    still: bool = True,
) -> BrowserContext:
    """Return a fresh window. Any request to another machine fails the test that made it."""
    context = browser.new_context(
        viewport={"width": 360, "height": 740} if phone else {"width": 1280, "height": 860},
        color_scheme=scheme,
        java_script_enabled=script,
        reduced_motion="reduce" if still else "no-preference",
        locale="en-GB",
    )
    context.set_default_timeout(10_000)
    return context


def violations(page: Page) -> list[str]:
    """Return what axe finds wrong with a page, one line each: rule, how bad, where."""
    found = Axe().run(page)
    return [
        f"{violation['id']} ({violation['impact']}): {node['html'][:160]}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]


def shot(page: Page, name: str, *, whole: bool = False) -> Path:
    """Leave a picture of a page; return where."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    path = SHOTS / f"{name}.png"
    page.screenshot(path=path, full_page=whole)
    return path
