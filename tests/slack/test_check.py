"""What ``check`` says about Slack: each thing that can be wrong is named, with what to do about it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from adapters.slack.check import Line, checks
from adapters.slack.client import Web
from adapters.slack.installs import OneWorkspace
from adapters.slack.manifest import SCOPES
from adapters.slack.options import Options
from adapters.slack.send import SlackChat
from flows.school import Person, PersonId, Platform, School, SchoolId, Seat
from tests.slack.bench import APP, BOT, SIGNING
from tests.slack.fake_api import FakeSlack

ASH, LEE = PersonId("ash"), PersonId("lee")
SCHOOL = School(
    id=SchoolId("HPS"),
    name="Hypothetical",
    prefix="HPS",
    people={
        ASH: Person(id=ASH, name="Ash Example", accounts={Platform.SLACK: "U0ASH"}),
        LEE: Person(id=LEE, name="Lee Example", accounts={Platform.SLACK: "U0LEE"}),
    },
    seats={Seat.HEADTEACHER: (ASH,), Seat.DSL: (LEE,)},
    leadership={Platform.SLACK: "C0LEADERS"},
)


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """Yield a Slack on which everything is well."""
    fake = FakeSlack()
    fake.scopes = ",".join(SCOPES)
    fake.users["U0ASH"] = {"id": "U0ASH"}
    await fake.start()
    yield fake
    await fake.server.close()


async def look(
    slack: FakeSlack, *, app: str = "", welcome: frozenset[PersonId] = frozenset({ASH, LEE})
) -> list[Line]:
    """Return what check says."""
    web = Web(api_url=f"{slack.origin}/api/", timeout=2)
    web.use(OneWorkspace(web.bare, BOT))
    options = Options(bot_token=BOT, signing_secret=SIGNING, app_token=app, api_url=web.api_url)
    try:
        return await checks(
            chat=SlackChat(web), options=options, schools=[SCHOOL], expected={SCHOOL.id: welcome}
        )
    finally:
        await web.close()


@pytest.mark.parametrize("app", ["", APP])
async def test_all_is_well(slack: FakeSlack, app: str) -> None:
    """Token, permissions, channel and every seat are proved, over HTTP and through a socket."""
    lines = await look(slack, app=app)
    assert all(well for well, _, _ in lines), lines
    said = " ".join(what for _, what, _ in lines)
    for words in ("token: valid", "permissions: all", "private, ours", "headteacher", "dsl"):
        assert words in said
    assert not slack.asked("chat.postMessage")


def _fail(method: str, error: str) -> Callable[[FakeSlack], None]:
    def spoil(slack: FakeSlack) -> None:
        slack.fail[method] = [error] * 3

    return spoil


def _scopes(slack: FakeSlack) -> None:
    slack.scopes = "commands,chat:write"


def _public(slack: FakeSlack) -> None:
    slack.channels["C0LEADERS"]["is_private"] = False


def _gone(slack: FakeSlack) -> None:
    del slack.users["U0LEE"]


def _guest(slack: FakeSlack) -> None:
    slack.users["U0ASH"]["is_restricted"] = True


WRONG: dict[str, tuple[Callable[[FakeSlack], None], str, str]] = {
    "a refused token": (_fail("auth.test", "invalid_auth"), "token", "Copy it again"),
    "missing permissions": (_scopes, "groups:history", "install the app again"),
    "a public channel": (_public, "not fit for cases", "not private"),
    "a seat that is nobody": (_gone, "U0LEE", "school.toml"),
    "a seat that is a guest": (_guest, "no full member", "Guests"),
    "a direct message that cannot be opened": (
        _fail("conversations.open", "user_disabled"),
        "cannot be reached",
        "switched off",
    ),
    "a refused app-level token": (_fail("apps.connections.open", "invalid_auth"), "Socket Mode", "app-level"),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_wrong_is_named(slack: FakeSlack, name: str) -> None:
    """The line says what was looked at, the hint what to do."""
    spoil, what, hint = WRONG[name]
    spoil(slack)
    wrong = [(said, todo) for well, said, todo in await look(slack, app=APP) if not well]
    assert any(what in said and hint in f"{said} {todo}" for said, todo in wrong), wrong


async def test_other_members_are_named(slack: FakeSlack) -> None:
    """Whoever is in the leadership channel without a seat for it is pointed out."""
    wrong = [what for well, what, _ in await look(slack, welcome=frozenset({LEE})) if not well]
    assert wrong == [
        "Hypothetical, leadership channel C0LEADERS: U0ASH is neither Headteacher, DSL nor a deputy"
    ]
