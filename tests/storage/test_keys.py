"""Each case has a key of its own: nothing else opens it, and without it nothing does.

``old/store_of_2026-11-29.tar.gz`` and ``old/database_of_2026-11-29.jsonl.gz`` are what the version before
left: two cases with a file of their own and one that both have, half a report, links, a case of another
school, an installation's token. They never change.
"""

from __future__ import annotations

import gzip
import json
import tarfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import psycopg
import pytest
from msgspec.structs import replace

from flows.errors import StoreError, UnreadableRow
from flows.model import Change, DraftId, FaultKind
from flows.ports import Store
from flows.school import Platform
from storage.keys import PIECE, InnerKey, Keys, Outside
from storage.open import Opening, open_store
from storage.seal import Sealer
from tests.storage import samples as s
from tests.storage.below import C1, C2, Kept, filled, of_database, of_file
from tests.storage.conftest import NAME
from tests.storage.contract_kept import burial

OLD = Path(__file__).parent / "old"
PLACE = ("cases", "hill", "C1", 1)


# -- what a data key seals -----------------------------------------------------------------------------


@pytest.mark.parametrize(("school", "owner"), [("hill", "C2"), ("dale", "C1")])
def test_a_wrap_that_was_copied_to_another_case_opens_none_of_its_rows(school: str, owner: str) -> None:
    """The key that seals is derived for whose it is."""
    keys = Keys.new(Sealer(s.KEY))
    wrap = keys.new_wrap()
    sealed = keys.inner("hill", "C1", wrap).seal(b"x", *PLACE)
    assert keys.inner("hill", "C1", wrap).open(sealed, *PLACE) == b"x"
    with pytest.raises(UnreadableRow):
        keys.inner(school, owner, wrap).open(sealed, *PLACE)


@pytest.mark.parametrize(
    "place",
    [("events", *PLACE[1:]), ("cases", "dale", "C1", 1), ("cases", "hill", "C2", 1), (*PLACE[:3], 2)],
)
def test_what_a_data_key_sealed_opens_nowhere_else(place: tuple[str, str, str, int]) -> None:
    """Another table, school, id or version."""
    key = InnerKey(bytes(32), "hill", "C1")
    with pytest.raises(UnreadableRow, match="damaged"):
        key.open(key.seal(b"x", *PLACE), *place)


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 5])
def test_a_file_is_sealed_piece_by_piece(size: int) -> None:
    """It comes back as it was; with a piece cut off, left out, exchanged or changed it does not open."""
    content = b"".join(bytes([number % 251]) * PIECE for number in range(5))[:size]
    key = InnerKey(bytes(32), "hill", "file/x")
    begins, *pieces = key.seal_file(content, "hill", "x")
    assert all(len(piece) <= PIECE + 16 for piece in pieces)
    assert b"".join(key.open_file(BytesIO(b"".join([begins, *pieces])).read, "hill", "x")) == content
    wrong = [
        pieces[:-1],
        [*pieces, pieces[-1]],
        [*pieces[:-1], pieces[-1][:-1]],
        [pieces[0][1:], *pieces[1:]],
    ]
    wrong += [pieces[1:], [pieces[1], pieces[0], *pieces[2:]]] if len(pieces) > 1 else []
    for left in wrong:
        with pytest.raises(UnreadableRow):
            list(key.open_file(BytesIO(b"".join([begins, *left])).read, "hill", "x"))
    with pytest.raises(UnreadableRow):
        list(key.open_file(BytesIO(b"".join([begins, *pieces])).read, "hill", "y"))


@pytest.mark.parametrize("change", [lambda w: w[:-1], lambda w: w[:-1] + bytes([w[-1] ^ 1]), lambda w: w[:8]])
def test_a_changed_wrap_opens_nothing(change: Callable[[bytes], bytes]) -> None:
    """Cut or changed it is damaged; under a key that is not here it is another key."""
    keys = Keys.new(Sealer(s.KEY))
    with pytest.raises(UnreadableRow, match="damaged"):
        keys.unwrapped(change(keys.new_wrap()))
    with pytest.raises(UnreadableRow, match="another key"):
        keys.unwrapped(Outside(bytes(32)).wrap(bytes(32)))


def test_few_keys_are_kept_open() -> None:
    """However many cases are opened one after the other."""
    keys = Keys.new(Sealer(s.KEY))
    wrap = keys.new_wrap()
    for number in range(5000):
        keys.inner("hill", f"C{number}", wrap)
    assert keys.inner.cache_info().currsize < 5000


# -- what is kept --------------------------------------------------------------------------------------


