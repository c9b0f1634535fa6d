"""How long a case is kept: a while longer, or until what it is held for is over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from msgspec.structs import replace

from flows.case.context import NewEvent, StepContext, Transition
from flows.case.declared import ByPerson, Declared, On, asks, choice, stays, words
from flows.case.keeping import WARNED, after
from flows.model import Action, Case, EventKind, Status
from flows.model import Capability as Can
from flows.school import Span
from flows.words import say

_YEARS: Mapping[str, str] = {n: say(f"form.keep_longer.years_{n}") for n in ("1", "3", "6")}


class KeepLonger(ByPerson, frozen=True):
    """It is still needed: for how many years more, and for what."""

    years: str
    text: str
    declared: ClassVar = Declared(
        action=Action.KEEP_LONGER,
        leads_to=stays(Status.CLOSED),
        needs=Can.DECIDE,
        event=EventKind.KEPT_LONGER,
        on=(On.RECORD,),
        worth=lambda case, _: case.removal is not None and not case.legal_hold,
        fields=asks(choice("years", "form.keep_longer.years", _YEARS), words("text", "form.why")),
    )

    def take(self, case: Case, step: StepContext) -> Transition:
        """Return the case with the day to which it is kept."""
        last = after(Span(int(self.years), "years"), max(case.removal or step.day, step.day))
        kept = replace(case, kept_until=last, removal=None, removing=None)
        said = NewEvent(EventKind.KEPT_LONGER, {"day": last.isoformat()}, self.text)
        return Transition(case=kept, events=(said,))


class LegalHold(ByPerson, frozen=True):
    """Nothing of it may go, whatever the rule says: for what."""

    text: str
    declared: ClassVar = Declared(
        action=Action.LEGAL_HOLD,
        leads_to=stays(*Status),
        needs=Can.DECIDE,
        event=EventKind.LEGALLY_HELD,
        on=(On.RECORD,),
        worth=lambda case, _: not case.legal_hold,
        fields=asks(words("text", "form.legal_hold.text")),
    )

    def take(self, case: Case, step: StepContext) -> Transition:  # noqa: ARG002 - as its base says
        """Return the case that stays."""
        held = replace(case, legal_hold=True, removal=None, removing=None)
        return Transition(case=held, events=self.recorded())


class LiftLegalHold(ByPerson, frozen=True):
    """What it was held for is over: the rule holds again."""

    text: str
    declared: ClassVar = Declared(
        action=Action.LIFT_LEGAL_HOLD,
        leads_to=stays(*Status),
        needs=Can.DECIDE,
        event=EventKind.LEGAL_HOLD_LIFTED,
        on=(On.RECORD,),
        worth=lambda case, _: case.legal_hold,
        fields=asks(words("text", "form.why")),
    )

    def take(self, case: Case, step: StepContext) -> Transition:
        """Return the case that goes by the rule, but not before it has been said once more."""
        soonest = step.day + WARNED
        kept = max(case.kept_until, soonest) if case.kept_until else soonest
        return Transition(case=replace(case, legal_hold=False, kept_until=kept), events=self.recorded())
