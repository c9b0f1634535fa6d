"""Cards and forms → HTML. Pure, but for reading our own templates once.

Every string goes through the template library's escaping; no word of a card becomes markup, an
attribute's end, a link or a style. What is inside which macro: ``templates/blocks.html``, ``form.html``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, assert_never

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from msgspec import Struct

from flows.figures.card import FILES
from flows.ui import plain_text
from flows.ui.cards import (
    Attachment,
    Block,
    Bullets,
    Button,
    Buttons,
    Callout,
    Card,
    Divider,
    Facts,
    Heading,
    Line,
    Link,
    Quote,
    Small,
    Text,
    buttons_of,
)
from flows.ui.forms import Choice, DateField, Field, FileField, Form, Many, OnlyIf, TextField, Value
from flows.ui.intents import Act, Ask, ChatCommand, Fill, Intent, encode
from flows.ui.plain_text import plain, size
from flows.ui.shortcuts import encode as also
from flows.words import say

#: The only schemes a link of ours may have; anything else is shown as words.
SCHEMES = ("https://", "tel:", "mailto:")
#: Options of no more characters stand beside each other.
SHORT = 28
#: From which part of its limit on a text says how much room is left.
NEAR = 0.8
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{5,}")


class Desk(Struct, frozen=True, kw_only=True):
    """Where a rendering will stand: whose page, which conversation, and who mints delivery keys.

    ``root`` is what the page's own addresses begin with, "" = the person's in the workspace.
    """

    account: str
    place: str
    mint: Callable[[], str]
    root: str = ""

    def path(self, verb: str) -> str:
        """Return the address a form posts to."""
        return f"{self.root or f'/w/{self.account}'}/{verb}"


@cache
def templates() -> Environment:
    """Return the template environment: everything escaped, nothing undefined passes unseen."""
    env = Environment(
        loader=PackageLoader("adapters.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals.update(say=say, encode=encode, also=also, size=size, file_of=file_of)
    env.filters.update(plain=plain, phone=phone)
    return env


def file_of(intent: Intent) -> str:
    """Return where what a button asks for is had as a file, below a person's own address; "" = it is none."""
    if isinstance(intent, Ask) and intent.command is ChatCommand.FIGURES:
        asked, _, what = intent.argument.rpartition(" ")
        return f"figures/{asked}/{what}" if what in FILES else ""
    return ""


def phone(text: str) -> str:
    """Return a telephone number as a link dials it, "" for anything else."""
    return re.sub(r"[ ()-]", "", text) if _PHONE.fullmatch(text) else ""


def page(name: str, **context: Any) -> str:
    """Return a whole page from the template of that name."""
    return templates().get_template(f"{name}.html").render(**context)


def _macro(name: str, *args: Any, **context: Any) -> Markup:
    """Return what a macro makes: escaped already, so marking it as markup again is not needed."""
    file, _, macro = name.partition(".")
    made: Markup = getattr(templates().get_template(f"{file}.html").module, macro)(*args, **context)
    return made


def card_html(card: Card, desk: Desk) -> Markup:
    """Return a card: its blocks in order, in a frame of its tone."""
    return _macro("blocks.frame", card, blocks_html(card.blocks, desk, case=case_of(card)))


def blocks_html(blocks: tuple[Block, ...], desk: Desk, *, case: str = "") -> Markup:
    """Return blocks in order. ``case`` lets the files of a record be opened ("" = they cannot be)."""
    return Markup().join(_block(block, desk, case) for block in blocks)


def _block(block: Block, desk: Desk, case: str) -> Markup:
    match block:
        case Heading(text, None) if not text.strip():
            return Markup()  # a heading that says nothing is a stumbling block for a screen reader
        case Heading():
            return _macro("blocks.heading", block, desk)
        case Text():
            return _macro("blocks.text", block)
        case Small():
            return _macro("blocks.small", block)
        case Facts():
            return _macro("blocks.facts", block) if block.pairs else Markup()
        case Bullets():
            return _macro("blocks.bullets", block) if block.lines else Markup()
        case Line():
            return _macro("blocks.line", block, plain_text.marked(block), desk)
        case Quote():
            return _macro("blocks.quote", block)
        case Callout():
            return _macro("blocks.callout", block)
        case Link():
            return _macro("blocks.link", block, block.url.lower().startswith(SCHEMES))
        case Attachment():
            where = desk.path(f"evidence/{case}/{block.sha256}") if case else ""
            return _macro("blocks.attachment", block, where)
        case Divider():
            return _macro("blocks.divider")
        case Buttons():
            return buttons_html(block.buttons, desk)
        case _:
            assert_never(block)


def buttons_html(buttons: tuple[Button, ...], desk: Desk) -> Markup:
    """Return a row of buttons; one that asks first opens its question in place, without script."""
    return _macro("blocks.buttons", buttons, desk) if buttons else Markup()


