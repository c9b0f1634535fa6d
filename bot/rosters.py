"""What was changed in chat, read from the store, told to people and put on the audit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.context import AppContext
from bot.directory import fits
from flows.delivery.outbox import reach
from flows.delivery.sends import edit, plan
from flows.messages import roster as messages
from flows.messages.roster import Seats
from flows.model import Audit, AuditKind, Change, Message, Roster, RosterChange, Send, Way
from flows.roster import Standing, with_roster
from flows.school import PersonId, School, SchoolId
from flows.words import say

#: What the audit is told: what was done, by whom, and the ids of it.
Line = tuple[AuditKind, PersonId, dict[str, str]]


async def take_rosters(context: AppContext) -> list[str]:
    """Take what was changed in chat before we began; return in words where a school's file holds instead."""
    lines = []
    store, filed = context.store, context.directory.filed
    there = await store.rosters() if store.shared else filed  # few have one, and a database knows which
    for school in (filed[one] for one in there if one in filed):
        roster = await store.roster(school.id)
        if roster is not None:
            context.directory.seat(roster, context.now())
            seats = as_now(context, school, roster)
            over = [c for c in roster.changes if seats.standing[c.id] is Standing.OVERTAKEN]
            lines += [
                f"{school.prefix}: {messages.line(c, seats)} – {say('roster.file_holds')}" for c in over
            ]
    return lines


async def catch_up(context: AppContext) -> None:
    """Take what another process has changed since: nobody is answered by the list before."""
    if not context.store.shared:
        return
    for school, version in (await context.store.rosters()).items():
        if school in context.directory.filed and context.seated.get(school) != version:
            roster = await context.store.roster(school)
            if roster is not None:
                context.directory.seat(roster, context.now())
                context.seated[school] = roster.version


async def seats_of(context: AppContext, school: School) -> Seats:
    """Return who holds which seat now, and what was asked for in chat."""
    stored = await context.store.roster(school.id)
    return as_now(context, school, stored or Roster(school=school.id))


def as_now(context: AppContext, school: School, roster: Roster) -> Seats:
    """Return who holds which seat with this roster."""
    filed, now = context.directory.filed[school.id], context.now()
    after, standing = with_roster(filed, roster, now, fits)
    return Seats(school=after, roster=roster, standing=standing, now=now)


def tell(
    context: AppContext, school: School, change: RosterChange, state: str, people: Iterable[PersonId]
) -> tuple[Send, ...]:
    """Return what tells these people of a change, each where they are reached."""
    return tuple(
        plan(
            Message.ROSTER,
            Way.DIRECT,
            school=school.id,
            platform=way,
            person=person,
            facts={"change": change.id, "state": state},
            due=context.now(),
        )
        for person in sorted(people)
        for way in reach(school, person, context.platforms)
    )


async def question_drawn_again(context: AppContext, school: School, change: RosterChange) -> list[Send]:
    """Return the edits of what asked for an answer: its buttons go."""
    edits = []
    for asked in tell(context, school, change, "asked", school.people):
        sent = await context.store.send(school.id, asked.key)
        edits += [edit(sent, context.now())] if sent is not None else []
    return edits


def line_of(change: RosterChange, by: PersonId, kind: AuditKind) -> Line:
    """Return what the audit says of a change: who, and what it is, in ids."""
    facts = {"change": change.id, "seat": change.seat or "", "people": " ".join(change.people)}
    if change.away is not None:
        facts |= {"away": change.away.person, "days": f"{change.away.first} {change.away.last}"}
    if change.linked is not None:
        linked = change.linked
        facts |= {"linked": linked.person, "account": f"{linked.platform} {linked.account}"}
    return kind, by, {**facts, **({"undoes": change.undoes} if change.undoes else {})}


async def store(
    context: AppContext,
    roster: Roster,
    line: Line,
    sends: Sequence[Send] = (),
) -> None:
    """Store a roster with its line of the audit and what tells people, in one."""
    kind, by, facts = line
    audit = Audit(school=roster.school, at=context.now(), kind=kind, by=by, facts=facts)
    await context.commit(Change(school=roster.school, roster=roster, audit=(audit,), new_sends=tuple(sends)))


class Unanswered:
    """Nobody answered: whoever asked for a change hears that it lapsed, once."""

    def __init__(self, context: AppContext) -> None:
        self.context = context
        self._told: set[tuple[SchoolId, str]] = set()

    async def look(self) -> None:
        """Tell of what has lapsed, once each. The key of what is sent makes it once for good."""
        for school in self.context.directory.schools.values():
            seats = await seats_of(self.context, school)
            for change in seats.roster.changes:
                lapsed = change.agreed is None and seats.standing[change.id] is Standing.LAPSED
                if lapsed and (school.id, change.id) not in self._told:
                    await self._tell(school, change)
                    self._told.add((school.id, change.id))

    async def _tell(self, school: School, change: RosterChange) -> None:
        news = tell(self.context, school, change, "lapsed", [change.by])
        if await self.context.store.sends(school.id, [one.key for one in news]):
            return  # told before the program was started again
        edits = await question_drawn_again(self.context, school, change)
        await self.context.commit(Change(school=school.id, new_sends=(*news, *edits)))
