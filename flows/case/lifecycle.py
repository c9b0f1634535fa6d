"""The case: its lifecycle as a table, and every step as a function from a case to a Change.

What an action is, and which status allows it, it declares in ``actions``; who may do it is asked in
``access``; what it sends is in ``outbox``. An illegal step raises and changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from flows import calendar
from flows.case.actions.table import ACTIONS
from flows.case.clock import plan as clock
from flows.case.clock.table import key
from flows.case.context import Command, StepContext, Transition, due
from flows.case.declared import ByPerson
from flows.case.duties import owed
from flows.case.exclusion import apart, excluded
from flows.case.refusals import refuse
from flows.delivery import outbox, sends, to_reporter
from flows.model import (
    OF_THE_REPORTER,
    Action,
    Audit,
    AuditKind,
    Case,
    CaseId,
    CaseSummary,
    Change,
    Event,
    EventKind,
    Fact,
    Hold,
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
from flows.policy.routing import Routed, recused, route
from flows.postings import joined
from flows.references import reference
from flows.school import School
from flows.words import say

#: What each status allows and the status it leads to, as the actions declare. docs/lifecycle.md shows it.
LIFECYCLE: dict[Status, dict[Action, Status]] = {
    status: {
        action: kind.declared.leads_to[status]
        for action, kind in ACTIONS.items()
        if status in kind.declared.leads_to
    }
    for status in Status
}

#: Where a case goes without anybody's action: nobody answered, or its owner dropped out.
BY_ITSELF: dict[Status, dict[str, Status]] = {
    Status.OPEN: {"not acknowledged in time": Status.ESCALATED},
    Status.ESCALATED: {"not acknowledged in time": Status.ESCALATED},
    Status.ACKNOWLEDGED: {"its owner must not know any longer": Status.OPEN},
    Status.CLOSED: {"a report finished later asks for more": Status.OPEN},
}


def require(case: Case, action: Action) -> None:
    """Raise NotAllowed unless the status of the case allows the action."""
    if action not in LIFECYCLE[case.status]:
        raise refuse("case-closed" if case.status is Status.CLOSED else "not-yet")


def open_case(
    report: Report, *, case_id: CaseId, code: str, step: StepContext, drill: bool = False
) -> Change:
    """Return the change that opens a case, with its messages and timers; ``code`` ends its reference."""
    assessment = assess(report.answers, unfinished=report.unfinished)
    decision = decide(step.policy, assessment)
    without = excluded(recused(report, assessment, decision, step.school), step, reporter=report.reporter)
    routed = route(decision, report, step.school, without=without, on=step.day)
    case = Case(
        id=case_id,
        school=step.school.id,
        reference=reference(step.school, step.day, code),
        opened_at=step.at,
        due_at=due(decision, step),
        report=report,
        decision=decision,
        recused=without,
        said=report.given,
        holders=routed.holders,
        affected=routed.affected,
        lead=routed.lead,
        restricted=apart(decision, step.school, without),
        drill=drill,
        hold=say("case.hold_from_policy") if any(r.hold for r in decision.reasons) else "",
        duties=owed(decision, due_at=due(decision, step), at=step.at, school=step.school),
        hold_safeguarding=any(r.hold is Hold.SAFEGUARDING for r in decision.reasons),
    )
    if not decision.notify:
        return _nobody_told(case, step)
    case = replace(case, acknowledge_by=calendar.acknowledge_by(decision.urgency, step.at, step.school))
    return _told(case, routed, step)


def _told(case: Case, routed: Routed, step: StepContext) -> Change:
    """Return the change for a case that somebody is told of."""
    opened = Event(case=case.id, seq=1, kind=EventKind.OPENED, at=step.at, facts=_opening_facts(case, routed))
    roots = outbox.cards(case, step.school, step.platforms, step.at)
    unreached = outbox.unreached(case, step.school, step.platforms)
    case = replace(case, cards=tuple(s.key for s in roots), events=1, unreached=unreached)
    planned = [
        *roots,
        *outbox.updates(step.school, (opened,), roots),
        *to_reporter.receipt(case, step.school, step.platforms, step.at),
    ]
    ladder = acknowledge_timer(case, step)
    case = replace(case, alarms=clock.planned(case, step, ladder))
    timers = (*ladder, hear_timer(case, step.at, step.school), *clock.timers({}, case)[0])
    return Change(school=case.school, case=case, events=(opened,), new_sends=tuple(planned), timers=timers)


def _nobody_told(case: Case, step: StepContext) -> Change:
    """Row N: stored, told to nobody, closed with advice to the reporter."""
    closed = replace(case, status=Status.CLOSED, outcome=Outcome.NO_CLAUSE, closed_at=step.at, events=1)
    event = Event(case=case.id, seq=1, kind=EventKind.OPENED, at=step.at, facts={"told": "nobody"})
    return Change(
        school=case.school,
        case=closed,
        events=(event,),
        new_sends=tuple(to_reporter.receipt(closed, step.school, step.platforms, step.at)),
    )


def finish(before: Case, happened: Transition, step: StepContext, status: Status) -> Change:
    """Return the change for what happened: numbered events, edits, thread lines, progress, withdrawals."""
    if happened.quiet:
        return _quietly(before, happened, step)
    events = _numbered(before, happened, step)
    case = replace(_with(happened.case, events), status=status)
    if happened.rearm:
        case = replace(
            case, acknowledge_by=calendar.acknowledge_by(case.decision.urgency, step.at, step.school)
        )
    roots = outbox.renewed(outbox.cards(case, step.school, step.platforms, step.at), case, step.sends)
    gone = outbox.withdrawals(step.sends, happened.newly_recused, roots=roots, at=step.at)
    known = set(before.cards)
    fresh = [s for s in roots if s.key not in known]
    standing = [s for s in roots if s.key in known]
    unreached = outbox.unreached(case, step.school, step.platforms)
    case = replace(case, cards=tuple(s.key for s in roots), unreached=unreached)
    # A place the case has just come to is told from the beginning: what to do, and why.
    opened = Event(case=case.id, seq=1, kind=EventKind.OPENED, at=step.at)
    planned = [
        *gone,
        *fresh,
        *outbox.updates(step.school, (opened,), fresh),
        *outbox.updates(step.school, events, roots),
        *outbox.edits((*standing, *outbox.receipts(step.sends)), step.at),
        *outbox.assigned(case, step.school, events, step.platforms),
        *to_reporter.about(case, step.school, events, step.platforms, step.sends),
        *happened.sends,
    ]
    case, timers, over = _timed(before, case, happened, step)
    return Change(
        school=case.school,
        case=case,
        events=events,
        audit=tuple(_already_told(case, gone, step)),
        new_sends=tuple(planned),
        timers=timers,
        cancelled_timers=over,
    )


def _timed(
    before: Case, case: Case, happened: Transition, step: StepContext
) -> tuple[Case, tuple[Timer, ...], tuple[str, ...]]:
    """Return the case with its plan as it is now, the timers to set, and the keys of those that are over."""
    ladder = acknowledge_timer(case, step, again=happened.remind) if happened.rearm or happened.remind else ()
    taken_on = before.owner is None and case.owner is not None
    case = replace(case, alarms=clock.planned(case, step, ladder, taken_on=taken_on))
    anew, over = clock.timers(before.alarms, case)
    reopened = before.status is Status.CLOSED and case.status is not Status.CLOSED
    hears = (hear_timer(case, step.at, step.school),) if reopened else ()
    acknowledged = case.status in (Status.ACKNOWLEDGED, Status.CLOSED)
    asked = (key(TimerKind.ACKNOWLEDGE, case.id),) if acknowledged else ()
    return case, (*ladder, *hears, *anew), (*asked, *over)


def _quietly(before: Case, happened: Transition, step: StepContext) -> Change:
    """Return the change for what is seen on no card: alarms, what goes on record, and their own messages."""
    anew, _ = clock.timers(before.alarms, happened.case)
    events = _numbered(before, happened, step)
    case = _with(happened.case, events)
    return Change(school=before.school, case=case, events=events, new_sends=happened.sends, timers=anew)


def _with(case: Case, events: Sequence[Event]) -> Case:
    """Return the case with these events: it counts them, and is found by what was written in them."""
    written = tuple(one.words for one in events if one.words and one.kind not in OF_THE_REPORTER)
    found_by = joined(case.noted, written) if written else case.noted
    return replace(case, events=case.events + len(events), noted=found_by)


def _numbered(before: Case, happened: Transition, step: StepContext) -> tuple[Event, ...]:
    return tuple(
        Event(
            case=before.id,
            seq=seq,
            kind=new.kind,
            at=step.at,
            by=step.by,
            seat=next((seat for seat, person in before.holders.items() if person == step.by), None),
            facts=new.facts,
            words=new.words,
        )
        for seq, new in enumerate(happened.events, start=before.events + 1)
    )


def apply(case: Case, command: Command, step: StepContext) -> Change:
    """Return the change a command makes. Raises NotAllowed (wrong status, on hold, nothing to do)."""
    status = case.status
    if isinstance(command, ByPerson):
        require(case, command.declared.action)
        if command.declared.waits_on_hold and case.hold:
            raise refuse("on_hold")
        status = command.declared.leads_to[status]
    happened = command.take(case, step)
    return finish(case, happened, step, happened.status or status)


def acknowledge_timer(case: Case, step: StepContext, *, again: bool = False) -> tuple[Timer, ...]:
    """Return the timer that asks the next person; none where somebody has taken it on.

    Without a limit of its own a case is spoken of each working morning until somebody has taken it on.
    ``again`` = everybody who could be asked has been.
    """
    if case.status in (Status.ACKNOWLEDGED, Status.CLOSED):
        return ()
    called = key(TimerKind.ACKNOWLEDGE, case.id)
    due = calendar.ask_again(case.decision.urgency, step.at, step.school, since=case.acknowledge_by)
    if case.acknowledge_by is not None and not again:
        due = case.acknowledge_by
    return (
        Timer(
            key=called, school=case.school, kind=TimerKind.ACKNOWLEDGE, due=due, case=case.id, step=int(again)
        ),
    )


def hear_timer(case: Case | CaseSummary, at: dt.datetime, school: School, *, step: int = 0) -> Timer:
    """Return the timer by which the reporter hears how it stands."""
    due = calendar.hear_by(case.opened_at, at, school)
    return Timer(
        key=key(TimerKind.HEAR, case.id),
        school=case.school,
        kind=TimerKind.HEAR,
        due=due,
        case=case.id,
        step=step,
    )


def _opening_facts(case: Case, routed: Routed) -> dict[str, Fact]:
    facts: dict[str, Fact] = {"urgency": case.decision.urgency.value, "lead": case.lead or ""}
    if routed.unfilled:
        facts["unfilled"] = tuple(routed.unfilled)
    return facts


def _already_told(case: Case, gone: Sequence[Send], step: StepContext) -> Iterable[Audit]:
    landed = {sent.key: sent for sent in step.sends if sent.state is not SendState.WAITING}
    for sent in (landed[send.root] for send in gone if send.root in landed):
        yield Audit(
            school=case.school,
            at=step.at,
            kind=AuditKind.ALREADY_TOLD,
            by=step.by,
            case=case.id,
            facts=sends.facts(sent),
        )
