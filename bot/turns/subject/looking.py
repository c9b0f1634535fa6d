"""The cases of a request as they are now, for whoever leads them, and how each page of one goes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from msgspec import Struct

from bot.context import AppContext
from bot.turns.turn import Turn
from flows.case import access
from flows.errors import UnreadableRow
from flows.model import Audit, AuditKind, Capability, Case, CaseId, Change
from flows.school import PersonId, School
from flows.subject import masks, passages
from flows.subject.bundle import Given
from flows.subject.cards import Found, Looked
from flows.subject.masks import Hidden
from flows.subject.passages import Passage
from flows.subject.request import Request

_ALL = 1_000_000


class Opened(Struct, frozen=True):
    """A case that is looked through: its passages as they are, on which pages they stand, and who is masked.

    ``hides`` is what would say who reported, ``offered`` what of others.
    """

    case: Case
    found: tuple[Passage, ...]
    pages: tuple[tuple[int, ...], ...]
    hides: Hidden
    offered: tuple[str, ...]

    @property
    def numbers(self) -> range:
        """The numbers of its pages."""
        return range(1, len(self.pages) + 1)


class Looking:
    def __init__(self, context: AppContext) -> None:
        self.context = context

    async def found(self, turn: Turn, request: Request) -> list[Found]:
        """Return the cases this person leads that may be about who asks; each is on the audit."""
        rows = await self.context.store.cases(turn.school.id, open_only=False, most=_ALL)
        theirs, found = passages.people(request, turn.school), []
        for row, reads in access.known_rows(rows, turn.person.id, turn.school, in_channel=False):
            opened = None
            if reads and not row.drill:
                with suppress(UnreadableRow):  # whoever looks after the store is told
                    opened = await self.opened(turn, request, row.id)
            by = passages.concerns(opened.case, opened.found, theirs) if opened is not None else ()
            if opened is not None and by:
                found.append(Found(opened.case, by))
        await self.log(turn, [one.case.id for one in found], AuditKind.LISTED, {"by": "subject"})
        return found

    async def opened(self, turn: Turn, request: Request, case_id: str) -> Opened | None:
        """Return a case with its passages, if this person decides on it now."""
        case = await self.context.store.case(turn.school.id, CaseId(case_id))
        if case is None or case.drill or not _decides(case, turn.person.id, turn.school):
            return None
        events = await self.context.store.events(turn.school.id, case.id)
        found = passages.passages(case, events, turn.school, request)
        hides = masks.reporter_of(case, turn.school)
        offered = masks.proposed(found, case, turn.school, request, hides)
        return Opened(case, found, tuple(passages.pages(found)), hides, offered)

    async def picked(self, turn: Turn, request: Request) -> list[Opened]:
        """Return the cases that were picked and are this person's still."""
        each = [await self.opened(turn, request, case) for case in request.cases]
        return [one for one in each if one is not None]

    async def log(
        self, turn: Turn, cases: Sequence[CaseId], kind: AuditKind, facts: Mapping[str, str]
    ) -> None:
        """Put on the audit what was done with cases."""
        by, school, now = turn.person.id, turn.school.id, self.context.now()
        lines = tuple(
            Audit(school=school, at=now, kind=kind, by=by, case=case, facts=dict(facts)) for case in cases
        )
        if lines:
            await self.context.commit(Change(school=school, audit=lines))


def looked(request: Request, one: Opened, number: int) -> Looked:
    """Return a page as it stands now."""
    places = one.pages[number - 1]
    here = [one.found[place] for place in places]
    hidden = None if one.case.id in request.reporter_shown else one.hides
    page = request.page(one.case.id, number)
    page = page if page is not None and page.of == passages.digest(here) else None
    bare = {mask.casefold() for mask in page.bare} if page is not None else set()
    others = [mask for mask in (*request.masked, *one.offered) if mask.casefold() not in bare]
    about = tuple(place for place, part in zip(places, here, strict=True) if part.theirs)
    return Looked(
        case=one.case,
        number=number,
        of=len(one.pages),
        places=places,
        shown=tuple(masks.masked(part, hidden, others, request) for part in here),
        parts=page.parts if page is not None else about,
        others=tuple(mask for mask in others if masks.stands(mask, here, request)),
        hidden=hidden,
        page=page,
    )


def approved(request: Request, opened: Sequence[Opened]) -> bool:
    """Return whether every page was approved as it stands."""
    return bool(opened) and all(
        looked(request, one, number).approved for one in opened for number in one.numbers
    )


def given(request: Request, opened: Sequence[Opened]) -> list[Given]:
    """Return what goes out of each case."""
    return [
        Given(
            one.case.reference,
            tuple(part for number in one.numbers for part in looked(request, one, number).going),
        )
        for one in opened
    ]


def which_of_all(opened: Sequence[Opened], one: Opened, number: int) -> tuple[int, int]:
    """Return which page of all it is, and of how many."""
    ids = [other.case.id for other in opened]
    before = opened[: ids.index(one.case.id)]
    return sum(len(other.pages) for other in before) + number, sum(len(other.pages) for other in opened)


def _decides(case: Case, person: PersonId, school: School) -> bool:
    """Return whether somebody decides what leaves a case, and may know who reported it."""
    return all(access.may(case, person, school, can) for can in (Capability.DECIDE, Capability.SEE_REPORTER))
