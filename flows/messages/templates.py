"""What each audience is told: one function a message, from the case as it is *now* to a card.

A card for a channel holds reference, kind, urgency, state, owner, actions and clauses – never words,
names, files or the reporter (policy page §10). A card's ``summary`` is safe on a lock screen.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from flows.case.actions.drilling import marked
from flows.case.actions.table import offered
from flows.case.checklist.care import for_the_reporter
from flows.case.declared import On
from flows.delivery.rehearsal import Standing
from flows.delivery.sends import CALLING
from flows.delivery.told import JUST_NOW, Reach
from flows.intake.ringing import leaders, outside
from flows.messages import checklist, phrases, plan, shared_blocks, yearly
from flows.messages.digest import ON_TIME, Week, digest
from flows.messages.directly import assigned, code, new_link, not_delivered
from flows.messages.places import connection
from flows.messages.rehearsal import asked as rehearsal
from flows.messages.reporter import for_reporter, news, note, progress
from flows.messages.ringing import whom_to_ring
from flows.messages.roster import Seats, about_change
from flows.model import Case, CaseId, CaseSummary, Event, EventKind, Message, Status
from flows.policy.wording import to_be_asked
from flows.school import PersonId, School
from flows.ui.cards import (
    Block,
    Bullets,
    Button,
    Buttons,
    Callout,
    Card,
    Facts,
    Heading,
    Small,
    Text,
    Tone,
)
from flows.ui.intents import Ask, ChatCommand
from flows.words import say

_LADO = "lado_within_1_working_day"
#: Events that ask somebody to look up.
_CAUTIOUS = (EventKind.ESCALATED, EventKind.REMINDED, EventKind.OVERDUE, EventKind.DELIVERY_FAILED)
#: Where a reporter may want to ring somebody outside themselves.
_YOURSELF = frozenset({"call_999", "tell_someone_by_phone", "dsl_decides_childrens_services", _LADO})
#: What reminds people of a case reminds them of what it still owes.
_REMINDING = (EventKind.ESCALATED, EventKind.REMINDED)


class Occasion(Struct, frozen=True, kw_only=True):
    """What a message is written from, as it is when it is sent; what a message does not need is left out."""

    school: School
    now: dt.datetime
    case: Case | None = None
    event: Event | None = None
    person: PersonId | None = None
    reached: dict[PersonId, Reach] = {}
    cases: tuple[CaseSummary, ...] = ()
    unopened: frozenset[CaseId] = frozenset()
    facts: dict[str, str] = {}
    week: str = ""
    seats: Seats | None = None
    went: dt.datetime | None = None
    rehearsal: Standing | None = None


def written(message: Message, on: Occasion) -> Card | None:
    """Return what a message says now; None = what it was about is not there, so nothing is said."""
    card = _written(message, on)
    return marked(card, on.case) if card is not None else None


def _written(message: Message, on: Occasion) -> Card | None:
    case, event, school, now, reached = on.case, on.event, on.school, on.now, on.reached
    match message:
        case Message.FIRST_ALERT:
            return first_alert(school, on.facts.get("ring", ""), on.person)
        case Message.WITHDRAWN | Message.REMOVED:
            return emptied(message, on.facts)
        case Message.MORE_WAITS | Message.CLOCK | Message.REMINDER:
            return plan.by_the_clock(message, case, school, on.person, on.facts)
        case Message.PLACE | Message.PLATFORM | Message.AWAY | Message.STATUS:
            return connection(message, on.facts)
        case Message.ROSTER | Message.YEARLY | Message.CODE:
            return _of_no_case(message, on)
        case Message.REHEARSAL | Message.REHEARSAL_PLACE | Message.REHEARSAL_OVER:
            return _of_no_case(message, on)
        case Message.REHEARSED | Message.REHEARSE:
            return _of_no_case(message, on)
        case Message.DIGEST:
            return _digest(on)
        case _ if case is None:
            return None
        case Message.CASE_CARD:
            return case_card(case, school, now, reached)
        case Message.NOTICE:
            return notice(case, school, on.person, now, reached) if on.person else None
        case Message.RECEIPT:
            return receipt(case, school, now, reached)
        case Message.UPDATE:
            return update(case, event, school, now, reached) if event else None
        case Message.NEW_LINK:
            return new_link(case, on.facts.get("link_to", ""))
        case Message.ASSIGNED:
            return assigned(case, event, school, on.person, now) if event and on.person else None
        case Message.PROGRESS:
            milestone = on.facts.get("milestone", "")
            return progress(case, event) if event else news(case, milestone, school, now, reached)
        case Message.NOTE_TO_REPORTER:
            return note(case, event, school) if event else None
        case _:
            assert_never(message)


def _of_no_case(message: Message, on: Occasion) -> Card | None:
    if message is Message.ROSTER:
        return about_change(on.facts["change"], on.seats, on.person)
    if message is Message.YEARLY:
        return yearly.reminder(on.facts)
    if message is Message.CODE:
        return code(on.facts)
    return rehearsal.message(message, on.rehearsal, on.school, on.facts)


def _digest(on: Occasion) -> Card:
    due = dt.datetime.fromisoformat(on.facts["of"]) if "of" in on.facts else on.now
    late = (on.went or on.now) - due > ON_TIME
    about = Week(week=on.week, due=due, late=late, unopened=on.unopened, store=on.facts)
    return digest(on.cases, on.school, on.now, about)


def case_card(
    case: Case, school: School, now: dt.datetime, reached: Mapping[PersonId, Reach] = JUST_NOW
) -> Card:
    """Return the case's root card in a leaders' channel: how it stands, what is next, and what else."""
    blocks: list[Block] = [
        Heading(f"{case.reference} · {phrases.kind(case)}"),
        *shared_blocks.urgent(case),
        *shared_blocks.mistaken(case, school),
        *shared_blocks.to_ring(case, school, reached),
        shared_blocks.state(case, school, now),
        *checklist.work(case, school, now),
        *shared_blocks.background(case, school, reached),
        *checklist.ending(case, school),
    ]
    return Card(
        kind="case_card",
        summary=say(f"summary.case_card.{case.status}", ref=case.reference),
        blocks=tuple(blocks),
        tone=shared_blocks.tone(case),
    )


def notice(
    case: Case,
    school: School,
    person: PersonId,
    now: dt.datetime,
    reached: Mapping[PersonId, Reach] = JUST_NOW,
) -> Card:
    """Return what one person is told directly: what to do now, why they were told, and by when."""
    blocks: list[Block] = [
        Heading(say("message.notice_title", ref=case.reference)),
        *shared_blocks.urgent(case),
        *shared_blocks.mistaken(case, school),
        *shared_blocks.to_ring(case, school, reached),
        Text(shared_blocks.your_part(case, person)),
        *(shared_blocks.support(school) if person in case.affected else []),
        shared_blocks.state(case, school, now, reader=person),
        *checklist.work(case, school, now, person),
        *shared_blocks.background(case, school, reached, reader=person),
        *shared_blocks.why_told(case, school),
        *checklist.ending(case, school, person),
    ]
    return Card(
        kind="notice",
        summary=say("summary.notice", ref=case.reference),
        blocks=tuple(blocks),
        tone=shared_blocks.tone(case),
    )


def update(
    case: Case, event: Event, school: School, now: dt.datetime, reached: Mapping[PersonId, Reach] = JUST_NOW
) -> Card:
    """Return a line for the case's thread; the first one says what to do, why and by when."""
    notice = event.kind is EventKind.DELIVERY_FAILED and event.fact("message") in CALLING
    if notice and event.fact("person"):
        return not_delivered(case, phrases.seat_of(case, PersonId(event.fact("person")), school))
    if event.kind is not EventKind.OPENED:
        tone = Tone.CAUTION if event.kind in _CAUTIOUS else Tone.PLAIN
        reminded = shared_blocks.outstanding(case, school) if event.kind in _REMINDING else []
        return Card(
            kind="update",
            summary=say("summary.update", ref=case.reference),
            blocks=(*reminded, Text(phrases.event_line(case, event, school))),
            tone=tone,
        )
    blocks: list[Block] = [
        Text(phrases.opening(case, school, now, reached)),
        Small(say("message.why")),
        shared_blocks.reasons(case),
        *shared_blocks.contacts(case, school),
    ]
    return Card(
        kind="update",
        summary=say("summary.update", ref=case.reference),
        blocks=tuple(blocks),
        tone=shared_blocks.tone(case),
    )


