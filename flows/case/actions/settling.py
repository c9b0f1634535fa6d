"""What somebody did towards settling it: contact, a meeting, and that it goes on all the same."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Self

from msgspec.structs import replace

from flows.case.checklist.names import MEETINGS, is_contact
from flows.case.checklist.record import recorded
from flows.case.checklist.tasks import recordable, tasks
from flows.case.context import NewEvent, StepContext, Transition
from flows.case.declared import HOW, RUNNING, WHEN, ByPerson, Declared, asks, choice, several, stays, words
from flows.case.reassess import look_again
from flows.model import Action, Became, Case, EventKind, Fact, Status
from flows.model import Capability as Can
from flows.school import School
from flows.ui.cards import Mark
from flows.ui.forms import Choice, Field, TextField, Value
from flows.words import say

#: How a contact or a meeting ended, where nothing came of it yet.
_OPEN = "open"


def _ended(badly: str) -> Choice:
    """Return the question how it ended; ``badly`` is what the policy may look at again."""
    ends = {end: say(f"form.ended.{end}") for end in (_OPEN, "settled", badly)}
    return replace(choice("ended", "form.ended.label", ends, required=False), value=_OPEN)


def _known_end(ended: str) -> dict[str, Fact]:
    return {"ended": ended} if ended not in ("", _OPEN) else {}


class MayEnd(ByPerson, frozen=True, kw_only=True):
    """What may settle the matter or not: the policy may have something to say of how it ended."""

    ended: str = _OPEN

    @classmethod
    def filled(cls, values: Mapping[str, Value], case: Case, school: School) -> Self:
        """Return it; where nobody says how it ended it is open."""
        return super().filled({"ended": _OPEN} | {**values}, case, school)

    def take(self, case: Case, step: StepContext) -> Transition:
        """Return the case with it on record, and what it does done; decided again where that brings rows."""
        after = recorded(case, self.does(case), Became.DONE, step.by, step) if step.by else case
        return look_again(after, self.ended, step, self.recorded())

    @abstractmethod
    def does(self, case: Case) -> frozenset[str]:
        """Return what of what is asked for it does, by name."""
        ...


def _asked_for(case: Case) -> dict[str, str]:
    """Return the contact still to be made, by name: what it asks, in words; a meeting has its own form."""
    to_do = [task for task in tasks(case) if task.action is Action.TASK and task.mark is Mark.TO_DO]
    return {task.name: task.what for task in to_do if is_contact(case, task.name)}


def _contact_fields(case: Case, _school: School) -> tuple[Field, ...]:
    asked = _asked_for(case)
    return (
        choice("how", "form.how.label", HOW),
        WHEN,
        words("text", "form.contact.text"),
        *((several("did", "form.contact.did", asked),) if asked else ()),
        _ended("asked_and_refused"),
    )


class RecordContact(MayEnd, frozen=True):
    """Somebody contacted the poster: how, when, what was said, what that did, how it ended."""

    how: str
    when: str
    text: str
    did: tuple[str, ...] = ()
    declared: ClassVar = Declared(
        action=Action.CONTACT,
        leads_to=stays(Status.ACKNOWLEDGED),
        needs=Can.DECIDE,
        event=EventKind.CONTACT_RECORDED,
        fields=_contact_fields,
        waits_on_hold=True,
    )

    def recorded(self) -> tuple[NewEvent, ...]:
        """Return what goes on record: the words as words; what it did and how it ended, where known."""
        did: dict[str, Fact] = {"did": self.did} if self.did else {}
        facts: dict[str, Fact] = {"how": self.how, "when": self.when, **did, **_known_end(self.ended)}
        return (NewEvent(EventKind.CONTACT_RECORDED, facts, self.text),)

    def does(self, case: Case) -> frozenset[str]:
        """Return what was ticked, as far as it is still to be done."""
        return frozenset(self.did).intersection(_asked_for(case))


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

    def does(self, case: Case) -> frozenset[str]:
        """Return the meeting that is asked for, if one is."""
        return MEETINGS.intersection(recordable(case))


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
