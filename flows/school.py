"""A school as a value: its people, who holds which seat, its places, contacts and calendar.

The file a school writes (``school.toml``) is read and checked by ``bot.school_file.load``; this module must
not know that files exist. One :class:`School` per school; a deployment may hold many.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from enum import StrEnum
from typing import NewType

from msgspec import Struct

SchoolId = NewType("SchoolId", str)
PersonId = NewType("PersonId", str)
Schools = Collection[SchoolId]


class Platform(StrEnum):
    """Where people can be reached."""

    SLACK = "slack"
    TEAMS = "teams"
    WEB = "web"
    EMAIL = "email"


#: Where a message is an e-mail: for people alone; nothing in it can be pressed, and what has gone out can be
#: neither changed nor taken back.
MAILED = frozenset({Platform.EMAIL})


class Seat(StrEnum):
    """A duty that can be told. The values are the ones the policy table uses."""

    HEADTEACHER = "headteacher"
    DEPUTY_HEADTEACHER = "deputy_headteacher"
    DSL = "dsl"
    DEPUTY_DSL = "deputy_dsl"
    CHAIR = "chair_of_governors"
    VICE_CHAIR = "vice_chair"
    SUBSTITUTE_GOVERNOR = "substitute_governor"
    ON_CALL = "on_call"
    TRUST_LEAD = "trust_safeguarding_lead"


#: Who looks on from outside, often of several schools: told of nothing by it, and set by each school's own
#: file, never in chat.
LOOKS_ON = frozenset({Seat.TRUST_LEAD})


class Person(Struct, frozen=True, kw_only=True):
    """Somebody the school named. ``accounts`` maps a platform to that platform's id of them."""

    id: PersonId
    name: str
    accounts: dict[Platform, str] = {}
    email: str = ""
    phone: str = ""
    #: whether a list of staff that a platform keeps has them; the file's own lists do not say so here
    staff: bool = False


class Contact(Struct, frozen=True, kw_only=True):
    """An outside body: "" where the school has not filled it in."""

    name: str = ""
    phone: str = ""
    email: str = ""
    form: str = ""
    out_of_hours: str = ""


class SupportLine(Struct, frozen=True, kw_only=True):
    """Somebody whom a person who is hurt can ring, and when."""

    name: str
    phone: str
    hours: str = ""


class Away(Struct, frozen=True):
    """A planned absence, both days included."""

    person: PersonId
    first: dt.date
    last: dt.date


class Term(Struct, frozen=True):
    """A term, both days included; ``half_term`` likewise (None = no half-term break)."""

    name: str
    first: dt.date
    last: dt.date
    half_term: tuple[dt.date, dt.date] | None = None


class WorkingTime(Struct, frozen=True, kw_only=True):
    """When the school works (policy page §8). No terms named = every weekday that is not a holiday."""

    timezone: str = "Europe/London"
    opens: dt.time = dt.time(8)
    closes: dt.time = dt.time(17)
    terms: tuple[Term, ...] = ()
    inset_days: tuple[dt.date, ...] = ()
    bank_holidays: str = "england"


class Deadlines(Struct, frozen=True, kw_only=True):
    """Time limits a school may change; the defaults are the policy page's §8."""

    same_day_cutoff: dt.time = dt.time(15)
    same_day_late: dt.time = dt.time(12)
    acknowledge_emergency: dt.timedelta = dt.timedelta(minutes=10)
    acknowledge_urgent: dt.timedelta = dt.timedelta(minutes=20)


class DigestTime(Struct, frozen=True):
    """When the weekly digest goes: 0 = Monday, local wall-clock time; and who has it by e-mail too."""

    weekday: int = 0
    time: dt.time = dt.time(8)
    by_email: tuple[PersonId, ...] = ()


class PolicyNamed(Struct, frozen=True, kw_only=True):
    """By which policy the school decides: a file beside its own, or else a packaged form.

    ``since`` = it is in force from that day on; until then the one ``before`` is.
    """

    file: str = ""
    form: str = "county"
    since: dt.date | None = None
    before: PolicyNamed | None = None

    def on(self, day: dt.date) -> PolicyNamed:
        """Return the one that is in force on a day."""
        return self.before if self.before and self.since and day < self.since else self

    @property
    def all(self) -> tuple[PolicyNamed, ...]:
        """Every one that is in force at some time, the last first."""
        return (self, self.before) if self.before else (self,)


