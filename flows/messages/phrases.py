"""Short phrases that several messages share: kind, seats, deadlines, reasons. No card is built here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from flows import calendar
from flows.case.checklist.names import sentence
from flows.case.clock.lines import clock_line
from flows.delivery.outbox import recipients
from flows.delivery.told import Reach, further, reach
from flows.model import (
    Body,
    Case,
    CaseSummary,
    Decision,
    Event,
    EventKind,
    Excluded,
    Layer,
    Message,
    Status,
    Urgency,
)
from flows.policy.said import as_said
from flows.policy.wording import seat_name
from flows.school import PersonId, School, Seat
from flows.words import say


def kind(case: Case) -> str:
    """Return the case's kind in words that are safe in a channel, and as the report says it."""
    return as_said(say(f"kind.{case.decision.kind}"), (), case.report)


#: Events of the clock that are about whoever is told next.
_PASSES_ON = (EventKind.ESCALATED, EventKind.OVERDUE)


def seat_of(case: Case, person: PersonId | None, school: School) -> str:
    """Return what somebody is in this case, in words that name nobody."""
    for seat, holder in case.holders.items():
        if holder == person:
            return seat_name(seat)
    if person is not None and person in case.stand_ins:
        return own_seat(school, person)
    if person is not None and person == case.report.reporter:
        return say("seat.reporter")
    return say("event.somebody")


def own_seat(school: School, person: PersonId) -> str:
    """Return what somebody is in the school whatever the case: their own seat before one they stand in for.

    Several stand-ins of one case are told apart by it.
    """
    held = [seat for seat in Seat if person in school.seats.get(seat, ())]
    own = next((seat for seat in held if school.seats[seat][0] == person), None)
    if own is not None:
        return seat_name(own)
    return say("seat.stands_in", seat=seat_name(held[0])) if held else say("seat.stand_in")


def leads(case: Case) -> str:
    """Return who leads, in words; says so plainly when nobody is left."""
    return seat_name(case.lead) if case.lead else say("message.nobody_leads")


def how_soon(case: Case, now: dt.datetime, school: School) -> str:
    """Return by when, said once and in one way: "Now", "By 17:00 on Friday 27 November"; or that it was."""
    if case.decision.urgency is Urgency.EMERGENCY:
        return say("urgency.emergency")
    deadline = calendar.spoken_by(case.due_at, now, school)
    said = deadline[:1].upper() + deadline[1:]
    return say("message.soon_passed", deadline=said) if now > case.due_at else said


def moment(at: dt.datetime, school: School) -> str:
    """Return when something was, so that it reads the same on every day."""
    return calendar.short(calendar.local(at, school.time))


def clauses(decided: Decision) -> str:
    """Return the clauses that matched, as ids."""
    found = dict.fromkeys(c for r in decided.reasons if r.layer is Layer.POLICY for c in r.clauses)
    return ", ".join(found)


def event_line(case: Case, event: Event, school: School) -> str:
    """Return what happened as one line that is safe in a channel: no names, no words."""
    who = PersonId(event.fact("told")) if event.kind in _PASSES_ON else event.by
    seat = seat_name(event.seat) if event.seat else seat_of(case, who, school)
    match event.kind:
        case _ if said := clock_line(case, event, school, seat):
            return said
        case EventKind.ESCALATED:
            return _escalated(case, event, school, seat)
        case EventKind.HANDED_OVER:
            return _handed_over(event)
        case EventKind.ASSIGNED:
            return say("event.assigned", seat=seat, to=seat_of(case, PersonId(event.fact("to")), school))
        case EventKind.HANDED_ON:
            return _handed_on(event.fact("lead"))
        case EventKind.RECUSED:
            return _recused(event.several("why"))
        case EventKind.HOLD_CLEARED:
            return say("event.hold_cleared", agreed=_agreed(event.fact("agreed")))
        case EventKind.DUTY_RECORDED if event.fact("body") == Body.IMAGERY:
            return say(f"event.imagery_{event.fact('contacted')}", seat=seat)
        case EventKind.DUTY_RECORDED:
            called, contacted = event.fact("called"), event.fact("contacted") == "yes"
            body, came = called or seat_name(event.fact("body")), decision(contacted=contacted, called=called)
            return say("event.duty_recorded", seat=seat, body=body, decision=came)
        case EventKind.TASK_RECORDED:
            what = event.fact("called") or sentence(case, event.fact("which")) or say("event.something")
            return say(f"event.task_{event.fact('became')}", seat=seat, what=what)
        case EventKind.LETTER_APPROVED | EventKind.PACK_MADE:
            return say(f"event.{event.kind}", seat=seat, what=_made(event))
        case EventKind.CARE_RECORDED:
            return _cared(event, seat)
        case EventKind.REASSESSED:
            return _reassessed(case, event)
        case EventKind.CLOSED:
            return say("event.closed", seat=seat, outcome=say(f"outcome.{event.fact('outcome')}"))
        case EventKind.DELIVERY_FAILED:
            return _not_delivered(event)
        case _:
            return say(f"event.{event.kind}", seat=seat, day=_until(event.fact("day")))


def _until(day: str) -> str:
    """Return a day that may be years ahead ("" = none is meant)."""
    found = dt.date.fromisoformat(day) if day else None
    return f"{calendar.on_day(found)} {found.year}" if found is not None else ""


def _escalated(case: Case, event: Event, school: School, seat: str) -> str:
    """Return who is told next, and instead of whom."""
    if gone := event.fact("unreached"):
        return say("event.escalated_unreached", gone=seat_of(case, PersonId(gone), school), seat=seat)
    return say("event.escalated", seat=seat)


