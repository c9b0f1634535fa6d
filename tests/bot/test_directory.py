"""Who an account is, and who is refused; and that ids sort by the time they were made."""

from __future__ import annotations

from importlib.resources import files

import pytest
from msgspec.structs import replace

from bot.clock import SystemClock, new_code, new_id
from bot.directory import SchoolDirectory, leadership_people, restricted_people
from bot.school_file.load import read_school
from flows.model import Roster
from flows.ports import Clock, Directory
from flows.references import CODE_LENGTH, CODE_LETTERS
from flows.school import Platform, School, SchoolId, Seat
from flows.ui.inbound import Actor

SAMPLE = (files("bot") / "sample" / "school.toml").read_text("utf-8")
TWO = SAMPLE.replace('prefix = "HPS"', 'prefix = "TWO"').replace(
    'name = "Jo Practice"', 'name = "Jo Practice"\nteams = "00000000-0000-0000-0000-00000000000A"'
)
HPS, SECOND = SchoolId("HPS"), SchoolId("TWO")


def school(text: str = SAMPLE) -> School:
    """Return the school that a text without mistakes describes."""
    found = read_school(text).school
    assert found is not None
    return found


def on_slack(text: str, workspace: str) -> School:
    """Return the school with Ash and Brook on a Slack workspace."""
    return school(
        text.replace('web = "ash"', 'slack = "UASH"')
        .replace('web = "brook"', 'slack = "UBROOK"')
        .replace("[places]", f'[places]\nworkspace = {{ slack = "{workspace}" }}')
    )


def slack(account: str, workspace: str = "T1", *, guest: bool = False) -> Actor:
    """Return somebody on Slack."""
    return Actor(platform=Platform.SLACK, workspace=workspace, account=account, guest=guest)


@pytest.mark.parametrize(
    ("actor", "schools"),
    [
        (slack("UASH"), {HPS}),
        (slack("UASH", "T2"), {SECOND}),  # the same id in another workspace is another person
        (slack("UASH", "T3"), set()),
        (slack("USTRANGER"), set()),
        (slack(""), set()),
        (slack("UASH", guest=True), {HPS}),  # a guest who holds a seat
        (slack("UBROOK", guest=True), set()),  # a guest who holds none
        (slack("UBROOK"), {HPS}),
        (slack("uash"), set()),
        (
            Actor(platform=Platform.TEAMS, workspace="", account="00000000-0000-0000-0000-00000000000a"),
            {SECOND},
        ),  # in any capitals
        (Actor(platform=Platform.WEB, workspace="", account="cam"), {HPS, SECOND}),
        (Actor(platform=Platform.WEB, workspace="", account="UASH"), set()),
        (Actor(platform=Platform.EMAIL, workspace="", account="Head@School.example"), {HPS, SECOND}),
    ],
)
def test_resolve(actor: Actor, schools: set[SchoolId]) -> None:
    """An account is somebody only in the schools that list it, in their own workspace."""
    directory = SchoolDirectory({HPS: on_slack(SAMPLE, "T1"), SECOND: on_slack(TWO, "T2")})
    identity = directory.resolve(actor)
    assert schools == (set(identity.people) if identity else set())


def test_nobody_without_schools() -> None:
    """A directory of no schools knows nobody."""
    assert SchoolDirectory({}).resolve(slack("UASH")) is None


def test_staff_group() -> None:
    """Somebody in the staff group is staff there, unless a guest; their id says where they come from."""
    own = on_slack(SAMPLE, "T1")
    directory = SchoolDirectory({HPS: own}, staff={Platform.SLACK: lambda _: {"UNEW": "Nia New"}})
    identity = directory.resolve(slack("UNEW"))
    assert identity is not None
    assert (identity.people[HPS].id, identity.people[HPS].name) == ("slack:UNEW", "Nia New")
    assert directory.resolve(slack("UNEW", guest=True)) is None
    assert directory.resolve(slack("UNEW", "T9")) is None


