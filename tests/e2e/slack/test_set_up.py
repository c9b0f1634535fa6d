"""Set-up in the browser, walked by somebody alone: from nothing to a green check, and their mistakes."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Page, expect

from adapters.slack.manifest import SCOPES
from tests.e2e.browser import overflow, picture, troubles, violations
from tests.e2e.slack.emulated import APP_TOKEN, free_port
from tests.e2e.slack.screen import BOT_TOKEN
from tests.e2e.slack.workspace import Workspace, outside
from tests.e2e.walker import NEXT, Walker, walking
from tests.source import ROOT

SEATS = {
    "headteacher": "ash",
    "dsl": "bryn",
    "deputy_dsl": "cam",
    "chair_of_governors": "ellis",
    "vice_chair": "fern",
    "office": "gale",
}


def around(place: Workspace) -> dict[str, str]:
    """Return what is set before set-up begins: where this Slack is."""
    return {"SLACK_API_URL": place.front.api_url, "REPORT_PORT": str(free_port())}


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Workspace]:
    """Give a school on Slack before which no bot runs yet."""
    async with outside(tmp_path, port=free_port(), scopes=tuple(SCOPES)) as made:
        yield made


async def school(who: Walker) -> None:
    """Fill in the first page."""
    await who.type(school__name="Hypothetical Primary School")
    await who.choose("chat", "slack")
    await who.go_on("Who holds which seat")


async def people(who: Walker) -> None:
    """Fill in who holds which seat."""
    await who.type(**{f"{seat}__name": f"{name.title()} Invented" for seat, name in SEATS.items()})
    await who.go_on("Keys of the platforms")


async def keys(who: Walker) -> None:
    """Fill in what Slack gave out."""
    await who.type(SLACK_BOT_TOKEN=BOT_TOKEN, SLACK_APP_TOKEN=APP_TOKEN)
    await who.go_on("How people are reached")


async def reach(who: Walker, place: Workspace) -> None:
    """Fill in accounts and numbers."""
    for number, (seat, name) in enumerate(SEATS.items()):
        account = place.people[name].account
        await who.type(**{f"{seat}__slack": account, f"{seat}__phone": f"01702 55{number}001"})
    await who.go_on("Channels and staff")


async def places(who: Walker, place: Workspace) -> None:
    """Fill in the channel."""
    await who.type(places__slack=place.channel)
    await who.go_on("Contacts outside")


async def rest(who: Walker) -> None:
    """Take what is suggested for the rest."""
    await who.type(lado__phone="01702 550011", childrens_services__phone="01702 550012")
    await who.go_on("Terms")
    await who.choose("calendar.terms", "ours")
    await who.go_on("Where it is kept")
    await who.go_on("Look and write")


@pytest.mark.feature("set-up-in-the-browser")
@pytest.mark.parametrize(("scheme", "phone"), [("light", False), ("dark", True)])
async def test_from_nothing_to_a_green_check(
    place: Workspace,
    tmp_path: Path,
    scheme: Literal["light", "dark"],
    phone: bool,  # noqa: FBT001 - a table's column
) -> None:
    """Eleven presses and what has to be typed: then `check` finds nothing wrong, in the pages and typed."""
    folder = tmp_path / "school"
    folder.mkdir()
    async with walking(folder, around(place), phone=phone, scheme=scheme) as who:
        said = troubles(who.page)
        steps: tuple[Callable[[], Awaitable[None]], ...] = (
            lambda: school(who), lambda: people(who), lambda: keys(who), lambda: reach(who, place),
            lambda: places(who, place), lambda: rest(who),
        )  # fmt: skip
        for step in steps:
            name = await who.page.get_by_role("heading", level=1).inner_text()
            assert (await violations(who.page), await overflow(who.page)) == ([], 0), name
            await picture(who.page, f"set-up-{name.lower().replace(' ', '-')}-{scheme}", whole=True)
            await step()
        await expect(who.page.get_by_role("heading", name="A parent is rude about a teacher")).to_be_visible()
        assert (await violations(who.page), await overflow(who.page)) == ([], 0)
        await picture(who.page, f"set-up-look-{scheme}", whole=True)
        await who.page.get_by_role("button", name="Write and check").click()
        who.clicks += 1
        await expect(who.page.get_by_role("heading", level=1)).to_have_text("Written, and nothing is wrong")
        assert (await violations(who.page), await overflow(who.page), said) == ([], 0, [])
        await picture(who.page, f"set-up-done-{scheme}", whole=True)
        assert BOT_TOKEN not in await who.page.content()
        assert who.clicks == 11
        assert who.typed <= 26
    bare = {n: v for n, v in os.environ.items() if not n.startswith(("REPORT_", "SLACK_", "TEAMS_"))}
    checking = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "--settings", str(folder / "school.env"), "check"),
        env={**bare, "SLACK_API_URL": place.front.api_url, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await checking.communicate()
    assert (checking.returncode, b"Wrong" in printed) == (0, False), printed.decode()


#: the page, what is typed into it, and what is said beside which field
MISTAKES: list[tuple[str, str, str, str]] = [
    ("school", "school.complaints_procedure", "our website", "This is not a link."),
    ("school", "calendar.opens", "half eight", "This is not a time of day."),
    ("people", "headteacher.name", "", "This one is needed"),
    ("people", "vice_chair.name", "Ash Invented", "This is the Headteacher"),
    ("keys", "SLACK_BOT_TOKEN", "xoxb-not-ours", "Slack token: Slack refused"),
    ("keys", "EMAIL_SERVER", "mail", "this is no mail server"),
    ("reach", "headteacher.slack", "@ash", "This is a name."),
    ("reach", "headteacher.slack", "U0NOBODY1", "cannot be reached"),
    ("reach", "dsl.phone", "tbc", "This is not a phone number."),
    ("places", "places.slack", "#leadership", "This is the channel's name."),
    ("places", "places.slack", "C0NOWHERE", "leadership channel"),
    ("terms", "term.0.last", "2026-09-01", "ends before it begins"),
    ("kept", "REPORT_KEY_FILE", "{reports}/sealing.key", "the key lies with the store"),
]


@pytest.mark.feature("set-up-says-what-is-wrong")
async def test_mistakes_are_told_beside_their_field(place: Workspace, tmp_path: Path) -> None:
    """Each kind of mistake: the page stays, its summary leads to the field, and the field says what to do."""
    folder = tmp_path / "school"
    folder.mkdir()
    async with walking(folder, around(place)) as who:
        await school(who)
        await people(who)
        await keys(who)
        await reach(who, place)
        await places(who, place)
        await rest(who)
        base = who.page.url.partition("/step")[0]
        for step, key, typed, told in MISTAKES:
            await who.page.goto(f"{base}/step/{step}")
            before = "" if key.isupper() and "TOKEN" in key else await who.field(key).input_value()
            await who.field(key).fill(typed.format(reports=folder / "reports"))
            await who.page.get_by_role("button", name=NEXT).click()
            error = who.page.locator(f'[id="{key}-error"]')
            await expect(error).to_contain_text(told)
            await expect(who.field(key)).to_have_attribute("aria-invalid", "true")
            await expect(who.page.locator("#errors")).to_be_focused()
            await who.page.locator(f'#errors a[href="#{key}"]').click()
            await expect(who.field(key)).to_be_focused()
            assert await violations(who.page) == [], (step, key)
            await who.field(key).fill(BOT_TOKEN if key == "SLACK_BOT_TOKEN" else before)
            await who.page.get_by_role("button", name=NEXT).click()
            await expect(who.page.locator("#errors")).to_have_count(0)


@pytest.mark.feature("rehearsal-in-set-up")
async def test_the_last_step_is_a_rehearsal(place: Workspace, tmp_path: Path) -> None:
    """Three presses more: real messages on Slack, pressed there, said on the page, and taken away again."""
    folder = tmp_path / "school"
    folder.mkdir()
    async with walking(folder, around(place)) as who:
        for step in (school, people, keys):
            await step(who)
        await reach(who, place)
        await places(who, place)
        await rest(who)
        await who.page.get_by_role("button", name="Write and check").click()
        await who.page.get_by_role("main").get_by_role("link", name="Rehearsal").click()
        await who.page.get_by_role("button", name="Begin a rehearsal").click()
        ash = place.people["ash"]
        chat = await ash.open()
        for said in (
            "posted · changed · answered in its thread",
            "(Headteacher, Person on call) – Slack: sent",
        ):
            await until(who.page, said)
        (message,) = await ash.messages(chat)
        await ash.press(message, "I got it", channel=chat)
        await until(who.page, "(Headteacher, Person on call) – Slack: pressed")
        assert (await violations(who.page), await overflow(who.page)) == ([], 0)
        await picture(who.page, "set-up-rehearsal", whole=True)
        await who.page.get_by_role("button", name="End the rehearsal").click()
        for where in (chat, place.channel):
            async with asyncio.timeout(30):
                while "There was a rehearsal here." not in await ash.reads(where):
                    continue  # each look is a way to the server and back


async def until(page: Page, said: str) -> None:
    """Look again until the page says it."""
    async with asyncio.timeout(60):
        while not await page.get_by_text(said).count():
            await page.get_by_role("link", name="Look again").click()
