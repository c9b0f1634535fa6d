"""The checklist of a case as blocks, the same on every platform: what is next, what else, and what was done.

What is to be done :mod:`flows.case.checklist.tasks` says; here it gets its day, who did it, and its button.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from msgspec.structs import replace

from flows import calendar
from flows.case import access
from flows.case.actions.drilling import marked
from flows.case.actions.table import ACTIONS, offered
from flows.case.checklist.task import Task
from flows.case.checklist.tasks import in_the_way, next_step, rules, tasks
from flows.case.commands import kept_from
from flows.case.declared import On
from flows.delivery.outbox import recipients
from flows.messages import phrases, shared_blocks
from flows.model import Action, Body, Case, Layer, Status, Urgency
from flows.policy.routing import ladder
from flows.policy.wording import numbers
from flows.school import PersonId, School
from flows.ui.cards import (
    Block,
    Bullets,
    Button,
    Buttons,
    Card,
    Heading,
    Line,
    Mark,
    Small,
    Style,
)
from flows.words import say

#: From how many lines on those that are done are only counted.
MOST = 8
_LAYERS = (Layer.SAFEGUARDING, Layer.POLICY, Layer.SETTING)
_DONE = (Mark.DONE, Mark.NOT_NEEDED)


class Allowed(Protocol):
    """Whether whoever reads a card may do something now; ``which`` = of several that it can be about."""

    def __call__(self, action: Action, which: str = "") -> bool:
        """Return it."""
        ...


def work(case: Case, school: School, now: dt.datetime, reader: PersonId | None = None) -> list[Block]:
    """Return what is next, and what else there is to do. ``reader`` None = a channel."""
    if case.status is Status.CLOSED:
        return []
    found, allowed = tasks(case, reader), _allowed(case, school, reader)
    first = next_step(case, found, allowed)
    done = sum(task.mark in _DONE for task in found)
    folded = done > 0 and len(found) > MOST
    shown = [t for t in found if t is not first and not (folded and t.mark in _DONE)]
    how = rules(case, reader)
    blocks = [*_next(case, school, now, first, allowed), *shared_blocks.hold(case)]
    blocks += [Small(say("message.to_do", done=done, all=len(found)))] if found else []
    blocks += [_line(case, school, task, allowed) for task in sorted(shown, key=_place)]
    blocks += [Small(say("task.folded", n=done))] if folded else []
    return [*blocks, Small(say("task.rules")), Bullets(how)] if how else blocks


def ending(case: Case, school: School, reader: PersonId | None = None) -> list[Block]:
    """Return what is in the way of the end, and the button behind which the rest stands; or the way back."""
    allowed = _allowed(case, school, reader)
    asked = (Action.MORE,) if case.status is not Status.CLOSED else (Action.REOPEN, Action.OPEN_RECORD)
    pressed = tuple(button(case, action) for action in asked if allowed(action))
    return [*_in_the_way(case), *([Buttons(pressed)] if pressed else [])]


def more(case: Case, school: School, person: PersonId, beside: Sequence[Block] = ()) -> Card:
    """Return all that there is to do in a case and all that was done, with every button of this person."""
    mine = [a for a in offered(case, On.CARD, person) if access.may_do(case, person, school, a)]
    found, allowed = tasks(case, person), _allowed(case, school, person)
    lines = [_line(case, school, task, allowed, again=True) for task in sorted(found, key=_place)]
    said = {Action.TASK, *(task.action for task in found if task.mark is Mark.TO_DO)}
    said -= {Action.MEETING, Action.CARE}
    said -= {Action.TASK} if any(task.letter for task in found) else set()  # its line has the letter's button
    blocks = (
        Heading(say("message.more_title", ref=case.reference)),
        *beside,
        *shared_blocks.hold(case),
        *lines,
        *_in_the_way(case),
        Buttons(tuple(button(case, action, style=Style.PLAIN) for action in mine if action not in said)),
    )
    summary = say("summary.notice", ref=case.reference)
    return marked(Card(kind="more", summary=summary, blocks=blocks, tone=shared_blocks.tone(case)), case)


def _in_the_way(case: Case) -> list[Block]:
    stops = in_the_way(case) if case.status is not Status.CLOSED else ()
    return [Small(say("task.in_the_way", what=", ".join(stops)))] if stops else []


def button(
    case: Case, action: Action, which: str = "", about: str = "", style: Style | None = None
) -> Button:
    """Return a button for an action, with its longer name for a screen reader; ``about`` = what it is for."""
    plain = shared_blocks.plain_button(case, action, which)
    named = say("message.button_for", label=plain.label, ref=case.reference)
    longer = f"{plain.label}: {about}" if about else named
    return replace(plain, style=style or ACTIONS[action].declared.style, describes=longer)


def fits(case: Case, action: Action) -> bool:
    """Return whether the case allows an action as it stands now."""
    declared = ACTIONS[action].declared
    return case.status in declared.leads_to and not (declared.waits_on_hold and case.hold)


def _allowed(case: Case, school: School, reader: PersonId | None) -> Allowed:
    def allowed(action: Action, which: str = "") -> bool:
        declared = ACTIONS[action].declared
        worth = declared.worth(case, reader) if action in (Action.TAKE_ON, Action.COUNTERSIGN) else True
        may = reader is None or access.may_do(case, reader, school, action, which=which)
        return fits(case, action) and worth and may

    return allowed


def _next(case: Case, school: School, now: dt.datetime, first: Task | None, allowed: Allowed) -> list[Block]:
    """Return the one thing to do next, why, by when, and its button; and the record."""
    opens = (button(case, Action.OPEN_RECORD),) if allowed(Action.OPEN_RECORD) else ()
    if first is None or first.action is None:
        return [Buttons(opens)] if opens else []
    letter = _letter(case, first, allowed)
    recorded = button(case, first.action, first.which, style=Style.PLAIN if letter else Style.PRIMARY)
    pressed = (replace(letter, style=Style.PRIMARY), recorded) if letter else (recorded,)
    said = " ".join(part for part in (_why(case, first), _when(case, school, now, first)) if part)
    return [
        Heading(say("task.next", what=first.what)),
        *([Small(said)] if said else []),
        Buttons((*pressed, *opens)),
    ]


def _why(case: Case, task: Task) -> str:
    """Return who asks for it: the policy with its clauses, a duty, a setting ("" = it is no row's)."""
    rows = {row for duty in case.duties if duty.body == task.name for row in duty.rows}
    asked = {f"action:{task.name}", f"action:{task.name}_later_if_cleared"}
    found = [r for r in case.decision.reasons if r.row in rows or not asked.isdisjoint(r.asks)]
    if not found:
        return ""
    layer = min((reason.layer for reason in found), key=_LAYERS.index)
    cited = dict.fromkeys(c for r in found if layer is r.layer is Layer.POLICY for c in r.clauses)
    level = f" – {task.came}" if task.came else ""
    return say("task.why", who=" ".join((say(f"layer.{layer}"), ", ".join(cited))).strip(), level=level)


def _when(case: Case, school: School, now: dt.datetime, task: Task) -> str:
    """Return by when: the case's own limit is said above, and not again."""
    if task.action is Action.TAKE_ON:
        return _else_the_next(case, school, now)
    day = _own_day(case, school, task)
    return f"{day[:1].upper()}{day[1:]}." if day else ""


def _else_the_next(case: Case, school: School, now: dt.datetime) -> str:
    """Return when the next person is told, where that is so: it presses, there is time, and there is one."""
    by, out = case.acknowledge_by, kept_from(case, school)
    if by is None or by <= now or not case.decision.urgency.presses:
        return ""
    after = ladder(school, case.lead, told=recipients(case), without=out)
    return say("task.else_the_next", by=calendar.spoken_by(by, now, school)) if after is not None else ""


def _own_day(case: Case, school: School, task: Task) -> str:
    if task.until is not None:
        return say("task.by_day", day=calendar.on_day(calendar.local(task.until, school.time).date()))
    same = calendar.local(case.due_at, school.time).date()
    if task.due is None or (task.due == same and case.decision.urgency is not Urgency.EMERGENCY):
        return ""
    return say("task.by_day", day=calendar.on_day(task.due))


def _place(task: Task) -> int:
    """Order: to do, waits, done; within these as it was asked for."""
    return (Mark.TO_DO, Mark.WAITS).index(task.mark) if task.mark not in _DONE else 2


def _line(
    case: Case,
    school: School,
    task: Task,
    allowed: Allowed,
    *,
    again: bool = False,
) -> Line:
    """Return one line. ``again`` = what is recorded has its button too, since it may have been a mistake."""
    if task.mark in _DONE:
        who = phrases.seat_of(case, task.by, school) if task.by is not None else ""
        when = phrases.moment(task.at, school) if task.at is not None else ""
        note = ", ".join(part for part in (task.came, who, when) if part)
        undo = _undo(case, task, allowed) if again else None
        return Line(task.mark, task.what.removesuffix("."), note, undo)
    day = _own_day(case, school, task)
    number = numbers(school.lado) if task.name == Body.LADO else ""
    note = " · ".join(part for part in (task.came, day, number) if part)
    waits = task.mark is Mark.WAITS or task.action is None or not allowed(task.action)
    recorded = None if waits or task.action is None else button(case, task.action, task.which, task.what)
    pressed = None if waits else _letter(case, task, allowed) or recorded
    return Line(task.mark, task.what.removesuffix(".") if note else task.what, note, pressed)


def _letter(case: Case, task: Task, allowed: Allowed) -> Button | None:
    """Return the button that writes what a task asks for; None where there is no letter for it."""
    if task.letter is None or not allowed(Action.LETTER, task.letter):
        return None
    return button(case, Action.LETTER, task.letter, task.what)


def _undo(case: Case, task: Task, allowed: Allowed) -> Button | None:
    """Return the button that records it otherwise; what a duty or 999 has recorded stands."""
    if task.action not in (Action.TASK, Action.MEETING, Action.CARE) or not allowed(Action.TASK):
        return None
    return button(case, Action.TASK, task.which, task.what)
