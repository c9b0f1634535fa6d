"""What whoever leads does first: take it on, open the record, hold contact and let it go on, note."""

from __future__ import annotations

from typing import ClassVar

from msgspec.structs import replace

from flows.case.checklist.record import recorded
from flows.case.context import StepContext, Transition
from flows.case.declared import RUNNING, ByPerson, Declared, On, asks, choice, stays, words
from flows.case.duties import decided, may_agree
from flows.case.refusals import refuse
from flows.case.seats import answering
from flows.model import Action, Became, Body, Case, DutyDecision, EventKind, Status
from flows.model import Capability as Can
from flows.ui.cards import Style
from flows.words import say


class TakeOn(ByPerson, frozen=True):
    """I will see to this."""

    declared: ClassVar = Declared(
        action=Action.TAKE_ON,
        leads_to=dict.fromkeys(RUNNING, Status.ACKNOWLEDGED),
        needs=Can.ACT,
        event=EventKind.TAKEN_ON,
        # In a channel it is for whoever comes first; somebody told directly may take it over.
        worth=lambda case, person: case.owner is None if person is None else case.owner != person,
        style=Style.PRIMARY,
    )

    def take(self, case: Case, step: StepContext) -> Transition:
        """Return the case with its owner."""
        if case.owner == step.by:
            raise refuse("already_yours")
        taken = replace(case, owner=step.by, assigned=None, taken_on_at=case.taken_on_at or step.at)
        return Transition(case=taken, events=self.recorded())


class OpenRecord(ByPerson, frozen=True):
    """Show me the words, the files and the story. That I saw them is on the audit."""

    declared: ClassVar = Declared(action=Action.OPEN_RECORD, leads_to=stays(*Status), needs=Can.READ)


class Confirm999(ByPerson, frozen=True):
    """999 was rung: by whom and when, in words."""

    text: str
    declared: ClassVar = Declared(
        action=Action.TOLD_999,
        leads_to=stays(*RUNNING),
        needs=Can.NOTE,
        event=EventKind.CALLED_999,
        worth=lambda case, _: "call_999" in case.decision.actions and not case.called_999,
        fields=asks(words("text", "form.told_999.text")),
        adds_only=True,
    )

    def take(self, case: Case, step: StepContext) -> Transition:
        """Return the case for which nobody has to ring any more; from who leads it is the duty recorded."""
        after = replace(case, called_999=True)
        if step.by is not None:
            after = recorded(after, {"call_999"}, Became.DONE, step.by, step)
        holders = answering(case.holders, case.recused, step.school)
        if step.by is not None and case.lead and holders.get(case.lead) == step.by:
            rung = DutyDecision(contacted=True, how="phone", why=self.text, by=step.by, at=step.at)
            after = decided(after, Body.POLICE, rung)
        return Transition(case=after, events=self.recorded())


class ClearHold(ByPerson, frozen=True):
    """Contact may go ahead: who agreed, and why."""

    agreed: str
    text: str
    declared: ClassVar = Declared(
        action=Action.CLEAR_HOLD,
        leads_to=stays(*RUNNING),
        needs=Can.CLEAR_HOLD,
        event=EventKind.HOLD_CLEARED,
        worth=lambda case, _: bool(case.hold and may_agree(case)),
        fields=lambda case, _school: (
            choice("agreed", "form.agreed.label", {who: say(f"seat.{who}") for who in may_agree(case)}),
            words("text", "form.why"),
        ),
    )

    def take(self, case: Case, step: StepContext) -> Transition:  # noqa: ARG002 - as its base says
        """Return the case without its hold, where who agreed is somebody who may."""
        if not case.hold:
            raise refuse("no_hold")
        if self.agreed not in may_agree(case):
            raise refuse("may_not_agree")
        return Transition(case=replace(case, hold="", hold_safeguarding=False), events=self.recorded())


class AddNote(ByPerson, frozen=True):
    """A leader's words for the record."""

    text: str
    declared: ClassVar = Declared(
        action=Action.NOTE,
        leads_to=stays(*Status),
        needs=Can.NOTE,
        event=EventKind.NOTED,
        on=(On.CARD, On.RECORD),
        fields=asks(words("text", "form.note.text")),
        adds_only=True,
    )


class ShowReporter(ByPerson, frozen=True):
    """Tell the lead who reported; the reason is on record."""

    text: str
    declared: ClassVar = Declared(
        action=Action.SHOW_REPORTER,
        leads_to=stays(*Status),
        needs=Can.SEE_REPORTER,
        event=EventKind.REPORTER_SHOWN,
        on=(On.RECORD,),
        fields=asks(words("text", "form.show_reporter.text")),
        adds_only=True,
    )


class Hold(ByPerson, frozen=True):
    """Nobody contacts the poster until further notice."""

    text: str
    declared: ClassVar = Declared(
        action=Action.HOLD,
        leads_to=stays(*RUNNING),
        needs=Can.DECIDE,
        event=EventKind.HELD,
        worth=lambda case, _: not case.hold,
        fields=asks(words("text", "form.hold.text")),
    )

    def take(self, case: Case, step: StepContext) -> Transition:  # noqa: ARG002 - as its base says
        """Return the case on hold."""
        return Transition(case=replace(case, hold=self.text), events=self.recorded())
