"""Care for whoever a posting is about: contact offered, what came of it, and when to look in on them again.

They often hold no seat and read none of this: a leader does it, and it is on record.
"""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from msgspec.structs import replace

from flows.calendar import next_weekday
from flows.case.checklist.care import offers
from flows.case.checklist.record import recorded
from flows.case.context import NewEvent, StepContext, Transition
from flows.case.declared import HOW, RUNNING, WHEN, ByPerson, Declared, choice, stays, words
from flows.case.refusals import refuse
from flows.model import Action, Became, Case, EventKind, Fact
from flows.model import Capability as Can
from flows.school import School
from flows.ui.forms import Field
from flows.words import say

_DAY = dt.timedelta(days=1)
#: In how many days to look in on somebody again; 0 = there is no need.
AGAIN = {"no": 0, "day": 1, "week": 7, "fortnight": 14}


def _fields(case: Case, _school: School) -> tuple[Field, ...]:
    asked = offers(case)
    return (
        replace(choice("which", "form.care.which", asked), value=next(iter(asked), "")),
        choice("how", "form.how.label", HOW),
        WHEN,
        choice("again", "form.care.again", {name: say(f"form.care.{name}") for name in AGAIN}),
        words("text", "form.care.text"),
    )


class RecordCare(ByPerson, frozen=True):
    """Somebody was asked how they are and offered support: how, when, and when to look in on them again."""

    which: str
    how: str
    when: str
    again: str
    text: str
    declared: ClassVar = Declared(
        action=Action.CARE,
        leads_to=stays(*RUNNING),
        needs=Can.ACT,
        event=EventKind.CARE_RECORDED,
        worth=lambda case, _: bool(offers(case)),
        fields=_fields,
    )

    def take(self, case: Case, step: StepContext) -> Transition:
        """Return the case with it done, and the day of the next look at them."""
        if step.by is None:
            raise refuse("no_decider")
        if self.which not in offers(case):
            raise refuse("not_asked_for")
        left = {name: made for name, made in case.tasks.items() if name != self.which}
        days = AGAIN[self.again]
        due = next_weekday(step.day + (days - 1) * _DAY, step.school.time) if days else None
        look_in = {name: day for name, day in case.look_in.items() if name != self.which}
        after = replace(case, tasks=left, look_in=look_in | ({self.which: due} if due else {}))
        facts: dict[str, Fact] = {"which": self.which, "how": self.how, "when": self.when}
        before = case.look_in.get(self.which)
        facts |= {name: day.isoformat() for name, day in (("again", due), ("before", before)) if day}
        event = NewEvent(EventKind.CARE_RECORDED, facts, self.text)
        done = recorded(after, {self.which}, Became.DONE, step.by, step)
        return Transition(case=done, events=(event,))
