"""The roster: what was changed in chat of seats, absences and people's accounts, on top of the school's file.

An administrator asks, a second person agrees: the Headteacher or the Chair, and neither to what puts
themselves into a seat or out of one. The file is the last word: where its line for a seat has changed since,
the file holds, and what was set in chat is said to be overtaken.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from enum import StrEnum

from msgspec.structs import replace

from flows.calendar import local
from flows.errors import NotAllowed
from flows.model import LinkCode, Linked, Roster, RosterChange
from flows.school import Person, PersonId, School, Seat
from flows.words import say

#: What nobody has answered for so long is over.
LAPSES = dt.timedelta(days=7)
#: So many changes are remembered; the oldest that hold no more go first.
MOST = 200
#: Whether a school can be run so: a case finds somebody to lead it, whoever must not know of it.
Fits = Callable[[School], bool]


class Standing(StrEnum):
    """How a change stands."""

    ASKED = "asked"
    HOLDS = "holds"
    REFUSED = "refused"
    LAPSED = "lapsed"
    REPLACED = "replaced"
    UNDONE = "undone"
    OVERTAKEN = "overtaken"


def with_roster(
    filed: School, roster: Roster | None, now: dt.datetime, fits: Fits
) -> tuple[School, dict[str, Standing]]:
    """Return the school as it is with what was changed in chat, and how each change stands."""
    school, standing = filed, {}
    changes = roster.changes if roster else ()
    undone = {change.undoes for change in changes if change.undoes and change.agreed}
    last: dict[Seat | None, str] = {
        c.seat: c.id for c in changes if c.agreed and c.seat and c.id not in undone and _files(c, filed)
    }
    for change in changes:
        standing[change.id] = _standing(change, filed, last, undone, now)
        if standing[change.id] is Standing.HOLDS and not change.undoes:
            after = _with(school, change)
            school, held = (after, Standing.HOLDS) if fits(after) else (school, Standing.OVERTAKEN)
            standing[change.id] = held
    return school, standing


def _standing(
    change: RosterChange, filed: School, last: Mapping[Seat | None, str], undone: set[str], now: dt.datetime
) -> Standing:
    if change.agreed is None:
        return Standing.LAPSED if now - change.at > LAPSES else Standing.ASKED
    if not change.agreed:
        return Standing.REFUSED
    if change.id in undone:
        return Standing.UNDONE
    if change.away is not None and change.away.last < local(now, filed.time).date():
        return Standing.LAPSED
    if not change.undoes and not _files(change, filed):
        return Standing.OVERTAKEN
    replaced = change.seat is not None and last.get(change.seat) != change.id
    return Standing.REPLACED if replaced else Standing.HOLDS


def _files(change: RosterChange, filed: School) -> bool:
    """Return whether the school's file still says what it said, and knows whom a change names."""
    if change.away is not None:
        return change.away.person in filed.people
    if change.linked is not None:
        return _one_person(change.linked, filed)
    same = change.seat is not None and filed.seats.get(change.seat, ()) == change.filed
    return same and all(person in filed.people for person in change.people)


def _one_person(linked: Linked, filed: School) -> bool:
    """Return whether the file leaves room for it: nobody else has the account, the person no other there."""
    platform, known = linked.platform, filed.people.get(linked.person)
    if known is None:  # known by a staff list of their platform: such an id says where it comes from
        return ":" in linked.person
    owners = {p.id for p in filed.people.values() if p.accounts.get(platform) == linked.account}
    return owners <= {linked.person} and known.accounts.get(platform, linked.account) == linked.account


def _with(school: School, change: RosterChange) -> School:
    if change.linked is not None:
        linked = change.linked
        own = {linked.home: linked.home_account}
        known = school.people.get(linked.person, Person(id=linked.person, name=linked.name, accounts=own))
        both = replace(known, accounts={**known.accounts, linked.platform: linked.account})
        return replace(school, people={**school.people, linked.person: both})
    if change.away is not None:
        return replace(school, away=(*school.away, change.away))
    seats = {**school.seats, **({change.seat: change.people} if change.seat else {})}
    return replace(school, seats=seats)


