"""A rehearsal from its beginning until nothing is left of it: all of it stored, so that a restart goes on.

A school has one at a time. What came of it is read from its own messages and presses; of cases it knows
nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from msgspec.structs import replace

from bot.context import AppContext
from flows.delivery import rehearsal as rehearsals
from flows.delivery.outbox import reach
from flows.delivery.rehearsal import TAKES_AWAY, Standing, administrators
from flows.delivery.sends import plan
from flows.errors import NotAllowed
from flows.messages.rehearsal import asked as messages
from flows.messages.rehearsal.standing import BEGIN, END, card
from flows.model import Audit, AuditKind, Change, Message, Rehearsal, Send, Timer, TimerKind, Way
from flows.school import PersonId, Platform, School, SchoolId
from flows.ui.inbound import Reply, Show
from flows.words import say

#: So long it rests between two looks whether all has been taken away.
_LOOKS = dt.timedelta(minutes=2)
_By = tuple[PersonId, Platform] | None
_OF_IT = (Message.REHEARSAL, Message.REHEARSAL_PLACE, Message.REHEARSAL_OVER, Message.REHEARSED)


async def standing(context: AppContext, school: SchoolId) -> Standing | None:
    """Return how a school's rehearsal stands; None = it has none."""
    rehearsal = await context.store.rehearsal(school)
    if rehearsal is None:
        return None
    asked = dict.fromkeys(one.platform for one in rehearsal.asked)
    down = (one for one in asked if (one, context.directory.workspace(school, one)) in context.states.down())
    found = rehearsals.came_of(rehearsal, await _found(context, rehearsal))
    return replace(found, down=tuple(down))


async def standing_of(context: AppContext, send: Send) -> Standing | None:
    """Return how the rehearsal of a message stands; None = it is of none, or of one that is gone."""
    found = await standing(context, send.school) if send.message in _OF_IT else None
    return found if found is not None and found.rehearsal.id == send.facts["rehearsal"] else None


async def over(context: AppContext, send: Send) -> bool:
    """Return whether a message is of a rehearsal that is over, so that it goes no more."""
    if send.message not in (Message.REHEARSAL, Message.REHEARSAL_PLACE):
        return False
    rehearsal = await context.store.rehearsal(send.school)
    return rehearsal is None or rehearsal.id != send.facts["rehearsal"] or rehearsal.ended_at is not None


async def _found(context: AppContext, rehearsal: Rehearsal) -> Mapping[str, Send]:
    return await context.store.sends(rehearsal.school, rehearsals.keys(rehearsal))


