"""The case: its lifecycle as a table, and every step as a function from a case to a Change.

Rules for this file: what a status allows stands in :data:`LIFECYCLE` and nowhere else; who may do it
is asked in ``access``; what a step *means* is in ``steps``; what it sends is in ``outgoing``. An
illegal step raises and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from flows import calendar
from flows.case import outbox, transitions
from flows.case.commands import Command
from flows.case.context import SAFEGUARDING_HOLD, StepContext, Transition, due, rows
from flows.errors import NotAllowed
from flows.model import (
    Action,
    Audit,
    AuditKind,
    Case,
    CaseId,
    Change,
    Decision,
    Event,
    EventKind,
    Outcome,
    Report,
    Send,
    SendState,
    Status,
    Timer,
    TimerKind,
)
from flows.policy.assessment import assess
from flows.policy.engine import decide
from flows.policy.routing import Routed, leadership_people, recused, route
from flows.school import PersonId, School
from flows.words import say

#: What each status allows, and the status it leads to. The whole truth: docs/lifecycle.md is drawn from it.
LIFECYCLE: dict[Status, dict[Action, Status]] = {
    Status.OPEN: {
        Action.TAKE_ON: Status.ACKNOWLEDGED,
        Action.CONFLICT: Status.OPEN,
        Action.NOTE: Status.OPEN,
        Action.TOLD_999: Status.OPEN,
        Action.HOLD: Status.OPEN,
        Action.CLEAR_HOLD: Status.OPEN,
        Action.LEGAL: Status.OPEN,
        Action.POLICE: Status.OPEN,
        Action.CORRECT: Status.OPEN,
        Action.ADD: Status.OPEN,
        Action.OPEN_RECORD: Status.OPEN,
        Action.SHOW_REPORTER: Status.OPEN,
    },
    Status.ESCALATED: {
        Action.TAKE_ON: Status.ACKNOWLEDGED,
        Action.CONFLICT: Status.ESCALATED,
        Action.NOTE: Status.ESCALATED,
        Action.TOLD_999: Status.ESCALATED,
        Action.HOLD: Status.ESCALATED,
        Action.CLEAR_HOLD: Status.ESCALATED,
        Action.LEGAL: Status.ESCALATED,
        Action.POLICE: Status.ESCALATED,
        Action.CORRECT: Status.ESCALATED,
        Action.ADD: Status.ESCALATED,
        Action.OPEN_RECORD: Status.ESCALATED,
        Action.SHOW_REPORTER: Status.ESCALATED,
    },
    Status.ACKNOWLEDGED: {
        Action.TAKE_ON: Status.ACKNOWLEDGED,
        Action.CONFLICT: Status.ACKNOWLEDGED,
        Action.NOTE: Status.ACKNOWLEDGED,
        Action.TOLD_999: Status.ACKNOWLEDGED,
        Action.HOLD: Status.ACKNOWLEDGED,
        Action.CLEAR_HOLD: Status.ACKNOWLEDGED,
        Action.CONTACT: Status.ACKNOWLEDGED,
        Action.MEETING: Status.ACKNOWLEDGED,
        Action.LEGAL: Status.ACKNOWLEDGED,
        Action.POLICE: Status.ACKNOWLEDGED,
        Action.CORRECT: Status.ACKNOWLEDGED,
        Action.ADD: Status.ACKNOWLEDGED,
        Action.OPEN_RECORD: Status.ACKNOWLEDGED,
        Action.SHOW_REPORTER: Status.ACKNOWLEDGED,
        Action.CLOSE: Status.CLOSED,
    },
    Status.CLOSED: {
        Action.CONFLICT: Status.CLOSED,
        Action.NOTE: Status.CLOSED,
        Action.ADD: Status.CLOSED,
        Action.OPEN_RECORD: Status.CLOSED,
        Action.SHOW_REPORTER: Status.CLOSED,
        Action.REOPEN: Status.OPEN,
    },
}

#: Where a case goes without anybody's action: nobody answered, or its owner dropped out.
BY_ITSELF: dict[Status, dict[str, Status]] = {
    Status.OPEN: {"not acknowledged in time": Status.ESCALATED},
    Status.ESCALATED: {"not acknowledged in time": Status.ESCALATED},
    Status.ACKNOWLEDGED: {"its owner must not know any longer": Status.OPEN},
    Status.CLOSED: {"a report finished later asks for more": Status.OPEN},
}


def allows(status: Status, action: Action) -> bool:
    """Return whether a case in this status allows the action at all."""
    return action in LIFECYCLE[status]


def open_case(report: Report, *, case_id: CaseId, step: StepContext) -> Change:
    """Return the change that opens a case: decided, routed, with its messages and timers."""
    assessment = assess(report.answers, unfinished=report.unfinished)
    decision = decide(step.policy, assessment)
    without = recused(report, assessment, step.school)
    routed = route(decision, report, step.school, without=without, on=step.day)
    case = Case(
        id=case_id,
        school=step.school.id,
        reference=f"{step.school.prefix}-{step.day.year}-",
        opened_at=step.at,
        due_at=due(decision, step),
        report=report,
        decision=decision,
        recused=without,
        holders=routed.holders,
        affected=routed.affected,
        lead=routed.lead,
        restricted=_restricted(step.school, without),
        hold=say("case.hold_from_policy") if _holds(decision) else "",
        hold_safeguarding=_holds(decision) and bool(rows(decision) & SAFEGUARDING_HOLD),
    )
    if not decision.notify:
        return _nobody_told(case, step)
    case = replace(case, acknowledge_by=calendar.acknowledge_by(decision.urgency, step.at, step.school))
    opened = Event(case=case.id, seq=1, kind=EventKind.OPENED, at=step.at, facts=_opening_facts(case, routed))
    roots = outbox.cards(case, step.school, step.platforms, step.at)
    unreached = outbox.unreached(case, step.school, step.platforms)
    case = replace(case, cards=tuple(s.key for s in roots), events=1, unreached=unreached)
    sends = [
        *roots,
        *outbox.updates(case, step.school, (opened,), roots),
        *outbox.receipt(case, step.school, step.platforms, step.at),
    ]
    timers = _acknowledge(case, step)
    return Change(school=case.school, case=case, events=(opened,), new_sends=tuple(sends), timers=timers)


def _nobody_told(case: Case, step: StepContext) -> Change:
    """Row N: kept, told to nobody, closed with advice to the reporter."""
    closed = replace(case, status=Status.CLOSED, outcome=Outcome.NO_CLAUSE, closed_at=step.at, events=1)
    event = Event(case=case.id, seq=1, kind=EventKind.OPENED, at=step.at, facts={"told": "nobody"})
    return Change(
        school=case.school,
        case=closed,
        events=(event,),
        new_sends=tuple(outbox.receipt(closed, step.school, step.platforms, step.at)),
    )


def finish(before: Case, happened: Transition, step: StepContext, status: Status) -> Change:
    """Return the change for what happened: numbered events, edits, thread lines, progress, withdrawals."""
    events = _numbered(before, happened, step)
    case = replace(happened.case, status=status, events=before.events + len(events))
    if happened.rearm:
        case = replace(
            case, acknowledge_by=calendar.acknowledge_by(case.decision.urgency, step.at, step.school)
        )
    roots = outbox.renewed(outbox.cards(case, step.school, step.platforms, step.at), case, step.sends)
    gone = outbox.withdrawals(case, step.sends, happened.newly_recused, roots=roots, at=step.at)
    known = set(before.cards)
    fresh = [s for s in roots if s.key not in known]
    standing = [s for s in roots if s.key in known]
    unreached = outbox.unreached(case, step.school, step.platforms)
    case = replace(case, cards=tuple(s.key for s in roots), unreached=unreached)
    # A place the case has just come to is told from the beginning: what to do, and why.
    opened = Event(case=case.id, seq=1, kind=EventKind.OPENED, at=step.at)
    sends = [
        *gone,
        *fresh,
        *outbox.updates(case, step.school, (opened,), fresh),
        *outbox.updates(case, step.school, events, roots),
        *outbox.edits(case, standing, step.at),
        *outbox.progress(case, step.school, events, step.platforms),
    ]
    acknowledged = case.status in (Status.ACKNOWLEDGED, Status.CLOSED)
    return Change(
        school=case.school,
        case=case,
        events=events,
        audit=tuple(_already_told(case, gone, step)),
        new_sends=tuple(sends),
        timers=() if acknowledged else _acknowledge(case, step) if happened.rearm else (),
        cancelled_timers=(f"{case.id}/acknowledge",) if acknowledged else (),
    )


def _numbered(before: Case, happened: Transition, step: StepContext) -> tuple[Event, ...]:
    return tuple(
        Event(case=before.id, seq=seq, kind=kind, at=step.at, by=step.by, facts=facts, words=words)
        for seq, (kind, facts, words) in enumerate(happened.events, start=before.events + 1)
    )


def apply(case: Case, command: Command, step: StepContext) -> Change:
    """Return the change a command makes. Raises NotAllowed (wrong status, nothing to do)."""
    action = transitions.action_of(command)
    if action is not None and not allows(case.status, action):
        reference = "case-closed" if case.status is Status.CLOSED else "not-yet"
        raise NotAllowed(reference, say(f"case.refused.{reference}"), say(f"case.refused.{reference}_hint"))
    happened = transitions.take(case, command, step)
    status = LIFECYCLE[case.status][action] if action is not None else case.status
    return finish(case, happened, step, happened.status or status)


def _acknowledge(case: Case, step: StepContext) -> tuple[Timer, ...]:
    if case.acknowledge_by is None:
        return ()
    key = f"{case.id}/acknowledge"
    return (
        Timer(
            key=key, school=step.school.id, kind=TimerKind.ACKNOWLEDGE, due=case.acknowledge_by, case=case.id
        ),
    )


def _restricted(school: School, without: Iterable[PersonId]) -> bool:
    return not leadership_people(school).isdisjoint(without)


def _holds(decision: Decision) -> bool:
    return "hold_contact_with_poster" in decision.actions


def _opening_facts(case: Case, routed: Routed) -> dict[str, str]:
    facts = {"urgency": case.decision.urgency.value, "lead": case.lead or ""}
    if routed.unfilled:
        facts["unfilled"] = ",".join(routed.unfilled)
    return facts


def _already_told(case: Case, gone: Sequence[Send], step: StepContext) -> Iterable[Audit]:
    landed = {s.key for s in step.sends if s.state is not SendState.WAITING}
    for send in (s for s in gone if s.root in landed):
        yield Audit(
            school=case.school,
            at=step.at,
            kind=AuditKind.ALREADY_TOLD,
            by=step.by,
            case=case.id,
            facts={"person": send.person or "", "place": send.place or "", "send": send.root},
        )
