"""A link by which one seat opens one case from an e-mail: what it is good for, how often, and how long.

Values only: whoever keeps it keeps no word of the link itself, and asks :func:`standing` at each use.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from flows.case import access
from flows.case.seats import answering
from flows.model import Capability, Case, CaseId
from flows.school import PersonId, School, SchoolId, Seat

#: How long a link opens its case, and a code goes with it.
LASTS, CODE_LASTS = dt.timedelta(hours=72), dt.timedelta(minutes=10)
#: Codes (or new links) that one link can ask for, how far apart, and how often one code may be got wrong.
CODES, APART, TRIES = 5, dt.timedelta(seconds=30), 5
#: How long it is known which link a new one may be asked for by.
KEPT = dt.timedelta(days=30)


class SeatLink(Struct, frozen=True, kw_only=True):
    """A link that was sent: whose, for which case, in which seat; how many codes were asked for and tried."""

    school: SchoolId
    case: CaseId
    person: PersonId
    seat: Seat
    issued_at: dt.datetime
    opened_at: dt.datetime | None = None
    codes: int = 0
    asked_at: dt.datetime | None = None
    tries: int = 0


class Standing(StrEnum):
    """How a link stands at this moment."""

    FRESH = "fresh"
    OPENED = "opened"
    TOO_OLD = "too_old"
    ENDED = "ended"
    NOT_THEIRS = "not_theirs"


def issued(case: Case, person: PersonId, school: School, now: dt.datetime) -> SeatLink | None:
    """Return a link for somebody who is told of a case; None = they may not read it."""
    if not access.may(case, person, school, Capability.READ):
        return None
    mine = (
        seat for seat, holder in answering(case.holders, case.recused, school).items() if holder == person
    )
    others = (seat for seat in Seat if seat in school.seats_of(person))
    seat = next(iter((*mine, *others)))
    return SeatLink(school=school.id, case=case.id, person=person, seat=seat, issued_at=now)


def standing(link: SeatLink, case: Case | None, school: School | None, now: dt.datetime) -> Standing:
    """Return how a link stands: the seat and the access are asked anew each time."""
    if case is None or school is None or link.seat not in school.seats_of(link.person):
        return Standing.NOT_THEIRS
    if not access.may(case, link.person, school, Capability.READ):
        return Standing.NOT_THEIRS
    if case.links_ended_at is not None and link.issued_at <= case.links_ended_at:
        return Standing.ENDED
    if now >= link.issued_at + LASTS:
        return Standing.TOO_OLD
    return Standing.FRESH if link.opened_at is None else Standing.OPENED


def asked(link: SeatLink, now: dt.datetime) -> SeatLink | None:
    """Return the link with one code more; None = not so soon, or not any more."""
    if link.codes >= CODES or (link.asked_at is not None and now < link.asked_at + APART):
        return None
    return replace(link, codes=link.codes + 1, asked_at=now, tries=0)


def in_time(link: SeatLink, now: dt.datetime) -> bool:
    """Return whether the newest code of a link may still be typed."""
    return link.asked_at is not None and now < link.asked_at + CODE_LASTS


def tried(link: SeatLink, now: dt.datetime, *, right: bool) -> SeatLink:
    """Return the link after a try at its code: opened, or one try more."""
    if right and in_time(link, now) and link.tries < TRIES:
        return replace(link, opened_at=now)
    return replace(link, tries=link.tries + 1)
