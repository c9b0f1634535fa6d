"""What becomes of a send once a platform has answered, as the table in ``flows.delivery.follows`` says."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Awaitable, Callable, Collection

from msgspec.structs import replace

from bot.context import AppContext
from bot.log import Ref, note
from bot.outbox.eligibility import other_ways, tells, trouble
from bot.outbox.refused import Refused
from bot.reached import drawn_again
from bot.turns.casework import Casework
from bot.turns.drafts import unfinished
from flows.case.commands import Move, PostAnew
from flows.case.context import Command
from flows.delivery import retry, sends
from flows.delivery.follows import FOLLOWS, Follows, late
from flows.delivery.sends import takes_back
from flows.errors import PlatformError, Response, Retryable
from flows.model import Audit, AuditKind, Case, Change, Message, Place, Posted, Send, SendState, Way

#: Where a platform cannot be asked, it is asked again after this part of the time that was waited already.
_PART_OF_WAITING = 4
#: A refusal to take something back is not the last word: it is asked again after this long.
_TAKE_BACK_RESTS = dt.timedelta(hours=1)


class Aftermath:
    def __init__(self, context: AppContext, casework: Casework) -> None:
        self.context = context
        self.casework = casework
        self.refused = Refused(context)
        self._do: dict[Follows, Callable[[Send, Send, Case | None, PlatformError], Awaitable[int | None]]] = {
            Follows.LOOK_UP: self._look_up,
            Follows.WAIT: self._wait,
            Follows.HOLD: self._hold,
            Follows.AGAIN: self._again,
            Follows.PLAIN: self._plain,
            Follows.OTHER_WAY: self._other_way,
            Follows.MOVE: self._move,
            Follows.ROOT_ANEW: self._root_anew,
            Follows.TELL: self._tell,
        }

    async def attempt(self, send: Send, *, unsure: bool) -> Send:
        """Put the attempt on record before it is made; ``unsure`` = an earlier one may have landed."""
        now = self.context.now()
        tried = replace(
            send,
            state=SendState.ATTEMPTED,
            unsure=unsure,
            attempts=send.attempts + 1,
            attempted_at=now,
            waits_since=send.waits_since or send.due,
            due=now + max(retry.QUARANTINE, _patience(send.attempts + 1)),
        )
        done = await self.context.store.commit(Change(school=send.school, updated_sends=(tried,)))
        return done.updated_sends[0]

    async def sent(self, send: Send, posted: Posted, there: Collection[str] = ()) -> int:
        """Put on record that the platform has just taken it, and who could read it there then."""
        self._heard(send, Response.TAKEN, "")
        return await self.found(send, posted, there)

    async def found(self, send: Send, posted: Posted, there: Collection[str] = ()) -> int:
        """Put it on record, which says nothing of what would be taken now; draw again who has it."""
        after = replace(send, state=SendState.SENT, posted=posted, late=False)
        entry = Audit(
            school=send.school,
            at=self.context.now(),
            kind=AuditKind.DELIVERED,
            by=None,
            case=send.case,
            facts=sends.facts(send, there),
        )
        audit = (entry,) if send.way is not Way.EDIT else ()
        told = send.message is Message.NOTICE and send.way is Way.DIRECT
        half = takes_back(send) and posted.repeat  # where nobody can look, a first copy may stand as well
        case = await self.context.store.case(send.school, send.case) if (told or half) and send.case else None
        if half:
            return await self.finish(after, case, trouble(send))
        again = await drawn_again(self.context, case)
        change = Change(school=send.school, updated_sends=(after,), audit=audit, new_sends=again)
        await self.context.commit(change)
        return 1

    async def over(self, send: Send, state: SendState, trouble: str) -> int:
        """End a send; what was attempted and not looked for since may have landed."""
        landed = send.state is SendState.ATTEMPTED and send.way is not Way.EDIT
        after = replace(send, state=state, trouble=trouble, unsure=send.unsure or landed)
        await self.context.commit(Change(school=send.school, updated_sends=(after,)))
        return 1

    async def answered(self, send: Send, case: Case | None, error: PlatformError) -> int:
        """Do the first of what follows an answer that can be done. Returns 1 if anything changed."""
        self._heard(send, error.response, error.reference)
        row = FOLLOWS[error.response]
        if row.logs and not send.late:
            note(row.logs, level=logging.ERROR, reference=Ref(error.reference), kind=send.message)
        current = await self.context.store.send(send.school, send.key) or send
        if takes_back(send) and (row.ends or error.response in (Response.ADDRESS, Response.NOBODY)):
            return await self._still_to_take_back(current, case, error)
        for each in row.follows:
            done = await self._do[each](send, current, case, error)
            if done is not None:
                return done
        return await self.finish(_failed(current, error), None, None)

    async def held(self, send: Send) -> int:
        """See to a send that waits for its platform: people may have to be told that it has not gone out."""
        if send.late or not tells(send):
            return 0
        case = await self.context.store.case(send.school, send.case) if send.case else None
        state = self.context.states.of(self.context.where(send))
        response = Response.CONNECTION if state.refused else Response.UNREACHABLE
        return (
            await self._rest(send, send, case, response, state.why)
            if late(send, response, self.context.now())
            else 0
        )

    # -- what may follow, each: None = it cannot be done here ----------------------------------------

    async def _look_up(self, send: Send, current: Send, case: Case | None, error: PlatformError) -> int:
        """May have been accepted: it rests and is looked for; an edit simply repeats."""
        now = self.context.now()
        resting = current
        if send.way is Way.EDIT:
            attempts = current.attempts + 1
            resting = replace(
                current, state=SendState.WAITING, attempts=attempts, due=now + _patience(attempts)
            )
        elif current.state is not SendState.ATTEMPTED or current.due <= now:
            resting = replace(current, due=now + retry.QUARANTINE)
        alone = self.context.states.of(self.context.where(send)).since is None
        if alone and retry.exhausted(current.attempts):
            # Everybody else's messages are taken: it is this one's form.
            resting = replace(resting, plain=True)
        return await self._rest(current, resting, case, error.response, error.reference)

    async def _wait(self, send: Send, current: Send, case: Case | None, error: PlatformError) -> int:
        """Certainly not accepted: it waits as asked."""
        asked = error.after if isinstance(error, Retryable) else 0.0
        now, since = self.context.now(), current.waits_since or current.due
        rest = max(_patience(current.attempts), dt.timedelta(seconds=asked))
        if current.version == send.version:  # only asked: that counts as no attempt
            rest = max(rest, min((now - since) / _PART_OF_WAITING, retry.LONGEST))
        # Refused before an attempt of this round (while looking something up): an earlier attempt whose
        # outcome is unknown stays unknown.
        state = current.state if current.version == send.version else SendState.WAITING
        resting = replace(current, state=state, due=now + rest, waits_since=since)
        return await self._rest(current, resting, case, error.response, error.reference)

    async def _hold(self, send: Send, current: Send, case: Case | None, error: PlatformError) -> int:
        """Nothing is used up: it stands as it stood before this attempt."""
        as_before = replace(send, version=current.version, waits_since=send.waits_since or send.due)
        return await self._rest(current, as_before, case, error.response, error.reference)

    async def _again(self, send: Send, current: Send, case: Case | None, error: PlatformError) -> int | None:
        """Tell people, and go on trying: the address may be put right."""
        if not self.refused.may_pass(send):
            return None
        resting = self.refused.resting(current, error)
        if resting.state is SendState.FAILED:
            return await self.over(resting, SendState.FAILED, error.reference)
        await self._rest(current, resting, case, error.response, error.reference)
        return 1

    async def _plain(self, send: Send, current: Send, case: Case | None, error: PlatformError) -> int | None:
        if send.plain:
            return None
        del case
        plain = replace(
            current, plain=True, state=SendState.WAITING, due=self.context.now(), trouble=error.reference
        )
        await self.context.commit(Change(school=send.school, updated_sends=(plain,)))
        return 1

    async def _other_way(
        self, send: Send, current: Send, case: Case | None, error: PlatformError
    ) -> int | None:
        del case
        ways = await self._ways(send)
        if ways is None:
            return None
        gone = _failed(current, error)
        await self.context.commit(Change(school=send.school, updated_sends=(gone,), new_sends=ways))
        return 1

    async def _move(self, send: Send, current: Send, case: Case | None, error: PlatformError) -> int | None:
        about_place = error.response is Response.PLACE or send.way is Way.ROOT
        if case is None or case.restricted or send.place is not Place.LEADERSHIP or not about_place:
            return None
        return await self.finish(_failed(current, error), case, Move("unfit_place"))

    async def _root_anew(
        self, send: Send, current: Send, case: Case | None, error: PlatformError
    ) -> int | None:
        """Post the root again, and its thread below it."""
        root = await self.context.store.send(send.school, send.root) if send.root else None
        if case is None or root is None or root.state is not SendState.SENT:
            return None
        thread = [
            one
            for one in await self.context.store.sends_of(send.school, case.id)
            if one.root == root.key and one.way is Way.REPLY and one.state is SendState.SENT
        ]
        now = self.context.now()
        anew = [
            replace(one, state=SendState.WAITING, posted=None, attempts=0, due=now, trouble=error.reference)
            for one in (root, *thread)
        ]
        if send.way is Way.EDIT:  # the root says how the case is now
            mine = replace(current, state=SendState.DROPPED, trouble=error.reference)
        else:
            mine = replace(current, state=SendState.WAITING, due=now)
        command = PostAnew() if root.place is not None else None
        return await self.finish((*anew, mine), case, command)

    async def _tell(self, send: Send, current: Send, case: Case | None, error: PlatformError) -> int:
        """Tell a person: the others on the case; before there is a case, whoever its report tells."""
        gone = _failed(current, error)
        if send.message is Message.FIRST_ALERT and send.draft is not None:
            # Nobody hears of the danger this way: the report goes ahead now, so that others are told of it.
            ahead = unfinished(send.school, send.draft, self.context.now())
            await self.context.commit(Change(school=send.school, updated_sends=(gone,), timers=(ahead,)))
            return 1
        return await self.finish(gone, case, trouble(send))

    # -- people are told, and it still goes out ------------------------------------------------------

    async def _rest(
        self, before: Send, resting: Send, case: Case | None, response: Response, why: str
    ) -> int:
        """Let a send rest; if it has not gone out for too long, people are told. Returns 1 if they were."""
        if not tells(resting) or not late(resting, response, self.context.now()):
            if resting != before:
                await self.context.commit(Change(school=resting.school, updated_sends=(resting,)))
            return 0
        waits_since = resting.waits_since or resting.due
        told = replace(resting, late=True, waits_since=waits_since, trouble=why)
        ways = await self._ways(resting)
        if ways is not None:
            await self.context.commit(Change(school=told.school, updated_sends=(told,), new_sends=ways))
        elif resting.message is Message.FIRST_ALERT and resting.draft is not None:
            ahead = unfinished(resting.school, resting.draft, self.context.now())
            await self.context.commit(Change(school=told.school, updated_sends=(told,), timers=(ahead,)))
        else:
            await self.finish(told, case, trouble(resting))
        return 1

    async def _still_to_take_back(self, send: Send, case: Case | None, error: PlatformError) -> int:
        """Ask for it again and again until it is taken back; what is gone has been taken back."""
        if error.response is Response.ROOT_GONE:
            return await self.over(send, SendState.DROPPED, error.reference)
        later = replace(
            send, state=SendState.WAITING, due=self.context.now() + _TAKE_BACK_RESTS, trouble=error.reference
        )
        if send.late:
            return await self.finish(later, None, None)
        return await self.finish(replace(later, late=True), case, trouble(send))

    async def _ways(self, send: Send) -> tuple[Send, ...] | None:
        """Return the sends that begin another way, () if one is under way or over; None = none is left."""
        school = self.context.directory.schools[send.school]
        ways = other_ways(send, school, self.context.platforms, self.context.now())
        there = await self.context.store.sends(send.school, [way.key for way in ways])
        over = SendState.FAILED, SendState.DROPPED
        if any(one.state not in over and not one.late for one in there.values()):
            return ()
        return next(((way,) for way in ways if way.key not in there), None)

    def _heard(self, send: Send, response: Response, why: str) -> None:
        place = f"{send.school}/{send.place or send.person}"
        self.context.states.heard(self.context.where(send), place, response, why, self.context.now())

    async def finish(self, gone: Send | tuple[Send, ...], case: Case | None, command: Command | None) -> int:
        """Store what became of sends with what follows for their case: never one without the other."""
        changed = gone if isinstance(gone, tuple) else (gone,)
        if case is None or command is None:
            await self.context.commit(Change(school=changed[0].school, updated_sends=changed))
        else:
            school = self.context.directory.schools[changed[0].school]
            await self.casework.bot_command(school, case, command, sent=changed)
        return 1


def _patience(attempts: int) -> dt.timedelta:
    return min(retry.backoff(attempts), retry.LONGEST)


def _failed(send: Send, error: PlatformError) -> Send:
    return replace(send, state=SendState.FAILED, trouble=error.reference)
