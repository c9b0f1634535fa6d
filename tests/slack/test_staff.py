"""Who is staff because Slack says so: full members only, as last seen, and nobody before it was asked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec.structs import replace

from adapters.slack.client import Web
from adapters.slack.installs import OneWorkspace
from adapters.slack.membership import Members
from adapters.slack.origin import Origin
from adapters.slack.staff import BELIEVED_FOR, SlackStaff
from flows.errors import Retryable
from flows.model import Identity
from flows.school import PersonId, Platform, School, SchoolId, Staff
from flows.ui.inbound import Actor
from tests.slack.bench import BOT
from tests.slack.fake_api import TEAM, FakeSlack

SCHOOL = School(
    id=SchoolId("HPS"),
    name="Hypothetical",
    prefix="HPS",
    people={},
    seats={},
    staff=Staff(slack_channel="C0LEADERS"),
)
BY_EMAIL = replace(SCHOOL, staff=Staff(email_domains=("school.example",)))
JO = Origin(account="U0JO", workspace=TEAM, team=TEAM)


class OneSchool:
    """A directory of one school."""

    def __init__(self, school: School = SCHOOL) -> None:
        self.schools = {school.id: school}

    def resolve(self, actor: Actor) -> Identity | None:
        """Know nobody."""
        del actor
        return None

    def person_at(self, school: SchoolId, platform: Platform, account: str) -> PersonId | None:
        """Know nobody."""
        del school, platform, account
        return None

    def workspace(self, school: SchoolId, platform: Platform) -> str:
        """Return the only workspace."""
        return f"{school}{platform}"[:0]


class Seconds:
    """A clock that is told."""

    now = 0.0

    def __call__(self) -> float:
        """Return the present second."""
        return self.now


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """Yield a Slack whose channel holds Lee, Ash and a guest."""
    fake = FakeSlack()
    fake.users |= {
        "U0LEE": {"id": "U0LEE", "real_name": "Lee Example"},
        "U0ASH": {"id": "U0ASH", "real_name": "Ash Example"},
        "U0GUEST": {"id": "U0GUEST", "real_name": "Guest Example", "is_restricted": True},
    }
    fake.members["C0LEADERS"].append("U0GUEST")
    await fake.start()
    yield fake
    await fake.server.close()


@pytest.fixture
async def staff(slack: FakeSlack) -> AsyncIterator[tuple[SlackStaff, Members, Seconds]]:
    """Yield the staff channels, the memberships and the clock."""
    web, clock = Web(api_url=f"{slack.origin}/api/", timeout=2), Seconds()
    web.use(OneWorkspace(web.bare, BOT))
    members = Members(web, clock=clock)
    yield SlackStaff(web, members, OneSchool(), clock=clock), members, clock
    await web.close()


async def test_full_members_are_staff(slack: FakeSlack, staff: tuple[SlackStaff, Members, Seconds]) -> None:
    """Nobody before the first look; then the members by name, without guests and without the bot."""
    channels, members, _ = staff
    assert channels.accounts(SCHOOL) == {}
    await channels.look()
    assert channels.accounts(SCHOOL) == {"U0LEE": "Lee Example", "U0ASH": "Ash Example"}
    asked = len(slack.asked("users.info"))
    slack.members["C0LEADERS"].remove("U0ASH")
    members.forget("C0LEADERS")
    await channels.look()
    assert channels.accounts(SCHOOL) == {"U0LEE": "Lee Example"}
    assert len(slack.asked("users.info")) == asked + 1, "only whoever is not known yet is asked about"


async def test_what_was_seen_stays_for_a_day(
    slack: FakeSlack, staff: tuple[SlackStaff, Members, Seconds]
) -> None:
    """Slack does not answer: what was seen last stays, but not for ever."""
    channels, _, clock = staff
    await channels.look()
    clock.now = 700
    slack.fail["conversations.info"] = ["internal_error"]
    await channels.look()
    assert "U0LEE" in channels.accounts(SCHOOL)
    clock.now = BELIEVED_FOR + 1
    assert channels.accounts(SCHOOL) == {}


@pytest.mark.parametrize(
    "flag", ["is_ext_shared", "is_shared", "is_pending_ext_shared", "is_org_shared", "is_archived"]
)
async def test_a_place_that_is_unfit_vouches_for_nobody(
    slack: FakeSlack, staff: tuple[SlackStaff, Members, Seconds], flag: str
) -> None:
    """The staff channel becomes shared: at the next look it gives nobody a right."""
    channels, members, _ = staff
    await channels.look()
    slack.channels["C0LEADERS"][flag] = True
    members.forget("C0LEADERS")
    await channels.look()
    assert channels.accounts(SCHOOL) == {}


async def test_somebody_of_another_organisation_is_not_staff(
    slack: FakeSlack, staff: tuple[SlackStaff, Members, Seconds]
) -> None:
    """No flag says so, only their home: they do not count, even where the school names no workspace."""
    channels, _, _ = staff
    slack.users["U0ASH"] |= {"team_id": "T0OTHER", "is_stranger": False}
    await channels.look()
    assert channels.accounts(SCHOOL) == {"U0LEE": "Lee Example"}


async def test_a_user_group_is_staff_as_a_channel_is(slack: FakeSlack) -> None:
    """Whoever is in the group counts, guests do not; a group that is gone leaves what was seen last."""
    slack.groups["S0STAFF"] = ["U0LEE", "U0GUEST"]
    web = Web(api_url=f"{slack.origin}/api/", timeout=2)
    web.use(OneWorkspace(web.bare, BOT))
    school = replace(SCHOOL, staff=Staff(slack_user_group="S0STAFF"))
    staff = SlackStaff(web, Members(web), OneSchool(school))
    await staff.look()
    assert dict(staff.accounts(school)) == {"U0LEE": "Lee Example"}
    del slack.groups["S0STAFF"]
    await staff.look()
    assert dict(staff.accounts(school)) == {"U0LEE": "Lee Example"}
    await web.close()


@pytest.fixture
async def by_email(slack: FakeSlack) -> AsyncIterator[tuple[SlackStaff, Seconds]]:
    """Yield who is staff of a school that goes by e-mail addresses, and the clock."""
    web, clock = Web(api_url=f"{slack.origin}/api/", timeout=2), Seconds()
    web.use(OneWorkspace(web.bare, BOT))
    yield SlackStaff(web, Members(web), OneSchool(BY_EMAIL), clock=clock), clock
    await web.close()


#: what Slack says of somebody -> whether a school that goes by "school.example" counts them as staff
ADDRESSES: dict[str, tuple[dict[str, Any], bool]] = {
    "theirs": ({"profile": {"email": "jo@school.example"}}, True),
    "theirs in capitals": ({"profile": {"email": "Jo@School.Example"}}, True),
    "confirmed": ({"profile": {"email": "jo@school.example"}, "is_email_confirmed": True}, True),
    "not confirmed": ({"profile": {"email": "jo@school.example"}, "is_email_confirmed": False}, False),
    "another": ({"profile": {"email": "jo@home.example"}}, False),
    "a longer one": ({"profile": {"email": "jo@pupils.school.example"}}, False),
    "one that only ends alike": ({"profile": {"email": "jo@notschool.example"}}, False),
    "theirs before the @": ({"profile": {"email": "school.example@home.example"}}, False),
    "none, for want of the permission": ({"profile": {}}, False),
    "a guest's": ({"profile": {"email": "jo@school.example"}, "is_restricted": True}, False),
    "a stranger's": ({"profile": {"email": "jo@school.example"}, "team_id": "T0OTHER"}, False),
    "somebody's who left": ({"profile": {"email": "jo@school.example"}, "deleted": True}, False),
}


@pytest.mark.parametrize("name", ADDRESSES)
async def test_an_address_gives_the_right_to_report(
    slack: FakeSlack, by_email: tuple[SlackStaff, Seconds], name: str
) -> None:
    """The end of a full member's confirmed address decides, whole; who comes is asked about once."""
    staff, _ = by_email
    facts, ours = ADDRESSES[name]
    slack.users["U0JO"] = {"id": "U0JO", "real_name": "Jo Example", **facts}
    for _ in range(3):
        await staff.meet(JO)
    assert dict(staff.accounts(BY_EMAIL)) == ({"U0JO": "Jo Example"} if ours else {})
    assert len(slack.asked("users.info")) == 1
    assert await staff.by_email(BY_EMAIL) == ({"U0JO"} if ours else set())


