"""The audit's chain: whatever is done to it by whoever has the file, or the key, is found, and where."""

from __future__ import annotations

import asyncio
import datetime as dt
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.model import AuditFault, AuditProof, Change, FaultKind
from flows.ports import Store
from storage import chain, codec
from storage.chain import ChainLink
from storage.embedded.backup import HEADS, back_up
from storage.embedded.queries import proofs
from storage.embedded.rows import NewRow, Rows
from storage.embedded.store import TinyStore
from storage.open import open_store
from storage.opening import Opening
from storage.seal import Sealer
from tests.storage import samples as s

SEALER = Sealer(s.KEY)
TODAY = dt.date(2026, 11, 30)
DAY = s.NOW.date()
LINKS = 6
#: records in each: two acts and a line
EACH = 3


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """Give the file of a store with six links of one school and one of another, closed."""
    path = tmp_path / "cases.db"
    store = await asyncio.to_thread(TinyStore, path, SEALER)
    await fill(store)
    await store.close()
    return path


async def fill(store: Store) -> None:
    """Keep six changes of a school, each two events and a line of audit, and one of another school."""
    for number in range(1, LINKS + 1):
        await store.commit(s.opening(number))
    await store.commit(Change(school=s.DALE, audit=(s.audit(1, school=s.DALE),)))


def look(path: Path, said: str = "") -> AuditProof:
    """Return the proof of the school with six links; the other's must be whole whatever was done."""
    found = proofs(path, SEALER, TODAY, said)
    assert found[s.DALE].faults == ()
    return found[s.HILL]


def by_hand(path: Path, *statements: str) -> None:
    """Do something to the file as anybody can who has it."""
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.feature("audit-chained")
async def test_what_was_left_alone_is_whole(path: Path) -> None:
    """Every event and every line is in a link, and the links follow each other."""
    proof = look(path)
    assert (proof.links, proof.records, proof.faults) == (LINKS, EACH * LINKS, ())
    assert (proof.began, proof.old, proof.gone) == (DAY, 0, 0)


EDITED, GONE = "update rows set body=x'00'", "delete from rows"


def of_hill(what: str, table: str, which: str) -> str:
    """Return a statement about rows of the school with six links."""
    return f"{what} where school='hill' and tbl='{table}' and id {which}"


TABLE = [
    ("a line edited", EDITED, "audit", "like '%3'", (3, "edited", "line")),
    ("a line removed", GONE, "audit", "like '%3'", (3, "removed", "line")),
    ("an act removed", GONE, "events", "like 'C0004%'", (4, "removed", "act")),
    ("an act edited", EDITED, "events", "like 'C0004%'", (4, "edited", "act")),
    ("a link edited", EDITED, "chain", "like '%2'", (2, "edited", "link")),
    ("a link removed", GONE, "chain", "like '%5'", (5, "removed", "link")),
    ("the first removed", GONE, "chain", "like '%1'", (1, "removed", "link")),
    ("the last cut off", GONE, "chain", "like '%6'", (6, "cut", "link")),
]


@pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
async def test_a_hand_at_the_file_is_found(
    path: Path, row: tuple[str, str, str, str, tuple[int, str, str]]
) -> None:
    """Whoever has the file and no key: it is said which link, of which day, and what was done."""
    what, does, table, which, found = row
    by_hand(path, of_hill(does, table, which))
    faults = [(fault.number, fault.what.value, fault.of) for fault in look(path).faults]
    assert found in faults, what
    assert all(fault.day in {DAY, None} for fault in look(path).faults)


async def test_rows_that_change_places_are_found(path: Path) -> None:
    """Two lines that are swapped open no more, each where it lies now."""
    places = (("='000000000002'", "x"), ("='000000000004'", "000000000002"), ("='x'", "000000000004"))
    move = "update rows set id="
    by_hand(path, *(of_hill(f"{move}'{to}'", "audit", which) for which, to in places))
    assert [(fault.number, fault.what) for fault in look(path).faults] == [
        (2, FaultKind.EDITED),
        (4, FaultKind.EDITED),
    ]


