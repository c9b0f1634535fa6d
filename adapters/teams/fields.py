"""Neutral forms as Adaptive Cards with inputs. Pure.

An input's id says what its value is: ``m.`` and the field's name where several may be chosen (Teams
sends them as one text, with commas), ``v.`` and the name otherwise. Teams leaves empty inputs out, so
the button that submits also names every input the form held.
"""

from __future__ import annotations

import datetime as dt
from typing import assert_never

from adapters.teams import limits
from adapters.teams.elements import small, words
from adapters.teams.escape import clean, reads_as_markup, short
from adapters.teams.render import (
    ALSO,
    INPUTS,
    KEEP,
    Json,
    Look,
    action,
    blocks,
    callout,
    digest,
    fitted,
    rows,
)
from flows.ui import shortcuts
from flows.ui.cards import Bullets, Button, Callout, Heading, Quote, Style, Tone
from flows.ui.forms import Choice, DateField, Field, FileField, Form, Many, Option, TextField
from flows.ui.intents import AnswerPage, GoTo, encode
from flows.ui.plain_text import size
from flows.words import say

#: an input's id begins so
ONE, SEVERAL = "v.", "m."


def form(
    form: Form,
    *,
    note: str = "",
    trouble: str = "",
    nonce: str = "",
    view: bool = False,
    dialog: bool = False,
    back: Button | None = None,
) -> Json:
    """Return the form as Adaptive Card JSON. ``trouble`` says why it is shown again, ``back`` leads out."""
    seen = digest(form.id, encode(form.submit), note, trouble)
    look = Look(nonce=nonce or seen, view=view, dialog=dialog)
    asked = shown(form)

    def draw(room: Look) -> list[Json]:
        body = _head(form, note, trouble, room)
        ids: list[str] = []
        for field in asked:
            elements, found = entry(field, room)
            body += [*_typed_here(form, field), *elements]
            ids += found
        return [*body, *rows(_buttons(form, room, ids, back))]

    return fitted(draw, look, form.summary or form.title)


def shown(form: Form) -> tuple[Field, ...]:
    """Return the fields whose condition holds as the form stands; the next round asks for the others."""
    values = {field.name: "" if isinstance(field, FileField) else field.value for field in form.fields}

    def holds(field: Field) -> bool:
        if field.shown is None:
            return True
        present = values.get(field.shown.field, "")
        held = {present} if isinstance(present, str) else set(present)
        return bool(held & set(field.shown.values))

    return tuple(field for field in form.fields if holds(field))


def _head(form: Form, note: str, trouble: str, look: Look) -> list[Json]:
    top = [small(note)] if note else []
    if form.step:
        top.append(small(say("text.step", this=form.step[0], of=form.step[1])))
    if trouble:
        top += callout(Callout(Tone.CAUTION, trouble))
    return [*top, *blocks((Heading(form.title), *form.intro), look)]


def _typed_here(form: Form, field: Field) -> list[Json]:
    """Return the line above the question that typed words answer, so that a person can tell which it is."""
    return [small(say("teams.type_here"))] if form.cursor == field.name else []


def _buttons(form: Form, look: Look, ids: list[str], back: Button | None) -> list[Json]:
    """Return the submit and the other buttons. Going to another page keeps what was filled in here."""
    submit = Button(label=form.submit_label, intent=form.submit, style=Style.PRIMARY)
    kept: Json = {KEEP: encode(form.submit), INPUTS: ids} if isinstance(form.submit, AnswerPage) else {}
    others = (*form.buttons, *((back,) if back else ()))
    return [
        action(submit, look, data={INPUTS: ids}),
        *(
            action(
                Button(label=one.label, intent=form.submit, style=one.style),
                look,
                data={INPUTS: ids, ALSO: shortcuts.encode(one)},
            )
            for one in form.shortcuts
        ),
        *(action(other, look, data=kept if isinstance(other.intent, GoTo) else None) for other in others),
    ]


