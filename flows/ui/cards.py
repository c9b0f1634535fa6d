"""The neutral card: what a message says, with no platform's markup in it.

Every string is *data*: a renderer escapes it. A person's own words are a :class:`Quote`, never
interpreted and never unfurled. ``Card.summary`` is what a lock screen may show: it says *that*
something happened, never *what* or *who*. Each renderer is a ``match`` that ends in ``assert_never``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from flows.ui.intents import Intent


class Tone(StrEnum):
    """How a callout or a card feels; always beside words, never colour alone."""

    PLAIN = "plain"
    GOOD = "good"
    CAUTION = "caution"
    DANGER = "danger"


class Style(StrEnum):
    """How a button looks."""

    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"


class Mark(StrEnum):
    """How one line of a checklist stands."""

    TO_DO = "to_do"
    WAITS = "waits"
    DONE = "done"
    NOT_NEEDED = "not_needed"


class Button(Struct, frozen=True, kw_only=True):
    """Something to press. ``intent`` travels in the payload; ``confirm`` asks first ("" = at once).

    ``describes`` is the longer label a screen reader hears ("" = the label).
    """

    label: str
    intent: Intent
    style: Style = Style.PLAIN
    confirm: str = ""
    describes: str = ""


class Heading(Struct, frozen=True, tag=True):
    """A short title. ``button`` does something with what stands below; beside the title it takes no room."""

    text: str
    button: Button | None = None


class Text(Struct, frozen=True, tag=True):
    """A paragraph; line breaks are kept."""

    text: str


class Small(Struct, frozen=True, tag=True):
    """A line of lesser weight: reference, time, clause."""

    text: str


class Facts(Struct, frozen=True, tag=True):
    """Label and value pairs."""

    pairs: tuple[tuple[str, str], ...]


class Bullets(Struct, frozen=True, tag=True):
    """A list of short lines; ``ordered`` numbers them."""

    lines: tuple[str, ...]
    ordered: bool = False


class Line(Struct, frozen=True, tag=True):
    """One line of a checklist: how it stands, what it is, who or when in a few words, and what does it."""

    mark: Mark
    text: str
    note: str = ""
    button: Button | None = None

    @property
    def quiet(self) -> bool:
        """Nobody has to do anything about it any more."""
        return self.mark in (Mark.DONE, Mark.NOT_NEEDED)


class Quote(Struct, frozen=True, tag=True):
    """A person's own words, or the policy's, shown as they are."""

    text: str
    source: str = ""


class Callout(Struct, frozen=True, tag=True):
    """Something that must not be overlooked."""

    tone: Tone
    text: str


class Link(Struct, frozen=True, tag=True):
    """A link that *we* offer (https:, tel: or mailto:). Never a posting's own link."""

    label: str
    url: str


class Attachment(Struct, frozen=True, tag=True):
    """A file we hold: its name, sniffed type, size in bytes and SHA-256. Never the file itself.

    Without a ``sha256`` it is for somebody whom technical facts do not help: name and size are said.
    """

    name: str
    media_type: str
    size: int
    sha256: str = ""


class Divider(Struct, frozen=True, tag=True):
    """A thin line."""


class Buttons(Struct, frozen=True, tag=True):
    """A row of buttons."""

    buttons: tuple[Button, ...]


Block = (
    Heading | Text | Small | Facts | Bullets | Line | Quote | Callout | Link | Attachment | Divider | Buttons
)


def buttons_of(card: Card) -> Iterator[Button]:
    """Yield every button of a card, in the order in which they stand."""
    for block in card.blocks:
        if isinstance(block, Buttons):
            yield from block.buttons
        elif isinstance(block, Heading | Line) and block.button is not None:
            yield block.button


class Dated(Struct, frozen=True, kw_only=True):
    """A day that a message announces, for the reader's calendar; said again, its ``uid`` is the same.

    ``sequence`` grows with each time it is said anew, by which a calendar knows the last; ``off`` = it is no
    day any more.
    """

    uid: str
    day: dt.date
    summary: str
    sequence: int = 0
    off: bool = False


class Card(Struct, frozen=True, kw_only=True):
    """A whole message. ``kind`` names the message; ``summary`` is mandatory.

    ``days`` go along, where the platform can bring them into a calendar.
    """

    kind: str
    summary: str
    blocks: tuple[Block, ...]
    tone: Tone = Tone.PLAIN
    days: tuple[Dated, ...] = ()
