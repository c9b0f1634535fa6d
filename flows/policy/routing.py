"""From seats to people: who answers for a seat in this case, and who must not know of it.

The policy decides about roles; this is where roles meet people (policy page §2.11). Whoever is the
poster, is accused or is kept out drops out of *every* seat they hold, and the seat's substitute
takes over. Absence is another matter: the deputy headteacher stands in for an absent Headteacher,
never for one in conflict.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping

from msgspec import Struct

from flows.model import Decision, Excluded, Report
from flows.policy.assessment import Assessment
from flows.questions.table import KEYS
from flows.school import PersonId, School, Seat

#: Who takes over, in order, when nobody in a seat may know.
SUBSTITUTES: dict[Seat, tuple[Seat, ...]] = {
    Seat.HEADTEACHER: (Seat.CHAIR, Seat.VICE_CHAIR, Seat.SUBSTITUTE_GOVERNOR),
    Seat.CHAIR: (Seat.VICE_CHAIR, Seat.SUBSTITUTE_GOVERNOR),
    Seat.VICE_CHAIR: (Seat.SUBSTITUTE_GOVERNOR,),
    Seat.SUBSTITUTE_GOVERNOR: (),
    Seat.DSL: (Seat.DEPUTY_DSL,),
    Seat.DEPUTY_DSL: (),
}

#: Who answers for an absence, and for nothing else.
_STANDS_IN: dict[Seat, tuple[Seat, ...]] = {Seat.HEADTEACHER: (Seat.DEPUTY_HEADTEACHER,)}

#: Whose seats make up the leadership channel (policy page §10).
LEADERSHIP = (Seat.HEADTEACHER, Seat.DEPUTY_HEADTEACHER, Seat.DSL, Seat.DEPUTY_DSL)


class Routed(Struct, frozen=True, kw_only=True):
    """Who answers for what. ``unfilled`` are seats for which nobody at all is left."""

    holders: dict[Seat, PersonId]
    lead: Seat | None
    affected: tuple[PersonId, ...]
    unfilled: tuple[Seat, ...]


def recused(
    report: Report, assessment: Assessment, decision: Decision, school: School
) -> dict[PersonId, Excluded]:
    """Return everybody who must not know of the case, and why."""
    out = spoken_against(report, assessment, school)
    for person in _not_cleared(report, assessment, decision, school):
        out.setdefault(person, Excluded.NOT_CLEARED)
    return out


def spoken_against(report: Report, assessment: Assessment, school: School) -> dict[PersonId, Excluded]:
    """Return whom the report speaks against, by name or by role, or is to be kept from."""
    out: dict[PersonId, Excluded] = {}
    _add(out, report.named.kept_out, Excluded.KEPT_OUT)
    for role, seat in (
        ("headteacher", Seat.HEADTEACHER),
        ("dsl", Seat.DSL),
        ("chair", Seat.CHAIR),
        ("vice_chair", Seat.VICE_CHAIR),
    ):
        if assessment.holds("keep_from", role):
            _add(out, _meant(seat, report.named.kept_out, school), Excluded.KEPT_OUT)
    _add(out, report.named.accused, Excluded.ACCUSED)
    _add(out, report.named.poster, Excluded.POSTER)
    for role, seat, accused in (
        ("headteacher", Seat.HEADTEACHER, "accused_head"),
        ("chair", Seat.CHAIR, "accused_chair"),
    ):
        if assessment.true(accused):
            _add(out, _meant(seat, report.named.accused, school), Excluded.ACCUSED)
        if assessment.holds("poster", role):
            own = (report.reporter,) if assessment.holds("reporter_link", "is_poster") else ()
            _add(out, _meant(seat, (*report.named.poster, *own), school), Excluded.POSTER)
    if assessment.holds("reporter_link", "is_poster"):
        _add(out, (report.reporter,), Excluded.POSTER)
    return out


#: Whom a role can mean beside those whom the reporter can name by their seat.
_AMONG = {
    "staff": (Seat.DSL, Seat.DEPUTY_DSL, Seat.DEPUTY_HEADTEACHER, Seat.ON_CALL, Seat.TRUST_LEAD),
    "governor": (Seat.VICE_CHAIR, Seat.SUBSTITUTE_GOVERNOR),
}
_AMONG["not_sure"] = (*_AMONG["staff"], *_AMONG["governor"])


def _not_cleared(report: Report, assessment: Assessment, decision: Decision, school: School) -> set[PersonId]:
    """Return who may be the one it is about: an unknown identity never counts as *not in the room*.

    Somebody is accused, or it is their conduct, and the reporter said neither who it is nor that it is nobody
    of those in a seat.
    """
    heads = school.seats.get(Seat.HEADTEACHER, ())
    out = set(heads) if assessment.true("not_cleared") else set()  # half a report: not even asked yet
    by_seat = {*heads, *school.seats.get(Seat.CHAIR, ())}
    accused = [("staff_allegation", "accused", report.named.accused)]
    if assessment.true("insider") and any(reason.apart for reason in decision.reasons):
        own = (report.reporter,) if assessment.holds("reporter_link", "is_poster") else ()
        accused.append(("poster", "poster", (*report.named.poster, *own)))
    for answer, field, people in accused:
        if by_seat.issuperset(people) and field not in report.named.someone_else:
            seats = {s for role in _AMONG if _has(assessment, answer, role) for s in _AMONG[role]}
            out.update(p for s in seats for p in school.seats.get(s, ()) if p not in by_seat)
    return out


def _has(assessment: Assessment, fact: str, role: str) -> bool:
    return role in KEYS[fact].values and assessment.holds(fact, role)


def _meant(seat: Seat, said: Collection[PersonId], school: School) -> tuple[PersonId, ...]:
    """Return who is meant by a role: every holder of its seat, unless the reporter said which."""
    holders = school.seats.get(seat, ())
    return tuple(person for person in holders if person in said) or holders


def _add(out: dict[PersonId, Excluded], people: Collection[PersonId], why: Excluded) -> None:
    for person in people:
        out[person] = why


def route(
    decision: Decision,
    report: Report,
    school: School,
    *,
    without: Collection[PersonId],
    on: dt.date,
    before: Mapping[Seat, PersonId] | None = None,
) -> Routed:
    """Return who answers for every seat the decision tells, and which seat leads.

    ``before`` is who answered so far: they stay, unless they must not know any longer. That the day has
    changed, and with it who is away, takes nobody off a case.
    """
    seats = [Seat(name) for name in decision.notify if name not in ("legal", "police")]
    affected = affected_people(report, school)
    holders: dict[Seat, PersonId] = {}
    unfilled: list[Seat] = []
    for seat in seats:
        answering = _answers_for(seat, school, without, on, affected)
        if answering is None:
            unfilled.append(seat)
        else:
            holders.setdefault(*answering)
    holders.update({seat: person for seat, person in (before or {}).items() if person not in without})

    def answers_for(seat: Seat) -> tuple[Seat, PersonId] | None:
        return (seat, holders[seat]) if seat in holders else _answers_for(seat, school, without, on, affected)

    lead = _lead(decision.leads, holders, answers_for, affected)
    told = tuple(dict.fromkeys(p for p in holders.values() if p in affected))
    return Routed(holders=holders, lead=lead, affected=told, unfilled=tuple(unfilled))


def affected_people(report: Report, school: School) -> frozenset[PersonId]:
    """Return the seat holders the posting is about: by role or as the reporter named them."""
    targets = report.answers.get("targets", ())
    said = set(report.named.target)
    if "is_target" in report.answers.get("reporter_link", ()):
        said.add(report.reporter)
    seats = [s for role, s in (("headteacher", Seat.HEADTEACHER), ("chair", Seat.CHAIR)) if role in targets]
    return frozenset(said.union(*(_meant(seat, said, school) for seat in seats)))


def _answers_for(
    seat: Seat, school: School, without: Collection[PersonId], on: dt.date, affected: Collection[PersonId]
) -> tuple[Seat, PersonId] | None:
    """Return the seat that answers and its person: the seat itself, who stands in, or a substitute.

    Nobody stands in for an absent Headteacher whom the posting is about: that is a conflict.
    """
    person = school.available(seat, without=without, on=on)
    absent = person is not None and person not in affected and school.is_away(person, on)
    if seat is Seat.HEADTEACHER and absent:
        deputy = school.available(Seat.DEPUTY_HEADTEACHER, without=without, on=on)
        if deputy is not None:
            return Seat.DEPUTY_HEADTEACHER, deputy
    if person is not None:
        return seat, person
    for substitute in SUBSTITUTES[seat]:
        person = school.available(substitute, without=without, on=on)
        if person is not None:
            return substitute, person
    return None


def _lead(
    wanted: Seat | None,
    holders: dict[Seat, PersonId],
    answers_for: Callable[[Seat], tuple[Seat, PersonId] | None],
    affected: Collection[PersonId],
) -> Seat | None:
    """Return the leading seat: the policy's, unless whoever answers for it is whom the posting is about.

    Then the next substitute who is not, then anybody told who is not; None = nobody is left who may.
    The seat that takes over is added to ``holders``.
    """
    if wanted is None:
        return None
    for seat in (wanted, *SUBSTITUTES.get(wanted, ())):
        answering = answers_for(seat)
        if answering is not None and answering[1] not in affected:
            holders.setdefault(*answering)
            return answering[0]
    return next((seat for seat, person in holders.items() if person not in affected), None)


def ladder(
    school: School, lead: Seat | None, *, told: Collection[PersonId], without: Collection[PersonId]
) -> PersonId | None:
    """Return who is told next when the lead does not answer.

    Their seat's list, who stands in, on-call, substitutes – but a governor's part goes to governors first:
    whoever is on call may answer to the Headteacher it is about.
    """
    if lead is None:
        return None
    others = (Seat.ON_CALL, *SUBSTITUTES.get(lead, ()))
    if lead in SUBSTITUTES[Seat.HEADTEACHER]:
        others = (*SUBSTITUTES[lead], Seat.ON_CALL)
    for seat in (lead, *_STANDS_IN.get(lead, ()), *others):
        for person in school.seats.get(seat, ()):
            if person not in told and person not in without:
                return person
    return None


def missing(decision: Decision, holders: Collection[Seat]) -> bool:
    """Return whether a seat that should be told has nobody, nor any of its substitutes."""
    seats = [Seat(name) for name in decision.notify if name not in ("legal", "police")]
    return any(
        set(holders).isdisjoint((seat, *_STANDS_IN.get(seat, ()), *SUBSTITUTES[seat])) for seat in seats
    )


def leadership_people(school: School) -> frozenset[PersonId]:
    """Return who the leadership channel is for."""
    return frozenset(p for seat in LEADERSHIP for p in school.seats.get(seat, ()))
