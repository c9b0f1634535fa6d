"""What a reply looks like in a chat or a channel, and where it goes.

A chat has one card that follows the conversation: it is edited in place. Where typed answers have
pushed it out of sight it is posted again at the end, and the old one says so.
"""

from __future__ import annotations

from typing import Protocol

from adapters.teams import limits, render, reply_payloads
from adapters.teams.conversation_references import Reference, References
from adapters.teams.origin import Where
from adapters.teams.parse import Incoming
from adapters.teams.render import Json
from flows.errors import Permanent, PlatformError
from flows.ui.cards import Card, Text
from flows.ui.inbound import Receipt, Refuse, Reply, Show
from flows.words import say


class Voice(Protocol):
    """What is needed of :class:`adapters.teams.send.TeamsChat`."""

    async def say(self, where: Where, body: Json) -> str:
        """Post where somebody just spoke; return the message's id."""
        ...

    async def change(self, where: Where, message: str, body: Json) -> None:
        """Replace a message where somebody just spoke."""
        ...

    async def chat_with(self, tenant: str, account: str) -> Reference:
        """Return our chat with somebody."""
        ...


class Shows:
    """Every method raises as sending does."""

    def __init__(self, voice: Voice, references: References) -> None:
        self._voice = voice
        self._references = references

    async def below(self, where: Where, reply: Reply, *, key: str, fresh: bool = False) -> None:
        """Show what typing has led to; ``fresh`` = something new begins, so what stands there stays."""
        if isinstance(reply, Refuse) and reply.form is None:
            await self.words(where, f"{reply.message} {reply.hint}".strip())
            return
        content, summary = reply_payloads.drawn(reply, key=key, view=True)
        body = render.message(content, summary)
        old = "" if fresh else await self._references.view(where.conversation)
        asks = isinstance(reply, Refuse) or (isinstance(reply, Show) and not isinstance(reply.view, Card))
        closes = isinstance(reply, Receipt) and reply.sent
        if old and (closes or (asks and self._in_sight(where))) and await self._changed(where, old, body):
            return
        if closes:
            return
        message = await self._voice.say(where, body)
        await self._references.set_view(where, message)
        if old and asks:
            await self._changed(where, old, _moved())

    async def in_place(self, turn: Incoming, reply: Reply) -> None:
        """Show what a press has led to, in a Teams that sends presses as messages."""
        where, key = turn.where, turn.inbounds[-1].key
        if not where.personal:
            if not isinstance(reply, Receipt):
                await self.privately(where, reply, key=key, said=False)
            return
        if turn.own and where.card and not (isinstance(reply, Refuse) and reply.form is None):
            content, summary = reply_payloads.drawn(reply, key=key, view=True)
            if await self._changed(where, where.card, render.message(content, summary)):
                await self._references.set_view(where, where.card)
                return
        if isinstance(reply, Receipt) and reply.sent:
            return
        await self.below(where, reply, key=key)

    async def replaced(self, turn: Incoming, reply: Reply) -> None:
        """Replace the message that was pressed as well: an answer to a press changes one device's view.

        Else the card stands on every other device as it was, and can be pressed there.
        """
        where = turn.where
        if isinstance(reply, Refuse) and reply.form is None:
            return
        content, summary = reply_payloads.drawn(reply, key=turn.inbounds[-1].key, view=True)
        await self._changed(where, where.card, render.message(content, summary))

    async def privately(self, where: Where, reply: Reply, *, key: str, said: bool) -> None:
        """Show it to the one who asked, in their own chat; ``said`` = also say so where they asked."""
        try:
            near = await self._voice.chat_with(where.tenant, where.account)
            theirs = Where(
                tenant=where.tenant,
                service_url=near.service_url,
                conversation=near.conversation,
                activity="",
                account=where.account,
                sender=where.sender,
                bot=near.bot,
                personal=True,
            )
            content, summary = reply_payloads.drawn(reply, key=key, view=False)
            await self._voice.say(theirs, render.message(content, summary, alert=True))
        except Permanent:
            await self.words(where, say("teams.cannot_reach"))
            return
        if said:
            await self.words(where, say("teams.sent_you"))

    async def words(self, where: Where, words: str) -> None:
        """Say a few words where somebody spoke."""
        card = reply_payloads.words_card(words)
        await self._voice.say(where, render.message(render.card(card), card.summary))

    def _in_sight(self, where: Where) -> bool:
        return self._references.typed_below(where.conversation) <= limits.TYPED_BELOW

    async def _changed(self, where: Where, message: str, body: Json) -> bool:
        """Replace a card; return whether that worked. One that is gone is no reason to say nothing."""
        try:
            await self._voice.change(where, message, body)
        except PlatformError:
            return False
        return True


def _moved() -> Json:
    card = Card(kind="teams-moved", summary=say("teams.dialog"), blocks=(Text(say("teams.moved_below")),))
    return render.message(render.card(card), card.summary)
