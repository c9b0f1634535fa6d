"""What must be so all along, whatever goes wrong. Each returns nothing, or says what is not so."""

from __future__ import annotations

import datetime as dt

from bot.reached import reached_in
from flows.delivery.outbox import recipients
from flows.delivery.told import Reach
from flows.model import Case, EventKind, Message, Send, SendState, Status, Urgency, Way
from flows.school import PersonId
from flows.ui.intents import ChatCommand
from tests.simulation.field import NOTICED, Fault, Field, Seen
from tests.simulation.place import Place
from tests.town import SCHOOL, said

#: After a platform works again everything that waited for it has gone out within this long.
CAUGHT_UP = dt.timedelta(minutes=30)
#: So soon somebody has been reached where nothing is wrong, by how pressing it is.
_SOON = {Urgency.EMERGENCY: dt.timedelta(minutes=10), Urgency.URGENT: dt.timedelta(minutes=20)}
_OPEN = (SendState.WAITING, SendState.ATTEMPTED)


class Violation(AssertionError):
    """Something that must never be so was so."""


class Invariants:
    def __init__(self, place: Place) -> None:
        self.place = place
        self._looked = dict.fromkeys(place.fields, 0)

    async def check(self) -> None:
        """Check everything that must be so at any moment."""
        cases = await self.place.cases()
        for field in self.place.fields.values():
            if field.doubled:
                raise Violation(f"stands twice: {field.doubled[0]}")
            self._nobody_excluded_saw(field, cases)
        for case in cases:
            sends = list(await self.place.store.sends_of(SCHOOL, case.id))
            await self._told_is_what_happened(case, sends)
            await self._a_living_person(case, sends)
            self._nothing_waits_unseen(case, sends)
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
            for standing in [m for m in field.messages.values() if case.reference in m.text]:
                for own in field.readers(standing.place):
                    person = self.place.person(field.platform, own)
                    out = case.recused.get(person) if person is not None else None
                    mine = person == case.report.reporter and standing.place.endswith(own)
                    since = max(out.at, field.places[standing.place][own]) if out is not None else now
                    if not mine and now - since > CAUGHT_UP:
                        raise Violation(
                            f"{person} is kept out of {case.reference} and reads {standing.text[:400]}"
                        )

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
        notices = (
            s for s in sends if s.message is Message.NOTICE and s.person == person and s.way is Way.DIRECT
        )
        return any(self._was(send) for send in notices)

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
        if now - case.opened_at < allowed + self._troubled(case.opened_at):
            return
        for person in recipients(case):
            alive = not any(
                f.wrong(*self._accounts(person)) is Fault.GONE for f in self.place.fields.values()
            )
            if alive and self._landed(person, sends):
                return
        events = await self.place.store.events(SCHOOL, case.id)
        if not case.unreached and not any(e.kind is EventKind.DELIVERY_FAILED for e in events):
            about = [f"{s.key} {s.state} {s.trouble}" for s in sends]
            raise Violation(f"{case.reference} reached nobody, and does not say so: {about}")

    def _accounts(self, person: PersonId) -> tuple[str, ...]:
        return tuple(self.place.school.people[person].accounts.values())

    def _troubled(self, since: dt.datetime) -> dt.timedelta:
        """Return for how long anything was wrong with any platform since then."""
        now, total = self.place.clock.now(), dt.timedelta()
        for field in self.place.fields.values():
            for spell in field.spells:
                total += max(min(spell.ends, now) - max(spell.begins, since), dt.timedelta())
        return total

    # -- whatever waits is visible ------------------------------------------------------------------

    def _nothing_waits_unseen(self, case: Case, sends: list[Send]) -> None:
        """Nothing waits for a platform that has been well for a while."""
        now = self.place.clock.now()
        for send in sends:
            field = self.place.fields.get(send.platform)
            well = field.since() if field is not None else None
            if send.state in _OPEN and well is not None and now - max(well, send.due) > CAUGHT_UP:
                raise Violation(f"{case.reference}: {send.key} waits, and nothing is wrong ({send.trouble})")
