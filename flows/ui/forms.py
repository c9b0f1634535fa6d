"""The neutral form: report pages and leaders' forms alike.

A form is what a modal, a card with inputs, or an HTML form shows; it can also be answered by typing,
one field at a time. Names are unique within a form. Every value comes back as text or a tuple of
option values (:data:`Value`), keyed by the field's name.
"""

from __future__ import annotations

from msgspec import Struct

from flows.ui.cards import Block, Button, Style
from flows.ui.intents import Intent

#: What a field answers with: one option or text, or several options.
Value = str | tuple[str, ...]


class Option(Struct, frozen=True):
    """One thing to choose. ``value`` is the policy's word, ``label`` a person's.

    ``advice`` must not wait for the next page: what can show it at once does, as soon as this is chosen.
    """

    value: str
    label: str
    description: str = ""
    advice: tuple[Block, ...] = ()


class OnlyIf(Struct, frozen=True):
    """Show a field only while another field *of the same form* holds one of these values.

    A renderer that cannot hide fields leaves it out; the next round asks for it.
    """

    field: str
    values: tuple[str, ...]


class Choice(Struct, frozen=True, tag=True, kw_only=True):
    """Exactly one of a few. ``numbered`` = the labels carry the numbers that can be typed."""

    name: str
    label: str
    options: tuple[Option, ...]
    value: str = ""
    help: str = ""
    required: bool = True
    error: str = ""
    shown: OnlyIf | None = None
    numbered: bool = False


class Many(Struct, frozen=True, tag=True, kw_only=True):
    """Any number of a few. A value in ``alone`` stands by itself ("none of these"); ``numbered`` as above."""

    name: str
    label: str
    options: tuple[Option, ...]
    value: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    help: str = ""
    required: bool = True
    error: str = ""
    shown: OnlyIf | None = None
    numbered: bool = False


class TextField(Struct, frozen=True, tag=True, kw_only=True):
    """Words. ``most`` is a number of characters; 0 = as many as the platform carries."""

    name: str
    label: str
    value: str = ""
    lines: int = 1
    most: int = 0
    help: str = ""
    placeholder: str = ""
    required: bool = False
    error: str = ""
    shown: OnlyIf | None = None


class DateField(Struct, frozen=True, tag=True, kw_only=True):
    """A day, as YYYY-MM-DD."""

    name: str
    label: str
    value: str = ""
    help: str = ""
    required: bool = False
    error: str = ""
    shown: OnlyIf | None = None


class FileField(Struct, frozen=True, tag=True, kw_only=True):
    """Files; they come in as :class:`flows.ui.inbound.Uploaded`, never as values."""

    name: str
    label: str
    help: str = ""
    most_files: int = 5
    most_bytes: int = 10_000_000
    error: str = ""
    shown: OnlyIf | None = None
    required: bool = False


Field = Choice | Many | TextField | DateField | FileField


class Shortcut(Struct, frozen=True):
    """One press that submits the form with these answers beside what is filled in; its label says them."""

    label: str
    values: dict[str, Value]
    style: Style = Style.PLAIN


class Form(Struct, frozen=True, kw_only=True):
    """A titled set of fields. ``submit`` travels with it; ``step`` is (this, of how many)."""

    id: str
    title: str
    submit: Intent
    submit_label: str
    intro: tuple[Block, ...] = ()
    fields: tuple[Field, ...] = ()
    buttons: tuple[Button, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    step: tuple[int, int] | None = None
    #: the field a typed answer on a message surface belongs to ("" = none)
    cursor: str = ""
    #: safe on a lock screen
    summary: str = ""
