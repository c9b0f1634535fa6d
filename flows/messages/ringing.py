"""Who has a case now, and whom to ring if they do not answer, each with their number.

Nobody who must not know of it, nor whom it is about. Names stand in direct messages alone, not in a channel.
"""

from __future__ import annotations

from flows.delivery.outbox import recipients
from flows.messages.phrases import own_seat, phone, seat_of
from flows.model import Case, Status
from flows.policy.routing import affected_people, ladder
from flows.policy.wording import numbers
from flows.school import PersonId, School
from flows.words import say


def whom_to_ring(
    case: Case, school: School, *, reader: PersonId | None = None, named: bool = True
) -> tuple[tuple[str, str], ...]:
    """Return who has the case, and who is next: told, or told next. None = a channel reads it.

    ``named`` False = by their seats alone, also for a reader.
    """
    if case.status is Status.CLOSED:
        return ()
    told = recipients(case)
    out = {*case.recused, *case.affected, *affected_people(case.report, school)}
    free = [person for person in told if person not in out]
    has = case.owner if case.owner is not None else next(iter(free), None)
    if has is None:
        return _outside(school)
    after = next((person for person in free if person not in (has, reader)), None)
    if after is None and not any(reason.apart for reason in case.decision.reasons):
        # Of an allegation nobody is named who is not told: it may be about them.
        after = ladder(school, case.lead, told=(*told, reader or has), without=out)
    named = named and reader is not None
    pairs = [] if has == reader else [(say("ring.has"), _called(case, school, has, named=named))]
    label = say("ring.instead" if has == reader else "ring.next")
    if after is not None:
        return (*pairs, (label, _called(case, school, after, named=named)))
    ((name, number),) = _outside(school)
    return (*pairs, (label, say("ring.seat", seat=name, phone=number)))


def _called(case: Case, school: School, person: PersonId, *, named: bool) -> str:
    seat, number = _seat(case, school, person), phone(school, person)
    known = school.people.get(person)
    if not named or known is None:
        return say("ring.seat", seat=seat, phone=number)
    return say("ring.person", name=known.name, seat=seat, phone=number)


def _seat(case: Case, school: School, person: PersonId) -> str:
    """Return what somebody is in this case; who is only told next, by a seat of theirs."""
    return seat_of(case, person, school) if person in recipients(case) else own_seat(school, person)


def _outside(school: School) -> tuple[tuple[str, str], ...]:
    contact = school.fallback_contact
    return ((contact.name or say("ring.outside"), numbers(contact) or say("message.not_filled_in")),)
