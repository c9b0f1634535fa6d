"""What the bot itself asks of a case: nobody's button, allowed in every status."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct
from msgspec.structs import replace

from flows.case.context import NewEvent, StepContext, Transition
from flows.case.refusals import refuse
from flows.delivery.outbox import recipients, reminders, updates
from flows.model import Case, Event, EventKind, Message, Send, SendState, Status, TimerKind
from flows.policy.routing import SUBSTITUTES, affected_people, ladder
from flows.school import PersonId, School


class Escalate(Struct, frozen=True):
    """Nobody took it on in time, or nobody has opened it yet. ``again`` = everybody was told before."""

    again: bool = False

    def take(self, case: Case, step: StepContext) -> Transition:
        """Tell the next person of the lead's list (policy page §8); the clock starts again for them.

        Where there is time yet, say that nobody has opened it. Where nobody is left, say so to everybody
        told, and whom to ring; then it begins again, until somebody takes the case on.
        """
        if case.status not in (Status.OPEN, Status.ESCALATED):
            raise refuse("already_taken_on")
        pressing = case.decision.urgency.presses
        waiting_for = (case.assigned,) if case.assigned else recipients(case)
        opened = not step.opened.isdisjoint(waiting_for)
        late = pressing or step.at >= case.due_at
        if opened and not late:
            raise refuse("already_opened")
        person = ladder(step.school, case.lead, told=recipients(case), without=kept_from(case, step.school))
        if late and person is not None:
            after = replace(case, stand_ins=(*case.stand_ins, person))
            events = (NewEvent(EventKind.ESCALATED, {"told": person}),)
            return Transition(case=after, events=events, rearm=True, status=Status.ESCALATED)
        end = self._heard_again(case, step) if late else ()
        if late and not self.again:
            events = (NewEvent(EventKind.ESCALATED, {"told": ""}),)
            return Transition(case=case, events=events, remind=True, status=Status.ESCALATED, sends=end)
        said = NewEvent(EventKind.REMINDED, {"opened": "yes"} if opened else {})
        return Transition(case=case, events=(said,), remind=late, rearm=not late, sends=end)

    def _heard_again(self, case: Case, step: StepContext) -> tuple[Send, ...]:
        """Return what is said at the end of the ladder: to everybody told, by every channel they have.

        After that it begins again: each time the next of them hears it once more.
        """
        to = recipients(case)
        if self.again and to:
            alarm = case.alarms.get(TimerKind.ACKNOWLEDGE)
            number = len(alarm.rang) if alarm is not None else 0
            to = (to[number % len(to)],)
        return tuple(reminders(case, step.school, to, step.platforms, step.at, everywhere=True))


class Move(Struct, frozen=True):
    """The channel it stands in may not see this case (any longer); ``why`` is a closed word."""

    why: str

    def take(self, case: Case, step: StepContext) -> Transition:  # noqa: ARG002 - a command's signature
        """Return the case out of the channel it stands in: into its lead's place, else into none."""
        if case.direct_only:
            raise refuse("already_moved")
        moved = NewEvent(EventKind.MOVED, {"why": self.why})
        after = replace(case, restricted=True, direct_only=case.restricted)
        return Transition(case=after, events=(moved,))


class ReportTrouble(Struct, frozen=True):
    """A message could not be delivered: which message, and to whom."""

    message: str
    person: PersonId | None = None

    def take(self, case: Case, step: StepContext) -> Transition:
        """Put it on record; if it was somebody's notice, the next person is told in time."""
        facts = {"message": self.message, "person": self.person or ""}
        failed = NewEvent(EventKind.DELIVERY_FAILED, {**facts})
        if self.person is None or case.status is Status.CLOSED or self.message != Message.NOTICE:
            return Transition(case=case, events=(failed,))
        leading = case.holders.get(case.lead) if case.lead else None
        if self.person == leading or self.person in case.stand_ins:
            return self._instead_of_the_lead(case, step, failed)
        return self._instead_of(self.person, case, step, failed)

    def _instead_of_the_lead(self, case: Case, step: StepContext, failed: NewEvent) -> Transition:
        person = ladder(step.school, case.lead, told=recipients(case), without=kept_from(case, step.school))
        if case.owner is not None or person is None:
            return Transition(case=case, events=(failed,))
        return Transition(
            case=replace(case, stand_ins=(*case.stand_ins, person)),
            events=(failed, _told_instead(person, self.person)),
            status=Status.ESCALATED,
        )

    def _instead_of(self, gone: PersonId, case: Case, step: StepContext, failed: NewEvent) -> Transition:
        """Tell the seat that stands for that of somebody who does not lead; it leads no more than theirs."""
        held = [seat for seat, holder in case.holders.items() if holder == gone]
        for seat in (other for theirs in held for other in SUBSTITUTES.get(theirs, ())):
            person = step.school.available(seat, without=kept_from(case, step.school), on=step.day)
            if person is not None and seat not in case.holders and person not in recipients(case):
                after = replace(case, holders={**case.holders, seat: person})
                return Transition(case=after, events=(failed, _told_instead(person, gone)))
        return Transition(case=case, events=(failed,))


def _told_instead(person: PersonId, gone: PersonId | None) -> NewEvent:
    return NewEvent(EventKind.ESCALATED, {"told": person, "unreached": gone or ""})


def kept_from(case: Case, school: School) -> frozenset[PersonId]:
    """Return who takes nobody's place: those who must not know, and those it is about."""
    return frozenset({*case.recused, *affected_people(case.report, school)})


class SayItGoes(Struct, frozen=True):
    """The time for which the school keeps the case is nearly over: after which day it goes."""

    day: dt.date

    def take(self, case: Case, step: StepContext) -> Transition:
        """Put it on record, and below the cards that stand; no card is sent anew, for years may have passed.

        Whoever was told then may be gone, and of a case that nobody was told of nobody hears now.
        """
        said = NewEvent(EventKind.REMOVAL_NEAR, {"day": self.day.isoformat()})
        line = Event(case=case.id, seq=case.events + 1, kind=said.kind, at=step.at, facts=said.facts)
        stand = [s for s in step.sends if s.key in case.cards and s.state is SendState.SENT]
        lines = tuple(updates(step.school, (line,), stand))
        return Transition(case=replace(case, removal=self.day), events=(said,), sends=lines, quiet=True)


class PostAnew(Struct, frozen=True):
    """Somebody, or a rule of the platform, deleted the case's first message in its channel."""

    def take(self, case: Case, step: StepContext) -> Transition:  # noqa: ARG002 - a command's signature
        """Put it on record; the thread says so."""
        return Transition(case=case, events=(NewEvent(EventKind.REPOSTED),))