def entry(field: Field, look: Look) -> tuple[list[Json], list[str]]:
    """Return a field as elements, and the ids of the inputs among them."""
    wrong = callout(Callout(Tone.CAUTION, field.error)) if field.error else []
    match field:
        case Choice() | Many():
            drawn, ids = _choose(field)
        case TextField():
            drawn, ids = _text(field, look)
        case DateField():
            drawn, ids = _date(field)
        case FileField():
            drawn, ids = _files(field), []
        case _:
            assert_never(field)
    return [*wrong, *drawn], ids


def _label(field: Field) -> str:
    label = clean(field.label)
    return label if field.required else say("text.optional", label=label)


def _help(field: Field) -> list[Json]:
    """Return the field's help as a line that stands below its label."""
    return words(field.help, size="small", isSubtle=True, spacing="none")


def _input(field: Field, kind: str, **rest: object) -> Json:
    id_ = f"{SEVERAL if isinstance(field, Many) else ONE}{field.name}"
    return {
        "type": kind,
        "id": id_,
        **{name: value for name, value in rest.items() if value not in ("", None)},
    }


def _labelled(field: Field, drawn: Json) -> tuple[list[Json], list[str]]:
    """Return an input under its label; help comes between, so a long one is never cut."""
    return [{**drawn, "label": _label(field), "spacing": "medium"}, *_help(field)], [drawn["id"]]


def _choose(field: Choice | Many) -> tuple[list[Json], list[str]]:
    """Return an input of options. Titles that would be read as Markdown become numbers of a list."""
    numbered = any(reads_as_markup(_title(option)) for option in field.options)
    choices = [
        {"title": str(n) if numbered else _title(option), "value": option.value}
        for n, option in enumerate(field.options, 1)
    ]
    held = [
        o.value
        for o in field.options
        if o.value in ((field.value,) if isinstance(field.value, str) else field.value)
    ]
    menu = isinstance(field, Choice) and len(choices) > limits.TICKS and not numbered
    drawn = _input(
        field,
        "Input.ChoiceSet",
        style="filtered" if menu else "expanded",
        isMultiSelect=isinstance(field, Many),
        wrap=True,
        choices=choices,
        value=",".join(held),
    )
    listed = Bullets(tuple(map(_title, field.options)), ordered=True)
    above = blocks((listed,), Look()) if numbered else []
    elements, ids = _labelled(field, drawn)
    return [*above, *elements], ids


def _title(option: Option) -> str:
    parts = (clean(option.label).strip(), clean(option.description).strip())
    return " – ".join(filter(None, parts)) or "–"


def _text(field: TextField, look: Look) -> tuple[list[Json], list[str]]:
    """Return a text input; words too long for one are shown and left alone rather than cut."""
    if len(field.value) > min(limits.INPUT, look.most):
        kept = say("teams.long_value", count=f"{len(field.value):,}")
        begun = blocks((Quote(short(field.value, look.most)),), Look())
        return [*words(_label(field), weight="bolder"), *_help(field), *begun, small(kept)], []
    drawn = _input(
        field,
        "Input.Text",
        value=field.value.encode("utf-8", "replace").decode(),
        placeholder=clean(field.placeholder),
        isMultiline=field.lines > 1,
        maxLength=min(field.most or limits.INPUT, limits.INPUT),
    )
    return _labelled(field, drawn)


def _date(field: DateField) -> tuple[list[Json], list[str]]:
    try:
        day = dt.date.fromisoformat(field.value).isoformat() if field.value else ""
    except ValueError:
        day = ""
    return _labelled(field, _input(field, "Input.Date", value=day))


def _files(field: FileField) -> list[Json]:
    """Return how to send files: Teams has no input for them, but a chat takes them."""
    how = say("teams.files", most=field.most_files, size=size(field.most_bytes))
    return [*words(_label(field), weight="bolder"), *_help(field), small(how)]
