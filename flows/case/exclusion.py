"""Who must not know of a case: each exclusion a record of its own, made by answers or by a person.

Answers make one and never end one; who leads the case does, with a reason (policy page §2.11).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import ClassVar

from msgspec.structs import replace

from flows.case.context import NewEvent, StepContext, Transition
from flows.case.declared import ByPerson, Declared, On, asks, choice, stays, words
from flows.case.refusals import refuse
from flows.delivery.outbox import recipients
from flows.model import Action, Case, Decision, EventKind, Excluded, Exclusion, Source, Status
from flows.model import Capability as Can
from flows.policy.routing import leadership_people, route
from flows.school import PersonId, School, Seat
from flows.ui.forms import Field
from flows.words import say


def excluded(
    people: Mapping[PersonId, Excluded], step: StepContext, *, reporter: PersonId
) -> dict[PersonId, Exclusion]:
    """Return the exclusions that answers make, and by what."""

    def by_what(why: Excluded) -> Source:
        if step.by not in (None, reporter):
            return Source.LEADER
        return Source.REPORTER if why is Excluded.KEPT_OUT else Source.ANSWERS

    return {
        person: Exclusion(why=why, source=by_what(why), by=step.by, at=step.at)
        for person, why in people.items()
    }


def out_of_it(recused: Mapping[PersonId, Exclusion], people: Collection[PersonId]) -> NewEvent:
    """Return that these people are out, and why; who they are is for those who read the record."""
    why = tuple(sorted(recused[person].why.value for person in people))
    return NewEvent(EventKind.RECUSED, {"why": why, "who": tuple(sorted(people))})


class HaveConflict(ByPerson, frozen=True):
    """I must not deal with this: hand it on, at once."""

    text: str = ""
    declared: ClassVar = Declared(
        action=Action.CONFLICT,
        leads_to=stays(*Status),
        needs=Can.NOTE,
        event=EventKind.RECUSED,
        on=(On.CARD, On.RECORD),
        fields=asks(words("text", "form.conflict.why", required=False)),
        adds_only=True,
    )

    def take(self, case: Case, step: StepContext) -> Transition:
        """Recuse at once, hand on to the substitute, and leave any place this person can see."""
        if step.by is None or step.by in case.recused:
            raise refuse("already_recused")
        made = Exclusion(
            why=Excluded.CONFLICT, source=Source.DECLARED, by=step.by, at=step.at, words=self.text
        )
        return _taken_off(
            case, step.by, made, step, NewEvent(EventKind.RECUSED, {"why": (made.why,)}, self.text)
        )


class KeepOut(ByPerson, frozen=True):
    """Somebody must not know of this case (any longer): whom, and why."""

    who: PersonId
    text: str
    declared: ClassVar = Declared(
        action=Action.KEEP_OUT,
        leads_to=stays(*Status),
        needs=Can.DECIDE,
        event=EventKind.KEPT_OUT,
        on=(On.RECORD,),
        fields=lambda case, school: (_anybody(case, school), words("text", "form.why")),
        adds_only=True,
    )

    def take(self, case: Case, step: StepContext) -> Transition:
        """Take them off at once, as if they had said so themselves."""
        made = Exclusion(why=Excluded.KEPT_OUT, source=Source.LEADER, by=step.by, at=step.at, words=self.text)
        return _taken_off(
            case, self.who, made, step, NewEvent(EventKind.KEPT_OUT, {"who": (self.who,)}, self.text)
        )


class BringIn(ByPerson, frozen=True):
    """An exclusion ends: whose, and why."""

    who: PersonId
    text: str
    declared: ClassVar = Declared(
        action=Action.BRING_IN,
        leads_to=stays(*Status),
        needs=Can.DECIDE,
        event=EventKind.BROUGHT_IN,
        on=(On.RECORD,),
        worth=lambda case, _: bool(case.recused),
        fields=lambda case, school: (_kept_out(case, school), words("text", "form.why")),
    )

    def take(self, case: Case, step: StepContext) -> Transition:
        """Return the case with them told, where it is their seat that the policy asks for."""
        recused = {person: made for person, made in case.recused.items() if person != self.who}
        asked = {*case.decision.notify, *(r.instead_of for r in case.decision.reasons if r.instead_of)}
        theirs = asked & step.school.seats_of(self.who)
        decision = replace(case.decision, notify=tuple(sorted({*case.decision.notify, *map(str, theirs)})))
        event = NewEvent(EventKind.BROUGHT_IN, {"who": (self.who,)}, self.text)
        return rerouted(case, replace(case, recused=recused), decision, step, events=(event,))


def dsl_waits(case: Case) -> bool:
    """Return whether a DSL is asked for, and none is told since it may be about any of them."""
    asked, there = {Seat.DSL, Seat.DEPUTY_DSL}.intersection(case.decision.notify), case.holders
    waits = any(made.why is Excluded.NOT_CLEARED for made in case.recused.values())
    return bool(asked) and waits and Seat.DSL not in there and Seat.DEPUTY_DSL not in there


def apart(decision: Decision, school: School, recused: Iterable[PersonId]) -> bool:
    """Return whether the leadership channel must not see a case: somebody who must not know may be in it.

    Of an allegation, or of the conduct of somebody in school, that is so whoever is named (policy page §10).
    """
    return any(reason.apart for reason in decision.reasons) or not leadership_people(school).isdisjoint(
        recused
    )


def rerouted(
    case: Case,
    after: Case,
    decision: Decision,
    step: StepContext,
    *,
    events: tuple[NewEvent, ...],
    cut_off: tuple[PersonId, ...] = (),
) -> Transition:
    """Return the step after which others answer for the case. ``cut_off`` is who must not know of it now;
    who was told and is not any more is cut off as well.
    """
    routed = route(
        decision, case.report, step.school, without=after.recused, on=step.day, before=after.holders
    )
    led, leads = _leader(case.holders, case.lead), _leader(routed.holders, routed.lead)
    stand_ins = tuple(p for p in after.stand_ins if p not in after.recused)
    told = {*routed.holders.values(), *stand_ins}
    cut_off = tuple(dict.fromkeys((*cut_off, *(p for p in recipients(case) if p not in told))))
    dropped = case.owner in {*cut_off, *routed.affected} and case.owner is not None
    after = replace(
        after,
        holders=routed.holders,
        lead=routed.lead,
        affected=routed.affected,
        stand_ins=stand_ins,
        owner=None if dropped else case.owner,
        assigned=None if case.assigned in {*cut_off, *routed.affected} else case.assigned,
        restricted=case.restricted or apart(decision, step.school, after.recused),
    )
    if led != leads:
        events = (*events, NewEvent(EventKind.HANDED_ON, {"lead": routed.lead or ""}))
    closed = case.status is Status.CLOSED
    return Transition(
        case=after,
        events=events,
        newly_recused=cut_off,
        rearm=not closed and (dropped or (led != leads and after.owner is None)),
        status=Status.OPEN if dropped and not closed else None,
    )


def _taken_off(
    case: Case, person: PersonId, made: Exclusion, step: StepContext, event: NewEvent
) -> Transition:
    after = replace(case, recused={**case.recused, person: made})
    return rerouted(case, after, case.decision, step, events=(event,), cut_off=(person,))


def _leader(holders: Mapping[Seat, PersonId], lead: Seat | None) -> PersonId | None:
    return holders.get(lead) if lead is not None else None


def _anybody(case: Case, school: School) -> Field:
    """Return a field for one of the school's people who is not out already: who holds a seat comes first."""
    people = sorted(school.people, key=lambda person: not school.seats_of(person))
    options = {str(person): school.people[person].name for person in people if person not in case.recused}
    return choice("who", "form.keep_out.who", options)


def _kept_out(case: Case, school: School) -> Field:
    """Return a field for one of those who are out, with the reason. Raises NotAllowed where nobody is."""
    if not case.recused:
        raise refuse("nobody_out")
    options = {
        str(person): say(f"form.bring_in.{made.why}", name=name_of(person, school))
        for person, made in case.recused.items()
    }
    return choice("who", "form.bring_in.who", options)


def name_of(person: PersonId, school: School) -> str:
    """Return what somebody is called; their id where they are no longer on the list."""
    return school.people[person].name if person in school.people else person
