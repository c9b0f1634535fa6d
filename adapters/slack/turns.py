"""Each delivery through the door once, each person's deliveries one by one, each for who they are now.

Whether somebody is staff, and a full member, is asked here, behind the recognition of repeats: that Slack
cannot say just now is no answer worth remembering.
"""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary

from msgspec.structs import replace

from adapters.slack.dedupe import Once
from adapters.slack.guests import People
from adapters.slack.origin import Where
from adapters.slack.staff import SlackStaff
from flows.errors import PlatformError, Retryable
from flows.ports import Door
from flows.ui.inbound import Inbound, Refuse, Reply
from flows.words import say

#: what a refusal is called that says nothing about the person: it may be tried again
CANNOT_ASK = "slack-cannot-ask"


class Turns:
    def __init__(self, door: Door, people: People, staff: SlackStaff) -> None:
        self._door, self._people, self._staff = door, people, staff
        self._once = Once()
        self._lanes: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def handle(self, inbound: Inbound, where: Where) -> Reply:
        """Return what the door answers to one delivery, now or before."""
        return (await self.first(inbound, where))[0]

    async def first(self, inbound: Inbound, where: Where) -> tuple[Reply, bool]:
        """Return the reply, and whether this is the first of several deliveries."""
        return await self._once.run(inbound.key, lambda: self._in_turn(inbound, where))

    def forget(self) -> None:
        """Forget which deliveries came; the service's memory is the one that counts."""
        self._once = Once()

    async def _in_turn(self, inbound: Inbound, where: Where) -> Reply:
        who = f"{inbound.actor.workspace}/{inbound.actor.account}"
        lock = self._lanes.setdefault(who, asyncio.Lock())
        async with lock:
            try:
                await self._staff.meet(where.origin)
                guest = await self._people.is_guest(where.origin)
            except Retryable:
                return Refuse(say("slack.trouble.cannot_ask"), reference=CANNOT_ASK)
            except PlatformError:
                return Refuse(say("slack.trouble.no_window"), reference=CANNOT_ASK)
            return await self._door.handle(replace(inbound, actor=replace(inbound.actor, guest=guest)))
