"""Seats and absences in chat: an administrator asks, a second person agrees, and from then on it is so.

Nothing of a case is said here to anybody. Asked or answered twice is asked or answered once: a change is
known by the delivery that asked for it, and keeps its first answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from bot.context import AppContext
from bot.rosters import as_now, line_of, question_drawn_again, seats_of, store, tell
from bot.school_file.validate import seats_wrong
from bot.turns.casework import Casework
from bot.turns.handover import hand_over_of, keep_waiting
from bot.turns.linking import Linking
from bot.turns.turn import Turn
from flows import roster as rosters
from flows.calendar import local
from flows.errors import InvalidAnswer
from flows.intake.said import seats as said
from flows.messages import roster as messages
from flows.messages.roster import Seats
from flows.model import AuditKind, Roster, RosterChange
from flows.roster import Standing, concerned, found, refused, with_roster
from flows.school import LOOKS_ON, Away, PersonId, School, Seat
from flows.ui.forms import Value
from flows.ui.inbound import Receipt, Refuse, Reply, Show
from flows.ui.intents import AskFor, ChatCommand, Settle


class Rosters:
    def __init__(self, context: AppContext, casework: Casework) -> None:
        self.context = context
        self.casework = casework
        self.links = Linking(context)

    async def show(self, turn: Turn, command: ChatCommand, argument: str) -> Reply:
        """Return who holds which seat, or do what somebody typed behind the command."""
        if command is ChatCommand.LINK:
            return await self.links.offer(turn)
        seats = await seats_of(self.context, turn.school)
        if not (turn.person.id in turn.school.administrators or turn.school.seats_of(turn.person.id)):
            raise refused("not_administrator")
        if not argument:
            return Show(messages.overview(seats, turn.person.id))
        if (numbered := said.numbered(argument)) is not None:
            return await self._numbered(turn, seats, *numbered)
        self._administers(turn)
        if command is ChatCommand.AWAY:
            return await self._ask_away(turn, said.away(argument, turn.school))
        return await self._ask_seat(turn, *said.seat(argument, turn.school))

    async def pressed(self, turn: Turn, intent: AskFor) -> Reply:
        """Show the form, or ask for a change to be taken back."""
        if intent.what is ChatCommand.LINK:
            return await self.links.undo(turn, intent.which)
        self._administers(turn)
        if not intent.undo:
            return Show(messages.form(intent.what, turn.school, intent.which))
        seats = await seats_of(self.context, turn.school)
        return await self._undo(turn, found(seats.roster, intent.which))

    async def filled(self, turn: Turn, intent: AskFor, values: Mapping[str, Value]) -> Reply:
        """Take the form; what is wrong with it brings it back filled in."""
        self._administers(turn)
        try:
            if intent.what is ChatCommand.AWAY:
                return await self._ask_away(turn, said.away_in(values, turn.school))
            return await self._ask_seat(turn, *said.seat_in(values, turn.school))
        except InvalidAnswer as error:
            form = messages.form(intent.what, turn.school, intent.which, values=values, errors=error.errors)
            return Refuse(error.message, error.hint, error.field, form, error.reference)

    async def settle(self, turn: Turn, intent: Settle) -> Reply:
        """Take an answer: where it is agreed to, it counts from now on, and open cases go over."""
        seats = await seats_of(self.context, turn.school)
        change = found(seats.roster, intent.change)
        if change is None:
            raise refused("no_such")
        if change.agreed is not None and change.answered_by == turn.person.id:
            return Show(messages.change_card(change, seats, turn.person.id))  # the same press once more
        return await self._answer(turn, seats, change, agreed=intent.agreed)

    # -- asking --------------------------------------------------------------------------------------

    async def _ask_seat(self, turn: Turn, seat: Seat, people: tuple[PersonId, ...]) -> Reply:
        before = turn.school.seats.get(seat, ())
        if people == before:
            raise refused("same")
        filed = self.context.directory.filed[turn.school.id].seats.get(seat, ())
        return await self._ask(turn, self._change(turn, seat=seat, people=people, before=before, filed=filed))

    async def _ask_away(self, turn: Turn, away: Away) -> Reply:
        if away.last < away.first or away.last < local(self.context.now(), turn.school.time).date():
            raise refused("days")
        if away in turn.school.away:
            raise refused("same")
        return await self._ask(turn, self._change(turn, away=away))

    async def _undo(self, turn: Turn, change: RosterChange | None) -> Reply:
        if change is None or not change.agreed or change.undoes or change.linked:
            raise refused("no_such")
        return await self._ask(turn, self._change(turn, undoes=change.id))

    def _change(self, turn: Turn, **what: object) -> RosterChange:
        """Return what is asked for, known by the delivery that asks."""
        name = hashlib.sha256(f"{turn.school.id} {turn.key}".encode()).hexdigest()[:16]
        return RosterChange(id=name, by=turn.person.id, at=self.context.now(), **what)  # type: ignore[arg-type]

    async def _ask(self, turn: Turn, change: RosterChange) -> Reply:
        """Remember it and ask those who may agree; what does not go together is refused at once."""
        seats = await seats_of(self.context, turn.school)
        known = found(seats.roster, change.id)
        if known is not None:
            return Show(messages.change_card(known, seats, turn.person.id))
        roster = rosters.asked(seats.roster, change)
        self._fits(turn.school, roster, change)
        after = self._as_now(turn.school, roster)
        who = after.may_answer(change)
        if not who:
            raise refused("nobody_to_ask")
        sends = tell(self.context, turn.school, change, "asked", who)
        await store(self.context, roster, line_of(change, turn.person.id, AuditKind.ROSTER_ASKED), sends)
        return Receipt(messages.change_card(change, after, turn.person.id), sent=False)

    def _fits(self, school: School, roster: Roster, change: RosterChange) -> None:
        """Refuse what is not set in chat, or would leave a case without anybody to lead it."""
        if change.seat in LOOKS_ON:
            raise refused("file_only")
        filed, now = self.context.directory.filed[school.id], self.context.now()
        agreed = rosters.as_agreed(roster, change, now)
        after, _ = with_roster(filed, agreed, now, lambda _: True)
        if wrong := seats_wrong(after):
            raise refused("does_not_fit", what=" ".join(wrong))

    # -- answering -----------------------------------------------------------------------------------

    async def _answer(self, turn: Turn, seats: Seats, change: RosterChange, *, agreed: bool) -> Reply:
        school, now = turn.school, self.context.now()
        roster = rosters.answered(seats.roster, change, school, agreed=agreed, by=turn.person.id, now=now)
        after = self._as_now(school, roster)
        done = found(roster, change.id) or change
        if agreed:
            self._fits(school, seats.roster, change)
            newly = _newly(school, after.school)
            await keep_waiting(self.context, self.casework, school, newly, by=(change.by, turn.person.id))
        people = {change.by, *concerned(change, roster, school), *_confirming(school)} - {turn.person.id}
        sends = (
            *tell(self.context, school, done, "answered", people),
            *await question_drawn_again(self.context, school, change),
        )
        kind = AuditKind.ROSTER_AGREED if agreed else AuditKind.ROSTER_REFUSED
        await store(self.context, roster, line_of(done, turn.person.id, kind), sends)
        if agreed:
            self.context.directory.seat(roster, now)
            await hand_over_of(self.context, self.casework, self.context.directory.schools[school.id])
        return Receipt(messages.change_card(done, after, turn.person.id), sent=False)

    async def _numbered(self, turn: Turn, seats: Seats, verb: str, number: int) -> Reply:
        listed = seats.listed()
        if not 0 < number <= len(listed):
            raise refused("no_such")
        change = listed[number - 1]
        if verb == "undo" and change.linked is not None:
            return await self.links.undo(turn, change.id)
        if verb == "undo" and seats.standing[change.id] is Standing.HOLDS:
            self._administers(turn)
            return await self._undo(turn, change)
        return await self._answer(turn, seats, change, agreed=verb == "agree")

    # -- the rest ------------------------------------------------------------------------------------

    def _as_now(self, school: School, roster: Roster) -> Seats:
        return as_now(self.context, school, roster)

    def _administers(self, turn: Turn) -> None:
        if turn.person.id not in turn.school.administrators:
            raise refused("not_administrator")


def _newly(before: School, after: School) -> frozenset[PersonId]:
    """Return who is put into a seat."""
    pairs = ((seat, set(people) - set(before.seats.get(seat, ()))) for seat, people in after.seats.items())
    return frozenset(person for _, people in pairs for person in people)


def _confirming(school: School) -> frozenset[PersonId]:
    """Return the Headteacher and the Chair: each hears of what the other agreed to."""
    return frozenset(school.seats.get(seat, ())[0] for seat in (Seat.HEADTEACHER, Seat.CHAIR))
