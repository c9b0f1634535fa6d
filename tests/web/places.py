"""An invented school and a directory of it, for the workspace's own tests."""

from __future__ import annotations

from collections.abc import Mapping

from flows.model import Identity
from flows.school import Person, PersonId, Platform, School, SchoolId, Seat, Staff
from flows.ui.inbound import Actor

PEOPLE = {
    "ash": "Ash Example",
    "brook": "Brook Sample",
    "cam": "Cam Placeholder",
    "ellis": "Ellis Invented",
    "kit": "Kit Pretend",
}
LEADERSHIP = "leadership"
CHAIRS_PLACE = "restricted-chair"
MEMBERS = {
    LEADERSHIP: frozenset({"ash", "brook", "cam"}),
    CHAIRS_PLACE: frozenset({"ellis"}),
}


def members(place: str) -> frozenset[str]:
    """Return the accounts in a channel."""
    return MEMBERS.get(place, frozenset())


def school() -> School:
    """Return the invented school."""
    return School(
        id=SchoolId("hps"),
        name="Hypothetical Primary School",
        prefix="HPS",
        people={
            PersonId(key): Person(id=PersonId(key), name=name, accounts={Platform.WEB: key})
            for key, name in PEOPLE.items()
        },
        seats={
            Seat.HEADTEACHER: (PersonId("ash"),),
            Seat.DEPUTY_HEADTEACHER: (PersonId("brook"),),
            Seat.DSL: (PersonId("cam"), PersonId("brook")),
            Seat.CHAIR: (PersonId("ellis"),),
        },
        staff=Staff(people=(PersonId("kit"),)),
        leadership={Platform.WEB: LEADERSHIP},
        restricted={Seat.CHAIR: {Platform.WEB: CHAIRS_PLACE}},
    )


class OneSchool:
    """A directory of one school, where an account is a person's id."""

    def __init__(self, one: School | None = None) -> None:
        self._school = one or school()

    @property
    def schools(self) -> Mapping[SchoolId, School]:
        """Every school there is."""
        return {self._school.id: self._school}

    def resolve(self, actor: Actor) -> Identity | None:
        """Return who an account is."""
        person = self._school.people.get(PersonId(actor.account))
        return Identity(people={self._school.id: person}) if person else None

    def person_at(self, school: SchoolId, platform: Platform, account: str) -> PersonId | None:
        """Return which person an account is."""
        known = school == self._school.id and platform is Platform.WEB and account in self._school.people
        return PersonId(account) if known else None

    def workspace(self, school: SchoolId, platform: Platform) -> str:
        """Return the workspace: there is only one, without a name."""
        return self._school.workspaces.get(platform, "") if school == self._school.id else ""
