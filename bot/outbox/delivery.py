"""Delivering one send: may it still go, where to, what does it say now, and what became of it."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

from msgspec.structs import replace

from bot.context import AppContext
from bot.digest import rows_for
from bot.outbox.aftermath import Aftermath
from bot.outbox.caps import Caps
from bot.outbox.eligibility import (
    NOBODY,
    Going,
    may_go,
    overtaken,
    readers,
    unfit,
    where_it_stands,
)
from bot.outbox.presence import Presence
from bot.reached import about_to_hear, reached_in, unopened
from bot.rehearsal import running as rehearsals
from bot.rosters import seats_of
from bot.turns.casework import Casework
from flows.calendar import iso_week
from flows.case import access
from flows.case.commands import Move, ReportTrouble
from flows.delivery import outbox, to_reporter
from flows.delivery.sends import calls_somebody, takes_back
from flows.delivery.told import Reach
from flows.errors import Conflict, Permanent, PlatformError, Response, UnreadableRow
from flows.messages import templates
from flows.messages.mail.mailed import mailed
from flows.model import (
    Case,
    CaseSummary,
    Change,
    Message,
    Place,
    Posted,
    Send,
    SendState,
    Way,
)
from flows.ports import Address
from flows.school import MAILED, PersonId, Platform, School
from flows.ui.cards import Card


class Delivery:
    def __init__(self, context: AppContext, casework: Casework) -> None:
        self.context = context
        self.casework = casework
        self.presence = Presence()
        self.after = Aftermath(context, casework)
        self.caps = Caps(context)

    async def deliver(self, send: Send, *, superseded: bool = False) -> int:
        """Take one send one step further. Returns 1 if anything changed, 0 if it must wait."""
        school = self.context.directory.schools.get(send.school)
        chat = self.context.chats.get(send.platform)
        if school is None:
            return await self.after.over(send, SendState.FAILED, "no-such-school")
        case = await self.context.store.case(send.school, send.case) if send.case else None
        root = await self.context.store.send(send.school, send.root) if send.root else None
        allowed = not superseded and may_go(send, case, root, school)
        allowed = allowed and not await rehearsals.over(self.context, send)
        landed = send.state is SendState.ATTEMPTED and send.way is not Way.EDIT
        if not allowed and not landed:
            why = "superseded" if superseded else "not-any-more"
            return await self.after.over(send, SendState.DROPPED, why)
        if send.way is Way.EDIT and send.platform in MAILED:
            return await self._stands(send, case, root)
        if chat is None:
            nowhere = Permanent("no-such-platform", "", response=Response.ADDRESS)
            return await self.after.answered(send, case, nowhere)
        waits = root is not None and root.state not in (SendState.SENT, SendState.DROPPED, SendState.FAILED)
        if root is not None and waits and allowed:
            return await self._wait_for(send, root)
        to = self._address(send, school) or where_it_stands(send, root)
        if to is None and calls_somebody(send) and send.platform in MAILED:
            nowhere = Permanent("no-address", "The school's file has no address.", response=Response.ADDRESS)
            return await self.after.answered(send, case, nowhere)
        if to is None:
            return await self.after.over(send, SendState.DROPPED, "no-address")
        going = Going(send=send, case=case, root=root, school=school, chat=chat, to=to)
        try:
            if not allowed:
                return await self._recall(going)
            if send.place is not None and not takes_back(send) and await self._unfit(going):
                return 1
            calls = calls_somebody(send) or send.message is Message.REHEARSAL
            if calls and await self.presence.gone(chat, to, self.context.now()):
                raise Permanent("nobody-there", "Nobody is there any more.", response=Response.NOBODY)
            return await self._go(going)
        except PlatformError as error:
            return await self.after.answered(send, case, error)

    async def met(self) -> int:
        """Try what is for those who are there again. Returns how much it is."""
        self.presence.forget()
        return await self.after.refused.met()

    async def put_off(self, send: Send, rest: dt.timedelta) -> int:
        """Let a send rest that stumbled over a fault of ours; an attempt that was made rests already.

        People are told of it as of whatever does not go out. Returns 1 if they were.
        """
        store, later = self.context.store, self.context.now() + rest
        current = await store.send(send.school, send.key)
        if current is None or current.state not in (SendState.WAITING, SendState.ATTEMPTED):
            return 0
        with suppress(Conflict, UnreadableRow):
            if current.due < later:
                after = replace(current, due=later, waits_since=current.waits_since or current.due)
                done = await store.commit(Change(school=send.school, updated_sends=(after,)))
                current = done.updated_sends[0]
            return await self.after.held(current)
        return 0

    async def _go(self, going: Going) -> int:
        send, root, chat, to = going.send, going.root, going.chat, going.to
        card = await self._card(send, going.case, going.school)
        if card is None:
            if send.state is SendState.ATTEMPTED and send.way is not Way.EDIT and chat.can_look_up:
                return await self._recall(going)
            return await self.after.over(send, SendState.DROPPED, "nothing-to-say")
        if send.way is Way.EDIT:
            posted = await self._posted(going)
            if posted is None and takes_back(send) and not chat.can_look_up:
                gone = replace(send, state=SendState.DROPPED, trouble="not-found")
                return await self.after.finish(gone, going.case, ReportTrouble(send.message, send.person))
            if posted is None:
                return await self.after.over(send, SendState.DROPPED, "no-root")
            await chat.edit(posted, card)
            return await self.after.sent(send, posted)
        counted = await self.caps.counts(send)
        if counted and send.state is SendState.WAITING and await self.caps.full(send, going.school):
            last = self.caps.last_word(send, going.school)
            await self.context.commit(Change(school=send.school, new_sends=(last,)))
            return await self.after.over(send, SendState.DROPPED, "enough-today")
        anchor = root.posted if root is not None else None
        if anchor is not None and send.platform in MAILED:
            anchor = replace(anchor, channel=to.account)  # the school may have mended the address since
        repeat = send.unsure or send.state is SendState.ATTEMPTED
        if repeat and chat.can_look_up:
            found = await chat.find(to, anchor, key=send.key, since=send.attempted_at)
            if found is not None:
                return await self.after.found(send, found)
            repeat = False
        there = await self._readers(send, going.school) if send.place is not None else frozenset()
        tried = await self.after.attempt(send, unsure=repeat)
        if send.way is Way.REPLY and anchor is not None:
            posted = await chat.reply(anchor, card, key=send.key, broadcast=send.broadcast, repeat=repeat)
        else:
            posted = await chat.send(to, card, key=send.key, repeat=repeat)
        if counted:
            await self.caps.had(send, going.school)
        return await self.after.sent(tried, replace(posted, repeat=repeat), there)

    async def _stands(self, send: Send, case: Case | None, root: Send | None) -> int:
        """Put on the case that an e-mail cannot be taken back, once it has gone out."""
        if root is not None and root.state in (SendState.WAITING, SendState.ATTEMPTED):
            return await self._wait_for(send, root)
        stands = replace(send, state=SendState.DROPPED, trouble="e-mail")
        trouble = ReportTrouble(Message.WITHDRAWN, send.person) if takes_back(send) else None
        return await self.after.finish(stands, case, trouble)

    async def _posted(self, going: Going) -> Posted | None:
        """Return the message that an edit changes; one that may have landed and is over is looked for."""
        root, chat = going.root, going.chat
        if root is None or root.posted is not None or not root.unsure or not chat.can_look_up:
            return root.posted if root is not None else None
        first = await self.context.store.send(root.school, root.root) if root.root else None
        anchor = first.posted if first is not None else None
        found: Posted | None = await chat.find(going.to, anchor, key=root.key, since=root.attempted_at)
        return found

    async def _recall(self, going: Going) -> int:
        """Look for what may have landed before it had to stop, and empty it; else it is put on the case."""
        send, case = going.send, going.case
        anchor = going.root.posted if going.root is not None else None
        if going.chat.can_look_up:
            found = await going.chat.find(going.to, anchor, key=send.key, since=send.attempted_at)
            if found is not None:
                return await self.after.found(send, found)
            absent = replace(send, state=SendState.WAITING)
            return await self.after.over(absent, SendState.DROPPED, "not-any-more")
        gone = replace(send, state=SendState.DROPPED, trouble="not-any-more", unsure=False)
        return await self.after.finish(gone, case, ReportTrouble(Message.WITHDRAWN, send.person))

    async def _unfit(self, going: Going) -> bool:
        """Return whether the channel may not see this: then the case is moved, or the send dropped."""
        send, case = going.send, going.case
        found, directory = await going.chat.members(going.to), self.context.directory
        bad = unfit(found, going.school, send.platform, directory)
        reading = readers(found, going.school, send.platform, directory)
        if not bad and (case is None or reading.isdisjoint(case.recused)):
            return False
        why = "unfit_place" if bad else "excluded_member"
        if case is None:
            why = bad  # of no case: nobody is kept out, and it is said as the platform says it
        if case is not None and send.place is outbox.place_of(case) and not case.direct_only:
            await self.casework.bot_command(going.school, case, Move(why))
        current = await self.context.store.send(send.school, send.key) or send
        await self.after.over(current, SendState.DROPPED, why)
        return True

    async def _readers(self, send: Send, school: School) -> frozenset[PersonId]:
        """Return who of the school can read the place a send goes to, right now."""
        to = self._address(send, school)
        found = await self.context.chats[send.platform].members(to) if to else NOBODY
        return readers(found, school, send.platform, self.context.directory)

    async def _card(self, send: Send, case: Case | None, school: School) -> Card | None:
        """Return what the send says *now*."""
        now, store = self.context.now(), self.context.store
        if send.message is Message.PLATFORM and self._is_over(send):
            return None
        events = await store.events(school.id, case.id) if case is not None else []
        if case is not None and not to_reporter.may_read(send, case, events):
            return None
        reached = await reached_in(self.context, case) if case is not None else {}
        once = send.message is Message.UPDATE and Reach.UNREACHED in reached.values()
        # a line is written once: whoever hears of it in a moment need not be rung
        soon = await about_to_hear(self.context, case) if once and case is not None else frozenset()
        if overtaken(send, events, reached | dict.fromkeys(soon, Reach.SENT), now):
            return None
        cases = await self._rows(send, school, now) if send.message is Message.DIGEST else []
        occasion = templates.Occasion(
            school=school,
            now=now,
            case=case,
            event=next((event for event in events if event.seq == send.event), None),
            person=send.person,
            reached=reached | dict.fromkeys(soon, Reach.TELLING),
            unopened=await unopened(self.context, cases),
            cases=tuple(cases),
            facts=await self.context.pages.facts(send),
            seats=await seats_of(self.context, school) if send.message is Message.ROSTER else None,
            week=send.facts.get("week") or iso_week(now, school),
            went=await self._went(send, now),
            rehearsal=await rehearsals.standing_of(self.context, send),
        )
        if send.platform in MAILED:
            link = await self.context.pages.link_to(send)
            card = mailed(send.message, occasion, platforms=self.context.working(school), link=link)
        else:
            card = templates.written(send.message, occasion)
        return templates.plain(card) if card is not None and send.plain else card

    async def _rows(self, send: Send, school: School, now: dt.datetime) -> list[CaseSummary]:
        """Return which cases a digest is about: those of which whoever reads it may know."""
        due = dt.datetime.fromisoformat(send.facts["of"]) if "of" in send.facts else now
        rows = await rows_for(self.context, school, due)
        # One that goes out late says nothing of later weeks: their digests do, and are looked for there.
        rows = [row for row in rows if iso_week(row.opened_at, school) <= send.facts["week"]]
        if send.person is not None:
            person = send.person
            return [row for row in rows if access.may_know_row(row, person, school, in_channel=False)]
        readers = await self._readers(send, school)
        return [row for row in rows if not row.restricted and readers.isdisjoint(row.recused)]

    def _is_over(self, send: Send) -> bool:
        """Return whether what was to be said of a platform is no longer so."""
        on = Platform(send.facts["on"])
        down = self.context.states.of((on, self.context.directory.workspace(send.school, on))).since
        return send.facts["state"] != "up" and down is None

    async def _went(self, send: Send, now: dt.datetime) -> dt.datetime:
        """Return when a message goes or, where it is written again, went out."""
        root = await self.context.store.send(send.school, send.root) if send.way is Way.EDIT else None
        return (root.attempted_at if root is not None else None) or now

    def _address(self, send: Send, school: School) -> Address | None:
        workspace = self.context.directory.workspace(school.id, send.platform)
        if send.person is not None:
            account = school.account_of(send.person, send.platform)
            if not account:
                return None
            return Address(platform=send.platform, workspace=workspace, account=account, school=school.id)
        channel = school.leadership.get(send.platform, "")
        if send.place is Place.RESTRICTED:
            # The seat whose place it was when it was planned: the lead may have changed since.
            channel = school.restricted.get(send.seat, {}).get(send.platform, "") if send.seat else ""
        if not channel:
            return None
        return Address(platform=send.platform, workspace=workspace, channel=channel)

    # -- what became of it --------------------------------------------------------------------------

    async def _wait_for(self, send: Send, root: Send) -> int:
        """Rest until the thread's root is due itself, so that nobody asks in between."""
        if root.due > send.due:
            later = replace(send, due=root.due)
            await self.context.store.commit(Change(school=send.school, updated_sends=(later,)))
        return 0
