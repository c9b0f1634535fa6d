"""Who somebody is: the schools' own lists, asked by platform account. Denies by default.

An account is somebody only where a school's file says so, or where a school's staff group or team
(looked up by a platform, see :data:`StaffAccounts`) holds it. The same account may be a person of
several schools. A guest of a workspace is nobody unless they hold a seat (policy page §10). What was changed
in chat of seats and absences (:mod:`flows.roster`) counts on top of the file.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from msgspec.structs import replace

from bot.school_file.validate import seats_wrong
from flows.model import Identity, Roster
from flows.policy import routing
from flows.roster import with_roster
from flows.school import Person, PersonId, Platform, School, SchoolId, Seat
from flows.ui.inbound import Actor

_Account = tuple[Platform, str]
#: Given a school: the accounts in its staff group or team, by account id, with the name shown there.
StaffAccounts = Callable[[School], Mapping[str, str]]


class SchoolDirectory:
    """The :class:`flows.ports.Directory` of the loaded schools."""

    def __init__(
        self, schools: Mapping[SchoolId, School], *, staff: Mapping[Platform, StaffAccounts] | None = None
    ) -> None:
        """Keep the schools; ``staff`` holds, per platform, who else is staff."""
        self._staff = dict(staff or {})
        self._filed: dict[SchoolId, School] = {}
        self._schools: dict[SchoolId, School] = {}
        self._people: dict[SchoolId, dict[_Account, PersonId]] = {}
        #: which schools list an account, and which are in a workspace: a turn looks at no others
        self._listed: defaultdict[_Account, set[SchoolId]] = defaultdict(set)
        self._within: defaultdict[_Account, set[SchoolId]] = defaultdict(set)
        self._place: dict[SchoolId, int] = {}
        self.reload(schools)

    @property
    def schools(self) -> Mapping[SchoolId, School]:
        """Every school of this deployment."""
        return self._schools

    @property
    def filed(self) -> Mapping[SchoolId, School]:
        """Every school as its file has it."""
        return self._filed

    def reload(self, schools: Mapping[SchoolId, School]) -> None:
        """Take other files in place of these, all at once; what was changed in chat comes by :meth:`seat`."""
        self._filed = dict(schools)
        self._schools, self._people = {}, {}
        self._listed, self._within = defaultdict(set), defaultdict(set)
        self._place = {school: number for number, school in enumerate(schools)}
        for school in schools.values():
            self._know(school)

    def seat(self, roster: Roster, now: dt.datetime) -> None:
        """Take what was changed in chat in one school: from this moment on it is so."""
        filed = self._filed.get(roster.school)
        if filed is not None:
            self._know(with_roster(filed, roster, now, fits)[0])

    def _know(self, school: School) -> None:
        for account in self._people.get(school.id, ()):
            self._listed[account].discard(school.id)
        people = {one: person.id for person in school.people.values() for one in _accounts(person)}
        for account in people:
            self._listed[account].add(school.id)
        for platform in Platform:
            self._within[platform, school.workspaces.get(platform, "")].add(school.id)
        self._schools[school.id], self._people[school.id] = school, people

    def look_up(self, platform: Platform, staff: StaffAccounts) -> None:
        """Also count as staff whom a platform's lookup names."""
        self._staff[platform] = staff

    def resolve(self, actor: Actor) -> Identity | None:
        """Return who this account is, in each school it belongs to; None for a stranger."""
        found: dict[SchoolId, Person] = {}
        for school in self._near(actor):
            person = self._person(school, actor)
            if person is not None and (not actor.guest or school.seats_of(person.id)):
                found[school.id] = person
        return Identity(found, guest=actor.guest) if found else None

    def _near(self, actor: Actor) -> list[School]:
        """Return the schools an account may belong to, in the order of the file."""
        listed = self._listed.get((actor.platform, _same(actor.platform, actor.account)), set())
        staff = actor.platform in self._staff  # somebody whom no file lists may be on a platform's list
        near = set[SchoolId]()
        for workspace in {actor.workspace, ""}:
            within = self._within.get((actor.platform, workspace), set())
            near |= within if staff else within & listed
        return [self._schools[school] for school in sorted(near, key=self._place.__getitem__)]

    def person_at(self, school: SchoolId, platform: Platform, account: str) -> PersonId | None:
        """Return which of the school's people an account is; None if it is none of them."""
        return self._people.get(school, {}).get((platform, _same(platform, account)))

    def workspace(self, school: SchoolId, platform: Platform) -> str:
        """Return the school's workspace or tenant on a platform ("" = not on it, or the only one)."""
        known = self._schools.get(school)
        return known.workspaces.get(platform, "") if known else ""

    def _person(self, school: School, actor: Actor) -> Person | None:
        workspace = school.workspaces.get(actor.platform, "")
        if workspace and workspace != actor.workspace:
            return None
        listed = self.person_at(school.id, actor.platform, actor.account)
        if listed is not None and school.may_report(listed):
            return school.people[listed]
        if listed is not None:
            known = school.people[listed]
            staff = any(self._vouched(school, *one) is not None for one in known.accounts.items())
            return replace(known, staff=staff)
        name = self._vouched(school, actor.platform, actor.account)
        if name is None:
            return None
        return Person(
            id=PersonId(f"{actor.platform}:{actor.account}"),
            name=name,
            accounts={actor.platform: actor.account},
        )

    def _vouched(self, school: School, platform: Platform, account: str) -> str | None:
        """Return the name under which a platform's staff list has an account; None = it does not."""
        lookup = self._staff.get(platform)
        return lookup(school).get(account) if lookup and account else None


def fits(school: School) -> bool:
    """Return whether a school can be run with these seats."""
    return not seats_wrong(school)


def leadership_people(school: School) -> frozenset[PersonId]:
    """Return who the leadership channel is for: Headteacher, DSL and their deputies (policy page §10)."""
    return routing.leadership_people(school)


def restricted_people(school: School, seat: Seat) -> frozenset[PersonId]:
    """Return who the restricted place of a lead is for: that seat's own people."""
    return frozenset(school.seats.get(seat, ()))


def _accounts(person: Person) -> Iterable[_Account]:
    for platform, account in person.accounts.items():
        yield platform, _same(platform, account)
    if person.email:
        yield Platform.EMAIL, _same(Platform.EMAIL, person.email)


def _same(platform: Platform, account: str) -> str:
    """Return the account as it is compared: Entra ids and e-mail addresses ignore capitals."""
    return account.lower() if platform in (Platform.TEAMS, Platform.EMAIL) else account


def in_place(directory: SchoolDirectory, address: str) -> frozenset[str]:
    """Return who is in a channel of the workspace in a browser: as the school's file says."""
    found: set[str] = set()
    for school in directory.schools.values():
        people = set(leadership_people(school)) if school.leadership.get(Platform.WEB) == address else set()
        for seat, places in school.restricted.items():
            if places.get(Platform.WEB) == address:
                people |= set(restricted_people(school, seat))
        found |= {school.people[person].accounts.get(Platform.WEB, "") for person in people}
    return frozenset(found - {""})
