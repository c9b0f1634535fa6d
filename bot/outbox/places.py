"""Places are watched, not looked up once: what has gone bad is left by every case that stands there.

Each place is looked at when a platform says that something about it has changed, and every ten minutes.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress

from bot.context import AppContext
from bot.log import Ref, note
from bot.outbox.absences import Absences
from bot.outbox.eligibility import readers, unfit
from bot.rehearsal.september import September
from bot.rosters import Unanswered
from bot.turns.casework import Casework
from bot.yearly import YearlyWording
from flows.calendar import local
from flows.case.commands import Move
from flows.delivery.outbox import reach
from flows.delivery.sends import plan
from flows.errors import Conflict, PlatformError, ReportingError, StoreError, UnreadableRow
from flows.model import CaseId, Change, Message, Place, Way
from flows.policy.routing import leadership_people
from flows.ports import Address, Chat, Membership
from flows.school import Platform, School, Seat

EVERY = dt.timedelta(minutes=10)
#: what one process calls to the others on its store: something about a place has changed
PLACES = "places"


class Places:
    def __init__(self, context: AppContext, casework: Casework) -> None:
        self.context = context
        self.casework = casework
        self._bell = asyncio.Event()
        self._absences = Absences(context)
        self._unanswered = Unanswered(context)
        self._yearly = YearlyWording(context)
        self._september = September(context)

    def hurry(self) -> None:
        """Look now: a platform says that something has changed."""
        self._bell.set()

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            self._bell.clear()
            try:
                await self.look()
                await self._absences.look()
                await self._unanswered.look()
                await self._yearly.look()
                await self._september.look()
            except ReportingError as error:
                note("worker.failed", reference=Ref(error.reference), error=error)
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY.total_seconds()):
                    await self._bell.wait()

    async def watch(self) -> None:
        """Only ask who is in each place, again and again: who takes things in has to know guests."""
        while True:
            for school in self.context.directory.schools.values():
                for chat in self.context.chats.values():
                    for _, _, to in self._places(school, chat):
                        with suppress(PlatformError):
                            await chat.members(to)
            await asyncio.sleep(EVERY.total_seconds())

    async def look(self) -> None:
        """Look at every place of every school; a platform that cannot say changes nothing."""
        for school in self.context.directory.schools.values():
            for chat in self.context.chats.values():
                for place, seat, to in self._places(school, chat):
                    with suppress(PlatformError):
                        await self._seen(school, place, seat, to, await chat.members(to))

    def _places(self, school: School, chat: Chat) -> Iterator[tuple[Place, Seat | None, Address]]:
        workspace = self.context.directory.workspace(school.id, chat.platform)
        found: list[tuple[Place, Seat | None, str]] = [
            (Place.LEADERSHIP, None, school.leadership.get(chat.platform, "")),
            *((Place.RESTRICTED, seat, at.get(chat.platform, "")) for seat, at in school.restricted.items()),
        ]
        for place, seat, channel in found:
            if channel:
                to = Address(platform=chat.platform, workspace=workspace, channel=channel)
                yield place, seat, to

    async def _seen(
        self, school: School, place: Place, seat: Seat | None, to: Address, found: Membership
    ) -> None:
        why = unfit(found, school, to.platform, self.context.directory)
        known = (school.id, to.platform, to.channel)
        if why:
            self.context.unfit[known] = why
            await self._tell(school, place, seat, to.platform, why)
        else:
            self.context.unfit.pop(known, None)
        reading = readers(found, school, to.platform, self.context.directory)
        for row in await self.context.store.cases(school.id, open_only=False):
            here = row.restricted and row.lead is seat if seat else not row.restricted
            if here and (why or not reading.isdisjoint(row.recused)):
                await self._leave(school, row.id, Move("unfit_place" if why else "excluded_member"))

    async def _leave(self, school: School, about: CaseId, move: Move) -> None:
        try:
            case = await self.context.store.case(school.id, about)
            if case is not None and not case.direct_only:
                await self.casework.bot_command(school, case, move)
        except Conflict:
            pass  # somebody else's step came first: it is looked at again
        except UnreadableRow as error:  # it holds none of the others here
            note("row.blocked", level=logging.ERROR, reference=Ref(error.reference))

    async def _tell(
        self, school: School, place: Place, seat: Seat | None, platform: Platform, why: str
    ) -> None:
        """Tell the administrators and the leaders which place it is and why, once a day while it lasts."""
        now = self.context.now()
        facts = {"place": seat or place, "on": platform, "why": why}
        facts["day"] = f"{local(now, school.time):%Y-%m-%d}"
        people = dict.fromkeys((*school.administrators, *sorted(leadership_people(school))))
        sends = tuple(
            plan(
                Message.PLACE,
                Way.DIRECT,
                school=school.id,
                platform=way,
                person=person,
                facts=facts,
                due=now,
            )
            for person in people
            for way in reach(school, person, self.context.platforms)
        )
        await self.context.commit(Change(school=school.id, new_sends=sends))


class Others:
    """A process's ear and voice among others on one store."""

    def __init__(self, context: AppContext, hurry: Callable[[], None]) -> None:
        """``hurry`` has places looked at now, where this process does that."""
        self._context = context
        self._hurry = hurry
        #: what a platform has to ask anew when another process heard that a place has changed
        self.forget: list[Callable[[], None]] = []
        self._calls = set[asyncio.Task[None]]()

    def place_changed(self) -> None:
        """Have places looked at now, by whichever process does."""
        self._hurry()
        if self._context.store.shared:
            call = asyncio.create_task(self._call())
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)

    async def _call(self) -> None:
        with suppress(StoreError):  # they look every few minutes anyhow
            await self._context.store.ring(PLACES)

    async def listen(self) -> None:
        """Hear the others, until cancelled."""
        await self._context.store.listen(self._hear)

    def _hear(self, word: str) -> None:
        if word == PLACES:
            for forget in self.forget:
                forget()
            self._hurry()
        self._context.nudge()
