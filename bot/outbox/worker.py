"""The worker: what is due goes out, and what was planned comes back in.

One FIFO per destination; a thread's root goes first; an attempt is on record before it is made; one whose
outcome is unknown rests, is looked up, and only then is repeated (marked as a repeat where it cannot be
looked up). The promise: never lost, never doubled unless a platform accepts a request after the resting time.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from bot.context import AppContext, Span
from bot.digest import Digest
from bot.keeping.ending import Keeping
from bot.log import Ref, note
from bot.outbox.apart import SetApart
from bot.outbox.auditor import Auditor
from bot.outbox.delivery import Delivery
from bot.outbox.line import Line
from bot.outbox.outages import Outages
from bot.outbox.places import Places
from bot.outbox.ringing import Ringing
from bot.outbox.waiting import set_timers
from bot.platform_states import Where
from bot.reached import hear
from bot.rehearsal.running import Rehearsals
from bot.rosters import catch_up
from bot.sharing.shares import Shares
from bot.turns.service import Service
from flows.errors import Conflict, ReportingError, StoreError, UnreadableRow
from flows.model import Change, Message, Send, Timer, TimerKind, Way
from flows.school import SchoolId

#: How long the worker sleeps at the most before it looks again (seconds).
_LONGEST_SLEEP = 30.0
#: A timer of a school that is not in the file comes back after this long.
_UNKNOWN_SCHOOL_RESTS = dt.timedelta(hours=1)
#: What stumbles over a fault of ours is tried again after this long, and the log says so each time.
_STUMBLED_RESTS = dt.timedelta(minutes=1)
#: What is about a case that does not open is looked at again after this long; all else goes on.
_BLOCKED_RESTS = dt.timedelta(hours=1)
#: Destinations of one platform that may be under way at the same time; what presses waits for none.
LANES = 32
#: Those that one school may have of them: another finds one free.
LANES_EACH = 24
#: Where a lane goes that only tries whether a platform works again.
TRYING = ""


class Lane(Struct, frozen=True):
    """One destination of one platform: what goes there goes one after the other, and waits for no other."""

    where: Where
    school: SchoolId
    to: str
    presses: bool


class Worker:
    """Runs until stopped; :meth:`run_due` does everything that is due now, once."""

    def __init__(self, context: AppContext, service: Service) -> None:
        self.context = context
        self.service = service
        self.delivery = Delivery(context, service.casework)
        self.places = Places(context, service.casework)
        self.outages = Outages(context)
        self.digest = Digest(context)
        self.ringing = Ringing(context)
        self.auditor = Auditor(context)
        self.keeping = Keeping(context, service.casework)
        self.set_apart = SetApart(context, service, self.digest)
        self._bell = asyncio.Event()
        self._stopping = False
        self._said: set[str] = set()
        self._under_way: dict[Lane, asyncio.Task[int]] = {}
        self._in_hand: dict[Lane, list[Send]] = {}
        self._skipped: set[Lane] = set()
        self._broke: StoreError | None = None
        self.line = Line(context)
        self.shares = defaultdict[Where, Shares](lambda: Shares(LANES, LANES_EACH))
        context.nudge = self._bell.set

    async def run(self) -> None:
        """Work until :meth:`stop`; a failure of one round is logged and the next one tries again."""
        planned = False
        while not self._stopping:
            self._bell.clear()
            began = self.context.now()
            try:
                if not planned:
                    await self.begin()
                    planned = True
                await self.auditor.look()
                done = await self.run_due(wait=False)
            except ReportingError as error:
                note("worker.failed", reference=Ref(error.reference), error=error)
                done = 0
            if not done and not self._stopping:
                await self._rest(began)
        await asyncio.gather(*self._under_way.values())

    async def begin(self) -> None:
        """See at a start that everything that has a time has a timer, and that what is late is spoken of."""
        await self.auditor.look()
        await self.digest.plan()
        await self.keeping.plan()
        await set_timers(self.context)

    def stop(self) -> None:
        """Finish what is under way, then end."""
        self._stopping = True
        self._bell.set()

    async def run_due(self, *, wait: bool = True) -> int:
        """Do everything that is due now, once. Returns how much was done; 0 = nothing can be done yet.

        ``wait`` False = only begin what goes out: what hangs is waited for by nobody but its own lane.
        """
        done = await self._begin()
        counts = await asyncio.gather(*self._under_way.values()) if wait else []
        if self._broke is not None:
            broke, self._broke = self._broke, None
            raise broke
        return done + sum(counts)

    async def _begin(self) -> int:
        """Wake what is due, and begin a lane for each destination that has none under way."""
        await catch_up(self.context)
        now = self.context.now()
        done = 0
        for timer in await self.line.timers(now):
            await self._wake(timer)
            done += 1
        done += await self.delivery.met() if self.context.met else 0
        due = await self.line.sends(now, self._free)
        done += await self.set_apart.look()
        done += await self._held([send for send in due if self._waits(send)])
        done += await self.outages.look()
        # The last edit of a message makes the earlier ones needless; emptying it is always the last.
        edits = sorted((s for s in due if s.way is Way.EDIT), key=lambda s: s.message is Message.WITHDRAWN)
        newest = {s.root: s.key for s in edits}
        for lane, sends in self._to_go(due, now).items():
            self._in_hand[lane] = sends
            self._under_way[lane] = asyncio.create_task(self._work(lane, sends, newest))
        return done

    def _lane(self, send: Send) -> Lane:
        """Return which lane a send takes. What presses has one of its own at each destination."""
        to = f"{send.place or send.person}{send.seat or ''}"
        return Lane(self.context.where(send), send.school, to, send.urgency.presses)

    def _free(self, send: Send) -> bool:
        return self._lane(send) not in self._under_way and not self._waits(send)

    def _waits(self, send: Send) -> bool:
        return self.context.states.of(self.context.where(send)).since is not None

    def _to_go(self, due: Sequence[Send], now: dt.datetime) -> dict[Lane, list[Send]]:
        """Return what may go now, by lane; one lane for all of a platform that is down, to try it."""
        lanes: dict[Lane, list[Send]] = defaultdict(list)
        # One message is in one lane's hands only: an edit under way must not land after what takes it back.
        hands = {_about(send): lane for lane, sends in self._in_hand.items() for send in sends}
        busy = {lane.where for lane in self._under_way}
        for send in due:
            down, where = self._waits(send), self.context.where(send)
            lane = Lane(where, SchoolId(""), TRYING, presses=True) if down else self._lane(send)
            if down and (where in busy or not self.context.states.may_try(where, now)):
                continue
            taken = hands.setdefault(_about(send), lane)
            if lane in self._under_way or taken in self._under_way:
                self._skipped |= {lane, taken}
                continue
            # A root and what is said below it may press differently: they go together, or neither ever would.
            lanes[taken].append(send)
        return lanes

    async def _held(self, sends: Sequence[Send]) -> int:
        """See to what waits for a platform that is down, and count it."""
        for where, state in self.context.states.down().items():
            state.hold(send for send in sends if self.context.where(send) == where)
        done = 0
        for send in sends:
            if self._lane(send) not in self._under_way:
                with suppress(Conflict, UnreadableRow):
                    done += await self.delivery.after.held(send)
        return done

    async def _work(self, lane: Lane, sends: list[Send], newest: dict[str, str]) -> int:
        """Deliver one destination's sends; then let the loop look whether there is more for it."""
        done = 0
        sends = self.context.states.of(lane.where).in_turn(sends) if lane.to == TRYING else sends
        try:
            if lane.presses:
                done = await self._deliver(lane, sends, newest)
            else:
                async with self.shares[lane.where].place(lane.school):
                    done = await self._deliver(lane, sends, newest)
        except StoreError as error:
            self._broke = error
        finally:
            del self._under_way[lane], self._in_hand[lane]
            if done or self._broke is not None or lane in self._skipped:
                self._skipped.discard(lane)
                self._bell.set()
        return done

    async def _deliver(self, lane: Lane, sends: list[Send], newest: dict[str, str]) -> int:
        """Deliver sends in order. What cannot go yet does not block what can."""
        done = 0
        for send in sends:
            if lane.to == TRYING and self._tried(lane.where):
                break
            superseded = send.way is Way.EDIT and newest.get(send.root, send.key) != send.key
            try:
                with self.context.spans.span(Span.SEND, message=send.message, on=send.platform, way=send.way):
                    done += await self.delivery.deliver(send, superseded=superseded)
            except Conflict:
                done += 1  # another step changed this send; the next round reads it afresh
            except UnreadableRow as error:
                self._blocked(send.key, error)
                await self.delivery.put_off(send, _BLOCKED_RESTS)
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001 - one broken message must not stop everybody else's
                note("send.stumbled", level=logging.ERROR, kind=send.message, error=error)
                done += await self.delivery.put_off(send, _STUMBLED_RESTS)
        return done

    def _tried(self, where: Where) -> bool:
        """Return whether a platform that was down has answered: it works, or it is to be left alone again."""
        up = self.context.states.of(where).since is None
        return up or not self.context.states.may_try(where, self.context.now())

    async def _wake(self, timer: Timer) -> None:
        if timer.school not in self.context.directory.schools:
            # Taken out of the file, perhaps by mistake: nothing is forgotten, and nobody else waits for it.
            await self._ring_later(timer, _UNKNOWN_SCHOOL_RESTS)
            return
        try:
            with self.context.spans.span(Span.TIMER, kind=timer.kind):
                await self.wakes()[timer.kind](timer)
        except Conflict:
            note("timer.conflict", kind=timer.kind)
        except UnreadableRow as error:
            self._blocked(timer.case or timer.key, error)
            await self._ring_later(timer, _BLOCKED_RESTS)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - one broken timer must not stop everybody else's
            note("timer.stumbled", level=logging.ERROR, kind=timer.kind, error=error)
            await self._ring_later(timer, _STUMBLED_RESTS)

    def wakes(self) -> dict[TimerKind, Callable[[Timer], Awaitable[None]]]:
        """Return what each kind of timer wakes."""
        return {
            TimerKind.ACKNOWLEDGE: self.ringing.escalate,
            TimerKind.REMIND: self.ringing.remind,
            TimerKind.HEAR: partial(hear, self.context),
            TimerKind.UNFINISHED: self.service.reporting.drafts.go_ahead_unfinished,
            TimerKind.SHRED_DRAFT: self.service.reporting.drafts.shred,
            TimerKind.DIGEST: self.digest.due,
            TimerKind.KEEPING: self.keeping.due,
            TimerKind.REHEARSAL: Rehearsals(self.context).due,
        }

    def _blocked(self, key: str, error: UnreadableRow) -> None:
        """Say once that something due is about what does not open."""
        if key not in self._said:
            self._said.add(key)
            note("row.blocked", level=logging.ERROR, reference=Ref(error.reference))

    async def _ring_later(self, timer: Timer, rest: dt.timedelta) -> None:
        later = replace(timer, due=self.context.now() + rest)
        await self.context.store.commit(Change(school=timer.school, timers=(later,)))

    async def _rest(self, began: dt.datetime) -> None:
        """Sleep until something falls due that was not looked at in this round, or the bell rings."""
        moments = (await self.context.store.next_due(began), self.context.states.next_try())
        wait = min(
            [max((due - self.context.now()).total_seconds(), 0.05) for due in moments if due is not None],
            default=_LONGEST_SLEEP,
        )
        with suppress(TimeoutError):
            async with asyncio.timeout(min(wait, _LONGEST_SLEEP)):
                await self._bell.wait()


def _about(send: Send) -> tuple[str, str]:
    """Return which message a send is, or changes, or is said below."""
    return send.school, send.root or send.key
