"""How a case ends, and begins again: nothing closes while a duty is outstanding or contact on hold.

Only what was reported by mistake does, where a second person who was told says so too (policy page §11).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import ClassVar, Self

import msgspec
from msgspec.structs import replace

from flows.case.checklist.tasks import in_the_way, still_open
from flows.case.context import NewEvent, StepContext, Transition, due
from flows.case.declared import RUNNING, WHEN, ByPerson, Declared, asks, choice, read, stays, words
from flows.case.duties import OWN, RecordDuty, duty_name, outstanding, second
from flows.case.refusals import refuse
from flows.intake.files import let_go
from flows.model import Action, Case, Duty, DutyDecision, EventKind, Outcome, Status
from flows.model import Capability as Can
from flows.school import PersonId, School
from flows.ui.forms import Field, Value
from flows.words import say

_OUTCOMES = {outcome.value: say(f"outcome.{outcome}") for outcome in Outcome}


def _before_the_end(case: Case) -> tuple[str, ...]:
    """Return what keeps the case from being closed, and what else is open and does not."""
    stops, leaves = in_the_way(case), still_open(case)
    first = (say("task.in_the_way", what=", ".join(stops)),) if stops else ()
    return (*first, say("task.still_open", what=" ".join(leaves))) if leaves else first


class Close(ByPerson, frozen=True):
    """Done, with an outcome and a reason."""

    outcome: Outcome
    text: str
    declared: ClassVar = Declared(
        action=Action.CLOSE,
        leads_to={Status.ACKNOWLEDGED: Status.CLOSED},
        needs=Can.DECIDE,
        event=EventKind.CLOSED,
        fields=asks(choice("outcome", "form.close.outcome", _OUTCOMES), words("text", "form.close.reason")),
        warns=_before_the_end,
    )

    def take(self, case: Case, step: StepContext) -> Transition:
        """Return the case closed; while something is owed or on hold, only asked to be: as a mistake."""
        waiting = outstanding(case)
        if not waiting and not case.hold:
            return Transition(case=_closed(case, self.outcome, step, why=self.text), events=self.recorded())
        if self.outcome is not Outcome.MISTAKE:
            if waiting:
                raise refuse("undecided", what=" / ".join(duty_name(duty, case.decision) for duty in waiting))
            raise refuse("held")
        if not second(case, step.by, step.school):
            contact = step.school.fallback_contact
            raise refuse("nobody_else", who=contact.name, phone=contact.phone)
        said = NewEvent(EventKind.MISTAKE_SAID, {}, self.text)
        return Transition(case=replace(case, mistaken=step.by), events=(said,), status=case.status)


class Countersign(ByPerson, frozen=True):
    """A second person agrees that it was reported by mistake."""

    text: str
    declared: ClassVar = Declared(
        action=Action.COUNTERSIGN,
        leads_to={Status.ACKNOWLEDGED: Status.CLOSED},
        needs=Can.ACT,
        event=EventKind.CLOSED,
        worth=lambda case, person: case.mistaken not in (None, person, *case.recused),
        fields=asks(words("text", "form.close.reason")),
    )

    def take(self, case: Case, step: StepContext) -> Transition:
        """Return the case closed as a mistake."""
        if case.mistaken in (None, *case.recused) or step.by not in second(case, case.mistaken, step.school):
            raise refuse("not_second")
        return Transition(case=_closed(case, Outcome.MISTAKE, step, why=self.text), events=self.recorded())

    def recorded(self) -> tuple[NewEvent, ...]:
        """Return that it was closed, and as what."""
        return (NewEvent(EventKind.CLOSED, {"outcome": Outcome.MISTAKE.value}, self.text),)


class Reopen(ByPerson, frozen=True):
    """Not done after all."""

    text: str
    declared: ClassVar = Declared(
        action=Action.REOPEN,
        leads_to={Status.CLOSED: Status.OPEN},
        needs=Can.DECIDE,
        event=EventKind.REOPENED,
        fields=asks(words("text", "form.reopen.text")),
    )

    def take(self, case: Case, step: StepContext) -> Transition:
        """Return the case from the beginning: its old limit may be long past."""
        after = replace(
            case, outcome=None, closed_at=None, closed_by=None, closed_why="", owner=None, assigned=None
        )
        after = replace(after, removal=None, removing=None)
        after = replace(after, due_at=due(case.decision, step))
        return Transition(case=after, events=self.recorded(), rearm=True)


def _closed(case: Case, outcome: Outcome, step: StepContext, *, why: str) -> Case:
    end = {
        "outcome": outcome,
        "closed_at": step.at,
        "closed_by": step.by,
        "closed_why": why,
        "assigned": None,
    }
    closed = replace(case, **end, mistaken=None)
    if outcome is not Outcome.MISTAKE:
        return closed
    return replace(closed, report=let_go(case.report, locked_only=False))


# -- what the school's own policy wants decided before --------------------------------------------------

_DONE = {"yes": say("form.own.yes"), "no": say("form.contacted_no")}


def _undecided(case: Case) -> tuple[Duty, ...]:
    """Return what nobody has decided yet, and what was *not now*."""
    return tuple(d for d in case.duties if d.body.startswith(OWN) and not (d.decided and d.decided.contacted))


def _own_fields(case: Case) -> tuple[Field, ...]:
    return (
        choice("which", "form.own.which", {duty.body: duty.called for duty in _undecided(case)}),
        choice("contacted", "form.own.contacted", _DONE),
        replace(WHEN, required=False),
        words("why", "form.why"),
    )


class RecordOwn(RecordDuty, frozen=True):
    """Which of them, whether it is done, when, and why."""

    which: str = ""
    declared: ClassVar = Declared(
        action=Action.OWN,
        leads_to=stays(*RUNNING),
        needs=Can.DECIDE,
        event=EventKind.DUTY_RECORDED,
        worth=lambda case, _: any(duty.decided is None for duty in _undecided(case)),
        fields=lambda case, _school: _own_fields(case),
    )

    @classmethod
    def filled(cls, values: Mapping[str, Value], case: Case, school: School) -> Self:  # noqa: ARG003 - as its base says
        """Return the decision; a day is needed where something was done."""
        which, done, when, why = _own_fields(case)
        yes = read((done,), values)["contacted"] == "yes"
        found = read((which, when, why) if yes else (which, why), values)
        return msgspec.convert({**found, "contacted": yes}, cls)

    @property
    def owed_to(self) -> str:
        """What of the school's own policy this is about."""
        return self.which

    def decision(self, by: PersonId, at: dt.datetime) -> DutyDecision:
        """Return the decision as it is kept."""
        return DutyDecision(contacted=self.contacted, when=self.when, why=self.why, by=by, at=at)
