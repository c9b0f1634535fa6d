"""The HTML of a message as a person saw it: words, links, emoji, pictures. Pure.

Read by a parser that hands on what it meets and builds no tree, so the time it takes grows with the text
and with nothing else (docs/decisions/0009-dependencies.md).
"""

from __future__ import annotations

import re

from lxml import etree
from msgspec import Struct

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
#: after these a new line begins
_LINES = frozenset({"br", "p", "div", "li", "tr", "blockquote", "pre", "table", "ul", "ol", *_HEADINGS})
_CELLS = frozenset({"td", "th"})
_UNSEEN = frozenset({"script", "style", "head", "title", "attachment"})
_REPLY = "http://schema.skype.com/Reply"
_EMOJI = "http://schema.skype.com/Emoji"
_GAP = re.compile(r"\n{3,}")


class Seen(Struct, frozen=True, kw_only=True):
    """What a message shows. ``emoji`` are the addresses of their drawings, ``signs`` the emoji themselves."""

    words: str = ""
    links: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    emoji: frozenset[str] = frozenset()
    pictures: int = 0


def read(html: str, *, quotes: bool = True) -> Seen:
    """Return what HTML shows; ``quotes`` = with the message that it answers, where it repeats one."""
    reader = _Reader(quotes=quotes)
    parser = etree.HTMLParser(target=reader, encoding="utf-8")
    whole = html.replace("\x00", "").encode("utf-8", "replace")
    try:
        etree.fromstring(b"<html><body>" + whole + b"</body></html>", parser)
    except (
        etree.LxmlError
    ):  # it holds no element at all, or is broken at its end: what was read so far stands
        reader.close()
    words = _GAP.sub("\n\n", "".join(reader.parts).replace("\xa0", " ")).strip()
    return Seen(
        words=words,
        links=tuple(dict.fromkeys(reader.links)),
        signs=tuple(reader.signs),
        emoji=frozenset(reader.emoji),
        pictures=reader.pictures,
    )


class _Reader:
    """What the parser calls: the names are the parser's."""

    def __init__(self, *, quotes: bool) -> None:
        self._quotes = quotes
        self.parts: list[str] = []
        self.links: list[str] = []
        self.signs: list[str] = []
        self.emoji: list[str] = []
        self.pictures = 0
        #: how many elements deep we are in something that is not shown
        self._unseen = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take the beginning of an element."""
        hidden = tag in _UNSEEN or (not self._quotes and attributes.get("itemtype") == _REPLY)
        if self._unseen or hidden:
            self._unseen += tag not in ("br", "img")
            return
        if tag == "a":
            address = attributes.get("href", "").strip()
            self.links += [address] if address.lower().startswith(("http://", "https://")) else []
        elif tag in ("emoji", "customemoji") or (tag == "img" and _is_emoji(attributes)):
            sign = attributes.get("alt", "")
            self.parts.append(sign)
            self.signs += [sign] if sign else []
            self.emoji += [attributes["src"]] if "src" in attributes else []
        elif tag == "img":
            self.pictures += 1

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        if self._unseen:
            self._unseen -= tag not in ("br", "img")
        elif tag in _LINES:
            self.parts.append("\n")
        elif tag in _CELLS:
            self.parts.append(" ")

    def words(self, text: str) -> None:
        """Take words."""
        if not self._unseen:
            self.parts.append(text)

    data = words

    def close(self) -> None:
        """Take the end of it all."""


def _is_emoji(attributes: dict[str, str]) -> bool:
    return attributes.get("itemtype") == _EMOJI or "emoji" in attributes.get("class", "").lower()
