"""What follows each answer of a platform: a table, and the only place that knows.

docs/delivery.md is drawn from it. Adapters say which answer it was; the worker does the first of what
follows that can be done.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from msgspec import Struct

from flows.errors import Response
from flows.model import Send


class Follows(StrEnum):
    """What may follow. Of several the first that can be done is done, and the others are not."""

    DONE = "it is on record as sent"
    LOOK_UP = "it rests, is looked for, and goes again if it is not there"
    WAIT = "it waits as long as asked, then goes again"
    HOLD = "everything for the platform waits; one message at a time tries whether it works again"
    AGAIN = "it is tried again each hour for a month, and at once when they are there again"
    PLAIN = "its plain summary goes instead, once"
    OTHER_WAY = "the person's next platform is tried"
    MOVE = "the case moves to a more private place"
    ROOT_ANEW = "the root is posted anew with its thread, and the thread says so"
    TELL = "the case says who was not reached and whom to ring; if it was the lead, the next person is told"


class Sign(StrEnum):
    """What an answer says about the platform as a whole."""

    WORKS = "it works"
    FAILS = "it may be failing: if several places in a row hear the same, it is down"
    REFUSES = "it is down, and a person has to mend it"
    NOTHING = "nothing"


class Row(Struct, frozen=True, kw_only=True):
    """One answer. ``late`` = where it goes on for too long, people are told all the same.

    ``ends`` = the send is over once what follows is done; else nothing of it is used up. ``logs`` is the
    event that is noted as an error of ours, "" = none.
    """

    follows: tuple[Follows, ...]
    sign: Sign = Sign.NOTHING
    ends: bool = False
    late: bool = False
    logs: str = ""


FOLLOWS: dict[Response, Row] = {
    Response.TAKEN: Row(follows=(Follows.DONE,), sign=Sign.WORKS),
    Response.PERHAPS: Row(follows=(Follows.LOOK_UP,), sign=Sign.FAILS, late=True),
    Response.BUSY: Row(follows=(Follows.WAIT,), late=True),
    Response.UNREACHABLE: Row(follows=(Follows.WAIT,), sign=Sign.FAILS, late=True),
    Response.CONNECTION: Row(follows=(Follows.HOLD,), sign=Sign.REFUSES, late=True),
    Response.MESSAGE: Row(
        follows=(Follows.PLAIN, Follows.OTHER_WAY, Follows.MOVE, Follows.TELL),
        ends=True,
        logs="send.malformed",
    ),
    Response.ADDRESS: Row(follows=(Follows.AGAIN, Follows.OTHER_WAY, Follows.TELL), late=True),
    Response.NOBODY: Row(
        follows=(Follows.AGAIN, Follows.OTHER_WAY, Follows.TELL), late=True, logs="person.gone"
    ),
    Response.PLACE: Row(
        follows=(Follows.MOVE, Follows.OTHER_WAY, Follows.TELL), ends=True, logs="place.unfit"
    ),
    Response.ROOT_GONE: Row(follows=(Follows.ROOT_ANEW, Follows.TELL), ends=True),
    # Hours after it was taken. It is not tried again: whoever mends the address rings meanwhile.
    Response.CAME_BACK: Row(follows=(Follows.OTHER_WAY, Follows.TELL), ends=True),
}

#: An address that is refused is tried again after this long, and for so long.
TRY_AGAIN, TRY_FOR = dt.timedelta(hours=1), dt.timedelta(days=30)
#: How long a message may not have gone out before people are told: of what presses, and of all else.
LATE = {True: dt.timedelta(minutes=2), False: dt.timedelta(minutes=10)}


def late(send: Send, response: Response, now: dt.datetime) -> bool:
    """Return whether people must be told now that a message has not gone out yet."""
    if send.late or not FOLLOWS[response].late:
        return False
    if response in (Response.CONNECTION, Response.ADDRESS, Response.NOBODY):
        return True  # certain, and nobody knows for how long
    return now - (send.waits_since or send.due) >= LATE[send.urgency.presses]
