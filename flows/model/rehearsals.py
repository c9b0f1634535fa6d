"""A rehearsal: every way to everybody who holds a seat is tried, and asks only to be pressed. Values only."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct

from flows.model.sends import Place
from flows.school import PersonId, Platform, SchoolId, Seat


class Asked(Struct, frozen=True, kw_only=True):
    """One way to a person, or one place, that is tried. Exactly one of ``person`` and ``place`` is set."""

    platform: Platform
    person: PersonId | None = None
    place: Place | None = None
    seat: Seat | None = None
    pressed_at: dt.datetime | None = None


class Rehearsal(Struct, frozen=True, kw_only=True):
    """The one that a school has, from its beginning until all of it is taken away again.

    ``nowhere`` = whom nothing can be sent to. ``until`` = when it ends by itself. ``told_at`` = when it was
    said what came of it; ``told`` are the keys of the messages that say it.
    """

    id: str
    school: SchoolId
    by: PersonId | None
    at: dt.datetime
    until: dt.datetime
    asked: tuple[Asked, ...]
    nowhere: tuple[PersonId, ...] = ()
    ended_at: dt.datetime | None = None
    told_at: dt.datetime | None = None
    told: tuple[str, ...] = ()
    version: int = 0
