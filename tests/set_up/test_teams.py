"""Set-up with Teams as the chat: what is heard of it meanwhile, and what goes wrong on the way, in words."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from html import unescape
from pathlib import Path

import aiohttp
import pytest

from bot.set_up import looking
from bot.set_up.answers import Answers
from bot.set_up.steps import Step
from tests.set_up.test_browser import PEOPLE, TODAY, Browser, browser
from tests.set_up.test_rehearsal import free_port
from tests.teams.activities import personal
from tests.teams.connector import CHANNEL, Connector, account, member

HOLDERS = dict(zip((key.partition(".")[0] for key in PEOPLE), ("ash", "bryn", "ellis", "fern"), strict=True))
ACCOUNTS = {f"{seat}.teams": account(name) for seat, name in HOLDERS.items()}


class Walk:
    """Somebody before the pages, with a counterpart of Teams beside them."""

    def __init__(self, pages: Browser, teams: Connector, port: str) -> None:
        self.pages, self.teams, self.port = pages, teams, port

    async def to_accounts(self) -> str:
        """Fill in what comes before accounts; return the page that asks for these."""
        await self.pages.enter()
        school = {"school.name": "Hypothetical Primary School", "chat": "teams"}
        await self.pages.save(Step.SCHOOL, school)
        await self.pages.save(Step.PEOPLE, PEOPLE)
        path, page = await self.pages.save(Step.KEYS, {})
        assert path == "/step/reach"
        return unescape(page)

    async def write(self, who: str = "ash") -> int:
        """Write the bot a word, as Teams hands it on; return how that was answered."""
        sent = {**personal(who, text="hello"), "serviceUrl": self.teams.url}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"http://127.0.0.1:{self.port}/api/messages", json=sent) as answer,
        ):
            return answer.status

    async def to_places(self) -> str:
        """Write the bot a word, and give the accounts; return the page that asks for the channel."""
        await self.to_accounts()
        assert await self.write() == 200
        path, page = await self.pages.save(Step.REACH, ACCOUNTS)
        assert path == "/step/places", told(page)
        return unescape(page)


def told(page: str) -> dict[str, str]:
    """Return what is said to be wrong, by field."""
    found = re.findall(r'<p class="error" id="([\w.]+)-error">(?:<span.*?</span>)?(.*?)</p>', page, re.DOTALL)
    return {field: unescape(words) for field, words in found}


@pytest.fixture
async def walk(tmp_path: Path) -> AsyncIterator[Walk]:
    """Give somebody before the pages; the leaders are in the channel."""
    teams, port = Connector(), free_port()
    teams.channels = {CHANNEL: [member("ash"), member("bryn")]}
    await teams.server.start_server()
    async with browser(tmp_path, {"TEAMS_DEV": "yes", "REPORT_PORT": port}) as pages:
        yield Walk(pages, teams, port)
    await teams.server.close()


@pytest.mark.feature("set-up-in-the-browser")
async def test_teams_is_heard_before_the_bot_runs(walk: Walk) -> None:
    """The page says to write the bot a word; whoever does is told that nothing was kept, and it is seen."""
    assert "write any word to the bot in Teams" in await walk.to_accounts()
    assert await walk.write() == 200
    assert "Teams has been heard" in await walk.to_places()
    (said,) = walk.teams.texts("a:chat-ash")[:1]
    assert "nobody can report yet" in said
    path, _ = await walk.pages.save(Step.PLACES, {"places.teams": CHANNEL})
    assert path == "/step/outside"


async def test_something_else_runs_there_already(walk: Walk) -> None:
    """Where the bot itself runs, set-up cannot listen, and says so; once that is stopped it does."""
    other = aiohttp.web.AppRunner(aiohttp.web.Application())
    await other.setup()
    await aiohttp.web.TCPSite(other, "127.0.0.1", int(walk.port)).start()
    assert "cannot listen for Teams" in await walk.to_accounts()
    await other.cleanup()
    page = await (await walk.pages.client.get("/step/reach")).text()
    assert "write any word to the bot in Teams" in page


async def test_a_counterpart_is_left_to_do_in_the_pages_and_never_proof(walk: Walk) -> None:
    """A check of the pages says what it looked at; nothing else is wrong."""
    await walk.to_places()
    await walk.pages.save(Step.PLACES, {"places.teams": CHANNEL})
    page = unescape(await (await walk.pages.post("/write", {})).text())
    assert "Written, and nothing is wrong" in page
    left = page.partition('id="f-left"')[2].partition("</section>")[0]
    assert "TEAMS_DEV: this is a counterpart of Teams" in left


Slip = Callable[[Walk], Awaitable[tuple[str, str]]]


def typed(step: Step, field: str, answer: str) -> Slip:
    """Return a slip of typing."""

    async def do(walk: Walk) -> tuple[str, str]:
        await (walk.to_accounts() if step is Step.REACH else walk.to_places())
        if step is Step.REACH:
            await walk.write()
        return await walk.pages.save(step, {**(ACCOUNTS if step is Step.REACH else {}), field: answer})

    return do


def otherwise(change: Callable[[Connector], object]) -> Slip:
    """Return a slip that was made in Teams."""

    async def do(walk: Walk) -> tuple[str, str]:
        await walk.to_places()
        change(walk.teams)
        return await walk.pages.save(Step.PLACES, {"places.teams": CHANNEL})

    return do


async def unheard(walk: Walk) -> tuple[str, str]:
    """Nobody has written to the bot."""
    await walk.to_accounts()
    return await walk.pages.save(Step.REACH, ACCOUNTS)


LINK = "https://teams.microsoft.com/l/channel/19%3Acases%40thread.tacv2/Cases?groupId=1"
STRANGE, STAFF = "19:staffroom@thread.tacv2", "19:staff@thread.tacv2"
NOT_IN = "is the app in its team?"


def comes(teams: Connector) -> None:
    """Somebody without a seat comes into the leaders' team."""
    teams.channels[CHANNEL].append(member("jo"))


