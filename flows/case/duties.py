"""What a case owes to bodies outside it, and when a hold and a case may end (policy page §2.6 and §11).

A duty comes with the decision, is decided once by a person, and never goes away again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from typing import ClassVar, Self

import msgspec
from msgspec.structs import asdict, replace

from flows import calendar
from flows.case.context import NewEvent, StepContext, Transition
from flows.case.declared import HOW, RUNNING, WHEN, ByPerson, Declared, choice, read, stays, words
from flows.case.refusals import refuse
from flows.case.seats import answering, called_in
from flows.intake.files import let_go
from flows.model import (
    Action,
    Body,
    Capability,
    Case,
    Decision,
    Duty,
    DutyDecision,
    EventKind,
    Hold,
    Level,
)
from flows.school import PersonId, School, Seat
from flows.ui.forms import Field, OnlyIf, TextField, Value
from flows.words import say

#: What the decision asks for where something is owed. Legal and the police are owed where they are notified.
_ASKED_BY = {
    Body.LADO: "lado_within_1_working_day",
    Body.CHILDRENS_SERVICES: "dsl_decides_childrens_services",
    Body.IMAGERY: "refer_to_dsl_now",
}
#: What is before the name of what a school's own policy wants decided, where others are owed.
OWN = "own:"
#: What the DSL who is told may record as well as the lead.
SAFEGUARDING = (Body.CHILDRENS_SERVICES, Body.IMAGERY)
_MAY_AGREE = (Body.LADO, Body.CHILDRENS_SERVICES, Body.POLICE)
_LEVELS = tuple(Level)
_IF_CONTACTED = OnlyIf("contacted", ("yes",))
_CONTACTED = {"yes": say("form.contacted_yes"), "no": say("form.contacted_no")}


def owed(decision: Decision, *, due_at: dt.datetime, at: dt.datetime, school: School) -> tuple[Duty, ...]:
    """Return what a decision taken at ``at`` makes the school owe; ``due_at`` is the case's own limit."""
    time = school.time
    today = calendar.local(at, time).date()
    days = {Body.LADO: calendar.next_weekday(today, time), **dict.fromkeys(SAFEGUARDING, today)}
    limit = calendar.local(due_at, time).date()
    bodies = (
        Duty(body=body, rows=_rows(decision, body, {_ASKED_BY.get(body, "")}), due=days.get(body, limit))
        for body in Body
        if body in decision.notify or _ASKED_BY.get(body) in decision.actions
    )
    return (*bodies, *_own(decision, limit))


def _own(decision: Decision, limit: dt.date) -> Iterator[Duty]:
    """Yield what a school's own policy wants decided before the case is closed."""
    wanted = {own.name: own for own in (decision.own or {}).values() if own.decide}
    for name, own in wanted.items():
        rows = _rows(decision, OWN + name, _names(name))
        yield Duty(body=OWN + name, called=own.called, rows=rows, due=limit)


def _rows(decision: Decision, body: str, actions: Collection[str]) -> tuple[str, ...]:
    prefix = f"{body}:"
    asked_by = {f"action:{action}" for action in actions}
    return tuple(
        reason.row
        for reason in decision.reasons
        if any(asked in asked_by or asked.startswith(prefix) for asked in reason.asks)
    )


def _names(name: str) -> frozenset[str]:
    return frozenset((name, f"consider_{name}"))


def own_actions(duty: Duty) -> frozenset[str]:
    """Return the actions that are done with what a school's own policy wants decided."""
    names = _names(duty.body.removeprefix(OWN))
    return names.union(f"{name}_later_if_cleared" for name in names)


def duty_name(duty: Duty, decision: Decision) -> str:
    """Return what is owed, in words; in danger that is whether 999 was rung, and no decision yet."""
    ringing = decision.levels.get(duty.body) is Level.CALL_999_NOW and duty.decided is None
    return say("task.whether_rung") if ringing else duty.called or say(f"seat.{duty.body}")