class Limits(Struct, frozen=True, kw_only=True):
    """Caps that keep one school from starving another."""

    reports_per_person_per_day: int = 20
    evidence_mb: int = 10


class Span(Struct, frozen=True):
    """A length of time of whole ``days``, ``months``, ``years`` or ``school_years``."""

    n: int
    unit: str


class Retention(Struct, frozen=True, kw_only=True):
    """How long what is over is kept, by how it ended; None = until a person removes it."""

    no_clause: Span | None = None
    case: Span | None = None
    draft: dt.timedelta = dt.timedelta(days=30)


class Staff(Struct, frozen=True, kw_only=True):
    """Who may report: named people, and groups the platforms know. All empty = nobody but seats."""

    people: tuple[PersonId, ...] = ()
    email_domains: tuple[str, ...] = ()
    slack_channel: str = ""
    slack_user_group: str = ""
    teams_team: str = ""


class School(Struct, frozen=True, kw_only=True):
    """Everything about one school that a decision or a message may need."""

    id: SchoolId
    name: str
    prefix: str
    kind: str = "maintained"
    complaints_procedure: str = ""
    policy_link: str = ""
    policy: PolicyNamed = PolicyNamed()
    administrators: tuple[PersonId, ...] = ()
    people: dict[PersonId, Person]
    seats: dict[Seat, tuple[PersonId, ...]]
    away: tuple[Away, ...] = ()
    staff: Staff = Staff()
    #: platform -> workspace or tenant id ("" or missing = the deployment's only one)
    workspaces: dict[Platform, str] = {}
    #: platform -> address of the private leadership channel
    leadership: dict[Platform, str] = {}
    #: seat of a lead -> platform -> address of the place for cases the leadership channel must not see
    restricted: dict[Seat, dict[Platform, str]] = {}
    legal: Contact = Contact()
    lado: Contact = Contact()
    childrens_services: Contact = Contact()
    police_non_emergency: str = ""
    posh_helpline: str = ""
    fallback_contact: Contact = Contact()
    support: tuple[SupportLine, ...] = ()
    time: WorkingTime = WorkingTime()
    deadlines: Deadlines = Deadlines()
    digest: DigestTime = DigestTime()
    limits: Limits = Limits()
    retention: Retention = Retention()
    #: letter -> the file of the school's own template of it, and what stands in that file
    letter_files: dict[str, str] = {}
    letters: dict[str, str] = {}

    def seats_of(self, person: PersonId) -> frozenset[Seat]:
        """Return every seat whose list names this person, as holder or as stand-in."""
        return frozenset(seat for seat, people in self.seats.items() if person in people)

    def account_of(self, person: PersonId, platform: Platform) -> str:
        """Return somebody's account on a platform ("" = none); whom no list names is called by it."""
        known = self.people.get(person)
        if known is not None:
            return known.accounts.get(platform, "")
        on, _, account = person.partition(":")
        return account if on == platform else ""

    def may_report(self, person: PersonId) -> bool:
        """Return whether this person is staff by the school's own file, or holds a seat."""
        known = self.people.get(person)
        ours = known is not None and known.email.rpartition("@")[2].lower() in self.staff.email_domains
        return ours or person in self.staff.people or bool(self.seats_of(person))

    def available(self, seat: Seat, *, without: Collection[PersonId], on: dt.date) -> PersonId | None:
        """Return who answers for ``seat`` that day: first in its list, neither in ``without`` nor away.

        If everybody left is away, the first of them is returned all the same: an absent leader with a
        phone is better than nobody. None = the seat is empty or everybody in it is in ``without``.
        """
        eligible = [p for p in self.seats.get(seat, ()) if p not in without]
        present = [p for p in eligible if not self.is_away(p, on)]
        return next(iter(present or eligible), None)

    def is_away(self, person: PersonId, on: dt.date) -> bool:
        """Return whether the school has said that this person is absent that day."""
        return any(a.person == person and a.first <= on <= a.last for a in self.away)
