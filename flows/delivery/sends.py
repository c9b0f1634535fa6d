"""Sends as they are planned: the only place that makes one, and that derives its key.

A key is derived from what a send is about, so that the same step planned twice plans the same messages.
It is opaque: whatever somebody wants to know of a send stands in its fields.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from msgspec.structs import replace

from flows.model import (
    MESSAGES,
    URGENCIES,
    CaseId,
    DraftId,
    Event,
    Message,
    Place,
    Send,
    SendState,
    Urgency,
    Way,
)
from flows.school import MAILED, PersonId, Platform, SchoolId, Seat

#: What is for one person to act upon: where it does not arrive, somebody rings them.
CALLING = (Message.NOTICE, Message.ASSIGNED)
#: An edit goes after an update of the same moment, and before the reporter's line.
_EDIT = 3


def plan(
    message: Message,
    way: Way,
    *,
    school: SchoolId,
    platform: Platform,
    due: dt.datetime,
    place: Place | None = None,
    seat: Seat | None = None,
    person: PersonId | None = None,
    case: CaseId | None = None,
    draft: DraftId | None = None,
    event: int = 0,
    again: int = 0,
    facts: dict[str, str] | None = None,
    urgency: Urgency = Urgency.ROUTINE,
) -> Send:
    """Return a message of its own, to a place or a person; not every one may go to a place (ValueError)."""
    if place is not None and not MESSAGES[message].open:
        raise ValueError(message)
    return _keyed(
        Send(
            key="",
            school=school,
            message=message,
            way=way,
            platform=platform,
            place=place,
            seat=seat,
            person=person,
            case=case,
            draft=draft,
            event=event,
            again=again,
            facts=facts or {},
            urgency=urgency,
            due=due,
            order=MESSAGES[message].order,
        )
    )


def reply(root: Send, event: Event, *, broadcast: bool) -> Send:
    """Return a line in the thread of ``root``, about an event of its case."""
    line = plan(
        Message.UPDATE,
        Way.REPLY,
        school=root.school,
        platform=root.platform,
        place=root.place,
        seat=root.seat,
        person=root.person,
        case=root.case,
        event=event.seq,
        urgency=root.urgency,
        due=event.at,
    )
    return replace(line, root=root.key, broadcast=broadcast)


def edit(root: Send, due: dt.datetime, *, why: str = "edit") -> Send:
    """Return ``root`` written again as it is then; there is one such edit, due again when planned again.

    ``why`` tells an edit with another purpose from it.
    """
    fresh = _unsent(root, due)
    return replace(fresh, key=f"{root.key}/{why}", way=Way.EDIT, root=root.key, order=_EDIT, broadcast=False)


def withdrawal(sent: Send, due: dt.datetime) -> Send:
    """Return the edit that empties a message."""
    return replace(edit(sent, due, why="withdrawn"), message=Message.WITHDRAWN, event=0, order=0)


def removal(sent: Send, due: dt.datetime, said: dict[str, str]) -> Send:
    """Return the edit by which a message says only that its case was removed; it is about none any more."""
    emptied = replace(edit(sent, due, why="removed"), message=Message.REMOVED, event=0, facts=said)
    return replace(emptied, case=None, draft=None, urgency=Urgency.ROUTINE)


def moved(send: Send, platform: Platform, due: dt.datetime) -> Send:
    """Return the same message on another platform."""
    return _keyed(replace(_unsent(send, due), platform=platform))


def once_more(root: Send, event: int) -> Send:
    """Return a card for a place or a person whose earlier one was emptied: a key is good for one message."""
    return _keyed(replace(root, again=event))


def is_mailed(key: str) -> bool:
    """Return whether what has this key goes by e-mail."""
    return any(f"/{platform}:" in key for platform in MAILED)


def takes_back(send: Send) -> bool:
    """Return whether a send takes words away from somebody who must not read them.

    It goes wherever they stand, also where nothing else may go any more; it goes first and is never given up.
    """
    return send.message is Message.WITHDRAWN or (send.message is Message.DIGEST and send.way is Way.EDIT)


def calls_somebody(send: Send) -> bool:
    """Return whether a case or a person's safety rests on somebody reading this."""
    return send.way is Way.DIRECT and send.message in (*CALLING, Message.FIRST_ALERT)


def rank(send: Send) -> int:
    """Return how soon a send goes among all that are due: 0 first. What does not press goes by its age."""
    if takes_back(send):
        return 0
    return len(URGENCIES) - URGENCIES.index(send.urgency) if send.urgency.presses else len(URGENCIES)


def destination(send: Send) -> tuple[Platform, Place | None, Seat | None, PersonId | None]:
    """Return where a send goes."""
    return send.platform, send.place, send.seat, send.person


def facts(send: Send, there: Collection[str] = ()) -> dict[str, str]:
    """Return what the audit says of a send: which message, to whom, and who could read the place then."""
    line = {"event": str(send.event)} if send.event else {}
    to = {"person": send.person or "", "place": send.place or ""}
    could = {"there": ",".join(sorted(there))} if there else {}
    return {"send": send.key, "message": send.message.value, **line, **to, **could}


def _unsent(send: Send, due: dt.datetime) -> Send:
    return replace(
        send,
        due=due,
        state=SendState.WAITING,
        attempts=0,
        attempted_at=None,
        posted=None,
        trouble="",
        waits_since=None,
        late=False,
        plain=False,
        unsure=False,
        version=0,
    )


def _keyed(send: Send) -> Send:
    """Return a send under its key; a message about a case or a draft must say which (KeyError)."""
    about = send.case or send.draft
    parts = {
        "reader": "",
        **send.facts,
        **({"about": about} if about else {}),
        "school": send.school,
        "platform": send.platform,
        "person": send.person,
        "event": send.event,
        "again": f".{send.again}" if send.again else "",
        "where": f"{send.platform}:{send.person or send.place}{f'.{send.seat}' if send.seat else ''}",
    }
    return replace(send, key=MESSAGES[send.message].key.format_map(parts))
