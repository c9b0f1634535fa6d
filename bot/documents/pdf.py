"""A pack as PDF/A and PDF/UA: tagged, with its language and title, so that it lasts and can be read aloud.

The text goes in as data beside the template, never as part of it: nothing in it can become markup.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files

import msgspec

from flows.packs.contents import Pack
from flows.words import say

TYPE = "application/pdf"
#: from which code point on a letter is looked up before it is set
_PLAIN = 0x17F
_encode = msgspec.json.Encoder().encode


def pack(contents: Pack, *, at: dt.datetime) -> bytes:
    """Return a pack as a PDF. Takes a moment: not for the event loop."""
    told = msgspec.json.decode(_encode(contents))
    return compiled(_template(), legible(told), at=at)


def compiled(template: bytes, told: object, *, at: dt.datetime) -> bytes:
    """Return what a template makes of data that is legible."""
    import typst  # noqa: PLC0415 - imported where a pack is made: it is large

    return typst.compile(
        template,
        format="pdf",
        # PDF/A-2 with its structure (ISO 19005-2, level A), and PDF/UA-1 (ISO 14289-1)
        pdf_standards=["a-2a", "ua-1"],
        sys_inputs={"pack": _encode(told).decode(), "day": at.strftime("%Y-%m-%d")},
        ignore_system_fonts=True,
        timestamp=int(at.timestamp()),
    )


@cache
def _template() -> bytes:
    return (files("bot.documents") / "pack.typ").read_bytes()


def legible(told: object) -> object:
    """Return what is to be set with every character in it that no font here has said in words."""
    match told:
        case str():
            return said_in_words(told)
        case list():
            return [legible(one) for one in told]
        case dict():
            return {name: legible(one) for name, one in told.items()}
        case _:
            return told


def said_in_words(text: str) -> str:
    """Return the text with what cannot be shown named: a sign by its name, letters of a script as such."""
    if all(ord(char) <= _PLAIN and char.isprintable() for char in text):
        return text
    shown = "".join(char if _has_glyph(char) else f"\x00{char}" for char in text)
    return re.sub(r"(?:\x00.[ ]?)+", _named, shown, flags=re.DOTALL)


def _named(found: re.Match[str]) -> str:
    chars = re.findall(r"\x00(.)", found[0], flags=re.DOTALL)
    after = " " if found[0].endswith(" ") else ""
    letters = [char for char in chars if unicodedata.category(char)[0] in "LMN"]
    if letters:
        script = unicodedata.name(letters[0], "UNKNOWN").split()[0].capitalize()
        return say("pack.script", script=script, n=len(chars)) + after
    names = (unicodedata.name(char, "") for char in chars)
    return "".join(f"[{name.lower()}]" for name in names if name and not name.startswith("VARIATION")) + after


@lru_cache(maxsize=4096)
def _has_glyph(char: str) -> bool:
    """Return whether a character can be set."""
    if ord(char) <= _PLAIN:
        return char.isprintable()
    if unicodedata.category(char)[0] in "CZ":
        return char.isspace()
    import typst  # noqa: PLC0415 - as above

    try:
        compiled(_ONE, char, at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    except typst.TypstError:
        return False
    return True


_FONTS = b'#set text(font: ("Libertinus Serif", "DejaVu Sans Mono"), lang: "en", region: "GB")\n'
#: a document of one character
_ONE = _FONTS + b'#set document(title: "x")\n#json(bytes(sys.inputs.pack))'
