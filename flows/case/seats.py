"""Who answers for a case now: rights follow the seat, at each use (policy page §2.13).

A case keeps who was told for which seat. Whoever does not hold that seat any more has no part in it from that
moment; whoever holds it now has, unless they are excluded. :class:`HandOver` then puts it on the case.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from flows.case.context import NewEvent, StepContext, Transition
from flows.case.exclusion import out_of_it, rerouted
from flows.case.refusals import refuse
from flows.delivery.outbox import recipients
from flows.model import Case, CaseSummary, EventKind, Excluded, Exclusion, Source
from flows.school import PersonId, School, Seat

_STAND_IN = "stand_in"


def answering(
    holders: Mapping[Seat, PersonId], recused: Collection[PersonId], school: School
) -> dict[Seat, PersonId]:
    """Return who answers for each seat now: whoever was told, or who holds it in their place."""
    found = {}
    for seat, person in holders.items():
        held = [p for p in school.seats.get(seat, ()) if p not in recused]
        if held:
            found[seat] = person if person in held else held[0]
    return found


def called_in(
    people: Sequence[PersonId], recused: Collection[PersonId], school: School
) -> tuple[PersonId, ...]:
    """Return who of those called in still holds a seat of the school."""
    return tuple(person for person in people if person not in recused and school.seats_of(person))


def acting(case: Case, school: School) -> tuple[PersonId, ...]:
    """Return who may act on a case now, once each: those who are told, but whom it is about."""
    told = (
        *answering(case.holders, case.recused, school).values(),
        *called_in(case.stand_ins, case.recused, school),
    )
    return tuple(person for person in dict.fromkeys(told) if person not in case.affected)


def changed(case: Case | CaseSummary, school: School) -> tuple[str, ...]:
    """Return the seats for which somebody else answers now, or nobody; empty = all is as it was."""
    now = answering(case.holders, case.recused, school)
    seats = [seat.value for seat, person in case.holders.items() if now.get(seat) != person]
    stay = called_in(case.stand_ins, case.recused, school)
    return tuple(seats if stay == tuple(case.stand_ins) else [*seats, _STAND_IN])


class HandOver(Struct, frozen=True):
    """The school's seats have changed: the case goes over to those who hold them now."""

    def take(self, case: Case, step: StepContext) -> Transition:
        """Tell the new ones from the beginning; empty what the old ones were sent."""
        seats, school = changed(case, step.school), step.school
        after = replace(
            case,
            holders=answering(case.holders, case.recused, school),
            stand_ins=called_in(case.stand_ins, case.recused, school),
        )
        event = NewEvent(EventKind.HANDED_OVER, {"seats": seats})
        happened = rerouted(case, after, case.decision, step, events=(event,))
        if not seats and happened.case.holders == case.holders and happened.case.lead == case.lead:
            raise refuse("seats_stand")
        return happened


class NotYet(Struct, frozen=True):
    """Somebody who must not know of this case had a say in who holds a seat: whom that put there is not told.

    Else whoever a case is about could choose who sees it. Who leads the case brings them in.
    """

    seated: tuple[PersonId, ...]

    def take(self, case: Case, step: StepContext) -> Transition:
        """Keep them out, as far as they were not told or kept out before."""
        new = [p for p in self.seated if p not in case.recused and p not in recipients(case)]
        if not new:
            raise refuse("seats_stand")
        made = Exclusion(why=Excluded.SEATED_BY, source=Source.SEATS, at=step.at)
        recused = {**case.recused, **dict.fromkeys(new, made)}
        event = out_of_it(recused, new)
        return rerouted(case, replace(case, recused=recused), case.decision, step, events=(event,))
