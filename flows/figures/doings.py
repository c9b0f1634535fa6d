"""What the bot did in a term, and what it left to people: counted from the records of what figures count."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable

from msgspec import Struct

from flows.figures.steps import step
from flows.model import Event, EventKind, Send, SendState, Way
from flows.school import PersonId

#: What the bot does by itself, and what people do with it, by the event that goes on record.
BY_BOT = (EventKind.ESCALATED, EventKind.REMINDED, EventKind.OVERDUE, EventKind.REASSESSED)
BY_PEOPLE = (
    EventKind.LETTER_APPROVED,
    EventKind.PACK_MADE,
    EventKind.DUTY_RECORDED,
    EventKind.CONTACT_RECORDED,
    EventKind.MEETING_RECORDED,
    EventKind.CLOSED,
)


class Doings(Struct, frozen=True, kw_only=True):
    """Steps, by what was done; ``outside`` and ``alone`` are what must never be: they are told as they are.

    ``sent`` = messages that a platform took, ``failed`` those that it never did; ``outside`` = messages to
    whoever is nobody of the school; ``alone`` = what only people may do, and the bot did.
    """

    sent: int
    failed: int
    outside: int
    alone: int
    done: dict[EventKind, int]


def doings(
    events: Iterable[Event], sends: Iterable[Send], people: Collection[PersonId], until: dt.datetime
) -> Doings:
    """Return what was done up to a moment; ``people`` are all whom the school's own file or a list names."""
    happened = [event for event in events if event.at < until]
    gone = [
        send for send in sends if send.attempted_at and send.attempted_at < until and send.way is not Way.EDIT
    ]
    states = Counter(send.state for send in gone)
    kinds = Counter(event.kind for event in happened)
    return Doings(
        sent=step(states[SendState.SENT]),
        failed=step(states[SendState.FAILED]),
        outside=sum(send.person is not None and send.person not in people for send in gone),
        alone=sum(event.by is None and event.kind in BY_PEOPLE for event in happened),
        done={kind: step(kinds[kind]) for kind in (*BY_BOT, *BY_PEOPLE)},
    )