def kept(case: Case, decision: Decision, anew: tuple[Duty, ...]) -> tuple[Duty, ...]:
    """Return the duties after the case was decided again: none is lost, and a date never moves back.

    *Not now* is asked again where more is asked for than then; contact stands.
    """
    before = {duty.body: duty for duty in case.duties}
    now = {duty.body: duty for duty in anew}
    found = []
    for body in dict.fromkeys((*Body, *before, *now)):
        old, new = before.get(body), now.get(body)
        if old is None or new is None:
            found += [duty for duty in (old, new) if duty is not None]
        elif old.decided and (old.decided.contacted or not _more(old, new, case.decision, decision)):
            found.append(replace(old, rows=new.rows))
        else:
            found.append(replace(new, due=new.due if old.decided else min(old.due, new.due)))
    return tuple(found)


def _more(old: Duty, new: Duty, then: Decision, now: Decision) -> bool:
    """Return whether more is asked for: a higher level, or where there are none, by another row."""
    levels = [_LEVELS.index(d.levels[old.body]) if old.body in d.levels else -1 for d in (then, now)]
    return levels[1] > levels[0] or (max(levels) < 0 and not set(new.rows).issubset(old.rows))


def outstanding(case: Case) -> tuple[Duty, ...]:
    """Return what nobody has decided yet."""
    return tuple(duty for duty in case.duties if duty.decided is None)


def decided(case: Case, body: str, decision: DutyDecision) -> Case:
    """Return the case with the decision on one duty."""
    duties = tuple(replace(duty, decided=decision) if duty.body == body else duty for duty in case.duties)
    return replace(case, duties=duties)


def may_agree(case: Case) -> tuple[str, ...]:
    """Return who can have agreed that contact goes ahead: seats told, and bodies that were contacted.

    After an allegation that is the LADO or the police; under a safeguarding hold the DSL too; where a person
    put contact on hold, or nothing is owed to the police, whoever leads.
    """
    duties = {duty.body: duty for duty in case.duties}
    bodies = [
        body.value
        for body in _MAY_AGREE
        if body in duties and (found := duties[body].decided) is not None and found.contacted
    ]
    if Body.LADO in duties:
        return tuple(body for body in bodies if body != Body.CHILDRENS_SERVICES)
    told: list[Seat] = [seat for seat in (Seat.DSL, Seat.DEPUTY_DSL) if seat in case.holders]
    seats: list[Seat] = [seat for seat in told if case.holders[seat] not in case.affected]
    waits_on_police = Body.POLICE in duties and duties[Body.POLICE].decided is None
    by_policy = any(reason.hold is Hold.POLICE for reason in case.decision.reasons) and waits_on_police
    if case.lead and case.lead not in seats and not case.hold_safeguarding and not by_policy:
        seats.append(case.lead)
    return (*(seat.value for seat in seats), *bodies)


def second(case: Case, first: PersonId | None, school: School) -> tuple[PersonId, ...]:
    """Return who may countersign what ``first`` said: who is told now and is not affected."""
    holders = answering(case.holders, case.recused, school)
    told = (*holders.values(), *called_in(case.stand_ins, case.recused, school))
    return tuple(person for person in dict.fromkeys(told) if person not in {first, *case.affected})


# -- recording one ----------------------------------------------------------------------------------


