"""A send on its way: what was looked up for it, whether it may still go, and which way if not this one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from msgspec import Struct

from flows.case import access
from flows.case.commands import ReportTrouble
from flows.delivery import outbox, sends
from flows.delivery.sends import CALLING, takes_back
from flows.delivery.told import Reach
from flows.model import MESSAGES, Capability, Case, Event, EventKind, Message, Readers, Send, SendState, Way
from flows.ports import Address, Directory, Membership
from flows.school import PersonId, Platform, School

NOBODY = Membership(accounts=frozenset(), fit=False)
_OVER = (SendState.DROPPED, SendState.FAILED)
#: An alert that has not gone out by then is no news any more.
_ALERT_LASTS = dt.timedelta(minutes=30)


class Going(Struct, frozen=True, kw_only=True):
    """A send on its way: all that was looked up for it."""

    send: Send
    case: Case | None
    root: Send | None
    school: School
    chat: Any  # a Chat; a Protocol is no type a Struct can check
    to: Address


def other_ways(send: Send, school: School, platforms: tuple[Platform, ...], now: dt.datetime) -> list[Send]:
    """Return the same message to the same person on each other platform of theirs."""
    if send.person is None or send.way is not Way.DIRECT or send.platform not in platforms:
        return []
    ways = outbox.reach(school, send.person, platforms, everywhere=True)
    return [sends.moved(send, platform, now) for platform in ways if platform is not send.platform]


def readers(
    found: Membership, school: School, platform: Platform, directory: Directory
) -> frozenset[PersonId]:
    """Return who of the school can read a place."""
    people = (directory.person_at(school.id, platform, account) for account in found.accounts)
    return frozenset(person for person in people if person is not None)


def unfit(found: Membership, school: School, platform: Platform, directory: Directory) -> str:
    """Return why a place may hold no case ("" = it may): the platform says so, or a guest without a seat."""
    if not found.fit:
        return found.trouble or "unfit"
    for account in found.guests:
        person = directory.person_at(school.id, platform, account)
        if person is None or not school.seats_of(person):
            return "guests"
    return ""


def may_go(send: Send, case: Case | None, root: Send | None, school: School) -> bool:
    """Return whether a send may still be delivered: the case is read again just before it speaks."""
    if root is not None and root.state in _OVER:
        return takes_back(send) and root.unsure
    if case is None or takes_back(send):
        return True
    readers = MESSAGES[send.message].readers
    match readers:
        case Readers.REPORTER | Readers.PLANNED:
            return True
        case Readers.TOLD:
            # What was taken on or back meanwhile is nobody's to take on.
            if send.message is Message.ASSIGNED and case.assigned != send.person:
                return False
            # A place the case has left since is told nothing more.
            stands = send.place is None or (send.root or send.key) in case.cards
            return stands and (send.person is None or _told(case, send.person, school))
        case _:
            assert_never(readers)


def _told(case: Case, person: PersonId, school: School) -> bool:
    """Return whether somebody is told of a case at this moment."""
    return access.may(case, person, school, Capability.KNOW)


def where_it_stands(send: Send, root: Send | None) -> Address | None:
    """Return where the message of an edit is: what somebody was sent is emptied when they have left, too."""
    if send.way is not Way.EDIT or root is None or root.posted is None:
        return None
    return Address(platform=send.platform, workspace=root.posted.workspace, channel=root.posted.channel)


def overtaken(
    send: Send, events: Sequence[Event], reached: Mapping[PersonId, Reach], now: dt.datetime
) -> bool:
    """Return whether what a send was to say is not so any more, or has been said better: it had to wait.

    Of reminders the newest is enough; whoever was reached after all need not be rung; and an alert says what
    is so at that moment, which its report has said by then.
    """
    if send.message is Message.FIRST_ALERT:
        return now - (send.waits_since or send.due) > _ALERT_LASTS
    event = next((one for one in events if one.seq == send.event), None)
    if send.message is not Message.UPDATE or event is None:
        return False
    match event.kind:
        case EventKind.REMINDED:
            return any(one.kind is EventKind.REMINDED and one.seq > event.seq for one in events)
        case EventKind.DELIVERY_FAILED if event.fact("message") == Message.NOTICE:
            return reached.get(PersonId(event.fact("person"))) in (Reach.SENT, Reach.OPENED)
        case _:
            return False


def tells(send: Send) -> bool:
    """Return whether people must be told of a send that does not arrive."""
    return trouble(send) is not None or send.message is Message.FIRST_ALERT


def trouble(send: Send) -> ReportTrouble | None:
    """Return what the case says of a send that did not arrive; None = nothing."""
    if takes_back(send):
        return ReportTrouble(Message.WITHDRAWN, send.person)
    if send.message is Message.NOTE_TO_REPORTER:
        return ReportTrouble(send.message)  # who they are is for nobody to read
    if send.message in CALLING and send.way is Way.DIRECT:
        return ReportTrouble(send.message, send.person)
    return None