async def test_who_has_left_is_asked_about_again(
    slack: FakeSlack, by_email: tuple[SlackStaff, Seconds]
) -> None:
    """What was seen counts for ten minutes, for a day where Slack does not answer, and not for longer."""
    staff, clock = by_email
    slack.users["U0JO"] = {"id": "U0JO", "profile": {"email": "jo@school.example"}}
    await staff.meet(JO)
    clock.now = 700
    slack.fail["users.info"] = ["internal_error"]
    await staff.meet(JO)
    assert "U0JO" in staff.accounts(BY_EMAIL)
    slack.users["U0JO"]["deleted"] = True
    await staff.meet(JO)
    assert dict(staff.accounts(BY_EMAIL)) == {}
    clock.now += BELIEVED_FOR
    slack.fail["users.info"] = ["internal_error"]
    with pytest.raises(Retryable):
        await staff.meet(JO)


async def test_a_school_that_names_no_address_asks_for_none(slack: FakeSlack) -> None:
    """Where no school goes by addresses, nobody's is asked for."""
    web = Web(api_url=f"{slack.origin}/api/", timeout=2)
    web.use(OneWorkspace(web.bare, BOT))
    await SlackStaff(web, Members(web), OneSchool()).meet(JO)
    assert not slack.asked("users.info")
    await web.close()
