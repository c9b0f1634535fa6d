"""Set-up in the browser: who is let in, what is kept, what is written and what is never shown."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from bot.__main__ import OK, main
from bot.commands.init import kept_beside, read_answers
from bot.config import load
from bot.config.settings import SAMPLE_SCHOOL, SETTINGS, Settings
from bot.config.written import settings_of
from bot.school_file.load import load_schools, read_school
from bot.set_up import begin, looking
from bot.set_up.answers import Answers
from bot.set_up.listen import SetUp
from bot.set_up.situations import SITUATIONS, drawn
from bot.set_up.steps import SECRETS, Step
from bot.wiring import running
from flows.policy.engine import default_policy
from tests.fakes import FakeClock

TODAY = dt.date(2026, 11, 2)
TOKEN = "xapp-secret-of-theirs"
PEOPLE = {
    "headteacher.name": "Ash Pretend",
    "dsl.name": "Bryn Pretend",
    "chair_of_governors.name": "Ellis Pretend",
    "vice_chair.name": "Fern Pretend",
}
MAILS = {f"{key.partition('.')[0]}.email": f"{key[:3]}@school.uk" for key in PEOPLE}
#: what somebody types who is on no chat, page by page
ANSWERS: dict[Step, dict[str, str]] = {
    Step.SCHOOL: {
        "school.name": "Hypothetical Primary School",
        "school.kind": "maintained",
        "school.prefix": "",
        "school.complaints_procedure": "",
        "school.policy_link": "",
        "calendar.opens": "08:00",
        "calendar.closes": "17:00",
        "chat": "neither",
    },
    Step.PEOPLE: PEOPLE,
    Step.KEYS: {},
    Step.REACH: MAILS,
    Step.PLACES: {"staff.email_domain": "school.uk"},
    Step.OUTSIDE: {"lado.phone": "01702 550011"},
    Step.TERMS: {"calendar.terms": "usual"},
    Step.KEPT: {},
}


class Browser:
    """A browser before the pages, without script."""

    def __init__(self, client: TestClient, token: str) -> None:  # type: ignore[type-arg] # aiohttp's own
        self.client, self.token = client, token

    async def enter(self) -> None:
        """Come in by the address."""
        await self.client.get(f"/enter?token={self.token}")

    async def save(self, step: Step, answers: Mapping[str, str]) -> tuple[str, str]:
        """Save a page, with all that stands in it; return where that leads, and what stands there."""
        page = await (await self.client.get(f"/step/{step}")).text()
        typed = re.findall(r'<input id="([\w.]+)"[^>]*? value="([^"]*)"', page)
        chosen = re.findall(r'name="([\w.]+)" value="(\w+)" checked', page)
        listed = [(name, "") for name in re.findall(r'<input id="([\w.]+)"[^>]*type="password"', page)]
        answer = await self.post(f"/step/{step}", {**dict(typed + chosen + listed), **answers})
        return answer.url.path, await answer.text()

    async def post(self, path: str, sent: Mapping[str, str]) -> ClientResponse:
        """Post a form as our own page does."""
        origin = str(self.client.make_url("")).rstrip("/")
        return await self.client.post(path, data=sent, headers={"Origin": origin})

    async def walk(self) -> str:
        """Fill in every page, and write; return what is told then."""
        for step, answers in ANSWERS.items():
            path, page = await self.save(step, answers)
            assert path == f"/step/{[*Step][[*Step].index(step) + 1]}", re.findall(r'class="error".*', page)
        return await (await self.post("/write", {})).text()


def open_to_others(folder: Path) -> list[str]:
    """Return which of the files that were written others can read."""
    written = [path for path in folder.rglob("*") if path.is_file()]
    assert {"school.toml", "school.env", "sealing.key"} <= {path.name for path in written}
    return [path.name for path in written if path.stat().st_mode & 0o077]


def set_aside(folder: Path) -> list[str]:
    """Return what is kept of files that stood there before."""
    return sorted(path.name for path in folder.glob("*.until-*"))


@asynccontextmanager
async def browser(folder: Path, environment: Mapping[str, str] | None = None) -> AsyncIterator[Browser]:
    """Give a browser that has not come in yet."""
    set_up = SetUp(Answers(folder / "school.toml", environment or {}, TODAY), FakeClock())
    async with TestClient(TestServer(set_up.app())) as client:
        yield Browser(client, set_up.token)


async def test_the_address_lets_in_one_browser_once(tmp_path: Path) -> None:
    """Without the token nothing is shown; with it one browser comes in; a second time it is worth nothing."""
    async with browser(tmp_path) as first:
        for path in ("/", "/step/school", "/done", "/enter", "/enter?token=", "/enter?token=guessed"):
            assert (await first.client.get(path)).status == 403
        assert (await first.post("/write", {})).status == 403
        answer = await first.client.get(f"/enter?token={first.token}")
        assert (answer.status, answer.url.path) == (200, "/step/school")
        first.client.session.cookie_jar.clear()
        assert (await first.client.get(f"/enter?token={first.token}")).status == 403
        assert (await first.client.get("/", cookies={"set_up": ""})).status == 403


async def test_only_pages_of_ours_on_this_computer(tmp_path: Path) -> None:
    """A foreign name for this computer, and a post from another site, are refused."""
    async with browser(tmp_path) as one:
        await one.enter()
        foreign = await one.client.get("/step/school", headers={"Host": "school.attacker.example"})
        assert foreign.status == 403
        theirs = await one.client.post("/step/school", data={}, headers={"Origin": "https://x.example"})
        assert theirs.status == 403
        assert "Try-out" not in await theirs.text()
        assert (await one.client.get("/step/nowhere")).status == 404


@pytest.mark.feature("set-up-in-the-browser")
async def test_what_is_written_is_what_init_writes(tmp_path: Path) -> None:
    """From nothing to the school's file, settings and key, each its owner's alone; and nothing is wrong."""
    async with browser(tmp_path) as one:
        await one.enter()
        told = await one.walk()
    assert "Written, and nothing is wrong" in told
    text = (tmp_path / "school.toml").read_text("utf-8")
    school = load_schools(tmp_path / "school.toml")["HPS"]  # type: ignore[index] # an id is text
    assert {person.name for person in school.people.values()} == set(PEOPLE.values())
    assert text.count("#") > 20
    assert open_to_others(tmp_path) == []
    assert (
        main(["init", str(tmp_path / "other.toml"), "--answers", str(kept_beside(tmp_path / "school.toml"))])
        == OK
    )
    assert (tmp_path / "other.toml").read_text("utf-8") == text


async def test_nothing_is_written_over(tmp_path: Path) -> None:
    """What stood there is kept under another name, and said; what is the same is left alone."""
    (tmp_path / "school.toml").write_text("# by hand", "utf-8")
    async with browser(tmp_path) as one:
        await one.enter()
        told = await one.walk()
        (kept,) = set_aside(tmp_path)
        assert kept in told
        assert (tmp_path / kept).read_text("utf-8") == "# by hand"
        assert "There already: school.toml, school.env" in await (await one.client.get("/step/look")).text()
        await one.post("/write", {})
    assert set_aside(tmp_path) == [kept]


async def test_a_key_is_never_shown_nor_kept_half_way(tmp_path: Path) -> None:
    """A key that was entered is *set*: on no page, not beside the file; empty keeps it, and it can go."""
    async with browser(tmp_path) as one:
        await one.enter()
        await one.save(Step.SCHOOL, ANSWERS[Step.SCHOOL] | {"chat": "slack"})
        await one.save(Step.PEOPLE, PEOPLE)
        await one.save(Step.KEYS, {"SLACK_APP_TOKEN": TOKEN})
        page = await (await one.client.get("/step/keys")).text()
        assert TOKEN not in page
        assert "SLACK_APP_TOKEN-set" in page
        await one.save(Step.KEYS, {})
        assert "SLACK_APP_TOKEN-set" in await (await one.client.get("/step/keys")).text()
        assert TOKEN not in kept_beside(tmp_path / "school.toml").read_text("utf-8")
        await one.save(Step.KEYS, {"forget.SLACK_APP_TOKEN": "yes"})
        assert "SLACK_APP_TOKEN-set" not in await (await one.client.get("/step/keys")).text()


async def test_the_last_page_asks_nothing(tmp_path: Path) -> None:
    """What is posted there is refused, as there is no page after it."""
    async with browser(tmp_path) as one:
        await one.enter()
        assert (await one.post(f"/step/{Step.LOOK}", {"school.name": "x"})).status == 405
        assert (await one.post("/step/nowhere", {})).status == 404


async def test_half_way_is_kept_and_goes_on(tmp_path: Path) -> None:
    """A page loaded again shows what was saved; started again it goes on with the page that is next."""
    async with browser(tmp_path) as one:
        await one.enter()
        await one.save(Step.SCHOOL, ANSWERS[Step.SCHOOL])
        assert 'value="Hypothetical Primary School"' in await (await one.client.get("/step/school")).text()
    async with browser(tmp_path) as again:
        answer = await again.client.get(f"/enter?token={again.token}")
        assert answer.url == URL(answer.url).with_path("/step/people")
    assert read_answers(kept_beside(tmp_path / "school.toml"))["school.name"] == "Hypothetical Primary School"


async def test_written_before_is_set_again(tmp_path: Path) -> None:
    """Keys of a settings file that is there are set, and stand in the next one too."""
    (tmp_path / "school.env").write_text(f"SLACK_APP_TOKEN='{TOKEN}'\n", "utf-8")
    answers = Answers(tmp_path / "school.toml", {}, TODAY)
    answers.take({"chat": "slack"})
    assert answers.environment()["SLACK_APP_TOKEN"] == TOKEN


def test_a_file_of_settings_is_read_by_every_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it sets counts, what the environment sets wins, and a file that is not there is said."""
    file = tmp_path / "school.env"
    file.write_text("# ours\nREPORT_PORT='99'\nexport REPORT_LOG_LEVEL=\"debug\"\n", "utf-8")
    assert settings_of(file.read_text("utf-8")) == {"REPORT_PORT": "99", "REPORT_LOG_LEVEL": "debug"}
    monkeypatch.setenv("REPORT_PORT", "100")
    monkeypatch.setenv("REPORT_LOG_LEVEL", "")
    monkeypatch.delenv("REPORT_LOG_LEVEL")
    main(["--settings", str(file), "policy", "table"])
    settings = load.from_environment()
    assert (settings.port, settings.log_level) == (100, "debug")
    capsys.readouterr()
    assert main(["--settings", str(tmp_path / "school.emv"), "policy", "table"]) != OK
    assert "Did you mean school.env?" in capsys.readouterr().err


