"""What the clock's events say, as lines that are safe in a channel; and whom to ring at a ladder's end."""

from __future__ import annotations

import datetime as dt

from flows import calendar
from flows.case.checklist.names import sentence
from flows.case.checklist.tasks import tasks
from flows.model import Case, Event, EventKind
from flows.policy.wording import seat_name
from flows.school import School
from flows.words import say


def clock_line(case: Case, event: Event, school: School, seat: str) -> str:
    """Return the line of an event of the clock; "" = it is none. ``seat`` = who did it, or is told next."""
    match event.kind:
        case EventKind.REMINDED:
            return _reminded(case, event, school)
        case EventKind.ESCALATED if not event.fact("told"):
            return f"{say('event.escalated_nobody')} {ring_fallback(school)}"
        case EventKind.OVERDUE:
            what = " ".join(what_is(case, name) for name in event.several("what"))
            if event.fact("told"):
                return say("event.overdue", what=what, seat=seat)
            return f"{say('event.overdue_nobody', what=what)} {ring_fallback(school)}"
        case EventKind.SNOOZED:
            until = calendar.on_day(dt.date.fromisoformat(event.fact("until")))
            return say("event.snoozed", seat=seat, what=what_is(case, event.fact("which")), day=until)
        case EventKind.REFERENCE_RECORDED:
            return say("event.reference_recorded", seat=seat, body=seat_name(event.fact("which")))
        case _:
            return ""


def _reminded(case: Case, event: Event, school: School) -> str:
    """Return that a case still waits: for whom, and when that is said again."""
    opened = "_opened" if event.fact("opened") else ""
    if not case.decision.urgency.presses:
        return say(f"event.reminded{opened}")
    return say(f"event.reminded_hourly{opened}", ring=ring_fallback(school))


def ring_fallback(school: School) -> str:
    """Return whom to ring where nobody in school is left, with the number."""
    contact = school.fallback_contact
    missing = say("message.not_filled_in")
    return say("event.ring_fallback", who=contact.name or missing, phone=contact.phone or missing)


def what_is(case: Case, name: str) -> str:
    """Return what one thing in the list asks, in words that a channel may read."""
    what = next((task.what for task in tasks(case) if task.name == name), "")
    return f"{(what or sentence(case, name) or say('event.something')).removesuffix('.')}."