def case_of(card: Card) -> str:
    """Return the case a card's buttons speak of, "" if none do."""
    for button in buttons_of(card):
        match button.intent:
            case Act(case=case) | Fill(case=case):
                return case
            case Ask(argument=argument) if argument:
                return argument
            case _:
                pass
    return ""


def form_html(form: Form, desk: Desk, *, heading: int = 2, key: str = "", again: bool = False) -> Markup:
    """Return a form that can be sent without script. ``key`` keeps an earlier delivery's key.

    ``again`` = it holds what was written before and not sent yet.
    """
    labels = {f.name: f for f in form.fields}
    fields = Markup().join(_field(field, form, labels, desk) for field in form.fields)
    return _macro(
        "form.whole",
        form,
        desk,
        fields=fields,
        intro=blocks_html(form.intro, desk),
        buttons=buttons_html(form.buttons, desk),
        errors=[(field_id(form, f), f) for f in form.fields if f.error],
        files=any(isinstance(f, FileField) for f in form.fields),
        level=heading,
        key=key or desk.mint(),
        again=again,
    )


def alike(one: str, other: str) -> bool:
    """Return whether two lines say the same."""
    return one.strip().casefold() == other.strip().casefold()


def field_id(form: Form, field: Field) -> str:
    """Return the id of a field's control on a page."""
    return f"f-{form.id}-{field.name}"


def _field(field: Field, form: Form, others: Mapping[str, Field], desk: Desk) -> Markup:
    name = field_id(form, field)
    # What the title says already is not said again below it.
    title = f"t-{form.id}" if alike(field.label, form.title) else ""
    match field:
        case Choice() | Many():
            advice = {o.value: blocks_html(o.advice, desk) for o in field.options if o.advice}
            kind = "many" if isinstance(field, Many) else "one"
            short = all(len(o.label) <= SHORT and not o.description and not o.advice for o in field.options)
            control = _macro("form.options", field, name, kind, advice, short=short, title=title)
        case TextField():
            long = field.lines > 1 or "\n" in field.value
            near = bool(field.most) and len(field.value) >= field.most * NEAR
            control = _macro("form.words", field, name, long=long, near=near, title=title)
        case DateField():
            valid = not field.value or is_day(field.value)
            control = _macro("form.day", field, name, valid=valid, title=title)
        case FileField():
            control = _macro("form.files", field, name, title=title, upload=desk.path("upload"))
        case _:
            assert_never(field)
    return _macro("form.shell", field, control, only_if=_only_if(field.shown, others))


def _only_if(shown: OnlyIf | None, others: Mapping[str, Field]) -> str:
    """Return the sentence that stands in where nothing can hide the field."""
    other = others.get(shown.field) if shown else None
    if shown is None or not isinstance(other, Choice | Many):
        return ""
    chosen = [f"“{option.label}”" for option in other.options if option.value in shown.values]
    return say("web.only_if", chosen=say("web.or").join(chosen), label=other.label)


def is_day(text: str) -> bool:
    """Return whether a browser's date control can hold this; otherwise what was typed would vanish."""
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("2026-11-24")


def marked(form: Form, errors: Mapping[str, str]) -> Form:
    """Return the form with these errors beside their fields, and no others."""
    fields = tuple(msgspec.structs.replace(f, error=errors.get(f.name, "")) for f in form.fields)
    return msgspec.structs.replace(form, fields=fields)


def missing(form: Form, before: Form) -> dict[str, str]:
    """Return what a page that came back still lacks, by field; ``before`` is the page as it was sent."""
    known = {field.name for field in before.fields}
    held = {f.name: f.value for f in form.fields if not isinstance(f, FileField)}
    found = {}
    for field in form.fields:
        asked = field.shown is None or bool(
            {*_listed(held.get(field.shown.field, ""))} & {*field.shown.values}
        )
        if asked and field.required and not held.get(field.name, "-"):
            many = "conversation.needed_many" if isinstance(field, Many) else "conversation.needed"
            found[field.name] = say(many if field.name in known else "web.one_more")
    return found


def _listed(value: Value) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def refilled(form: Form, values: Mapping[str, Value]) -> Form:
    """Return the form holding what was typed."""
    return msgspec.structs.replace(form, fields=tuple(_refilled(f, values.get(f.name)) for f in form.fields))


def _refilled(field: Field, value: Value | None) -> Field:
    match field:
        case Many():
            held = value if isinstance(value, tuple) else field.value
            return msgspec.structs.replace(field, value=held)
        case Choice() | TextField() | DateField():
            words = value if isinstance(value, str) else field.value
            return msgspec.structs.replace(field, value=words)
        case FileField():
            return field
        case _:
            assert_never(field)
