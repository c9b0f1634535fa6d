"""Text made safe to stand in a Slack payload, and Slack's own escapes taken off again.

Our messages use no ``mrkdwn`` at all: words go into ``plain_text`` or ``rich_text``, where Slack
reads neither mentions nor links nor markup. What is left to do is to take out characters that would
reorder or hide text, and to escape the top-level ``text``, which Slack does parse:
https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from flows.ui.plain_text import LINE_ENDS, UNSEEN

#: control characters save tab and line feed; marks that reorder text; marks of no width
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    "\U000e0000-\U000e007f]"
)
#: a joiner is kept inside an emoji only (family, flags of two signs)
_LONE_JOINER = re.compile(
    "(?<![\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])\u200d|\u200d(?![\u2600-\U0001faff])"
)
#: what Slack puts between angle brackets; a bracket that a person types comes as an entity ·
#: https://docs.slack.dev/messaging/formatting-message-text#retrieving-messages
_REFERENCE = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_WEB = re.compile(r"https?://", re.IGNORECASE)
#: what stands before the id of a person and of a channel
_SIGNS = ("@", "#")
NAMELESS: Mapping[str, str] = {}


def clean(text: str) -> str:
    """Return the text without characters that hide or reorder words; line ends become line feeds."""
    text = UNSEEN.sub("", LINE_ENDS.sub("\n", text))
    if text.isprintable():  # nearly every text: no line end, no mark that hides or reorders
        return text
    whole = text.encode("utf-8", "replace").decode()
    return _LONE_JOINER.sub("", _UNSAFE.sub("", whole))


def short(text: str, most: int) -> str:
    """Return the cleaned text, cut with an ellipsis if it is longer than ``most`` characters."""
    cleaned = clean(text)
    return cleaned if len(cleaned) <= most else cleaned[: most - 1].rstrip() + "…"


def escape(text: str) -> str:
    """Return the text so that Slack's top-level ``text`` shows it as it is."""
    return clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str, names: Mapping[str, str] = NAMELESS) -> str:
    """Return what a person saw: labels in place of addresses, names (by id) in place of ids."""
    words = _REFERENCE.sub(lambda found: _seen(found[0], found[1], found[2] or "", names), text)
    return words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def links(text: str) -> tuple[str, ...]:
    """Return the web addresses that a person typed or pasted, in order.

    A word that Slack made a link of by itself (``rude.My``) stays a word.
    """
    found = ((found[1], found[2] or "") for found in _REFERENCE.finditer(text) if _WEB.match(found[1]))
    return tuple(unescape(target) for target, label in found if not label or meant_as_link(target, label))


def unnamed(text: str) -> tuple[str, ...]:
    """Return the ids in a message that stand there without a name."""
    return tuple(
        found[1][1:] for found in _REFERENCE.finditer(text) if found[1][:1] in _SIGNS and not found[2]
    )


def meant_as_link(target: str, label: str) -> bool:
    """Return whether a labelled address was given on purpose: it has a path, or words of its own."""
    if _bare(target) != _bare(label):
        return True
    return bool(_WEB.match(label)) or label.lower().startswith("www.") or "/" in label.rstrip("/")


def _seen(whole: str, target: str, label: str, names: Mapping[str, str]) -> str:
    sign, rest = target[:1], target[1:]
    if sign and sign in _SIGNS:
        return f"{sign}{label or names.get(rest) or rest}"
    if sign == "!":
        kind, _, id_ = rest.partition("^")
        if kind == "date":
            return label
        return "@" + (label or names.get(id_) or kind).removeprefix("@")
    if _SCHEME.match(target):
        return label or target.removeprefix("mailto:")
    return whole


def _bare(address: str) -> str:
    return _WEB.sub("", address, count=1).rstrip("/").lower()
