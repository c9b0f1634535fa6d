"""Short phrases that several messages share: kind, seats, deadlines, reasons. No card is built here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from flows import calendar
from flows.model import Case, Decision, Event, EventKind, Excluded, Layer, Urgency
from flows.policy.wording import seat_name
from flows.school import PersonId, School, Seat
from flows.words import known, say

_LEADING = {
    "chair_leads": Seat.CHAIR,
    "vice_chair_leads": Seat.VICE_CHAIR,
    "substitute_governor_leads": Seat.SUBSTITUTE_GOVERNOR,
}
#: What is said before everything else, in this order.
_PRESSING = (
    "call_999",
    "confirm_999_called_and_record",
    "tell_someone_by_phone",
    "if_in_doubt_call_999",
    "refer_to_dsl_now",
    "do_not_view_copy_or_forward",
    "refuse_uploads",
    "dsl_decides_childrens_services",
    "lado_within_1_working_day",
    "show_lado_contact",
    "do_not_tell_person_accused",
    "hold_contact_with_poster",
)


def kind(decision: Decision) -> str:
    """Return the case's kind in words that are safe in a channel."""
    return say(f"kind.{decision.kind}")


def seat_of(case: Case, person: PersonId | None) -> str:
    """Return what somebody is in this case, in words that name nobody."""
    for seat, holder in case.holders.items():
        if holder == person:
            return seat_name(seat)
    if person is not None and person in case.stand_ins:
        return say("seat.stand_in")
    if person is not None and person == case.report.reporter:
        return say("seat.reporter")
    return say("event.somebody")


def leads(case: Case) -> str:
    """Return who leads, in words; says so plainly when nobody is left."""
    return seat_name(case.lead) if case.lead else say("message.nobody_leads")


def how_soon(case: Case, now: dt.datetime, school: School) -> str:
    """Return urgency and deadline: "Same day – by 17:00 today"."""
    if case.decision.urgency is Urgency.EMERGENCY:
        return say("urgency.emergency")
    return say(
        "message.how_soon",
        urgency=say(f"urgency.{case.decision.urgency}"),
        deadline=calendar.spoken(case.due_at, now, school),
    )


def clauses(decision: Decision) -> str:
    """Return the clauses that matched, as ids."""
    found = dict.fromkeys(c for r in decision.reasons if r.layer is Layer.POLICY for c in r.clauses)
    return ", ".join(found)


def event_line(case: Case, event: Event) -> str:
    """Return what happened as one line that is safe in a channel: no names, no words."""
    seat = seat_of(case, event.by)
    match event.kind:
        case EventKind.ESCALATED if not event.fact("told"):
            return say("event.escalated_nobody")
        case EventKind.HANDED_ON if not event.fact("lead"):
            return say("event.handed_on_nobody")
        case EventKind.HANDED_ON:
            return say("event.handed_on", seat=seat_name(event.fact("lead")))
        case EventKind.RECUSED if event.several("why") != (Excluded.CONFLICT,):
            return say("event.recused_others")
        case EventKind.HOLD_CLEARED:
            return say("event.hold_cleared", agreed=say(f"event.agreed_{event.fact('agreed')}"))
        case EventKind.LEGAL_DECIDED | EventKind.POLICE_DECIDED:
            decision = say(f"event.decision_{event.fact('contacted')}")
            return say(f"event.{event.kind}", seat=seat, decision=decision)
        case EventKind.REASSESSED:
            added = ", ".join(seat_name(seat) for seat in event.several("added"))
            urgency = say(f"urgency.{event.fact('urgency')}")
            if added:
                return say("event.reassessed_added", urgency=urgency, added=added)
            return say("event.reassessed", urgency=urgency)
        case EventKind.CLOSED:
            return say("event.closed", seat=seat, outcome=say(f"outcome.{event.fact('outcome')}"))
        case _:
            return say(f"event.{event.kind}", seat=seat)


def leaders_actions(case: Case) -> tuple[str, ...]:
    """Return what leaders are asked to do, in words, most pressing first.

    Who leads by the policy is left out where people have made it somebody else.
    """
    asked = [a for a in pressing(case.decision.actions) if _LEADING.get(a, case.lead) is case.lead]
    return tuple(say(f"action.{a}") for a in asked if known(f"action.{a}"))


def pressing(actions: Iterable[str]) -> list[str]:
    """Return the actions with those that cannot wait first; the decision lists them by name."""
    return sorted(actions, key=lambda a: _PRESSING.index(a) if a in _PRESSING else len(_PRESSING))


def recipients_in_words(case: Case) -> str:
    """Return the seats told, in words."""
    return ", ".join(seat_name(s) for s in Seat if s in case.holders) or say("message.nobody")
