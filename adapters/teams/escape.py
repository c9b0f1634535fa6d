"""Text made safe to stand in an Adaptive Card, and Teams' own marks taken off what people type.

Words go into ``TextRun`` only, where no Markdown is read. What is left to take apart is the date
function (``{{DATE(…)}}``), which is read everywhere, and mentions (``<at>``):
https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features
"""

from __future__ import annotations

import re

from adapters.teams.html_reader import Seen, read
from flows.ui.plain_text import plain

#: takes no room and joins nothing: stands between two signs that would mean something together
_APART = "\u2060"
_NO_WIDTH = re.compile("[\u200b\u200c\u2060-\u2064\ufeff\U000e0000-\U000e007f]")
_FUNCTION = re.compile(r"\{(?=\{)")
_MENTION = re.compile(r"<(?=/?at\b)", re.IGNORECASE)
#: where an option's title may be read as Markdown: emphasis, code, links, tags, lists, headings
_MARKUP = re.compile(r"[*_`~\[\]<>#|\\&]|://|www\.|^\s*(?:[-+]|\d+[.)])\s|\n")
_AT = re.compile(r"</?at\b[^<>]*>", re.IGNORECASE)
#: an address that somebody typed; what stands after it in a sentence is none of it
_LINK = re.compile(r"https?://[^\s<>\"']+")


def clean(text: str) -> str:
    """Return the text as a card shows it: nothing hides, reorders, counts dates or mentions anybody."""
    whole = plain(_NO_WIDTH.sub("", text))
    return _MENTION.sub("<" + _APART, _FUNCTION.sub("{" + _APART, whole))


def short(text: str, most: int) -> str:
    """Return the cleaned text, cut with an ellipsis if it is longer than ``most`` characters."""
    cleaned = clean(text)
    return cleaned if len(cleaned) <= most else cleaned[: most - 1].rstrip() + "…"


def reads_as_markup(text: str) -> bool:
    """Return whether a place that reads Markdown would show something else than these words."""
    return bool(_MARKUP.search(text))


def typed(text: str, bot: tuple[str, ...] = ()) -> str:
    """Return what a person typed: without the mention of the bot, others' mentions as names.

    ``bot`` are the texts of the mentions of us, as Teams lists them beside the message.
    """
    for mention in bot:
        text = text.replace(mention, " ", 1)
    return _AT.sub("", text).replace("&nbsp;", " ").replace("\xa0", " ").strip()


def links(text: str) -> tuple[str, ...]:
    """Return the web addresses in a message, HTML or not, in order, each once."""
    seen = read(text) if "<a" in text.lower() else Seen(words=text)
    written = (link.rstrip(".,;:!?)") for link in _LINK.findall(seen.words))
    return tuple(dict.fromkeys((*seen.links, *written)))
