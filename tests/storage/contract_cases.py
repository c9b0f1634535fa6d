"""What every store promises about cases, lists, drafts and audit."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from flows.errors import Conflict
from flows.model import (
    Body,
    CaseId,
    Change,
    DraftId,
    DutyDecision,
    Status,
)
from flows.ports import Store
from flows.school import PersonId
from tests.storage import samples as s

C1 = CaseId("C0001")


class CaseContract:
    """References, lists, drafts, separation."""

    async def test_references_count_per_school_and_year(self, store: Store) -> None:
        """Each stem counts for itself from 1, three digits at least."""
        stems = ("HPS-2026-", "HPS-2026-", "HPS-2027-", "HPS-2026-")
        given = []
        for number, stem in enumerate(stems):
            kept = await store.commit(Change(school=s.HILL, case=s.case(number, reference=stem)))
            given.append(kept.case.reference if kept.case else "")
        other = await store.commit(
            Change(school=s.DALE, case=s.case(1, school=s.DALE, reference="HPS-2026-"))
        )
        assert given == ["HPS-2026-001", "HPS-2026-002", "HPS-2027-001", "HPS-2026-003"]
        assert other.case is not None
        assert other.case.reference == "HPS-2026-001"

    async def test_references_go_on_after_one_that_was_brought_along(self, store: Store) -> None:
        """A case that comes with its number (from another store) moves the count, past 999 too."""
        await store.commit(Change(school=s.HILL, case=s.case(1, reference="HPS-2026-999")))
        kept = await store.commit(Change(school=s.HILL, case=s.case(2)))
        assert kept.case is not None
        assert kept.case.reference == "HPS-2026-1000"

    async def test_references_given_at_once_have_no_gap_and_no_double(self, store: Store) -> None:
        """Thirty cases at the same moment are numbered 1 to 30."""
        kept = await asyncio.gather(*(store.commit(s.opening(n)) for n in range(30)))
        assert {one.case.reference for one in kept if one.case} == {f"HPS-2026-{n:03}" for n in range(1, 31)}

    async def test_a_refused_case_uses_no_number(self, store: Store) -> None:
        """A conflict leaves no gap in the references."""
        with pytest.raises(Conflict):
            await store.commit(Change(school=s.HILL, case=s.case(1, version=4)))
        kept = await store.commit(s.opening(2))
        assert kept.case is not None
        assert kept.case.reference == "HPS-2026-001"

    async def test_lists_are_newest_first(self, store: Store) -> None:
        """Open cases by when they were opened, the newest first, at most so many."""
        for number in (2, 3, 1):
            await store.commit(s.opening(number))
        assert [row.id for row in await store.cases(s.HILL)] == ["C0003", "C0002", "C0001"]
        assert [row.id for row in await store.cases(s.HILL, most=2)] == ["C0003", "C0002"]

    async def test_closed_cases_are_listed_when_asked_for(self, store: Store) -> None:
        """``since`` admits cases closed at or after it; ``open_only=False`` all."""
        for number in (1, 2, 3, 4):
            await store.commit(s.opening(number))
        for number in (1, 2, 3):
            closed = s.case(
                number,
                version=1,
                reference=f"HPS-2026-{number:03}",
                status=Status.CLOSED,
                closed_at=s.later(100 - 10 * number),
            )
            await store.commit(Change(school=s.HILL, case=closed))
        assert [row.id for row in await store.cases(s.HILL)] == ["C0004"]
        admitted = await store.cases(s.HILL, since=s.later(80))
        assert [row.id for row in admitted] == ["C0004", "C0002", "C0001"]
        assert len(await store.cases(s.HILL, open_only=False)) == 4
        assert len(await store.cases(s.HILL, open_only=False, most=1)) == 1
        await store.commit(Change(school=s.HILL, case=s.case(1, version=2, reference="HPS-2026-001")))
        assert [row.id for row in await store.cases(s.HILL)] == ["C0004", "C0001"]

    async def test_a_row_says_what_lists_need(self, store: Store) -> None:
        """Told are the holders; a hold is a hold; what is owed stays so until it is decided."""
        await store.commit(s.opening())
        row = (await store.cases(s.HILL))[0]
        assert (row.told, row.stand_ins, row.held) == (("head", "chair"), (), False)
        assert [duty.body for duty in row.duties] == [Body.LEGAL, Body.POLICE]
        decided = DutyDecision(contacted=False, why="not now", by=s.ASH, at=s.NOW)
        changed = s.case(
            1,
            version=1,
            reference="HPS-2026-001",
            hold="police",
            duties=tuple(replace(duty, decided=decided) for duty in s.DUTIES),
            owner=s.BROOK,
        )
        await store.commit(Change(school=s.HILL, case=changed))
        row = (await store.cases(s.HILL))[0]
        assert (row.held, row.duties, row.owner, row.reporter) == (True, (), s.BROOK, s.ASH)

    async def test_a_person_finds_what_they_reported(self, store: Store) -> None:
        """Newest first, and nobody else's."""
        brooks = replace(s.case(3).report, reporter=s.BROOK)
        for case in (s.case(1), s.case(2), s.case(3, report=brooks)):
            await store.commit(Change(school=s.HILL, case=case))
        assert [row.id for row in await store.cases_reported_by(s.HILL, s.ASH)] == ["C0002", "C0001"]
        assert [row.id for row in await store.cases_reported_by(s.HILL, s.ASH, most=1)] == ["C0002"]
        assert [row.id for row in await store.cases_reported_by(s.HILL, s.BROOK)] == ["C0003"]
        assert await store.cases_reported_by(s.HILL, PersonId("stranger")) == []

    async def test_a_draft_grows_and_goes(self, store: Store) -> None:
        """Each version replaces the last; dropping it leaves none; a new one may begin with the drop."""
        await store.commit(Change(school=s.HILL, draft=s.draft()))
        await store.commit(Change(school=s.HILL, draft=s.draft(version=1)))
        assert await store.draft_of(s.HILL, s.ASH) == s.stored(s.draft(version=1))
        assert await store.draft_of(s.HILL, s.BROOK) is None
        await store.commit(Change(school=s.HILL, dropped_draft=DraftId("D0001"), draft=s.draft(2)))
        assert await store.draft_of(s.HILL, s.ASH) == s.stored(s.draft(2))
        assert await store.draft(s.HILL, DraftId("D0001")) is None
        await store.commit(Change(school=s.HILL, dropped_draft=DraftId("D0002")))
        assert await store.draft_of(s.HILL, s.ASH) is None

    async def test_schools_do_not_meet(self, store: Store) -> None:
        """The same ids and keys in two schools are two things; nobody reads the other's."""
        await store.commit(replace(s.opening(), draft=s.draft()))
        assert await store.case(s.DALE, C1) is None
        assert await store.case_called(s.DALE, "HPS-2026-001") is None
        assert await store.draft_of(s.DALE, s.ASH) is None
        assert await store.draft(s.DALE, DraftId("D0001")) is None
        assert await store.events(s.DALE, C1) == []
        assert await store.audit(s.DALE) == []
        assert await store.audit(s.DALE, case=C1) == []
        assert await store.sends_of(s.DALE, C1) == []
        assert await store.send(s.DALE, "C0001/card/slack:leadership") is None
        assert await store.handled(s.DALE, "in-1") is None
        assert not (await store.commit(s.opening(school=s.DALE, key="in-1"))).repeated
        assert [row.reference for row in await store.cases(s.DALE)] == ["DPS-2026-001"]
        assert len(await store.sends_of(s.HILL, C1)) == 2

    async def test_audit_is_newest_first(self, store: Store) -> None:
        """Of the school or of one case; at most so many; in the order kept, whatever the clock said."""
        for number, minutes in ((1, 5), (2, 3), (1, 4)):
            line = s.audit(number, at=s.later(minutes))
            await store.commit(Change(school=s.HILL, audit=(line,)))
        lines = await store.audit(s.HILL)
        assert [line.at for line in lines] == [s.later(4), s.later(3), s.later(5)]
        assert [line.at for line in await store.audit(s.HILL, case=C1)] == [s.later(4), s.later(5)]
        assert list(await store.audit(s.HILL, most=1)) == list(lines[:1])

    async def test_events_are_in_order(self, store: Store) -> None:
        """By number, past nine and ninety-nine, and only the case's own."""
        await store.commit(Change(school=s.HILL, events=tuple(s.event(1, n) for n in (2, 110, 10, 9, 1))))
        await store.commit(Change(school=s.HILL, events=(s.event(11, 1), s.event(10, 1))))
        assert [event.seq for event in await store.events(s.HILL, C1)] == [1, 2, 9, 10, 110]