def concerned(change: RosterChange, roster: Roster, school: School) -> frozenset[PersonId]:
    """Return whom a change puts into a seat, out of it, or to another place in it; or who is away."""
    if change.undoes:
        undone = found(roster, change.undoes)
        return concerned(undone, roster, school) if undone is not None else frozenset()
    if change.away is not None or change.linked is not None:
        return frozenset({one.person for one in (change.away, change.linked) if one is not None})
    now = school.seats.get(change.seat, ()) if change.seat else ()
    before = [*change.before[:1], *now[:1]]
    firsts = {*before, *change.people[:1]} if set(before) != set(change.people[:1]) else set()
    return frozenset(firsts | (set(now) ^ set(change.people)) | (set(change.before) ^ set(change.people)))


def may_answer(
    change: RosterChange, roster: Roster, school: School, now: dt.datetime
) -> tuple[PersonId, ...]:
    """Return who may agree to a change or refuse it: a second person, whom it does not concern."""
    if change.linked is not None:
        return tuple(person for person in school.administrators if person != change.by)
    out, on = {change.by, *concerned(change, roster, school)}, local(now, school.time).date()
    people = (school.available(seat, without=out, on=on) for seat in (Seat.HEADTEACHER, Seat.CHAIR))
    return tuple(dict.fromkeys(person for person in people if person is not None))


def code(school: School, letters: str) -> str:
    """Return the fingerprint of a one-time code, however it is written."""
    plain = "".join(letter for letter in letters.upper() if letter.isalnum())
    return hashlib.sha256(f"link {school.id} {plain}".encode()).hexdigest()[:32]


def offered(roster: Roster, new: LinkCode, now: dt.datetime) -> Roster:
    """Return the roster with a code that counts from now on; the same person's earlier one is gone."""
    kept = (each for each in roster.codes if each.until > now and each.person != new.person)
    return replace(roster, codes=(*kept, new))


def redeemed(roster: Roster, mark: str, now: dt.datetime) -> tuple[Roster, LinkCode] | None:
    """Return the roster without a code, which counts once, and the code; None = there is none."""
    for each in roster.codes:
        if each.mark == mark and each.until > now:
            return replace(roster, codes=tuple(one for one in roster.codes if one is not each)), each
    return None


def needs_agreement(linked: Linked, school: School) -> bool:
    """Return whether an administrator has to agree to it: of whoever may read cases, or looks after seats."""
    return bool(school.seats_of(linked.person)) or linked.person in school.administrators


def found(roster: Roster, change: str) -> RosterChange | None:
    """Return a change by its id."""
    return next((each for each in roster.changes if each.id == change), None)


def asked(roster: Roster, change: RosterChange) -> Roster:
    """Return the roster with one more change that waits for its answer; what is long over is forgotten."""
    over = [each for each in roster.changes if each.agreed is False]
    forgotten = {each.id for each in over[: max(0, len(roster.changes) + 1 - MOST)]}
    kept = (each for each in roster.changes if each.id not in forgotten)
    return replace(roster, changes=(*kept, change))


def answered(
    roster: Roster, change: RosterChange, school: School, *, agreed: bool, by: PersonId, now: dt.datetime
) -> Roster:
    """Return the roster with the answer. Raises NotAllowed; whoever asked may take it back unanswered."""
    withdrawn = by == change.by and not agreed
    if change.agreed is not None or now - change.at > LAPSES:
        raise refused("answered")
    if by not in may_answer(change, roster, school, now) and not withdrawn:
        raise refused("not_yours")
    after = replace(change, agreed=agreed, answered_by=by, answered_at=now)
    return replaced(roster, after)


def agreed_alone(change: RosterChange, now: dt.datetime) -> RosterChange:
    """Return a change that needs nobody else, as answered by who asked."""
    return replace(change, agreed=True, answered_by=change.by, answered_at=now)


def replaced(roster: Roster, change: RosterChange) -> Roster:
    """Return the roster with a change as it is now."""
    return replace(roster, changes=tuple(change if each.id == change.id else each for each in roster.changes))


def as_agreed(roster: Roster, change: RosterChange, now: dt.datetime) -> Roster:
    """Return the roster as it would be if a change were agreed to: to see whether that goes together."""
    agreed = replace(change, agreed=True, answered_at=now)
    return replace(roster, changes=(*(each for each in roster.changes if each.id != change.id), agreed))


def refused(name: str, **gaps: str) -> NotAllowed:
    """Return the error for what cannot be asked for, or agreed to."""
    return NotAllowed(
        f"roster-{name.replace('_', '-')}",
        say(f"roster.refused.{name}", **gaps),
        say(f"roster.refused.{name}_hint"),
    )
