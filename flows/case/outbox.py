"""Which messages a step of a case sends, to whom, under which key.

Keys are derived, so the same step planned twice plans the same messages: ``{case}/card/{place}``
(``card.{event}`` where the case comes back to a place it had left), ``{case}/{event}/{destination}``,
``{card}/v{event}`` for an edit. A send names a place or a person;
what address that is, and whether it may still be told, is asked again when it is sent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

from msgspec.structs import replace

from flows.model import Case, Event, EventKind, Message, Place, Send, SendState, Urgency, Way
from flows.policy.routing import leadership_people
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


def unreached(case: Case, school: School, platforms: Sequence[Platform]) -> tuple[PersonId, ...]:
    """Return who is told but is on none of the platforms, so that somebody must ring them."""
    return tuple(person for person in told(case) if not reach(school, person, platforms))


def place_of(case: Case) -> Place:
    """Return which kind of channel this case's thread belongs in."""
    return Place.RESTRICTED if case.restricted else Place.LEADERSHIP


def address(school: School, case: Case, platform: Platform) -> str:
    """Return the channel for this case on a platform ("" = none: direct messages only)."""
    if not case.restricted:
        return school.leadership.get(platform, "")
    if case.lead is None or not case.recused.keys().isdisjoint(school.seats.get(case.lead, ())):
        return ""  # the place of a seat is read by everybody who holds that seat
    return school.restricted.get(case.lead, {}).get(platform, "")


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
            # Somebody who is on no platform is written to by e-mail; until that is set up, the failure tells
            # the others to ring them.
            for platform in reach(school, person, platforms, everywhere=everywhere) or (Platform.EMAIL,)
        )
    return sends


def renewed(roots: Iterable[Send], case: Case, sends: Iterable[Send]) -> list[Send]:
    """Return the cards under the keys they stand under; ``case.cards`` is what stood before this step.

    A place or a person whose card was emptied has none: coming back there takes a new one, since a key
    that was used once plans nothing a second time.
    """
    standing = {_spot(key): key for key in case.cards}
    used = {send.key for send in sends}
    found = []
    for root in roots:
        kind, destination = _spot(root.key)
        again = f"{case.id}/{kind}.{case.events}/{destination}" if root.key in used else root.key
        found.append(replace(root, key=standing.get((kind, destination), again)))
    return found


def _spot(key: str) -> tuple[str, str]:
    _, kind, destination = key.rsplit("/", 2)
    return kind.partition(".")[0], destination


def updates(case: Case, school: School, events: Iterable[Event], roots: Iterable[Send]) -> list[Send]:
    """Return a reply for each event in the thread of each card.

    Somebody who can read the leadership channel is not told there *and* in direct messages.
    """
    roots = list(roots)
    channels = tuple(r.platform for r in roots if r.place is Place.LEADERSHIP)
    in_thread = {p for p in leadership_people(school) if reach(school, p, channels)}
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
    """Return an edit for each card that exists; the newest makes older ones needless."""
    return [
        Send(
            key=f"{root.key}/v{case.events}",
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
    case: Case,
    sends: Sequence[Send],
    people: Collection[PersonId],
    *,
    roots: Iterable[Send],
    at: dt.datetime,
) -> list[Send]:
    """Return edits that empty what these people, and any place the case has left, were sent.

    ``roots`` are the cards the case has now. The reporter's own messages stay. A send that waits or is
    still under way is emptied once it has landed: the worker may have it in hand at this very moment.
    """
    planned = {sent.key for sent in sends}
    current = {root.key for root in roots}
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
        and sent.message in (Message.CASE_CARD, Message.UPDATE, Message.NOTICE)
        and sent.state in (SendState.SENT, SendState.ATTEMPTED, SendState.WAITING)
        and (sent.person in people or (sent.place is not None and (sent.root or sent.key) not in current))
        and f"{sent.key}/withdrawn" not in planned
    ]
