"""Handing a case on to another who is told, and writing to whoever reported it."""

from __future__ import annotations

from typing import ClassVar

from msgspec.structs import replace

from flows.case.context import NewEvent, StepContext, Transition
from flows.case.declared import ByPerson, Declared, On, asks, choice, stays, words
from flows.case.exclusion import name_of
from flows.case.refusals import refuse
from flows.case.seats import acting
from flows.delivery.outbox import reach
from flows.model import Action, Case, EventKind, Status
from flows.model import Capability as Can
from flows.policy.wording import seat_name
from flows.school import PersonId, School
from flows.ui.forms import Field


def _others(case: Case, school: School) -> Field:
    """Return a field for one of those who may act and do not have it. Raises NotAllowed if there is none."""
    people = [person for person in acting(case, school) if person not in (case.owner, case.assigned)]
    if not people:
        raise refuse("nobody_to_assign")
    return choice("who", "form.assign.who", {str(person): _called(case, person, school) for person in people})


def _called(case: Case, person: PersonId, school: School) -> str:
    seats = [seat_name(seat) for seat, holder in case.holders.items() if holder == person]
    return " – ".join((name_of(person, school), *seats[:1]))


class Assign(ByPerson, frozen=True):
    """Somebody else who is told shall see to it: who, and why.

    Nobody has a case because another said so: its clock runs until they take it on, and the next is told
    where they do not.
    """

    who: PersonId
    text: str = ""
    declared: ClassVar = Declared(
        action=Action.ASSIGN,
        leads_to={
            Status.OPEN: Status.OPEN,
            Status.ESCALATED: Status.ESCALATED,
            Status.ACKNOWLEDGED: Status.OPEN,
        },
        needs=Can.ASSIGN,
        event=EventKind.ASSIGNED,
        worth=lambda case, _: len({*case.holders.values(), *case.stand_ins}.difference(case.affected)) > 1,
        fields=lambda case, school: (
            _others(case, school),
            words("text", "form.assign.why", required=False),
        ),
    )

    def take(self, case: Case, step: StepContext) -> Transition:
        """Return the case with whom it was handed to; the clock starts again for them."""
        if self.who == step.by:
            raise refuse("take_it_on_instead")
        if self.who not in acting(case, step.school):
            raise refuse("may_not_act")
        given = NewEvent(EventKind.ASSIGNED, {"to": self.who}, self.text)
        return Transition(case=replace(case, owner=None, assigned=self.who), events=(given,), rearm=True)


class Write(ByPerson, frozen=True):
    """Words of a leader for the reporter: they get them in their own conversation, nobody else does."""

    text: str
    declared: ClassVar = Declared(
        action=Action.WRITE,
        leads_to=stays(*Status),
        needs=Can.ACT,
        event=EventKind.WROTE,
        on=(On.CARD, On.RECORD),
        fields=asks(words("text", "form.write.text")),
        adds_only=True,
    )

    def take(self, case: Case, step: StepContext) -> Transition:
        """Put it on record; it is sent from there."""
        if not reach(step.school, case.report.reporter, step.platforms):
            raise refuse("reporter_not_here")
        return Transition(case=case, events=self.recorded())
