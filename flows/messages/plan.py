"""What the clock says: a reminder of what is due, and the plan of a case – what rings when, and has rung."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from flows import calendar
from flows.case import access
from flows.case.checklist.task import Task
from flows.case.checklist.tasks import tasks
from flows.case.clock.lines import ring_fallback, what_is
from flows.case.clock.ring import whose
from flows.case.clock.table import LADDER
from flows.case.commands import kept_from
from flows.delivery.outbox import recipients
from flows.messages import checklist, phrases, shared_blocks
from flows.model import Action, Alarm, Case, Message, Status
from flows.policy.routing import ladder
from flows.school import PersonId, School
from flows.ui.cards import (
    Block,
    Bullets,
    Button,
    Buttons,
    Callout,
    Card,
    Heading,
    Line,
    Mark,
    Small,
    Text,
    Tone,
)
from flows.ui.intents import Ask, ChatCommand
from flows.words import say

_WAITS = (Status.OPEN, Status.ESCALATED)


def by_the_clock(
    message: Message, case: Case | None, school: School, person: PersonId | None, facts: Mapping[str, str]
) -> Card | None:
    """Return what one of the clock's messages says now (None = nothing)."""
    if message is Message.MORE_WAITS:
        return more_waits()
    if message is Message.CLOCK:
        return clock_was_wrong(facts)
    if case is None or person is None:
        return None
    return reminder(case, school, person, dt.datetime.fromisoformat(facts["at"]))


def reminder(case: Case, school: School, person: PersonId, at: dt.datetime) -> Card | None:
    """Return what one person is reminded of: what rang at that moment and is still to do; None = nothing."""
    rang = {name for name, alarm in case.alarms.items() if alarm.rang[-1:] == (at,)}
    due = [task for task in tasks(case) if task.name in rang and task.mark is Mark.TO_DO]
    unled = LADDER in rang and case.status in _WAITS
    if not due and not unled:
        return None
    blocks: list[Block] = [Heading(say("plan.reminder_title", ref=case.reference))]
    if unled:
        said = f"{say('event.escalated_nobody')} {ring_fallback(school)}"
        blocks += [Callout(Tone.CAUTION, said), Small(say("task.take_on"))]
    blocks += [_due(case, school, task, person) for task in due]
    asked = (*((Action.TAKE_ON,) if unled else ()), Action.OPEN_RECORD, Action.SNOOZE, Action.PLAN)
    pressed = [action for action in asked if access.may_do(case, person, school, action)]
    pressed = [action for action in pressed if due or action is not Action.SNOOZE]
    blocks.append(Buttons(tuple(checklist.button(case, action) for action in pressed)))
    return Card(
        kind="reminder",
        summary=say("summary.reminder", ref=case.reference),
        blocks=tuple(blocks),
        tone=shared_blocks.tone(case),
    )


def more_waits() -> Card:
    """Return the last word of a day: more has something to do than there are messages in one day."""
    cases = Button(label=say("button.cases"), intent=Ask(ChatCommand.CASES))
    blocks = (Text(say("plan.more_waits")), Buttons((cases,)))
    return Card(kind="more_waits", summary=say("summary.more_waits"), blocks=blocks)


def clock_was_wrong(facts: Mapping[str, str]) -> Card:
    """Return that the computer slept, or that its clock was changed, for whoever is on call."""
    said = say(f"plan.clock_{facts['state']}", since=facts["since"])
    blocks = (Callout(Tone.CAUTION, said), Text(say("plan.clock_do")))
    return Card(kind="clock", summary=say("summary.clock"), blocks=blocks, tone=Tone.CAUTION)


def shown(case: Case, school: School, person: PersonId, now: dt.datetime) -> Card:
    """Return the plan of a case: what rings when and for whom, and what has rung."""
    mine = tasks(case, person)
    names = {task.name for task in mine}
    ahead = sorted(
        ((case.alarms[task.name], task) for task in mine if _rings(case.alarms.get(task.name))),
        key=lambda pair: (pair[0].next or now, pair[1].name),
    )
    rang = sorted(
        (moment, name)
        for name, alarm in case.alarms.items()
        if name == LADDER or name in names
        for moment in alarm.rang
    )
    blocks: list[Block] = [Heading(say("plan.title", ref=case.reference)), *_ladder(case, school)]
    blocks += [_line(case, school, alarm, task) for alarm, task in ahead]
    blocks += [] if ahead else [Small(say("plan.nothing"))]
    if rang:
        lines = tuple(_has_rung(case, school, moment, name) for moment, name in rang[-checklist.MOST :])
        blocks += [Small(say("plan.rang", n=len(rang))), Bullets(lines)]
    asked = (Action.SNOOZE, Action.MORE)
    worth = (action for action in asked if ahead or action is not Action.SNOOZE)
    pressed = tuple(checklist.button(case, a) for a in worth if access.may_do(case, person, school, a))
    blocks.append(Buttons(pressed))
    summary = say("summary.notice", ref=case.reference)
    return Card(kind="plan", summary=summary, blocks=tuple(blocks), tone=shared_blocks.tone(case))


def _rings(alarm: Alarm | None) -> bool:
    return alarm is not None and alarm.next is not None


def _due(case: Case, school: School, task: Task, person: PersonId) -> Line:
    by = case.alarms[task.name].by
    able = task.action is not None and access.may_do(case, person, school, task.action)
    waits = task.action is None or not checklist.fits(case, task.action)
    pressed = None if waits or not able or task.action is None else task.action
    button = checklist.button(case, pressed, task.which, task.what) if pressed else None
    return Line(Mark.TO_DO, task.what.removesuffix("."), say("plan.due", by=_by(by, school)), button)


def _line(case: Case, school: School, alarm: Alarm, task: Task) -> Line:
    who = whose(case, task, school)
    seat = phrases.seat_of(case, who, school) if who is not None else say("event.somebody")
    when = phrases.moment(alarm.next or alarm.by, school)
    off = say("plan.put_off", day=calendar.on_day(alarm.until)) if alarm.until is not None else ""
    note = say("plan.line", by=_by(alarm.by, school), when=when, seat=seat)
    return Line(Mark.TO_DO, task.what.removesuffix("."), " · ".join(part for part in (note, off) if part))


def _by(by: dt.datetime, school: School) -> str:
    return calendar.spoken_by(by, by, school)


def _ladder(case: Case, school: School) -> Iterator[Block]:
    """Yield who is told, one after the other, as long as nobody takes the case on; and whom to ring then."""
    alarm = case.alarms.get(LADDER)
    if case.status not in _WAITS or alarm is None or alarm.next is None:
        return
    told, without, seats = list(recipients(case)), kept_from(case, school), []
    while (person := ladder(school, case.lead, told=told, without=without)) is not None:
        told.append(person)
        seats.append(phrases.own_seat(school, person))
    then = say("plan.ladder_then", seats=say("plan.then").join(seats)) if seats else say("plan.ladder_end")
    yield Small(say("plan.ladder", when=phrases.moment(alarm.next, school)))
    yield Bullets((then, ring_fallback(school)))


def _has_rung(case: Case, school: School, at: dt.datetime, name: str) -> str:
    what = say("plan.rang_ladder") if name == LADDER else what_is(case, name)
    return say("plan.rang_line", when=phrases.moment(at, school), what=what)
