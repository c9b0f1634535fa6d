"""How far each person whom a case tells has been reached.

Nobody has been told by being on a list: it is worked out from what was sent and from who opened the case,
here and nowhere else, and every text that says who knows of a case asks this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from flows.delivery.outbox import recipients
from flows.model import Case, Message, Send, SendState, Way
from flows.school import PersonId


class Reach(StrEnum):
    """How far somebody has been reached, from least to most."""

    UNREACHED = "unreached"
    TELLING = "telling"
    SENT = "sent"
    OPENED = "opened"


#: Nobody has been reached yet: those who are told have only just been put on the list.
JUST_NOW: Mapping[PersonId, Reach] = MappingProxyType({})
_FURTHER = tuple(Reach)
#: What became of a message, as far as the one it is for is concerned; one that is over reached nobody.
_REACH = {SendState.WAITING: Reach.TELLING, SendState.ATTEMPTED: Reach.TELLING, SendState.SENT: Reach.SENT}


def reached(case: Case, sends: Iterable[Send], opened: Iterable[PersonId]) -> dict[PersonId, Reach]:
    """Return how far everybody told has been reached, the lead first. ``sends`` are its notices."""
    furthest: dict[PersonId, Reach] = {}
    for send in sends:
        if send.message is Message.NOTICE and send.way is Way.DIRECT and send.person is not None:
            before = furthest.get(send.person, Reach.UNREACHED)
            waits = send.late and send.state is not SendState.SENT
            now = Reach.UNREACHED if waits else _REACH.get(send.state, Reach.UNREACHED)
            furthest[send.person] = further(before, now)
    opened = frozenset(opened)
    return {
        person: Reach.OPENED if person in opened else furthest.get(person) or reach(case, person, JUST_NOW)
        for person in recipients(case)
    }


def reach(case: Case, person: PersonId, known: Mapping[PersonId, Reach]) -> Reach:
    """Return how far somebody has been reached; who is not in ``known`` was put on the list just now."""
    return known.get(person, Reach.UNREACHED if person in case.unreached else Reach.TELLING)


def further(*reaches: Reach) -> Reach:
    """Return the furthest of these; nobody has been reached where there are none."""
    return max(reaches, key=_FURTHER.index, default=Reach.UNREACHED)