async def test_the_end_cut_off_with_all_it_held(path: Path) -> None:
    """Lines, acts and links of the last two gone together: the file's own count says how many there were."""
    last = {"chain": ">='000000000005'", "audit": ">='000000000005'", "events": ">='C0005'"}
    by_hand(path, *(of_hill(GONE, table, which) for table, which in last.items()))
    assert look(path).faults == (AuditFault(number=5, day=DAY, what=FaultKind.CUT),)


def with_key(path: Path, do: Callable[[Rows], None]) -> None:
    """Do something to the file as only who has the key can: it adds up afterwards."""
    rows = Rows(path, SEALER)
    with rows.transaction():
        do(rows)
    rows.close()


def _line(rows: Rows, number: int, like: int) -> None:
    row = chain.line_row(number)
    rows.put(NewRow("audit", s.HILL, row, 1, codec.encode(s.audit(like)), parent="C0001"))


def _swap_links(rows: Rows) -> None:
    two, three = (rows.get("chain", s.HILL, chain.line_row(n)) or b"" for n in (2, 3))
    rows.put(NewRow("chain", s.HILL, chain.line_row(2), 1, three))
    rows.put(NewRow("chain", s.HILL, chain.line_row(3), 1, two))


def _numbered_anew(rows: Rows) -> None:
    """Take the second link out and let those behind it move up."""
    for n in range(2, LINKS):
        link = codec.decode(ChainLink, rows.get("chain", s.HILL, chain.line_row(n + 1)) or b"")
        moved = ChainLink(number=n, day=link.day, entries=link.entries, seal=link.seal)
        rows.put(NewRow("chain", s.HILL, chain.line_row(n), 1, codec.encode(moved)))
    rows.remove("chain", s.HILL, chain.line_row(LINKS))


@pytest.mark.parametrize(
    ("do", "found"),
    [
        (lambda rows: _line(rows, 3, 9), (3, FaultKind.EDITED)),
        (lambda rows: _line(rows, 7, 7), (6, FaultKind.ADDED)),
        (_swap_links, (2, FaultKind.MOVED)),
        (_numbered_anew, (2, FaultKind.MOVED)),
    ],
)
async def test_a_hand_with_the_key_is_found(
    path: Path, do: Callable[[Rows], None], found: tuple[int, FaultKind]
) -> None:
    """A line sealed anew, one slipped in, links swapped or closed up: the sums do not fit."""
    with_key(path, do)
    assert found in [(fault.number, fault.what) for fault in look(path).faults]


@pytest.mark.feature("audit-head")
async def test_a_head_of_before_is_held_or_not(path: Path, tmp_path: Path) -> None:
    """A longer chain holds an older head; one that was cut, or is all anew, does not, even with the key."""
    head = look(path).head
    store = await asyncio.to_thread(TinyStore, path, SEALER)
    assert await store.audit_head(s.HILL, TODAY) == head
    await store.commit(s.opening(LINKS + 1))
    await store.close()
    assert look(path, head).held_at == DAY
    assert look(path, head.lower()).held_at == DAY, "typed by hand"
    for other in ("", head[:-1] + ("A" if head[-1] != "A" else "B"), "20261131-AAAA", "no head"):
        assert look(path, other).held_at is None
    anew = await asyncio.to_thread(TinyStore, tmp_path / "anew.db", SEALER)
    for number in range(1, LINKS):
        await anew.commit(s.opening(number))
    await anew.commit(Change(school=s.DALE, audit=(s.audit(1, school=s.DALE),)))
    await anew.close()
    cut = look(tmp_path / "anew.db", head)
    assert (cut.faults, cut.held_at) == ((), None)


