"""Deciding a case again, when an answer is corrected or a report completed (policy page §2.12).

It adds recipients and raises levels and urgency; it takes somebody away only for a new conflict –
then at once, everywhere. What had been asked before and is asked no longer stays asked; who was excluded
stays out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from msgspec.structs import replace

from flows.case.context import NewEvent, StepContext, Transition, due
from flows.case.duties import kept, outstanding, owed
from flows.case.exclusion import apart, excluded, out_of_it
from flows.model import (
    URGENCIES,
    Case,
    Decision,
    EventKind,
    Excluded,
    Exclusion,
    Fact,
    Hold,
    Level,
    Report,
    Status,
)
from flows.policy.assessment import assess
from flows.policy.engine import decide
from flows.policy.facts import HAPPENED
from flows.policy.routing import recused, route
from flows.school import PersonId
from flows.words import say

_LEVELS = (Level.CONSIDER, Level.RECOMMEND, Level.CALL_999_NOW)


def reassess(
    case: Case, report: Report, step: StepContext, *, because: NewEvent, happened: str = ""
) -> Transition:
    """Return the case decided again on ``report``: what has ``happened``, who was added, who is cut off."""
    assessment = assess(report.answers, unfinished=report.unfinished, happened=case.happened)
    report = _locked(report) if may_be_imagery(report) else report
    decision = decide(step.policy, assessment)
    now = recused(report, assessment, decision, step.school)
    without = {**_standing(case, report, now, step), **_made(case, report, now, step)}
    decision = _never_less(case.decision, decision)
    routed = route(decision, report, step.school, without=without, on=step.day, before=case.holders)
    newly = tuple(p for p in without if p not in case.recused)
    restricted = case.restricted or apart(decision, step.school, without)
    owner = None if case.owner in {*without, *routed.affected} else case.owner
    held_anew = _held_anew(case.decision, decision)
    limit = due(decision, step)
    after = replace(
        case,
        report=report,
        decision=decision,
        recused=without,
        holders=routed.holders,
        affected=routed.affected,
        lead=routed.lead,
        stand_ins=tuple(p for p in case.stand_ins if p not in without),
        owner=owner,
        due_at=limit if happened and case.due_at < step.at else min(case.due_at, limit),
        restricted=restricted,
        hold=case.hold or (say("case.hold_from_policy") if held_anew else ""),
        hold_safeguarding=case.hold_safeguarding or Hold.SAFEGUARDING in held_anew,
        duties=kept(
            case, decision, owed(decision, due_at=due(decision, step), at=step.at, school=step.school)
        ),
        mistaken=None,
    )
    facts = _difference(case, after) | ({"happened": happened} if happened else {})
    events = [because, NewEvent(EventKind.REASSESSED, facts)]
    if newly:
        events.append(out_of_it(without, newly))
    return _what_follows(case, after, events, newly)


def look_again(case: Case, what: str, step: StepContext, recorded: tuple[NewEvent, ...]) -> Transition:
    """Return the case with what has become known; decided again where that brings rows of the policy."""
    if what not in HAPPENED or what in case.happened:
        return Transition(case=case, events=recorded)
    after = replace(case, happened=(*case.happened, what))
    before, now = (_rows(each, step) for each in (case, after))
    if before == now:
        return Transition(case=after, events=recorded)
    (because,) = recorded
    return reassess(after, case.report, step, because=because, happened=what)


def _rows(case: Case, step: StepContext) -> tuple[str, ...]:
    report = case.report
    facts = assess(report.answers, unfinished=report.unfinished, happened=case.happened)
    return tuple(reason.row for reason in decide(step.policy, facts).reasons)


def may_be_imagery(report: Report) -> bool:
    """Return whether a report says, or its words suggest, that it may show an image of a child."""
    flagged = report.answers.get("text_flags", ())
    said = report.answers.get("sexual_imagery_child", "no")
    return said in ("yes", "not_sure") or "sexual_imagery_child" in flagged


def _locked(report: Report) -> Report:
    """Return the report with every file locked: nobody opens what may show a child."""
    files = tuple(replace(file, locked=True) for file in report.posting.files)
    return replace(report, posting=replace(report.posting, files=files))


def _what_follows(case: Case, after: Case, events: list[NewEvent], newly: tuple[PersonId, ...]) -> Transition:
    """Return the step: handed on, opened again or begun anew, as the new decision asks."""
    led, leads = (c.holders.get(c.lead) if c.lead else None for c in (case, after))
    if leads != led:
        events.append(NewEvent(EventKind.HANDED_ON, {"lead": after.lead or ""}))
    raised = URGENCIES.index(after.decision.urgency) > URGENCIES.index(case.decision.urgency)
    added = set(after.decision.notify) - set(case.decision.notify)
    owes = {d.body for d in outstanding(after)} - {d.body for d in outstanding(case)}
    closed = case.status is Status.CLOSED
    again = closed and (raised or bool(added) or bool(owes) or bool(after.hold and not case.hold))
    if again:
        # It was closed on less than is known now.
        after = replace(after, outcome=None, closed_at=None, closed_by=None, closed_why="", owner=None)
        events.append(NewEvent(EventKind.REOPENED))
    lost_owner = case.owner is not None and after.owner is None and not closed
    waiting = after.owner is None and not closed
    return Transition(
        case=after,
        events=tuple(events),
        newly_recused=newly,
        rearm=again or (waiting and (lost_owner or raised or leads != led)),
        status=Status.OPEN if lost_owner or again else None,
    )


def _held_anew(old: Decision, new: Decision) -> frozenset[Hold]:
    """Return the holds that rows ask for which did not ask for one before."""
    before = {reason.row for reason in old.reasons if reason.hold}
    return frozenset(reason.hold for reason in new.reasons if reason.hold and reason.row not in before)


def _standing(
    case: Case, report: Report, now: Collection[PersonId], step: StepContext
) -> dict[PersonId, Exclusion]:
    """Return who stays out, whatever the answers say now: an exclusion is lifted by a person.

    But who only waited until a half-told report was finished is cleared by it – if others finished it, and
    it says who it is about.
    """
    finished = case.report.unfinished and not report.unfinished
    return {
        person: made
        for person, made in case.recused.items()
        if not finished or made.why is not Excluded.NOT_CLEARED or person in {step.by, *now}
    }


def _made(
    case: Case, report: Report, now: Mapping[PersonId, Excluded], step: StepContext
) -> dict[PersonId, Exclusion]:
    """Return whom these answers exclude and those before did not: of one that was lifted nothing is new."""
    old = case.report
    before = recused(old, assess(old.answers, unfinished=old.unfinished), case.decision, step.school)
    fresh = {p: why for p, why in now.items() if before.get(p) is not why and _graver(case, p)}
    return excluded(fresh, step, reporter=report.reporter)


def _graver(case: Case, person: PersonId) -> bool:
    """Return whether a new reason is to be kept: somebody is in, or was only waiting to be cleared."""
    made = case.recused.get(person)
    return made is None or made.why is Excluded.NOT_CLEARED


def _never_less(old: Decision, new: Decision) -> Decision:
    """Return ``new``, with every recipient, level and urgency of ``old`` that it does not take away.

    A seat the new decision leaves out *because of a conflict* is taken away by ``route``: its holder is
    recused there, and the seat falls to its substitute.
    """
    gone = {reason.instead_of.value for reason in new.reasons if reason.instead_of}
    return replace(
        new,
        notify=tuple(sorted(set(new.notify) | (set(old.notify) - gone))),
        levels=_highest(old.levels, new.levels),
        urgency=max(old.urgency, new.urgency, key=URGENCIES.index),
        leads=new.leads or old.leads,
    )


def _highest(old: Mapping[str, Level], new: Mapping[str, Level]) -> dict[str, Level]:
    return {
        body: max((levels[body] for levels in (old, new) if body in levels), key=_LEVELS.index)
        for body in sorted({*old, *new})
    }


def _difference(before: Case, after: Case) -> dict[str, Fact]:
    added = tuple(s for s in after.decision.notify if s not in before.decision.notify)
    gone = tuple(s for s in before.decision.notify if s not in after.decision.notify)
    facts: dict[str, Fact] = {"urgency": after.decision.urgency.value}
    if added:
        facts["added"] = added
    if gone:
        facts["gone"] = gone
    if before.decision.policy_version != after.decision.policy_version:
        facts["policy"] = after.decision.policy_version
    return facts
