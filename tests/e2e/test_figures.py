"""Figures, by clicking: the card, the files of the report saved, and its page as anybody would open it."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Literal

import pytest
from playwright.async_api import Page, expect
from pypdf import PdfReader

from bot.documents import governors
from flows.case.summary import summary
from flows.figures.count import Figures, count
from flows.figures.doings import doings
from flows.figures.report import report
from flows.figures.terms import term_of
from tests.e2e.bot_stage import Stage, staged
from tests.e2e.browser import chromium, overflow, picture, violations, window
from tests.flows.figures.matter import MONDAY, invented
from tests.flows.matter import AT, SCHOOL

pytestmark = pytest.mark.browser


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Give the bot as `make run` starts it, with its worker, and a browser."""
    async with staged(tmp_path) as stage:
        yield stage


def reported() -> str:
    """Return the page of a report with something in each chart."""
    rng = Random(7)  # noqa: S311 - to be repeated, not to be secret
    rows = [summary(invented(rng, number, days=190)) for number in range(150)]
    this = term_of(AT.date(), SCHOOL)
    terms = (this, term_of(this.first - dt.timedelta(days=1), SCHOOL))
    told = []
    for term in terms:
        first, end = term.moments(SCHOOL)
        told.append(count([row for row in rows if first <= row.opened_at < end], term, MONDAY))
    figures = Figures(school=SCHOOL.name, until=MONDAY.date(), this=told[0], before=told[1])
    return governors.html(report(figures, doings([], [], (), MONDAY), AT.date()))


async def saved(page: Page, stage: Stage, name: str, ending: str) -> bytes:
    """Return the file behind a link, as the browser saves it."""
    link = page.locator("#now").get_by_role("link", name=name)
    async with page.expect_download() as coming:
        await link.click()
    assert (await coming.value).suggested_filename.endswith(ending)
    given = await page.request.get(f"{stage.address}{await link.get_attribute('href')}")
    assert given.status == 200
    return await given.body()


@pytest.mark.parametrize("phone", [False, True])
async def test_a_leader_has_the_figures_and_the_report(stage: Stage, *, phone: bool) -> None:
    """Typed, then by links: CSV, PDF and page are files; nothing of it is wider than a phone."""
    ash = await stage.person("ash", phone=phone)
    box = ash.get_by_label("Your answer, or a command")
    await box.fill("figures")
    await box.press("Enter")
    await expect(ash.locator("#now")).to_contain_text("Counted up to")
    assert await violations(ash) == []
    assert await overflow(ash) == 0
    await picture(ash, f"figures{'-phone' if phone else ''}", whole=True)
    assert (await saved(ash, stage, "As CSV", ".csv")).startswith(b"\xef\xbb\xbfschool,term")
    await ash.locator("#now").get_by_role("button", name="Governors' report").click()
    await expect(ash.locator("#now")).to_contain_text("with charts")
    assert await violations(ash) == []
    made = PdfReader(io.BytesIO(await saved(ash, stage, "As PDF", ".pdf")))
    assert "What the bot did not do" in made.pages[-1].extract_text()
    assert b"<!doctype html>" in await saved(ash, stage, "As a page", ".html")
    assert stage.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("phone", [False, True])
async def test_the_report_as_a_page_is_for_everybody(
    scheme: Literal["light", "dark"], *, phone: bool
) -> None:
    """Light and dark, on a phone and wide: axe finds nothing, and nothing but a chart has to be scrolled."""
    async with chromium() as browser:
        page = await (await window(browser, phone=phone, scheme=scheme)).new_page()
        await page.set_content(reported())
        assert await page.get_by_role("img").count() == 5
        assert await violations(page) == []
        assert await overflow(page) == 0
        await picture(page, f"report-{scheme}{'-phone' if phone else ''}", whole=True)
