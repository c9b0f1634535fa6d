"""A card as an e-mail: HTML that Outlook and a phone can draw, and the same as plain text.

Outlook draws by Word's rules: tables and inline styles, no flex, no background on a paragraph. Others read
the head as well, where the dark colours stand. Nothing is fetched from anywhere: no picture, font or script.
https://learn.microsoft.com/previous-versions/office/developer/office-2007/aa338201(v=office.12)
"""

from __future__ import annotations

from html import escape
from typing import assert_never

from adapters.email import limits
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
from flows.ui.plain_text import block_text, marked, plain
from flows.words import say

#: What a link of ours may begin with.
_SCHEMES = ("https", "tel", "mailto")
_FONT = "font-family:'Segoe UI',-apple-system,Roboto,Helvetica,Arial,sans-serif"
#: Of a callout: its line at the side, its ground and its words; with white or dark they keep 4.5 to 1.
_TONES = {
    Tone.PLAIN: ("#5b6470", "#f1f3f5", "#1b1f24"),
    Tone.GOOD: ("#1a7f4b", "#e8f5ee", "#0f3d26"),
    Tone.CAUTION: ("#b25e00", "#fff4e0", "#4a2b00"),
    Tone.DANGER: ("#b3261e", "#fdecea", "#5f1410"),
}
_DARK = {
    Tone.PLAIN: ("#8b95a1", "#2a2f36", "#e8eaed"),
    Tone.GOOD: ("#4cc38a", "#16291f", "#c9f0dc"),
    Tone.CAUTION: ("#e3a13c", "#33260f", "#ffe2b0"),
    Tone.DANGER: ("#f2726a", "#3a1614", "#ffd7d3"),
}
_STYLE = (
    ":root{color-scheme:light dark;supported-color-schemes:light dark}"
    "@media (prefers-color-scheme:dark){"
    ".ground{background-color:#15181c!important}.page{background-color:#1e2227!important}"
    ".words{color:#e8eaed!important}.less{color:#aab2bc!important}.link{color:#8ab4f8!important}"
    ".line{border-color:#3a414a!important}"
    + "".join(
        f".{tone}{{border-color:{line}!important;background-color:{ground}!important;color:{words}!important}}"
        for tone, (line, ground, words) in _DARK.items()
    )
    + "}"
)


def html(card: Card, *, mark: str = "") -> str:
    """Return the page; ``mark`` stands above everything else."""
    above = (Small(mark),) if mark else ()
    rows = "".join(_row(shown) for block in (*above, *card.blocks) if (shown := _block(block)))
    width = limits.WIDTH
    return (
        '<!DOCTYPE html>\n<html lang="en-GB"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        '<meta name="supported-color-schemes" content="light dark">'
        '<meta name="format-detection" content="date=no,address=no">'
        f"<title>{_text(card.summary)}</title><style>{_STYLE}</style></head>\n"
        '<body class="ground" style="margin:0;padding:0;background-color:#eef0f2">\n'
        '<table role="presentation" class="ground" width="100%" cellpadding="0" cellspacing="0" border="0" '
        'style="background-color:#eef0f2"><tr><td align="center" style="padding:12px 8px">\n'
        f'<!--[if mso]><table role="presentation" width="{width}" align="center"><tr><td><![endif]-->\n'
        '<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0" '
        f'style="max-width:{width}px;background-color:#ffffff">\n{rows}'
        '<tr><td style="padding:0 0 16px 0;font-size:1px;line-height:1px">&nbsp;</td></tr>\n</table>\n'
        "<!--[if mso]></td></tr></table><![endif]-->\n</td></tr></table>\n</body></html>\n"
    )


def text(card: Card, *, mark: str = "") -> str:
    """Return the same as plain text, in lines that every server carries."""
    said = [mark, *(_plain(block) for block in card.blocks)]
    return "\n\n".join(filter(None, said)) + "\n"


