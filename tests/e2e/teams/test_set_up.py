"""Set-up in the browser with Teams as the chat, walked before Microsoft's own Agents Playground."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import expect

from tests.e2e.browser import overflow, picture, troubles, violations, window
from tests.e2e.teams.stage import CASES, HERE, ROOT, Stage, account, free_port
from tests.e2e.walker import Walker, walking

pytestmark = pytest.mark.browser
SEATS = {
    "headteacher": "ash",
    "deputy_headteacher": "bryn",
    "dsl": "cam",
    "deputy_dsl": "dee",
    "chair_of_governors": "ellis",
    "vice_chair": "fern",
    "office": "gale",
}


def leaders(folder: Path) -> Path:
    """Write who is in the team: leaders alone. The Playground wants six, so that two stand there twice."""
    people = (HERE / "playground.yml").read_text("utf-8")
    for nobody, leader in (("brook", "bryn"), ("fay", "cam")):
        people = people.replace(account(nobody), account(leader))
    (folder / "playground.yml").write_text(people, "utf-8")
    return folder / "playground.yml"


@asynccontextmanager
async def before_pages(folder: Path) -> AsyncIterator[tuple[Walker, Stage]]:
    """Give somebody before the pages of set-up, and the Playground in another window, not started yet."""
    (folder / "school").mkdir()
    around = {"TEAMS_DEV": "yes", "REPORT_PORT": str(port := free_port())}
    async with aiohttp.ClientSession() as session, walking(folder / "school", around) as who:
        browser = who.page.context.browser
        assert browser is not None
        place = Stage(folder, await (await window(browser)).new_page(), session)
        place.bot_port = port
        try:
            yield who, place
        finally:
            await place.close()


async def to_accounts(who: Walker) -> None:
    """Fill in the pages before the one that asks how people are reached."""
    await who.type(school__name="Hypothetical Primary School")
    await who.choose("chat", "teams")
    await who.go_on("Who holds which seat")
    await who.type(**{f"{seat}__name": f"{name.title()} Invented" for seat, name in SEATS.items()})
    await who.go_on("Keys of the platforms")
    await who.go_on("How people are reached")


async def accounts(who: Walker) -> None:
    """Fill in accounts and numbers."""
    for number, (seat, name) in enumerate(SEATS.items()):
        await who.type(**{f"{seat}__teams": account(name), f"{seat}__phone": f"01702 55{number}001"})


async def rest(who: Walker) -> None:
    """Take what is suggested for the rest."""
    await who.type(lado__phone="01702 550011", childrens_services__phone="01702 550012")
    await who.go_on("Terms")
    await who.choose("calendar.terms", "ours")
    await who.go_on("Where it is kept")
    await who.go_on("Look and write")


@pytest.mark.feature("set-up-in-the-browser")
async def test_from_nothing_to_a_green_check(tmp_path: Path) -> None:
    """Eleven presses, what has to be typed, and a word to the bot; `check` in the pages finds nothing wrong.

    That this was no real Teams is said there, and refused by `check` as it is typed and by `serve`.
    """
    async with before_pages(tmp_path) as (who, place):
        said = troubles(who.page)
        await to_accounts(who)
        hearing = who.page.locator("#hearing")
        await expect(hearing).to_contain_text("write any word to the bot in Teams")
        await place.play(leaders(tmp_path))
        await place.say("hello")
        await place.page.get_by_text("nobody can report yet").first.wait_for()
        await accounts(who)
        assert (await violations(who.page), await overflow(who.page)) == ([], 0)
        await picture(who.page, "set-up-teams-reach", whole=True)
        await who.go_on("Channels and staff")
        await expect(hearing).to_contain_text("Teams has been heard")
        await who.type(places__teams=CASES)
        await who.go_on("Contacts outside")
        await rest(who)
        await who.page.get_by_role("button", name="Write and check").click()
        who.clicks += 1
        await expect(who.page.get_by_role("heading", level=1)).to_have_text("Written, and nothing is wrong")
        for line in (
            "Teams calls us: it has been heard",
            "leadership channel: 4 members",
            "6 seat holders can be written to in Teams",
            "TEAMS_DEV: this is a counterpart of Teams",
        ):
            await expect(who.page.get_by_role("main")).to_contain_text(line)
        assert (await violations(who.page), await overflow(who.page), said) == ([], 0, [])
        await picture(who.page, "set-up-teams-done", whole=True)
        assert who.clicks == 11
        assert who.typed <= 25
    for command in ("check", "serve"):
        code, printed = await typed(tmp_path / "school" / "school.env", command)
        assert (code, "TEAMS_DEV: with it anybody may be anybody" in printed) == (2, True), printed


async def typed(settings: Path, *command: str) -> tuple[int | None, str]:
    """Type a command; return how it ended, and what it printed."""
    bare = {n: v for n, v in os.environ.items() if not n.startswith(("REPORT_", "SLACK_", "TEAMS_"))}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "--settings", str(settings), *command),
        env={**bare, "TEAMS_DEV": "yes", "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    return process.returncode, printed.decode()
