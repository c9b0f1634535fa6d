"""A case as a checklist: each thing that was asked for, how it stands, by when, and the action that does it.

Nobody is asked for what is done, or another's; under a hold contact waits, once it is cleared it does not.
What only says how to behave while the case runs is a rule, and no task.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from flows.case.checklist.care import OFFERS
from flows.case.checklist.follow_ups import follow_ups
from flows.case.checklist.names import (
    BY_ITSELF,
    DSLS,
    DUTY_ACTIONS,
    EVERYBODY,
    LATER,
    MEETINGS,
    PRESSING,
    RINGING_999,
    RULES,
    as_held,
    has_replied,
    pressing,
    sentence,
)
from flows.case.checklist.task import Task
from flows.case.duties import SAFEGUARDING, duty_name, may_agree, outstanding, own_actions
from flows.case.exclusion import dsl_waits
from flows.letters.table import FOR_TASK
from flows.model import Action, Became, Body, Case, Duty, Level, Status
from flows.policy.wording import seat_name
from flows.school import PersonId, Seat
from flows.ui.cards import Mark
from flows.words import say

#: What is owed, in the order in which it presses; a school's own comes last.
_IN_TURN: tuple[str, ...] = (Body.IMAGERY, Body.CHILDRENS_SERVICES, Body.LADO, Body.POLICE, Body.LEGAL)
_FIRST = frozenset({Body.IMAGERY, Body.CHILDRENS_SERVICES, Body.LADO})
_BRING_IN = "bring_in_a_dsl"


def tasks(case: Case, reader: PersonId | None = None) -> tuple[Task, ...]:
    """Return what there is to do, and what was: the most pressing first. None = whoever reads the channel."""
    if case.status is Status.CLOSED:
        return ()
    first = [Task(name=_BRING_IN, what=sentence(case, _BRING_IN), action=Action.BRING_IN)]
    found = [
        *_rung(case),
        *(first if dsl_waits(case) else ()),
        *(_duty(case, duty, reader) for duty in _in_turn(case)),
        *_others(case),
        *_look_in(case),
        *follow_ups(case),
    ]
    mine = [task for task in found if _owed(task) or theirs(case, task.name, reader)]
    return tuple(sorted(mine, key=_presses_less))


def rules(case: Case, reader: PersonId | None = None) -> tuple[str, ...]:
    """Return how to behave as long as the case runs; nothing of it can be ticked off."""
    out = {"if_in_doubt_call_999"} if case.called_999 else set()
    out |= {"do_not_reply"} if has_replied(case) else set()
    return tuple(
        sentence(case, action)
        for action in pressing(dict.fromkeys(as_held(case, each) for each in case.decision.actions))
        if action in RULES and action not in out and theirs(case, action, reader)
    )


def next_step(case: Case, found: Sequence[Task], allowed: Callable[[Action], bool]) -> Task | None:
    """Return the one thing to do next, of those that somebody may do (None = nothing is theirs)."""
    return next((task for task in _by_turn(case, found) if task.action and allowed(task.action)), None)


def in_the_way(case: Case) -> tuple[str, ...]:
    """Return what must be on record before the case can be closed."""
    hold = (say("task.hold"),) if case.hold else ()
    return (*(duty_name(duty, case.decision) for duty in outstanding(case)), *hold)


def still_open(case: Case) -> tuple[str, ...]:
    """Return what else is open: it does not keep the case from being closed."""
    return tuple(
        task.what for task in tasks(case) if not (_owed(task) or task.mark in (Mark.DONE, Mark.NOT_NEEDED))
    )


def recordable(case: Case) -> dict[str, str]:
    """Return what has no record of its own and does not wait, by name: what it asks, in words."""
    own = (Action.TASK, Action.MEETING, Action.CARE)
    found = (t for t in tasks(case) if t.action in own and t.mark is not Mark.WAITS and not t.due)
    return {task.name: task.what for task in found}


def theirs(case: Case, action: str, reader: PersonId | None) -> bool:
    """Return whether an action is for this reader: to lead, to keep children safe, or for everybody."""
    if reader is None or action in EVERYBODY | RINGING_999:
        return True
    if reader in case.affected:
        return False
    return leads(case, reader) or (action in DSLS and _safeguards(case, reader))


def leads(case: Case, reader: PersonId) -> bool:
    """Return whether somebody leads a case, or stands in for who does."""
    return reader in case.stand_ins or (case.lead is not None and case.holders.get(case.lead) == reader)


def _safeguards(case: Case, reader: PersonId | None) -> bool:
    return reader is not None and reader in (case.holders.get(Seat.DSL), case.holders.get(Seat.DEPUTY_DSL))


def _by_turn(case: Case, found: Sequence[Task]) -> Iterator[Task]:
    """Yield what could be next: danger, who takes it on, what is owed, the rest, and its end."""
    to_do = [task for task in found if task.mark is Mark.TO_DO]
    open_still = [task for task in to_do if task.until is None]
    yield from (task for task in open_still if task.action is Action.TOLD_999)
    if case.mistaken is not None:
        yield Task(name="countersign", what=say("task.countersign"), action=Action.COUNTERSIGN)
    if case.owner is None:
        yield Task(name="take_on", what=say("task.take_on"), action=Action.TAKE_ON)
    yield from (task for task in open_still if task.name != _BRING_IN)
    yield from open_still
    if case.hold and may_agree(case):
        yield Task(name="clear_hold", what=say("task.clear_hold"), action=Action.CLEAR_HOLD)
    yield from (task for task in to_do if task.until is not None)
    if not to_do and not in_the_way(case):
        yield Task(name="close", what=say("task.close"), action=Action.CLOSE)


def _presses_less(task: Task) -> bool:
    """Return whether something can wait until what keeps children safe, or comes first, is seen to."""
    return not (task.name in PRESSING or task.name in _FIRST or task.action is Action.BRING_IN)


def _rung(case: Case) -> Iterator[Task]:
    """Yield that 999 is to be rung, or was."""
    if "call_999" in case.decision.actions:
        rung = case.tasks.get("call_999")
        yield Task(
            name="call_999",
            what=say("task.rung") if case.called_999 else sentence(case, "call_999"),
            mark=Mark.DONE if case.called_999 else Mark.TO_DO,
            action=Action.TOLD_999,
            by=rung.by if rung else None,
            at=rung.at if rung else None,
        )


def _in_turn(case: Case) -> list[Duty]:
    """Return the duties, those for a child first. While 999 is to be rung, that is the police's line."""
    ringing = case.decision.levels.get(Body.POLICE) is Level.CALL_999_NOW and not case.called_999
    shown = [d for d in case.duties if not (d.body == Body.POLICE and ringing and d.decided is None)]
    return sorted(
        shown, key=lambda duty: _IN_TURN.index(duty.body) if duty.body in _IN_TURN else len(_IN_TURN)
    )


