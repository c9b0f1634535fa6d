"""One reader of Slack's messages, whichever way they come: words, what is quoted, links, files. Pure.

``text`` is the words as Slack writes them out; where it is empty they stand in the blocks, and what was
forwarded in the attachments:
https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
https://docs.slack.dev/reference/messaging/attachments
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from msgspec import Struct

from adapters.slack.escape import NAMELESS, links, meant_as_link, unescape, unnamed
from adapters.slack.origin import part_at, parts_at, text_at
from flows.words import say

Body = dict[str, Any]
Names = Mapping[str, str]
#: blocks and lists within each other that are still read
_DEEPEST = 8
#: where ids stand in blocks and attachments
_IDS = ("user_id", "channel_id", "usergroup_id", "author_id")


class Said(Struct, frozen=True, kw_only=True):
    """What a message brings. ``link`` is the first address; further ones stand in the words."""

    words: str = ""
    link: str = ""
    files: tuple[Body, ...] = ()

    def __bool__(self) -> bool:
        """Return whether anything of it can be read."""
        return bool(self.words or self.files)


def read(message: Body, names: Names = NAMELESS) -> Said:
    """Return what a message says: its own words first, then what it quotes."""
    raw = text_at(message, "text")
    words, found = unescape(raw, names).strip(), list(links(raw))
    if not words:
        words, found = _blocks(parts_at(message, "blocks"), names)
    parts, files = [words], parts_at(message, "files")
    read_through = [message]
    for attached in parts_at(message, "attachments"):
        # a preview repeats what is at an address; what was forwarded is said by the message itself
        if _is_quote(attached) or not (words or files):
            quoted, more = _attached(attached, names)
            parts.append(quoted)
            found += more
            files += [file for file in parts_at(attached, "files") if file not in files]
            read_through.append(attached)
    for name, file in _pictures(read_through):
        files += [file] if file else []
        parts += [] if file else [say("slack.picture_elsewhere", what=name or say("slack.unnamed"))]
    whole = "\n".join(part for part in parts if part.strip())
    further = [link for link in found[1:] if link not in whole]
    return Said(words="\n".join((whole, *further)).strip(), link=next(iter(found), ""), files=tuple(files))


def ids(message: Body) -> frozenset[str]:
    """Return the ids of people and channels that stand in a message without a name."""
    found: set[str] = set()
    left: list[object] = [text_at(message, "text"), message.get("blocks"), message.get("attachments")]
    while left:
        match left.pop():
            case str() as words:
                found.update(unnamed(words))
            case dict() as part:
                found.update(text_at(part, name) for name in _IDS)
                left += part.values()
            case list() as several:
                left += several
            case _:
                pass
    return frozenset(found - {""})


def _is_quote(attached: Body) -> bool:
    return bool(attached.get("is_share") or attached.get("is_msg_unfurl"))


def _pictures(parts: list[Body]) -> Iterator[tuple[str, Body]]:
    """Yield each picture's name, and the file where Slack itself holds it."""
    for part in parts:
        for block in parts_at(part, "blocks"):
            if block.get("type") == "image":
                name, address = text_at(block, "alt_text"), text_at(block, "slack_file", "url")
                yield name, {"url_private": address, "name": name} if address else {}
        if text_at(part, "image_url"):
            yield text_at(part, "title"), {}


