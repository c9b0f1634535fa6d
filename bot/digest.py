"""The weekly digest: planned as a timer, sent exactly once per school and ISO week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from bot.context import AppContext
from flows.calendar import iso_week, local, next_digest, weeks_of_term
from flows.case import access
from flows.delivery.sends import edit, plan
from flows.messages.digest import week_before
from flows.model import (
    Capability,
    Case,
    CaseId,
    CaseSummary,
    Change,
    EventKind,
    Message,
    Place,
    Send,
    SendState,
    Status,
    Timer,
    TimerKind,
    Way,
)
from flows.school import PersonId, Platform, School


def _key(school: School) -> str:
    return f"digest/{school.id}"


class Digest:
    def __init__(self, context: AppContext) -> None:
        self.context = context

    def _backup(self, school: School) -> dict[str, str]:
        """Return when the store was backed up last; nothing where somebody else sees to that."""
        last = getattr(self.context.store, "backed_up", None)
        if last is None:
            return {}
        at = last()
        return {"backup": local(at, school.time).date().isoformat() if at is not None else "never"}

    async def plan(self) -> None:
        """Set each school's next digest. One that fell due while nobody ran goes out now.

        Whether there is one hangs on the clock alone: who reads it may not know of every case.
        """
        now = self.context.now()
        for school in self.context.directory.schools.values():
            there = await self.context.timer(school, _key(school))
            missed = there is not None and there.due <= now
            due = _latest(school, now) if missed else next_digest(school, now)
            if there is None or there.due != due:
                await self.context.store.commit(Change(school=school.id, timers=(self._timer(school, due),)))

    def _timer(self, school: School, due: dt.datetime) -> Timer:
        return Timer(key=_key(school), school=school.id, kind=TimerKind.DIGEST, due=due)

    async def due(self, timer: Timer) -> None:
        """Send the digest of the week that fell due, and set the next one. The key makes it once."""
        school = self.context.directory.schools[timer.school]
        now = self.context.now()
        week = iso_week(timer.due, school)
        seal = await self.context.store.audit_head(school.id, local(now, school.time).date())
        more = self._backup(school)
        sends = tuple(
            _send(school, week, platform, now, of=timer.due, more={**more, "seal": seal} if seal else more)
            for platform in self.context.platforms
            if self.context.digest and school.leadership.get(platform)
        )
        sends += tuple(
            _send(school, week, Platform.EMAIL, now, of=timer.due, reader=person, more=more)
            for person in school.digest.by_email
            if self.context.digest and Platform.EMAIL in self.context.platforms
        )
        following = self._timer(school, next_digest(school, max(now, timer.due)))
        await self.context.commit(Change(school=school.id, new_sends=sends, timers=(following,)))


async def rows_for(context: AppContext, school: School, due: dt.datetime) -> list[CaseSummary]:
    """Return what a digest is made of: open, ended that week, removed soon, and this term's others."""
    weeks = weeks_of_term(due, school)
    since = week_before(weeks[-1] if weeks else due)
    store, ever = context.store, dt.datetime.max.replace(tzinfo=dt.UTC)
    rows = await store.cases(school.id, since=week_before(due))
    term = await store.cases_opened(school.id, since + dt.datetime.resolution, ever)
    known = {row.id for row in rows}
    more = {row.id: row for row in (*term, *await store.cases_going(school.id)) if row.id not in known}
    return [*rows, *sorted(more.values(), key=lambda row: (row.opened_at, row.id), reverse=True)]


async def reminded(context: AppContext, rows: Iterable[CaseSummary]) -> frozenset[CaseId]:
    """Return those of the open cases kept apart whose lead has been told once more that they wait."""
    found = []
    for row in rows:
        if row.restricted and row.status is not Status.CLOSED:
            events = await context.store.events(row.school, row.id)
            told = (EventKind.REMINDED, EventKind.ESCALATED)
            found += [row.id] if any(event.kind in told for event in events) else []
    return frozenset(found)


async def without_case(context: AppContext, school: School, before: Case, change: Change) -> tuple[Send, ...]:
    """Return edits of the digests that stand where a case must not be read of any more.

    It has left the channel, or somebody who has the digest by e-mail is kept out of it now. Who must not know
    of it any more reads there; a digest is then written again, without it. The edit is the case's: if it
    fails, as of an e-mail it must, the case says so.
    """
    now, readers = context.now(), _read_by(context, school, before, change)
    weeks = (now - before.opened_at) // dt.timedelta(weeks=1) + 2
    edits = []
    for n in range(weeks if readers else 0):
        week = iso_week(before.opened_at + dt.timedelta(weeks=n), school)
        for platform, reader in readers:
            sent = await context.store.send(school.id, _send(school, week, platform, now, reader=reader).key)
            if sent is not None and sent.state in (SendState.SENT, SendState.ATTEMPTED):
                edits.append(replace(edit(sent, now, why=f"without.{before.id}"), case=before.id))
    return tuple(edits)


def _read_by(
    context: AppContext, school: School, before: Case, change: Change
) -> list[tuple[Platform, PersonId | None]]:
    """Return whose digests must be without the case now: a channel's (None), or one person's own."""
    after = change.case
    if after is None:
        return []
    left = after.restricted and not before.restricted
    channels = [(platform, None) for platform in context.platforms] if left else []
    out = after.recused.keys() - before.recused.keys()
    people = [
        (Platform.EMAIL, person)
        for person in school.digest.by_email
        if (person in out or (left and not access.may(after, person, school, Capability.KNOW)))
        and access.may(before, person, school, Capability.KNOW)
    ]
    return [*channels, *people]


def _latest(school: School, now: dt.datetime) -> dt.datetime:
    """Return the last digest moment that has passed; a coming one if none did in the week before.

    Holidays shift the day, so that a week may hold two of them: the later one counts.
    """
    moment = next_digest(school, week_before(now))
    while (following := next_digest(school, moment)) <= now:
        moment = following
    return moment


def _send(
    school: School,
    week: str,
    platform: Platform,
    due: dt.datetime,
    *,
    of: dt.datetime | None = None,
    reader: PersonId | None = None,
    more: Mapping[str, str] | None = None,
) -> Send:
    """Return the digest of a week; ``of`` is when it fell due, which it says where it goes out late.

    ``reader`` = one person's own, by e-mail. ``more`` = of the store: its last backup and, in a channel's
    alone, how far the audit was: what one person has is the same with a case that is kept from them and
    without it.
    """
    return plan(
        Message.DIGEST,
        Way.ROOT if reader is None else Way.DIRECT,
        school=school.id,
        platform=platform,
        place=Place.LEADERSHIP if reader is None else None,
        person=reader,
        facts={
            "week": week,
            **({"of": of.isoformat()} if of else {}),
            **({"reader": f":{reader}"} if reader else {}),
            **(more or {}),
        },
        due=due,
    )
