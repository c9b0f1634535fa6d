"""What was sent by e-mail and can be ended: the links that open the case."""

from __future__ import annotations

from typing import ClassVar

from msgspec.structs import replace

from flows.case.context import StepContext, Transition
from flows.case.declared import ByPerson, Declared, asks, stays, words
from flows.delivery.sends import is_mailed
from flows.model import Action, Case, EventKind, Status
from flows.model import Capability as Can


class EndLinks(ByPerson, frozen=True):
    """No link that was sent by e-mail so far opens this case any more, and no page that one has opened."""

    text: str
    declared: ClassVar = Declared(
        action=Action.END_LINKS,
        leads_to=stays(*Status),
        needs=Can.DECIDE,
        event=EventKind.LINKS_ENDED,
        worth=lambda case, _: any(is_mailed(card) for card in case.cards),
        fields=asks(words("text", "form.end_links.text")),
        adds_only=True,
    )

    def take(self, case: Case, step: StepContext) -> Transition:
        """Return the case from whose e-mails of before nothing can be opened."""
        return Transition(case=replace(case, links_ended_at=step.at), events=self.recorded())
