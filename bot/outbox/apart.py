"""What rests apart because it does not open: said once, and what hung on it is seen to all the same."""

from __future__ import annotations

import datetime as dt
import logging

from bot.context import AppContext
from bot.digest import Digest
from bot.log import Ref, note
from bot.turns.service import Service
from flows.case.commands import ReportTrouble
from flows.case.lifecycle import acknowledge_timer, hear_timer
from flows.delivery import outbox
from flows.errors import UnreadableRow
from flows.model import Apart, Case, CaseId, Change, DraftId, EventKind, Message, Status
from flows.school import School


class SetApart:
    """Looks each round; what it has seen it does not say again while it runs."""

    def __init__(self, context: AppContext, service: Service, digest: Digest) -> None:
        self.context = context
        self.service = service
        self.digest = digest
        self._seen: set[tuple[str, str]] = set()

    async def look(self) -> int:
        """Say what is new, and do what can be done without it. Returns how much was new."""
        before = len(self._seen)
        for one in await self.context.store.apart():
            if (one.kind, one.id) in self._seen:
                continue
            self._seen.add((one.kind, one.id))
            note("row.set_apart", level=logging.ERROR, kind=Ref(one.kind), reference=Ref(one.reason))
            school = self.context.directory.schools.get(one.school)
            if school is None:
                continue
            try:
                await (self._timer(school, one) if one.kind == "timer" else self._send(school, one))
            except UnreadableRow as error:
                note("row.blocked", level=logging.ERROR, reference=Ref(error.reference))
        return len(self._seen) - before

    async def _timer(self, school: School, one: Apart) -> None:
        """Set the timer anew: when it is due follows from what it was about."""
        store = self.context.store
        case = await store.case(school.id, CaseId(one.about))
        draft = await store.draft(school.id, DraftId(one.about))
        if case is not None:
            hears = (
                (hear_timer(case, self.context.now(), school),) if case.status is not Status.CLOSED else ()
            )
            anew = (*acknowledge_timer(case, self.context.step(school, None)), *hears)
            await self.context.commit(Change(school=school.id, timers=anew))
        elif draft is not None:
            of_draft = self.service.reporting.drafts.timers_of(draft)
            await self.context.commit(Change(school=school.id, timers=of_draft))
        else:
            await self.digest.plan()

    async def _send(self, school: School, one: Apart) -> None:
        """Put on the case who was not told: a person is rung, and the next one is told if it was the lead."""
        case = await self.context.store.case(school.id, CaseId(one.about))
        if case is None:
            return
        lost = await self._lost(school, case)
        said = [e.facts for e in await self.context.store.events(school.id, case.id) if e.kind is _FAILED]
        if {"message": lost.message, "person": lost.person or ""} not in said:
            await self.service.casework.bot_command(school, case, lost)

    async def _lost(self, school: School, case: Case) -> ReportTrouble:
        """Return what is missing: a card of the case that is not there any more, else one of its updates."""
        now: dt.datetime = self.context.now()
        for card in outbox.cards(case, school, self.context.platforms, now):
            if card.key in case.cards and await self.context.store.send(school.id, card.key) is None:
                return ReportTrouble(card.message, card.person)
        return ReportTrouble(Message.UPDATE)


_FAILED = EventKind.DELIVERY_FAILED
