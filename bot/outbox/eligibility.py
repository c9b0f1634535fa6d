"""A send on its way: what was looked up for it, whether it may still go, and which way if not this one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from msgspec import Struct

from flows.case import access
from flows.delivery import outbox, sends
from flows.delivery.sends import takes_back
from flows.model import Capability, Case, Message, Send, SendState, Way
from flows.ports import Address, Directory, Membership
from flows.school import PersonId, Platform, School

NOBODY = Membership(accounts=frozenset(), fit=False)
_OVER = (SendState.DROPPED, SendState.FAILED)


class Going(Struct, frozen=True, kw_only=True):
    """A send on its way: all that was looked up for it."""

    send: Send
    case: Case | None
    root: Send | None
    school: School
    chat: Any  # a Chat; a Protocol is no type a Struct can check
    to: Address


def other_ways(send: Send, school: School, platforms: tuple[Platform, ...], now: dt.datetime) -> list[Send]:
    """Return the same message to the same person on each platform of theirs after this one."""
    if send.person is None or send.way is not Way.DIRECT or send.platform not in platforms:
        return []
    ways = outbox.reach(school, send.person, platforms, everywhere=True)
    later = ways[ways.index(send.platform) + 1 :] if send.platform in ways else ways
    return [sends.moved(send, platform, now) for platform in later]


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


def calls_somebody(send: Send) -> bool:
    """Return whether a case or a person's safety rests on somebody reading this."""
    return send.way is Way.DIRECT and send.message in (Message.NOTICE, Message.FIRST_ALERT)


def may_go(send: Send, case: Case | None, root: Send | None, school: School) -> bool:
    """Return whether a send may still be delivered: the case is read again just before it speaks."""
    if root is not None and root.state in _OVER:
        return False
    if case is None or takes_back(send) or send.message in (Message.RECEIPT, Message.PROGRESS):
        return True
    if send.person is not None and not _told(case, send.person, school):
        return False
    # A place the case has left since is told nothing more.
    return send.place is None or (send.root or send.key) in case.cards


def _told(case: Case, person: PersonId, school: School) -> bool:
    """Return whether somebody is told of a case at this moment."""
    return access.may(case, person, school, Capability.KNOW)


def where_it_stands(send: Send, root: Send | None) -> Address | None:
    """Return where the message of an edit is: what somebody was sent is emptied when they have left, too."""
    if send.way is not Way.EDIT or root is None or root.posted is None:
        return None
    return Address(platform=send.platform, workspace=root.posted.workspace, channel=root.posted.channel)
