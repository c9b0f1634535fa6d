"""Two accounts of one person: a code shown where somebody is known, typed once where their other account is.

Who may read cases, or looks after seats, is taken for the same person only once an administrator has agreed:
a code can be talked out of somebody. Everybody else at once; both are told, and either takes it back alone.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import OrderedDict

from bot.context import AppContext
from bot.rosters import as_now, line_of, seats_of, store, tell
from bot.turns.turn import Turn
from flows import roster as rosters
from flows.messages import roster as messages
from flows.model import AuditKind, LinkCode, Linked, Roster, RosterChange
from flows.roster import found, refused
from flows.school import PersonId, School
from flows.ui.cards import Card, Text
from flows.ui.inbound import Actor, Receipt, Reply, Show
from flows.words import say

#: How long a code counts, and how many wrong ones an account may type in an hour.
COUNTS_FOR, WRONG = dt.timedelta(minutes=10), 5
_HOUR = dt.timedelta(hours=1)
#: So many accounts at most are remembered as having typed a wrong one.
_MOST = 1000


class Linking:
    def __init__(self, context: AppContext) -> None:
        self.context = context
        self._wrong: OrderedDict[Actor, list[dt.datetime]] = OrderedDict()

    async def offer(self, turn: Turn) -> Reply:
        """Show a new code to the one who asks; an earlier one of theirs counts no more."""
        if turn.identity.guest:
            raise refused("no_code")
        letters = f"{self.context.new_code()}-{self.context.new_code()}"
        now, school, person = self.context.now(), turn.school, turn.person
        new = LinkCode(
            mark=rosters.code(school, letters),
            person=person.id,
            name=person.name,
            home=turn.platform,
            home_account=person.accounts.get(turn.platform, ""),
            until=now + COUNTS_FOR,
        )
        roster = await self.context.store.roster(school.id) or Roster(school=school.id)
        line = (AuditKind.LINK_OFFERED, person.id, {"platform": turn.platform.value})
        await store(self.context, rosters.offered(roster, new, now), line)
        return Show(messages.code_card(letters, new.until, school, turn.platform))

    async def redeem(self, actor: Actor, key: str, letters: str) -> Reply:
        """Take a code that was typed with an account, known or not. Raises NotAllowed."""
        self._try(actor)
        for school in self.context.directory.schools.values():
            workspace = school.workspaces.get(actor.platform, "")
            if actor.guest or (workspace and workspace != actor.workspace):
                continue
            reply = await self._redeem(actor, key, letters, school)
            if reply is not None:
                self._wrong.pop(actor, None)
                return reply
        self._wrong[actor] = [*self._wrong.get(actor, []), self.context.now()]
        if len(self._wrong) > _MOST:
            self._wrong.popitem(last=False)
        raise refused("no_code")

    def _try(self, actor: Actor) -> None:
        """Refuse an account that was wrong too often."""
        since = self.context.now() - _HOUR
        recent = [at for at in self._wrong.get(actor, []) if at > since]
        if len(recent) >= WRONG:
            raise refused("too_many")

    async def _redeem(self, actor: Actor, key: str, letters: str, school: School) -> Reply | None:
        now = self.context.now()
        roster = await self.context.store.roster(school.id) or Roster(school=school.id)
        name = hashlib.sha256(f"{school.id} {actor.platform} {actor.account} {key}".encode()).hexdigest()[:16]
        if (known := found(roster, name)) is not None:
            return self._said(school, roster, known)
        taken = rosters.redeemed(roster, rosters.code(school, letters), now)
        if taken is None:
            return None
        roster, code = taken
        linked = await self._linked(actor, code, school)
        change = RosterChange(id=name, by=code.person, at=now, linked=linked)
        roster = rosters.asked(roster, change)
        if not rosters.needs_agreement(linked, school):
            change, roster = _agreed(change, roster, now)
        after = as_now(self.context, school, roster)
        who = {code.person, *(after.may_answer(change) if change.agreed is None else ())}
        if change.agreed is None and who == {code.person}:
            raise refused("nobody_to_ask")
        state = "asked" if change.agreed is None else "answered"
        sends = tell(self.context, after.school, change, state, who)
        kind = AuditKind.ROSTER_ASKED if change.agreed is None else AuditKind.ROSTER_AGREED
        await store(self.context, roster, line_of(change, code.person, kind), sends)
        self.context.directory.seat(roster, now)
        return self._said(school, roster, change)

    def _said(self, school: School, roster: Roster, change: RosterChange) -> Reply:
        seats = as_now(self.context, school, roster)
        card = messages.change_card(change, seats, change.by)
        if change.agreed:
            card = Card(kind=card.kind, summary=card.summary, blocks=(Text(say("roster.code.done")),))
        return Receipt(card, sent=False)

    async def _linked(self, actor: Actor, code: LinkCode, school: School) -> Linked:
        """Return what is to be one person's. Raises NotAllowed where the account is somebody else's."""
        if actor.platform is code.home:
            raise refused("same_platform")
        linked = Linked(
            person=code.person,
            name=code.name,
            platform=actor.platform,
            account=actor.account,
            home=code.home,
            home_account=code.home_account,
        )
        identity = self.context.directory.resolve(actor)
        there = identity.people.get(school.id) if identity is not None else None
        if there is not None and ":" in there.id:
            await self._has_nothing(school, there.id)
        elif there is not None:
            raise refused("taken")
        known = school.people.get(code.person)
        if known is not None and known.accounts.get(actor.platform):
            raise refused("taken")
        return linked

    async def _has_nothing(self, school: School, person: PersonId) -> None:
        """Refuse an account with reports, or one begun, of its own: nobody could see them any more."""
        stored = self.context.store
        if await stored.draft_of(school.id, person) or await stored.cases_reported_by(school.id, person):
            raise refused("has_reports")

    async def undo(self, turn: Turn, change_id: str) -> Reply:
        """Take a link back: whoever it is about, or an administrator, alone and at once."""
        seats = await seats_of(self.context, turn.school)
        change = found(seats.roster, change_id)
        if change is None or change.linked is None or not change.agreed:
            raise refused("no_such")
        if turn.person.id not in (change.linked.person, *turn.school.administrators):
            raise refused("not_yours")
        now = self.context.now()
        name = hashlib.sha256(f"{turn.school.id} {turn.key}".encode()).hexdigest()[:16]
        undone = RosterChange(id=name, by=turn.person.id, at=now, undoes=change.id)
        undone, roster = _agreed(undone, rosters.asked(seats.roster, undone), now)
        await store(self.context, roster, line_of(undone, turn.person.id, AuditKind.ROSTER_AGREED))
        self.context.directory.seat(roster, now)
        after = as_now(self.context, turn.school, roster)
        return Receipt(messages.change_card(change, after, turn.person.id), sent=False)


def _agreed(change: RosterChange, roster: Roster, now: dt.datetime) -> tuple[RosterChange, Roster]:
    """Return a change that needs nobody else, as answered by who asked."""
    return (done := rosters.agreed_alone(change, now)), rosters.replaced(roster, done)
