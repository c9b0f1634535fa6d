"""What an action declares of itself, and how what somebody filled in becomes that action.

The actions themselves, one class each, stand in :mod:`flows.case.actions`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, ClassVar, Self

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from flows.case.context import NewEvent, StepContext, Transition
from flows.errors import InvalidAnswer
from flows.model import Action, Capability, Case, EventKind, Status
from flows.school import PersonId, School
from flows.ui.cards import Style
from flows.ui.forms import Choice, DateField, Field, Many, Option, TextField, Value
from flows.words import say

#: The statuses of a case that is not closed.
RUNNING = (Status.OPEN, Status.ESCALATED, Status.ACKNOWLEDGED)
#: How somebody can be contacted, and what it is called.
HOW = {how: say(f"form.how.{how}") for how in ("phone", "in_person", "letter", "email", "other")}
WHEN = DateField(name="when", label=say("form.when"), required=True)
#: Characters that a leader's words may have.
_MOST = 3000


class On(StrEnum):
    """A card on which an action has its button."""

    CARD = "card"
    RECORD = "record"
    RECEIPT = "receipt"


class Declared(Struct, frozen=True, kw_only=True):
    """All there is to say of an action but what it does.

    ``leads_to``: the status that each status becomes; one that is not in it does not allow the action.
    ``needs``: what somebody must be allowed, as ``access.may`` is asked.
    ``event``: what goes on record.
    ``on``: the cards its button stands on; ``worth``: whether it deserves one, for this case and this
    person (None = whoever reads a channel). The order of the buttons is that of ``actions.ACTIONS``.
    ``fields``: what its form asks for; None = it happens at a press.
    ``adds_only``: its form is taken although the case has changed meanwhile, since it overwrites nothing.
    ``waits_on_hold``: not while contact with the poster is on hold.
    ``warns``: what somebody should know of the case before they fill the form in.
    ``about``: what it can be about, one of several, and what each needs (``needs`` is the least of these);
    which of them travels with its button and its form.
    """

    action: Action
    leads_to: Mapping[Status, Status]
    needs: Capability
    event: EventKind | None = None
    on: tuple[On, ...] = (On.CARD,)
    worth: Callable[[Case, PersonId | None], bool] = lambda _case, _person: True
    style: Style = Style.PLAIN
    fields: Callable[[Case, School], tuple[Field, ...]] | None = None
    adds_only: bool = False
    waits_on_hold: bool = False
    warns: Callable[[Case], tuple[str, ...]] = lambda _case: ()
    about: Mapping[str, Capability] = {}


class ByPerson(Struct, frozen=True):
    """An action with what was filled in for it: the fields have the names of its form's fields."""

    declared: ClassVar[Declared]

    @classmethod
    def filled(cls, values: Mapping[str, Value], case: Case, school: School) -> Self:
        """Return the action as its form was filled in. Raises InvalidAnswer for the fields that are wrong."""
        fields = cls.declared.fields
        return msgspec.convert(read(fields(case, school) if fields else (), values), cls)

    def take(self, case: Case, step: StepContext) -> Transition:  # noqa: ARG002 - its subclasses use it
        """Return what it does to the case: it goes on record, unless it only shows something."""
        return Transition(case=case, events=self.recorded())

    def recorded(self) -> tuple[NewEvent, ...]:
        """Return what goes on record: the words as words, every other field as a fact."""
        facts = asdict(self)
        said = facts.pop("text", "")
        return (NewEvent(self.declared.event, facts, said),) if self.declared.event is not None else ()


def stays(*statuses: Status) -> dict[Status, Status]:
    """Return that the action is allowed in these statuses and changes none of them."""
    return {status: status for status in statuses}


def asks(*fields: Field) -> Callable[[Case, School], tuple[Field, ...]]:
    """Return that a form asks for these fields, whatever the case."""
    return lambda _case, _school: fields


def words(name: str, label: str, *, required: bool = True) -> TextField:
    """Return a field for somebody's own words."""
    return TextField(name=name, label=say(label), lines=4, required=required, most=_MOST)


def choice(name: str, label: str, options: Mapping[str, str], *, required: bool = True) -> Choice:
    """Return a field for one of these: the value, and what it is called."""
    offered = tuple(Option(value, called) for value, called in options.items())
    return Choice(name=name, label=say(label), options=offered, required=required)


def several(name: str, label: str, options: Mapping[str, str]) -> Many:
    """Return a field for any number of these, or none: the value, and what it is called."""
    offered = tuple(Option(value, called) for value, called in options.items())
    return Many(name=name, label=say(label), options=offered, required=False)


def read(fields: tuple[Field, ...], values: Mapping[str, Value]) -> dict[str, Any]:
    """Return what was filled in, by field: a text, or several values where several can be ticked.

    Raises InvalidAnswer for all that are wrong together. A choice and a day are always needed.
    """
    found: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for field in fields:
        try:
            found[field.name] = _read(field, values.get(field.name, ""))
        except InvalidAnswer as error:
            wrong |= error.errors
    if wrong:
        raise InvalidAnswer.of(wrong)
    return found


def _read(field: Field, value: Value) -> Value:
    match field:
        case Many(options=options):
            return _several(field.name, value, options)
        case Choice(options=options):
            return _one(field.name, value, options)
        case DateField():
            return _day(field.name, value)
        case _:
            return _text(field.name, value, required=field.required)


def _text(name: str, value: Value, *, required: bool = True) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if required and not text:
        raise InvalidAnswer(name, say("form.needed"))
    return text


def _day(name: str, value: Value) -> str:
    try:
        return dt.date.fromisoformat(_text(name, value)).isoformat()
    except ValueError:
        raise InvalidAnswer(name, say("form.day")) from None


def _several(name: str, value: Value, options: tuple[Option, ...]) -> tuple[str, ...]:
    chosen = ({value} if isinstance(value, str) else {*value}) - {""}
    offered = tuple(option.value for option in options)
    if not chosen.issubset(offered):
        raise InvalidAnswer(name, say("conversation.not_offered"))
    return tuple(one for one in offered if one in chosen)


def _one(name: str, value: Value, options: tuple[Option, ...]) -> str:
    if not isinstance(value, str):
        value = value[0] if len(value) == 1 else ""
    if value not in {option.value for option in options}:
        raise InvalidAnswer(name, say("form.choose"))
    return value
