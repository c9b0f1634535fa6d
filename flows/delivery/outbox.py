"""Which messages a step of a case sends, and to whom.

A send names a place or a person; what address that is, and whether it may still be told, is asked again
when it is sent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

from msgspec.structs import replace

from flows.delivery.sends import destination, edit, once_more, plan, reply, withdrawal
from flows.model import Case, Event, EventKind, Message, Place, Send, SendState, Way
from flows.policy.routing import leadership_people
from flows.school import MAILED, PersonId, Platform, School

#: Events the whole channel must see, not only the thread.
BROADCAST = frozenset(
    {
        EventKind.ESCALATED,
        EventKind.REMINDED,
        EventKind.OVERDUE,
        EventKind.REOPENED,
        EventKind.HANDED_ON,
    }
)

#: What those who are told of a case are sent, and what is emptied where they must not know any longer.
_OF_A_CASE = (Message.CASE_CARD, Message.UPDATE, Message.NOTICE, Message.ASSIGNED, Message.REMINDER)


def reach(
    school: School, person: PersonId, platforms: Sequence[Platform], *, everywhere: bool = False
) -> tuple[Platform, ...]:
    """Return the platforms to reach a person on: the first that works, or all of them."""
    found = tuple(p for p in platforms if school.account_of(person, p))
    return found if everywhere else found[:1]


def unreached(case: Case, school: School, platforms: Sequence[Platform]) -> tuple[PersonId, ...]:
    """Return who is told but is on none of the platforms, so that somebody must ring them."""
    return tuple(person for person in recipients(case) if not reach(school, person, platforms))


def place_of(case: Case) -> Place:
    """Return which kind of channel this case's thread belongs in."""
    return Place.RESTRICTED if case.restricted else Place.LEADERSHIP


def address(school: School, case: Case, platform: Platform) -> str:
    """Return the channel for this case on a platform ("" = none: direct messages only)."""
    if case.direct_only:
        return ""
    if not case.restricted:
        return school.leadership.get(platform, "")
    if case.lead is None or not case.recused.keys().isdisjoint(school.seats.get(case.lead, ())):
        return ""  # the place of a seat is read by everybody who holds that seat
    return school.restricted.get(case.lead, {}).get(platform, "")


def recipients(case: Case) -> tuple[PersonId, ...]:
    """Return everybody told, once each, the lead first."""
    lead = (case.holders[case.lead],) if case.lead in case.holders else ()
    return tuple(dict.fromkeys((*lead, *case.holders.values(), *case.stand_ins)))


def cards(case: Case, school: School, platforms: Sequence[Platform], at: dt.datetime) -> list[Send]:
    """Return the sends of every card the case has now: one root per place, one notice per person."""
    sends = [
        plan(
            Message.CASE_CARD,
            Way.ROOT,
            school=case.school,
            platform=platform,
            place=place_of(case),
            seat=case.lead if case.restricted else None,
            case=case.id,
            urgency=case.decision.urgency,
            due=at,
        )
        for platform in platforms
        if address(school, case, platform)
    ]
    presses = case.decision.urgency.presses
    sends += [
        plan(
            Message.NOTICE,
            Way.DIRECT,
            school=case.school,
            platform=platform,
            person=person,
            case=case.id,
            urgency=case.decision.urgency,
            due=at,
        )
        for person in recipients(case)
        # Somebody who is on no platform is written to by e-mail all the same: where that cannot be, the
        # failure tells the others to ring them.
        for platform in ways(case, school, person, platforms, everywhere=presses) or (Platform.EMAIL,)
    ]
    return sends


def ways(
    case: Case, school: School, person: PersonId, platforms: Sequence[Platform], *, everywhere: bool
) -> tuple[Platform, ...]:
    """Return the platforms on which somebody hears of a case: whoever was called in, on all of theirs."""
    return reach(school, person, platforms, everywhere=everywhere or person in case.stand_ins)


def reminders(
    case: Case,
    school: School,
    people: Iterable[PersonId],
    platforms: Sequence[Platform],
    at: dt.datetime,
    *,
    everywhere: bool = False,
) -> list[Send]:
    """Return the reminder of everything that rang at this moment, to each of these people."""
    presses = case.decision.urgency.presses
    return [
        plan(
            Message.REMINDER,
            Way.DIRECT,
            school=case.school,
            platform=platform,
            person=person,
            case=case.id,
            facts={"at": at.isoformat()},
            urgency=case.decision.urgency,
            due=at,
        )
        for person in people
        for platform in reach(school, person, platforms, everywhere=everywhere or presses)
    ]


