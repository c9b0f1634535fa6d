"""What one person is told directly: that a case was handed on to them, or somebody was not reached; and what
opens the page behind a link: a code, or a new link.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from flows.messages import checklist, phrases, shared_blocks
from flows.model import Action, Case, Event
from flows.school import PersonId, School
from flows.ui.cards import Block, Buttons, Callout, Card, Heading, Link, Quote, Small, Text, Tone
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


def code(facts: Mapping[str, str]) -> Card | None:
    """Return the code; None = there is none any more. The subject, which a lock screen shows, has none."""
    if not facts.get("code"):
        return None
    blocks = (Text(say("mailed.code")), Heading(facts["code"]), Small(say("mailed.code_for_you")))
    return Card(kind="code", summary=say("mailed.code_subject"), blocks=blocks)


def new_link(case: Case, link: str) -> Card | None:
    """Return the link that somebody asked for by an older one; None = there is no page any more."""
    if not link:
        return None
    summary = say("mailed.new_link", ref=case.reference)
    blocks = (
        Heading(say("message.notice_title", ref=case.reference)),
        *shared_blocks.urgent(case),
        Text(summary),
        *the_link(link),
        Small(say("mailed.why")),
    )
    return Card(kind="new_link", summary=summary, blocks=blocks)


def the_link(link: str) -> tuple[Block, ...]:
    """Return the link, and what it is good for."""
    return Link(say("mailed.open"), link), Small(say("mailed.open_how"))
