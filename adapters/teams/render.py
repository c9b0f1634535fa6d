"""Neutral cards as Adaptive Cards. Pure: the same card is the same JSON.

Every word stands in a ``TextRun``: ``TextBlock`` and ``FactSet`` read Markdown, so neither is used.
A button is an ``Action.Execute`` with ``Action.Submit`` as its fallback; its data holds the intent
and the card's ``nonce``, by which a second delivery of the same press is known.
"""

from __future__ import annotations

import hashlib
from typing import Any, assert_never

from adapters.teams import limits
from adapters.teams.elements import fact, link, small, words
from adapters.teams.escape import clean, short
from adapters.teams.truncate import last_words, noted, weight
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
    Style,
    Text,
    Tone,
)
from flows.ui.intents import encode
from flows.ui.plain_text import marked, size
from flows.words import say

Json = dict[str, Any]

CARD_TYPE = "application/vnd.microsoft.card.adaptive"
#: what an action is called when it comes back
VERB = "press"
#: keys of an action's data: intent, the card's nonce, input ids, form to keep first, ours, a shortcut
INTENT, NONCE, INPUTS, KEEP, VIEW, ALSO = "i", "n", "f", "k", "v", "a"

_STYLES: dict[Style, Json] = {
    Style.PLAIN: {},
    Style.PRIMARY: {"style": "positive"},
    Style.DANGER: {"style": "destructive"},
}
_TONES = {Tone.PLAIN: "emphasis", Tone.GOOD: "good", Tone.CAUTION: "warning", Tone.DANGER: "attention"}
_SAID = {Tone.GOOD: "text.good", Tone.CAUTION: "text.careful", Tone.DANGER: "text.danger"}


class Look:
    """How one card is drawn: its nonce, whose view it is, whether it stands in a dialog, room for a text."""

    def __init__(
        self, *, nonce: str = "", view: bool = False, dialog: bool = False, most: int = limits.CARD_BYTES
    ) -> None:
        """Keep the four. ``view`` = the conversation's own card; ``dialog`` = Submit only."""
        self.nonce = nonce
        self.view = view
        self.dialog = dialog
        self.most = most

    def with_room(self, most: int) -> Look:
        """Return the same look with another longest text."""
        return Look(nonce=self.nonce, view=self.view, dialog=self.dialog, most=most)


def card(card: Card, *, nonce: str = "", view: bool = False, dialog: bool = False, mark: str = "") -> Json:
    """Return the card as Adaptive Card JSON of at most :data:`limits.CARD_BYTES`.

    ``mark`` is a line above everything else ("You may have had this message before.").
    """
    look = Look(nonce=nonce or digest(card.summary, repr(card.blocks)), view=view, dialog=dialog)
    head = [small(mark)] if mark else []

    def draw(room: Look) -> list[Json]:
        return [*head, *blocks(card.blocks, room)]

    return fitted(draw, look, card.summary)


def message(content: Json, summary: str, *, alert: bool = False) -> Json:
    """Return a message activity that carries a card. ``summary`` is what a lock screen shows.

    ``alert`` also puts it into the person's activity feed:
    https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/notification-only-bots
    """
    drawn: Json = {
        "type": "message",
        "summary": clean(summary),
        "attachments": [{"contentType": CARD_TYPE, "content": content}],
    }
    if alert:
        drawn["channelData"] = {"notification": {"alert": True}}
    return drawn


def digest(*parts: str) -> str:
    """Return a short name for these words: the same words, the same name."""
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "replace")).hexdigest()[:16]


def fitted(draw: Any, look: Look, summary: str) -> Json:
    """Return the whole card, its long texts made shorter until it fits; a line then says so."""
    most, whole = limits.CARD_BYTES, wrap(draw(look), summary)
    while weight(whole) > limits.CARD_BYTES and most > limits.SHORTEST:
        most = max(min(int(most * 0.85), most - 1), limits.SHORTEST)
        whole = wrap(noted(draw(look.with_room(most)), small(say("teams.shortened"))), summary)
    body: list[Json] = whole["body"]
    while weight(whole) > limits.CARD_BYTES and (spare := last_words(body)) is not None:
        del body[spare]
    return whole


def wrap(body: list[Json], summary: str) -> Json:
    """Return elements as a card. ``fallbackText`` is for a Teams that is too old to show it."""
    return {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": limits.CARD_VERSION,
        "fallbackText": clean(summary),
        "msteams": {"width": "Full"},
        "body": body,
    }


def blocks(drawn: tuple[Block, ...], look: Look) -> list[Json]:
    """Return blocks as elements; a divider becomes a line above what follows it."""
    body: list[Json] = []
    line = False
    for block in drawn:
        if isinstance(block, Divider):
            line = bool(body)
            continue
        elements = _block(block, look)
        if line and elements:
            elements[0] = {**elements[0], "separator": True, "spacing": "medium"}
            line = False
        body += elements
    return body


