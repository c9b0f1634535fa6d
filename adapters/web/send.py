"""The workspace as a chat platform: who may read what, and who is told when a message changes.

Keeps cards exactly as they were sent; what a person typed and what they were answered is never here.
A key that has been seen before is the message that is there already, so sending twice is sending once.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.web.messages import Message, Messages, Sealing
from flows.errors import Permanent, Response
from flows.model import Posted
from flows.ports import Address, Clock, Membership
from flows.school import Platform
from flows.ui.cards import Card
from flows.ui.forms import Value


def place_of(to: Address) -> str:
    """Return the name of the place an address means."""
    return f"@{to.account}" if to.account else to.channel


class WebChat:
    """:class:`flows.ports.Chat` for the try-out workspace.

    ``members`` says who may read a channel: its address to the accounts in it; empty = no such channel.
    """

    platform = Platform.WEB
    can_look_up = True

    def __init__(
        self,
        path: Path | str,
        *,
        members: Callable[[str], frozenset[str]],
        clock: Clock,
        sealer: Sealing | None = None,
    ) -> None:
        """Open (or make) the file at ``path``; ``:memory:`` keeps nothing and needs no sealer."""
        self._members = members
        self._clock = clock
        self._listeners: set[asyncio.Queue[str]] = set()
        self._messages = Messages(path, sealer)

    def close(self) -> None:
        """Let go of the file."""
        self._messages.close()

    # -- what flows.ports.Chat promises ------------------------------------------------------------

    async def send(self, to: Address, card: Card, *, key: str, repeat: bool = False) -> Posted:
        """Post a message that stands alone or begins a thread."""
        place = place_of(to)
        self._check(place)
        return self._keep(place, 0, card, key=key, broadcast=False, repeat=repeat)

    async def reply(
        self, root: Posted, card: Card, *, key: str, broadcast: bool = False, repeat: bool = False
    ) -> Posted:
        """Post into the thread of ``root``; ``broadcast`` also shows it in the channel."""
        self._check(root.channel)
        begins = self.message(root.thread or root.message)
        if begins is None or begins.place != root.channel:
            raise Permanent(
                "no-such-message", "The message to reply to is not there.", response=Response.ROOT_GONE
            )
        return self._keep(root.channel, begins.id, card, key=key, broadcast=broadcast, repeat=repeat)

    async def edit(self, posted: Posted, card: Card) -> None:
        """Replace a message. The same card again changes nothing."""
        old = self.message(posted.message)
        if old is None:
            raise Permanent(
                "no-such-message", "The message to change is not there.", response=Response.ROOT_GONE
            )
        if old.card == card:
            return
        self._messages.change(old, card, self._clock.now())
        self.tell(old.place)

    async def find(
        self, to: Address, root: Posted | None, *, key: str, since: dt.datetime | None = None
    ) -> Posted | None:
        """Return the message that carries ``key``, or None if it never arrived."""
        del since  # all of it is looked through
        place = place_of(to)
        found = self._messages.find(place, key)
        if found is None or (root is not None and str(found[1]) != (root.thread or root.message)):
            return None
        return _posted(found[0], place, found[1])

    async def members(self, to: Address) -> Membership:
        """Return who can read a channel, as the school's file says this moment."""
        accounts = frozenset({to.account}) if to.account else self._members(to.channel)
        trouble = "" if accounts else "no-such-channel"
        return Membership(accounts=accounts, fit=bool(accounts), trouble=trouble)

    # -- what the pages read -----------------------------------------------------------------------

    def may_read(self, place: str, account: str) -> bool:
        """Return whether this account may read a place."""
        return place == f"@{account}" or (not place.startswith("@") and account in self._members(place))

    def message(self, number: str) -> Message | None:
        """Return one message by its id."""
        return self._messages.get(number)

    def roots(self, place: str, *, most: int) -> list[Message]:
        """Return the newest ``most`` messages that stand alone or begin a thread, oldest first."""
        return self._messages.roots(place, most)

    def replies(self, place: str) -> dict[int, list[Message]]:
        """Return the replies of every thread of a place, oldest first, by the id of their root."""
        return self._messages.replies(place)

    def newest(self, place: str) -> int:
        """Return the id of the newest message of a place; 0 = it is empty."""
        return self._messages.newest(place)

    def unseen(self, place: str, since: int) -> int:
        """Return how many messages came after the one with id ``since``."""
        return self._messages.count_since(place, since)

    def write(self, slot: str, values: dict[str, Value]) -> None:
        """Keep what somebody is writing, by whose and where it stands; nothing = forget it."""
        self._messages.write(slot, values, self._clock.now())

    def written(self, slot: str) -> dict[str, Value]:
        """Return what was kept of it."""
        return self._messages.written(slot)

    def secret(self) -> bytes:
        """Return this workspace's own random 32 bytes, made once: forms stay good over a restart."""
        return self._messages.secret()

    @contextmanager
    def listening(self) -> Iterator[asyncio.Queue[str]]:
        """Give a queue into which the name of every place that changes is put, until left."""
        queue: asyncio.Queue[str] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)

    def tell(self, place: str) -> None:
        """Say that a place changed."""
        for queue in self._listeners:
            queue.put_nowait(place)

    def _check(self, place: str) -> None:
        if not place.startswith("@") and not self._members(place):
            what = "The workspace has no channel of that name."
            raise Permanent("no-such-channel", what, response=Response.PLACE)

    def _keep(self, place: str, root: int, card: Card, *, key: str, broadcast: bool, repeat: bool) -> Posted:
        number, under = self._messages.add(
            place, root, card, key=key, at=self._clock.now(), broadcast=broadcast, repeat=repeat
        )
        self.tell(place)
        return _posted(number, place, under)


def _posted(number: int, place: str, root: int) -> Posted:
    return Posted(platform=Platform.WEB, channel=place, message=str(number), thread=str(root) if root else "")
