"""TinyDB's own behaviours, asked of its tables over rows; and what is ours beside them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from tinydb import Query, TinyDB, where
from tinydb.operations import delete, increment
from tinydb.storages import MemoryStorage
from tinydb.table import Document

from flows.errors import StoreError
from storage.embedded.rows import Rows
from storage.embedded.store import TinyStore
from storage.embedded.tables import RowDB
from storage.open import Opening, open_store
from storage.seal import Sealer
from tests.storage import samples as s


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[Rows]:
    """Give an empty file."""
    rows = Rows(tmp_path / "rows.db", Sealer(s.KEY))
    yield rows
    rows.close()


@pytest.fixture(params=["rows", "tinydb"])
def db(request: pytest.FixtureRequest, rows: Rows) -> TinyDB:
    """Give ours, and TinyDB's own to see that the tests say what TinyDB does."""
    return RowDB(rows) if request.param == "rows" else TinyDB(storage=MemoryStorage)


@pytest.fixture
def three(db: TinyDB) -> TinyDB:
    """Give three documents."""
    db.drop_tables()
    db.insert_multiple({"int": 1, "char": c} for c in "abc")
    return db


def test_inserted_documents_are_numbered(db: TinyDB) -> None:
    """From 1, on; a document that brings its number keeps it, and counting goes on above it."""
    assert db.insert({"a": 1}) == 1
    assert db.insert_multiple([{"a": 2}, {"a": 3}]) == [2, 3]
    assert db.insert(Document({"a": 9}, doc_id=9)) == 9
    assert db.insert({"a": 10}) == 10
    assert [document.doc_id for document in db] == [1, 2, 3, 9, 10]
    assert len(db) == 5


def test_a_number_is_given_once(db: TinyDB) -> None:
    """Inserting a number that is there is refused and changes nothing."""
    db.insert(Document({"a": 1}, doc_id=1))
    with pytest.raises(ValueError, match="already exists"):
        db.insert(Document({"a": 2}, doc_id=1))
    with pytest.raises(ValueError, match="Mapping"):
        db.insert("words")
    assert db.all() == [{"a": 1}]


def test_documents_are_found(three: TinyDB) -> None:
    """By condition, by number, by numbers; not found is None or nothing."""
    assert three.search(where("char") == "b") == [{"int": 1, "char": "b"}]
    assert len(three.search(where("int") == 1)) == 3
    assert three.count(where("int") == 1) == 3
    found = three.get(where("char") == "c")
    assert isinstance(found, Document)
    assert found.doc_id == 3
    assert three.get(doc_id=2) == {"int": 1, "char": "b"}
    assert three.get(doc_ids=[1, 3, 7]) == [{"int": 1, "char": "a"}, {"int": 1, "char": "c"}]
    assert three.get(doc_id=99) is None
    assert three.get(where("char") == "z") is None
    assert three.contains(where("char") == "a")
    assert three.contains(doc_id=3)
    assert not three.contains(doc_id=4)
    assert three.search(Query().char.one_of(["a", "b"])) == three.all()[:2]


def test_documents_are_updated(three: TinyDB) -> None:
    """All, by condition, by number, by a function; missing numbers are passed over."""
    assert three.update({"int": 2}) == [1, 2, 3]
    assert three.update({"int": 3}, where("char") == "a") == [1]
    assert three.update({"int": 4}, doc_ids=[2, 9]) == [2]
    assert three.update(increment("int"), where("char") == "c") == [3]
    assert three.update(delete("char"), doc_ids=[3]) == [3]
    assert three.update_multiple([({"int": 9}, where("char") == "a")]) == [1]
    assert three.all() == [{"int": 9, "char": "a"}, {"int": 4, "char": "b"}, {"int": 3}]


def test_an_update_that_fails_changes_nothing(rows: Rows) -> None:
    """Ours alone: TinyDB's memory would keep the half that was made."""
    db = RowDB(rows)
    db.insert_multiple([{"n": 1}, {"n": 2}])

    def spoil(document: dict[str, int]) -> None:
        document["n"] += 10
        if document["n"] == 12:
            raise RuntimeError

    with pytest.raises(RuntimeError):
        db.update(spoil)
    assert db.all() == [{"n": 1}, {"n": 2}]


def test_documents_are_upserted(three: TinyDB) -> None:
    """Changed where they are, inserted where not."""
    assert three.upsert({"int": 5, "char": "a"}, where("char") == "a") == [1]
    assert three.upsert({"int": 6, "char": "z"}, where("char") == "z") == [4]
    assert three.upsert(Document({"int": 7}, doc_id=2)) == [2]
    assert three.upsert(Document({"int": 8}, doc_id=12)) == [12]
    assert [document["int"] for document in three] == [5, 7, 1, 6, 8]
    with pytest.raises(ValueError, match="doc_id"):
        three.upsert({"int": 1})


