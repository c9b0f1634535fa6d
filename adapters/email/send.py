"""Everything that goes out by e-mail: one message for one person, handed to the school's own server."""

from __future__ import annotations

import datetime as dt
from email.errors import MessageError

from msgspec.structs import replace

from adapters.email.answers import refused_address
from adapters.email.known import Known, known_as, remember
from adapters.email.manifest import envelope, made, number
from adapters.email.options import Options
from adapters.email.smtp import Smtp
from flows.errors import Permanent, Response
from flows.model import Posted
from flows.ports import Address, Clock, Membership, Store
from flows.school import Platform, SchoolId
from flows.ui.cards import Card


class MailChat:
    """The :class:`flows.ports.Chat` of e-mail: to people alone, and what has gone out stays as it is.

    A server cannot be asked what it took: a repeat says that it is one, and has the same id.
    """

    platform = Platform.EMAIL
    can_look_up = False

    def __init__(self, *, options: Options, smtp: Smtp, store: Store, clock: Clock) -> None:
        self._options = options
        self._smtp = smtp
        self._store = store
        self._clock = clock

    async def send(self, to: Address, card: Card, *, key: str, repeat: bool = False) -> Posted:
        """Send a message that stands alone or begins a thread."""
        if not to.account:
            raise Permanent("email-no-channel", "E-mail goes to people alone.", response=Response.PLACE)
        return await self._send(to.account, card, Known(key, to.school), repeat=repeat)

    async def reply(
        self, root: Posted, card: Card, *, key: str, broadcast: bool = False, repeat: bool = False
    ) -> Posted:
        """Send a message that follows on ``root``; there is no channel to show it in."""
        del broadcast
        first = root.thread or root.message
        begun = await known_as(self._store, first)  # what follows on it is of its school
        known = Known(key, begun.school if begun is not None else SchoolId(""))
        posted = await self._send(root.channel, card, known, root=first, repeat=repeat)
        return replace(posted, thread=first)

    async def edit(self, posted: Posted, card: Card) -> None:
        """Refuse: what has gone out stands."""
        del posted, card
        raise Permanent("email-stands", "An e-mail cannot be changed.", response=Response.MESSAGE)

    async def find(
        self, to: Address, root: Posted | None, *, key: str, since: dt.datetime | None = None
    ) -> Posted | None:
        """Return None: a server cannot be asked."""
        del to, root, key, since
        return None

    async def members(self, to: Address) -> Membership:
        """Return whom it reaches: the person it is for, as far as anybody knows; no channel is one."""
        if to.account:
            return Membership(accounts=frozenset({to.account}), fit=True)
        return Membership(accounts=frozenset(), fit=False, trouble="email-no-channel")

    async def _send(
        self, to: str, card: Card, known: Known, *, root: str = "", repeat: bool = False
    ) -> Posted:
        called, options = number(known.key), self._options
        try:
            if not to.isascii():
                raise refused_address()
            content = made(
                options, card, to=to, known_as=called, at=self._clock.now(), root=root, repeat=repeat
            )
        except (MessageError, ValueError) as error:
            raise refused_address() from error
        # Before it goes: what is taken now may come back at once.
        await remember(self._store, called, known, self._clock.now())
        await self._smtp.deliver(envelope(options), to, content)
        return Posted(platform=self.platform, channel=to, message=called)
