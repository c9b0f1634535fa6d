"""One field of a form as Block Kit inputs. Pure; the same inputs serve modals and messages."""

from __future__ import annotations

import datetime as dt
from typing import assert_never

from adapters.slack import limits
from adapters.slack.escape import clean, short
from adapters.slack.render import Json, blocks, paragraph, plain_text, small, spelt_out
from flows.ui.cards import Bullets, Callout, Quote, Tone
from flows.ui.forms import Choice, DateField, Field, FileField, Form, Many, Option, TextField
from flows.words import say

#: what the block of a field is called: this and the field's name
FIELD = "field:"
#: what the element of a field is called
VALUE = "value"


def shown(form: Form) -> tuple[Field, ...]:
    """Return the fields whose condition holds as the form stands; the next round asks for the others."""
    values = {field.name: _value(field) for field in form.fields}

    def holds(field: Field) -> bool:
        if field.shown is None:
            return True
        present = values.get(field.shown.field, "")
        return bool(
            {present} & set(field.shown.values)
            if isinstance(present, str)
            else set(present) & set(field.shown.values)
        )

    return tuple(field for field in form.fields if holds(field))


def entry(field: Field) -> list[Json]:
    """Return a field as blocks: what is wrong with it, what it needs explained, and the input."""
    wrong = blocks((Callout(Tone.CAUTION, field.error),), most=1) if field.error else []
    match field:
        case Choice():
            return [*wrong, *_listed(field), _input(field, _choice(field), optional=not field.required)]
        case Many():
            return [*wrong, *_listed(field), _input(field, _many(field), optional=not field.required)]
        case TextField():
            return [*wrong, *_text(field)]
        case DateField():
            return [*wrong, _input(field, _date(field), optional=not field.required)]
        case FileField():
            return [*wrong, _input(field, _files(field), optional=not field.required)]
        case _:
            assert_never(field)


def _value(field: Field) -> str | tuple[str, ...]:
    return "" if isinstance(field, FileField) else field.value


def _input(field: Field, element: Json, *, optional: bool) -> Json:
    drawn: Json = {
        "type": "input",
        "block_id": f"{FIELD}{field.name}"[: limits.ID],
        "label": plain_text(field.label, limits.LABEL),
        "optional": optional,
        "element": {"action_id": VALUE, **element},
    }
    if clean(field.help).strip():
        drawn["hint"] = plain_text(field.help, limits.HINT)
    return drawn


def _listed(field: Choice | Many) -> list[Json]:
    """Return the options in full where Slack would cut them; the input then shows their numbers."""
    if all(_parts(option) for option in field.options):
        return []
    lines = tuple(" – ".join(filter(None, (o.label, o.description))) for o in field.options)
    return blocks((Bullets(lines, ordered=True),), most=1)


def _parts(option: Option) -> tuple[str, str] | None:
    """Return an option's label and description as they fit; None if they cannot be made to.

    A label a little too long goes on in the second line, where a description would stand.
    """
    label, second = clean(option.label).strip(), clean(option.description).strip()
    most = limits.OPTION_TEXT
    if len(label) > most and not second:
        at = label.rfind(" ", 0, most + 1)
        label, second = (label[:at], label[at + 1 :]) if at > 0 else (label, "")
    return (label, second) if len(label) <= most and len(second) <= most else None


def options(field: Choice | Many) -> list[Json]:
    """Return Slack's option objects; numbered where the list above says them in full."""
    fitting = [_parts(option) for option in field.options]
    numbered = None in fitting
    return [
        _option(option, None if numbered else parts, number)
        for number, (option, parts) in enumerate(zip(field.options, fitting, strict=True), 1)
    ]


def _option(option: Option, parts: tuple[str, str] | None, number: int) -> Json:
    label, second = parts or (say("slack.option", number=number, label=option.label), "")
    drawn: Json = {
        "text": plain_text(label, limits.OPTION_TEXT),
        "value": option.value[: limits.OPTION_VALUE],
    }
    return {**drawn, "description": plain_text(second, limits.OPTION_TEXT)} if second else drawn


def _choice(field: Choice) -> Json:
    drawn = options(field)
    kept = [o for o in drawn if o["value"] == field.value]
    initial: Json = {"initial_option": kept[0]} if kept else {}
    if len(drawn) <= limits.TICKS:
        return {"type": "radio_buttons", "options": drawn, **initial}
    placeholder = plain_text(say("slack.choose"), limits.PLACEHOLDER)
    return {"type": "static_select", "placeholder": placeholder, **_menu(drawn), **initial}


def _many(field: Many) -> Json:
    drawn = options(field)
    kept = [o for o in drawn if o["value"] in field.value]
    initial: Json = {"initial_options": kept} if kept else {}
    if len(drawn) <= limits.TICKS:
        return {"type": "checkboxes", "options": drawn, **initial}
    placeholder = plain_text(say("slack.choose_many"), limits.PLACEHOLDER)
    return {"type": "multi_static_select", "placeholder": placeholder, **_menu(drawn), **initial}


def _menu(drawn: list[Json]) -> Json:
    """Return options, or groups of options where there are more than one menu holds."""
    size = limits.MENU_OPTIONS
    if len(drawn) <= size:
        return {"options": drawn}
    groups = [drawn[n : n + size] for n in range(0, len(drawn), size)][: limits.MENU_GROUPS]
    spans = [(n * size + 1, n * size + len(group)) for n, group in enumerate(groups)]
    labels = [plain_text(say("slack.group", first=a, last=b), limits.OPTION_TEXT) for a, b in spans]
    return {
        "option_groups": [{"label": label, "options": g} for label, g in zip(labels, groups, strict=True)]
    }


def _text(field: TextField) -> list[Json]:
    """Return a text input; words too long for one are left alone rather than cut."""
    if len(field.value) > limits.INPUT:
        kept = say("slack.long_value", count=f"{len(field.value):,}")
        begun = blocks((Quote(short(field.value, limits.TEXT)),), most=1)
        return [paragraph(field.label, bold=True), *begun, small(kept)]
    element: Json = {
        "type": "plain_text_input",
        "multiline": field.lines > 1,
        # never less than what stands in it already, or Slack refuses the window
        "max_length": max(min(field.most or limits.INPUT, limits.INPUT), len(field.value)),
    }
    if field.value:
        element["initial_value"] = field.value
    longer = spelt_out(limits.PLACEHOLDER, field.placeholder)
    if clean(field.placeholder).strip() and not longer:
        element["placeholder"] = plain_text(field.placeholder, limits.PLACEHOLDER)
    return [*longer, _input(field, element, optional=not field.required)]


def _date(field: DateField) -> Json:
    try:
        day = dt.date.fromisoformat(field.value) if field.value else None
    except ValueError:
        day = None
    return {"type": "datepicker", **({"initial_date": day.isoformat()} if day else {})}


def _files(field: FileField) -> Json:
    return {"type": "file_input", "max_files": min(max(field.most_files, 1), limits.FILES)}