def test_documents_are_removed(three: TinyDB) -> None:
    """By condition and by number; numbers are not used again while counting goes on."""
    assert three.remove(where("char") == "b") == [2]
    assert three.remove(doc_ids=[3, 9]) == [3]
    assert three.all() == [{"int": 1, "char": "a"}]
    with pytest.raises(RuntimeError):
        three.remove()
    three.truncate()
    assert three.all() == []
    assert three.insert({}) == 1


def test_tables_are_apart_and_can_be_dropped(db: TinyDB) -> None:
    """What one table loses another keeps."""
    one, two = db.table("one"), db.table("two")
    one.insert({"a": 1})
    two.insert({"a": 2})
    assert db.tables() == {"one", "two"}
    assert one.all() == [{"a": 1}]
    db.drop_table("one")
    db.drop_table("never")
    assert db.tables() == {"two"}
    assert db.table("one").all() == []
    assert two.all() == [{"a": 2}]
    db.drop_tables()
    assert db.tables() == set()


@pytest.mark.parametrize("text", ["é — ✓", "𓀀", 'a"b\\c\n\x00', ""])
def test_text_comes_back(db: TinyDB, text: str) -> None:
    """Any text, as key and as value, nested."""
    db.insert({text or "k": [text, {"n": None, "f": 1.5, "t": True}]})
    assert db.all() == [{text or "k": [text, {"n": None, "f": 1.5, "t": True}]}]


def test_what_is_handed_out_is_a_copy(rows: Rows) -> None:
    """Ours alone: changing a found document changes nothing that is kept, found twice or searched twice."""
    db = RowDB(rows)
    db.insert({"a": {"b": 1}})
    for found in (db.get(doc_id=1), db.all()[0], db.search(where("a").exists())[0]):
        assert isinstance(found, Document)
        found["a"]["b"] = 2
    assert db.search(where("a").exists()) == [{"a": {"b": 1}}]


def test_documents_outlive_closing(tmp_path: Path) -> None:
    """Opened again, all is there and counting goes on."""
    for number in (1, 2):
        rows = Rows(tmp_path / "rows.db", Sealer(s.KEY))
        assert RowDB(rows).insert({"n": number}) == number
        assert len(RowDB(rows)) == number
        rows.close()


def test_only_what_changed_is_written(rows: Rows) -> None:
    """Of a thousand documents an update of one writes one row; of none, nothing."""
    db = RowDB(rows)
    db.insert_multiple({"n": n} for n in range(1000))
    before = rows.commits, rows.written
    db.update({"n": -1}, doc_ids=[500])
    assert (rows.commits, rows.written) == (before[0] + 1, before[1] + 1)
    db.update({"n": -1}, where("n") == -1)
    assert (rows.commits, rows.written) == (before[0] + 1, before[1] + 1)


def test_several_tables_change_together(rows: Rows) -> None:
    """Inside a transaction all is kept or nothing, across tables."""
    db = RowDB(rows)
    with pytest.raises(RuntimeError), rows.transaction():  # noqa: PT012 - the body is what is asked
        db.table("one").insert({"a": 1})
        assert db.table("one").all() == [{"a": 1}], "seen from inside"
        db.table("two").insert({"a": 2})
        raise RuntimeError
    assert db.tables() == set()


async def test_what_the_store_keeps_can_be_queried_but_not_changed(tmp_path: Path) -> None:
    """A school's tables answer TinyDB's queries; nothing goes round the store's rules."""
    store = await open_store(f"tinydb:{tmp_path}/cases.db", key=s.KEY, opening=Opening.EITHER)
    assert isinstance(store, TinyStore)
    for number in (1, 2):
        await store.commit(replace(s.opening(number), draft=s.draft() if number == 1 else None))
    cases = store.db.table("cases@hill")
    assert [case["id"] for case in cases.search(where("status") == "open")] == ["C0001", "C0002"]
    found = cases.get(doc_id="C0002")  # type: ignore[call-overload]
    assert found["report"]["posting"]["words"] == s.WORDS
    assert len(store.db.table("cases@dale")) == 0
    assert {"cases@hill", "sends@hill", "events@hill", "drafts@hill"} <= store.db.tables()
    store.db.insert({"a": 1})
    for change in (cases.truncate, lambda: store.db.drop_table("cases@hill"), lambda: cases.insert({})):
        with pytest.raises(StoreError, match="commit"):
            change()
    store.db.drop_tables()
    assert store.db.tables() >= {"cases@hill"}
    assert len(cases) == 2
    await store.close()


def test_a_whole_database_can_be_written(db: TinyDB) -> None:
    """What TinyDB does to all tables at once: what is given stands there, what is not is gone, no more."""
    db.table("one").insert({"a": 1})
    db.table("two").insert({"b": 1})
    storage = db.storage
    held = storage.read()
    assert held is not None
    assert {name: list(map(dict, table.values())) for name, table in held.items()} == {
        "one": [{"a": 1}],
        "two": [{"b": 1}],
    }
    storage.write({"two": {"1": {"b": 2}, "2": {"b": 3}}})
    for name in ("one", "two"):
        db.table(name).clear_cache()
    assert db.tables() == {"two"}
    assert [dict(document) for document in db.table("two")] == [{"b": 2}, {"b": 3}]
