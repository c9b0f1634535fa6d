"""Addresses that refuse us: what is for them is tried each hour, and at once when they are there again."""

from __future__ import annotations

from msgspec.structs import replace

from bot.context import AppContext
from flows.delivery.follows import TRY_AGAIN, TRY_FOR
from flows.errors import PlatformError
from flows.model import Change, Message, Send, SendState

#: So much is looked at when somebody is there again.
_MOST = 10_000


class Refused:
    def __init__(self, context: AppContext) -> None:
        self.context = context

    def may_pass(self, send: Send) -> bool:
        """Return whether a refusal of an address may pass.

        An alert says what is so at this moment, and its report says it later; a platform that we do not speak
        is no address.
        """
        alert = send.message is Message.FIRST_ALERT
        return send.person is not None and not alert and send.platform in self.context.chats

    def resting(self, send: Send, error: PlatformError) -> Send:
        """Return a send as it waits to be tried again, or failed where it has been tried for long enough."""
        now, since = self.context.now(), send.waits_since or send.due
        if now - since > TRY_FOR:
            return replace(send, state=SendState.FAILED)
        self.context.refused.add((send.platform, self._account(send)))
        return replace(
            send, state=SendState.WAITING, due=now + TRY_AGAIN, waits_since=since, trouble=error.reference
        )

    async def met(self) -> int:
        """Let what is for those who are there again be tried now. Returns how much it is."""
        met, self.context.met = self.context.met, set()
        now, done = self.context.now(), 0
        for send in await self.context.store.due_sends(now + TRY_AGAIN, most=_MOST):
            waits = send.trouble and send.state is SendState.WAITING and send.due > now
            if waits and {(send.platform, self._account(send)), (send.platform, "")} & met:
                change = Change(school=send.school, updated_sends=(replace(send, due=now),))
                await self.context.store.commit(change)
                done += 1
        return done

    def _account(self, send: Send) -> str:
        school = self.context.directory.schools.get(send.school)
        person = school.people.get(send.person) if school is not None and send.person else None
        return person.accounts.get(send.platform, "").casefold() if person is not None else ""
