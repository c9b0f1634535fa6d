"""Cards made to fit: long words are shortened where they are shown, and a line says so.

Headings, callouts and buttons are never shortened away: what must not be overlooked, and what can be
done about it, come first.
"""

from __future__ import annotations

from typing import TypeVar

from flows.ui.cards import Block, Bullets, Buttons, Callout, Facts, Heading, Line, Quote, Small, Text
from flows.words import say

_Entry = TypeVar("_Entry", str, tuple[str, str])

#: below this a cut text says nothing; it is left out
_WORTH_SHOWING = 40


def fit(blocks: tuple[Block, ...], most: int) -> tuple[Block, ...]:
    """Return the blocks with at most ``most`` characters of words, and a line if any were cut."""
    if sum(map(weight, blocks)) <= most:
        return blocks
    room = most - sum(weight(block) for block in blocks if _always_shown(block))
    fitted: list[Block] = []
    for block in blocks:
        if _always_shown(block):
            fitted.append(block)
            continue
        shorter = _shorten(block, max(room, 0))
        room -= weight(shorter) if shorter else 0
        fitted += [shorter] if shorter else []
    return _marked(fitted)


def weight(block: Block) -> int:
    """Return how many characters of words a block holds."""
    match block:
        case Heading(text, _) | Text(text) | Small(text) | Callout(_, text):
            return len(text)
        case Quote(text, source) | Line(_, text, source):
            return len(text) + len(source)
        case Bullets(lines, _):
            return sum(map(len, lines))
        case Facts(pairs):
            return sum(len(label) + len(value) for label, value in pairs)
        case _:
            return 0


def _always_shown(block: Block) -> bool:
    return isinstance(block, (Heading, Callout, Buttons, Line))


def _shorten(block: Block, room: int) -> Block | None:
    if weight(block) <= room:
        return block
    match block:
        case Quote(text, source):
            return Quote(_cut(text, room - len(source)), source) if room > _WORTH_SHOWING else None
        case Text(text):
            return Text(_cut(text, room)) if room > _WORTH_SHOWING else None
        case Bullets(lines, ordered):
            return Bullets(_head(lines, room), ordered)
        case Facts(pairs):
            return Facts(_head(pairs, room))
        case _:
            return None


def _cut(text: str, room: int) -> str:
    return text[: max(room - 1, 0)].rstrip() + "…"


def _head(entries: tuple[_Entry, ...], room: int) -> tuple[_Entry, ...]:
    """Return as many whole entries as fit."""
    kept: list[_Entry] = []
    for entry in entries:
        room -= len(entry) if isinstance(entry, str) else sum(map(len, entry))
        if room < 0:
            break
        kept.append(entry)
    return tuple(kept)


def _marked(blocks: list[Block]) -> tuple[Block, ...]:
    """Return the blocks with the line that says so, above the buttons at the end."""
    at = len(blocks)
    while at and isinstance(blocks[at - 1], Buttons):
        at -= 1
    return (*blocks[:at], Small(say("slack.shortened")), *blocks[at:])
