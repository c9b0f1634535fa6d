"""A browser for end-to-end tests: Chromium that talks to this machine only, axe, and pictures."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Browser, BrowserContext, Page, Route, async_playwright, expect

#: The machine's own Chromium, best without all that a window needs: two thirds of the time. None = the
#: one Playwright installed.
CHROMIUM = next(
    (
        path
        for name in ("chromium-headless-shell", "chromium", "chromium-browser")
        if (path := Path("/usr/bin", name)).exists()
    ),
    None,
)
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
#: Milliseconds until something that does not come is a failure: much more than a busy machine needs.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)
#: Where pictures are left; not kept in the repository.
PICTURES = Path(__file__).parents[2] / "var" / "screenshots"
_OURS = ("http://127.0.0.1:", "http://localhost:")


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Give a browser, closed when left."""
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


async def window(
    browser: Browser,
    *,
    phone: bool = False,
    scheme: Literal["light", "dark"] = "light",
    script: bool = True,
) -> BrowserContext:
    """Return a fresh window that holds still. A request to any other machine is stopped."""
    context = await browser.new_context(
        viewport={"width": 360, "height": 740} if phone else {"width": 1280, "height": 860},
        color_scheme=scheme,
        java_script_enabled=script,
        reduced_motion="reduce",
        locale="en-GB",
    )
    context.set_default_timeout(PATIENCE)
    await context.route("**/*", _only_here)
    return context


async def _only_here(route: Route) -> None:
    if route.request.url.startswith(_OURS):
        await route.continue_()
    else:
        await route.abort()


def troubles(page: Page) -> list[str]:
    """Return a list that fills with what the browser complains of, and with requests to other machines."""
    found: list[str] = []
    page.on("console", lambda said: found.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on(
        "request",
        lambda request: None if request.url.startswith(_OURS) else found.append(f"asked for {request.url}"),
    )
    return found


async def violations(page: Page) -> list[str]:
    """Return what axe finds wrong with a page, one line each: rule, how bad, where."""
    found = await Axe().run(page)
    return [
        f"{violation['id']} ({violation['impact']}): {node['html'][:160]}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]


async def overflow(page: Page) -> int:
    """Return by how many pixels a page is wider than its window; 0 = nothing has to be scrolled sideways."""
    wide: int = await page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wide


async def side_by_side(pages: list[Page], name: str) -> Path:
    """Leave one picture of several windows beside each other, on a plain ground; return where."""
    shots = [b64encode(await page.screenshot()).decode() for page in pages]
    sheet = await pages[0].context.new_page()
    await sheet.set_viewport_size({"width": 1640, "height": 800})
    frame = "border-radius:14px;box-shadow:0 10px 36px rgb(9 40 41/28%);width:50%;min-width:0"
    images = "".join(f'<img style="{frame}" src="data:image/png;base64,{shot}">' for shot in shots)
    await sheet.set_content(
        '<body style="margin:0;background:#dfe8e3"><main style="display:flex;gap:28px;padding:32px">'
        f"{images}</main>"
    )
    PICTURES.mkdir(parents=True, exist_ok=True)
    path = PICTURES / f"{name}.png"
    await sheet.locator("main").screenshot(path=path)
    await sheet.close()
    return path


async def picture(page: Page, name: str, *, whole: bool = False) -> Path:
    """Leave a picture of a page; return where."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    path = PICTURES / f"{name}.png"
    await page.screenshot(path=path, full_page=whole)
    return path
