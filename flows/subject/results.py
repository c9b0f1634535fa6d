"""All that goes out, read once more as a whole; and what was made of it."""

from __future__ import annotations

from collections.abc import Sequence

from flows.model import Document
from flows.packs.contents import Pack, Section
from flows.subject.cards import end, head, step
from flows.subject.request import Request
from flows.ui.cards import Attachment, Block, Button, Buttons, Card, Facts, Quote, Small, Text
from flows.words import say

#: So many characters of what goes out stand on one page of it, to be read and copied.
_ROOM = 2_800


def whole(request: Request, pack: Pack, number: int) -> Card:
    """Return a part of what goes out, to be read once more; the last one asks whether it is to be made."""
    texts = told(pack)
    number = min(max(number, 1), len(texts))
    blocks: list[Block] = [
        head(request),
        Text(say("subject.whole")),
        Small(say("list.page", n=number, of=len(texts))),
        Quote(texts[number - 1]),
    ]
    onward = [("list.earlier", number - 1), ("list.later", number + 1)]
    turning = [
        Button(label=say(word), intent=step(request, "whole", n))
        for word, n in onward
        if 1 <= n <= len(texts)
    ]
    made = Button(label=say("subject.button.make"), intent=step(request, "make", pack_digest(pack)))
    back = Button(label=say("subject.button.cases_again"), intent=step(request, "cases"))
    blocks.append(Buttons((*turning, *((made,) if number == len(texts) else ()), back, end(request))))
    return Card(kind="subject", summary=say("summary.list"), blocks=tuple(blocks))


def pack_digest(pack: Pack) -> str:
    """Return what a bundle comes to."""
    return Section(heading="", lines=tuple(one.sha256 for one in pack.sections)).sha256[:16]


def told(pack: Pack) -> list[str]:
    """Return what goes out as plain words, a page at a time."""
    done, now = [], ""
    for one in pack.sections:
        lines = (*(f"{label}: {value}" for label, value in one.pairs), *one.quote, *one.lines)
        text = "\n".join((one.heading, *lines))
        if now and len(now) + len(text) > _ROOM:
            done.append(now)
            now = ""
        now = f"{now}\n\n{text}".strip()
    return [*done, now]


def made(request: Request, documents: Sequence[Document], pack: Pack, key: str, until: str) -> Card:
    """Return both files, what the second proves, and when they go."""
    onward = Button(label=say("subject.button.words"), intent=step(request, "whole", 1))
    again = Button(label=say("subject.button.open"), intent=step(request))
    blocks: tuple[Block, ...] = (
        head(request),
        Text(say("subject.made", n=len(pack.sections))),
        *(Attachment(one.name, one.media_type, one.size, one.sha256) for one in documents),
        Small(say("subject.goes", day=until)),
        Small(say("export.proves")),
        Facts(((say("export.key"), key),)),
        Buttons((again, onward, end(request))),
    )
    return Card(kind="subject", summary=say("summary.list"), blocks=blocks)


def ended(reference: str) -> Card:
    """Return that nothing of a request is left."""
    return Card(
        kind="subject", summary=say("summary.list"), blocks=(Text(say("subject.ended", ref=reference)),)
    )