@pytest.mark.parametrize("staff", [False, True])
def test_a_turn_looks_at_few_of_many_schools(staff: bool) -> None:  # noqa: FBT001 - a table
    """Whoever is listed is looked for where they are; whom a staff list may have, in their workspace."""
    one = on_slack(SAMPLE, "T1")
    many = {
        SchoolId(f"S{n}"): replace(one, id=SchoolId(f"S{n}"), workspaces={Platform.SLACK: f"T{n}"})
        for n in range(300)
    }
    asked: list[SchoolId] = []

    def listed(found: School) -> dict[str, str]:
        asked.append(found.id)
        return {"UNEW": "Nia New"}

    directory = SchoolDirectory(many, staff={Platform.SLACK: listed} if staff else {})
    for workspace, account, where in (("T7", "UASH", {"S7"}), ("T7", "UNEW", {"S7"}), ("T9999", "UNEW", ())):
        identity = directory.resolve(slack(account, workspace))
        expected = where if staff or account == "UASH" else ()
        assert set(identity.people if identity else ()) == set(expected)
    looked_at = [len(directory._near(slack(who, "T7"))) for who in ("UNEW", "UASH")]  # noqa: SLF001 - what it costs is looked at from below
    assert (looked_at, asked) == (([1, 1], ["S7"]) if staff else ([0, 1], []))


def test_schools_come_in_the_order_of_the_file() -> None:
    """Whoever belongs to several is asked about them in that order, whatever was changed in chat since."""
    names = [SchoolId(name) for name in ("ZZ", "AA", "MM")]
    directory = SchoolDirectory({name: replace(school(), id=name) for name in names})
    directory.seat(Roster(school=names[1]), SystemClock().now())
    directory.seat(Roster(school=SchoolId("gone")), SystemClock().now())
    identity = directory.resolve(Actor(platform=Platform.WEB, workspace="", account="cam"))
    assert list(identity.people if identity else ()) == names == list(directory.schools)


def test_person_at_and_workspace() -> None:
    """A channel's members can be told apart, and a school's workspace is known."""
    directory: Directory = SchoolDirectory({HPS: on_slack(SAMPLE, "T1")})
    assert "ash" == directory.person_at(HPS, Platform.SLACK, "UASH")  # noqa: SIM300 - expected first
    assert directory.person_at(SECOND, Platform.SLACK, "UASH") is None
    assert (
        directory.workspace(HPS, Platform.SLACK),
        directory.workspace(HPS, Platform.TEAMS),
        directory.workspace(SECOND, Platform.SLACK),
    ) == ("T1", "", "")


def test_reload() -> None:
    """After a reload the old list is forgotten."""
    directory = SchoolDirectory({HPS: on_slack(SAMPLE, "T1")})
    directory.reload({SECOND: on_slack(TWO, "T2")})
    assert directory.resolve(slack("UASH")) is None
    assert directory.person_at(HPS, Platform.SLACK, "UASH") is None
    assert directory.person_at(SECOND, Platform.SLACK, "UASH") == "ash"
    assert list(directory.schools) == [SECOND]


def test_places() -> None:
    """The leadership channel is for Head, DSL and deputies; the Chair's place for the Chair alone."""
    own = school()
    assert {"ash", "bryn", "cam", "dee"} == leadership_people(own)
    assert {"ellis"} == restricted_people(own, Seat.CHAIR)


def test_ids_rise() -> None:
    """Ten thousand ids are all different and sorted as they were made."""
    made = [new_id() for _ in range(10_000)]
    assert made == sorted(set(made))
    assert {26} == {len(one) for one in made}


def test_codes_do_not() -> None:
    """A thousand codes are of letters that are not mixed up, and say nothing of when they were made."""
    made = [new_code() for _ in range(1000)]
    assert {len(one) for one in made} == {CODE_LENGTH}
    assert set("".join(made)) == set(CODE_LETTERS)
    assert len(set(made)) > 950
    assert made != sorted(made)


def test_clock() -> None:
    """The clock tells aware UTC."""
    clock: Clock = SystemClock()
    assert clock.now().tzname() == "UTC"
