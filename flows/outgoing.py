"""Which messages a step of a case sends, to whom, under which key.

Keys are derived, so the same step planned twice plans the same messages: ``{case}/card/{place}``,
``{case}/{event}/{destination}``, ``{card}/v{version}`` for an edit. A send names a place or a person;
what address that is, and whether it may still be told, is asked again when it is sent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

from flows.model import Case, Event, EventKind, Message, Place, Send, SendState, Urgency, Way
from flows.routing import leadership_people
from flows.school import PersonId, Platform, School

#: Events the whole channel must see, not only the thread.
BROADCAST = frozenset({EventKind.ESCALATED, EventKind.REOPENED, EventKind.HANDED_ON})

#: Events the reporter hears of, in safe words.
PROGRESS = frozenset(
    {
        EventKind.TAKEN_ON,
        EventKind.CONTACT_RECORDED,
        EventKind.MEETING_RECORDED,
        EventKind.CLOSED,
        EventKind.REOPENED,
    }
)


def reach(
    school: School, person: PersonId, platforms: Sequence[Platform], *, everywhere: bool = False
) -> tuple[Platform, ...]:
    """Return the platforms to reach a person on: the first that works, or all of them."""
    known = school.people.get(person)
    found = tuple(p for p in platforms if known is not None and known.accounts.get(p))
    return found if everywhere else found[:1]


def place_of(case: Case) -> Place:
    """Return which kind of channel this case's thread belongs in."""
    return Place.RESTRICTED if case.restricted else Place.LEADERSHIP


def address(school: School, case: Case, platform: Platform) -> str:
    """Return the channel for this case on a platform ("" = none: direct messages only)."""
    if not case.restricted:
        return school.leadership.get(platform, "")
    return school.restricted.get(case.lead, {}).get(platform, "") if case.lead else ""


def told(case: Case) -> tuple[PersonId, ...]:
    """Return everybody told, once each, the lead first."""
    lead = (case.holders[case.lead],) if case.lead in case.holders else ()
    return tuple(dict.fromkeys((*lead, *case.holders.values(), *case.stand_ins)))


def cards(case: Case, school: School, platforms: Sequence[Platform], at: dt.datetime) -> list[Send]:
    """Return the sends of every card the case has now: one root per place, one notice per person."""
    sends = []
    for platform in platforms:
        if address(school, case, platform):
            place = place_of(case)
            suffix = f".{case.lead}" if case.restricted else ""
            sends.append(
                Send(
                    key=f"{case.id}/card/{platform}:{place}{suffix}",
                    school=case.school,
                    message=Message.CASE_CARD,
                    way=Way.ROOT,
                    platform=platform,
                    place=place,
                    case=case.id,
                    due=at,
                )
            )
    everywhere = case.decision.urgency in (Urgency.EMERGENCY, Urgency.URGENT)
    for person in told(case):
        sends.extend(
            Send(
                key=f"{case.id}/notice/{platform}:{person}",
                school=case.school,
                message=Message.NOTICE,
                way=Way.DIRECT,
                platform=platform,
                person=person,
                case=case.id,
                due=at,
                order=1,
            )
            for platform in reach(school, person, platforms, everywhere=everywhere)
        )
    return sends


def updates(case: Case, school: School, events: Iterable[Event], roots: Iterable[Send]) -> list[Send]:
    """Return a reply for each event in the thread of each card.

    Somebody who can read the leadership channel is not told there *and* in direct messages.
    """
    roots = list(roots)
    in_thread = leadership_people(school) if any(r.place is Place.LEADERSHIP for r in roots) else frozenset()
    sends = []
    for event in events:
        for root in roots:
            if root.person is not None and (root.person in in_thread or event.kind is EventKind.OPENED):
                continue
            destination = root.key.rpartition("/")[2]
            sends.append(
                Send(
                    key=f"{case.id}/{event.seq}/{destination}",
                    school=case.school,
                    message=Message.UPDATE,
                    way=Way.REPLY,
                    platform=root.platform,
                    place=root.place,
                    person=root.person,
                    case=case.id,
                    event=event.seq,
                    root=root.key,
                    broadcast=event.kind in BROADCAST,
                    due=event.at,
                    order=2,
                )
            )
    return sends


def edits(case: Case, roots: Iterable[Send], at: dt.datetime) -> list[Send]:
    """Return an edit for each card that exists; the newest version makes older ones needless."""
    return [
        Send(
            key=f"{root.key}/v{case.version}",
            school=case.school,
            message=root.message,
            way=Way.EDIT,
            platform=root.platform,
            place=root.place,
            person=root.person,
            case=case.id,
            root=root.key,
            due=at,
            order=3,
        )
        for root in roots
    ]


def progress(
    case: Case, school: School, events: Iterable[Event], platforms: Sequence[Platform]
) -> list[Send]:
    """Return what the reporter is told of these events."""
    reporter = case.report.reporter
    return [
        Send(
            key=f"{case.id}/{event.seq}/reporter.{platform}",
            school=case.school,
            message=Message.PROGRESS,
            way=Way.DIRECT,
            platform=platform,
            person=reporter,
            case=case.id,
            event=event.seq,
            due=event.at,
            order=4,
        )
        for event in events
        if event.kind in PROGRESS and event.by != reporter
        for platform in reach(school, reporter, platforms)
    ]


def receipt(
    case: Case, school: School, platforms: Sequence[Platform], at: dt.datetime, *, nth: str = ""
) -> list[Send]:
    """Return the reporter's receipt; ``nth`` tells a later one (a completed report) from the first."""
    return [
        Send(
            key=f"{case.id}/receipt{nth}/{platform}:{case.report.reporter}",
            school=case.school,
            message=Message.RECEIPT,
            way=Way.DIRECT,
            platform=platform,
            person=case.report.reporter,
            case=case.id,
            due=at,
        )
        for platform in reach(school, case.report.reporter, platforms)
    ]


def withdrawals(
    case: Case, sends: Iterable[Send], people: Collection[PersonId], *, leadership: bool, at: dt.datetime
) -> list[Send]:
    """Return edits that empty what these people (and the leadership channel) were already sent.

    The reporter's own messages stay. A send that is still under way is emptied once it has landed.
    """
    return [
        Send(
            key=f"{sent.key}/withdrawn",
            school=case.school,
            message=Message.WITHDRAWN,
            way=Way.EDIT,
            platform=sent.platform,
            place=sent.place,
            person=sent.person,
            case=case.id,
            root=sent.key,
            due=at,
        )
        for sent in sends
        if sent.way is not Way.EDIT
        and sent.message in (Message.CASE_CARD, Message.UPDATE, Message.NOTICE, Message.NOT_DELIVERED)
        and sent.state in (SendState.SENT, SendState.ATTEMPTED)
        and (sent.person in people or (leadership and sent.place is Place.LEADERSHIP))
    ]
