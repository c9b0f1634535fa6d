"""Who is staff by the staff channel: full members only, as last seen, and nobody before the first look."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.slack.client import Web
from adapters.slack.installs import OneWorkspace
from adapters.slack.membership import Members
from adapters.slack.staff import BELIEVED_FOR, StaffChannels
from flows.model import Identity
from flows.school import PersonId, Platform, School, SchoolId, Staff
from flows.ui.inbound import Actor
from tests.slack.bench import BOT
from tests.slack.fake_api import FakeSlack

SCHOOL = School(
    id=SchoolId("HPS"),
    name="Hypothetical",
    prefix="HPS",
    people={},
    seats={},
    staff=Staff(slack_user_group="C0LEADERS"),
)


class OneSchool:
    """A directory of one school."""

    def __init__(self) -> None:
        self.schools = {SCHOOL.id: SCHOOL}

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
async def staff(slack: FakeSlack) -> AsyncIterator[tuple[StaffChannels, Members, Seconds]]:
    """Yield the staff channels, the memberships and the clock."""
    web, clock = Web(api_url=f"{slack.origin}/api/", timeout=2), Seconds()
    web.use(OneWorkspace(web.bare, BOT))
    members = Members(web, clock=clock)
    yield StaffChannels(web, members, OneSchool(), clock=clock), members, clock
    await web.close()


async def test_full_members_are_staff(
    slack: FakeSlack, staff: tuple[StaffChannels, Members, Seconds]
) -> None:
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
    slack: FakeSlack, staff: tuple[StaffChannels, Members, Seconds]
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
    slack: FakeSlack, staff: tuple[StaffChannels, Members, Seconds], flag: str
) -> None:
    """The staff channel becomes shared: at the next look it gives nobody a right."""
    channels, members, _ = staff
    await channels.look()
    slack.channels["C0LEADERS"][flag] = True
    members.forget("C0LEADERS")
    await channels.look()
    assert channels.accounts(SCHOOL) == {}


async def test_somebody_of_another_organisation_is_not_staff(
    slack: FakeSlack, staff: tuple[StaffChannels, Members, Seconds]
) -> None:
    """No flag says so, only their home: they do not count, even where the school names no workspace."""
    channels, _, _ = staff
    slack.users["U0ASH"] |= {"team_id": "T0OTHER", "is_stranger": False}
    await channels.look()
    assert channels.accounts(SCHOOL) == {"U0LEE": "Lee Example"}
