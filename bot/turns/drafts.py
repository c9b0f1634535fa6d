"""Drafts as they are kept: every answer at once, with the first alert and the timers it asks for.

Beside them what the timers do when they fall due: a safety report that was left goes ahead as it is,
and a draft that nobody touched is shredded.
"""

from __future__ import annotations

import datetime as dt

from msgspec.structs import replace

from bot.context import World
from bot.turns.turn import Visit
from flows.case import lifecycle as cases
from flows.case import outbox
from flows.errors import Stale
from flows.intake import conversation
from flows.intake.report import finish_unfinished
from flows.model import CaseId, Change, Draft, DraftId, Message, Send, Wake, WakeKind, Way
from flows.school import SchoolId, Seat
from flows.words import say

#: A report that says someone may not be safe goes ahead by itself after resting this long (policy §3).
UNFINISHED_AFTER = dt.timedelta(minutes=10)
#: An untouched draft is shredded after this long.
SHRED_AFTER = dt.timedelta(days=30)


def unfinished(school: SchoolId, draft: DraftId, due: dt.datetime) -> Wake:
    """Return the timer that sends a safety report as it is, if it is still unfinished by then."""
    key = f"draft/{draft}/unfinished"
    return Wake(key=key, school=school, kind=WakeKind.UNFINISHED, due=due, draft=draft)


class Drafts:
    """See the module."""

    def __init__(self, world: World) -> None:
        """Keep the world."""
        self.world = world

    async def mine(self, visit: Visit, draft_id: str) -> Draft:
        """Return this person's draft of that id. Raises Stale if it is gone or another's."""
        draft = await self.world.store.draft(visit.school.id, DraftId(draft_id))
        if draft is None or draft.person != visit.person.id:
            raise Stale("draft-gone", say("service.draft_gone"), say("service.draft_gone_hint"))
        return draft

    async def keep_and_alert(
        self, visit: Visit, draft: Draft, now: dt.datetime, *, instead_of: Draft | None = None
    ) -> Draft:
        """Commit the draft, with the first alert and the safety net where the answers ask for them.

        ``instead_of`` is the draft it takes the place of.
        """
        seats = conversation.first_alert(draft, visit.school)
        if seats:
            draft = replace(draft, alerted=(*draft.alerted, *seats))
        change = self.keep(visit, draft, now)
        wakes = list(change.wakes)
        if conversation.wants_safety_net(draft) and draft.case is None:
            wakes.append(unfinished(visit.school.id, draft.id, now + UNFINISHED_AFTER))
        change = replace(change, sends=tuple(self._alerts(visit, draft, seats, now)), wakes=tuple(wakes))
        if instead_of is not None:
            change = replace(change, dropped_draft=instead_of.id, woken=self.timers(instead_of))
        await self.world.commit(change)
        return draft

    async def go_ahead_unfinished(self, wake: Wake) -> None:
        """Send a safety report that was left: as it is, marked unfinished. It can still be completed."""
        school = self.world.directory.schools[wake.school]
        draft = await self.world.store.draft(wake.school, wake.draft) if wake.draft else None
        done = Change(school=wake.school, woken=(wake.key,))
        if draft is None or draft.case is not None or not conversation.wants_safety_net(draft):
            await self.world.commit(done)
            return
        now = self.world.now()
        report = finish_unfinished(draft, now)
        step = self.world.step(school, draft.person)
        change = cases.open_case(report, case_id=CaseId(self.world.new_id()), step=step)
        case = change.case
        kept = replace(draft, case=case.id if case else None, version=draft.version + 1)
        await self.world.commit(replace(change, draft=kept, woken=(*change.woken, wake.key)))

    async def shred(self, wake: Wake) -> None:
        """Drop a draft that nobody touched for 30 days; one that was touched since waits from then on."""
        draft = await self.world.store.draft(wake.school, wake.draft) if wake.draft else None
        if draft is None:
            await self.world.commit(Change(school=wake.school, woken=(wake.key,)))
            return
        due = draft.touched_at + SHRED_AFTER
        if due > self.world.now():
            await self.world.commit(Change(school=wake.school, wakes=(replace(wake, due=due),)))
            return
        await self.world.commit(
            Change(school=wake.school, dropped_draft=draft.id, woken=(wake.key, *self.timers(draft)))
        )

    def keep(self, visit: Visit, draft: Draft, now: dt.datetime) -> Change:
        """Return the change that keeps a draft; the first one also plans its end."""
        shred = Wake(
            key=f"draft/{draft.id}/shred",
            school=visit.school.id,
            kind=WakeKind.SHRED_DRAFT,
            due=now + SHRED_AFTER,
            draft=draft.id,
        )
        return Change(
            school=visit.school.id,
            handled=visit.handled(now, draft=draft.id),
            draft=draft,
            wakes=(shred,) if draft.version == 1 else (),
        )

    def timers(self, draft: Draft) -> tuple[str, ...]:
        """Return the keys of the timers a draft has."""
        return (f"draft/{draft.id}/unfinished", f"draft/{draft.id}/shred")

    def _alerts(self, visit: Visit, draft: Draft, seats: tuple[Seat, ...], now: dt.datetime) -> list[Send]:
        head = visit.school.seats.get(Seat.HEADTEACHER, ())[:1]
        sends: list[Send] = []
        for seat in seats:
            # The Headteacher is not cleared yet: not through the on-call list either.
            without = head if Seat.HEADTEACHER not in draft.alerted else ()
            person = visit.school.available(seat, without=without, on=now.date())
            if person is None:
                continue
            sends.extend(
                Send(
                    key=f"{draft.id}/alert/{platform}:{person}",
                    school=visit.school.id,
                    message=Message.FIRST_ALERT,
                    way=Way.DIRECT,
                    platform=platform,
                    person=person,
                    draft=draft.id,
                    due=now,
                )
                for platform in outbox.reach(visit.school, person, self.world.platforms, everywhere=True)
            )
        return sends
