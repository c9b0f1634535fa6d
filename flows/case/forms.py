"""The forms leaders fill in, and how what they filled in becomes a command.

Taking on and opening the record need no form; everything else asks for what must be on record. The
fields' names are what :func:`parse` reads back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import assert_never

from msgspec.structs import replace

from flows.case import commands as do
from flows.case.corrections import corrected, correction_fields
from flows.errors import InvalidAnswer
from flows.model import Action, Case, Outcome
from flows.ui.cards import Block, Callout, Small, Tone
from flows.ui.forms import Choice, DateField, Field, Form, Many, Option, TextField, Value
from flows.ui.intents import Fill
from flows.words import known, say

#: Actions that happen at a press.
AT_ONCE = frozenset({Action.TAKE_ON, Action.OPEN_RECORD})

_CONTACTED = (Option("yes", say("form.contacted_yes")), Option("no", say("form.contacted_no")))
_HOW = tuple(
    Option(how, say(f"form.how.{how}")) for how in ("phone", "in_person", "letter", "email", "other")
)
_AGREED = tuple(Option(who, say(f"form.agreed.{who}")) for who in ("dsl", "lado", "police"))
_MOST = 3000


def form(
    action: Action,
    case: Case,
    *,
    values: Mapping[str, Value] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Form:
    """Return the form for an action, filled in with ``values`` and marked with ``errors`` by field."""
    fields = tuple(_filled(f, values or {}, errors or {}) for f in _fields(action, case))
    return Form(
        id=f"case.{action}",
        title=say(f"form.{action}.title", ref=case.reference),
        submit=Fill(case=case.id, action=action, version=case.version),
        submit_label=say(f"form.{action}.submit"),
        intro=_intro(action, case, errors or {}),
        fields=fields,
        summary=say("form.summary", ref=case.reference),
    )


def _intro(action: Action, case: Case, errors: Mapping[str, str]) -> tuple[Block, ...]:
    blocks: list[Block] = []
    if "" in errors:
        blocks.append(Callout(Tone.CAUTION, errors[""]))
    if known(f"form.{action}.intro"):
        blocks.append(Small(say(f"form.{action}.intro")))
    if action in (Action.CONTACT, Action.MEETING) and case.hold:
        blocks.append(Callout(Tone.CAUTION, say("case.hold_stands")))
    return tuple(blocks)


def _fields(action: Action, case: Case) -> tuple[Field, ...]:
    match action:
        case Action.LEGAL | Action.POLICE:
            return _external_fields(action)
        case Action.CONTACT:
            return (
                Choice(name="how", label=say("form.how.label"), options=_HOW),
                DateField(name="when", label=say("form.when"), required=True),
                _words("text", "form.contact.text", required=True),
            )
        case Action.MEETING:
            return (
                DateField(name="when", label=say("form.when"), required=True),
                TextField(name="who", label=say("form.meeting.who"), required=True, most=500),
                _words("text", "form.meeting.text", required=True),
            )
        case Action.CLEAR_HOLD:
            return (
                Choice(name="agreed", label=say("form.agreed.label"), options=_AGREED),
                _words("text", "form.why", required=True),
            )
        case Action.CLOSE:
            outcomes = tuple(Option(o, say(f"outcome.{o}")) for o in Outcome)
            return (
                Choice(name="outcome", label=say("form.close.outcome"), options=outcomes),
                _words("text", "form.close.reason", required=True),
            )
        case Action.CORRECT:
            return (
                *correction_fields(case.report),
                _words("reason_for_correction", "form.correct.reason", required=True),
            )
        case Action.CONFLICT:
            return (_words("text", "form.conflict.why", required=False),)
        case _:
            return (_words("text", f"form.{action}.text", required=True),)


def _external_fields(action: Action) -> tuple[Field, ...]:
    return (
        Choice(name="contacted", label=say(f"form.{action}.contacted"), options=_CONTACTED),
        Choice(name="how", label=say("form.how.label"), options=_HOW, required=False),
        DateField(name="when", label=say("form.when")),
        TextField(name="reference", label=say("form.reference"), most=200),
        _words("why", "form.why", required=True),
    )


def _words(name: str, label: str, *, required: bool) -> TextField:
    return TextField(name=name, label=say(label), lines=4, required=required, most=_MOST)


def _filled(field: Field, values: Mapping[str, Value], errors: Mapping[str, str]) -> Field:
    changes: dict[str, object] = {}
    if field.name in errors:
        changes["error"] = errors[field.name]
    if field.name in values:
        value = values[field.name]
        many = isinstance(field, Many)
        if many != isinstance(value, str):
            changes["value"] = value
    return replace(field, **changes)


def parse(action: Action, values: Mapping[str, Value], case: Case) -> do.Command:
    """Return the command a filled form asks for. Raises InvalidAnswer for the first field that is wrong."""
    match action:
        case Action.TAKE_ON:
            return do.TakeOn()
        case Action.CONFLICT:
            return do.HaveConflict(why=_text(values, "text", required=False))
        case Action.NOTE:
            return do.AddNote(text=_text(values, "text"))
        case Action.HOLD:
            return do.Hold(why=_text(values, "text"))
        case Action.CLEAR_HOLD:
            return do.ClearHold(agreed=_one(values, "agreed", _AGREED), why=_text(values, "text"))
        case Action.CONTACT:
            return do.RecordContact(
                how=_one(values, "how", _HOW), when=_day(values, "when"), text=_text(values, "text")
            )
        case Action.MEETING:
            return do.RecordMeeting(
                when=_day(values, "when"), who=_text(values, "who"), text=_text(values, "text")
            )
        case Action.LEGAL | Action.POLICE:
            return _external(action, values)
        case Action.TOLD_999:
            return do.Confirm999(text=_text(values, "text"))
        case Action.CORRECT:
            return _correction(values, case)
        case Action.CLOSE:
            outcomes = tuple(Option(o, "") for o in Outcome)
            return do.Close(outcome=Outcome(_one(values, "outcome", outcomes)), reason=_text(values, "text"))
        case Action.REOPEN:
            return do.Reopen(reason=_text(values, "text"))
        case Action.SHOW_REPORTER:
            return do.ShowReporter(reason=_text(values, "text"))
        case Action.ADD | Action.OPEN_RECORD:
            raise InvalidAnswer("", say("case.refused.stale"), say("case.refused.stale_hint"))
        case _:
            assert_never(action)


def _external(action: Action, values: Mapping[str, Value]) -> do.DecideExternal:
    contacted = _one(values, "contacted", _CONTACTED) == "yes"
    return do.DecideExternal(
        body=action.value,
        contacted=contacted,
        how=_one(values, "how", _HOW) if contacted else "",
        when=_day(values, "when") if contacted else "",
        reference=_text(values, "reference", required=False),
        why=_text(values, "why"),
    )


def _correction(values: Mapping[str, Value], case: Case) -> do.Correct:
    reason = _text(values, "reason_for_correction")
    report = corrected(case.report, {k: v for k, v in values.items() if k != "reason_for_correction"})
    before = case.report.answers
    changed = tuple(sorted(k for k, v in report.answers.items() if before.get(k) != v))
    if not changed:
        raise InvalidAnswer("", say("form.correct.nothing"))
    return do.Correct(report=report, changed=changed, reason=reason)


def _text(values: Mapping[str, Value], name: str, *, required: bool = True) -> str:
    value = values.get(name, "")
    text = value.strip() if isinstance(value, str) else ""
    if required and not text:
        raise InvalidAnswer(name, say("form.needed"))
    return text


def _day(values: Mapping[str, Value], name: str) -> str:
    try:
        return dt.date.fromisoformat(_text(values, name)).isoformat()
    except ValueError:
        raise InvalidAnswer(name, say("form.day")) from None


def _one(values: Mapping[str, Value], name: str, options: tuple[Option, ...]) -> str:
    value = values.get(name, "")
    if not isinstance(value, str):
        value = value[0] if len(value) == 1 else ""
    if value not in {o.value for o in options}:
        raise InvalidAnswer(name, say("form.choose"))
    return value
