"""What each command does to a case. One short function a command, and the table that finds it.

Each returns :class:`flows.case.context.Transition`; numbering, messages and timers are ``case.finish``'s.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from flows.case import commands as do
from flows.case.context import StepContext, Transition, due, undecided
from flows.case.reassess import reassess
from flows.errors import NotAllowed
from flows.model import Action, Case, EventKind, Excluded, ExternalDecision, Status
from flows.policy.routing import affected_people, ladder, leadership_people, route
from flows.words import say

#: Which action a command is; commands that are nobody's button (the bot's own, the reporter's) have none.
ACTIONS: dict[type, Action] = {
    do.TakeOn: Action.TAKE_ON,
    do.HaveConflict: Action.CONFLICT,
    do.AddNote: Action.NOTE,
    do.Hold: Action.HOLD,
    do.ClearHold: Action.CLEAR_HOLD,
    do.RecordContact: Action.CONTACT,
    do.RecordMeeting: Action.MEETING,
    do.Confirm999: Action.TOLD_999,
    do.Correct: Action.CORRECT,
    do.AddToReport: Action.ADD,
    do.Close: Action.CLOSE,
    do.Reopen: Action.REOPEN,
    do.ShowReporter: Action.SHOW_REPORTER,
}


def action_of(command: do.Command) -> Action | None:
    """Return which action a command is; None for what is nobody's button."""
    if isinstance(command, do.DecideExternal):
        return Action(command.body)
    return ACTIONS.get(type(command))


def take(case: Case, command: do.Command, step: StepContext) -> Transition:
    """Return what the command does. Raises NotAllowed where it makes no sense now."""
    found: Transition = _STEPS[type(command)](case, command, step)
    return found


def refuse(name: str, **gaps: str) -> NotAllowed:
    """Return the error for a step that makes no sense now."""
    return NotAllowed(
        name.replace("_", "-"), say(f"case.refused.{name}", **gaps), say(f"case.refused.{name}_hint")
    )


def _take_on(case: Case, _: do.TakeOn, step: StepContext) -> Transition:
    if case.owner == step.by:
        raise refuse("already_yours")
    return Transition(case=replace(case, owner=step.by), events=((EventKind.TAKEN_ON, {}, ""),))


def _have_conflict(case: Case, command: do.HaveConflict, step: StepContext) -> Transition:
    """Recuse at once, hand on to the substitute, and leave any place this person can see."""
    if step.by is None or step.by in case.recused:
        raise refuse("already_recused")
    without = {**case.recused, step.by: Excluded.CONFLICT}
    routed = route(case.decision, case.report, step.school, without=without, on=step.day, before=case.holders)
    led = case.lead is not None and case.holders.get(case.lead) == step.by
    restricted = case.restricted or step.by in leadership_people(step.school)
    owner = None if case.owner == step.by else case.owner
    after = replace(
        case,
        recused=without,
        holders=routed.holders,
        lead=routed.lead,
        affected=routed.affected,
        stand_ins=tuple(p for p in case.stand_ins if p != step.by),
        owner=owner,
        restricted=restricted,
    )
    events: list[tuple[EventKind, dict[str, str], str]] = [
        (EventKind.RECUSED, {"why": Excluded.CONFLICT.value}, command.why)
    ]
    if led:
        events.append((EventKind.HANDED_ON, {"lead": routed.lead or ""}, ""))
    closed = case.status is Status.CLOSED
    dropped = case.owner is not None and owner is None and not closed
    return Transition(
        case=after,
        events=tuple(events),
        newly_recused=(step.by,),
        rearm=(led or dropped) and not closed,
        status=Status.OPEN if dropped else None,
    )


def _add_note(case: Case, command: do.AddNote, _: StepContext) -> Transition:
    return Transition(case=case, events=((EventKind.NOTED, {}, command.text),))


def _hold(case: Case, command: do.Hold, _: StepContext) -> Transition:
    return Transition(case=replace(case, hold=command.why), events=((EventKind.HELD, {}, command.why),))


def _clear_hold(case: Case, command: do.ClearHold, _: StepContext) -> Transition:
    if not case.hold:
        raise refuse("no_hold")
    return Transition(
        case=replace(case, hold="", hold_safeguarding=False),
        events=((EventKind.HOLD_CLEARED, {"agreed": command.agreed}, command.why),),
    )


def _contact(case: Case, command: do.RecordContact, _: StepContext) -> Transition:
    if case.hold:
        raise refuse("on_hold")
    facts = {"how": command.how, "when": command.when}
    return Transition(case=case, events=((EventKind.CONTACT_RECORDED, facts, command.text),))


def _meeting(case: Case, command: do.RecordMeeting, _: StepContext) -> Transition:
    if case.hold:
        raise refuse("on_hold")
    words = f"{command.who}\n{command.text}".strip()
    return Transition(case=case, events=((EventKind.MEETING_RECORDED, {"when": command.when}, words),))


