"""Delivering one send: may it still go, where to, what does it say now, and what became of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from bot.casework import Casework
from bot.world import World
from flows import messages, outgoing, phrases, retry
from flows.calendar import iso_week
from flows.cards import Card
from flows.commands import Move, ReportTrouble
from flows.errors import Ambiguous, PlatformError, Retryable
from flows.lists import digest as digest_card
from flows.lists import week_before
from flows.model import Audit, AuditKind, Case, Change, Message, Place, Posted, Send, SendState, Way
from flows.ports import Address, Membership
from flows.school import Platform, School, Seat

_OVER = (SendState.DROPPED, SendState.FAILED)


class Going(Struct, frozen=True, kw_only=True):
    """A send on its way: all that was looked up for it."""

    send: Send
    case: Case | None
    root: Send | None
    school: School
    chat: Any  # a Chat; a Protocol is no type a Struct can check
    to: Address


class Delivery:
    """See the module."""

    def __init__(self, world: World, casework: Casework) -> None:
        """Keep the world, and who applies the bot's own commands to a case."""
        self.world = world
        self.casework = casework

    async def deliver(self, send: Send, *, superseded: bool = False) -> int:
        """Take one send one step further. Returns 1 if anything changed, 0 if it must wait."""
        school = self.world.directory.schools.get(send.school)
        chat = self.world.chats.get(send.platform)
        if school is None:
            return await self._over(send, SendState.FAILED, "no-such-school")
        case = await self.world.store.case(send.school, send.case) if send.case else None
        root = await self.world.store.send(send.school, send.root) if send.root else None
        if superseded or not _may_go(send, case, root):
            return await self._over(send, SendState.DROPPED, "superseded" if superseded else "not-any-more")
        if chat is None:
            return await self._failed(send, case, "no-such-platform")
        if root is not None and root.state is not SendState.SENT:
            return await self._wait_for(send, root)
        to = self._address(send, school)
        if to is None:
            return await self._over(send, SendState.DROPPED, "no-address")
        going = Going(send=send, case=case, root=root, school=school, chat=chat, to=to)
        try:
            if send.place is not None and send.message is not Message.WITHDRAWN and await self._unfit(going):
                return 1
            return await self._go(going)
        except Retryable as error:
            return await self._again(send, error.after)
        except Ambiguous:
            return await self._unknown(send)
        except PlatformError as error:
            return await self._failed(send, case, error.reference)

    async def _go(self, going: Going) -> int:
        send, root, chat, to = going.send, going.root, going.chat, going.to
        card = await self._card(send, going.case, going.school)
        if card is None:
            return await self._over(send, SendState.DROPPED, "nothing-to-say")
        if send.way is Way.EDIT:
            if root is None or root.posted is None:
                return await self._over(send, SendState.DROPPED, "no-root")
            await chat.edit(root.posted, card)
            return await self._sent(send, root.posted)
        anchor = root.posted if root is not None else None
        repeat = send.state is SendState.ATTEMPTED
        if repeat and chat.can_look_up:
            found = await chat.find(to, anchor, key=send.key)
            if found is not None:
                return await self._sent(send, found)
            repeat = False
        tried = await self._attempt(send)
        if send.way is Way.REPLY and anchor is not None:
            posted = await chat.reply(anchor, card, key=send.key, broadcast=send.broadcast, repeat=repeat)
        else:
            posted = await chat.send(to, card, key=send.key, repeat=repeat)
        return await self._sent(tried, posted)

    async def _unfit(self, going: Going) -> bool:
        """Return whether the channel may not see this: then the case is moved, or the send dropped."""
        send, case = going.send, going.case
        membership = await going.chat.members(going.to)
        if membership.fit and (case is None or not self._excluded(membership, case, send)):
            return False
        why = "excluded_member" if membership.fit else "unfit_place"
        if case is not None and send.place is Place.LEADERSHIP and not case.restricted:
            await self.casework.bot_command(going.school, case, Move(why))
        await self._over(await self.world.store.send(send.school, send.key) or send, SendState.DROPPED, why)
        return True

    def _excluded(self, membership: Membership, case: Case, send: Send) -> bool:
        find = self.world.directory.person_at
        people = (find(send.school, send.platform, account) for account in membership.accounts)
        return any(person in case.recused for person in people if person is not None)

    async def _card(self, send: Send, case: Case | None, school: School) -> Card | None:
        """Return what the send says *now*."""
        now = self.world.now()
        match send.message:
            case Message.FIRST_ALERT:
                return messages.first_alert(school)
            case Message.WITHDRAWN:
                return messages.withdrawn()
            case Message.DIGEST:
                rows = await self.world.store.cases(school.id, since=week_before(now))
                seen = [r for r in rows if not r.restricted]
                return digest_card(seen, school, now, send.facts.get("week") or iso_week(now, school))
            case _ if case is None:
                return None
            case Message.CASE_CARD:
                return messages.case_card(case, school, now)
            case Message.NOTICE:
                return messages.notice(case, school, send.person, now) if send.person else None
            case Message.RECEIPT:
                return messages.receipt(case, school, now)
            case Message.NOT_DELIVERED:
                seat = phrases.seat_of(case, school.people[send.person].id) if send.person else ""
                return messages.not_delivered(case, seat)
            case Message.UPDATE | Message.PROGRESS:
                events = await self.world.store.events(school.id, case.id)
                event = next((e for e in events if e.seq == send.event), None)
                if event is None:
                    return None
                if send.message is Message.PROGRESS:
                    return messages.progress(case, event)
                return messages.update(case, event, school, now)

    def _address(self, send: Send, school: School) -> Address | None:
        workspace = self.world.directory.workspace(school.id, send.platform)
        if send.person is not None:
            person = school.people.get(send.person)
            account = person.accounts.get(send.platform, "") if person is not None else ""
            if not account:
                return None
            return Address(platform=send.platform, workspace=workspace, account=account)
        channel = school.leadership.get(send.platform, "")
        if send.place is Place.RESTRICTED:
            # The seat the place belongs to is part of the root's key: the lead may have changed since.
            seat = (send.root or send.key).rpartition("restricted.")[2]
            channel = school.restricted.get(Seat(seat), {}).get(send.platform, "") if seat else ""
        if not channel:
            return None
        return Address(platform=send.platform, workspace=workspace, channel=channel)

    # -- what became of it --------------------------------------------------------------------------

    async def _wait_for(self, send: Send, root: Send) -> int:
        """Rest until the thread's root is due itself, so that nobody asks in between."""
        if root.due > send.due:
            later = replace(send, due=root.due, version=send.version + 1)
            await self.world.store.commit(Change(school=send.school, sent=(later,)))
        return 0

    async def _attempt(self, send: Send) -> Send:
        """Put the attempt on record before it is made."""
        now = self.world.now()
        tried = replace(
            send,
            state=SendState.ATTEMPTED,
            attempts=send.attempts + 1,
            attempted_at=now,
            due=now + retry.QUARANTINE,
            version=send.version + 1,
        )
        await self.world.store.commit(Change(school=send.school, sent=(tried,)))
        return tried

    async def _sent(self, send: Send, posted: Posted) -> int:
        after = replace(send, state=SendState.SENT, posted=posted, version=send.version + 1)
        facts = {"send": send.key, "person": send.person or "", "place": send.place or ""}
        entry = Audit(
            school=send.school,
            at=self.world.now(),
            kind=AuditKind.DELIVERED,
            by=None,
            case=send.case,
            facts=facts,
        )
        audit = (entry,) if send.way is not Way.EDIT else ()
        await self.world.commit(Change(school=send.school, sent=(after,), audit=audit))
        return 1

    async def _over(self, send: Send, state: SendState, trouble: str) -> int:
        after = replace(send, state=state, trouble=trouble, version=send.version + 1)
        await self.world.commit(Change(school=send.school, sent=(after,)))
        return 1

    async def _again(self, send: Send, after_seconds: float) -> int:
        """Certainly not accepted: wait as asked and try again."""
        current = await self.world.store.send(send.school, send.key) or send
        rest = retry.backoff(current.attempts, asked=after_seconds)
        # Refused before an attempt of this round (while looking something up): an earlier attempt whose
        # outcome is unknown stays unknown.
        state = current.state if current.version == send.version else SendState.WAITING
        waiting = replace(current, state=state, due=self.world.now() + rest, version=current.version + 1)
        await self.world.commit(Change(school=send.school, sent=(waiting,)))
        return 0

    async def _unknown(self, send: Send) -> int:
        """May have been accepted: the attempt is on record with its resting time; edits simply repeat."""
        current = await self.world.store.send(send.school, send.key) or send
        if retry.exhausted(current.attempts):
            case = await self.world.store.case(send.school, send.case) if send.case else None
            return await self._failed(current, case, "unknown-outcome")
        if current.state is not SendState.ATTEMPTED or current.due <= self.world.now():
            rest = retry.QUARANTINE if send.way is not Way.EDIT else retry.backoff(current.attempts + 1)
            state = current.state if send.way is not Way.EDIT else SendState.WAITING
            waiting = replace(
                current,
                state=state,
                attempts=current.attempts + 1,
                due=self.world.now() + rest,
                version=current.version + 1,
            )
            await self.world.commit(Change(school=send.school, sent=(waiting,)))
        return 0

    async def _failed(self, send: Send, case: Case | None, reference: str) -> int:
        """Give up on this one: another way if there is one, else a person is told to ring."""
        current = await self.world.store.send(send.school, send.key) or send
        await self._over(current, SendState.FAILED, reference)
        school = self.world.directory.schools[send.school]
        other = _another_way(send, school, self.world.platforms, self.world.now())
        if other is not None:
            await self.world.commit(Change(school=send.school, sends=(other,)))
        elif case is not None and send.way is Way.ROOT and not case.restricted:
            await self.casework.bot_command(school, case, Move("unfit_place"))
        elif case is not None and send.message is Message.NOTICE and send.way is Way.DIRECT:
            await self.casework.bot_command(school, case, ReportTrouble(send.message, send.person))
        return 1


def _another_way(
    send: Send, school: School, platforms: tuple[Platform, ...], now: dt.datetime
) -> Send | None:
    """Return the same message to the same person on their next platform; None if this was the last."""
    if send.person is None or send.way is not Way.DIRECT or send.platform not in platforms:
        return None
    ways = outgoing.reach(school, send.person, platforms, everywhere=True)
    later = ways[ways.index(send.platform) + 1 :] if send.platform in ways else ways
    if not later:
        return None
    return Send(
        key=send.key.replace(f"/{send.platform}:", f"/{later[0]}:"),
        school=send.school,
        message=send.message,
        way=send.way,
        platform=later[0],
        person=send.person,
        case=send.case,
        draft=send.draft,
        event=send.event,
        due=now,
        order=send.order,
    )


def _may_go(send: Send, case: Case | None, root: Send | None) -> bool:
    """Return whether a send may still be delivered: the case is read again just before it speaks."""
    if root is not None and root.state in _OVER:
        return False
    if case is None or send.message in (Message.WITHDRAWN, Message.RECEIPT, Message.PROGRESS):
        return True
    if send.person is not None and send.person in case.recused:
        return False
    return not (send.place is Place.LEADERSHIP and case.restricted)
