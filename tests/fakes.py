"""A clock that is told the time and a chat that remembers what was posted to whom.

The chat passes ``tests/adapters/contract.py`` like a real one and can be told to fail in each way a
platform fails. Like real platforms it does *not* notice a key it has seen: a message that is sent
twice is there twice, so a test can see it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import deque
from collections.abc import Mapping
from enum import StrEnum
from itertools import count

import msgspec
from msgspec import Struct

from flows.errors import Ambiguous, Permanent, PlatformError, Response, Retryable
from flows.model import Posted
from flows.ports import Address, Membership
from flows.school import Platform
from flows.ui.cards import Card
from flows.ui.plain_text import card_text


class FakeClock:
    """Says the time it was told; moves only when told."""

    def __init__(self, at: dt.datetime = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)) -> None:
        """Begin at ``at``: a Tuesday in term."""
        self.at = at

    def now(self) -> dt.datetime:
        """Return the present moment, aware, UTC."""
        return self.at

    def pass_by(self, time: dt.timedelta) -> dt.datetime:
        """Let time pass; return the new present."""
        self.at += time
        return self.at


class Failure(StrEnum):
    """How a platform fails."""

    RETRYABLE = "retryable"
    AMBIGUOUS_ACCEPTED = "ambiguous-accepted"
    AMBIGUOUS_NOT_ACCEPTED = "ambiguous-not-accepted"
    PERMANENT = "permanent"


class Message(Struct, frozen=True, kw_only=True):
    """One message as it stands now. ``audience`` = a channel, or an account for direct messages."""

    posted: Posted
    audience: str
    key: str
    card: Card
    was: tuple[Card, ...] = ()
    root: str = ""
    broadcast: bool = False
    repeat: bool = False

    @property
    def text(self) -> str:
        """What a person reads."""
        return card_text(self.card)


class FakeChat:
    """A chat platform in memory."""

    def __init__(
        self,
        platform: Platform = Platform.SLACK,
        *,
        channels: Mapping[str, frozenset[str]] | None = None,
        can_look_up: bool = True,
    ) -> None:
        """Begin empty; ``channels`` maps an address to the accounts in it."""
        self.platform = platform
        self.can_look_up = can_look_up
        self.channels = dict(channels or {})
        self.messages: dict[str, Message] = {}
        self.numbers = count(1)
        self.failures: deque[Failure | None] = deque()
        #: channels that exist and are unfit (public, or with guests), and whoever has shut us out
        self.unfit: set[str] = set()
        #: how often it was asked who can read a place
        self.asked = 0
        self.shut: set[str] = set()
        #: accounts that are guests, wherever they are
        self.guests: set[str] = set()
        #: accounts that were switched off, whose direct messages still take what is posted
        self.gone: set[str] = set()
        #: what every attempt hears while the platform is out; places and people whose posts hang for a minute
        self.outage: PlatformError | None = None
        self.hanging: set[str] = set()
        #: it cannot be asked what it took
        self.deaf = False
        #: messages that cannot be changed any more
        self.frozen: set[str] = set()
        #: every call that reached the platform, failed ones too: (method, key or message id)
        self.calls: list[tuple[str, str]] = []

    def fail(self, *failures: Failure | None) -> None:
        """Make the next calls fail so, in order; None lets one through."""
        self.failures.extend(failures)

    def audience(self, name: str) -> list[Message]:
        """Return what stands in a channel or in somebody's direct messages, oldest first."""
        return [m for m in self.messages.values() if m.audience == name]

    def texts(self, name: str) -> list[str]:
        """Return what is read there, oldest first."""
        return [m.text for m in self.audience(name)]

    async def send(self, to: Address, card: Card, *, key: str, repeat: bool = False) -> Posted:
        """Post a message that stands alone or begins a thread."""
        accepted = self._attempt("send", key)
        audience = to.account or to.channel
        await self._hang(audience)
        if not to.account and to.channel not in self.channels:
            raise Permanent("no-such-channel", "There is no such channel.", response=Response.PLACE)
        if audience in self.shut:
            response = Response.ADDRESS if to.account else Response.PLACE
            raise Permanent("blocked", "They do not take our messages.", response=response)
        posted = Posted(
            platform=self.platform,
            workspace=to.workspace,
            channel=to.channel or f"direct-{to.account}",
            message=f"m{next(self.numbers)}",
        )
        return self._keep(
            Message(posted=posted, audience=audience, key=key, card=card, repeat=repeat), accepted
        )

    async def reply(
        self, root: Posted, card: Card, *, key: str, broadcast: bool = False, repeat: bool = False
    ) -> Posted:
        """Post into the thread of ``root``."""
        accepted = self._attempt("reply", key)
        if root.message not in self.messages:
            raise Permanent("no-such-message", "There is no such message.", response=Response.ROOT_GONE)
        await self._hang(self.messages[root.message].audience)
        thread = root.thread or root.message
        posted = msgspec.structs.replace(root, message=f"m{next(self.numbers)}", thread=thread)
        message = Message(
            posted=posted,
            audience=self.messages[root.message].audience,
            key=key,
            card=card,
            root=thread,
            broadcast=broadcast,
            repeat=repeat,
        )
        return self._keep(message, accepted)

    async def edit(self, posted: Posted, card: Card) -> None:
        """Replace a message."""
        accepted = self._attempt("edit", posted.message)
        old = self.messages.get(posted.message)
        if old is None:
            raise Permanent("no-such-message", "There is no such message.", response=Response.ROOT_GONE)
        if posted.message in self.frozen:
            raise Permanent("refused", "That message cannot be changed.")
        if accepted is not Failure.AMBIGUOUS_NOT_ACCEPTED:
            self.messages[posted.message] = msgspec.structs.replace(old, card=card, was=(*old.was, old.card))
        if accepted is not None:
            raise Ambiguous("no-answer", "The platform did not answer.")

    async def find(
        self, to: Address, root: Posted | None, *, key: str, since: dt.datetime | None = None
    ) -> Posted | None:
        """Return the message that carries ``key``, or None."""
        del since  # all of it is looked through
        self.calls.append(("find", key))
        if self.deaf:
            raise Retryable("unreachable", "Cannot be asked.", after=5.0, response=Response.UNREACHABLE)
        if not self.can_look_up:
            return None
        thread = (root.thread or root.message) if root else ""
        audience = to.account or to.channel
        return next(
            (m.posted for m in self.audience(audience) if m.key == key and (m.root == thread or not root)),
            None,
        )

    async def members(self, to: Address) -> Membership:
        """Return who can read a channel; of a person's messages that person, unless they are gone."""
        self.asked += 1
        if to.account:
            return Membership(accounts=frozenset({to.account} - self.gone), fit=True)
        accounts = self.channels.get(to.channel)
        if accounts is None:
            return Membership(accounts=frozenset(), fit=False, trouble="no-such-channel")
        unfit = to.channel in self.unfit
        trouble = "unfit" if unfit else ""
        return Membership(accounts=accounts, fit=not unfit, trouble=trouble, guests=frozenset(self.guests))

    async def _hang(self, audience: str) -> None:
        if audience in self.hanging:
            await asyncio.sleep(60)
            raise Ambiguous("no-answer", "The platform did not answer.")

    def _attempt(self, method: str, key: str) -> Failure | None:
        self.calls.append((method, key))
        if self.outage is not None:
            raise self.outage
        failure = self.failures.popleft() if self.failures else None
        if failure is Failure.RETRYABLE:
            raise Retryable("rate-limited", "The platform asks to wait.", after=3.0)
        if failure is Failure.PERMANENT:
            raise Permanent("not-in-channel", "The bot is not in that channel.")
        return failure

    def _keep(self, message: Message, accepted: Failure | None) -> Posted:
        if accepted is not Failure.AMBIGUOUS_NOT_ACCEPTED:
            self.messages[message.posted.message] = message
        if accepted is not None:
            raise Ambiguous("no-answer", "The platform did not answer.")
        return message.posted
