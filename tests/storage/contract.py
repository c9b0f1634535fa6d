"""What every store promises (``flows.ports.Store``): subclass, and give the ``store`` fixture."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from flows.errors import Conflict, StoreError
from flows.model import (
    CaseId,
    Change,
    DraftId,
    Handled,
)
from flows.ports import Store
from flows.school import Platform
from tests.storage import samples as s
from tests.storage.contract_cases import CaseContract
from tests.storage.contract_files import FileLifeContract
from tests.storage.contract_kept import KeptContract
from tests.storage.contract_sends import FileContract, SendContract

C1 = CaseId("C0001")


async def snapshot(store: Store) -> list[object]:
    """Return all that two schools' reads say, to compare before and after."""
    said: list[object] = []
    for school in (s.HILL, s.DALE):
        said += [await store.cases(school, open_only=False), await store.audit(school)]
        said += [await store.draft_of(school, person) for person in (s.ASH, s.BROOK)]
        for row in await store.cases(school, open_only=False):
            said += [await store.case(school, row.id), await store.events(school, row.id)]
            said += [await store.sends_of(school, row.id)]
    said += [await store.due_sends(s.later(10**6)), await store.due_timers(s.later(10**6))]
    return [*said, await store.next_due()]


class CommitContract:
    """One commit keeps all or nothing, once."""

    async def test_everything_in_a_change_can_be_read(self, store: Store) -> None:
        """Case, events, audit, sends, timers, draft and the handled key land together."""
        change = replace(s.opening(), draft=s.draft())
        kept = await store.commit(change)
        assert kept.case is not None
        assert kept.case == replace(s.stored(s.case()), reference="HPS-2026-001")
        assert await store.case(s.HILL, C1) == kept.case
        assert await store.case_called(s.HILL, "hps-2026-001") == kept.case
        assert tuple(await store.events(s.HILL, C1)) == change.events
        assert tuple(await store.audit(s.HILL)) == change.audit
        assert tuple(await store.sends_of(s.HILL, C1)) == tuple(map(s.stored, change.new_sends))
        assert tuple(await store.due_timers(s.later(20))) == change.timers
        assert await store.draft(s.HILL, DraftId("D0001")) == kept.draft == s.stored(s.draft())
        assert await store.handled(s.HILL, "in-1") == change.handled

    async def test_what_a_commit_gives_can_be_changed_and_committed_again(self, store: Store) -> None:
        """Versions are the store's: nobody counts between reading, or committing, and the next commit."""
        kept = await store.commit(replace(s.opening(), draft=s.draft()))
        sends = tuple(await store.sends_of(s.HILL, C1))
        for turn in range(2, 5):
            change = Change(school=s.HILL, draft=kept.draft, case=kept.case, updated_sends=sends)
            kept = await store.commit(change)
            assert kept.case == await store.case(s.HILL, C1)
            assert kept.draft == await store.draft_of(s.HILL, s.ASH)
            sends = tuple(await store.sends_of(s.HILL, C1))
            assert kept.updated_sends == sends
            assert {r.version for r in (kept.case, kept.draft, *sends) if r} == {turn}

    async def test_a_store_begins_empty(self, store: Store) -> None:
        """Nothing is there that nobody kept."""
        assert await store.cases(s.HILL, open_only=False) == []
        assert await store.case(s.HILL, C1) is None
        assert await store.case_called(s.HILL, "HPS-2026-001") is None
        assert await store.draft_of(s.HILL, s.ASH) is None
        assert await store.next_due() is None
        assert await store.handled(s.HILL, "in-1") is None

    async def test_an_empty_change_is_kept(self, store: Store) -> None:
        """A change that stores nothing is no error."""
        assert (await store.commit(Change(school=s.HILL))).case is None

    async def test_a_repeated_delivery_changes_nothing(self, store: Store) -> None:
        """The second delivery of an inbound is told what the first one did, and keeps nothing."""
        first = await store.commit(s.opening())
        before = await snapshot(store)
        again = await store.commit(replace(s.opening(2), handled=Handled(key="in-1", at=s.later(9))))
        assert (again.repeated, again.handled, again.case) == (True, s.opening().handled, first.case)
        assert await snapshot(store) == before

    async def test_deliveries_at_the_same_moment_are_one(self, store: Store) -> None:
        """Of ten deliveries at once exactly one is kept."""
        changes = (replace(s.opening(n), handled=Handled(key="same", at=s.NOW)) for n in range(10))
        kept = await asyncio.gather(*(store.commit(change) for change in changes))
        assert [one.repeated for one in kept].count(False) == 1
        assert len(await store.cases(s.HILL)) == 1

    @pytest.mark.parametrize(
        "change",
        [
            Change(school=s.HILL, case=s.case(1, version=0)),
            Change(school=s.HILL, case=s.case(1, version=2)),
            Change(school=s.HILL, case=s.case(2, version=1)),
            Change(school=s.HILL, draft=s.draft(1, version=0)),
            Change(school=s.HILL, draft=s.draft(1, version=2)),
            Change(school=s.HILL, draft=s.draft(2, version=1, person=s.BROOK)),
            Change(school=s.HILL, draft=s.draft(2)),
            Change(school=s.HILL, draft=s.draft(1, person=s.BROOK)),
            Change(school=s.HILL, updated_sends=(s.send(1, "card/slack:leadership", version=0),)),
            Change(school=s.HILL, updated_sends=(s.send(1, "card/slack:leadership", version=2),)),
            Change(school=s.HILL, updated_sends=(s.send(1, "card/nowhere", version=0),)),
            Change(school=s.HILL, updated_sends=(s.send(1, "card/nowhere", version=-1),)),
            Change(school=s.HILL, events=(s.event(1, 2),)),
        ],
    )
    async def test_a_change_that_comes_too_late_keeps_nothing(self, store: Store, change: Change) -> None:
        """What was read at another version than the stored one, or a second open draft, is a Conflict."""
        await store.commit(replace(s.opening(), draft=s.draft()))
        before = await snapshot(store)
        rest = replace(
            change,
            handled=Handled(key="late", at=s.NOW),
            audit=(s.audit(1),),
            new_sends=(s.send(1, "late"),),
            timers=(s.timer(9, minutes=1),),
            cancelled_timers=("C0001/acknowledge",),
        )
        with pytest.raises(Conflict):
            await store.commit(rest)
        assert await snapshot(store) == before
        assert await store.handled(s.HILL, "late") is None

    async def test_a_record_of_another_school_is_refused(self, store: Store) -> None:
        """A change holds one school's records; anything else is a mistake in the program."""
        far = s.later(minutes=10**6)
        for strange in (
            Change(school=s.HILL, case=s.case(1, school=s.DALE)),
            Change(school=s.HILL, draft=s.draft(school=s.DALE)),
            Change(school=s.HILL, new_sends=(s.send(1, "x", school=s.DALE),)),
            Change(school=s.HILL, updated_sends=(s.send(1, "x", school=s.DALE),)),
            Change(school=s.HILL, timers=(s.timer(1, school=s.DALE),)),
            Change(school=s.HILL, audit=(s.audit(1, school=s.DALE),)),
        ):
            with pytest.raises(ValueError, match="school"):
                await store.commit(strange)
        assert await store.cases(s.DALE) == []
        assert await store.audit(s.DALE) == []
        assert await store.due_sends(far) == []
        assert await store.due_timers(far) == []

    async def test_one_of_two_at_once_wins(self, store: Store) -> None:
        """Two changes of the same case at the same moment: one is kept, the other is a Conflict."""
        await store.commit(s.opening())
        changes = [s.case(1, version=1, reference="HPS-2026-001", hold=why) for why in ("a", "b")]
        kept = await asyncio.gather(
            *(store.commit(Change(school=s.HILL, case=case)) for case in changes), return_exceptions=True
        )
        assert sum(isinstance(one, Conflict) for one in kept) == 1

    async def test_what_is_read_is_a_copy(self, store: Store) -> None:
        """Changing what was handed out changes nothing that is kept."""
        await store.commit(s.opening())
        for _ in range(2):
            case = await store.case(s.HILL, C1)
            assert case is not None
            assert case.recused == {}
            case.recused[s.ASH] = "mine"  # type: ignore[assignment]

    async def test_a_closed_store_says_so(self, store: Store) -> None:
        """After closing, whatever is asked raises a StoreError; closing again is nothing."""
        await store.close()
        await store.close()
        for ask in (
            store.commit(s.opening()),
            store.handled(s.HILL, "in-1"),
            store.draft(s.HILL, DraftId("D0001")),
            store.draft_of(s.HILL, s.ASH),
            store.case(s.HILL, C1),
            store.case_called(s.HILL, "HPS-2026-001"),
            store.cases(s.HILL),
            store.cases_reported_by(s.HILL, s.ASH),
            store.events(s.HILL, C1),
            store.audit(s.HILL),
            store.opened_by(s.HILL, C1),
            store.send(s.HILL, "card/slack:leadership"),
            store.sends(s.HILL, ["card/slack:leadership"]),
            store.sends_of(s.HILL, C1),
            store.thread(s.HILL, Platform.SLACK, "C1", "1"),
            store.due_sends(s.NOW),
            store.due_timers(s.NOW),
            store.apart(),
            store.forget_apart(),
            store.next_due(),
            store.put_file(s.HILL, b""),
            store.file(s.HILL, "00"),
            store.put_record(Platform.SLACK, "a", b""),
            store.record(Platform.SLACK, "a"),
            store.remove_record(Platform.SLACK, "a"),
            store.records(Platform.SLACK, ""),
            store.replace_record(Platform.SLACK, "a", b"", before=None),
            store.forget_records(Platform.SLACK, s.NOW),
        ):
            with pytest.raises(StoreError, match="closed"):
                await ask


class StoreContract(CommitContract, CaseContract, SendContract, FileContract, FileLifeContract, KeptContract):
    """All of it."""