def receipt(
    case: Case, school: School, now: dt.datetime, reached: Mapping[PersonId, Reach] = JUST_NOW
) -> Card:
    """Return what the reporter is given: it is safe, who is told, how soon, what to do, and then why."""
    blocks: list[Block] = [Heading(say("message.receipt_title", ref=case.reference))]
    over = case.status is Status.CLOSED and bool(case.decision.notify)
    if "call_999" in case.decision.actions and not (over or case.called_999):
        blocks.append(Callout(Tone.DANGER, say("message.ring_999")))
    blocks += shared_blocks.to_ring(case, school, reached)
    if not case.holders and case.decision.notify and not over:
        contact = school.fallback_contact
        blocks.append(
            Callout(Tone.CAUTION, say("message.ring_fallback", contact=contact.name, phone=contact.phone))
        )
    if case.decision.notify:
        facts = [*phrases.told(case, school, reached)] if not over else []
        facts += [(say("message.state"), say(f"status.{case.status}"))] if over else []
        if case.holders and not over:
            facts.append((say("message.soon"), phrases.how_soon(case, now, school)))
            facts += whom_to_ring(case, school, reader=case.report.reporter)
        if not over and (bodies := to_be_asked(case.decision)):
            facts.append((say("message.considered"), bodies))
        blocks.append(Facts(tuple(facts)))
    advice = for_reporter(case)
    if advice:
        blocks += [Small(say("message.for_you")), Bullets(advice)]
    blocks += shared_blocks.support(school) if for_the_reporter(case) and not over else []
    if not over and _YOURSELF.intersection(case.decision.actions):
        beside = outside(school)
        blocks += [Text(say("ring.yourself")), *([Facts(beside)] if beside else [])]
    if case.decision.notify:
        blocks += [Small(say("message.why")), *shared_blocks.reasons_for_reporter(case)]
    buttons = [Button(label=say("button.my_reports"), intent=Ask(ChatCommand.STATUS))]
    if case.decision.notify:
        mine = offered(case, On.RECEIPT)
        buttons = [*(shared_blocks.plain_button(case, action) for action in mine), *buttons]
    blocks.append(Buttons(tuple(buttons)))
    return Card(kind="receipt", summary=say("summary.receipt"), blocks=tuple(blocks), tone=Tone.GOOD)


