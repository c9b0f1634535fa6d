"""Text made safe to stand in a Slack payload, and Slack's own escapes taken off again.

Our messages use no ``mrkdwn`` at all: words go into ``plain_text`` or ``rich_text``, where Slack
reads neither mentions nor links nor markup. What is left to do is to take out characters that would
reorder or hide text, and to escape the top-level ``text``, which Slack does parse:
https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re

#: control characters save tab and line feed; marks that reorder text; marks of no width
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    "\U000e0000-\U000e007f]"
)
#: a joiner is kept inside an emoji only (family, flags of two signs)
_LONE_JOINER = re.compile(
    "(?<![\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])\u200d|\u200d(?![\u2600-\U0001faff])"
)
_REFERENCE = re.compile(r"<(?:([@#!])([^<>|\s]+)|((?:https?|mailto|tel|ftp):[^<>|\s]+))(?:\|([^<>]*))?>")


def clean(text: str) -> str:
    """Return the text without characters that hide or reorder words; line ends become line feeds."""
    if text.isprintable():  # nearly every text: no line end, no mark that hides or reorders
        return text
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    whole = unified.encode("utf-8", "replace").decode()
    return _LONE_JOINER.sub("", _UNSAFE.sub("", whole))


def short(text: str, most: int) -> str:
    """Return the cleaned text, cut with an ellipsis if it is longer than ``most`` characters."""
    cleaned = clean(text)
    return cleaned if len(cleaned) <= most else cleaned[: most - 1].rstrip() + "…"


def escape(text: str) -> str:
    """Return the text so that Slack's top-level ``text`` shows it as it is."""
    return clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """Return what a person typed: Slack's references become words, its entities characters."""
    words = _REFERENCE.sub(_spoken, text)
    return words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _spoken(found: re.Match[str]) -> str:
    sign, target, address, label = found.groups()
    if address:
        return str(address).removeprefix("mailto:")
    if sign == "!":
        return f"@{label or target.split('^')[0]}".replace("@@", "@")
    return f"{sign}{label or target}"


def links(text: str) -> tuple[str, ...]:
    """Return the web addresses in a message as Slack delivers it, in order."""
    marked = [m[3] for m in _REFERENCE.finditer(text) if (m[3] or "").startswith(("http:", "https:"))]
    return tuple(unescape(link) for link in marked)
