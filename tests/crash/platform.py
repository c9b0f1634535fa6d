"""A chat platform that outlives the bot: one line a call in a file, and no notice of keys it has seen.

Sending the same message twice is there twice, as on real platforms; that is what the harness counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct

from flows.errors import Permanent
from flows.model import Posted
from flows.ports import Address, Membership
from flows.school import Platform
from flows.ui.cards import Card
from flows.ui.plain_text import card_text


class Line(Struct, frozen=True, kw_only=True):
    """One accepted call. ``edits`` = the message it replaces ("" = a new message)."""

    id: str
    audience: str
    key: str
    kind: str
    text: str
    root: str = ""
    edits: str = ""
    repeat: bool = False


class FilePlatform:
    """``point`` is called before and after each call is accepted."""

    def __init__(
        self,
        folder: Path,
        platform: Platform,
        channels: dict[str, frozenset[str]],
        *,
        point: Callable[[str], None],
        can_look_up: bool = True,
    ) -> None:
        """Use its file in ``folder``; it may hold what was accepted before a crash."""
        self.platform = platform
        self.path = folder / f"platform-{platform}"
        self.channels = channels
        self.point = point
        self.can_look_up = can_look_up

    def lines(self) -> list[Line]:
        """Return every accepted call so far."""
        if not self.path.exists():
            return []
        return [msgspec.json.decode(line, type=Line) for line in self.path.read_bytes().splitlines()]

    async def send(self, to: Address, card: Card, *, key: str, repeat: bool = False) -> Posted:
        """Accept a message."""
        return self._accept(to.account or to.channel, "", card, key=key, repeat=repeat)

    async def reply(
        self, root: Posted, card: Card, *, key: str, broadcast: bool = False, repeat: bool = False
    ) -> Posted:
        """Accept a reply."""
        del broadcast
        return self._accept(root.channel, root.thread or root.message, card, key=key, repeat=repeat)

    async def edit(self, posted: Posted, card: Card) -> None:
        """Accept an edit."""
        self.point("edit.before")
        self._append(
            Line(
                id="",
                audience=posted.channel,
                key="",
                kind=card.kind,
                text=card_text(card),
                edits=posted.message,
            )
        )
        self.point("edit.after")

    async def find(
        self, to: Address, root: Posted | None, *, key: str, since: dt.datetime | None = None
    ) -> Posted | None:
        """Look a key up among what was accepted."""
        del since  # all of it is looked through
        del root
        audience = to.account or to.channel
        for line in self.lines():
            if line.key == key and line.audience == audience and not line.edits:
                return self._posted(line)
        return None

    async def members(self, to: Address) -> Membership:
        """Return who is in a channel, or whom direct messages are with."""
        if to.account:
            return Membership(accounts=frozenset({to.account}), fit=True)
        accounts = self.channels.get(to.channel)
        if accounts is None:
            raise Permanent("no-such-channel", "There is no such channel.")
        return Membership(accounts=accounts, fit=True)

    def _accept(self, audience: str, root: str, card: Card, *, key: str, repeat: bool) -> Posted:
        self.point("post.before")
        line = Line(
            id=f"m{len(self.lines()) + 1}",
            audience=audience,
            key=key,
            kind=card.kind,
            text=card_text(card),
            root=root,
            repeat=repeat,
        )
        self._append(line)
        self.point("post.after")
        return self._posted(line)

    def _append(self, line: Line) -> None:
        with self.path.open("ab") as file:
            file.write(msgspec.json.encode(line) + b"\n")

    def _posted(self, line: Line) -> Posted:
        return Posted(platform=self.platform, channel=line.audience, message=line.id, thread=line.root)
