"""Bots with a fault, one for each surface: each says something to somebody who must not know of a case.

The worlds of ``test_non_interference.py`` have to tell each of them from a bot without it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from bot.context import AppContext
from bot.figures.asked import Asked as Figures
from bot.outbox.ringing import Ringing
from bot.turns.beside import BesideCases
from bot.turns.casework import Casework
from bot.turns.finding.lists import CaseLists
from bot.turns.linking import Linking
from bot.turns.overview import Overview
from bot.turns.service import Service
from bot.turns.turn import Turn
from flows.delivery.sends import plan
from flows.errors import NotFound
from flows.finding import query
from flows.model import Action, Case, CaseId, CaseSummary, Change, Identity, Message, Timer, Way
from flows.postings import blinded, each_blind, holds
from flows.school import PersonId, Platform, School, Seat
from flows.ui.cards import Card, Text
from flows.ui.forms import Form
from flows.ui.inbound import Actor, Reply
from tests.town import Town


class Telling(Overview):
    """Says of a case that somebody must not know of that it is not theirs."""

    async def _case(self, turn: Turn, reference: str) -> Reply:
        try:
            return await super()._case(turn, reference)
        except NotFound:
            found = await self.context.store.case_called(turn.school.id, reference.strip())
            if found is not None:
                raise NotFound("no-such-case", "That case is not yours.", "") from None
            raise


class Careless(BesideCases):
    """Asks nobody whether they may read what stands beside a case."""

    async def _read(self, case_id: CaseId, person: PersonId, school: School) -> Case | None:
        del person
        return await self.context.store.case(school.id, case_id)


class ForAll(Casework):
    """Asks nobody whether one action is theirs."""

    def __init__(self, context: AppContext, action: Action) -> None:
        """Keep which."""
        super().__init__(context)
        self.action = action

    async def allowed(self, turn: Turn, case_id: str, action: Action, which: str = "") -> Case:
        """Return the case, whoever asks."""
        case = await self.context.store.case(turn.school.id, CaseId(case_id))
        if action is self.action and case is not None:
            return case
        return await super().allowed(turn, case_id, action, which)


class Reminds(Ringing):
    """Reminds everybody who holds a seat that something waits."""

    async def remind(self, timer: Timer) -> None:
        """Remind, and say it to the others too."""
        await super().remind(timer)
        school = self.context.directory.schools[timer.school]
        held = {holder for seat in Seat for holder in school.seats.get(seat, ())}
        sends = tuple(
            plan(
                Message.MORE_WAITS,
                Way.DIRECT,
                school=school.id,
                platform=Platform.WEB,
                person=person,
                facts={"day": self.context.now().date().isoformat()},
                due=self.context.now(),
            )
            for person in sorted(held)
        )
        await self.context.commit(Change(school=school.id, new_sends=sends))


class GivesFiles(Service):
    """Gives a letter or a pack to whoever knows its hash."""

    async def evidence(self, actor: Actor, case: str, sha256: str) -> tuple[str, bytes] | None:
        """Return the file."""
        for school in self.context.directory.schools:
            if (content := await self.context.store.file(school, sha256)) is not None:
                return "application/octet-stream", content
        return await super().evidence(actor, case, sha256)


class CountsAll(Figures):
    """Counts in its files what is kept from somebody."""

    async def file(self, identity: Identity | None, asked: str) -> tuple[str, str, bytes] | None:
        """Return the file, and how many cases there are."""
        found = await super().file(identity, asked)
        if found is None or identity is None:
            return found
        count = len(await self.context.store.cases(next(iter(identity.people)), open_only=False))
        return found[0], found[1], found[2] + str(count).encode()


class ListsAll(CaseLists):
    """Lists what there is, one way or the other."""

    def __init__(self, context: AppContext, *, only_found: bool) -> None:
        """Keep where: in what is found, or in the list of what is open."""
        super().__init__(context)
        self.only_found = only_found

    async def _known(self, turn: Turn, *, open_only: bool) -> list[tuple[CaseSummary, bool]]:
        if open_only is self.only_found:
            return await super()._known(turn, open_only=open_only)
        rows: Sequence[CaseSummary] = await self.context.store.cases(turn.school.id, open_only=open_only)
        return [(row, True) for row in rows]


class ReadsNotes(CaseLists):
    """Looks into the notes of what somebody must not know of."""

    async def find(self, turn: Turn, argument: str) -> Card | Form:
        """Return what is found, and the fault."""
        card = await super().find(turn, argument)
        rows = await self.context.store.cases(turn.school.id, open_only=False)
        words = each_blind(blinded(query.read(argument).words))
        kept = (row for row in rows if turn.person.id in row.recused)
        if isinstance(card, Card) and words and any(holds(row.noted, word) for row in kept for word in words):
            return replace(card, blocks=(*card.blocks, Text("Not now.")))
        return card


class Warns(Linking):
    """Says beside a one-time code that something waits for nobody to know."""

    async def offer(self, turn: Turn) -> Reply:
        """Return the code, and the fault."""
        reply = await super().offer(turn)
        rows = await self.context.store.cases(turn.school.id, open_only=False)
        if any(turn.person.id in row.recused for row in rows):
            return type(reply)(Card(kind="code", summary="Not now.", blocks=(Text("Not now."),)))  # type: ignore[call-arg,arg-type]
        return reply


def _telling(place: Town) -> None:
    place.service.overview = Telling(place.context, place.service.casework)


def _beside(place: Town) -> None:
    place.service.casework.beside = Careless(place.context)


def _for_all(action: Action) -> Callable[[Town], None]:
    def fault(place: Town) -> None:
        place.service.casework = ForAll(place.context, action)

    return fault


def _reminds(place: Town) -> None:
    place.worker.ringing = Reminds(place.context)


def _files(place: Town) -> None:
    place.service = GivesFiles(place.context)


def _counts(place: Town) -> None:
    place.service.overview.figures = CountsAll(place.context)


def _lists(*, only_found: bool) -> Callable[[Town], None]:
    def fault(place: Town) -> None:
        place.service.overview.lists = ListsAll(place.context, only_found=only_found)

    return fault


def _code(place: Town) -> None:
    place.service.rosters.links = Warns(place.context)


def _notes(place: Town) -> None:
    place.service.overview.lists = ReadsNotes(place.context)


LEAKS: dict[str, Callable[[Town], None]] = {
    "the answer to *case*": _telling,
    "what stands beside a case": _beside,
    "the clock's plan": _for_all(Action.PLAN),
    "letters": _for_all(Action.LETTER),
    "packs": _for_all(Action.PACK),
    "exports": _for_all(Action.EXPORT),
    "files": _files,
    "reminders": _reminds,
    "figures": _counts,
    "find": _lists(only_found=True),
    "find in notes": _notes,
    "lists": _lists(only_found=False),
    "the one-time code": _code,
}
