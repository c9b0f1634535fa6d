"""What every store promises about the audit's chain, and about what goes for good."""

from __future__ import annotations

import datetime as dt

import pytest
from msgspec.structs import replace

from flows.errors import Conflict
from flows.model import Audit, AuditKind, CaseId, Change, Link, Linking, Tombstone, Way
from flows.ports import Store
from flows.school import Platform
from tests.storage import samples as s

C1, C2 = CaseId("C0001"), CaseId("C0002")
TODAY = dt.date(2026, 11, 30)
DAY = s.NOW.date()


def stone(*, read_at: int = 1) -> Tombstone:
    """Return the tombstone of the first case."""
    return Tombstone(
        case=C1,
        school=s.HILL,
        reference="HPS-2026-001",
        closed_on=DAY,
        removed_on=TODAY,
        rule="case",
        read_at=read_at,
    )


def burial(*, read_at: int = 1) -> Change:
    """Return the change by which the first case goes."""
    line = Audit(school=s.HILL, at=s.later(9), kind=AuditKind.REMOVED, by=None, case=C1)
    return Change(school=s.HILL, tombstone=stone(read_at=read_at), audit=(line,))


class KeptContract:
    """The audit proves itself; a case that goes goes whole, and nothing else does."""

    async def test_what_is_kept_is_in_the_chain(self, store: Store) -> None:
        """Each school's own: every event and every line, in one link a commit; nothing else makes one."""
        assert await store.audit_head(s.HILL, TODAY) == ""
        for number in (1, 2, 3):
            await store.commit(s.opening(number))
        await store.commit(Change(school=s.HILL, draft=s.draft()))
        await store.commit(Change(school=s.DALE, audit=(s.audit(1, school=s.DALE),)))
        mine, theirs = [await store.audit_proof(school, TODAY) for school in (s.HILL, s.DALE)]
        assert (mine.links, mine.records, mine.faults, mine.began) == (3, 9, (), DAY)
        assert (theirs.links, theirs.records, theirs.faults) == (1, 1, ())
        assert mine.head == await store.audit_head(s.HILL, TODAY)
        assert mine.head != theirs.head

    async def test_an_older_head_is_held(self, store: Store) -> None:
        """However it is written; another school's, and none, is not."""
        await store.commit(s.opening(1))
        head = await store.audit_head(s.HILL, TODAY)
        await store.commit(s.opening(2))
        await store.commit(Change(school=s.DALE, audit=(s.audit(1, school=s.DALE),)))
        for said, held in ((head, DAY), (f" {head.lower()} ", DAY), ("nonsense", None)):
            assert (await store.audit_proof(s.HILL, TODAY, said)).held_at == held
        assert (await store.audit_proof(s.DALE, TODAY, head)).held_at is None

    async def test_what_is_refused_or_repeated_is_in_no_link(self, store: Store) -> None:
        """A conflict and a second delivery leave the chain as it was."""
        await store.commit(s.opening(1))
        head = await store.audit_head(s.HILL, TODAY)
        await store.commit(s.opening(1))
        with pytest.raises(Conflict):
            await store.commit(replace(s.opening(1), handled=None))
        assert await store.audit_head(s.HILL, TODAY) == head

    async def test_of_a_case_that_goes_all_goes(self, store: Store) -> None:
        """Body, events, looks, messages, timers, links and the threads; a tombstone and one line stay."""
        await store.commit(s.opening(1))
        await store.commit(s.opening(2))
        root = (await store.sends_of(s.HILL, C1))[0]
        sent = replace(root, way=Way.ROOT, posted=s.posted("m1"))
        await store.commit(Change(school=s.HILL, updated_sends=(sent,)))
        both = Link(school=s.HILL, cases=(C1, C2), story=(Linking(linked=True, by=s.ASH, at=s.NOW),))
        await store.commit(Change(school=s.HILL, links=(both,)))
        await store.commit(burial())
        assert await store.case(s.HILL, C1) is None
        assert await store.case_called(s.HILL, "HPS-2026-001") is None
        assert [row.id for row in await store.cases(s.HILL, open_only=False)] == [C2]
        assert await store.events(s.HILL, C1) == []
        assert await store.sends_of(s.HILL, C1) == []
        assert await store.links_of(s.HILL, C1) == await store.links_of(s.HILL, C2) == []
        assert await store.opened_by(s.HILL, C1) == frozenset()
        assert await store.thread(s.HILL, Platform.SLACK, "C-lead", "m1") is None
        assert {timer.case for timer in await store.due_timers(s.later(10**6))} == {C2}
        assert {send.case for send in await store.due_sends(s.later(10**6))} == {C2}
        assert [line.kind for line in await store.audit(s.HILL, case=C1)] == [AuditKind.REMOVED]
        assert list(await store.tombstones(s.HILL)) == [stone()]
        assert list(await store.tombstones(s.DALE)) == []

    async def test_the_chain_holds_over_what_went(self, store: Store) -> None:
        """What a rule removed is counted as that, not as missing; an older head still fits."""
        await store.commit(s.opening(1))
        await store.commit(s.opening(2))
        head = await store.audit_head(s.HILL, TODAY)
        await store.commit(burial())
        proof = await store.audit_proof(s.HILL, TODAY, head)
        assert (proof.links, proof.records, proof.gone, proof.faults) == (3, 4, 3, ())
        assert proof.held_at == DAY

    async def test_what_has_changed_since_does_not_go(self, store: Store) -> None:
        """Somebody opened it again meanwhile: nothing is removed. Nor does anything go twice."""
        kept = await store.commit(s.opening(1))
        await store.commit(Change(school=s.HILL, case=kept.case))
        with pytest.raises(Conflict):
            await store.commit(burial())
        assert await store.case(s.HILL, C1) is not None
        await store.commit(burial(read_at=2))
        with pytest.raises(Conflict):
            await store.commit(burial(read_at=2))
        assert list(await store.tombstones(s.HILL)) == [stone(read_at=2)]

    async def test_its_reference_stays_taken(self, store: Store) -> None:
        """No later case is called so."""
        await store.commit(s.opening(1))
        await store.commit(burial())
        with pytest.raises(Conflict):
            await store.commit(Change(school=s.HILL, case=s.case(3, reference="hps-2026-001")))

    async def test_its_files_go_unless_somebody_else_has_them(self, store: Store) -> None:
        """The one that two cases have stays for the other."""
        mine, shared = [await store.put_file(s.HILL, content) for content in (b"mine", b"shared")]
        await store.commit(s.opening(1, files=(s.file("F1", mine), s.file("F2", shared))))
        await store.commit(s.opening(2, files=(s.file("F3", shared),)))
        await store.commit(burial())
        assert await store.file(s.HILL, mine) is None
        assert await store.file(s.HILL, shared) == b"shared"
