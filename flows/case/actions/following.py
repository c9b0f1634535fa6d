"""What keeps a case moving: its plan, a reminder put off, and the reference that a body outside gave."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from msgspec.structs import replace

from flows import calendar
from flows.case.checklist.tasks import tasks
from flows.case.context import NewEvent, StepContext, Transition
from flows.case.declared import RUNNING, ByPerson, Declared, choice, stays, words
from flows.case.refusals import refuse
from flows.model import Action, Case, EventKind
from flows.model import Capability as Can
from flows.school import School
from flows.ui.cards import Mark
from flows.ui.forms import DateField, Field, TextField
from flows.words import say

#: A reminder is put off for so long at the most: after that it has to be put off again, with a reason.
LONGEST = dt.timedelta(days=14)


class ShowPlan(ByPerson, frozen=True):
    """Show me what happens when, and what has happened."""

    declared: ClassVar = Declared(action=Action.PLAN, leads_to=stays(*RUNNING), needs=Can.NOTE)


def _dated(case: Case) -> dict[str, str]:
    """Return what somebody is reminded of, by name: what it asks, in words."""
    open_still = {task.name: task.what for task in tasks(case) if task.mark is Mark.TO_DO}
    return {name: what for name, what in open_still.items() if name in case.alarms}


def _fields(case: Case, _school: School) -> tuple[Field, ...]:
    asked = _dated(case)
    if not asked:
        raise refuse("nothing_to_put_off")
    return (
        choice("which", "form.snooze.which", asked),
        DateField(name="until", label=say("form.snooze.until"), required=True),
        words("text", "form.why"),
    )


class Snooze(ByPerson, frozen=True):
    """Remind us of this on another day: which, when, and why."""

    which: str
    until: str
    text: str
    declared: ClassVar = Declared(
        action=Action.SNOOZE,
        leads_to=stays(*RUNNING),
        needs=Can.ACT,
        event=EventKind.SNOOZED,
        worth=lambda case, _: bool(_dated(case)),
        fields=_fields,
    )

    def take(self, case: Case, step: StepContext) -> Transition:
        """Return the case whose alarm rings on that day."""
        day = dt.date.fromisoformat(self.until)
        if self.which not in _dated(case):
            raise refuse("nothing_to_put_off")
        if not step.day < day <= step.day + LONGEST:
            raise refuse("put_off_too_far")
        alarm = replace(case.alarms[self.which], next=calendar.morning(day, step.school), until=day)
        after = replace(case, alarms=case.alarms | {self.which: alarm})
        return Transition(case=after, events=self.recorded())


def _without_reference(case: Case) -> dict[str, str]:
    """Return the bodies that were contacted and whose reference is not here yet."""
    return {task.which: say(f"seat.{task.which}") for task in tasks(case) if task.action is Action.REFERENCE}


def _reference_fields(case: Case, _school: School) -> tuple[Field, ...]:
    asked = _without_reference(case)
    if not asked:
        raise refuse("nothing_to_record")
    return (
        choice("which", "form.reference.which", asked),
        TextField(name="text", label=say("form.reference.text"), required=True, most=200),
    )


class RecordReference(ByPerson, frozen=True):
    """The reference that a body outside has given."""

    which: str
    text: str
    declared: ClassVar = Declared(
        action=Action.REFERENCE,
        leads_to=stays(*RUNNING),
        needs=Can.ACT,
        event=EventKind.REFERENCE_RECORDED,
        worth=lambda case, _: bool(_without_reference(case)),
        fields=_reference_fields,
    )

    def take(self, case: Case, step: StepContext) -> Transition:  # noqa: ARG002 - as its base says
        """Return the case with it beside the decision."""
        if self.which not in _without_reference(case):
            raise refuse("already_recorded")
        duties = tuple(
            replace(duty, decided=replace(duty.decided, reference=self.text))
            if duty.body == self.which and duty.decided is not None
            else duty
            for duty in case.duties
        )
        return Transition(case=replace(case, duties=duties), events=self.recorded())

    def recorded(self) -> tuple[NewEvent, ...]:
        """Return what goes on record: whose; the reference itself is among the words."""
        return (NewEvent(EventKind.REFERENCE_RECORDED, {"which": self.which}, self.text),)