class RecordDuty(ByPerson, frozen=True):
    """Contacted (how, when, their reference) or not now, and why."""

    contacted: bool
    how: str = ""
    when: str = ""
    reference: str = ""
    why: str = ""
    body: ClassVar[str]

    @classmethod
    def filled(cls, values: Mapping[str, Value], case: Case, school: School) -> Self:  # noqa: ARG003 - as its base says
        """Return the decision; how, when and a reference are of contact alone."""
        yes = values.get("contacted") in ("yes", ("yes",))
        found = read(tuple(field for field in _fields(cls.body) if yes or field.shown is None), values)
        return msgspec.convert({**found, "contacted": yes}, cls)

    @property
    def owed_to(self) -> str:
        """To whom what is recorded here was owed."""
        return self.body

    def decision(self, by: PersonId, at: dt.datetime) -> DutyDecision:
        """Return the decision as it is kept."""
        return DutyDecision(**asdict(self), by=by, at=at)

    def recorded_of(self, duty: Duty) -> tuple[NewEvent, ...]:
        """Return what goes on record: whether, how and when; the rest is a leader's own words."""
        facts = {
            "body": duty.body,
            **({"called": duty.called} if duty.called else {}),
            "contacted": "yes" if self.contacted else "no",
            "how": self.how,
            "when": self.when,
        }
        reference = say("event.reference", reference=self.reference) if self.reference else ""
        said = "\n".join(part for part in (self.why, reference) if part)
        return (NewEvent(EventKind.DUTY_RECORDED, {**facts}, said),)

    def take(self, case: Case, step: StepContext) -> Transition:
        """Return the case with the decision; one on the police also ends a hold that waited for it (§2.6)."""
        if step.by is None:
            raise refuse("no_decider")
        duty = next((duty for duty in case.duties if duty.body == self.owed_to), None)
        if duty is None:
            raise refuse("not_owed")
        if duty.decided is not None and (duty.decided.contacted or not self.contacted):
            raise refuse("already_recorded")
        after = decided(case, duty.body, self.decision(step.by, step.at))
        if duty.body == Body.IMAGERY and self.contacted:
            after = replace(after, report=let_go(after.report, locked_only=True))  # it is here no more
        if duty.body != Body.POLICE or not case.hold or case.hold_safeguarding:
            return Transition(case=after, events=self.recorded_of(duty))
        cleared = NewEvent(EventKind.HOLD_CLEARED, {"agreed": "police_decision"})
        return Transition(case=replace(after, hold=""), events=(*self.recorded_of(duty), cleared))


def _fields(body: str) -> tuple[Field, ...]:
    """Return what is asked: how, when and the reference only of contact."""
    return (
        choice("contacted", f"form.{body}.contacted", _CONTACTED),
        replace(choice("how", "form.how.label", HOW), shown=_IF_CONTACTED),
        replace(WHEN, shown=_IF_CONTACTED),
        TextField(name="reference", label=say("form.their_reference"), most=200, shown=_IF_CONTACTED),
        words("why", "form.why"),
    )


def _to_record(case: Case, body: Body) -> bool:
    """Return whether it is worth asking: nothing is decided, or *not now* keeps a hold standing."""
    waiting = (d for d in case.duties if d.body == body and not (d.decided and d.decided.contacted))
    return any(duty.decided is None or bool(case.hold) for duty in waiting)


def _declared(body: Body) -> Declared:
    return Declared(
        action=Action(body.value),
        leads_to=stays(*RUNNING),
        needs=Capability.REFER if body in SAFEGUARDING else Capability.DECIDE,
        event=EventKind.DUTY_RECORDED,
        worth=lambda case, _: _to_record(case, body),
        fields=lambda _case, _school: _fields(body),
    )


class RecordLegal(RecordDuty, frozen=True):
    body: ClassVar = Body.LEGAL
    declared: ClassVar = _declared(body)


class RecordPolice(RecordDuty, frozen=True):
    body: ClassVar = Body.POLICE
    declared: ClassVar = _declared(body)


class RecordLado(RecordDuty, frozen=True):
    body: ClassVar = Body.LADO
    declared: ClassVar = _declared(body)


class RecordChildrensServices(RecordDuty, frozen=True):
    body: ClassVar = Body.CHILDRENS_SERVICES
    declared: ClassVar = _declared(body)


class RecordImagery(RecordDuty, frozen=True):
    body: ClassVar = Body.IMAGERY
    declared: ClassVar = _declared(body)
