"""What the bot itself asks of a case: nobody's button, allowed in every status."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from flows.case.context import NewEvent, StepContext, Transition
from flows.case.refusals import refuse
from flows.model import Case, EventKind, Status
from flows.policy.routing import affected_people, ladder
from flows.school import PersonId


class Escalate(Struct, frozen=True):
    """Nobody took it on in time."""

    def take(self, case: Case, step: StepContext) -> Transition:
        """Tell the next person of the lead's list (policy page §8); the clock starts again for them."""
        if case.status not in (Status.OPEN, Status.ESCALATED):
            raise refuse("already_taken_on")
        already = (*case.holders.values(), *case.stand_ins)
        not_them = {*case.recused, *affected_people(case.report, step.school)}
        person = ladder(step.school, case.lead, told=already, without=not_them)
        events = (NewEvent(EventKind.ESCALATED, {"told": person or ""}),)
        if person is None:
            return Transition(case=case, events=events, status=Status.ESCALATED)
        after = replace(case, stand_ins=(*case.stand_ins, person))
        return Transition(case=after, events=events, rearm=True, status=Status.ESCALATED)


class Move(Struct, frozen=True):
    """The leadership channel may not see this case (any longer); ``why`` is a closed word."""

    why: str

    def take(self, case: Case, step: StepContext) -> Transition:  # noqa: ARG002 - a command's signature
        """Return the case out of the channel."""
        if case.restricted:
            raise refuse("already_moved")
        moved = NewEvent(EventKind.MOVED, {"why": self.why})
        return Transition(case=replace(case, restricted=True), events=(moved,))


class ReportTrouble(Struct, frozen=True):
    """A message could not be delivered: which message, and to whom."""

    message: str
    person: PersonId | None = None

    def take(self, case: Case, step: StepContext) -> Transition:
        """Put it on record; if it was the lead's notice, the next person is told in time."""
        facts = {"message": self.message, "person": self.person or ""}
        failed = NewEvent(EventKind.DELIVERY_FAILED, {**facts})
        leading = case.holders.get(case.lead) if case.lead else None
        already = (*case.holders.values(), *case.stand_ins)
        waits = case.owner is None and case.status is not Status.CLOSED
        person = ladder(step.school, case.lead, told=already, without=case.recused)
        if leading is None or self.person != leading or not waits or person is None:
            return Transition(case=case, events=(failed,))
        return Transition(
            case=replace(case, stand_ins=(*case.stand_ins, person)),
            events=(failed, NewEvent(EventKind.ESCALATED, {"told": person})),
            status=Status.ESCALATED,
        )
