"""The worker: what is due goes out, and what was planned comes back in.

One FIFO per destination; a thread's root goes first; an attempt is on record before it is made; an
attempt whose outcome is unknown rests, is looked up, and only then is repeated (marked as a repeat
where it cannot be looked up). The promise: never lost, never doubled unless a platform accepts a
request after the resting time.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections import defaultdict
from contextlib import suppress

from msgspec.structs import replace

from bot.context import AppContext
from bot.digest import Digest
from bot.log import Ref, note
from bot.outbox.apart import SetApart
from bot.outbox.delivery import Delivery
from bot.outbox.places import Places
from bot.turns.service import Service
from flows.errors import Conflict, ReportingError, StoreError, UnreadableRow
from flows.model import Change, Message, Send, SendState, Timer, TimerKind, Way

#: How long the worker sleeps at the most before it looks again (seconds).
_LONGEST_SLEEP = 30.0
#: A timer of a school that is not in the file comes back after this long.
_UNKNOWN_SCHOOL_RESTS = dt.timedelta(hours=1)
#: What stumbles over a fault of ours is tried again after this long, and the log says so each time.
_STUMBLED_RESTS = dt.timedelta(minutes=1)
#: What is about a case that does not open is looked at again after this long; all else goes on.
_BLOCKED_RESTS = dt.timedelta(hours=1)
#: States in which a send still wants work.
_OPEN = (SendState.WAITING, SendState.ATTEMPTED)
#: Sends of other destinations that may be under way at the same time.
_LANES = 16


class Worker:
    """Runs until stopped; :meth:`run_due` does everything that is due now, once."""

    def __init__(self, context: AppContext, service: Service) -> None:
        self.context = context
        self.service = service
        self.delivery = Delivery(context, service.casework)
        self.places = Places(context, service.casework)
        self.digest = Digest(context)
        self.set_apart = SetApart(context, service, self.digest)
        self._bell = asyncio.Event()
        self._stopping = False
        self._said: set[str] = set()
        self._lanes = asyncio.Semaphore(_LANES)
        context.nudge = self._bell.set

    async def run(self) -> None:
        """Work until :meth:`stop`; a failure of one round is logged and the next one tries again."""
        planned = False
        while not self._stopping:
            self._bell.clear()
            try:
                if not planned:
                    await self.digest.plan()
                    planned = True
                done = await self.run_due()
            except ReportingError as error:
                note("worker.failed", reference=Ref(error.reference), error=error)
                done = 0
            if not done and not self._stopping:
                await self._rest()

    def stop(self) -> None:
        """Finish the round under way, then end."""
        self._stopping = True
        self._bell.set()

    async def run_due(self) -> int:
        """Do everything that is due now. Returns how much was done; 0 = nothing can be done yet."""
        now = self.context.now()
        done = 0
        for timer in await self.context.store.due_timers(now):
            await self._wake(timer)
            done += 1
        lanes: dict[tuple[str, str, str], list[Send]] = defaultdict(list)
        for send in await self.context.store.due_sends(now):
            lanes[(send.platform, send.school, send.place or send.person or "")].append(send)
        done += await self.set_apart.look()
        counts = await asyncio.gather(*(self._lane(sends) for sends in lanes.values()))
        return done + sum(counts)

    async def _lane(self, sends: list[Send]) -> int:
        """Deliver one destination's sends in order. What cannot go yet does not block what can."""
        # The last edit of a message makes the earlier ones needless; emptying it is always the last.
        edits = sorted((s for s in sends if s.way is Way.EDIT), key=lambda s: s.message is Message.WITHDRAWN)
        newest = {s.root: s.key for s in edits}
        done = 0
        async with self._lanes:
            for send in sends:
                superseded = send.way is Way.EDIT and newest.get(send.root, send.key) != send.key
                try:
                    done += await self.delivery.deliver(send, superseded=superseded)
                except Conflict:
                    done += 1  # another step changed this send; the next round reads it afresh
                except UnreadableRow as error:
                    self._blocked(send.key, error)
                    await self._put_off(send, _BLOCKED_RESTS)
                except StoreError:
                    raise
                except Exception as error:  # noqa: BLE001 - one broken message must not stop everybody else's
                    note("send.stumbled", level=logging.ERROR, kind=send.message, error=error)
                    await self._put_off(send, _STUMBLED_RESTS)
        return done

    async def _put_off(self, send: Send, rest: dt.timedelta) -> None:
        """Let a send rest that stumbled over a fault of ours; an attempt that was made rests already."""
        current = await self.context.store.send(send.school, send.key)
        later = self.context.now() + rest
        if current is not None and current.due < later and current.state in _OPEN:
            after = replace(current, due=later)
            with suppress(Conflict):
                await self.context.store.commit(Change(school=send.school, updated_sends=(after,)))

    async def _wake(self, timer: Timer) -> None:
        if timer.school not in self.context.directory.schools:
            # Taken out of the file, perhaps by mistake: nothing is forgotten, and nobody else waits for it.
            await self._ring_later(timer, _UNKNOWN_SCHOOL_RESTS)
            return
        try:
            match timer.kind:
                case TimerKind.ACKNOWLEDGE:
                    await self.service.casework.escalate(timer)
                case TimerKind.UNFINISHED:
                    await self.service.reporting.drafts.go_ahead_unfinished(timer)
                case TimerKind.SHRED_DRAFT:
                    await self.service.reporting.drafts.shred(timer)
                case TimerKind.DIGEST:
                    await self.digest.due(timer)
        except Conflict:
            note("timer.conflict", kind=timer.kind)
        except UnreadableRow as error:
            self._blocked(timer.key, error)
            await self._ring_later(timer, _BLOCKED_RESTS)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - one broken timer must not stop everybody else's
            note("timer.stumbled", level=logging.ERROR, kind=timer.kind, error=error)
            await self._ring_later(timer, _STUMBLED_RESTS)

    def _blocked(self, key: str, error: UnreadableRow) -> None:
        """Say once that something due is about what does not open."""
        if key not in self._said:
            self._said.add(key)
            note("row.blocked", level=logging.ERROR, reference=Ref(error.reference))

    async def _ring_later(self, timer: Timer, rest: dt.timedelta) -> None:
        later = replace(timer, due=self.context.now() + rest)
        await self.context.store.commit(Change(school=timer.school, timers=(later,)))

    async def _rest(self) -> None:
        due = await self.context.store.next_due()
        wait = _LONGEST_SLEEP
        if due is not None:
            wait = min(max((due - self.context.now()).total_seconds(), 0.05), _LONGEST_SLEEP)
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._bell.wait()