def renewed(roots: Iterable[Send], case: Case, sends: Iterable[Send]) -> list[Send]:
    """Return the cards under the keys they stand under; ``case.cards`` is what stood before this step.

    A place or a person whose card was emptied has none: coming back there takes a new one, since a key
    that was used once plans nothing a second time.
    """
    standing = {destination(send): send for send in sends if send.key in case.cards}
    used = {send.key for send in sends}
    found = []
    for root in roots:
        stands = standing.get(destination(root))
        if stands is not None:
            found.append(replace(root, key=stands.key, again=stands.again))
        else:
            found.append(once_more(root, case.events) if root.key in used else root)
    return found


def assigned(
    case: Case, school: School, events: Iterable[Event], platforms: Sequence[Platform]
) -> list[Send]:
    """Return what somebody is told to whom the case was handed on."""
    everywhere = case.decision.urgency.presses
    return [
        plan(
            Message.ASSIGNED,
            Way.DIRECT,
            school=case.school,
            platform=platform,
            person=person,
            case=case.id,
            event=event.seq,
            urgency=case.decision.urgency,
            due=event.at,
        )
        for event in events
        if event.kind is EventKind.ASSIGNED
        for person in (PersonId(event.fact("to")),)
        for platform in reach(school, person, platforms, everywhere=everywhere) or (Platform.EMAIL,)
    ]


def updates(school: School, events: Iterable[Event], roots: Iterable[Send]) -> list[Send]:
    """Return a reply for each event in the thread of each card.

    Somebody who can read the leadership channel is not told there *and* in direct messages; nor is anybody
    who is told in a chat sent an e-mail as well.
    """
    roots = list(roots)
    channels = tuple(r.platform for r in roots if r.place is Place.LEADERSHIP)
    in_thread = {p for p in leadership_people(school) if reach(school, p, channels)}
    in_chat = {r.person for r in roots if r.platform not in MAILED}
    hear = [
        root
        for root in roots
        if root.person not in in_thread and not (root.platform in MAILED and root.person in in_chat)
    ]
    return [
        reply(root, event, broadcast=event.kind in BROADCAST)
        for event in events
        for root in hear
        if root.person is None or event.kind is not EventKind.OPENED
    ]


def redrawn(case: Case, sends: Sequence[Send], at: dt.datetime) -> list[Send]:
    """Return an edit of each card that stands, and of the reporter's receipt."""
    stands = [send for send in sends if send.key in case.cards]
    return edits((*stands, *receipts(sends)), at)


def edits(roots: Iterable[Send], at: dt.datetime) -> list[Send]:
    """Return an edit of each of these; an e-mail stays as it went."""
    return [edit(root, at) for root in roots if root.platform not in MAILED]


def receipts(sends: Iterable[Send]) -> list[Send]:
    """Return every receipt that the reporter was given."""
    return [send for send in sends if send.message is Message.RECEIPT and send.way is Way.DIRECT]


def withdrawals(
    sends: Sequence[Send],
    people: Collection[PersonId],
    *,
    roots: Iterable[Send],
    at: dt.datetime,
) -> list[Send]:
    """Return edits that empty what these people, and any place the case has left, were sent.

    ``roots`` are the cards the case has now. The reporter's own messages stay. A send that waits or is
    still under way is emptied once it has landed: the worker may have it in hand at this very moment. One
    that is over and may have landed is looked for. Of e-mails to somebody one is enough: none can be emptied,
    and the case says so once.
    """
    emptied = {sent.root for sent in sends if sent.message is Message.WITHDRAWN}
    current = {root.key for root in roots}
    return [
        withdrawal(sent, at)
        for sent in sends
        if sent.way is not Way.EDIT
        and (sent.message is Message.NOTICE or sent.platform not in MAILED)
        and sent.message in _OF_A_CASE
        and (sent.unsure or sent.state in (SendState.SENT, SendState.ATTEMPTED, SendState.WAITING))
        and (sent.person in people or (sent.place is not None and (sent.root or sent.key) not in current))
        and sent.key not in emptied
    ]