def first_alert(
    school: School, ring: str = "", reader: PersonId | None = None, *, named: bool = True
) -> Card:
    """Return the alert that goes before the report is finished: no posting, no name, no target.

    ``ring`` are the leaders whom nothing was said against, by their ids; nobody is told to ring themselves.
    ``named`` False = they are called by their seats alone.
    """
    people = (PersonId(person) for person in ring.split())
    others = tuple(person for person in people if person in school.people and person != reader)
    numbers = leaders(others, school, named=named)
    blocks: list[Block] = [
        Callout(Tone.DANGER, say("message.first_alert")),
        Text(say("message.first_alert_do")),
    ]
    if numbers:
        blocks.append(Facts(numbers))
    return Card(
        kind="first_alert", summary=say("summary.first_alert"), blocks=tuple(blocks), tone=Tone.DANGER
    )


def emptied(message: Message, facts: Mapping[str, str]) -> Card:
    """Return what a message is emptied to: somebody may no longer see it, or its case was removed."""
    said = Small(say(f"message.{message}", **{"ref": "", "day": "", **facts}))
    return Card(kind=message.value, summary=say(f"summary.{message}"), blocks=(said,))


def plain(card: Card) -> Card:
    """Return a card in its plainest form, for a platform that refused it: what a lock screen may show."""
    return replace(card, blocks=(Text(card.summary), Small(say("message.plain"))))
