"""What is missing on the day somebody needs it: numbers, people who are there, dates that are still to come.

Nothing in here stops a start. ``check`` tells it by name, so that it is mended before it matters.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from flows.school import PersonId, Platform, School, Seat

#: How long before the last known term ends the next ones are asked for.
SOON = dt.timedelta(days=42)
#: How far ahead a school plans its terms; what lies beyond is a slip of the pen.
PLANNED = dt.timedelta(days=2 * 366)
#: How long before it happens somebody hears that nobody will be there.
NOTICE = 7
#: how long nobody is away without the seat being somebody else's
LONGEST_ABSENCE = dt.timedelta(days=366)
SATURDAY = 5
#: Numbers and names that are kept free for examples: Ofcom's for drama, RFC 2606's
_INVENTED_NUMBER = re.compile(
    r"(?:0|0*44)(?:1632960|7700900|1(?:1[3-6]|[2-6]1)4960|1914980|2079460|2920180|2896496|8081570)"
)
_INVENTED_ADDRESS = re.compile(r"@(?:.*\.)?(?:example(?:\.(?:com|org|net))?|invalid|test)$")
#: Who may lead a case or must be told of the gravest.
_LEADERS = (Seat.HEADTEACHER, Seat.DSL, Seat.CHAIR)


def gaps(school: School, today: dt.date) -> Iterator[str]:
    """Yield what is missing or will be within a week, each with its mend."""
    yield from _terms(school, today)
    yield from _absences(school, today)
    yield from _numbers(school)
    yield from _examples(school)


def _terms(school: School, today: dt.date) -> Iterator[str]:
    if not school.time.terms:
        return
    last = max(term.last for term in school.time.terms)
    mend = "Add the next terms under [calendar]: after the last one, every weekday counts."
    if last < today:
        yield f"the last term in the file ended on {_said(last)}. {mend}"
    elif last < today + SOON:
        yield f"the last known term ends soon, on {_said(last)}. {mend}"
    for term in school.time.terms:
        if term.first > today + PLANNED:
            yield f'term "{term.name}" begins on {_said(term.first)}: is the year right?'
    first = min(term.first for term in school.time.terms)
    for day in school.time.inset_days:
        if not first - SOON <= day <= last + SOON:
            yield f"the inset day on {_said(day)} is in none of these years: is the year right?"
        elif day.weekday() >= SATURDAY:
            yield f"the inset day on {_said(day)} is a {day:%A}: is the day right?"


def absences(school: School, today: dt.date) -> Iterator[tuple[Seat, dt.date]]:
    """Yield each seat whose holders are all away on one of the next days, with the first of these days."""
    for seat in _LEADERS:
        people = school.seats.get(seat, ())
        days = (today + dt.timedelta(days=ahead) for ahead in range(NOTICE + 1))
        first = next((day for day in days if all(school.is_away(person, day) for person in people)), None)
        if people and first:
            yield seat, first


def _absences(school: School, today: dt.date) -> Iterator[str]:
    for away in school.away:
        if away.last - away.first > LONGEST_ABSENCE:
            yield f'"{away.person}" is away until {_said(away.last)}: is the year right?'
        if not school.seats_of(away.person):
            yield f'"{away.person}" is away and holds no seat: this does nothing. Take it out of away.'
    for seat, day in absences(school, today):
        when = "today" if day == today else f"on {_said(day)}"
        mend = f"Add somebody to {seat.value} under [seats], or ring them all the same."
        who = ", ".join(f'"{person}"' for person in school.seats[seat])
        yield f"everybody who can be {seat.value} ({who}) is away {when}. {mend}"


def _numbers(school: School) -> Iterator[str]:
    unknown: dict[PersonId, list[str]] = {}
    for seat in dict.fromkeys((*_LEADERS, Seat.ON_CALL, *Seat)):
        for person in school.seats.get(seat, ()):
            known = school.people.get(person)
            if known is not None and not known.phone:
                unknown.setdefault(person, []).append(seat.value)
    for person, seats in unknown.items():
        mend = "Who is not reached in an emergency has to be rung."
        yield f'there is no phone number for "{person}" ({", ".join(seats)}). {mend}'
    yield from _outside(school)
    services = school.childrens_services
    if (services.phone or services.email or services.form) and not services.out_of_hours:
        mend = "Most postings are seen in the evening. Fill in out_of_hours."
        yield f"children's services have no number for nights and weekends. {mend}"
    rung: dict[str, PersonId] = {}
    for known_as, one in school.people.items():
        digits = "".join(char for char in one.phone if char.isdigit())
        if digits and rung.setdefault(digits, known_as) != known_as:
            yield f'"{rung[digits]}" and "{known_as}" have the same phone number: is it one of theirs?'
    if not school.administrators:
        mend = "Name somebody as administrator under [school]."
        yield f"nobody looks after this bot: who would hear that a platform is down? {mend}"
    for administrator in school.administrators:
        if held := ", ".join(sorted(school.seats_of(administrator))):
            mend = "Who looks after seats and settings should see no case: name somebody else."
            yield f'the administrator "{administrator}" holds a seat ({held}). {mend}'


def _examples(school: School) -> Iterator[str]:
    """Yield whoever has an address or a number that is made up for examples; the try-out's school is one."""
    for person in school.people.values():
        if not set(person.accounts) - {Platform.WEB, Platform.EMAIL}:
            continue
        digits = "".join(char for char in person.phone if char.isdigit())
        if _INVENTED_NUMBER.match(digits) or _INVENTED_ADDRESS.search(person.email):
            mend = "It reaches nobody: write their own."
            yield f'"{person.id}" has a number or an address that is kept free for examples. {mend}'


def _said(day: dt.date) -> str:
    """Return a day as people write it."""
    return f"{day.day} {day:%B %Y}"


def _outside(school: School) -> Iterator[str]:
    """Yield each number that a card or a page would show and the file does not hold."""
    safeguarding = {
        "lado": ("the LADO", school.lado.phone),
        "childrens_services": ("children's services", school.childrens_services.phone),
        "fallback_contact": ("the contact outside the school", school.fallback_contact.phone),
        "police_non_emergency": ("the police, where it is no emergency", school.police_non_emergency),
        "posh_helpline": ("a helpline for staff about things online", school.posh_helpline),
    }
    for key, (who, number) in safeguarding.items():
        if not number:
            yield f"there is no phone number for {who}. Fill in {key} under [safeguarding]."
    if not school.legal.phone:
        yield "there is no phone number for Legal Services. Fill in phone under [legal]."