#: the slip, the field beside which it is told, and what is told there
MISTAKES: dict[str, tuple[Slip, str, str]] = {
    "nobody has written to the bot": (unheard, "headteacher.teams", "then write it a word there"),
    "an e-mail address for the object id": (
        typed(Step.REACH, "dsl.teams", "dsl@school.uk"),
        "dsl.teams",
        "This is an e-mail address",
    ),
    "one account twice": (
        typed(Step.REACH, "dsl.teams", ACCOUNTS["headteacher.teams"]),
        "dsl.teams",
        "same teams account",
    ),
    "the channel's link": (
        typed(Step.PLACES, "places.teams", LINK),
        "places.teams",
        f'the id is its part "{CHANNEL}"',
    ),
    "the channel's name": (
        typed(Step.PLACES, "places.teams", "Cases"),
        "places.teams",
        "Get link to channel",
    ),
    "another team's channel": (typed(Step.PLACES, "places.teams", STRANGE), "places.teams", NOT_IN),
    "a staff team without the app": (typed(Step.PLACES, "staff.teams", STAFF), "staff.teams", NOT_IN),
    "somebody without a seat in the team": (otherwise(comes), "places.teams", "should leave the team"),
    "the app was taken out of the team": (
        otherwise(lambda teams: teams.channels.clear()),
        "places.teams",
        NOT_IN,
    ),
}


@pytest.mark.feature("set-up-says-what-is-wrong")
@pytest.mark.parametrize("name", MISTAKES)
async def test_a_mistake_is_told_beside_its_field(walk: Walk, name: str) -> None:
    """The page stays, and beside the field stands what to do."""
    slip, field, words = MISTAKES[name]
    path, page = await slip(walk)
    assert words in told(page).get(field, ""), (path, told(page))


#: what `check` says of credentials -> the field it stands beside
CREDENTIALS = {
    "Teams credentials: Microsoft does not know this app id in this tenant": "TEAMS_APP_ID",
    "Teams credentials: Microsoft does not know this tenant": "TEAMS_TENANT_ID",
    "Teams credentials: Microsoft does not take this password any more: it has run out": "TEAMS_APP_PASSWORD",
    "Teams signing keys: cannot be read": "TEAMS_APP_ID",
}


@pytest.mark.parametrize(("line", "field"), CREDENTIALS.items())
def test_credentials_stand_beside_what_is_wrong(tmp_path: Path, line: str, field: str) -> None:
    """Microsoft says which of the three it does not take."""
    assert looking.about(line, Answers(tmp_path / "school.toml", {}, TODAY), None) == field