def _block(block: Block, look: Look) -> list[Json]:
    match block:
        case Heading(text, button):
            title = words(text, size="large", weight="bolder")
            return title if button is None else _beside(title, button, look)
        case Text(text):
            return words(short(text, look.most))
        case Small(text):
            return words(short(text, look.most), size="small", isSubtle=True)
        case Facts(pairs):
            return [fact(label, short(value, look.most)) for label, value in pairs]
        case Bullets(lines, ordered):
            said = [
                f"{f'{n}.' if ordered else '•'} {short(line, look.most)}" for n, line in enumerate(lines, 1)
            ]
            return [element for line in said for element in words(line, spacing="small")]
        case Line():
            return _line(block, look)
        case Quote(text, source):
            return _quote(short(text, look.most), source)
        case Callout():
            return callout(block)
        case Link(label, url):
            return link(label, url)
        case Attachment():
            return _attachment(block)
        case Divider():
            return []
        case Buttons(buttons):
            return rows([action(button, look) for button in buttons])
        case _:
            assert_never(block)


def callout(block: Callout) -> list[Json]:
    """Return a coloured box whose words also say how it is meant."""
    said = say(_SAID[block.tone], text=clean(block.text)) if block.tone in _SAID else block.text
    inside = words(said, weight="bolder")
    return [{"type": "Container", "style": _TONES[block.tone], "items": inside}] if inside else []


def _line(line: Line, look: Look) -> list[Json]:
    """Return a line of a checklist and its button; what is done takes little room."""
    light = {"size": "small", "isSubtle": True} if line.quiet else {}
    said = words(short(marked(line), look.most), spacing="small", **light)
    return [*said, *rows([action(line.button, look)])] if line.button is not None else said


def _beside(said: list[Json], button: Button, look: Look) -> list[Json]:
    """Return words with a button at their right."""
    columns = [
        {"type": "Column", "width": "stretch", "verticalContentAlignment": "center", "items": said},
        {"type": "Column", "width": "auto", "items": rows([action(button, look)])},
    ]
    return [{"type": "ColumnSet", "columns": columns}]


def _quote(text: str, source: str) -> list[Json]:
    inside = words(text, italic=True)
    said = say("text.source", source=clean(source)) if source.strip() else ""
    inside += words(said, size="small", isSubtle=True)
    return [{"type": "Container", "style": "emphasis", "items": inside}] if inside else []


def _attachment(file: Attachment) -> list[Json]:
    if not file.sha256:
        return words(say("teams.file_alone", file=clean(file.name), size=size(file.size)))
    line = say("teams.file", file=clean(file.name), kind=clean(file.media_type), size=size(file.size))
    parts = " ".join(
        file.sha256[n : n + 8] for n in range(0, len(file.sha256), 8)
    )  # so that a phone breaks it
    return [*words(line), small(say("teams.file_mark", mark=parts))]


def action(button: Button, look: Look, *, data: Json | None = None) -> Json:
    """Return a button as an action; one that asks first opens the question below itself."""
    title = " ".join(clean(button.label).split()) or "…"
    sent: Json = {
        INTENT: encode(button.intent),
        NONCE: look.nonce,
        **({VIEW: 1} if look.view else {}),
        **(data or {}),
    }
    drawn: Json = {"title": title, **_STYLES[button.style]}
    if clean(button.describes).strip():
        drawn["tooltip"] = clean(button.describes)
    if button.confirm:
        sure = Button(label=say("teams.sure", label=title), intent=button.intent, style=button.style)
        asked = {
            "type": "AdaptiveCard",
            "body": [*words(button.confirm), *rows([action(sure, look, data=data)])],
        }
        return {"type": "Action.ShowCard", **drawn, "card": asked}
    submit: Json = {"type": "Action.Submit", **drawn, "data": sent}
    if look.dialog:
        return submit
    return {
        "type": "Action.Execute",
        "verb": VERB,
        **drawn,
        "data": sent,
        "fallback": {"type": "Action.Submit", "title": title, "data": sent},
    }


def rows(actions: list[Json]) -> list[Json]:
    """Return actions in rows that Teams shows whole, on a phone too."""
    packed: list[list[Json]] = []
    room = 0
    for one in actions:
        room -= len(one["title"]) + 4
        if not packed or room < 0 or len(packed[-1]) == limits.ROW_BUTTONS:
            packed.append([])
            room = limits.ROW_CHARACTERS - len(one["title"]) - 4
        packed[-1].append(one)
    return [{"type": "ActionSet", "actions": row} for row in packed]