def _duty(case: Case, duty: Duty, reader: PersonId | None) -> Task:
    action = Action(duty.body) if duty.body in set(Body) else Action.OWN
    which = "" if duty.body in set(Body) else duty.body
    made = duty.decided
    if made is None:
        what = _asked(case, duty, reader)
        return Task(
            name=duty.body,
            what=what,
            action=action,
            which=which,
            due=duty.due,
            came=_level(case, duty),
        )
    done, not_now = ("done" if duty.called else "yes"), "no"
    came = say(f"event.decision_{done if made.contacted else not_now}")
    if duty.body == Body.IMAGERY and made.contacted:
        came = say("event.taken_over")
    return Task(
        name=duty.body,
        what=duty_name(duty, case.decision),
        mark=Mark.DONE,
        action=action,
        which=which,
        due=duty.due,
        came=came,
        by=made.by,
        at=made.at,
    )


def _asked(case: Case, duty: Duty, reader: PersonId | None) -> str:
    """Return what a duty asks of this reader; whose decision it is, where it is not theirs."""
    if duty.body == Body.IMAGERY and _safeguards(case, reader):
        return say("task.take_over")
    if not _decides(case, duty, reader):
        who = seat_name(case.lead) if case.lead else say("event.somebody")
        return say("task.of_the_lead", body=duty_name(duty, case.decision), who=who)
    if case.decision.levels.get(duty.body) is Level.CALL_999_NOW:
        return say("task.after_999")
    if duty.called:
        own = case.decision.own or {}
        return next((own[name].words for name in sorted(own_actions(duty)) if name in own), duty.called)
    return sentence(case, DUTY_ACTIONS[Body(duty.body)][0])


