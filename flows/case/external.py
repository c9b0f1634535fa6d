"""The two decisions that only a person takes: whether Legal, and whether the police, were contacted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

import msgspec
from msgspec.structs import asdict, replace

from flows.case.context import NewEvent, StepContext, Transition, undecided
from flows.case.declared import HOW, RUNNING, WHEN, ByPerson, Declared, choice, read, stays, words
from flows.case.refusals import refuse
from flows.model import Action, Capability, Case, EventKind, ExternalDecision
from flows.school import School
from flows.ui.forms import Field, TextField, Value
from flows.words import say

_CONTACTED = {"yes": say("form.contacted_yes"), "no": say("form.contacted_no")}


class DecideExternal(ByPerson, frozen=True):
    """Contacted (how, when, their reference) or not now, and why."""

    contacted: bool
    how: str = ""
    when: str = ""
    reference: str = ""
    why: str = ""

    @classmethod
    def filled(cls, values: Mapping[str, Value], case: Case, school: School) -> Self:  # noqa: ARG003 - as its base says
        """Return the decision; how and when are needed where there was contact, and nothing where not."""
        contacted, how, when, *rest = _fields(cls.declared.action)
        yes = read((contacted,), values)["contacted"] == "yes"
        found = read((how, when, *rest) if yes else tuple(rest), values)
        return msgspec.convert({**found, "contacted": yes}, cls)

    def decision(self, step: StepContext) -> ExternalDecision:
        """Return the decision as it stands in the case."""
        if step.by is None:
            raise refuse("no_decider")
        return ExternalDecision(**asdict(self), by=step.by, at=step.at)

    def recorded(self) -> tuple[NewEvent, ...]:
        """Return what goes on record: whether, how and when; the rest is a leader's own words."""
        facts = {"contacted": "yes" if self.contacted else "no", "how": self.how, "when": self.when}
        reference = say("event.reference", reference=self.reference) if self.reference else ""
        said = "\n".join(part for part in (self.why, reference) if part)
        return (NewEvent(self.declared.event, {**facts}, said),) if self.declared.event else ()


def _fields(action: Action) -> tuple[Field, ...]:
    return (
        choice("contacted", f"form.{action}.contacted", _CONTACTED),
        choice("how", "form.how.label", HOW, required=False),
        replace(WHEN, required=False),
        TextField(name="reference", label=say("form.reference"), most=200),
        words("why", "form.why"),
    )


def _declared(action: Action, event: EventKind) -> Declared:
    return Declared(
        action=action,
        leads_to=stays(*RUNNING),
        needs=Capability.DECIDE,
        event=event,
        worth=lambda case, _: action in undecided(case),
        fields=lambda _case, _school: _fields(action),
    )


class DecideLegal(DecideExternal, frozen=True):
    declared: ClassVar = _declared(Action.LEGAL, EventKind.LEGAL_DECIDED)

    def take(self, case: Case, step: StepContext) -> Transition:
        """Return the case with the decision."""
        return Transition(case=replace(case, legal=self.decision(step)), events=self.recorded())


class DecidePolice(DecideExternal, frozen=True):
    declared: ClassVar = _declared(Action.POLICE, EventKind.POLICE_DECIDED)

    def take(self, case: Case, step: StepContext) -> Transition:
        """Return the case with the decision; it also ends a hold that was no safeguarding one (§2.6)."""
        after = replace(case, police=self.decision(step))
        if not case.hold or case.hold_safeguarding:
            return Transition(case=after, events=self.recorded())
        cleared = NewEvent(EventKind.HOLD_CLEARED, {"agreed": "police_decision"})
        return Transition(case=replace(after, hold=""), events=(*self.recorded(), cleared))