@pytest.mark.feature("key-per-case")
async def test_every_row_of_a_case_is_sealed_with_its_key(kept: Kept) -> None:
    """Case, acts, looks, messages, timers, audit; each file with its own, the rest with the school's."""
    await filled(kept)
    found = kept.below(
        "select tbl, id, parent, key from rows where school='hill' and tbl<>'keys' order by tbl, id"
    )
    assert {table for table, *_ in found} >= {
        "cases",
        "events",
        "opened",
        "sends",
        "wakes",
        "audit",
        "handled",
    }
    for table, row, parent, key in found:
        case = next((case for case in (C1, C2) if case in (row, parent) or row.startswith(f"{case}/")), None)
        assert key == (case or "-"), (table, row)
    owners = {row for (row,) in kept.below("select id from rows where tbl='keys' and school='hill'")}
    assert owners >= {C1, C2, "-"}
    assert sum(owner.startswith("file/") for owner in owners) == 1


@pytest.mark.feature("case-shredded")
async def test_a_case_that_went_is_unreadable_whatever_was_kept_of_its_rows(kept: Kept) -> None:
    """Somebody put its sealed rows by, and puts them back: nothing opens them any more. The others open."""
    await filled(kept)
    columns = "tbl, school, id, version, parent, ord, key, body"
    was = kept.below(f"select {columns} from rows where school='hill' and key=%s", (C1,))  # noqa: S608 - our own words
    assert len(was) > 5
    store = await kept.open()
    await store.commit(burial())
    await store.close()
    assert (
        kept.below(
            "select id from rows where tbl='keys' and (id=%s or id like 'file/%%') and school='hill'", (C1,)
        )
        == []
    )
    left = kept.below("select body from rows where tbl='keys' and school='hill'")
    for table, school, row, version, _, _, key, body in was:
        for wrap in (None, *(bytes(wrap) for (wrap,) in left)):
            with pytest.raises(UnreadableRow):
                kept.keys().opened(bytes(body), table, (school, row, version), key, wrap)
    store = await kept.open()
    assert await store.case(s.HILL, C2) is not None
    assert await store.case(s.DALE, C1) is not None
    await store.close()


async def test_a_draft_that_went_is_unreadable_too(kept: Kept) -> None:
    """Thrown away, forgotten or sent: what was put by of it opens with none of the keys that are left."""
    store = await kept.open()
    await store.commit(Change(school=s.HILL, draft=s.draft()))
    await store.commit(Change(school=s.HILL, draft=s.draft(2, person=s.BROOK)))
    ((key, version, body),) = kept.below(
        "select key, version, body from rows where tbl='drafts' and id='D0001'"
    )
    await store.commit(Change(school=s.HILL, dropped_draft=DraftId("D0001")))
    assert await store.draft(s.HILL, DraftId("D0002")) is not None
    await store.close()
    left = kept.below("select body from rows where tbl='keys'")
    assert len(left) == 1
    for wrap in (None, *(bytes(wrap) for (wrap,) in left)):
        with pytest.raises(UnreadableRow):
            kept.keys().opened(bytes(body), "drafts", (s.HILL, "D0001", version), key, wrap)


async def test_a_row_of_one_case_in_the_place_of_another_is_refused(kept: Kept) -> None:
    """With its key's name or without; nor does a key that was put in the place of another help."""
    await filled(kept)
    swap = "update rows set {} where tbl='{}' and school='hill' and id=%s"
    of = "(select {} from rows o where o.tbl='{}' and o.school='hill' and o.id='C0002')"
    body, key = of.format("body", "cases"), of.format("key", "cases")
    (was,) = kept.below("select body, key from rows where tbl='cases' and school='hill' and id=%s", (C1,))
    for change in (f"body={body}", f"body={body}, key={key}", f"key={key}"):
        kept.below(swap.format(change, "cases"), (C1,))
        await _refused(kept)
        kept.below(
            "update rows set body=%s, key=%s where tbl='cases' and school='hill' and id=%s", (*was, C1)
        )
    kept.below(swap.format(f"body={of.format('body', 'keys')}", "keys"), (C1,))
    await _refused(kept)


async def _refused(kept: Kept) -> None:
    with pytest.raises(StoreError) as told:
        await _case(kept)
    assert told.value.reference == "store-damaged"


async def _case(kept: Kept) -> None:
    store = await kept.open()
    try:
        await store.case(s.HILL, C1)
    finally:
        await store.close()