async def test_a_head_says_nothing(path: Path) -> None:
    """It is another each day, also when nothing happens, and holds no number of anything."""
    store = await asyncio.to_thread(TinyStore, path, SEALER)
    heads = {await store.audit_head(s.HILL, TODAY + dt.timedelta(days=n)) for n in range(7)}
    assert len({head.partition("-")[2] for head in heads}) == 7
    assert {len(head) for head in heads} == {len("20261130-AAAA-AAAA-AAAA-AAAA")}
    await store.close()


async def test_each_backup_has_the_heads(path: Path, tmp_path: Path) -> None:
    """In a file of its own beside the copy, which the store still holds later."""
    back_up(path, SEALER, tmp_path / "b")
    said = dict(line.split() for line in (tmp_path / "b" / HEADS).read_text("utf-8").splitlines())
    assert said.keys() == {s.HILL, s.DALE}
    assert look(path, said[s.HILL]).held_at == DAY


async def test_a_store_of_before_begins_its_chain(path: Path) -> None:
    """From the first start of this version on; of what is older it says that it can say nothing."""
    by_hand(path, "delete from rows where tbl='chain'", "delete from rows where tbl='meta' and id='chain'")
    rows = Rows(path, SEALER, opening=Opening.AS_IT_IS)
    rows.close()
    assert look(path).began is None
    store = await asyncio.to_thread(TinyStore, path, SEALER)
    await store.commit(s.opening(LINKS + 1))
    proof = await store.audit_proof(s.HILL, TODAY)
    assert (proof.faults, proof.links, proof.records, proof.old) == ((), 2, EACH, EACH * LINKS)
    assert proof.began == dt.datetime.now(dt.UTC).date()
    await store.close()
    again = await asyncio.to_thread(TinyStore, path, SEALER)
    assert await again.audit_proof(s.HILL, TODAY) == proof, "once"
    await again.close()


async def test_work_goes_on_behind_a_link_that_does_not_open(path: Path) -> None:
    """One damaged row stops no report; the break stays to be seen."""
    rows = Rows(path, SEALER)
    rows._write("update rows set body=x'00' where tbl='chain' and school='hill' and id like '%6'", ())  # noqa: SLF001 - damage comes from below
    rows.close()
    store = await asyncio.to_thread(TinyStore, path, SEALER)
    await store.commit(s.opening(LINKS + 1))
    await store.commit(s.opening(LINKS + 2))
    await store.close()
    proof = look(path)
    assert [(fault.number, fault.what) for fault in proof.faults if fault.of == "link"] == [
        (LINKS, FaultKind.EDITED)
    ]


async def test_memory_is_chained_alike() -> None:
    """The reference store proves itself by the same rules."""
    store = await open_store("memory:", key=s.KEY)
    assert await store.audit_head(s.HILL, TODAY) == ""
    await fill(store)
    proof = await store.audit_proof(s.HILL, TODAY)
    assert (proof.links, proof.records, proof.faults) == (LINKS, EACH * LINKS, ())
    assert (await store.audit_proof(s.HILL, TODAY, proof.head)).held_at == DAY


async def test_a_school_whose_audit_is_gone_altogether_is_missed(path: Path) -> None:
    """No row of it is left: the file's own count says that there were some, and how many."""
    by_hand(path, *(of_hill(GONE, table, "is not null") for table in ("chain", "audit", "events")))
    assert look(path).faults == (AuditFault(number=1, day=None, what=FaultKind.CUT),)
    assert look(path).trouble


async def test_a_count_that_is_gone_as_well_is_said(path: Path) -> None:
    """Whoever takes the end of the chain and the count with it is found out: the file is not as it was."""
    by_hand(path, of_hill(GONE, "chain", "like '%6'"), "delete from rows where tbl='meta' and id='tally'")
    assert look(path).trouble
    assert [fault.what for fault in look(path).faults] == [FaultKind.ADDED] * EACH
