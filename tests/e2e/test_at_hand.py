"""Faults people met at the page, one test a kind: lost words, silence, errors that lead nowhere, dead ends.

What is heard and where the focus is are read from Chromium's accessibility tree, not from the page's HTML.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.bot_stage import Stage, focused, go_on, heard, staged, tick, up_to
from tests.e2e.browser import overflow, picture, violations

pytestmark = pytest.mark.browser


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Give the bot and a browser."""
    async with staged(tmp_path) as stage:
        yield stage


async def test_urgent_advice_comes_with_the_tick(stage: Stage) -> None:
    """Ring 999, with names and numbers, as soon as danger is ticked; Next and the question stay in sight."""
    page = await stage.person("brook", phone=True)
    await page.get_by_role("button", name="Report a posting").click()
    await expect(page.locator("#now").get_by_text("ring 999 first")).to_have_count(1)
    advice = page.locator("#now").get_by_text("Ring 999 now")
    await expect(advice).to_be_hidden()
    await tick(page, "immediate_danger", "yes")
    await expect(advice).to_be_visible()
    await expect(page.get_by_role("link", name="01632 960003")).to_be_visible()
    assert "Ring 999 now" in await heard(page)
    assert await violations(page) == []
    await tick(page, "immediate_danger", "no")
    await expect(advice).to_be_hidden()
    await tick(page, "immediate_danger", "yes")
    await tick(page, "works_here", "no")
    for title in ("Is it dangerous or hateful?", "Who is it about?"):
        await go_on(page, title)
        await expect(page.locator("#now .send-row .primary")).to_be_in_viewport()
        await expect(page.locator("#now .also-row")).not_to_be_in_viewport()  # before what it answers is read
        if title.startswith("Is it"):
            await tick(page, "safety", "none_of_these")
    await expect(page.get_by_label("The school as a whole")).to_be_in_viewport()


async def test_the_first_next_says_what_is_missing_and_goes_there(stage: Stage) -> None:
    """What opened below a tick and was left open is named, heard, and has the focus; errors do not stay."""
    page = await stage.person("brook", phone=True)
    await up_to(page, "Is it dangerous or hateful?")
    await tick(page, "safety", "other_hate")
    await page.locator("#now .send-row .primary").click()
    error = page.locator(".errors a")
    await expect(error).to_have_text(
        "It is hateful in another way: yes, or not sure?: Please choose an answer. “Not sure” is fine."
    )
    assert "It is hateful in another way" in await heard(page)
    assert await focused(page) == "radio: Yes"
    await expect(page.locator("#now .has-error")).to_be_in_viewport()
    assert await violations(page) == []
    await tick(page, "other_hate", "yes")
    await go_on(page, "Who is it about?")
    await page.locator("#now .send-row .primary").click()
    await expect(error).to_have_count(1)
    await expect(error).to_have_text("Who is it about?: Please tick at least one.")
    await error.click()
    await expect(page.locator("fieldset:focus")).to_contain_text("A pupil")


async def test_errors_are_of_this_press_only(stage: Stage) -> None:
    """After an empty page, a refused file is the only error; the good file beside it is kept."""
    page = await stage.person("brook")
    await up_to(page, "Where is it?")
    await page.locator("#now .send-row .primary").click()
    await expect(page.locator(".errors a")).to_have_count(3)
    await tick(page, "platform", "forum")
    await page.locator("#now input[type=file]").set_input_files(
        [
            {"name": "shot.png", "mimeType": "image/png", "buffer": await page.screenshot()},
            {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"hello"},
            {"name": "empty.png", "mimeType": "image/png", "buffer": b""},
        ]
    )
    await page.locator("#now .send-row .primary").click()
    error = page.locator(".errors a")
    await expect(error).to_have_count(1)
    await expect(error).to_contain_text("notes.txt was not kept: We can keep pictures, PDFs")
    await expect(error).to_contain_text("empty.png was not kept: That file is empty")
    await expect(page.locator("#now .b-file")).to_contain_text("shot.png")
    await expect(page.get_by_label("A forum such as Netmums")).to_be_checked()
    await expect(page.locator("#now input[type=file]")).to_be_focused()
    await page.get_by_role("button", name="Take out: shot.png").click()
    await expect(page.locator("#now .b-file")).to_have_count(0)
    await expect(page.get_by_label("A forum such as Netmums")).to_be_checked()


