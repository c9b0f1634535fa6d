"""What one person is told directly because of what somebody did: that a case was handed on to them, or that
somebody was not reached.
"""

from __future__ import annotations

import datetime as dt

from flows.messages import checklist, phrases, shared_blocks
from flows.model import Action, Case, Event
from flows.school import PersonId, School
from flows.ui.cards import Buttons, Callout, Card, Heading, Quote, Text, Tone
from flows.words import say


def assigned(case: Case, event: Event, school: School, person: PersonId, now: dt.datetime) -> Card:
    """Return what they are told to whom the case was handed on."""
    return Card(
        kind="assigned",
        summary=say("summary.notice", ref=case.reference),
        blocks=(
            Heading(say("message.assigned_title", ref=case.reference)),
            *shared_blocks.urgent(case),
            Text(say("message.assigned_by", seat=phrases.seat_of(case, event.by, school))),
            *([Quote(event.words)] if event.words else []),
            shared_blocks.state(case, school, now, reader=person),
            Buttons(tuple(checklist.button(case, a) for a in (Action.TAKE_ON, Action.OPEN_RECORD))),
        ),
        tone=shared_blocks.tone(case),
    )


def not_delivered(case: Case, seat: str) -> Card:
    """Return the warning that somebody could not be reached and must be rung."""
    return Card(
        kind="not_delivered",
        summary=say("summary.update", ref=case.reference),
        blocks=(Callout(Tone.CAUTION, say("message.not_delivered", ref=case.reference, seat=seat)),),
        tone=Tone.CAUTION,
    )