async def test_a_case_put_back_to_an_older_version_is_noticed(kept: Kept) -> None:
    """A file does not open; in a database the audit names the day of what was done with it since."""
    await filled(kept)
    row = "from rows where tbl='cases' and school='hill' and id=%s"
    ((version, body),) = kept.below(f"select version, body {row}", (C1,))
    store = await kept.open()
    case = await store.case(s.HILL, C1)
    assert case is not None
    await store.commit(Change(school=s.HILL, case=replace(case, hold="police"), events=(s.event(1, 9),)))
    assert (await store.audit_proof(s.HILL, s.NOW.date())).faults == ()
    await store.close()
    for below in (
        "update rows set version=%s, body=%s where tbl='cases' and school='hill' and id=%s",
        f"delete {row}",
    ):
        kept.below(below, (version, body, C1) if below.startswith("update") else (C1,))
        if kept.address.startswith("tinydb:"):
            with pytest.raises(StoreError) as told:
                await kept.open()
            assert told.value.reference == "store-changed"
            continue
        store = await kept.open()
        (fault,) = (await store.audit_proof(s.HILL, s.NOW.date())).faults
        await store.close()
        assert (fault.what, fault.of, fault.day) == (FaultKind.OLDER, "case", s.NOW.date())


# -- what was kept before ------------------------------------------------------------------------------


@pytest.fixture(params=["file", "database"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    """Give what the version before left, in each kind of store."""
    if request.param == "file":
        with tarfile.open(OLD / "store_of_2026-11-29.tar.gz") as tar:
            tar.extractall(tmp_path, filter="data")
        return Kept(f"tinydb:{tmp_path}/cases.db", of_file(tmp_path / "cases.db"))
    address, server = request.getfixturevalue("database"), request.getfixturevalue("running")
    with psycopg.connect(server.address(NAME)) as connection:
        for line in gzip.decompress((OLD / "database_of_2026-11-29.jsonl.gz").read_bytes()).splitlines():
            table = json.loads(line)
            into = f"copy {table['table']} ({', '.join(table['columns'])}) from stdin"
            with connection.cursor().copy(into.encode()) as copy:
                copy.write(table["copy"])
    return Kept(address, of_database(server, NAME))


async def said(store: Store) -> list[object]:
    """Return what an old store says."""
    draft = await store.draft(s.HILL, DraftId("D0001"))
    assert draft is not None
    cases = [await store.case(s.HILL, C1), await store.case(s.HILL, C2), await store.case(s.DALE, C1)]
    files = [file.sha256 for case in cases if case for file in case.report.posting.files]
    return [
        cases,
        await store.events(s.HILL, C1),
        await store.sends_of(s.HILL, C1),
        await store.links_of(s.HILL, C2),
        await store.opened_by(s.HILL, C1),
        await store.audit(s.HILL),
        await store.due_timers(s.later(10**6)),
        draft,
        await store.roster(s.HILL),
        await store.record(Platform.SLACK, "install/T1"),
        [await store.file(s.HILL, sha256) for sha256 in (*files, draft.files[0].sha256)],
        (await store.audit_proof(s.HILL, s.NOW.date())).faults,
    ]


async def test_an_old_store_is_sealed_anew_and_says_what_it_said(old: Kept) -> None:
    """Looked into it is read as it is; opened, each row gets the key that it would have been given."""
    store = await old.open(Opening.LOOK)
    before = await said(store)
    await store.close()
    assert before[9] == b"token of T1"
    assert before[10] == [
        b"picture of C0001",
        b"picture of two cases",
        b"picture of two cases",
        b"picture of a draft",
    ]
    store = await old.open(Opening.THERE)
    assert await said(store) == before
    await store.close()
    owners = old.below("select count(*) from rows where tbl='keys' and substr(id, 1, 5)='file/'")
    assert owners == [(3,)], "each file has a key of its own now"
    left = {key for (key,) in old.below("select distinct key from rows where tbl<>'meta'")}
    assert left == {C1, C2, "-", Outside(s.KEY).id}, "the last is that of the wraps"
    store = await old.open(Opening.THERE)
    assert await said(store) == before
    await store.commit(burial(read_at=1))
    await store.close()
    store = await old.open(Opening.THERE)
    assert await store.case(s.HILL, C1) is None
    assert await store.case(s.HILL, C2) is not None
    await store.close()


async def test_an_old_store_does_not_open_with_another_key(old: Kept) -> None:
    """Nothing is changed by who tries."""
    before = old.below("select tbl, id, key, body from rows order by tbl, school, id")
    with pytest.raises(StoreError) as told:
        await open_store(old.address, key=bytes(32), opening=Opening.THERE)
    assert told.value.reference == "wrong-key"
    assert old.below("select tbl, id, key, body from rows order by tbl, school, id") == before