class Rehearsals:
    def __init__(self, context: AppContext) -> None:
        self.context = context

    async def asked(self, school: School, person: PersonId, platform: Platform, argument: str) -> Reply:
        """Do what somebody asks: press, begin, end; or show how it stands."""
        verb, rest = _parted(argument)
        if verb == messages.GOT:
            taken = await self.press(school.id, *rest, by=(person, platform))
            return Show(messages.thanks() if taken else messages.over())  # nothing is left of it to take away
        if person not in administrators(school):
            raise NotAllowed("no-rehearsal", say("rehearsal.not_yours"), say("rehearsal.not_yours_hint"))
        if verb == BEGIN:
            await self.begin(school, person)
        if verb == END:
            await self.end(school.id, person)
        return Show(card(await standing(self.context, school.id), school))

    async def begin(self, school: School, by: PersonId | None) -> None:
        """Begin one, unless there is one."""
        now = self.context.now()
        if await self.context.store.rehearsal(school.id) is not None:
            return
        new = rehearsals.begun(school, self.context.platforms, called=self.context.new_id(), by=by, at=now)
        await self.context.commit(
            Change(
                school=school.id,
                rehearsal=new,
                new_sends=rehearsals.beginning(new),
                timers=(_timer(new, new.until),),
                audit=(_line(new, "begun", by, now),),
            )
        )

    async def press(self, school: SchoolId, of: str, number: int, by: _By = None) -> bool:
        """Take a press, once; False = that rehearsal is over, or there is no such.

        ``by`` = who pressed and where: for somebody else's message it counts for nobody (NotAllowed). None =
        whoever the message was sent to, by the link in it.
        """
        rehearsal, now = await self.context.store.rehearsal(school), self.context.now()
        if rehearsal is None or rehearsal.id != of or rehearsal.ended_at is not None:
            return False
        asked = rehearsal.asked[number] if 0 <= number < len(rehearsal.asked) else None
        if asked is None or by not in (None, (asked.person, asked.platform)):
            raise NotAllowed(
                "rehearsal-elsewhere", say("rehearsal.elsewhere"), say("rehearsal.elsewhere_hint")
            )
        if asked.pressed_at is None:
            pressed = list(rehearsal.asked)
            pressed[number] = replace(asked, pressed_at=now)
            rehearsal = replace(rehearsal, asked=tuple(pressed))
            await self.context.commit(
                Change(
                    school=school,
                    rehearsal=rehearsal,
                    new_sends=rehearsals.drawn_again(rehearsal, number, now),
                    audit=(_line(rehearsal, "pressed", asked.person, now, platform=asked.platform),),
                )
            )
        return True

    async def end(self, school: SchoolId, by: PersonId | None) -> None:
        """End it, and begin to take away all that it sent."""
        rehearsal, now = await self.context.store.rehearsal(school), self.context.now()
        if rehearsal is None or rehearsal.ended_at is not None:
            return
        await self.context.commit(
            Change(
                school=school,
                rehearsal=replace(rehearsal, ended_at=now),
                new_sends=rehearsals.taking_away(rehearsal, now),
                timers=(_timer(rehearsal, now + _LOOKS),),
                audit=(_line(rehearsal, "ended", by, now),),
            )
        )

    async def due(self, timer: Timer) -> None:
        """Go on: end it when its time is up; say what came of it once it is taken away; then forget it."""
        rehearsal, now = await self.context.store.rehearsal(timer.school), self.context.now()
        if rehearsal is None:
            await self.context.commit(Change(school=timer.school, cancelled_timers=(timer.key,)))
        elif rehearsal.ended_at is None:
            await self.end(timer.school, None)
        else:
            await self._take_away(rehearsal, rehearsal.ended_at, now)

    async def _take_away(self, rehearsal: Rehearsal, ended_at: dt.datetime, now: dt.datetime) -> None:
        found = await _found(self.context, rehearsal)
        which = rehearsals.keys(rehearsal) if rehearsal.told_at is None else rehearsal.told
        if rehearsals.under_way(found, which) and now - (rehearsal.told_at or ended_at) < TAKES_AWAY:
            change = Change(school=rehearsal.school, timers=(_timer(rehearsal, now + _LOOKS),))
        elif rehearsal.told_at is None:
            sends = self._telling(rehearsal, now)
            told = replace(rehearsal, told_at=now, told=tuple(send.key for send in sends))
            timers = (_timer(rehearsal, now + _LOOKS),)
            change = Change(school=rehearsal.school, rehearsal=told, new_sends=sends, timers=timers)
        else:
            change = Change(
                school=rehearsal.school,
                rehearsal_over=True,
                dropped_sends=rehearsals.keys(rehearsal),
                cancelled_timers=(_timer(rehearsal, now).key,),
            )
        await self.context.commit(change)

    def _telling(self, rehearsal: Rehearsal, now: dt.datetime) -> tuple[Send, ...]:
        """Return what tells whoever administers the bot what came of it."""
        school = self.context.directory.schools[rehearsal.school]
        return tuple(
            plan(
                Message.REHEARSED,
                Way.DIRECT,
                school=school.id,
                platform=platform,
                person=person,
                facts={"rehearsal": rehearsal.id},
                due=now,
            )
            for person in administrators(school)
            for platform in reach(school, person, self.context.platforms)
        )


def _timer(rehearsal: Rehearsal, due: dt.datetime) -> Timer:
    key = f"rehearsal/{rehearsal.school}"
    return Timer(key=key, school=rehearsal.school, kind=TimerKind.REHEARSAL, due=due)


def _line(rehearsal: Rehearsal, what: str, by: PersonId | None, now: dt.datetime, **more: str) -> Audit:
    """Return what the audit is told, which stays when all else is gone."""
    facts = {"rehearsal": rehearsal.id, "what": what, **more}
    return Audit(school=rehearsal.school, at=now, kind=AuditKind.REHEARSED, by=by, facts=facts)


def _parted(argument: str) -> tuple[str, tuple[str, int]]:
    """Return what is asked for, and of what; the words before it say which school it is about."""
    words = argument.split()
    verbs = (messages.GOT, BEGIN, END)
    at = next((n for n, word in enumerate(words) if word.lower() in verbs), len(words))
    verb, *rest = *words[at:], ""
    of, number = (*rest, "", "")[:2]
    return verb.lower(), (of, int(number) if number.isdecimal() else -1)
