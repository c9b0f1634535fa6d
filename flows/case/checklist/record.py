"""The record of a task that has none of its own: done, or not needed and why; or still to do after all.

And the whole list, on request.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

from msgspec.structs import replace

from flows.case.checklist.tasks import recordable
from flows.case.context import NewEvent, StepContext, Transition
from flows.case.declared import RUNNING, ByPerson, Declared, choice, stays, words
from flows.case.refusals import refuse
from flows.errors import InvalidAnswer
from flows.model import Action, Became, Case, EventKind, TaskRecord
from flows.model import Capability as Can
from flows.school import PersonId, School
from flows.ui.forms import Field, Value
from flows.words import say

#: It was recorded too early, or by mistake.
STILL_TO_DO = "to_do"
_BECAME = {name: say(f"form.task.{name}") for name in (*Became, STILL_TO_DO)}


def _fields(case: Case, _school: School) -> tuple[Field, ...]:
    asked = recordable(case)
    if not asked:
        raise refuse("nothing_to_record")
    return (
        choice("which", "form.task.which", asked),
        replace(choice("became", "form.task.became", _BECAME), value=Became.DONE.value),
        words("text", "form.task.text", required=False),
    )


class ShowMore(ByPerson, frozen=True):
    """Show me all that there is to do here, what was done, and every button of mine."""

    declared: ClassVar = Declared(action=Action.MORE, leads_to=stays(*RUNNING), needs=Can.NOTE, on=())


class RecordTask(ByPerson, frozen=True):
    """Which of what was asked for, what became of it, and why."""

    which: str
    became: str
    text: str = ""
    declared: ClassVar = Declared(
        action=Action.TASK,
        leads_to=stays(*RUNNING),
        needs=Can.ACT,
        event=EventKind.TASK_RECORDED,
        worth=lambda case, _: bool(recordable(case)),
        fields=_fields,
    )

    @classmethod
    def filled(cls, values: Mapping[str, Value], case: Case, school: School) -> Self:
        """Return it. Raises InvalidAnswer also where something is not needed and nobody says why."""
        found = super().filled(values, case, school)
        if not found.text and found.became not in (Became.DONE, STILL_TO_DO):
            raise InvalidAnswer("text", say("form.needed"))
        return found

    def take(self, case: Case, step: StepContext) -> Transition:
        """Return the case with it on record, or taken off again."""
        if step.by is None:
            raise refuse("no_decider")
        if self.which not in recordable(case):
            raise refuse("not_asked_for")
        before = case.tasks.get(self.which)
        if (before.became if before else STILL_TO_DO) == self.became:
            raise refuse("already_recorded")
        left = {name: made for name, made in case.tasks.items() if name != self.which}
        if self.became == STILL_TO_DO:
            return Transition(case=replace(case, tasks=left), events=self._of(case))
        after = recorded(replace(case, tasks=left), {self.which}, Became(self.became), step.by, step)
        return Transition(case=after, events=self._of(case))

    def _of(self, case: Case) -> tuple[NewEvent, ...]:
        """Return what goes on record; a school's own action with its words, for they may be gone later."""
        own = (case.decision.own or {}).get(self.which)
        called = {"called": own.words} if own is not None else {}
        facts = {"which": self.which, "became": self.became, **called}
        return (NewEvent(EventKind.TASK_RECORDED, {**facts}, self.text),)


def recorded(
    case: Case, names: set[str] | frozenset[str], became: Became, by: PersonId, step: StepContext
) -> Case:
    """Return the case with what became of these, as far as nothing is on record yet."""
    made = TaskRecord(became=became, by=by, at=step.at)
    return replace(case, tasks=dict.fromkeys(sorted(names), made) | case.tasks)
