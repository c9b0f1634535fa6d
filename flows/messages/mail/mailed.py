"""What goes by e-mail: that there is something, by when, whom to ring, where to read it. No names, no kind.

An e-mail lies in mailboxes that are not the school's, is forwarded, and shows on lock screens; nothing can be
pressed in it and nothing taken back. A message that is not named here says no more than its summary.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from hashlib import blake2b

from msgspec.structs import replace

from flows.calendar import on_day
from flows.delivery.outbox import recipients
from flows.messages import phrases, shared_blocks, templates
from flows.messages.directly import the_link
from flows.messages.rehearsal.standing import card as rehearsal_card
from flows.messages.ringing import whom_to_ring
from flows.messages.templates import Occasion
from flows.model import Case, Event, EventKind, Message, Status
from flows.school import MAILED, PersonId, Platform, School
from flows.ui.cards import Block, Buttons, Callout, Card, Dated, Facts, Heading, Small, Text, Tone
from flows.words import say

#: They say of no case what it is about, and name nobody: they go as they are.
_AS_THEY_ARE = frozenset(
    {
        *(Message.DIGEST, Message.PLACE, Message.PLATFORM, Message.AWAY, Message.PROGRESS, Message.WITHDRAWN),
        *(Message.STATUS, Message.CODE, Message.NEW_LINK, Message.REHEARSAL),
    }
)
#: Events of which the line tells no more than that somebody has to look, or need not.
_SAID = frozenset(
    {
        EventKind.TAKEN_ON,
        EventKind.ESCALATED,
        EventKind.REMINDED,
        EventKind.HANDED_ON,
        EventKind.HANDED_OVER,
        EventKind.REOPENED,
        EventKind.DELIVERY_FAILED,
    }
)


def mailed(
    message: Message, on: Occasion, *, platforms: tuple[Platform, ...] = (), link: str = ""
) -> Card | None:
    """Return what a message says by e-mail; None = nothing, as everywhere.

    ``platforms`` are those we speak: the reader is sent to one they are on. ``link`` = where the reader can
    open the case from this e-mail, "" = nowhere.
    """
    card = templates.written(message, on)
    if card is None:
        return None
    if message in _AS_THEY_ARE:
        return replace(card, blocks=tuple(block for block in card.blocks if not isinstance(block, Buttons)))
    if message is Message.REHEARSED:
        return rehearsal_card(on.rehearsal, on.school, named=False)
    if message is Message.FIRST_ALERT:
        return templates.first_alert(on.school, on.facts.get("ring", ""), on.person, named=False)
    way, summary = _way_on(on, platforms, link), card.summary
    if message is Message.NOTICE and on.case is not None:
        presses = on.case.decision.urgency.presses and on.case.status is not Status.CLOSED
        summary = say("mailed.notice_now" if presses else "mailed.notice", ref=on.case.reference)
    blocks = [Text(summary)] if on.case is None else _of_case(message, on, on.case, summary)
    days = tuple(_days(on)) if message is Message.UPDATE else ()
    blocks += [Text(say("mailed.day_off" if one.off else "mailed.day", day=on_day(one.day))) for one in days]
    return Card(
        kind=card.kind,
        summary=summary,
        blocks=(*blocks, *way, Small(say("mailed.why"))),
        tone=card.tone,
        days=days,
    )


def _days(on: Occasion) -> Iterator[Dated]:
    """Yield the days on which somebody is to be asked again, as far as this event sets them or ends them.

    That there is one, never whom, nor what for. What is over asks nobody; re-opened, it does again.
    """
    if on.case is None or on.event is None or on.person not in recipients(on.case):
        return
    if on.event.kind is EventKind.CARE_RECORDED:
        again, before = on.event.fact("again"), on.event.fact("before")
        if again or before:
            yield _day(on.case, on.event, on.event.fact("which"), again or before, off=not again)
    elif on.event.kind in (EventKind.CLOSED, EventKind.DRILL_ENDED, EventKind.REOPENED):
        for which, day in on.case.look_in.items():
            off = on.event.kind is not EventKind.REOPENED
            yield _day(on.case, on.event, which, day.isoformat(), off=off)


def _day(case: Case, event: Event, which: str, day: str, *, off: bool) -> Dated:
    """Return a day by a name of its own that does not say what it is for, in the order of what happened."""
    return Dated(
        uid=f"{case.id}.{blake2b(f'{case.id} {which}'.encode(), digest_size=6).hexdigest()}",
        day=dt.date.fromisoformat(day),
        summary=say("mailed.day_subject", ref=case.reference),
        sequence=event.seq,
        off=off,
    )


def _of_case(message: Message, on: Occasion, case: Case, summary: str) -> list[Block]:
    """Return what is said of a case: its reference, how soon, how it stands, and whom to ring."""
    title = Heading(say("message.notice_title", ref=case.reference))
    if on.person == case.report.reporter and on.person not in recipients(case):
        return [title, Text(summary), *shared_blocks.to_ring(case, on.school, on.reached)]
    blocks: list[Block] = [title, *shared_blocks.urgent(case)]
    if message is Message.NOTICE and on.person is not None and on.person not in case.affected:
        blocks.append(Text(shared_blocks.your_part(case, on.person)))
    elif message is Message.UPDATE and on.event is not None and on.event.kind in _SAID:
        said = templates.update(case, on.event, on.school, on.now, on.reached)
        blocks += [block for block in said.blocks if isinstance(block, Text | Callout)][-1:]
    else:
        blocks.append(Text(summary))
    return [*blocks, *shared_blocks.to_ring(case, on.school, on.reached), _standing(on, case)]


def _standing(on: Occasion, case: Case) -> Facts:
    """Return how soon, how it stands, and whom to ring: seats and numbers."""
    state = (say("message.state"), say(f"status.{case.status}"))
    if case.status is Status.CLOSED:
        return Facts((state,))
    soon = (say("message.soon"), phrases.how_soon(case, on.now, on.school))
    return Facts((soon, state, *whom_to_ring(case, on.school, reader=on.person, named=False)))


def _way_on(on: Occasion, platforms: tuple[Platform, ...], link: str) -> list[Block]:
    """Return where it can be read: by the link, in the chat the reader is in, or by ringing."""
    if link:
        return [*the_link(link)]
    if there := _chats(on.school, on.person, platforms):
        return [Text(say("mailed.in_chat", platforms=say("mailed.or").join(there)))]
    contact = on.school.fallback_contact
    if on.case is not None and on.person in recipients(on.case):
        return [Callout(Tone.CAUTION, say("mailed.ring"))]
    return [Text(say("mailed.ring_contact", who=contact.name, phone=contact.phone))] if contact.phone else []


def _chats(school: School, person: PersonId | None, platforms: tuple[Platform, ...]) -> list[str]:
    known = school.people.get(person) if person else None
    return [
        say(f"place.on.{platform}")
        for platform in platforms
        if platform not in MAILED and known is not None and known.accounts.get(platform)
    ]
