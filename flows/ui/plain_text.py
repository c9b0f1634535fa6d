"""Cards and forms as plain text: the reference renderer, and the fallback that works anywhere.

Nothing a card or form says is left out, so every other renderer can be compared with this one.
Knows no platform.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import assert_never

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
    Tone,
)
from flows.ui.forms import Choice, DateField, Field, FileField, Form, Many, TextField
from flows.words import say

#: Line ends and tabs are layout; every other control character acts on a screen instead of showing.
_LAYOUT = "\n\t"
#: Characters that change the direction of the words around them (Unicode UAX #9, section 2).
_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


#: Whatever ends a line somewhere, so that no words stand where they do not seem to.
LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
#: What shows nothing: it splits a word for a machine and not for an eye, or fills a name with nothing.
#: Joiners and the signs that choose an emoji's look stay.
UNSEEN = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u2060-\u2064\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]"
)


def plain(words: str) -> str:
    r"""Return words with what acts on a screen (escapes, direction overrides) made a visible mark.

    Line ends become ``\n``; what shows nothing is left out, here and not where it is kept. Letters, emoji and
    joiners stay as they are.
    """
    lines = UNSEEN.sub("", LINE_ENDS.sub("\n", words))
    if lines.isprintable():
        return lines
    return "".join("\ufffd" if _acts(char) else char for char in lines)


def _acts(char: str) -> bool:
    if char in _DIRECTION:
        return True
    return char not in _LAYOUT and unicodedata.category(char) in ("Cc", "Cs")


_STEP = 1000


def size(count: int) -> str:
    """Return a number of bytes as a person says it: "482 KB"."""
    if count < _STEP:
        return f"{count} bytes"
    kilobytes = count / _STEP
    amount, unit = (kilobytes, "KB") if kilobytes < _STEP else (kilobytes / _STEP, "MB")
    return f"{amount:.0f} {unit}" if amount.is_integer() else f"{amount:.1f} {unit}"


def card_text(card: Card) -> str:
    """Return all that a card says, its blocks apart by an empty line."""
    return _joined(card.blocks)


def form_text(form: Form) -> str:
    """Return all that a form asks, numbered so that it can be answered by typing."""
    parts = [plain(form.title)]
    if form.step is not None:
        parts.append(say("text.step", this=form.step[0], of=form.step[1]))
    parts.append(_joined(form.intro))
    parts.extend(field_text(field) for field in form.fields)
    labels = [f"[{plain(label)}]" for label in (form.submit_label, *(one.label for one in form.shortcuts))]
    labels += [_press(button) for button in form.buttons]
    parts.append(say("text.press", labels=", ".join(labels)))
    return "\n\n".join(part for part in parts if part)


def field_text(field: Field) -> str:
    """Return one question with its help, its options and what it holds."""
    label = plain(field.label)
    lines = [label if field.required else say("text.optional", label=label)]
    if field.help:
        lines.append(plain(field.help))
    lines.extend(_particulars(field))
    if field.error:
        lines.append(say("text.wrong", error=plain(field.error)))
    return "\n".join(lines)


def _particulars(field: Field) -> Iterator[str]:
    match field:
        case Choice():
            yield say("text.choose_one")
            yield from _numbered(field, (field.value,))
        case Many():
            yield say("text.choose_many")
            yield from _numbered(field, field.value)
        case TextField():
            if field.placeholder:
                yield plain(field.placeholder)
            if field.value:
                yield say("text.now", value=plain(field.value))
        case DateField():
            yield say("text.day")
            if field.value:
                yield say("text.now", value=plain(field.value))
        case FileField():
            yield say("text.files", most=field.most_files, size=size(field.most_bytes))
        case _:
            assert_never(field)


def _numbered(field: Choice | Many, chosen: tuple[str, ...]) -> Iterator[str]:
    for number, option in enumerate(field.options, 1):
        mark = " ✓" if option.value in chosen else ""
        extra = f" – {plain(option.description)}" if option.description else ""
        begins = "" if field.numbered else f"{number}. "
        yield f"{begins}{plain(option.label)}{extra}{mark}"


def _joined(blocks: tuple[Block, ...]) -> str:
    return "\n\n".join(part for part in map(block_text, blocks) if part)


def block_text(block: Block) -> str:
    """Return what one block says."""
    match block:
        case Heading(text, Button(label=label)):
            return f"{plain(text)} [{plain(label)}]"
        case Heading() | Text() | Small():
            return plain(block.text)
        case Facts():
            return "\n".join(f"{plain(label)}: {plain(value)}" for label, value in block.pairs)
        case Bullets():
            return "\n".join(
                f"{f'{n}.' if block.ordered else '-'} {plain(line)}" for n, line in enumerate(block.lines, 1)
            )
        case Line():
            said = plain(marked(block))
            # The longer name of its button says what the line says.
            return f"{said} [{plain(block.button.label)}]" if block.button is not None else said
        case Quote():
            # Quote marks round the whole, not a mark on each line: a copy of it is still their words.
            said = f"“{plain(block.text)}”"
            return f"{said}\n{say('text.source', source=plain(block.source))}" if block.source else said
        case Callout():
            return _callout(block)
        case Link():
            return f"{plain(block.label)}: {plain(block.url)}"
        case Attachment():
            return _attached(block)
        case Divider():
            return "---"
        case Buttons():
            return say("text.press", labels=", ".join(map(_press, block.buttons))) if block.buttons else ""
        case _:
            assert_never(block)


def _attached(file: Attachment) -> str:
    name, room = plain(file.name), size(file.size)
    if not file.sha256:
        return say("text.file", file=name, size=room)
    kind = plain(file.media_type)
    return say("text.attached", file=name, media_type=kind, size=room, sha256=file.sha256)


def marked(line: Line) -> str:
    """Return a line of a checklist with its sign, how it stands in words, and its note."""
    said = say(f"text.mark.{line.mark}", text=line.text)
    return say("text.noted", text=said, note=line.note) if line.note else said


def _callout(block: Callout) -> str:
    text = plain(block.text)
    match block.tone:
        case Tone.PLAIN:
            return text
        case Tone.GOOD:
            return say("text.good", text=text)
        case Tone.CAUTION:
            return say("text.careful", text=text)
        case Tone.DANGER:
            return say("text.danger", text=text)
        case _:
            assert_never(block.tone)


def _press(button: Button) -> str:
    said = f"[{plain(button.label)}]"
    if button.describes and button.describes != button.label:
        said = f"{said} {plain(button.describes)}"
    if button.confirm:
        said = f"{said} ({say('text.before', question=plain(button.confirm))})"
    return said
