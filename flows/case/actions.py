"""What somebody can do to a case: a class an action, with all there is to know of it.

Each says when it is allowed and to whom, where it is offered, what its form asks for, and what it does.
The lifecycle, the buttons, the forms and access are read off :data:`ACTIONS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

from msgspec.structs import replace

from flows.case.amendments import AddToReport, Amend, Correct
from flows.case.checklist.names import MEETINGS
from flows.case.checklist.record import RecordTask, ShowMore, recorded
from flows.case.checklist.tasks import recordable
from flows.case.context import NewEvent, StepContext, Transition
from flows.case.declared import HOW, RUNNING, WHEN, ByPerson, Declared, On, asks, choice, stays, words
from flows.case.duties import (
    RecordChildrensServices,
    RecordImagery,
    RecordLado,
    RecordLegal,
    RecordPolice,
    decided,
    may_agree,
)
from flows.case.endings import Close, Countersign, RecordOwn, Reopen
from flows.case.exclusion import BringIn, HaveConflict, KeepOut
from flows.case.reassess import look_again
from flows.case.refusals import refuse
from flows.case.seats import answering
from flows.model import Action, Became, Body, Case, DutyDecision, EventKind, Fact, Status
from flows.model import Capability as Can
from flows.school import PersonId, School
from flows.ui.cards import Style
from flows.ui.forms import Choice, TextField, Value
from flows.words import say

#: How a contact or a meeting ended, where nothing came of it yet.
_OPEN = "open"


def _ended(badly: str) -> Choice:
    """Return the question how it ended; ``badly`` is what the policy may look at again."""
    ends = {end: say(f"form.ended.{end}") for end in (_OPEN, "settled", badly)}
    return replace(choice("ended", "form.ended.label", ends, required=False), value=_OPEN)


def _known_end(ended: str) -> dict[str, Fact]:
    return {"ended": ended} if ended not in ("", _OPEN) else {}


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
        return Transition(case=replace(case, owner=step.by), events=self.recorded())


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


class MayEnd(ByPerson, frozen=True, kw_only=True):
    """What may settle the matter or not: the policy may have something to say of how it ended."""

    ended: str = _OPEN

    @classmethod
    def filled(cls, values: Mapping[str, Value], case: Case, school: School) -> Self:
        """Return it; where nobody says how it ended it is open."""
        return super().filled({"ended": _OPEN} | {**values}, case, school)

    def take(self, case: Case, step: StepContext) -> Transition:
        """Return the case with it on record, decided again where the policy has something to say of it."""
        return look_again(case, self.ended, step, self.recorded())


class RecordContact(MayEnd, frozen=True):
    """Somebody contacted the poster: how, when, what was said, and how it ended."""

    how: str
    when: str
    text: str
    declared: ClassVar = Declared(
        action=Action.CONTACT,
        leads_to=stays(Status.ACKNOWLEDGED),
        needs=Can.DECIDE,
        event=EventKind.CONTACT_RECORDED,
        fields=asks(
            choice("how", "form.how.label", HOW),
            WHEN,
            words("text", "form.contact.text"),
            _ended("asked_and_refused"),
        ),
        waits_on_hold=True,
    )

    def recorded(self) -> tuple[NewEvent, ...]:
        """Return what goes on record: the words as words; how it ended where that is known."""
        facts: dict[str, Fact] = {"how": self.how, "when": self.when, **_known_end(self.ended)}
        return (NewEvent(EventKind.CONTACT_RECORDED, facts, self.text),)


class RecordMeeting(MayEnd, frozen=True):
    """A meeting with the poster: when, who was there, what was agreed, and how it ended."""

    when: str
    who: str
    text: str
    declared: ClassVar = Declared(
        action=Action.MEETING,
        leads_to=stays(Status.ACKNOWLEDGED),
        needs=Can.DECIDE,
        event=EventKind.MEETING_RECORDED,
        fields=asks(
            WHEN,
            TextField(name="who", label=say("form.meeting.who"), required=True, most=500),
            words("text", "form.meeting.text"),
            _ended("meeting_failed"),
        ),
        waits_on_hold=True,
    )

    def recorded(self) -> tuple[NewEvent, ...]:
        """Return what goes on record: who was there is among the words, since it names people."""
        said = f"{self.who}\n{self.text}".strip()
        return (NewEvent(EventKind.MEETING_RECORDED, {"when": self.when, **_known_end(self.ended)}, said),)

    def take(self, case: Case, step: StepContext) -> Transition:
        """Return the case with it on record; where a meeting was asked for, that is done."""
        met = MEETINGS.intersection(recordable(case))
        return super().take(recorded(case, met, Became.DONE, step.by, step) if step.by else case, step)


class GoesOn(ByPerson, frozen=True):
    """It did not stop: what is seen now, in words."""

    text: str
    declared: ClassVar = Declared(
        action=Action.GOES_ON,
        leads_to=stays(*RUNNING),
        needs=Can.DECIDE,
        event=EventKind.WENT_ON,
        worth=lambda case, _: "goes_on" in (case.decision.again or ()),
        fields=asks(words("text", "form.goes_on.text")),
    )

    def take(self, case: Case, step: StepContext) -> Transition:
        """Return the case, decided again where the policy has something to say of it."""
        return look_again(case, "goes_on", step, self.recorded())


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


#: Every action, in the order in which its buttons stand.
ACTIONS: dict[Action, type[ByPerson]] = {
    kind.declared.action: kind
    for kind in (
        TakeOn, OpenRecord, ShowMore, Confirm999, RecordLado, RecordChildrensServices, RecordImagery,
        RecordLegal, RecordPolice, RecordOwn, RecordTask, ClearHold, RecordContact, RecordMeeting, GoesOn,
        AddNote, ShowReporter, Hold, AddToReport,
        Amend, Correct, KeepOut, BringIn, Close, Countersign, Reopen, HaveConflict,
    )
}  # fmt: skip


def offered(case: Case, on: On, person: PersonId | None = None) -> list[Action]:
    """Return the actions that are worth a button on this card now; None = whoever reads the channel.

    Whether ``person`` may do it is not asked here: ``access.may_do`` is.
    """
    declared = [kind.declared for kind in ACTIONS.values()]
    return [
        one.action
        for one in declared
        if on in one.on
        and case.status in one.leads_to
        and not (one.waits_on_hold and case.hold)
        and one.worth(case, person)
    ]
