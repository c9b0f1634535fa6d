"""Everything that goes out to Teams, through Microsoft's connector, kept warm.

One connector for each service address (listed hosts only, a few at most), over one pool of
connections on our own loop and with one token for all. Nothing is ever sent again in here: what a
failure means is said by the type of the error, and the worker decides.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable

from botbuilder.schema import Activity, Attachment, ChannelAccount, ConversationParameters
from msgspec.structs import replace

from adapters.teams import limits, render
from adapters.teams.api_call import Wire, held
from adapters.teams.connectors import Connectors, means, not_added
from adapters.teams.conversation_references import Reference, References
from adapters.teams.origin import Where, in_thread, is_channel, split_thread
from adapters.teams.presence import NOT_THIS_CHAT, still_there
from adapters.teams.rate_limit import Pace, Paced
from adapters.teams.render import Json
from adapters.teams.roster import Member, member, membership, staff
from adapters.teams.verify import Trust
from flows.errors import Ambiguous, Permanent, Response, Retryable
from flows.model import Posted
from flows.ports import Address, Membership
from flows.school import Platform
from flows.ui.cards import Card
from flows.words import say


class TeamsChat:
    """The :class:`flows.ports.Chat` of Teams. Teams cannot be asked what it accepted: repeats are marked."""

    platform = Platform.TEAMS
    can_look_up = False

    def __init__(
        self,
        *,
        references: References,
        wire: Wire,
        trust: Trust,
        pace: Paced | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._references = references
        self.connectors = Connectors(wire)
        self._trust = trust
        self._pace = pace or Pace()
        self._monotonic = monotonic
        self._rosters: dict[tuple[str, str], tuple[float, tuple[Member, ...]]] = {}
        #: called when Teams says that something about a place has changed
        self.changed: Callable[[], None] = lambda: None
        #: called when the app was added: for whom, "" = for a team
        self.added: Callable[[str], None] = lambda _: None
        #: accounts that the newest lists showed to be guests, and in which place
        self.guests: set[str] = set()
        self._guests_in: dict[tuple[str, str], set[str]] = {}

    @property
    def tenant(self) -> str:
        """The tenant the bot belongs to."""
        return self._trust.tenant

    async def send(self, to: Address, card: Card, *, key: str, repeat: bool = False) -> Posted:
        """Post a message that stands alone or begins a thread."""
        body = self._message(card, key, alert=bool(to.account), repeat=repeat)
        tenant = to.workspace or self.tenant
        if to.account:
            return await self._to_person(tenant, to.account, body)
        near = await self._references.channel(tenant, to.channel)
        if near is None:
            raise not_added()
        return await self._new_thread(near, to.channel, body)

    async def reply(
        self, root: Posted, card: Card, *, key: str, broadcast: bool = False, repeat: bool = False
    ) -> Posted:
        """Post into the thread of ``root``; Teams shows a thread's news in its channel anyway."""
        del broadcast
        first = root.thread or root.message
        near = await self._near(root)
        with means(Response.ROOT_GONE):
            posted = await self._post(
                near, in_thread(root.channel, first), self._message(card, key, repeat=repeat)
            )
        return replace(root, message=posted.message, thread=first)

    async def edit(self, posted: Posted, card: Card) -> None:
        """Replace a message. Doing it twice is doing it once."""
        near = await self._near(posted)
        where = in_thread(posted.channel, posted.thread or posted.message)
        body = self._message(card, posted.message, repeat=posted.repeat)
        await self.replace(near, where, posted.message, body)

    async def find(
        self, to: Address, root: Posted | None, *, key: str, since: dt.datetime | None = None
    ) -> Posted | None:
        """Return None: Teams cannot be asked."""
        del to, root, key, since
        return None

    async def members(self, to: Address) -> Membership:
        """Return who can read a channel, not older than a minute."""
        tenant = to.workspace or self.tenant
        if to.account:
            there = await still_there(self.connectors.to, await self._references.person(tenant, to.account))
            return Membership(accounts=frozenset({to.account.lower()} if there else ()), fit=True)
        try:
            return membership(await self.roster(tenant, to.channel), self._trust.tenant)
        except Permanent as error:
            if error.response is Response.CONNECTION:
                raise  # that says nothing of the channel
            return Membership(accounts=frozenset(), fit=False, trouble=error.reference)

    def place_changed(self) -> None:
        """Look again: somebody came or went, or a channel became another."""
        self.forget_places()
        self.changed()

    def forget_places(self) -> None:
        """Ask again the next time: another process heard that something has changed."""
        self._rosters.clear()

    async def staff(self, team: str) -> dict[str, str]:
        """Return the accounts, with names, of the full members of a team (or a channel of it)."""
        return staff(await self.roster(self._trust.tenant, team), self._trust.tenant)

    # -- for the listener -------------------------------------------------------------------------

    async def heard(self) -> bool:
        """Return whether Teams has ever spoken to us, as far as the store knows."""
        return await self._references.heard()

    async def chat_with(self, tenant: str, account: str) -> Reference:
        """Return our chat with somebody; begin it if there is none. Raises as sending does."""
        return await self._references.person(tenant, account) or await self.begin_chat(tenant, account)

    async def begin_chat(self, tenant: str, account: str) -> Reference:
        """Begin our chat with somebody, whatever we know of one: Teams says whether that can be.

        Nothing is posted. Raises as sending does.
        """
        near = await self._references.tenant(tenant)
        if near is None:
            what = "The app has not been added in this tenant yet."
            raise Permanent("not-installed", what, response=Response.CONNECTION)
        asked = ConversationParameters(
            is_group=False,
            bot=ChannelAccount(id=near.bot),
            members=[ChannelAccount(id=account)],
            tenant_id=tenant,
            channel_data={"tenant": {"id": tenant}},
        )
        try:
            made = await self.connectors.to(near.service_url).conversations.create_conversation(asked)
        except Ambiguous as error:
            # Nothing was said yet, and Teams gives the same chat again: beginning it twice is once.
            raise Retryable("no-chat-yet", "Teams did not answer.", after=limits.REST_SECONDS) from error
        return await self._references.met(tenant, account, made.id, near)

    async def say(self, where: Where, body: Json) -> str:
        """Post where somebody just spoke; return the message's id."""
        return (await self._post(_spoken(where), where.conversation, body)).message

    async def change(self, where: Where, message: str, body: Json) -> None:
        """Replace a message where somebody just spoke."""
        await self.replace(_spoken(where), where.conversation, message, body)

    async def replace(self, near: Reference, conversation: str, message: str, body: Json) -> None:
        """Replace a message by another."""
        await self._pace.turn(conversation)
        made = _activity(body, near.bot)
        made.id = message
        calls = self.connectors.to(near.service_url).conversations
        with means(Response.ROOT_GONE):
            await calls.update_activity(conversation, message, made)

    async def roster(self, tenant: str, channel: str) -> tuple[Member, ...]:
        """Return a team's members, not older than a minute. Raises as sending does."""
        known = self._rosters.get((tenant, channel))
        if known is not None and self._monotonic() - known[0] < limits.ROSTER_SECONDS:
            return known[1]
        near = await self._references.channel(tenant, channel)
        if near is None:
            raise not_added()
        asked, found, more = self._monotonic(), list[Member](), None
        calls = self.connectors.to(near.service_url).conversations
        for _ in range(limits.ROSTER_PAGES):
            page = await calls.get_teams_conversation_paged_members(channel, limits.ROSTER_PAGE, more)
            found += [member(one) for one in page.members or []]
            more = page.continuation_token
            if not more:
                break
        else:
            what = "That team has more members than we can read."
            raise Permanent("too-many-members", what, response=Response.PLACE)
        self._rosters[tenant, channel] = (asked, tuple(found))
        guests = {one.account for one in found if one.guest(tenant)}
        before = self._guests_in.get((tenant, channel), set())
        # whoever became a member, or is not in this place any more, is not a guest because of it
        self.guests -= before | {one.account for one in found}
        self.guests |= guests
        self._guests_in[tenant, channel] = guests
        return tuple(found)

    # -- parts ------------------------------------------------------------------------------------

    def _message(self, card: Card, key: str, *, alert: bool = False, repeat: bool = False) -> Json:
        mark = say("teams.repeat") if repeat else ""
        content = render.card(card, nonce=render.digest(key, repr(card.blocks)), mark=mark)
        return render.message(content, card.summary, alert=alert)

    async def _near(self, posted: Posted) -> Reference:
        tenant = posted.workspace or self.tenant
        known = self._references
        asked = known.channel(tenant, posted.channel) if is_channel(posted.channel) else known.tenant(tenant)
        near = await asked
        if near is None:
            raise not_added()
        return near

    async def _to_person(self, tenant: str, account: str, body: Json) -> Posted:
        """Post into somebody's chat; where the one we know takes nothing, begin another, once."""
        chat = await self.chat_with(tenant, account)
        try:
            return await self._post(chat, chat.conversation, body)
        except Permanent as error:
            if error.reference not in NOT_THIS_CHAT:
                raise
            newer = await self.begin_chat(tenant, account)
            if newer.conversation == chat.conversation:
                raise
        return await self._post(newer, newer.conversation, body)

    async def _post(self, near: Reference, conversation: str, body: Json) -> Posted:
        await self._pace.turn(conversation)
        made = _activity(body, near.bot)
        answer = await self.connectors.to(near.service_url).conversations.send_to_conversation(
            conversation, made
        )
        return self._posted(near, split_thread(conversation)[0], answer.id if answer else "")

    async def _new_thread(self, near: Reference, channel: str, body: Json) -> Posted:
        """Begin a thread; Teams answers with the thread's own address.

        https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages
        """
        await self._pace.turn(channel)
        asked = ConversationParameters(
            is_group=True,
            bot=ChannelAccount(id=near.bot),
            tenant_id=near.tenant,
            channel_data={"channel": {"id": channel}},
            activity=_activity(body, near.bot),
        )
        calls = self.connectors.to(near.service_url).conversations
        with means(Response.PLACE):
            made = await calls.create_conversation(asked)
        return self._posted(near, channel, made.activity_id or split_thread(made.id or "")[1])

    def _posted(self, near: Reference, channel: str, message: str | None) -> Posted:
        if not message:
            raise Ambiguous("no-id", "Teams took the message and did not say which it is.")
        return Posted(platform=self.platform, workspace=near.tenant, channel=channel, message=message)


def _spoken(where: Where) -> Reference:
    return Reference(
        tenant=where.tenant, service_url=where.service_url, conversation=where.conversation, bot=where.bot
    )


def _activity(body: Json, bot: str) -> Activity:
    attached = [
        Attachment(content_type=part["contentType"], content=held(part["content"]))
        for part in body["attachments"]
    ]
    return Activity(
        type="message",
        summary=body["summary"],
        attachments=attached,
        channel_data=body.get("channelData"),
        from_property=ChannelAccount(id=bot),
    )
