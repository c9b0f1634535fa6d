"""Whom somebody rings while they are still reporting: leaders by name and number, from the school's file.

Nobody whom the report speaks against so far, by name or by role, whatever seats they hold; nor whom it is
about.
"""

from __future__ import annotations

from flows.intake.report import named
from flows.intake.settled import known_of
from flows.model import Draft, Report
from flows.policy.assessment import assess
from flows.policy.routing import affected_people, spoken_against
from flows.policy.wording import numbers
from flows.questions.conditions import Answers
from flows.school import Contact, PersonId, School, Seat
from flows.words import say

#: Who is rung, in this order, and how many of them are named.
_RUNG = (Seat.DSL, Seat.DEPUTY_DSL, Seat.ON_CALL, Seat.CHAIR, Seat.VICE_CHAIR)
_MOST = 3


def against(draft: Draft, standing: Answers, school: School) -> frozenset[PersonId]:
    """Return whom the report speaks against so far; a question left open clears no Headteacher."""
    so_far = _so_far(draft, standing)
    assessment = assess(so_far.answers, unfinished=True)
    heads = school.seats.get(Seat.HEADTEACHER, ()) if assessment.true("not_cleared") else ()
    return frozenset((*spoken_against(so_far, assessment, school), *heads))


def _so_far(draft: Draft, standing: Answers) -> Report:
    return Report(
        reporter=draft.person,
        answers=known_of(standing),
        named=named(standing),
        unfinished=True,
        sent_at=draft.touched_at,
    )


def rung(draft: Draft, standing: Answers, school: School) -> tuple[PersonId, ...]:
    """Return the leaders to ring who have a number, the first of them first.

    Not the Headteacher, through whatever seat: before a report is finished nobody knows whether it is them.
    """
    about = affected_people(_so_far(draft, standing), school)
    out = {draft.person, *school.seats.get(Seat.HEADTEACHER, ()), *about, *against(draft, standing, school)}
    people = (person for seat in _RUNG for person in school.seats.get(seat, ()))
    free = (person for person in people if person not in out and school.people[person].phone)
    return tuple(dict.fromkeys(free))[:_MOST]


def leaders(
    people: tuple[PersonId, ...], school: School, *, named: bool = True
) -> tuple[tuple[str, str], ...]:
    """Return them by name and seat, each with their number; ``named`` False = by seat alone."""
    found = []
    for person in people:
        seat = say(f"seat.{next(seat for seat in _RUNG if person in school.seats.get(seat, ()))}")
        called = f"{school.people[person].name} – {seat}" if named else seat
        found.append((called, school.people[person].phone))
    return tuple(found)


def outside(school: School) -> tuple[tuple[str, str], ...]:
    """Return whom anybody may ring themselves, as far as the school's file has their numbers."""
    police = Contact(phone=school.police_non_emergency)
    bodies = (("ring.police", police), ("seat.childrens_services", school.childrens_services))
    return tuple((say(body), found) for body, contact in bodies if (found := numbers(contact)))