async def test_what_is_typed_is_kept_as_it_is_typed(stage: Stage) -> None:
    """Typed and ticked, and not sent on: there again after a refresh, another question, and in the box."""
    page = await stage.person("brook")
    await up_to(page, "Where is it?")
    await tick(page, "platform", "forum")
    async with page.expect_response(lambda kept: "posting.example" in str(kept.request.post_data)):
        await page.get_by_label("Do you have a link?").fill("https://posting.example/1")
    await expect(page.get_by_text("Kept as you type.")).to_be_visible()
    await page.reload()
    await expect(page.get_by_label("Do you have a link?")).to_have_value("https://posting.example/1")
    await expect(page.get_by_label("A forum such as Netmums")).to_be_checked()
    await page.get_by_label("What name does the account show?").fill("Somebody Invented")
    await page.get_by_role("button", name="Report a posting").click()
    await page.get_by_role("button", name="Continue").click()
    await expect(page.get_by_label("What name does the account show?")).to_have_value("Somebody Invented")
    async with page.expect_response("**/keep"):
        await page.get_by_label("Your answer, or a command").fill("half a sen")
    await page.reload()
    await expect(page.get_by_label("Your answer, or a command")).to_have_value("half a sen")


async def test_the_browsers_own_ways_lead_somewhere(stage: Stage) -> None:
    """Back goes a page back and Forward forward; another window follows, and says so."""
    page = await stage.person("brook")
    await up_to(page, "Who is it about?")
    await page.go_back()
    await expect(page.locator("#now .ask-title")).to_have_text("Is it dangerous or hateful?")
    await page.go_forward()
    await expect(page.locator("#now .ask-title")).to_have_text("Who is it about?")
    other = await page.context.new_page()
    await other.goto(page.url)
    await expect(other.locator("#now .ask-title")).to_have_text("Who is it about?")
    await page.go_back()
    await expect(page.locator("#now .ask-title")).to_have_text("Is it dangerous or hateful?")
    await other.bring_to_front()
    await expect(other.locator("#now .ask-title")).to_have_text("Is it dangerous or hateful?")
    await expect(other.locator("#now").get_by_text("You went on in another window.")).to_be_visible()
    await page.bring_to_front()
    await go_on(page, "Who is it about?")
    await tick(page, "targets", "school")
    await tick(page, "staff_allegation", "nobody")
    await go_on(page, "Who put it there?")
    await page.goto(f"{stage.address}/w/brook/dm?page=report.danger")
    await expect(page.locator("#now .ask-title")).to_have_text("First: is everyone safe?")


async def test_a_dead_window_says_what_happened(stage: Stage) -> None:
    """A second window without script that sends what was sent already is told so, and how to go on."""
    page = await stage.person("brook")
    await up_to(page, "Check your answers")
    await page.route("**/events", lambda route: route.abort())
    dead = await page.context.new_page()
    await dead.route("**/events", lambda route: route.abort())
    await dead.goto(page.url)
    await expect(dead.locator("#now .ask-title")).to_have_text("Check your answers")
    await page.locator("#now .send-row .primary").click()
    await expect(page.locator("#stream").get_by_text("is safe.")).to_be_visible()
    await dead.locator("#now .send-row .primary").click()
    await expect(dead.locator("#now").get_by_text("This report has been sent already")).to_be_visible()
    assert "It is safe; nothing more is needed." in await heard(dead)
    assert "My reports" in await heard(dead)


async def test_what_comes_is_heard_and_has_the_focus(stage: Stage) -> None:
    """Titles, help, the question before throwing away, the receipt: heard from the one live region."""
    page = await stage.person("brook")
    await up_to(page, "Check your answers")
    assert "Check your answers." in await heard(page)
    assert await focused(page) == "heading: Check your answers"
    await page.locator("summary", has_text="Throw it away").press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("?")
    await page.locator("summary", has_text="Throw it away").press("Enter")
    await page.get_by_role("button", name="Send the report").press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("Thank you. Your report HPS-2026-001 is safe.")
    assert await focused(page) not in ("", "main:")
    await page.get_by_role("button", name="Help").press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("What you can do here")
    assert " number, a word" not in await heard(page)
    await expect(page.get_by_role("alert")).to_have_count(0)
    await expect(page.get_by_role("status")).to_have_count(1)


