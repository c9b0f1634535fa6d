"""What must be so all along, whatever goes wrong. Each returns nothing, or says what is not so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from msgspec import Struct

from bot.reached import reached_in
from flows.delivery.follows import LATE
from flows.delivery.outbox import recipients
from flows.delivery.told import Reach
from flows.model import Case, CaseId, EventKind, Message, Send, SendState, Status, Urgency, Way
from flows.school import PersonId
from flows.ui.intents import ChatCommand
from tests.simulation.field import NOTICED, Fault, Field, Seen, Spell, Standing
from tests.simulation.place import CHAIRS, LEADERS, Place
from tests.town import SCHOOL, said

#: After a platform works again everything that waited for it has gone out within this long.
CAUGHT_UP = dt.timedelta(minutes=30)
#: So soon somebody has been reached where nothing is wrong, by how pressing it is.
_SOON = {Urgency.EMERGENCY: dt.timedelta(minutes=10), Urgency.URGENT: dt.timedelta(minutes=20)}
#: So long a message may wait before people are told so: by the program, and between two looks.
_UNSAID = max(LATE.values()) + dt.timedelta(minutes=15)
#: What refuses one message, one person or one place, so that it has to go another way.
_REFUSALS = (Fault.MESSAGE, Fault.GONE, Fault.PUBLIC, Fault.SHARED)
_OPEN = (SendState.WAITING, SendState.ATTEMPTED)


class Violation(AssertionError):
    """Something that must never be so was so."""


class Span(Struct, frozen=True):
    """A time."""

    begins: dt.datetime
    ends: dt.datetime


class Invariants:
    def __init__(self, place: Place) -> None:
        self.place = place
        self._looked = dict.fromkeys(place.fields, 0)
        self._out: dict[CaseId, set[PersonId]] = {}
        #: cases whose row does not open, or did not until then
        self.excused: dict[CaseId, Span] = {}

    async def check(self) -> None:
        """Check everything that must be so at any moment."""
        cases, now = self.place.cases(), self.place.clock.now()
        for field in self.place.fields.values():
            if field.doubled:
                raise Violation(f"stands twice: {field.doubled[0]}")
            self._nobody_excluded_saw(field, cases)
            self._nothing_stands_in_the_open(field, cases)
        for case in cases:
            await self._whoever_is_out_stays_out(case)
            if case.id in self.excused and now < self.excused[case.id].ends:
                continue
            sends = list(await self.place.store.sends_of(SCHOOL, case.id))
            await self._told_is_what_happened(case, sends)
            await self._a_living_person(case, sends)
            self._nothing_waits_unseen(case, sends)
            self._nothing_is_given_up(case, sends)
            await self._nobody_excluded_can_ask(case)
            self._nobody_excluded_reads(case)

    # -- nobody excluded ever sees anything ---------------------------------------------------------

    def _nobody_excluded_saw(self, field: Field, cases: list[Case]) -> None:
        """Whatever came to stand somewhere, nobody who was out of it by then could read it there."""
        fresh = field.seen[self._looked[field.platform] :]
        self._looked[field.platform] = len(field.seen)
        for seen in fresh:
            for case in cases:
                if case.reference in seen.text:
                    self._not_by(field, seen, case)

    def _not_by(self, field: Field, seen: Seen, case: Case) -> None:
        for own in seen.readers:
            person = self.place.person(field.platform, own)
            out = case.recused.get(person) if person is not None else None
            if out is None or (person == case.report.reporter and seen.place.endswith(own)):
                continue
            if out.at == case.opened_at or seen.at > out.at + NOTICED:
                raise Violation(f"{person} is kept out of {case.reference} and read {seen.text[:400]}")

    def _nobody_excluded_reads(self, case: Case) -> None:
        """Look at what stands where they read: it is emptied as soon as the platform lets us."""
        now = self.place.clock.now()
        for field in self.place.fields.values():
            well = field.since()
            if well is None or now - well < CAUGHT_UP:
                continue
            for standing in self._readable(field, case):
                for own in field.readers(standing.place):
                    person = self.place.person(field.platform, own)
                    out = case.recused.get(person) if person is not None else None
                    mine = person == case.report.reporter and standing.place.endswith(own)
                    since = max(out.at, field.places[standing.place][own]) if out is not None else now
                    if not mine and now - since > CAUGHT_UP:
                        raise Violation(
                            f"{person} is kept out of {case.reference} and reads {standing.text[:400]}"
                        )

    def _nothing_stands_in_the_open(self, field: Field, cases: list[Case]) -> None:
        """Look at what stands in a channel that others can read by now: every case has left it."""
        now = self.place.clock.now()
        for spell in field.open_to_others():
            well = field.since(but=spell)
            if well is None or now - max(well, spell.begins) < CAUGHT_UP:
                continue
            for case in cases:
                if case.id in self.excused and now < self.excused[case.id].ends:
                    continue
                for text in (m.text for m in self._readable(field, case) if m.place == spell.of):
                    raise Violation(f"{spell.of} is open to others, and holds {text[:400]}")

    def _readable(self, field: Field, case: Case) -> list[Standing]:
        """Return what stands of a case, but for copies of which the case says that nobody can find them."""
        here = [m for m in field.messages.values() if case.reference in m.text]
        return [m for m in here if not self.place.shelf.nobody_finds(SCHOOL, m.mark, m.id)]

    async def _whoever_is_out_stays_out(self, case: Case) -> None:
        """Look whether an exclusion ended without somebody who brought them in, or finished a report."""
        back = self._out.get(case.id, set()) - case.recused.keys()
        self._out[case.id] = set(case.recused)
        if not back:
            return
        events = await self.place.store.events(SCHOOL, case.id)
        let_in = {who for e in events if e.kind is EventKind.BROUGHT_IN for who in e.several("who")}
        if back - let_in and not any(e.kind is EventKind.COMPLETED for e in events):
            raise Violation(f"{case.reference}: nobody has let {sorted(back - let_in)} in, and they are")

    async def _nobody_excluded_can_ask(self, case: Case) -> None:
        for person in case.recused:
            none = said(await self.place.ask(person, ChatCommand.CASE, "HPS-1999-999"))
            if said(await self.place.ask(person, ChatCommand.CASE, case.reference)) != none:
                raise Violation(f"{person} is kept out of {case.reference} and learns that there is one")
            for command in (ChatCommand.CASES, ChatCommand.DIGEST):
                if case.reference in said(await self.place.ask(person, command)):
                    raise Violation(f"{person} is kept out of {case.reference} and reads of it in {command}")

    # -- what people are told is what happened ------------------------------------------------------

    async def _told_is_what_happened(self, case: Case, sends: list[Send]) -> None:
        """Whoever counts as told was sent something that stands, or stood, before them."""
        known = await reached_in(self.place.context, case)
        for person, reach in known.items():
            if reach is Reach.SENT and not self._landed(person, sends):
                raise Violation(f"{case.reference}: {person} counts as told, and nothing has reached them")
        for send in sends:
            stands = send.posted is not None and self._was(send)
            if send.state is SendState.SENT and send.way is not Way.EDIT and not stands:
                raise Violation(f"{case.reference}: {send.key} is on record as sent, and never stood there")

    def _landed(self, person: PersonId, sends: list[Send]) -> bool:
        return any(self._was(send) for send in _notices(person, sends))

    def _was(self, send: Send) -> bool:
        found = send.posted
        field = self.place.fields[send.platform]
        return found is not None and (found.channel, found.message) in field.ever

    # -- every case reaches a living person ---------------------------------------------------------

    async def _a_living_person(self, case: Case, sends: list[Send]) -> None:
        """By the urgency's own limit, and as long as platforms were out: somebody has it, or it says who not.

        Urgent ones by the time the next person would be asked, all others within half an hour.
        """
        if case.status is not Status.OPEN or not case.holders:
            return
        allowed = _SOON.get(case.decision.urgency, CAUGHT_UP) + CAUGHT_UP
        now = self.place.clock.now()
        if now - case.opened_at < allowed + self._troubled(case):
            return
        for person in recipients(case):
            if any(self._was(send) and self._is_there(person, send) for send in _notices(person, sends)):
                return
        events = await self.place.store.events(SCHOOL, case.id)
        if not case.unreached and not any(e.kind is EventKind.DELIVERY_FAILED for e in events):
            about = [f"{s.key} {s.state} {s.trouble}" for s in sends]
            raise Violation(f"{case.reference} reached nobody, and does not say so: {about}")

    def _is_there(self, person: PersonId, send: Send) -> bool:
        """Return whether whoever was told can read it still: gone elsewhere they may be, and are here."""
        account = self.place.school.people[person].accounts[send.platform]
        return self.place.fields[send.platform].wrong(account) is not Fault.GONE

    def _troubled(self, case: Case) -> dt.timedelta:
        """Return for how long anything was wrong with any platform, or its row, since the case was opened."""
        now, since = self.place.clock.now(), case.opened_at
        wrong = [Span(s.begins, s.ends) for field in self.place.fields.values() for s in field.spells]
        wrong += [self.excused[case.id]] if case.id in self.excused else []
        lasted = (min(one.ends, now) - max(one.begins, since) for one in wrong)
        return sum((one for one in lasted if one > dt.timedelta()), dt.timedelta())

    # -- whatever waits is visible ------------------------------------------------------------------

    def _nothing_waits_unseen(self, case: Case, sends: list[Send]) -> None:
        """Nothing waits for a platform that has been well for a while; what calls somebody never unsaid."""
        now = self.place.clock.now()
        for send in sends:
            calls = send.message is Message.NOTICE and send.way is Way.DIRECT and send.state in _OPEN
            if calls and not send.late and now - self.place.shelf.planned[send.key] > _UNSAID:
                raise Violation(f"{case.reference}: {send.key} waits, and nobody has been told")
            field = self.place.fields.get(send.platform)
            well = field.since() if field is not None else None
            if send.state in _OPEN and well is not None and now - max(well, send.due) > CAUGHT_UP:
                raise Violation(f"{case.reference}: {send.key} waits, and nothing is wrong ({send.trouble})")

    def _nothing_is_given_up(self, case: Case, sends: list[Send]) -> None:
        """Look at what ended without having been taken: it was refused for itself, or for where it went."""
        for send in sends:
            field = self.place.fields.get(send.platform)
            if field is None or send.state is not SendState.FAILED:
                continue
            refused = [s for s in field.spells if s.fault in _REFUSALS and s.begins <= self.place.clock.now()]
            if not any(self._goes_to(send, spell) for spell in refused):
                raise Violation(f"{case.reference}: {send.key} was given up ({send.trouble})")

    def _goes_to(self, send: Send, spell: Spell) -> bool:
        """Return whether a spell lies on where a send goes."""
        if send.person is not None:
            account = self.place.school.people[send.person].accounts.get(send.platform, "?")
            return spell.of.endswith(account)
        return spell.of in (LEADERS[send.platform], CHAIRS[send.platform])


def _notices(person: PersonId, sends: list[Send]) -> Iterator[Send]:
    """Yield what tells somebody of a case, each on one of their platforms."""
    for send in sends:
        if send.message is Message.NOTICE and send.person == person and send.way is Way.DIRECT:
            yield send
