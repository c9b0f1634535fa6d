"""The forms of actions, filled in or not; and how what was filled in becomes the action."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from flows.case.actions.drilling import marked
from flows.case.actions.table import ACTIONS
from flows.case.declared import ByPerson, Declared
from flows.errors import InvalidAnswer
from flows.model import Action, Case
from flows.school import School
from flows.ui.cards import Block, Callout, Small, Tone
from flows.ui.forms import Field, Form, Many, Value
from flows.ui.intents import Fill
from flows.words import known, say


def at_once(action: Action) -> bool:
    """Return whether an action happens at a press: it has no form."""
    return ACTIONS[action].declared.fields is None


def form(
    action: Action,
    case: Case,
    school: School,
    *,
    values: Mapping[str, Value] | None = None,
    errors: Mapping[str, str] | None = None,
    which: str = "",
) -> Form:
    """Return the form for an action, filled in with ``values`` and marked with ``errors`` by field.

    ``which`` = it is about this of several.
    """
    declared = ACTIONS[action].declared
    fields = _asked(declared, case, school)
    asked = Form(
        id=f"case.{action}.{which}" if which else f"case.{action}",
        title=_title(action, case, which),
        submit=Fill(case=case.id, action=action, version=case.version, which=which),
        submit_label=say(f"form.{action}.submit"),
        intro=_intro(declared, case, errors or {}, which),
        fields=tuple(_filled(field, values or {}, errors or {}) for field in fields),
        summary=say("form.summary", ref=case.reference),
    )
    return marked(asked, case)


def _title(action: Action, case: Case, which: str) -> str:
    if which:
        return say(f"form.{action}.title_of", ref=case.reference, what=say(f"{action}.{which}"))
    return say(f"form.{action}.title", ref=case.reference)


def parse(
    action: Action, values: Mapping[str, Value], case: Case, school: School, *, which: str = ""
) -> ByPerson:
    """Return what a filled form asks for. Raises InvalidAnswer for all the fields that are wrong.

    What the form does not ask for is refused: nothing that somebody sent is dropped without a word.
    """
    kind = ACTIONS[action]
    asked = {field.name for field in _asked(kind.declared, case, school)}
    if any(value and name not in asked for name, value in values.items()):
        raise InvalidAnswer("", say("form.not_asked"))
    return kind.filled({**values, "which": which} if which else values, case, school)


def _asked(declared: Declared, case: Case, school: School) -> tuple[Field, ...]:
    return declared.fields(case, school) if declared.fields else ()


def _intro(declared: Declared, case: Case, errors: Mapping[str, str], which: str) -> tuple[Block, ...]:
    blocks: list[Block] = []
    if "" in errors:
        blocks.append(Callout(Tone.CAUTION, errors[""]))
    if known(f"form.{declared.action}.intro"):
        blocks.append(Small(say(f"form.{declared.action}.intro")))
    if which:
        blocks.append(Small(say(f"{declared.action}.for.{which}")))
    if declared.waits_on_hold and case.hold:
        blocks.append(Callout(Tone.CAUTION, say("case.hold_stands")))
    blocks += [Callout(Tone.CAUTION, said) for said in declared.warns(case)]
    return tuple(blocks)


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
