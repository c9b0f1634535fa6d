"""What ``check`` says about Slack: each thing that can be wrong is named, with what to do about it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from msgspec.structs import replace

from adapters.slack.check import Line, checks
from adapters.slack.client import Web
from adapters.slack.installs import OneWorkspace
from adapters.slack.manifest import SCOPES
from adapters.slack.options import Options
from adapters.slack.send import SlackChat
from adapters.slack.staff import SlackStaff
from bot.directory import SchoolDirectory
from flows.school import Person, PersonId, Platform, School, SchoolId, Seat, Staff
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
    slack: FakeSlack,
    *,
    app: str = "",
    welcome: frozenset[PersonId] = frozenset({ASH, LEE}),
    school: School = SCHOOL,
) -> list[Line]:
    """Return what check says."""
    web = Web(api_url=f"{slack.origin}/api/", timeout=2)
    web.use(OneWorkspace(web.bare, BOT))
    options = Options(bot_token=BOT, signing_secret=SIGNING, app_token=app, api_url=web.api_url)
    chat = SlackChat(web)
    staff = SlackStaff(web, chat.memberships, SchoolDirectory({school.id: school}))
    try:
        return await checks(
            chat=chat, staff=staff, options=options, schools=[school], expected={school.id: welcome}
        )
    finally:
        await web.close()


@pytest.mark.parametrize("app", ["", APP])
async def test_all_is_well(slack: FakeSlack, app: str) -> None:
    """Token, permissions, channel and every seat are proved; that Slack can call us over HTTP cannot be."""
    lines = await look(slack, app=app)
    assert [line for line in lines if line[0] is False] == []
    assert [what for well, what, _ in lines if well is None] == (
        [] if app else ["Slack calls us, with this signing secret: not proved from here"]
    )
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
    wrong = [(said, todo) for well, said, todo in await look(slack, app=APP) if well is False]
    assert any(what in said and hint in f"{said} {todo}" for said, todo in wrong), wrong


async def test_other_members_are_named(slack: FakeSlack) -> None:
    """Whoever is in the leadership channel without a seat for it is pointed out."""
    wrong = [what for well, what, _ in await look(slack, welcome=frozenset({LEE})) if well is False]
    assert wrong == [
        "Hypothetical, leadership channel C0LEADERS: U0ASH is neither Headteacher, DSL nor a deputy"
    ]


async def test_a_leader_whose_id_is_mistyped_is_not_to_be_removed(slack: FakeSlack) -> None:
    """Where a leader is missing and a stranger is there, it is asked whether they are one."""
    school = replace(
        SCHOOL,
        people={**SCHOOL.people, LEE: Person(id=LEE, name="Lee Example", accounts={Platform.SLACK: "U0LEO"})},
    )
    (hint,) = [
        mend for _, what, mend in await look(slack, school=school, app=APP) if "U0LEE is neither" in what
    ]
    assert hint.startswith("Is it lee, whose id is mistyped or missing? Else:")


STAFF: dict[str, tuple[Staff, str]] = {
    "only seats": (Staff(), "HPS: 2 people may report on Slack: 2 by the school's file"),
    "a channel": (
        Staff(slack_channel="C0STAFF"),
        "HPS: 3 people may report on Slack: 2 by the school's file, 2 by being in C0STAFF",
    ),
    "a user group": (
        Staff(slack_user_group="S0STAFF"),
        "HPS: 4 people may report on Slack: 2 by the school's file, 2 by being in S0STAFF",
    ),
    "addresses": (
        Staff(email_domains=("school.example",)),
        "HPS: 4 people may report on Slack: 2 by the school's file, 3 by an address that ends with @school.example",  # noqa: E501 - as printed
    ),
}


def staffed(slack: FakeSlack) -> None:
    """Let there be staff: in a channel, in a user group, and with addresses."""
    slack.scopes += ",users:read.email,usergroups:read"
    for name in ("rae", "sam", "lee"):
        account = f"U0{name.upper()}"
        slack.users[account] = {"id": account, "profile": {"email": f"{name}@school.example"}}
    slack.channels["C0STAFF"] = {"id": "C0STAFF", "is_private": True}
    slack.members["C0STAFF"] = ["U0LEE", "U0RAE", "U0BOT"]
    slack.groups["S0STAFF"] = ["U0RAE", "U0SAM"]


@pytest.mark.parametrize("name", STAFF)
async def test_how_many_may_report_is_proved(slack: FakeSlack, name: str) -> None:
    """However a school says who is staff, it is said how many that makes."""
    staffed(slack)
    staff, said = STAFF[name]
    lines = await look(slack, school=replace(SCHOOL, staff=staff), app=APP)
    assert [what for well, what, _ in lines if "may report" in what] == [said]
    assert all(well for well, _, _ in lines), lines


@pytest.mark.parametrize(
    ("staff", "words"),
    [
        (Staff(slack_channel="C0NONE"), "cannot be seen"),
        (Staff(slack_user_group="S0NONE"), "no_such_subteam"),
        (Staff(email_domains=("shcool.example",)), "nobody"),
    ],
)
async def test_a_way_that_lets_nobody_report_is_wrong(slack: FakeSlack, staff: Staff, words: str) -> None:
    """A mistyped channel, group or address is found before the first report, with what to look at."""
    staffed(slack)
    wrong = [
        f"{what} {mend}"
        for well, what, mend in await look(slack, school=replace(SCHOOL, staff=staff), app=APP)
        if well is False
    ]
    assert any("who may report" in line and words in line for line in wrong), wrong


@pytest.mark.parametrize(
    ("staff", "scope"),
    [
        (Staff(slack_user_group="S0STAFF"), "usergroups:read"),
        (Staff(email_domains=("school.example",)), "users:read.email"),
    ],
)
async def test_a_permission_that_only_this_school_needs_is_missed(
    slack: FakeSlack, staff: Staff, scope: str
) -> None:
    """What the file needs and the app was not given is named, with how to give it."""
    lines = await look(slack, school=replace(SCHOOL, staff=staff), app=APP)
    (line,) = [f"{what} {mend}" for well, what, mend in lines if "permissions" in what]
    assert f"{scope} missing" in line
    assert "install the app again" in line


async def test_who_is_missing_from_the_channel_is_named(slack: FakeSlack) -> None:
    """A leader who is not in the leadership channel is named; that stops nothing."""
    slack.members["C0LEADERS"].remove("U0LEE")
    missing = [(well, what) for well, what, _ in await look(slack, app=APP) if "is not in it" in what]
    assert missing == [(None, "Hypothetical, leadership channel C0LEADERS: lee (U0LEE) is not in it")]