#: the key a mistake is at, and the field it stands beside
PLACES = {
    "people.pretend": "headteacher.email",
    "people.pretend2.phone": "dsl.phone",
    "seats.vice_chair": "vice_chair.name",
    "school.administrator": "office.name",
    "calendar.terms[1].to": "term.1.last",
    "calendar.terms[1].half_term": "term.1.half_from",
    "calendar.terms[2]": "term.2.first",
    "places.leadership.teams": "places.teams",
    "safeguarding.lado": "lado.phone",
    "school.name": "school.name",
}


@pytest.mark.parametrize(("key", "field"), PLACES.items())
def test_a_mistake_stands_beside_its_field(tmp_path: Path, key: str, field: str) -> None:
    """Where the school's file would be refused, the field is named whose answer it is."""
    answers = Answers(tmp_path / "school.toml", {}, TODAY)
    answers.given = {**PEOPLE, "chat": "both"}
    reading = read_school("")
    problem = reading.errors[0]
    assert looking.field_of(type(problem)("school.toml", 1, key, "", ""), answers) == field
    assert field in {one.key for asked in answers.questions().values() for one in asked}


def test_every_situation_is_drawn() -> None:
    """Five situations, each with somebody who leads; the Headteacher who is accused is told of nothing."""
    school = next(iter(load_schools(SAMPLE_SCHOOL).values()))
    found = drawn(school, default_policy(), FakeClock().now())
    assert len(found) == len(SITUATIONS) == 5
    assert all(each.told[0].leads for each in found)
    accused = found[-1]
    head = school.people[school.seats["headteacher"][0]].name  # type: ignore[index] # a seat is text
    assert head in accused.not_told
    assert head not in [one.name for one in accused.told]


