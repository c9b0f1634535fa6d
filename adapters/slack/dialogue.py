"""The conversation in direct messages: a form asked one question at a time. Pure.

A choice is a row of buttons (one press answers it); every other field is an input with a button to
send it; and all of it can be answered by typing instead.
"""

from __future__ import annotations

from adapters.slack import limits
from adapters.slack.fields import entry, options, shown
from adapters.slack.render import Json, actions, blocks, buttons, paragraph, plain_text, small, wrap
from flows.ui.cards import Bullets, Button, Buttons, Callout, Card, Heading, Style, Text, Tone
from flows.ui.forms import Choice, Field, FileField, Form, Shortcut
from flows.ui.intents import AnswerPage, Begin, encode
from flows.ui.shortcuts import encode as encode_shortcut
from flows.words import say

#: block of a question answered by one press: this, the field's name, a number
ANSWER = "answer:"
#: action of one of its buttons: this and the option's value
OPTION = "option:"
#: action of a shortcut: this and its answers
ALSO = "also:"
#: action of the button that sends what stands in the message's inputs
SUBMIT = "submit"


def form_message(form: Form, note: str = "", *, trouble: str = "") -> Json:
    """Return a form as a message: the question it has come to, or all of it if it is no report page."""
    top = [small(note)] if note else []
    if form.step:
        top.append(small(say("slack.step", this=form.step[0], most=form.step[1])))
    if trouble:
        top += blocks((Callout(Tone.CAUTION, trouble),), most=1)
    head = blocks((Heading(form.title), *form.intro), most=limits.MESSAGE_BLOCKS // 2)
    asked = _asked(form)
    presses = buttons(form.buttons)
    room = limits.MESSAGE_BLOCKS - len(top) - len(head) - len(presses) - 2
    body: list[Json] = []
    for field in asked:
        body += _question(field, form) if len(body) < room else []
    named = {field.name for field in asked}
    pressed = any(isinstance(field, Choice) for field in asked)
    quick = [
        shortcut(one, form)
        for one in form.shortcuts
        if named & {*one.values} and not (pressed and {*one.values} <= named)
    ]
    if not pressed:
        quick = [_submit(form), *quick]
    body += actions(quick)
    summary = form.summary or say("slack.unsent.summary")
    return wrap(summary, [*top, *head, *body[: room + 1], *presses])


def unsent() -> Json:
    """Return the message that is left when a report's window is closed half-way."""
    card = Card(
        kind="unsent",
        summary=say("slack.unsent.summary"),
        blocks=(
            Heading(say("slack.unsent.heading")),
            Text(say("slack.unsent.text")),
            Buttons((Button(label=say("slack.unsent.go_on"), intent=Begin(), style=Style.PRIMARY),)),
        ),
    )
    return wrap(card.summary, blocks(card.blocks, most=limits.MESSAGE_BLOCKS))


def trouble(message: str, hint: str = "") -> Json:
    """Return a message that says why nothing changed."""
    words = (Callout(Tone.CAUTION, f"{message} {hint}".strip()),)
    return wrap(say("slack.trouble.heading"), blocks(words, most=limits.MESSAGE_BLOCKS))


def _asked(form: Form) -> tuple[Field, ...]:
    """Return the one field a report page has come to; every field of any other form."""
    fields = shown(form)
    if not isinstance(form.submit, AnswerPage):
        return tuple(field for field in fields if not isinstance(field, FileField))
    at = [field for field in fields if field.name == form.cursor]
    return tuple(at or fields[:1])


def _question(field: Field, form: Form) -> list[Json]:
    match field:
        case Choice():
            return _pressed(field, form)
        case FileField():
            return [paragraph(field.label, bold=True), small(say("slack.drop_files"))]
        case _:
            return [*entry(field), small(say("slack.type_it"))]


def _pressed(field: Choice, form: Form) -> list[Json]:
    wrong = blocks((Callout(Tone.CAUTION, field.error),), most=1) if field.error else []
    listed = _listed(field)
    hint = [small(field.help)] if field.help.strip() else []
    row = [_option(option, field, form) for option in options(field)]
    return [
        *wrong,
        paragraph(field.label, bold=True),
        *hint,
        *listed,
        *actions(row, block_id=f"{ANSWER}{field.name}"),
    ]


def _listed(field: Choice) -> list[Json]:
    """Return what the options mean, where a button alone does not say it."""
    told = [o for o in field.options if o.description or len(o.label) > limits.BUTTON_TEXT]
    lines = tuple(f"{o.label}: {o.description}" if o.description else o.label for o in told)
    return blocks((Bullets(lines),), most=1) if lines else []


def _option(option: Json, field: Choice, form: Form) -> Json:
    chosen: Json = {"style": "primary"} if option["value"] == field.value else {}
    label = plain_text(option["text"]["text"], limits.BUTTON_TEXT)
    action = f"{OPTION}{option['value']}"[: limits.ID]
    return {"type": "button", "action_id": action, "text": label, "value": encode(form.submit), **chosen}


def shortcut(one: Shortcut, form: Form) -> Json:
    """Return the button that submits what stands in the inputs with the shortcut's answers."""
    return {
        "type": "button",
        "action_id": f"{ALSO}{encode_shortcut(one)}",
        "text": plain_text(one.label, limits.BUTTON_TEXT),
        "value": encode(form.submit),
        **({} if one.style is Style.PLAIN else {"style": str(one.style)}),
    }


def _submit(form: Form) -> Json:
    return {
        "type": "button",
        "action_id": SUBMIT,
        "text": plain_text(form.submit_label, limits.BUTTON_TEXT),
        "value": encode(form.submit),
        "style": "primary",
    }
