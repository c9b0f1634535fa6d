"""A drill: a case that is practised. It takes the real path, says so everywhere, counts nowhere, and ends."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import ClassVar, TypeVar

from msgspec.structs import replace

from flows.case.context import StepContext, Transition
from flows.case.declared import RUNNING, ByPerson, Declared, On
from flows.model import Action, Answer, Case, EventKind, Posting, Report, Status
from flows.model import Capability as Can
from flows.school import PersonId
from flows.ui.cards import Callout, Card, Tone
from flows.ui.forms import Form
from flows.words import say

View = TypeVar("View", Card, Form)


def marked(view: View, case: Case | None) -> View:
    """Return a card or a form with the mark that it is practised, also on a lock screen, where it is."""
    if case is None or not case.drill:
        return view
    mark, summary = Callout(Tone.CAUTION, say("drill.mark")), say("drill.summary", what=view.summary)
    if isinstance(view, Form):
        title = say("drill.summary", what=view.title)
        return replace(view, title=title, summary=summary, intro=(mark, *view.intro))
    return replace(view, summary=summary, blocks=(mark, *view.blocks))


class Drill(StrEnum):
    """What is practised."""

    SAME_DAY = "same_day"
    URGENT = "urgent"
    EMERGENCY = "emergency"


_RUDE: dict[str, Answer] = {
    "targets": ("staff",),
    "poster": ("parent_carer",),
    "did": ("made",),
    "nature": ("abusive", "could_harm_reputation"),
    "platform": ("collaborative_space",),
}
#: What the invented report of each says.
_SAYS: dict[Drill, dict[str, Answer]] = {
    Drill.SAME_DAY: _RUDE,
    Drill.URGENT: {**_RUDE, "violence": "yes"},
    Drill.EMERGENCY: {**_RUDE, "immediate_danger": "yes"},
}


def invented(drill: Drill, by: PersonId, at: dt.datetime) -> Report:
    """Return the invented report of a drill, by whoever began it."""
    words = Posting(words=say("drill.words"))
    return Report(reporter=by, answers=_SAYS[drill], posting=words, sent_at=at)


class EndDrill(ByPerson, frozen=True):
    """The drill is over: whoever began it or is told of it says so, or its time is up."""

    declared: ClassVar = Declared(
        action=Action.END_DRILL,
        leads_to=dict.fromkeys(RUNNING, Status.CLOSED),
        needs=Can.END_DRILL,
        event=EventKind.DRILL_ENDED,
        on=(On.CARD, On.RECORD, On.RECEIPT),
        worth=lambda case, _: case.drill,
    )

    def take(self, case: Case, step: StepContext) -> Transition:
        """Return it closed, whatever a real case would still owe."""
        end = {"closed_at": step.at, "closed_by": step.by, "closed_why": "", "assigned": None}
        return Transition(case=replace(case, **end, mistaken=None), events=self.recorded())
