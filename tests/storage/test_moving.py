"""Everything from one store into another and back, and a proof that can fail."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from flows.errors import StoreError
from flows.model import CaseId, Change, DraftId, Roster, Send, Timer
from flows.ports import Store
from flows.school import Platform
from storage import moving
from storage.open import Opening, open_store
from storage.postgres import copying
from tests.database import Server
from tests.storage import samples as s
from tests.storage.conftest import NAME
from tests.storage.contract import snapshot

FAR = s.later(10**6)


async def filled(store: Store) -> None:
    """Keep one of everything, of two schools."""
    await store.commit(s.opening())
    await store.commit(s.opening(school=s.DALE))
    sha256 = await store.put_file(s.HILL, b"picture")
    await store.commit(Change(school=s.HILL, draft=replace(s.draft(), files=(s.file("f1", sha256),))))
    other = await store.put_file(s.DALE, b"other")
    await store.commit(s.opening(2, school=s.DALE, files=(s.file("f2", other),)))
    await store.commit(Change(school=s.HILL, roster=Roster(school=s.HILL)))
    sends = await store.sends_of(s.HILL, CaseId("C0001"))
    await store.commit(Change(school=s.HILL, updated_sends=(replace(sends[0], posted=s.posted("m1")),)))
    await store.put_record(Platform.SLACK, "install/T1", b"token")
    await store.close()


async def said(store: Store) -> list[object]:
    """Return all that a store says."""
    found = [_by_school(one) for one in await snapshot(store)]
    found += [await store.roster(s.HILL), await store.record(Platform.SLACK, "install/T1")]
    draft = await store.draft(s.HILL, DraftId("D0001"))
    assert draft is not None
    found.append(await store.file(s.HILL, draft.files[0].sha256))
    case = await store.case(s.DALE, CaseId("C0002"))
    assert case is not None
    found.append(await store.file(s.DALE, case.report.posting.files[0].sha256))
    found += [await store.cases_reported_by(s.HILL, s.ASH), await store.opened_by(s.HILL, CaseId("C0001"))]
    return found


def _by_school(one: object) -> object:
    """Return what is due school by school: which of two schools came first in a moment is no matter."""
    due = isinstance(one, list) and one and isinstance(one[0], Send | Timer)
    return sorted(one, key=lambda each: str(each.school)) if due else one  # type: ignore[call-overload]


@pytest.mark.feature("move-proved")
async def test_there_and_back_it_is_the_same(tmp_path: Path, database: str) -> None:
    """What a file says a database says, and a file made of that says it again; then it goes on."""
    first, again = f"tinydb:{tmp_path}/a.db", f"tinydb:{tmp_path}/b.db"
    await filled(await open_store(first, key=s.KEY, opening=Opening.NEW))
    there = await moving.move(first, database, s.KEY)
    back = await moving.move(database, again, s.KEY)
    assert (there, there.files) == (back, 2)
    answers = []
    for address in (first, database, again):
        store = await open_store(address, key=s.KEY)
        answers.append(await said(store))
        await store.commit(Change(school=s.HILL, audit=(s.audit(1),)))
        await store.commit(Change(school=s.HILL, dropped_draft=DraftId("D0001")))
        answers.append([await store.audit(s.HILL), await store.draft_of(s.HILL, s.ASH)])
        await store.close()
    for number in (2, 4):
        for one, other in zip(answers[0] + answers[1], answers[number] + answers[number + 1], strict=True):
            assert one == other, number


async def test_what_does_not_open_goes_over_as_it_is(tmp_path: Path, database: str, running: Server) -> None:
    """It rests apart in the new store as it did in the old one; nothing is dropped on the way."""
    store = await open_store(database, key=s.KEY)
    await store.commit(s.opening())
    body = "update rows set body = substring(body from 2) where tbl = 'sends'"
    running.run(body, database=NAME)
    assert await store.due_sends(FAR) == []
    apart = [(one.school, one.kind, one.about) for one in await store.apart()]
    assert apart
    await store.close()
    address = f"tinydb:{tmp_path}/a.db"
    await moving.move(database, address, s.KEY)
    store = await open_store(address, key=s.KEY)
    assert [(one.school, one.kind, one.about) for one in await store.apart()] == apart
    await store.close()


@pytest.mark.parametrize(
    "lost",
    [
        "delete from rows where tbl = 'events' and id like '%1'",
        "update due set due = due + 1",
        "update rows set parent = 'other' where tbl = 'sends'",
        "update counters set value = value - 1",
        "delete from files",
    ],
)
async def test_a_copy_that_is_not_the_same_is_no_move(
    tmp_path: Path, database: str, running: Server, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is missing or otherwise in the new store, the proof says so."""
    address = f"tinydb:{tmp_path}/a.db"
    await filled(await open_store(address, key=s.KEY, opening=Opening.NEW))
    written = copying.DatabaseCopy.write_counters

    async def and_lost(self: copying.DatabaseCopy, counters: list[tuple[str, str, int]]) -> None:
        await written(self, counters)
        running.run(lost, database=NAME)

    monkeypatch.setattr(copying.DatabaseCopy, "write_counters", and_lost)
    with pytest.raises(StoreError, match="not what is there"):
        await moving.move(address, database, s.KEY)


async def test_a_store_that_holds_something_is_left_as_it_is(tmp_path: Path, database: str) -> None:
    """Nothing is written over what is there; nor is a store made where none was."""
    address = f"tinydb:{tmp_path}/a.db"
    await filled(await open_store(address, key=s.KEY, opening=Opening.NEW))
    await filled(await open_store(database, key=s.KEY))
    for source, to in ((address, database), (database, address)):
        with pytest.raises(StoreError) as told:
            await moving.move(source, to, s.KEY)
        assert told.value.reference == "store-exists"
    with pytest.raises(StoreError, match="no store"):
        await moving.move(f"tinydb:{tmp_path}/none.db", database, s.KEY)
    assert not (tmp_path / "none.db").exists()
    with pytest.raises(StoreError, match="nothing to move"):
        await moving.move("memory:", database, s.KEY)