def _plain(block: Block) -> str:
    match block:
        case Buttons():
            return _labels(block)
        case Heading(text, Button() as button):
            return f"{plain(text)}\n{say('mailed.press', labels=plain(button.label))}"
        case Line() if block.button is not None:
            return f"{plain(marked(block))}\n{say('mailed.press', labels=plain(block.button.label))}"
        case _:
            return block_text(block)


def _labels(block: Buttons) -> str:
    """Return what can be pressed where buttons are: nothing can in here."""
    labels = ", ".join(plain(button.label) for button in block.buttons)
    return say("mailed.press", labels=labels) if labels else ""


def _row(shown: str) -> str:
    return f'<tr><td style="padding:14px 20px 0 20px">{shown}</td></tr>\n'


def _block(block: Block) -> str:
    """Return one block as what stands in a row of the page; "" = nothing."""
    match block:
        case Heading(text, button):
            said = _words(text, size=20, weight="600", tag="h1")
            return said + (_less(say("mailed.press", labels=button.label)) if button else "")
        case Text():
            return _words(block.text)
        case Small():
            return _less(block.text)
        case Facts():
            return _facts(block)
        case Bullets():
            lines = "".join(f'<li style="margin:0 0 6px 0">{_text(line)}</li>' for line in block.lines)
            tag = "ol" if block.ordered else "ul"
            return f'<{tag} class="words" style="{_style(16)};margin:0;padding:0 0 0 22px">{lines}</{tag}>'
        case Line():
            return _words(marked(block)) + (
                _less(say("mailed.press", labels=block.button.label)) if block.button is not None else ""
            )
        case Quote():
            return _quote(block)
        case Callout():
            return _callout(block)
        case Link():
            return _link(block)
        case Attachment():
            return _less(block_text(block))
        case Divider():
            return (
                '<div class="line" style="border-top:1px solid #d5d9de;font-size:1px;line-height:1px">'
                "&nbsp;</div>"
            )
        case Buttons():
            return _less(_labels(block)) if block.buttons else ""
        case _:
            assert_never(block)


def _words(said: str, *, size: int = 16, weight: str = "400", tag: str = "p") -> str:
    style = f"{_style(size)};font-weight:{weight};margin:0"
    return f'<{tag} class="words" style="{style}">{_text(said)}</{tag}>'


def _less(said: str) -> str:
    return f'<p class="less" style="{_style(14, "#56606b")};margin:0">{_text(said)}</p>'


def _style(size: int, colour: str = "#1b1f24") -> str:
    return f"{_FONT};font-size:{size}px;line-height:1.45;color:{colour}"


def _facts(block: Facts) -> str:
    rows = "".join(
        f'<tr><td class="less" style="{_style(14, "#56606b")};padding:8px 0 0 0">{_text(label)}</td></tr>'
        f'<tr><td class="words" style="{_style(16)};padding:0">{_text(value)}</td></tr>'
        for label, value in block.pairs
    )
    return f'<table role="presentation" cellpadding="0" cellspacing="0" border="0">{rows}</table>'


def _quote(block: Quote) -> str:
    source = _less(say("text.source", source=block.source)) if block.source else ""
    return (
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr>'
        '<td class="line" style="border-left:4px solid #d5d9de;padding:4px 0 4px 12px">'
        f"{_words(f'“{block.text}”')}{source}</td></tr></table>"
    )


def _callout(block: Callout) -> str:
    line, ground, colour = _TONES[block.tone]
    return (
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr>'
        f'<td class="{block.tone}" bgcolor="{ground}" style="border-left:4px solid {line};'
        f'background-color:{ground};padding:10px 12px;{_style(16, colour)};font-weight:600">'
        f"{_text(block_text(block))}</td></tr></table>"
    )


def _link(block: Link) -> str:
    if block.url.partition(":")[0] not in _SCHEMES:
        return _words(block_text(block))
    style = f"{_style(16, '#0b57d0')};font-weight:600"
    return f'<a class="link" href="{escape(block.url)}" style="{style}">{_text(block.label)}</a>'


def _text(said: str) -> str:
    """Return words as they are shown: what is a sign of HTML's is none, and line ends are kept."""
    return escape(plain(said)).replace("\n", "<br>")
