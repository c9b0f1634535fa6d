"""What must be so, whatever a crowd does: after every step, and once everything has come to rest."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

import msgspec

from flows.model import (
    Action,
    Case,
    Draft,
    DraftId,
    Event,
    EventKind,
    Message,
    SendState,
    Status,
    Timer,
    TimerKind,
)
from flows.ui.inbound import Refuse
from flows.ui.intents import Act, ChatCommand
from flows.ui.plain_text import card_text
from tests.town import SCHOOL, Town, said

PEOPLE = ("brook", "jo", "office", "ash", "bryn", "cam", "dee", "ellis", "fern", "gale", "stranger")
CHANNELS = ("leadership", "chair")
MARK = re.compile(r"zq\d+zq")
FAR = dt.timedelta(days=4000)


class Holds:
    """The checks. ``taken`` are the marks of words that were accepted, ``drafts`` everybody's ids."""

    town: Town
    taken: dict[str, str]
    drafts: dict[str, set[str]]

    async def later(self, **time: float) -> None:
        """Let time pass; forget the marks of drafts that nobody touched for 30 days, and only of those."""
        self.town.clock.pass_by(dt.timedelta(**time))
        for draft in await self.open_drafts():
            if draft.touched_at + self.town.school.retention.draft <= self.town.clock.now():
                for mark in MARK.findall(str(draft.answers)):
                    self.taken.pop(mark, None)
        await self.town.settle()

    async def cases(self) -> list[Case]:
        """Return every case there is, whole."""
        rows = await self.town.store.cases(SCHOOL, open_only=False)
        found = [await self.town.store.case(SCHOOL, row.id) for row in rows]
        return [case for case in found if case is not None]

    async def open_drafts(self) -> list[Draft]:
        """Return every draft that any form ever named and that is still there."""
        ids = {one for some in self.drafts.values() for one in some}
        found = [await self.town.store.draft(SCHOOL, DraftId(one)) for one in sorted(ids)]
        return [draft for draft in found if draft is not None]

    async def snapshot(self) -> bytes:
        """Return all that was kept, as bytes to compare."""
        store, far = self.town.store, self.town.clock.now() + FAR
        kept: list[object] = [await self.cases(), await self.open_drafts()]
        kept.append(await store.due_timers(far, most=10_000))
        for case in await self.cases():
            kept += [await store.events(SCHOOL, case.id), await store.sends_of(SCHOOL, case.id)]
        return msgspec.json.encode(kept)

    async def check(self) -> None:
        """Check what must be so after every single step."""
        cases, drafts = await self.cases(), await self.open_drafts()
        far = self.town.clock.now() + FAR
        timers = await self.town.store.due_timers(far, most=10_000)
        kept = [str(d.answers) for d in drafts]
        for case in cases:
            events = list(await self.town.store.events(SCHOOL, case.id))
            _numbered(case, events)
            _no_timer_when_closed(case, timers)
            kept += [str(case.report), str(events)]
        self._nothing_lost("\n".join(kept))
        owners = [d.person for d in drafts]
        assert len(owners) == len(set(owners)), "two open drafts of one person"
        self._nothing_told_in_public()
        self._nothing_twice()

    def _nothing_lost(self, kept: str) -> None:
        there = set(MARK.findall(kept))
        lost = {mark: how for mark, how in self.taken.items() if mark not in there}
        assert not lost, f"typed, taken, and nowhere: {lost}"

    def _nothing_told_in_public(self) -> None:
        names = [person.name for person in self.town.school.people.values()]
        for message in self.town.chat.messages.values():
            for card in (message.card, *message.was):
                public = card_text(card) if message.audience in CHANNELS else card.summary
                assert not MARK.search(public + card.summary), f"words or a file name in public: {public}"
                assert not any(name in public for name in names), f"a name in public: {public}"

    def _nothing_twice(self) -> None:
        seen: set[tuple[str, str]] = set()
        for message in self.town.chat.messages.values():
            if not message.repeat:
                assert (message.audience, message.key) not in seen, f"twice: {message.key}"
                seen.add((message.audience, message.key))

    async def calm(self) -> None:
        """Let the platform work again and the worker come to rest; then check what must be so at rest."""
        self.town.chat.failures.clear()
        for _ in range(3):
            await self.later(minutes=16)
        for draft in await self.open_drafts():
            assert draft.touched_at + self.town.school.retention.draft > self.town.clock.now(), (
                "a draft nobody touched is kept"
            )
        for case in await self.cases():
            events = list(await self.town.store.events(SCHOOL, case.id))
            await self._somebody_knows(case, events)
            for person in case.recused:
                if person in PEOPLE:
                    await self._nothing_to_see(case, person, events)

    async def _somebody_knows(self, case: Case, events: list[Event]) -> None:
        if not case.holders:
            return
        sends = await self.town.store.sends_of(SCHOOL, case.id)
        told = any(s.message is Message.NOTICE and s.state is SendState.SENT for s in sends)
        trouble = any(e.kind is EventKind.DELIVERY_FAILED for e in events)
        assert told or trouble or case.unreached, f"{case.reference}: nobody was told and nothing says so"

    async def _nothing_to_see(self, case: Case, person: str, events: list[Event]) -> None:
        own = person == case.report.reporter
        failed = any(e.facts.get("message") == Message.WITHDRAWN for e in events)
        for message in self.town.chat.messages.values():
            inside = person in self.town.chat.channels.get(message.audience, ())
            mine = message.audience == person and not (own and message.card.kind in ("receipt", "progress"))
            if (mine or inside) and not failed:
                text = card_text(message.card) + message.card.summary
                sends = await self.town.store.sends_of(SCHOOL, case.id)
                about = [f"{s.key} {s.way} {s.state} {s.trouble}" for s in sends if message.key in s.key]
                assert case.reference not in text, f"{person} reads {message.key}: {about}"
        await self._nothing_asked(case, person, own=own)

    async def _nothing_asked(self, case: Case, person: str, *, own: bool) -> None:
        town = self.town
        none = said(await town.ask(person, ChatCommand.CASE, "HPS-1999-999"))
        assert said(await town.ask(person, ChatCommand.CASE, case.reference)) == none
        hidden = (
            [ChatCommand.CASES, ChatCommand.DIGEST]
            if own
            else [ChatCommand.CASES, ChatCommand.DIGEST, ChatCommand.HOME]
        )
        for command in hidden:
            assert case.reference not in said(await town.ask(person, command)), command
        for file in case.report.posting.files:
            got = await town.service.evidence(town.actor(person), case.id, file.sha256)
            assert got is None or (own and not file.locked)
        if not own:
            for action in (Action.OPEN_RECORD, Action.NOTE, Action.TAKE_ON, Action.CONFLICT):
                reply = await town.press(person, Act(case=case.id, action=action, version=case.version))
                assert isinstance(reply, Refuse)
                assert reply.reference == "no-such-case"


def _numbered(case: Case, events: list[Event]) -> None:
    assert [e.seq for e in events] == list(range(1, len(events) + 1)), f"{case.reference}: gaps in its events"
    assert case.events == len(events)


def _no_timer_when_closed(case: Case, timers: Sequence[Timer]) -> None:
    waiting = [w for w in timers if w.case == case.id and w.kind is TimerKind.ACKNOWLEDGE]
    assert case.status is not Status.CLOSED or not waiting, f"{case.reference} is closed and still rings"
