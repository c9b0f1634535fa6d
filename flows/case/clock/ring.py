"""What happens when the alarms of a case ring: whoever they are for is reminded, at last others are told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from flows import calendar
from flows.case import access
from flows.case.checklist.names import DSLS
from flows.case.checklist.task import Task
from flows.case.clock.when import MOST, may_speak, next_ring, ring_after_the_end, things
from flows.case.commands import kept_from
from flows.case.context import NewEvent, StepContext, Transition
from flows.case.duties import SAFEGUARDING
from flows.case.refusals import refuse
from flows.case.seats import answering, called_in
from flows.delivery.outbox import recipients, reminders
from flows.model import Alarm, Case, EventKind, Send
from flows.policy.routing import ladder
from flows.school import PersonId, School, Seat


class Ring(Struct, frozen=True):
    """The time of something dated has come: all that rings at this moment rings together."""

    def take(self, case: Case, step: StepContext) -> Transition:
        """Remind whoever it is for; after the fifth time tell the next person. Refused if nothing is due.

        While nobody has taken a case on and it is late, its ladder speaks, and this waits.
        """
        found = things(case)
        due = [n for n, a in case.alarms.items() if n in found and a.next is not None and a.next <= step.at]
        if not due:
            raise refuse("nothing_due")
        days = frozenset(calendar.local(case.alarms[n].by, step.school.time).date() for n in due)
        pressing = case.decision.urgency.presses
        if not may_speak(case, step.at, step.school, days):
            later = calendar.next_morning(step.at, step.school)
            return _quiet(case, {name: replace(case.alarms[name], next=later) for name in due})
        if case.owner is None and (pressing or step.at >= case.due_at):
            later = calendar.next_morning(step.at, step.school, any_day=pressing)
            return _quiet(case, {name: replace(case.alarms[name], next=later) for name in due})
        spoken = [name for name in due if case.alarms[name].said < MOST]
        tired = [name for name in due if name not in spoken]
        alarms = {
            n: _rung(case.alarms[n], step, pressing=pressing, said=case.alarms[n].said + 1) for n in spoken
        }
        to = people(case, [found[name] for name in spoken], step.school)
        if not tired:
            return _quiet(case, alarms, to, step)
        return self._next_person(case, step, alarms, tired, to)

    def _next_person(
        self,
        case: Case,
        step: StepContext,
        alarms: dict[str, Alarm],
        tired: Sequence[str],
        to: Sequence[PersonId],
    ) -> Transition:
        school, pressing = step.school, case.decision.urgency.presses
        person = ladder(school, case.lead, told=recipients(case), without=kept_from(case, school))
        for name in tired:
            alarm = _rung(case.alarms[name], step, pressing=pressing, said=0 if person else MOST)
            rests = ring_after_the_end(step.at, school, presses=pressing)
            alarms[name] = alarm if person and not pressing else replace(alarm, next=rests)
        after = replace(case, alarms=case.alarms | alarms)
        if person is not None:
            after = replace(after, stand_ins=(*case.stand_ins, person))
        overdue = NewEvent(EventKind.OVERDUE, {"told": person or "", "what": tuple(tired)})
        heard = dict.fromkeys((*to, *(() if person else recipients(case))))
        return Transition(case=after, events=(overdue,), sends=_reminders(after, heard, step))


def _quiet(
    case: Case, alarms: dict[str, Alarm], to: Sequence[PersonId] = (), step: StepContext | None = None
) -> Transition:
    """Return the case with these alarms as they are now: no line in its thread, and no card drawn again."""
    after = replace(case, alarms=case.alarms | alarms)
    return Transition(case=after, quiet=True, sends=_reminders(after, to, step) if step else ())


def _reminders(case: Case, to: Iterable[PersonId], step: StepContext) -> tuple[Send, ...]:
    return tuple(reminders(case, step.school, to, step.platforms, step.at))


def _rung(alarm: Alarm, step: StepContext, *, pressing: bool, said: int) -> Alarm:
    later = next_ring(alarm.by, step.at, step.school, presses=pressing, again=True)
    return replace(alarm, next=later, rang=(*alarm.rang, step.at), said=said, until=None)


def people(case: Case, found: Sequence[Task], school: School) -> tuple[PersonId, ...]:
    """Return who is reminded of these: for each whoever may do it first; and whoever was called in for it."""
    to = [person for task in found if (person := whose(case, task, school)) is not None]
    late = any(len(case.alarms[task.name].rang) > MOST for task in found)
    last = called_in(case.stand_ins, case.recused, school)[-1:] if late else ()
    return tuple(dict.fromkeys((*to, *last)))


def whose(case: Case, task: Task, school: School) -> PersonId | None:
    """Return who is to do it: the DSL what is theirs, else whoever took it on, who leads, or stands in."""
    now = answering(case.holders, case.recused, school)
    safeguards = [now.get(Seat.DSL), now.get(Seat.DEPUTY_DSL)]
    theirs = safeguards if task.name in SAFEGUARDING or task.name in DSLS else []
    leading = [case.owner, case.assigned, now.get(case.lead) if case.lead else None]
    others = [*called_in(case.stand_ins, case.recused, school), *now.values()]
    for person in (*theirs, *leading, *others):
        if person is None or person in case.affected or task.action is None:
            continue
        if access.may_do(case, person, school, task.action):
            return person
    return None