def _handed_on(lead: str) -> str:
    """Return to which seat the lead went, if anybody is left."""
    return say("event.handed_on", seat=seat_name(lead)) if lead else say("event.handed_on_nobody")


def _cared(event: Event, seat: str) -> str:
    """Return that support was offered, and when they are asked again."""
    if not event.fact("again"):
        return say("event.care_recorded", seat=seat)
    day = calendar.on_day(dt.date.fromisoformat(event.fact("again")))
    return say("event.care_again", seat=seat, day=day)


def _recused(why: tuple[str, ...]) -> str:
    """Return that somebody is out; never who."""
    if why == (Excluded.CONFLICT,):
        return say("event.recused")
    return say("event.seated_by" if why == (Excluded.SEATED_BY,) else "event.recused_others")


def _not_delivered(event: Event) -> str:
    match event.fact("message"):
        case Message.NOTE_TO_REPORTER:
            return say("event.note_not_delivered")
        case Message.WITHDRAWN:
            return say("event.not_taken_back" if event.fact("person") else "event.not_taken_back_place")
        case _:
            return say("event.delivery_failed")


def _made(event: Event) -> str:
    """Return which letter was approved, or for whom a pack was made."""
    letter = event.fact("letter")
    return say(f"letter.{letter}") if letter else say(f"pack.{event.fact('body')}")


def _handed_over(event: Event) -> str:
    seats = ", ".join(seat_name(seat) for seat in event.several("seats"))
    return say("event.handed_over", seats=seats) if seats else say("event.handed_over_filled")


def decision(*, contacted: bool, called: str = "") -> str:
    """Return what was decided about a duty; ``called`` = it is one of the school's own policy."""
    if contacted:
        return say("event.decision_done" if called else "event.decision_yes")
    return say("event.decision_no")


def _reassessed(case: Case, event: Event) -> str:
    policy = event.fact("policy")
    by = f" {say('event.reassessed_by', version=policy)}" if policy else ""
    return _decided_again(case, event) + by


def _decided_again(case: Case, event: Event) -> str:
    added = ", ".join(seat_name(seat) for seat in event.several("added"))
    urgency = say(f"urgency.{event.fact('urgency')}")
    if happened := event.fact("happened"):
        what, why = say(f"happened.{happened}"), _why_again(case, happened)
        words = "event.reassessed_happened_added" if added else "event.reassessed_happened"
        return say(words, what=what, why=why, urgency=urgency, added=added)
    if added:
        return say("event.reassessed_added", urgency=urgency, added=added)
    return say("event.reassessed", urgency=urgency)


def _why_again(case: Case, happened: str) -> str:
    """Return why the policy's rows for what has happened apply."""
    whys = (
        as_said(r.because, case.holders, case.report) for r in case.decision.reasons if happened in r.facts
    )
    return " ".join(dict.fromkeys(whys))


def _agreed(who: str) -> str:
    """Return who agreed that a hold is lifted; or that the decision it waited for is there."""
    if who == "police_decision":
        return say("event.agreed_police_decision")
    return say("event.agreed", who=seat_name(who))


def told(case: Case, school: School, known: Mapping[PersonId, Reach]) -> tuple[tuple[str, str], ...]:
    """Return who is told, by how far they have been reached; whoever was not, with the number to ring."""
    who: dict[Reach, dict[str, None]] = {}
    for person in recipients(case):
        found = reach(case, person, known)
        seats = [seat_name(seat) for seat, holder in case.holders.items() if holder == person]
        called = say("told.and").join(seats) or seat_of(case, person, school)
        if found is Reach.UNREACHED:
            called = say("told.ring", seat=called, phone=phone(school, person))
        who.setdefault(found, {})[called] = None  # two who stand in for one seat read the same
    if not who:
        return ((say("message.told"), say("message.nobody")),)
    return tuple((say(f"told.{reach}"), ", ".join(who[reach])) for reach in reversed(Reach) if reach in who)


def phone(school: School, person: PersonId) -> str:
    """Return somebody's number, or whom to ask for it."""
    known_to_us = school.people.get(person)
    return (known_to_us.phone if known_to_us else "") or say("message.not_filled_in")


def how_far(row: CaseSummary, known: Mapping[PersonId, Reach], school: School) -> str:
    """Return how a report stands, for the one who made it: never more than is so."""
    if row.status is Status.CLOSED:
        return say("list.mine_closed" if row.told else "list.mine_closed_untold")
    if row.status is Status.ACKNOWLEDGED:
        return say("list.mine_acknowledged")
    if not row.told:
        contact = school.fallback_contact
        return say("list.mine_nobody", who=contact.name, phone=contact.phone or say("message.not_filled_in"))
    reaches = [known.get(person, Reach.TELLING) for person in row.told]
    furthest = further(*reaches)
    if furthest is Reach.UNREACHED or (furthest is Reach.TELLING and reaches[0] is Reach.UNREACHED):
        lead = row.holders.get(row.lead, row.told[0]) if row.lead else row.told[0]
        return say("list.mine_unreached", seat=seat_name(row.lead), phone=phone(school, lead))
    passed_up = say("list.mine_escalated") if row.status is Status.ESCALATED else ""
    return say(f"list.mine_{furthest}") + passed_up


def opening(case: Case, school: School, now: dt.datetime, reached: Mapping[PersonId, Reach]) -> str:
    """Return how a case begins: who leads, by when, and who is told."""
    deadline = calendar.spoken(case.due_at, now, school)
    who = " ".join(f"{how}: {who}." for how, who in told(case, school, reached))
    if case.lead is None:
        return say("message.opened_nobody", deadline=deadline, told=who)
    opened = "opened_late" if now > case.due_at else "opened"
    return say(f"message.{opened}", lead=leads(case), deadline=deadline, told=who)
