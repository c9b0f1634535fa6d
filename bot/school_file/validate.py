"""What the parts of a school's file mean to each other: seats, people, terms, and who is left to lead.

Works on the school as read. Errors stop the start; doubts are told by ``check`` and stop nothing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from itertools import pairwise

from bot.school_file.alike import folded
from bot.school_file.toml_lines import Path
from bot.school_file.toml_table import Source, meant
from flows.policy.routing import SUBSTITUTES
from flows.school import PersonId, Platform, School, Seat, Staff

#: Seats without which the policy has nobody to tell.
NEEDED = (Seat.HEADTEACHER, Seat.CHAIR, Seat.DSL)

#: No emergency and nothing urgent may lie longer before the next person hears of it.
LONGEST_SILENCE = dt.timedelta(hours=4)
BRITISH = ("Europe/London", "Europe/Belfast", "Europe/Jersey", "Europe/Guernsey", "Europe/Isle_of_Man", "GB")

_SATURDAY = 5
LONGEST_TERM = dt.timedelta(days=200)
_GOVERNORS = (Seat.CHAIR, Seat.VICE_CHAIR, Seat.SUBSTITUTE_GOVERNOR)
_SCHOOL_LEADERS = (Seat.HEADTEACHER, Seat.DEPUTY_HEADTEACHER, Seat.DSL, Seat.DEPUTY_DSL)

_NAMES = {
    Seat.HEADTEACHER: "Headteacher",
    Seat.DEPUTY_HEADTEACHER: "deputy headteacher",
    Seat.DSL: "DSL",
    Seat.DEPUTY_DSL: "deputy DSL",
    Seat.CHAIR: "Chair of governors",
    Seat.VICE_CHAIR: "vice-chair",
    Seat.SUBSTITUTE_GOVERNOR: "substitute governor",
    Seat.ON_CALL: "on-call person",
    Seat.TRUST_LEAD: "trust's safeguarding lead",
}


def check_school(school: School, source: Source) -> None:
    """Note in ``source`` everything that does not fit together."""
    _known_people(school, source)
    _reachable(school, source)
    _own_accounts(school, source)
    _needed_seats(school, source)
    _one_seat_each(school, source)
    _somebody_leads(school, source)
    _terms(school, source)
    _hours(school, source)
    _places(school, source)
    _digest_readers(school, source)
    _unfilled(school, source)


def seats_wrong(school: School) -> tuple[str, ...]:
    """Return what is wrong with who holds which seat, whatever the rest of the school is like."""
    source = Source("", "seats = 1")
    for look in (_needed_seats, _one_seat_each, _somebody_leads):
        look(school, source)
    return tuple(dict.fromkeys(problem.what for problem in source.errors))


def _known_people(school: School, source: Source) -> None:
    if any(key != "people" and key.lower() == "people" for key in source.content):
        return  # the part itself is mistyped, and that is said
    for path, person in _mentions(school):
        if person not in school.people:
            source.wrong(path, f'"{person}" is nobody under [people].', _who_is_meant(person, school))


def _who_is_meant(written: str, school: School) -> str:
    """Return what to write for somebody who is nobody under [people]."""
    if "," in written:
        each = ", ".join(f'"{one.strip()}"' for one in written.split(","))
        return f"Give each of them quotes of their own: [{each}]."
    by_name = (one.id for one in school.people.values() if folded(one.name) == folded(written))
    known = written.removeprefix("people.")
    if own := next(by_name, known if known in school.people else ""):
        return f'Here stands the id: "{own}".'
    add = f" Or add [people.{written}]." if re.fullmatch(r"[\w-]+", written, re.ASCII) else ""
    return meant(written, sorted(school.people)) + add


def _mentions(school: School) -> Iterator[tuple[Path, PersonId]]:
    """Yield everywhere a person is named, and who."""
    for seat, people in school.seats.items():
        for place, person in enumerate(people):
            yield ("seats", seat.value, place), person
    for place, away in enumerate(school.away):
        yield ("seats", "away", place, "person"), away.person
    for place, person in enumerate(school.staff.people):
        yield ("staff", "people", place), person
    for place, person in enumerate(school.administrators):
        yield ("school", "administrator", place), person
    for place, person in enumerate(school.digest.by_email):
        yield ("digest", "email", place), person


def _reachable(school: School, source: Source) -> None:
    for person in school.people.values():
        if not (person.accounts or person.email or person.phone):
            mend = "Give one of slack, teams, web, email or phone."
            source.wrong(("people", person.id), "nobody can reach this person.", mend)
        elif school.seats_of(person.id) and not (person.accounts or person.email):
            mend = "Give an account or an e-mail address, or somebody must ring them every time."
            source.doubt(("people", person.id), "the bot cannot reach this seat holder.", mend)


def _own_accounts(school: School, source: Source) -> None:
    owners: dict[tuple[Platform, str], PersonId] = {}
    for person in school.people.values():
        for platform, account in person.accounts.items():
            one = account.lower() if platform is Platform.EMAIL else account
            owner = owners.setdefault((platform, one), person.id)
            if owner != person.id:
                what = f"{owner} has the same {platform} account."
                source.wrong(("people", person.id, platform.value), what, "Give each person their own.")


def _needed_seats(school: School, source: Source) -> None:
    for seat in NEEDED:
        if not school.seats.get(seat):
            mend = f'Write {seat.value} = ["…"] under [seats], with the id of one of your people.'
            source.wrong(("seats", seat.value), f"nobody is the {_NAMES[seat]}.", mend)
    for seat, what in (
        (Seat.DEPUTY_DSL, "where the DSL must not know of a case, nobody takes it."),
        (Seat.ON_CALL, "nobody is named for emergencies and holidays."),
    ):
        if not school.seats.get(seat):
            source.doubt(("seats", seat.value), what, f'Write {seat.value} = ["…"] under [seats].')


def _one_seat_each(school: School, source: Source) -> None:
    """Note who stands on both sides of a conflict, or is their own substitute."""
    for one, other in conflicting():
        both = set(school.seats.get(one, ())) & set(school.seats.get(other, ()))
        if (one in _SCHOOL_LEADERS) == (other in _SCHOOL_LEADERS):
            # Within one side a stand-in may hold another seat; two holders may not be one person.
            both &= set(school.seats.get(one, ())[:1]) & set(school.seats.get(other, ())[:1])
        for person in sorted(both):
            what = f'"{person}" is {_NAMES[one]} and {_NAMES[other]}: nobody could take over in a conflict.'
            source.wrong(("seats", other.value), what, "Name somebody else for one of the two.")
    head = school.seats.get(Seat.HEADTEACHER, ())[:1]
    if head and head == school.seats.get(Seat.DSL, ())[:1]:
        what = "the Headteacher is the DSL as well: what is about one is kept from both."
        source.doubt(("seats", Seat.DSL.value), what, "Allowed; a separate DSL is safer.")
    for person in dict.fromkeys(school.seats.get(Seat.HEADTEACHER, ())[1:]):
        if person in head:
            continue  # twice in the list, which is said
        what = f'"{person}" would lead where the Headteacher is in conflict, in place of the Chair.'
        mend = "Who stands in for absence only belongs in deputy_headteacher."
        source.doubt(("seats", Seat.HEADTEACHER.value), what, mend)


def conflicting() -> Iterator[tuple[Seat, Seat]]:
    """Yield the pairs of seats that one person cannot hold: one takes over where the other must not know."""
    for leader in _SCHOOL_LEADERS:
        for governor in _GOVERNORS:
            yield leader, governor
    yield Seat.CHAIR, Seat.VICE_CHAIR
    yield Seat.CHAIR, Seat.SUBSTITUTE_GOVERNOR
    yield Seat.VICE_CHAIR, Seat.SUBSTITUTE_GOVERNOR
    yield Seat.HEADTEACHER, Seat.DEPUTY_HEADTEACHER
    yield Seat.DSL, Seat.DEPUTY_DSL


def _somebody_leads(school: School, source: Source) -> None:
    """Note for whom nobody is left to lead a case they must not know of (policy page §2.11)."""
    for seat in (Seat.HEADTEACHER, Seat.CHAIR):
        for person in school.seats.get(seat, ()):
            if not _left(seat, person, school):
                what = (
                    f'where "{person}" ({_NAMES[seat]}) must not know of a case, nobody is left to lead it.'
                )
                mend = "Fill " + " or ".join(s.value for s in SUBSTITUTES[seat]) + " with somebody else."
                source.wrong(("seats", seat.value), what, mend)
    vice = school.seats.get(Seat.VICE_CHAIR, ())
    if vice and not any(_left(Seat.VICE_CHAIR, person, school) for person in vice):
        what = "where Chair and vice-chair must both not know, nobody is left to lead."
        mend = "Name one: a governor of a neighbouring school, or a trust or council contact."
        source.doubt(("seats", Seat.SUBSTITUTE_GOVERNOR.value), what, mend)


def _left(seat: Seat, without: PersonId, school: School) -> bool:
    chain = (seat, *SUBSTITUTES[seat])
    return any(person != without for link in chain for person in school.seats.get(link, ()))


def _terms(school: School, source: Source) -> None:
    written = list(enumerate(school.time.terms))
    for place, term in written:
        path: Path = ("calendar", "terms", place)
        if term.last < term.first:
            source.wrong((*path, "to"), "the term ends before it begins.", "Exchange from and to.")
        elif term.last - term.first > LONGEST_TERM:
            mend = "Is the year of from, or of to, right?"
            source.wrong((*path, "from"), "this term would last more than half a year.", mend)
        if term.half_term:
            first, last = term.half_term
            if last < first:
                source.wrong((*path, "half_term"), "half-term ends before it begins.", "Exchange the dates.")
            elif not (term.first <= first and last <= term.last):
                mend = "Both its days must lie between from and to."
                source.wrong((*path, "half_term"), "half-term lies outside its term.", mend)
    in_order = sorted(written, key=lambda pair: pair[1].first)
    for (_, earlier), (place, later) in pairwise(in_order):
        if later.first <= earlier.last:
            what = f'this term begins before "{earlier.name}" has ended.'
            source.wrong(("calendar", "terms", place), what, "Terms must not overlap: mend from or to.")


def _hours(school: School, source: Source) -> None:
    time, limits = school.time, school.deadlines
    if limits.same_day_cutoff > time.closes:
        mend = f"Choose a time up to {time.closes:%H:%M}."
        source.wrong(("deadlines", "same_day_cutoff"), "this is after the school closes.", mend)
    if not time.opens <= limits.same_day_late <= time.closes:
        mend = f"Choose a time from {time.opens:%H:%M} to {time.closes:%H:%M}."
        source.wrong(("deadlines", "same_day_late"), "the school is closed then.", mend)
    for key, limit in (("emergency", limits.acknowledge_emergency), ("urgent", limits.acknowledge_urgent)):
        if limit > LONGEST_SILENCE:
            what = "so long nobody would notice that nobody has taken it on."
            source.wrong(("deadlines", "acknowledge", key), what, 'Write at most "4h"; the usual is "20m".')
    if limits.acknowledge_emergency > limits.acknowledge_urgent:
        what = "an emergency would wait longer for the next person than what is only urgent."
        source.doubt(("deadlines", "acknowledge", "emergency"), what, 'The usual is "10m".')
    if school.digest.weekday >= _SATURDAY:
        source.doubt(("digest", "weekday"), "few people read on this day.", 'The usual is "monday".')
    if dt.timedelta(hours=1) < limits.acknowledge_urgent <= LONGEST_SILENCE:
        what = "an urgent report must be dealt with in an hour: this tells the next person too late."
        source.doubt(("deadlines", "acknowledge", "urgent"), what, 'The usual is "20m".')


def _places(school: School, source: Source) -> None:
    """Note a place that the wrong people would read, and a clock that is not ours."""
    owners: dict[tuple[Platform, str], str] = dict.fromkeys(
        school.leadership.items(), "the leadership channel"
    )
    for seat, addresses in school.restricted.items():
        for platform, address in addresses.items():
            owner = owners.setdefault((platform, address), f"the place of {seat.value}")
            if owner != f"the place of {seat.value}":
                what = f"this is {owner} as well: who must not know of a case would read it there."
                mend = "Make a private channel of its own, or leave this out: then direct messages are used."
                source.wrong(("places", "restricted", seat.value, platform.value), what, mend)
    if school.time.timezone not in BRITISH:
        mend = 'Schools in the United Kingdom write "Europe/London".'
        source.doubt(("school", "timezone"), "this is not the clock of a British school.", mend)


def _digest_readers(school: School, source: Source) -> None:
    """Note who cannot have the digest by e-mail: it is for those who are told of cases."""
    for place, person in enumerate(school.digest.by_email):
        known, path = school.people.get(person), ("digest", "email", place)
        if known is not None and not known.email:
            mend = f"Give email under [people.{person}]."
            source.wrong(path, f'"{person}" has no e-mail address.', mend)
        elif known is not None and not school.seats_of(person):
            mend = "Take this one out; it is for those who are told of cases."
            source.wrong(path, f'"{person}" holds no seat, so the digest is not for them.', mend)


def _unfilled(school: School, source: Source) -> None:
    """Doubt what a person in trouble would look for and not find; numbers are looked for with the gaps."""
    if not school.support:
        what = "no support line: whoever a posting hurts is not told whom they can ring."
        mend = "Add one: [support.staff] with name, phone and hours."
        source.doubt(("support",), what, mend)
    if not school.complaints_procedure:
        what = "the invitation to raise a concern has nowhere to point."
        source.doubt(("school", "complaints_procedure"), what, "Give the link to the procedure.")
    if not school.leadership:
        what = "there is no leadership channel: cases go out as direct messages only."
        source.doubt(("places", "leadership"), what, "Give the channel's id.")
    staff = school.staff
    if staff == Staff():
        mend = "Say who else: people, the end of their e-mail addresses, or a Slack channel, group or team."
        source.doubt(("staff",), "only seat holders may report.", mend)
    if not school.time.terms:
        what = "no terms: every weekday counts as a working day."
        source.doubt(("calendar", "terms"), what, "Add the school year's terms.")
