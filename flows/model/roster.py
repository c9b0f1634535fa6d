"""What was changed in chat on top of a school's file: seats, absences, people's accounts. Values only."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct

from flows.school import Away, PersonId, Platform, SchoolId, Seat


class Linked(Struct, frozen=True, kw_only=True):
    """Another account of one person: ``account`` on ``platform``, besides the one at ``home``."""

    person: PersonId
    name: str
    platform: Platform
    account: str
    home: Platform
    home_account: str


class LinkCode(Struct, frozen=True, kw_only=True):
    """A one-time code that somebody was shown at ``home``, as a fingerprint."""

    mark: str
    person: PersonId
    name: str
    home: Platform
    home_account: str
    until: dt.datetime


class RosterChange(Struct, frozen=True, kw_only=True):
    """One thing that was asked for, and what was answered. One of seat, away, linked and undoes is set.

    ``people`` is who holds the seat from then on, then who stands in; ``before`` who did when it was asked,
    and ``filed`` who did by the school's file: once the file says something else, the file holds. ``undoes``
    is the id of what is taken back. ``agreed`` = a second person agreed; None = nobody has answered.
    """

    id: str
    by: PersonId
    at: dt.datetime
    seat: Seat | None = None
    people: tuple[PersonId, ...] = ()
    before: tuple[PersonId, ...] = ()
    filed: tuple[PersonId, ...] = ()
    away: Away | None = None
    linked: Linked | None = None
    undoes: str = ""
    agreed: bool | None = None
    answered_by: PersonId | None = None
    answered_at: dt.datetime | None = None


class Roster(Struct, frozen=True, kw_only=True):
    """Everything that was asked for in chat of one school, the oldest first; and codes that still count."""

    school: SchoolId
    changes: tuple[RosterChange, ...] = ()
    codes: tuple[LinkCode, ...] = ()
    version: int = 0
