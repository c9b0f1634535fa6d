"""Nothing readable is written down; old rows are read; keys and places are told apart."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from flows.errors import StoreError
from flows.model import Case, Change, Draft, DraftId, SendState
from flows.school import Platform
from storage import codec
from storage.embedded.store import TinyStore
from storage.open import Opening, open_store
from storage.seal import Sealer
from tests.storage import samples as s

SEALER = Sealer(s.KEY)
PLACE = ("cases", "hill", "C1", 1)


@given(st.binary(max_size=200))
def test_what_is_sealed_opens_in_its_place(body: bytes) -> None:
    """Whatever the bytes; and never the same twice."""
    sealed = SEALER.seal(body, *PLACE)
    assert SEALER.open(sealed, *PLACE, key=SEALER.id) == body
    assert sealed != SEALER.seal(body, *PLACE)


@pytest.mark.parametrize(
    "place",
    [("case", "hill", "C1", 1), ("cases", "dale", "C1", 1), ("cases", "hill", "C2", 1), (*PLACE[:3], 2)],
)
def test_what_is_sealed_opens_nowhere_else(place: tuple[str, str, str, int]) -> None:
    """Another table, school, id or version: damaged."""
    with pytest.raises(StoreError, match="damaged"):
        SEALER.open(SEALER.seal(b"x", *PLACE), *place)


@pytest.mark.parametrize("cut", [slice(0, -1), slice(0, 0), slice(1, None)], ids=["end", "all", "start"])
@pytest.mark.parametrize("more", [b"", b"x"], ids=["shorter", "same length"])
def test_a_changed_body_does_not_open(cut: slice, more: bytes) -> None:
    """Cut, emptied, changed."""
    with pytest.raises(StoreError, match="damaged"):
        SEALER.open(SEALER.seal(b"words", *PLACE)[cut] + more, *PLACE)


def test_another_key_is_told_from_damage() -> None:
    """The key's id stands beside the row."""
    with pytest.raises(StoreError) as caught:
        Sealer(bytes(32)).open(SEALER.seal(b"x", *PLACE), *PLACE, key=SEALER.id)
    assert caught.value.reference == "wrong-key"


def test_veiled_keys_say_nothing_but_their_case() -> None:
    """The part before the first slash is an id of ours; the rest, and keys without one, are hashes."""
    veiled = SEALER.veil_within(f"C0001/notice/slack:{s.ASH}")
    assert veiled.startswith("C0001/")
    assert s.ASH not in veiled
    assert veiled != SEALER.veil_within(f"C0001/notice/slack:{s.BROOK}")
    assert s.ASH not in SEALER.veil(f"{s.ASH}/x")
    assert SEALER.veil("a") != Sealer(bytes(32)).veil("a")


@pytest.mark.parametrize(
    "value", [s.case(), s.draft(), s.event(1, 1), s.send(1, "a"), s.timer(1), s.audit(1)]
)
def test_values_come_back(value: object) -> None:
    """What is encoded is decoded as it was."""
    assert codec.decode(type(value), codec.encode(value)) == value


def test_an_old_row_is_upgraded_step_by_step() -> None:
    """From schema 1 by two steps to 3; a shape without a step is read as it is."""
    before = {**codec.document(codec.encode(s.draft())), "person": None, "owner": "ash"}
    old = codec.encode(before, schema=1)
    upgrades: codec.Upgrades = {
        ("Draft", 1): lambda d: {**d, "writer": d["owner"]},
        ("Draft", 2): lambda d: {**d, "person": f"{d['writer']}-example"},
    }
    assert codec.decode(Draft, old, schema=3, upgrades=upgrades) == s.draft()
    assert codec.decode(Case, codec.encode(s.case(), schema=1), schema=3, upgrades=upgrades) == s.case()


@pytest.mark.parametrize(
    ("content", "reference"),
    [
        (b"", "unreadable-row"),
        (b"{}", "unreadable-row"),
        (b"1{}", "unreadable-row"),
        (b"%d{}" % (codec.SCHEMA + 1), "newer-store"),
    ],
)
def test_a_row_that_cannot_be_read_says_so(content: bytes, reference: str) -> None:
    """Without the words that are in it."""
    with pytest.raises(StoreError) as caught:
        codec.decode(Draft, content)
    assert caught.value.reference == reference


def written(folder: Path) -> bytes:
    """Return every byte below a folder, names included."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return b"".join(str(path.relative_to(folder)).encode() + path.read_bytes() for path in found)


async def test_nothing_readable_is_written(tmp_path: Path) -> None:
    """No words, names, accounts, channels or hashes of files in database, log or files; ids of ours only."""
    store = await open_store(f"tinydb:{tmp_path}/cases.db", key=s.KEY, opening=Opening.EITHER)
    await store.commit(replace(s.opening(key=f"press-{s.ASH}"), draft=s.draft(1, person=s.BROOK)))
    sent = replace(s.opening().new_sends[0], state=SendState.SENT, posted=s.posted("m-secret"), version=1)
    await store.commit(Change(school=s.HILL, updated_sends=(sent,)))
    sha256 = await store.put_file(s.HILL, s.WORDS.encode() * 9)
    await store.put_record(Platform.TEAMS, f"conversation/{s.ASH}", s.WORDS.encode())
    for state in ("open", "closed"):
        everything = written(tmp_path)
        assert b"C0001" in everything, "we look where things are written"
        for secret in (s.WORDS, "marmalade", s.ASH, s.BROOK, "m-secret", "C-lead", "HPS-2026-001", sha256):
            assert secret.encode() not in everything, (state, secret)
        for path in (p for p in tmp_path.rglob("*") if p.is_file()):  # noqa: ASYNC240 - a handful of files
            assert path.stat().st_mode & 0o077 == 0, f"others may read {path.name}"
        await store.close()


async def test_a_dropped_draft_is_shredded(tmp_path: Path) -> None:
    """Even its sealed bytes are gone from the file: freed pages are overwritten."""
    store = await open_store(f"tinydb:{tmp_path}/cases.db", key=s.KEY, opening=Opening.EITHER)
    assert isinstance(store, TinyStore)
    await store.commit(Change(school=s.HILL, draft=s.draft(words=s.WORDS * 100)))
    await store.close()
    connection = sqlite3.connect(tmp_path / "cases.db")
    (sealed,) = connection.execute("select body from rows where tbl='drafts'").fetchone()
    connection.close()
    assert sealed[500:600] in written(tmp_path)
    store = await open_store(f"tinydb:{tmp_path}/cases.db", key=s.KEY, opening=Opening.EITHER)
    await store.commit(Change(school=s.HILL, dropped_draft=DraftId("D0001")))
    await store.close()
    assert sealed[500:600] not in written(tmp_path)
