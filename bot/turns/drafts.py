"""Drafts as they are stored: every answer at once, with the first alert and the timers it asks for.

Beside them what the timers do when they fall due: a safety report that was left goes ahead as it is,
and a draft that nobody touched is shredded.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from msgspec.structs import replace

from bot.context import AppContext
from bot.turns.turn import Turn
from flows.case import lifecycle as cases
from flows.case.refusals import stale
from flows.delivery import outbox
from flows.delivery.sends import plan
from flows.errors import Stale
from flows.intake import conversation
from flows.intake.report import finish_unfinished
from flows.intake.ringing import against, rung
from flows.intake.settled import State
from flows.messages import lists, templates
from flows.model import CaseId, Change, Draft, DraftId, Message, Send, Timer, TimerKind, Urgency, Way
from flows.school import School, SchoolId, Seat
from flows.ui.cards import Button, Buttons, Card, Divider, Small, Style, Text
from flows.ui.forms import Form
from flows.ui.inbound import Receipt, Reply
from flows.ui.intents import Begin, Discard, GoTo
from flows.words import say

#: A report that says someone may not be safe goes ahead by itself after resting this long (policy §3).
UNFINISHED_AFTER = dt.timedelta(minutes=10)


def unfinished(school: SchoolId, draft: DraftId, due: dt.datetime) -> Timer:
    """Return the timer that sends a safety report as it is, if it is still unfinished by then."""
    key = f"{draft}/unfinished"
    return Timer(key=key, school=school, kind=TimerKind.UNFINISHED, due=due, draft=draft)


def _shredding(draft: Draft, touched: dt.datetime, school: School) -> Timer:
    return Timer(
        key=f"{draft.id}/shred",
        school=draft.school,
        kind=TimerKind.SHRED_DRAFT,
        due=touched + school.retention.draft,
        draft=draft.id,
    )


class Drafts:
    def __init__(self, context: AppContext) -> None:
        self.context = context

    async def mine(self, turn: Turn, draft_id: str) -> Draft:
        """Return this person's draft of that id. Raises Stale if it is gone or another's."""
        draft = await self.context.store.draft(turn.school.id, DraftId(draft_id))
        if draft is None or draft.person != turn.person.id:
            raise Stale("draft-gone", say("service.draft_gone"), say("service.draft_gone_hint"))
        return draft

    def view(
        self,
        turn: Turn,
        state: State,
        *,
        page: str | None = None,
        errors: Mapping[str, str] | None = None,
        typed: bool = False,
    ) -> Form:
        """Return the page that is open, next, or asked for; to somebody who types, one question of it."""
        return conversation.view(
            state,
            turn.school,
            self.context.policy_of(turn.school),
            surface=turn.surface,
            now=self.context.now(),
            page=page,
            errors=errors,
            typed=typed,
        )

    async def store_and_alert(
        self, turn: Turn, state: State, now: dt.datetime, *, instead_of: Draft | None = None
    ) -> State:
        """Commit the draft, with the first alert and the safety net where the answers ask for them.

        ``instead_of`` is the draft it takes the place of.
        """
        draft = state.draft
        seats = conversation.first_alert(state, turn.school)
        if seats:
            draft = replace(draft, alerted=(*draft.alerted, *seats))
        change = self.stored(turn, draft, now)
        timers = list(change.timers)
        if state.settled.unsafe and draft.case is None:
            timers.append(unfinished(turn.school.id, draft.id, now + UNFINISHED_AFTER))
        change = replace(
            change,
            new_sends=tuple(self._alerts(turn, replace(state, draft=draft), seats, now)),
            timers=tuple(timers),
        )
        if instead_of is not None:
            change = replace(change, dropped_draft=instead_of.id, cancelled_timers=self.timers(instead_of))
        done = await self.context.commit(change)
        return State(done.draft or draft, state.settled)

    async def go_ahead_unfinished(self, timer: Timer) -> None:
        """Send a safety report that was left: as it is, marked unfinished. It can still be completed."""
        school = self.context.directory.schools[timer.school]
        draft = await self.context.store.draft(timer.school, timer.draft) if timer.draft else None
        done = Change(school=timer.school, cancelled_timers=(timer.key,))
        if draft is None or draft.case is not None:
            await self.context.commit(done)
            return
        state = conversation.taken_up(draft)
        if not state.settled.unsafe:
            await self.context.commit(done)
            return
        await self.context.commit(self._ahead(state, school, self.context.now()))

    async def send_unfinished(self, turn: Turn, state: State, now: dt.datetime) -> Reply:
        """Send a safety report at once as far as it got: who is in danger cannot wait for the rest."""
        change = self._ahead(state, turn.school, now)
        done = await self.context.commit(replace(change, handled=turn.handled(now, draft=state.draft.id)))
        if done.case is None or done.draft is None:
            raise stale()
        receipt = templates.receipt(done.case, turn.school, now)
        blocks = (*receipt.blocks, Divider(), *lists.messages_for_start(done.draft))
        return Receipt(replace(receipt, blocks=blocks), sent=False)

    def _ahead(self, state: State, school: School, now: dt.datetime) -> Change:
        """Return the change that sends a report as far as it got. It can still be completed."""
        step = self.context.step(school, state.draft.person)
        case_id, code = CaseId(self.context.new_id()), self.context.new_code()
        change = cases.open_case(finish_unfinished(state, now), case_id=case_id, code=code, step=step)
        ahead = replace(state.draft, case=case_id)
        timer = f"{state.draft.id}/unfinished"
        return replace(change, draft=ahead, cancelled_timers=(*change.cancelled_timers, timer))

    async def shred(self, timer: Timer) -> None:
        """Drop a draft that nobody touched for so long; one that was touched since waits from then on."""
        draft = await self.context.store.draft(timer.school, timer.draft) if timer.draft else None
        if draft is None:
            await self.context.commit(Change(school=timer.school, cancelled_timers=(timer.key,)))
            return
        due = draft.touched_at + self.context.directory.schools[timer.school].retention.draft
        if due > self.context.now():
            await self.context.commit(Change(school=timer.school, timers=(replace(timer, due=due),)))
            return
        await self.context.commit(
            Change(
                school=timer.school, dropped_draft=draft.id, cancelled_timers=(timer.key, *self.timers(draft))
            )
        )

    def stored(self, turn: Turn, draft: Draft, now: dt.datetime) -> Change:
        """Return the change that stores a draft; the first one also plans its end."""
        return Change(
            school=turn.school.id,
            handled=turn.handled(now, draft=draft.id),
            draft=draft,
            timers=(_shredding(draft, now, turn.school),) if draft.version == 0 else (),
        )

    def timers(self, draft: Draft) -> tuple[str, ...]:
        """Return the keys of the timers a draft has."""
        return (f"{draft.id}/unfinished", f"{draft.id}/shred")

    def timers_of(self, draft: Draft) -> tuple[Timer, ...]:
        """Return the timers themselves, to be set anew; each asks again whether it still has a reason."""
        due = draft.touched_at + UNFINISHED_AFTER
        school = self.context.directory.schools[draft.school]
        return unfinished(draft.school, draft.id, due), _shredding(draft, draft.touched_at, school)

    def _alerts(self, turn: Turn, state: State, seats: tuple[Seat, ...], now: dt.datetime) -> list[Send]:
        if not seats:
            return []
        draft, standing = state.draft, state.settled.standing
        ring = rung(draft, standing, turn.school)
        out = against(draft, standing, turn.school)
        head = turn.school.seats.get(Seat.HEADTEACHER, ())[:1]
        sends: list[Send] = []
        for seat in seats:
            # The Headteacher is not cleared yet: not through the on-call list either.
            without = {*out, *(head if Seat.HEADTEACHER not in draft.alerted else ())}
            person = turn.school.available(seat, without=without, on=now.date())
            if person is None:
                continue
            sends.extend(
                plan(
                    Message.FIRST_ALERT,
                    Way.DIRECT,
                    school=turn.school.id,
                    platform=platform,
                    person=person,
                    draft=draft.id,
                    facts={"ring": " ".join(ring)},
                    urgency=Urgency.EMERGENCY,
                    due=now,
                )
                for platform in outbox.reach(turn.school, person, self.context.platforms, everywhere=True)
            )
        return sends


def really_discard(draft: Draft) -> Card:
    """Return the question whether a draft is to be thrown away."""
    gone = Discard(draft=draft.id, revision=draft.revision)
    away = Button(label=say("button.discard"), intent=gone, style=Style.DANGER)
    return _really(draft, say("service.really_discard"), away)


def really_anew(draft: Draft) -> Card:
    """Return the question whether a draft is to make way for a new one."""
    anew = Button(label=say("button.start_new"), intent=Begin(fresh=True), style=Style.DANGER)
    return _really(draft, say("list.fresh_confirm"), anew)


def _really(draft: Draft, question: str, other: Button) -> Card:
    keep = GoTo(draft=draft.id, revision=draft.revision, page="")
    going_on = Button(label=say("button.continue"), intent=keep, style=Style.PRIMARY)
    blocks = (Text(question), Small(say("service.yes_or_no")), Buttons((going_on, other)))
    return Card(kind="really_discard", summary=say("summary.home"), blocks=blocks)
