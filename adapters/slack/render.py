"""A neutral card as Block Kit. Pure: no client, no clock, no ids of its own making.

Not one ``mrkdwn`` object leaves this file. Words stand in ``rich_text`` and ``plain_text`` only, so a
mention, a link or markup typed by a person is never live; the only links are :class:`~flows.ui.cards.Link`.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, assert_never

from msgspec.structs import replace

from adapters.slack import limits
from adapters.slack.escape import clean, escape, short
from adapters.slack.truncate import fit
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
from flows.ui.plain_text import marked
from flows.words import say

Json = dict[str, Any]

#: an emoji beside the words of a callout; the words alone say everything
_SIGNS: dict[Tone, str] = {
    Tone.PLAIN: "information_source",
    Tone.GOOD: "white_check_mark",
    Tone.CAUTION: "warning",
    Tone.DANGER: "rotating_light",
}
_STYLES: dict[Style, Json] = {
    Style.PLAIN: {},
    Style.PRIMARY: {"style": "primary"},
    Style.DANGER: {"style": "danger"},
}
_KILO = 1000


def message(card: Card, *, repeat: bool = False) -> Json:
    """Return text, blocks and unfurling for ``chat.postMessage`` or ``chat.update``.

    The top-level ``text`` is the card's summary: it is the notification, and all a screen reader reads.
    https://docs.slack.dev/reference/methods/chat.postMessage
    """
    extra = (Small(say("slack.repeat")),) if repeat else ()
    return wrap(card.summary, blocks((*card.blocks, *extra), most=limits.MESSAGE_BLOCKS))


def wrap(summary: str, body: list[Json]) -> Json:
    """Return a message of these blocks that unfurls nothing."""
    return {
        "text": escape(short(summary, limits.SUMMARY)),
        "blocks": body or [paragraph(say("slack.title"))],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def blocks(card_blocks: tuple[Block, ...], *, most: int, text: int = limits.MESSAGE_TEXT) -> list[Json]:
    """Return Block Kit for these blocks, at most ``most`` of it; what had to be shortened says so."""
    drawn: list[Json] = []
    presses = 0
    for block in fit(card_blocks, text):
        drawn += _block(block, presses)
        match block:
            case Buttons(row):
                presses += len(row)
            case Heading(button=Button()) | Line(button=Button()):
                presses += 1
            case _:
                pass
    return drawn if len(drawn) <= most else _packed(drawn, most)


def plain_text(text: str, most: int) -> Json:
    """Return a plain text object; Slack refuses an empty one, so nothing becomes a dash."""
    return {"type": "plain_text", "text": short(text, most).strip() or "–", "emoji": False}


def paragraph(text: str, *, bold: bool = False) -> Json:
    """Return one paragraph as rich text."""
    return _rich(_section(*_runs(text, bold=bold)))


def small(text: str) -> Json:
    """Return a line of lesser weight."""
    return {"type": "context", "elements": [plain_text(text, limits.TEXT)]}


def buttons(row: tuple[Button, ...], *, first: int = 0) -> list[Json]:
    """Return rows of buttons whose action ids are ``press:N``, counted from ``first``.

    A label longer than a button holds is written out above them.
    """
    row = told_apart(row)
    drawn = [_button(button, f"press:{first + n}") for n, button in enumerate(row)]
    return [*spelt_out(limits.BUTTON_TEXT, *(button.label for button in row)), *actions(drawn)]


def told_apart(row: tuple[Button, ...]) -> tuple[Button, ...]:
    """Return the buttons with their longer names where several would read the same ("Change")."""
    count = Counter(button.label for button in row)
    return tuple(
        replace(button, label=button.describes) if count[button.label] > 1 and button.describes else button
        for button in row
    )


def spelt_out(most: int, *labels: str) -> list[Json]:
    """Return a list of the labels that do not fit into ``most`` characters; nothing if all do."""
    return _bullets(tuple(label for label in labels if len(clean(label)) > most), ordered=False)


def actions(elements: list[Json], *, block_id: str = "") -> list[Json]:
    """Return as few action blocks as hold these. ``block_id`` is made unique by a number."""
    rows = [elements[n : n + limits.ACTIONS] for n in range(0, len(elements), limits.ACTIONS)]
    return [
        {"type": "actions", **({"block_id": f"{block_id}:{n}"} if block_id else {}), "elements": row}
        for n, row in enumerate(rows)
    ]


def _block(block: Block, presses: int) -> list[Json]:
    match block:
        case Heading(text, button):
            title = plain_text(text, limits.TEXT)
            return _heading(text) if button is None else _beside(title, button, presses)
        case Text(text):
            return [paragraph(text)] if clean(text).strip() else []
        case Small(text):
            return [small(text)] if clean(text).strip() else []
        case Facts(pairs):
            return _facts(pairs)
        case Bullets(lines, ordered):
            return _bullets(lines, ordered=ordered)
        case Line():
            return _line(block, presses)
        case Quote(text, source):
            return _quote(text, source)
        case Callout(tone, text):
            sign = {"type": "emoji", "name": _SIGNS[tone]}
            return [_rich(_section(sign, *_runs(f" {text}", bold=True)))]
        case Link(label, url):
            return [_link(label, url)]
        case Attachment():
            return _attachment(block)
        case Divider():
            return [{"type": "divider"}]
        case Buttons(row):
            return buttons(row, first=presses)
        case _:
            assert_never(block)


def _heading(text: str) -> list[Json]:
    cleaned = clean(text).strip()
    if not cleaned:
        return []
    if len(cleaned) <= limits.HEADER:
        return [{"type": "header", "text": plain_text(cleaned, limits.HEADER)}]
    return [paragraph(cleaned, bold=True)]


def _facts(pairs: tuple[tuple[str, str], ...]) -> list[Json]:
    elements: list[Json] = []
    for label, value in pairs:
        end = "" if (label, value) == pairs[-1] else "\n"
        colon = "" if label.endswith(("?", ":", ".", "!")) else ":"
        elements += [*_runs(f"{label}{colon} ", bold=True), *_runs(f"{value or '–'}{end}")]
    return [_rich(_section(*elements))] if elements else []


def _bullets(lines: tuple[str, ...], *, ordered: bool) -> list[Json]:
    entries = [_section(*_runs(line)) for line in lines if clean(line).strip()]
    style = "ordered" if ordered else "bullet"
    return [_rich({"type": "rich_text_list", "style": style, "elements": entries})] if entries else []


def _line(line: Line, presses: int) -> list[Json]:
    """Return a line of a checklist with its button beside it; what is done takes little room."""
    said = marked(line)
    if line.button is None:
        return [small(said) if line.quiet else paragraph(said)]
    return _beside(plain_text(said, limits.TEXT), line.button, presses)


def _beside(said: Json, button: Button, presses: int) -> list[Json]:
    pressed = _button(button, f"press:{presses}")
    beside = {"type": "section", "text": said, "accessory": pressed}
    return [*spelt_out(limits.BUTTON_TEXT, button.label), beside]


def _quote(text: str, source: str) -> list[Json]:
    drawn: list[Json] = []
    if clean(text).strip():
        drawn.append(_rich({"type": "rich_text_quote", "elements": _runs(text)}))
    return [*drawn, small(source)] if clean(source).strip() else drawn


def _link(label: str, url: str) -> Json:
    """Return a live link for a web address; a telephone number is spoken, since rich text cannot dial."""
    if url.startswith("https://"):
        return _rich(_section({"type": "link", "url": url, "text": clean(label).strip() or url}))
    address = url.removeprefix("tel:").removeprefix("mailto:")
    return paragraph(label if address in label else f"{label}: {address}")


def _attachment(file: Attachment) -> list[Json]:
    size = f"{max(1, round(file.size / _KILO)):,} kB"
    if not file.sha256:
        return [paragraph(say("slack.file", file=file.name, size=size))]
    line = say("slack.file_type", file=file.name, kind=file.media_type, size=size)
    return [paragraph(line), small(say("slack.file_mark", mark=file.sha256))]


def _button(button: Button, action_id: str) -> Json:
    drawn: Json = {
        "type": "button",
        "action_id": action_id,
        "text": plain_text(button.label, limits.BUTTON_TEXT),
        "value": encode(button.intent),
        **_STYLES[button.style],
    }
    if spoken := clean(button.describes).strip():
        drawn["accessibility_label"] = short(spoken, limits.BUTTON_SPOKEN)
    if button.confirm:
        drawn["confirm"] = {
            "title": plain_text(say("slack.sure"), limits.CONFIRM_TITLE),
            "text": plain_text(button.confirm, limits.CONFIRM_TEXT),
            "confirm": plain_text(say("slack.yes"), limits.CONFIRM_BUTTON),
            "deny": plain_text(say("slack.no"), limits.CONFIRM_BUTTON),
        }
    return drawn


def _runs(text: str, *, bold: bool = False) -> list[Json]:
    """Return rich-text elements of this text: never an empty one, none longer than a text may be."""
    cleaned = clean(text)
    style: Json = {"style": {"bold": True}} if bold else {}
    pieces = [cleaned[n : n + limits.TEXT] for n in range(0, len(cleaned), limits.TEXT)]
    return [{"type": "text", "text": piece, **style} for piece in pieces]


def _section(*elements: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(elements)}


def _rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def _packed(drawn: list[Json], most: int) -> list[Json]:
    """Return the same blocks with neighbouring rich texts joined; what still does not fit is cut.

    Buttons are never cut: a person must be able to act.
    """
    joined: list[Json] = []
    for block in drawn:
        if joined and block["type"] == joined[-1]["type"] == "rich_text":
            gap = _section({"type": "text", "text": "\n"})
            joined[-1] = _rich(*joined[-1]["elements"], gap, *block["elements"])
        else:
            joined.append(block)
    if len(joined) <= most:
        return joined
    pressed = ("actions", "section")
    pressable = [block for block in joined if block["type"] in pressed][: most - 2]
    readable = [block for block in joined if block["type"] not in pressed]
    return [*readable[: most - 1 - len(pressable)], small(say("slack.shortened")), *pressable]
