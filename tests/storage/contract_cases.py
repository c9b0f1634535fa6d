"""What every store promises about cases, lists, drafts and audit."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from flows.errors import Conflict
from flows.model import (
    Audit,
    AuditKind,
    CaseId,
    Change,
    DraftId,
    DutyDecision,
    Link,
    Linking,
    Roster,
    RosterChange,
    Status,
)
from flows.ports import Store
from flows.postings import marks
from flows.school import PersonId, Seat
from tests.storage import samples as s

C1 = CaseId("C0001")


class CaseContract:
    """References, lists, drafts, separation."""

    async def test_two_cases_of_a_school_never_have_one_reference(self, store: Store) -> None:
        """The second is refused, however it is written, even at once; another school's is another."""
        given = ("HPS-2026-7H4M", "HPS-2026-7h4m", "HPS-2026-7H4M", "HPS-2026-7H4X")
        kept = await asyncio.gather(
            *(store.commit(Change(school=s.HILL, case=s.case(n, reference=r))) for n, r in enumerate(given)),
            return_exceptions=True,
        )
        assert [isinstance(one, Conflict) for one in kept] == [False, True, True, False]
        assert {row.reference for row in await store.cases(s.HILL)} == {"HPS-2026-7H4M", "HPS-2026-7H4X"}
        await store.commit(Change(school=s.DALE, case=s.case(1, school=s.DALE, reference="HPS-2026-7H4M")))
        await store.commit(Change(school=s.HILL, case=s.case(0, version=1, reference="HPS-2026-7H4M")))

    async def test_a_refused_case_takes_no_reference(self, store: Store) -> None:
        """What a conflict refused may be given to another."""
        with pytest.raises(Conflict):
            await store.commit(Change(school=s.HILL, case=s.case(1, version=4, reference="HPS-2026-7H4M")))
        await store.commit(Change(school=s.HILL, case=s.case(2, reference="HPS-2026-7H4M")))

    @pytest.mark.parametrize(
        "written", ["hps-2026-7h4m", " HPS 2026 7H4M ", "HPS20267H4M", "HPS–2026—7H4M", "HP5-2O26-7H4M"]
    )
    async def test_a_reference_is_read_forgivingly(self, store: Store, written: str) -> None:
        """Capitals, spaces and dashes make no difference, nor what is taken for another letter."""
        await store.commit(Change(school=s.HILL, case=s.case(1, reference="HPS-2026-7H4M")))
        await store.commit(Change(school=s.HILL, case=s.case(2, reference="HPS-2026-002")))
        found = await store.case_called(s.HILL, written)
        assert found is not None
        assert found.id == C1
        assert await store.case_called(s.HILL, written.replace("7", "8")) is None

    async def test_lists_are_newest_first(self, store: Store) -> None:
        """Open cases by when they were opened, the newest first, at most so many."""
        for number in (2, 3, 1):
            await store.commit(s.opening(number))
        assert [row.id for row in await store.cases(s.HILL)] == ["C0003", "C0002", "C0001"]
        assert [row.id for row in await store.cases(s.HILL, most=2)] == ["C0003", "C0002"]

    async def test_the_cases_of_a_time_are_all_of_them(self, store: Store) -> None:
        """From a moment on and before another, oldest first, open and closed, and of one school."""
        for number in (2, 4, 1, 3):
            await store.commit(s.opening(number))
        closed = s.case(2, version=1, status=Status.CLOSED, closed_at=s.later(90), reference="HPS-2026-002")
        await store.commit(Change(school=s.HILL, case=closed))
        await store.commit(Change(school=s.DALE, case=s.case(2, school=s.DALE)))
        rows = await store.cases_opened(s.HILL, s.later(2), s.later(4))
        assert [row.id for row in rows] == ["C0002", "C0003"]
        assert [row.status for row in rows] == [Status.CLOSED, Status.OPEN]
        assert await store.cases_opened(s.HILL, s.later(5), s.later(9)) == []

    async def test_a_row_holds_what_figures_are_made_of(self, store: Store) -> None:
        """The kind, the clauses, where it was seen – one place or several – and when it was taken on."""
        taken = s.case(1, taken_on_at=s.later(7))
        reason = taken.decision.reasons[0]
        reasons = (replace(reason, clauses=("C8", "C3")), replace(reason, clauses=("C3",)))
        decision = replace(taken.decision, kind="hate", reasons=reasons)
        for number, platform in ((1, ("blog", "forum")), (2, "other"), (3, None)):
            answers = {} if platform is None else {"platform": platform}
            report = replace(taken.report, answers=answers)
            case = replace(taken, id=CaseId(f"C{number:04}"), reference=f"HPS-{number}", report=report)
            await store.commit(Change(school=s.HILL, case=replace(case, decision=decision)))
        rows = await store.cases_opened(s.HILL, s.later(0), s.later(9))
        assert [row.seen_on for row in sorted(rows, key=lambda row: row.id)] == [
            ("blog", "forum"),
            ("other",),
            (),
        ]
        assert {(row.kind, row.clauses, row.taken_on_at) for row in rows} == {
            ("hate", ("C3", "C8"), s.later(7))
        }

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
        assert [one.what for one in row.owed] == ["Legal Services", "Whether 999 was rung"]
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
        assert (row.held, row.owed, row.owner, row.reporter) == (True, (), s.BROOK, s.ASH)

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

    async def test_who_has_opened_a_case_is_not_forgotten(self, store: Store) -> None:
        """However often others look at it afterwards; of this case and school only, each person once."""
        read = Audit(school=s.HILL, at=s.NOW, kind=AuditKind.RECORD_OPENED, by=s.BROOK, case=C1)
        await store.commit(Change(school=s.HILL, audit=(read, read)))
        await store.commit(Change(school=s.HILL, events=(s.event(10, 1),)))
        looks = tuple(s.audit(1) for _ in range(1_100))
        await store.commit(Change(school=s.HILL, audit=looks))
        assert await store.opened_by(s.HILL, C1) == {s.BROOK}
        assert await store.opened_by(s.HILL, s.event(10, 1).case) == {s.ASH}
        assert await store.opened_by(s.DALE, C1) == frozenset()
        several = {C1: {s.BROOK}, s.event(10, 1).case: {s.ASH}, s.event(11, 1).case: set()}
        assert await store.openers(s.HILL, several) == several
        assert await store.openers(s.DALE, [C1]) == {C1: frozenset()}
        assert await store.openers(s.HILL, []) == {}

    async def test_events_are_in_order(self, store: Store) -> None:
        """By number, past nine and ninety-nine, and only the case's own."""
        await store.commit(Change(school=s.HILL, events=tuple(s.event(1, n) for n in (2, 110, 10, 9, 1))))
        await store.commit(Change(school=s.HILL, events=(s.event(11, 1), s.event(10, 1))))
        assert [event.seq for event in await store.events(s.HILL, C1)] == [1, 2, 9, 10, 110]

    async def test_a_roster_is_stored_with_its_version(self, store: Store) -> None:
        """What was changed in chat is one record a school; whoever read an older one is told so."""
        assert await store.roster(s.HILL) is None
        change = RosterChange(id="R1", by=s.ASH, at=s.NOW, seat=Seat.DSL, people=(s.BROOK,))
        roster = Roster(school=s.HILL, changes=(change,))
        await store.commit(Change(school=s.HILL, roster=roster))
        stored = await store.roster(s.HILL)
        assert stored == replace(roster, version=1)
        assert await store.roster(s.DALE) is None
        with pytest.raises(Conflict):
            await store.commit(Change(school=s.HILL, roster=roster))
        with pytest.raises(ValueError, match="own school"):
            await store.commit(Change(school=s.DALE, roster=replace(roster, version=0)))

    async def test_links_are_found_from_both_sides(self, store: Store) -> None:
        """A link is kept beside both cases, changes neither, and the newest of it stands; of one school."""
        for number in (1, 2, 3):
            await store.commit(s.opening(number))
        two = CaseId("C0002")
        once = Linking(linked=True, by=s.ASH, at=s.NOW)
        link = Link(school=s.HILL, cases=(C1, two), story=(once,))
        before = await store.case(s.HILL, C1)
        await store.commit(Change(school=s.HILL, links=(link,)))
        after = replace(link, story=(once, Linking(linked=False, by=s.ASH, at=s.NOW, words="Invented.")))
        assert list(await store.links_of(s.HILL, C1)) == list(await store.links_of(s.HILL, two)) == [link]
        await store.commit(Change(school=s.HILL, links=(after,)))
        assert list(await store.links_of(s.HILL, C1)) == list(await store.links_of(s.HILL, two)) == [after]
        assert not after.stands
        assert await store.case(s.HILL, C1) == before
        assert list(await store.links_of(s.HILL, CaseId("C0003"))) == []
        assert list(await store.links_of(s.DALE, C1)) == []
        with pytest.raises(ValueError, match="its own school"):
            await store.commit(Change(school=s.DALE, links=(link,)))

    async def test_what_goes_soon_is_found_newest_first(self, store: Store) -> None:
        """From the day on which it was said, until it is taken back; nobody else's."""
        day = s.NOW.date()
        for number in (1, 2, 3):
            await store.commit(Change(school=s.HILL, case=s.case(number)))
        for number in (1, 3):
            await store.commit(Change(school=s.HILL, case=s.case(number, version=1, removal=day)))
        assert [row.id for row in await store.cases_going(s.HILL)] == ["C0003", "C0001"]
        await store.commit(Change(school=s.HILL, case=s.case(3, version=2)))
        assert [row.id for row in await store.cases_going(s.HILL)] == ["C0001"]
        assert list(await store.cases_going(s.DALE)) == []

    async def test_cases_are_found_by_what_marks_their_posting(self, store: Store) -> None:
        """By link and by account, newest first; also what was added to a report later; and nobody else's."""
        link, name = "https://forum.example/t/1", "Cross"
        report = s.case().report
        named = replace(report, posting=replace(report.posting, link=link, account_name=name))
        for number in (1, 2):
            await store.commit(Change(school=s.HILL, case=s.case(number, report=named)))
        await store.commit(Change(school=s.HILL, case=s.case(3)))
        by_link, by_name = marks(named.posting)
        for mark in (by_link, by_name):
            assert [row.id for row in await store.cases_marked(s.HILL, mark)] == ["C0002", "C0001"]
            assert list(await store.cases_marked(s.DALE, mark)) == []
        await store.commit(Change(school=s.HILL, case=s.case(3, version=1, report=named)))
        await store.commit(Change(school=s.HILL, case=s.case(2, version=1)))
        assert [row.id for row in await store.cases_marked(s.HILL, by_link)] == ["C0003", "C0001"]
