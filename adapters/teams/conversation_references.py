"""What we keep of a conversation so that we can write to it first: our own record, nobody's objects.

Stored when the app is added, and again whenever a message to the bot says something else; nothing else
proves that the bot is there. A service
address is kept only if its host is listed, and asked again before anything is sent to it.
"""

from __future__ import annotations

from collections import OrderedDict

import msgspec
from msgspec import Struct

from adapters.teams import limits
from adapters.teams.origin import Where, is_shared
from adapters.teams.verify import Trust
from flows.ports import Store
from flows.school import Platform


class Reference(Struct, frozen=True, kw_only=True):
    """One conversation. ``bot`` and ``account`` are Teams' id of us and Entra's id of the person."""

    tenant: str
    service_url: str
    conversation: str
    bot: str
    account: str = ""


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Reference)


class References:
    """The records, by person, by channel, and by tenant for a service address that is fresh."""

    def __init__(self, store: Store, trust: Trust) -> None:
        """Keep the store; read nothing yet."""
        self._store = store
        self._trust = trust
        self._near: OrderedDict[str, Reference] = OrderedDict()
        #: the newest card of a conversation that follows it, and how often was typed below it
        self._below: OrderedDict[str, int] = OrderedDict()

    async def remember(self, where: Where) -> bool:
        """Keep what a verified activity says; return whether the conversation is new to us."""
        new = False
        for key, reference in self._kept(where):
            if not self._trust.speaks_to(reference.service_url):
                continue
            before = await self._load(key)
            if before != reference:
                new = new or (before is None and not key.startswith("tenant/"))
                await self._store.put_record(Platform.TEAMS, key, _encoder.encode(reference))
                self._hold(key, reference)
        return new

    async def forget(self, where: Where) -> None:
        """Drop what we kept of a conversation: the app was taken away there."""
        for key, _ in self._kept(where):
            if not key.startswith("tenant/"):
                self._near.pop(key, None)
                await self._store.remove_record(Platform.TEAMS, key)

    async def met(self, tenant: str, account: str, conversation: str, near: Reference) -> Reference:
        """Keep a chat that we began ourselves; return its record."""
        reference = Reference(
            tenant=tenant,
            service_url=near.service_url,
            conversation=conversation,
            bot=near.bot,
            account=account,
        )
        key = self._person(tenant, account)
        await self._store.put_record(Platform.TEAMS, key, _encoder.encode(reference))
        self._hold(key, reference)
        return reference

    async def person(self, tenant: str, account: str) -> Reference | None:
        """Return the chat with somebody, at the freshest service address we know."""
        found = await self._load(self._person(tenant, account))
        if found is None or is_shared(found.conversation):
            return None
        return await self._fresh(found)

    async def channel(self, tenant: str, channel: str) -> Reference | None:
        """Return a channel; one that has not spoken to us yet is reached as the tenant is."""
        found = await self._load(self._channel(tenant, channel))
        return await self._fresh(found) if found else await self.tenant(tenant)

    async def tenant(self, tenant: str) -> Reference | None:
        """Return the newest record of a tenant: where Teams is for it, and who we are there."""
        found = await self._load(f"tenant/{self._home(tenant)}")
        if found is None and self._trust.service_url and self._home(tenant) == self._home(self._trust.tenant):
            found = Reference(
                tenant=self._trust.tenant,
                service_url=self._trust.service_url,
                conversation="",
                bot=f"28:{self._trust.app_id}",
            )
        return found if found and self._trust.speaks_to(found.service_url) else None

    async def heard(self) -> bool:
        """Return whether Teams has ever spoken to us, in our own tenant."""
        return await self._load(f"tenant/{self._home(self._trust.tenant)}") is not None

    async def view(self, conversation: str) -> str:
        """Return the id of the card that follows a conversation; "" if there is none."""
        found = await self._load(f"view/{conversation}")
        return found.conversation if found else ""

    async def set_view(self, where: Where, message: str) -> None:
        """Keep which message is the card that follows the conversation."""
        self._below[where.conversation] = 0
        self._below.move_to_end(where.conversation)
        while len(self._below) > limits.REFERENCES:
            self._below.popitem(last=False)
        if await self.view(where.conversation) == message:
            return
        key = f"view/{where.conversation}"
        seen = Reference(tenant=where.tenant, service_url="", conversation=message, bot=where.bot)
        await self._store.put_record(Platform.TEAMS, key, _encoder.encode(seen))
        self._hold(key, seen)

    def typed_below(self, conversation: str) -> int:
        """Count one more typed message below the card; return how many there are now."""
        self._below[conversation] = self._below.get(conversation, 0) + 1
        return self._below[conversation]

    async def _fresh(self, found: Reference) -> Reference | None:
        newest = await self.tenant(found.tenant)
        if newest is not None:
            found = msgspec.structs.replace(found, service_url=newest.service_url)
        return found if self._trust.speaks_to(found.service_url) else None

    async def _load(self, key: str) -> Reference | None:
        if key in self._near and not self._store.shared:  # else another process may have heard of a newer one
            self._near.move_to_end(key)
            return self._near[key]
        raw = await self._store.record(Platform.TEAMS, key)
        if raw is None:
            return None
        found = _decoder.decode(raw)
        if not self._ours(found):  # kept under another registration of the app: its chats are not ours
            return None
        self._hold(key, found)
        return found

    def _ours(self, found: Reference) -> bool:
        app = self._trust.app_id.lower()
        return not app or found.bot.lower().endswith(app)

    def _hold(self, key: str, reference: Reference) -> None:
        self._near[key] = reference
        self._near.move_to_end(key)
        while len(self._near) > limits.REFERENCES:
            self._near.popitem(last=False)

    def _home(self, tenant: str) -> str:
        """Return a tenant as keys name it; in development, where none is set, there is only one."""
        return tenant.lower() if self._trust.tenant else ""

    def _person(self, tenant: str, account: str) -> str:
        return f"person/{self._home(tenant)}/{account.lower()}"

    def _channel(self, tenant: str, channel: str) -> str:
        return f"channel/{self._home(tenant)}/{channel}"

    def _kept(self, where: Where) -> list[tuple[str, Reference]]:
        """Return what an activity tells, by key."""

        def reference(conversation: str, account: str = "") -> Reference:
            return Reference(
                tenant=where.tenant,
                service_url=where.service_url,
                conversation=conversation,
                bot=where.bot,
                account=account,
            )

        found = [(f"tenant/{self._home(where.tenant)}", reference(""))]
        if where.personal and where.account:
            key = self._person(where.tenant, where.account)
            found.append((key, reference(where.conversation, where.account)))
        if where.channel:
            found.append((self._channel(where.tenant, where.channel), reference(where.channel)))
        return found