async def test_the_focus_stays_in_the_case_and_the_most_pressing_is_shown(stage: Stage) -> None:
    """A channel opens on its most pressing case; after a press the focus is in that case, and it is named."""
    brook = await stage.person("brook", phone=True)
    await up_to(brook, "Check your answers")
    await brook.locator("#now .send-row .primary").click()
    await expect(brook.locator("#stream").get_by_text("HPS-2026-001 is safe.")).to_be_visible()
    await brook.goto(f"{stage.address}/w/brook/dm")
    await brook.get_by_role("button", name="Report a posting").last.click()
    await expect(brook.locator("#now .ask-title")).to_have_text("First: is everyone safe?")
    await tick(brook, "immediate_danger", "no")
    await go_on(brook, "Is it dangerous or hateful?")
    await brook.get_by_label("I can't tell at all").scroll_into_view_if_needed()
    ash = await stage.person("ash", "HPS.leadership")
    card = ash.locator("#messages > li", has_text="HPS-2026-001")
    await card.get_by_role("button", name="Take this on").press("Enter")
    await expect(ash.get_by_role("status")).to_contain_text("HPS-2026-001")
    await expect(card).to_contain_text("Taken on by")
    assert await ash.evaluate("Boolean(document.activeElement.closest('#messages > li'))")
    await expect(brook.get_by_role("button", name="new")).to_be_visible()
    await brook.evaluate("refresh()")  # an older message changes meanwhile
    await brook.get_by_role("button", name="new").press("Enter")
    await expect(brook.locator("#messages > li:focus")).to_be_in_viewport()  # the first of what is new


@pytest.mark.parametrize(("width", "height", "colours"), [(320, 256, "none"), (320, 640, "active")])
async def test_it_can_be_used_zoomed_and_in_other_colours(
    stage: Stage, width: int, height: int, colours: str
) -> None:
    """At 400 % zoom nothing fixed eats the page; in forced colours all that matters has a border."""
    page = await stage.person("brook")
    await page.emulate_media(forced_colors=colours)  # type: ignore[arg-type]
    await page.set_viewport_size({"width": width, "height": height})
    await up_to(page, "Where is it?")
    assert await overflow(page) == 0
    assert await violations(page) == []
    fixed = await page.evaluate(
        "[...document.querySelectorAll('body *')]"
        ".filter(e => ['fixed', 'sticky'].includes(getComputedStyle(e).position))"
        ".reduce((sum, e) => sum + e.offsetHeight, 0)"
    )
    assert fixed <= height / 4
    for selector in ("progress", "#now .send-row .primary", "#now .ask"):
        assert await page.locator(selector).evaluate(
            "e => parseFloat(getComputedStyle(e).borderTopWidth)"
        ) > (0 if colours == "active" or selector != "progress" else -1)
    await page.locator("#now .send-row .primary").press("Enter")
    await expect(page.locator("#now .has-error").first).to_be_in_viewport()
    await picture(page, f"zoomed-{height}-{colours}")


async def test_a_page_fits_a_phone_and_next_is_in_reach(stage: Stage) -> None:
    """A title and a question that say the same stand once; Next is in sight, the box to type in below."""
    page = await stage.person("brook", phone=True)
    for title in ("Is it dangerous or hateful?", "Who is it about?", "Who put it there?"):
        await page.goto(f"{stage.address}/w/brook/dm")
        if title.startswith("Is it"):
            await up_to(page, title)
        elif title == "Who is it about?":
            await tick(page, "safety", "none_of_these")
            await go_on(page, title)
        else:
            await tick(page, "targets", "school")
            await tick(page, "staff_allegation", "nobody")
            await go_on(page, title)
        await expect(page.locator("#now .send-row .primary")).to_be_in_viewport()
        await expect(page.locator("#compose")).not_to_be_in_viewport()
        shown = page.locator("#now .ask").get_by_text(title, exact=True)
        await expect(shown).to_have_count(1)
        assert await page.locator("#now .ask").evaluate("e => e.offsetHeight") <= 2 * 740


async def test_the_longest_page_of_questions_is_two_screens(stage: Stage) -> None:
    """Seven questions, none of their words left out, on a usual phone; short answers stand in a row."""
    page = await stage.person("brook", phone=True)
    await page.set_viewport_size({"width": 390, "height": 844})
    await up_to(page, "Where is it?")
    ask = page.locator("#now .ask")
    await expect(ask.locator(".field:visible")).to_have_count(7)
    assert await ask.evaluate("e => e.offsetHeight") <= 2 * 844
    assert await violations(page) == []


async def test_the_check_page_says_every_answer_and_stays_short(stage: Stage) -> None:
    """Each page's Change stands beside its title; all of it fits two and two thirds screens."""
    page = await stage.person("brook", phone=True)
    await page.set_viewport_size({"width": 390, "height": 844})
    await up_to(page, "Check your answers")
    ask = page.locator("#now .ask")
    await expect(ask.get_by_role("button", name="Change: ")).to_have_count(9)
    tall = await ask.evaluate("e => e.offsetHeight")
    await page.set_viewport_size({"width": 390, "height": tall + 300})
    await picture(page, "check")
    assert tall <= 2.67 * 844, tall / 844
    assert await overflow(page) == 0
    assert await violations(page) == []
