"""Cards and forms → HTML. Pure, but for reading our own templates once.

Every string goes through the template library's escaping; no word of a card becomes markup, an
attribute's end, a link or a style. What is inside which macro: ``templates/blocks.html``, ``form.html``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, assert_never

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from msgspec import Struct

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
    Link,
    Quote,
    Small,
    Text,
)
from flows.ui.forms import Choice, DateField, Field, FileField, Form, Many, OnlyIf, TextField, Value
from flows.ui.intents import Act, Ask, Fill, encode
from flows.ui.plain_text import plain, size
from flows.words import say

#: The only schemes a link of ours may have; anything else is shown as words.
SCHEMES = ("https://", "tel:", "mailto:")


class Desk(Struct, frozen=True, kw_only=True):
    """Where a rendering will stand: whose page, which conversation, and who mints delivery keys."""

    account: str
    place: str
    mint: Callable[[], str]

    def path(self, verb: str) -> str:
        """Return the address a form posts to."""
        return f"/w/{self.account}/{verb}"


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
    env.globals.update(say=say, encode=encode, size=size)
    env.filters.update(plain=plain)
    return env


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
        case Heading() if not block.text.strip():
            return Markup()  # a heading that says nothing is a stumbling block for a screen reader
        case Heading():
            return _macro("blocks.heading", block)
        case Text():
            return _macro("blocks.text", block)
        case Small():
            return _macro("blocks.small", block)
        case Facts():
            return _macro("blocks.facts", block) if block.pairs else Markup()
        case Bullets():
            return _macro("blocks.bullets", block) if block.lines else Markup()
        case Quote():
            return _macro("blocks.quote", block)
        case Callout():
            return _macro("blocks.callout", block)
        case Link():
            return _macro("blocks.link", block, block.url.lower().startswith(SCHEMES))
        case Attachment():
            where = f"/w/{desk.account}/evidence/{case}/{block.sha256}" if case else ""
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
    for block in card.blocks:
        for button in block.buttons if isinstance(block, Buttons) else ():
            match button.intent:
                case Act(case=case) | Fill(case=case):
                    return case
                case Ask(argument=argument) if argument:
                    return argument
                case _:
                    pass
    return ""


def form_html(form: Form, desk: Desk, *, heading: int = 2, key: str = "") -> Markup:
    """Return a form that can be sent without script. ``key`` keeps an earlier delivery's key."""
    labels = {f.name: f for f in form.fields}
    fields = Markup().join(_field(field, form, labels) for field in form.fields)
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
    )


def field_id(form: Form, field: Field) -> str:
    """Return the id of a field's control on a page."""
    return f"f-{form.id}-{field.name}"


def _field(field: Field, form: Form, others: Mapping[str, Field]) -> Markup:
    name = field_id(form, field)
    match field:
        case Choice():
            control = _macro("form.choice", field, name)
        case Many():
            control = _macro("form.many", field, name)
        case TextField():
            control = _macro("form.words", field, name, long=field.lines > 1 or "\n" in field.value)
        case DateField():
            control = _macro("form.day", field, name, valid=not field.value or is_day(field.value))
        case FileField():
            control = _macro("form.files", field, name)
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


def kept(form: Form, values: Mapping[str, Value], *, field: str = "", message: str = "") -> Form:
    """Return the form holding what was typed, with ``message`` beside ``field`` if it has such a field."""
    fields = tuple(
        _kept(f, values.get(f.name), message if field and f.name == field else f.error) for f in form.fields
    )
    return msgspec.structs.replace(form, fields=fields)


def _kept(field: Field, value: Value | None, error: str) -> Field:
    match field:
        case Many():
            held = value if isinstance(value, tuple) else field.value
            return msgspec.structs.replace(field, value=held, error=error)
        case Choice() | TextField() | DateField():
            words = value if isinstance(value, str) else field.value
            return msgspec.structs.replace(field, value=words, error=error)
        case FileField():
            return msgspec.structs.replace(field, error=error)
        case _:
            assert_never(field)