def _decides(case: Case, duty: Duty, reader: PersonId | None) -> bool:
    """Return whether a duty is for this reader to decide."""
    if reader is None:
        return True
    safeguards = duty.body in SAFEGUARDING and _safeguards(case, reader)
    return reader not in case.affected and (leads(case, reader) or safeguards)


def _level(case: Case, duty: Duty) -> str:
    """Return how strongly the policy puts it ("" = it is owed, or said already)."""
    level = case.decision.levels.get(duty.body)
    return "" if level in (None, Level.CALL_999_NOW) else say(f"task.level.{level}")


def _others(case: Case) -> Iterator[Task]:
    """Yield what has no record of its own."""
    gone = {*RULES, *BY_ITSELF, *RINGING_999, *(a for duty in case.duties for a in _names(duty))}
    for asked in pressing(dict.fromkeys(as_held(case, action) for action in case.decision.actions)):
        name = asked.removesuffix(LATER)
        if asked in gone or name in gone or not sentence(case, asked):
            continue
        yield _other(case, name, waits=asked.endswith(LATER))


def _owed(task: Task) -> bool:
    """Return whether a line is a duty's: of all lines with a day only a look at somebody is none."""
    return task.due is not None and task.action is not Action.CARE


def _look_in(case: Case) -> Iterator[Task]:
    """Yield on whom somebody is to look in again, and when."""
    for name, day in case.look_in.items():
        what = say(f"task.look_in.{name}")
        yield Task(name=name, what=what, action=Action.CARE, which=name, due=day)


def _names(duty: Duty) -> tuple[str, ...]:
    return tuple(own_actions(duty)) if duty.called else DUTY_ACTIONS[Body(duty.body)]


def _other(case: Case, name: str, *, waits: bool) -> Task:
    what, made = sentence(case, name), case.tasks.get(name)
    action = Action.MEETING if name in MEETINGS else Action.CARE if name in OFFERS else Action.TASK
    if made is not None:
        done = made.became is Became.DONE
        came = "" if done else say(f"task.became.{made.became}")
        mark = Mark.DONE if done else Mark.NOT_NEEDED
        return Task(
            name=name, what=what, mark=mark, action=action, which=name, came=came, by=made.by, at=made.at
        )
    if waits:
        return Task(name=name, what=sentence(case, name + LATER), mark=Mark.WAITS, action=action, which=name)
    kept = _kept(case) if name == "preserve_evidence" else ""
    mark = Mark.DONE if kept else Mark.TO_DO
    letter = FOR_TASK.get(name)
    if letter and any(made.of == letter for made in case.documents):
        letter, kept = None, say("letter.written")
    return Task(name=name, what=what, mark=mark, action=action, which=name, letter=letter, came=kept)


def _kept(case: Case) -> str:
    """Return what is kept already: files here, or a copy that the reporter has ("" = nothing)."""
    files = sum(not file.gone for file in case.report.posting.files)
    if files:
        return say("task.files", n=files)
    kept = case.report.given.get("evidence") in ("saved", "link", "both")
    return say("task.with_reporter") if kept else ""