def _attached(attached: Body, names: Names) -> tuple[str, list[str]]:
    """Return what an attachment says: who, and their words; the fallback only where nothing else stands."""
    raw = [text_at(attached, name) for name in ("pretext", "title", "text")]
    raw += [f"{text_at(field, 'title')} {text_at(field, 'value')}" for field in parts_at(attached, "fields")]
    words = "\n".join(unescape(part, names).strip() for part in raw if part.strip())
    found = [link for part in raw for link in links(part)]
    if not words:
        inner = (parts_at(part_at(m, "message"), "blocks") for m in parts_at(attached, "message_blocks"))
        words, more = _blocks([*parts_at(attached, "blocks"), *chain.from_iterable(inner)], names)
        found += more
    if not (words or parts_at(attached, "files")):
        words = unescape(text_at(attached, "fallback"), names).strip()
    author = names.get(text_at(attached, "author_id")) or text_at(attached, "author_name")
    if author:
        words = f"{say('slack.quoted', who=author)}\n{words}".strip()
    address = next(
        filter(None, (text_at(attached, n) for n in ("from_url", "original_url", "title_link"))), ""
    )
    here = [address] if address else []
    return words, [*found, *here] if _is_quote(attached) else [*here, *found]


def _blocks(blocks: list[Body], names: Names) -> tuple[str, list[str]]:
    found: list[str] = []
    lines = (_block(block, names, found) for block in blocks)
    return "\n".join(line.strip() for line in lines if line.strip()), found


def _block(block: Body, names: Names, found: list[str]) -> str:
    match block.get("type"):
        case "rich_text":
            return _rich(block, names, found)
        case "section" | "header" | "markdown":
            return "\n".join(
                _text(t, names, found) for t in (block.get("text"), *parts_at(block, "fields")) if t
            )
        case "context":
            return " ".join(_text(element, names, found) for element in parts_at(block, "elements"))
        case "table":
            rows = [cell for row in block.get("rows") or () if isinstance(row, list) for cell in row]
            cells = (_rich(c, names, found) or text_at(c, "text") for c in rows if isinstance(c, dict))
            return "\n".join(cell for cell in cells if cell)
        case "video":
            found += [text_at(block, "title_url")] if text_at(block, "title_url") else []
            return "\n".join(text_at(block, name, "text") for name in ("title", "description"))
        case _:
            return ""


def _text(part: object, names: Names, found: list[str]) -> str:
    """Return the words of a text object, or of a block that holds its words as they are."""
    if isinstance(part, str):
        return part
    raw = text_at(part, "text")
    if text_at(part, "type") == "plain_text":
        return raw
    found += links(raw)
    return unescape(raw, names)


def _rich(part: Body, names: Names, found: list[str], depth: int = 0) -> str:
    """Return the words of rich text, each list entry on a line of its own."""
    if depth > _DEEPEST:
        return ""
    inner = (_rich(element, names, found, depth + 1) for element in parts_at(part, "elements"))
    match part.get("type"):
        case "rich_text":
            return "\n".join(line.rstrip("\n") for line in inner)
        case "rich_text_list":
            return "\n".join(f"• {line}" for line in inner)
        case "rich_text_section" | "rich_text_quote" | "rich_text_preformatted":
            return "".join(inner)
        case "link":
            address, label = text_at(part, "url"), text_at(part, "text")
            if address.startswith(("http:", "https:")) and (not label or meant_as_link(address, label)):
                found.append(address)
            return label or address.removeprefix("mailto:")
        case _:
            return _element(part, names)


def _element(part: Body, names: Names) -> str:
    def named(sign: str, id_: str) -> str:
        return f"{sign}{names.get(id_) or id_}"

    match part.get("type"):
        case "user":
            return named("@", text_at(part, "user_id"))
        case "usergroup":
            return named("@", text_at(part, "usergroup_id"))
        case "channel":
            return named("#", text_at(part, "channel_id"))
        case "broadcast":
            return f"@{text_at(part, 'range')}"
        case "emoji":
            return _emoji(part)
        case "date":
            return text_at(part, "fallback")
        case "color":
            return text_at(part, "value")
        case _:
            return text_at(part, "text")


def _emoji(part: Body) -> str:
    """Return the sign itself; the name between colons where it is one of the workspace's own."""
    try:
        return "".join(chr(int(code, 16)) for code in text_at(part, "unicode").split("-"))
    except (ValueError, OverflowError):
        return f":{text_at(part, 'name')}:"
