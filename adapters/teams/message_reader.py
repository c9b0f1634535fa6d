"""One reader of Teams' messages, whichever way they come: words, links, what is forwarded, files. Pure.

``text`` is what was typed; Teams sends a copy as HTML beside it, which alone holds links that were given a
title, emoji that are drawn, and messages without plain text. What is forwarded comes as an attachment.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import msgspec
from msgspec import Struct

from adapters.teams.escape import links, typed
from adapters.teams.html_reader import Seen, read
from adapters.teams.origin import Body, part_at, parts_at, text_at
from flows.words import say

_FILE = "application/vnd.microsoft.teams.file.download.info"
#: attachments that hold somebody's message · where in it the words and the name stand
_QUOTES = {
    "messageReference": (("messagePreview",), ("messageSender", "user", "displayName")),
    "forwardedMessageReference": (
        ("originalMessageContent",),
        ("originalMessageSender", "user", "displayName"),
    ),
}
#: where Teams keeps the drawings of emoji: no picture of anybody's
_EMOJI_HOST = ".cdn.office.net/"


class Attached(Struct, frozen=True):
    """A file that came along: its claimed name and where it can be fetched."""

    name: str
    url: str


class Said(Struct, frozen=True, kw_only=True):
    """What a message brings. ``link`` is the first address; further ones stand in the words."""

    words: str = ""
    link: str = ""
    files: tuple[Attached, ...] = ()


def said(activity: Body, bot: str) -> Said:
    """Return what somebody said to us, without the mention of us and without what they only answered."""
    mentions = [
        text_at(entity, "text")
        for entity in parts_at(activity, "entities")
        if text_at(entity, "type") == "mention" and text_at(entity, "mentioned", "id") == bot
    ]
    words = typed(text_at(activity, "text"), tuple(filter(None, mentions)))
    seen = _html(activity)
    if text_at(activity, "textFormat") == "xml":
        marked_up = read(words, quotes=False)
        words, seen = marked_up.words, seen if seen.words else marked_up
    if not words or any(sign not in words for sign in seen.signs):
        words = seen.words
    return _whole(words, seen, activity)


def told(payload: Body) -> Said:
    """Return what stands in a message that an action was taken on: its subject, words and pictures."""
    content = text_at(payload, "body", "content")
    as_html = text_at(payload, "body", "contentType") == "html"
    seen = read(content) if as_html else Seen(words=typed(content))
    lost = [say("teams.pictures_elsewhere")] if seen.pictures else []
    words = "\n".join(part for part in (text_at(payload, "subject").strip(), seen.words, *lost) if part)
    return _whole(words, seen, payload)


def _whole(words: str, seen: Seen, message: Body) -> Said:
    quoted = tuple(_quoted(message))
    whole = "\n".join(part for part in (words, *quoted) if part)
    found = tuple(dict.fromkeys((*seen.links, *links(whole))))
    further = [link for link in found[1:] if link not in whole]
    return Said(
        words="\n".join((whole, *further)).strip(),
        link=next(iter(found), ""),
        files=tuple(_attached(message, seen)),
    )


def _html(activity: Body) -> Seen:
    copies = (a for a in parts_at(activity, "attachments") if text_at(a, "contentType") == "text/html")
    whole = "".join(text_at(copy, "content") for copy in copies)
    return read(whole, quotes=False) if whole else Seen()


def _quoted(message: Body) -> Iterator[str]:
    """Yield the messages that were forwarded or referred to, each with the name of who wrote it."""
    for part in parts_at(message, "attachments"):
        where = _QUOTES.get(text_at(part, "contentType"))
        if where is None:
            continue
        content = _opened(part)
        words = read(text_at(content, *where[0])).words
        who = text_at(content, *where[1])
        yield f"{say('teams.quoted', who=who)}\n{words}".strip() if who else words


def _opened(part: Body) -> Body:
    """Return what an attachment holds; some hold their JSON as text."""
    raw = text_at(part, "content")
    if not raw:
        return part_at(part, "content")
    found = None
    with suppress(msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        found = msgspec.json.decode(raw)
    return found if isinstance(found, dict) else {}


def _attached(message: Body, seen: Seen) -> Iterator[Attached]:
    """Yield the files of a message. Cards, emoji and the HTML copy of the words are no files."""
    pasted = 0
    for part in parts_at(message, "attachments"):
        kind, name, url = (text_at(part, key) for key in ("contentType", "name", "contentUrl"))
        if kind == _FILE:
            yield Attached(name or "file", text_at(part, "content", "downloadUrl"))
        elif kind.startswith("image/") and url and not (url in seen.emoji or _draws_emoji(url)):
            pasted += 1
            kind = kind.removeprefix("image/").strip("*") or "png"
            yield Attached(name or (f"picture {pasted}.{kind}" if pasted > 1 else f"picture.{kind}"), url)


def _draws_emoji(url: str) -> bool:
    return _EMOJI_HOST in url.partition("?")[0]