def test_secrets_are_those_of_the_settings() -> None:
    """What is a secret among the settings is one here."""
    assert {setting.name for setting in SETTINGS if setting.secret} == SECRETS


async def test_the_try_out_leads_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A button begins it in a window of its own; the page that others could see says no address."""
    monkeypatch.chdir(tmp_path)
    async with running(Settings(school=SAMPLE_SCHOOL, try_out=True), clock=FakeClock()) as bot:
        begin.offered(Settings(try_out=True), bot)
        async with TestClient(TestServer(bot.app)) as client:
            assert "Set it up for our school" in await (await client.get("/")).text()
            origin = str(client.make_url("")).rstrip("/")
            for _ in range(2):
                answer = await client.post("/set-up", headers={"Origin": origin})
                address = capsys.readouterr().out.rpartition(" ")[2].strip()
                assert address not in await answer.text()
                assert (await client.session.get(address)).url.path == "/step/school"


async def test_a_try_out_that_others_reach_offers_no_set_up() -> None:
    """Where it is open to other computers there is no button, and no way round it."""
    async with running(Settings(school=SAMPLE_SCHOOL, try_out=True), clock=FakeClock()) as bot:
        begin.offered(Settings(try_out=True, host="0.0.0.0"), bot)  # noqa: S104 - open, for once
        async with TestClient(TestServer(bot.app)) as client:
            assert "Set it up" not in await (await client.get("/")).text()
            origin = str(client.make_url("")).rstrip("/")
            assert (await client.post("/set-up", headers={"Origin": origin})).status == 404


@pytest.mark.parametrize(
    ("system", "display", "screen"),
    [("win32", None, True), ("darwin", None, True), ("linux", ":0", True), ("linux", None, False)],
)
def test_a_browser_is_opened_where_there_is_a_screen(
    system: str, display: str | None, *, screen: bool
) -> None:
    """Where only a browser of the terminal's own would open, the address is said and nothing opened."""
    assert begin.has_screen(system, display) is screen


def test_the_address_is_said_and_opened(capsys: pytest.CaptureFixture[str]) -> None:
    """It is always said; opening it can be left out."""
    opened: list[str] = []
    begin.show("http://127.0.0.1:1/x", open_it=False, opener=lambda one: not opened.append(one))
    assert opened == []
    assert "http://127.0.0.1:1/x" in capsys.readouterr().out


def test_terms_of_ones_own_are_not_to_be_checked(tmp_path: Path) -> None:
    """Dates that were confirmed carry no mark; those of the council carry one; none are an example."""
    answers = Answers(tmp_path / "school.toml", {}, TODAY)
    answers.given = {**PEOPLE, **MAILS, "school.name": "X"}
    for whose, marks, terms in (("usual", 3, 3), ("ours", 0, 3), ("none", 0, 0)):
        answers.given["calendar.terms"] = whose
        text = answers.school_text()
        assert (
            len(re.findall(r"from = .*# check", text)),
            len(tomllib.loads(text)["calendar"]["terms"]),
        ) == (
            marks,
            terms,
        )