def _decide_external(case: Case, command: do.DecideExternal, step: StepContext) -> Transition:
    """Record the decision; one on the police also ends a hold that was not a safeguarding one (§2.6)."""
    if step.by is None:
        raise refuse("no_decider")
    decision = ExternalDecision(
        contacted=command.contacted,
        how=command.how,
        when=command.when,
        reference=command.reference,
        why=command.why,
        by=step.by,
        at=step.at,
    )
    facts = {"contacted": "yes" if command.contacted else "no", "how": command.how, "when": command.when}
    reference = say("event.reference", reference=command.reference) if command.reference else ""
    words = "\n".join(part for part in (command.why, reference) if part)
    if command.body == "legal":
        return Transition(
            case=replace(case, legal=decision), events=((EventKind.LEGAL_DECIDED, facts, words),)
        )
    after = replace(case, police=decision)
    events: tuple[tuple[EventKind, dict[str, str], str], ...] = ((EventKind.POLICE_DECIDED, facts, words),)
    if case.hold and not case.hold_safeguarding:
        after = replace(after, hold="")
        events = (*events, (EventKind.HOLD_CLEARED, {"agreed": "police_decision"}, ""))
    return Transition(case=after, events=events)


def _confirm_999(case: Case, command: do.Confirm999, _: StepContext) -> Transition:
    return Transition(case=replace(case, called_999=True), events=((EventKind.CALLED_999, {}, command.text),))


def _correct(case: Case, command: do.Correct, step: StepContext) -> Transition:
    corrected = (EventKind.CORRECTED, {"answers": ",".join(command.changed)}, command.reason)
    return reassess(case, command.report, step, because=corrected)


def _complete(case: Case, command: do.Complete, step: StepContext) -> Transition:
    return reassess(case, command.report, step, because=(EventKind.COMPLETED, {}, ""))


def _add_to_report(case: Case, command: do.AddToReport, _: StepContext) -> Transition:
    files = len(command.report.posting.files) - len(case.report.posting.files)
    facts = {"files": str(files)} if files else {}
    return Transition(
        case=replace(case, report=command.report), events=((EventKind.ADDED, facts, command.text),)
    )


def _close(case: Case, command: do.Close, step: StepContext) -> Transition:
    waiting = undecided(case)
    if waiting:
        raise refuse("undecided", what=" / ".join(say(f"seat.{body}") for body in waiting))
    return Transition(
        case=replace(case, outcome=command.outcome, closed_at=step.at),
        events=((EventKind.CLOSED, {"outcome": command.outcome.value}, command.reason),),
    )


def _reopen(case: Case, command: do.Reopen, step: StepContext) -> Transition:
    # Its old limit may be long past: everybody starts again, and so does the time they have.
    return Transition(
        case=replace(case, outcome=None, closed_at=None, owner=None, due_at=due(case.decision, step)),
        events=((EventKind.REOPENED, {}, command.reason),),
        rearm=True,
    )


def _show_reporter(case: Case, command: do.ShowReporter, _: StepContext) -> Transition:
    return Transition(case=case, events=((EventKind.REPORTER_SHOWN, {}, command.reason),))


def _escalate(case: Case, _: do.Escalate, step: StepContext) -> Transition:
    """Tell the next person of the lead's list (policy page §8); the clock starts again for them."""
    if case.status not in (Status.OPEN, Status.ESCALATED):
        raise refuse("already_taken_on")
    already = (*case.holders.values(), *case.stand_ins)
    not_them = {*case.recused, *affected_people(case.report, step.school)}
    person = ladder(step.school, case.lead, told=already, without=not_them)
    if person is None:
        facts = {"told": ""}
        return Transition(case=case, events=((EventKind.ESCALATED, facts, ""),), status=Status.ESCALATED)
    return Transition(
        case=replace(case, stand_ins=(*case.stand_ins, person)),
        events=((EventKind.ESCALATED, {"told": person}, ""),),
        rearm=True,
        status=Status.ESCALATED,
    )


def _move(case: Case, command: do.Move, _: StepContext) -> Transition:
    if case.restricted:
        raise refuse("already_moved")
    return Transition(
        case=replace(case, restricted=True), events=((EventKind.MOVED, {"why": command.why}, ""),)
    )


def _trouble(case: Case, command: do.ReportTrouble, step: StepContext) -> Transition:
    """Put a failed delivery on record; if it was the lead's notice, the next person is told in time."""
    failed = (EventKind.DELIVERY_FAILED, {"message": command.message, "person": command.person or ""}, "")
    leading = case.holders.get(case.lead) if case.lead else None
    already = (*case.holders.values(), *case.stand_ins)
    waits = case.owner is None and case.status is not Status.CLOSED
    person = ladder(step.school, case.lead, told=already, without=case.recused)
    if leading is None or command.person != leading or not waits or person is None:
        return Transition(case=case, events=(failed,))
    return Transition(
        case=replace(case, stand_ins=(*case.stand_ins, person)),
        events=(failed, (EventKind.ESCALATED, {"told": person}, "")),
        status=Status.ESCALATED,
    )


# Each function takes its own command type; the table is what keeps them together.
_STEPS: dict[type, Callable[[Case, Any, StepContext], Transition]] = {
    do.TakeOn: _take_on,
    do.HaveConflict: _have_conflict,
    do.AddNote: _add_note,
    do.Hold: _hold,
    do.ClearHold: _clear_hold,
    do.RecordContact: _contact,
    do.RecordMeeting: _meeting,
    do.DecideExternal: _decide_external,
    do.Confirm999: _confirm_999,
    do.Correct: _correct,
    do.Complete: _complete,
    do.AddToReport: _add_to_report,
    do.Close: _close,
    do.Reopen: _reopen,
    do.ShowReporter: _show_reporter,
    do.Escalate: _escalate,
    do.Move: _move,
    do.ReportTrouble: _trouble,
}
