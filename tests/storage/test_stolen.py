"""A stolen disk says nothing: every text that is kept is looked for in every byte that is written.

What is looked for is not a list of words: it is whatever the rows say once they are opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.errors import UnreadableRow
from flows.model import Action, Change
from flows.ports import Store
from flows.school import Platform
from storage import codec
from storage.embedded.backup import back_up
from storage.embedded.store import TinyStore
from storage.keys import Outside
from storage.open import rotate
from storage.postgres.store import PostgresStore
from storage.rows import OF_A_CASE
from storage.seal import Sealer
from tests.database import Server
from tests.storage import samples as s
from tests.storage.below import C1, C2, Kept, filled, of_database, of_file
from tests.storage.conftest import NAME
from tests.storage.contract_kept import burial
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town

#: ids that we make, and what a platform is called: these may stand there
OURS = re.compile(rb"([0-9A-Z]{26}|hill|dale|C\d{4}|D\d{4})(/\d{6})?")
_NO_WORD = re.compile(r"[^a-z0-9_]")


async def lived(store: Store) -> None:
    """Let a school have a case that is worked on, half a report, files, tokens, and one that goes."""
    place = Town(store)
    await place.report("brook", {**ABUSE, "words": s.WORDS}, words="They wrote marmalade-quince of Ms Ash.")
    await place.settle()
    case = await place.case()
    await place.act("ash", case, Action.NOTE, {"text": "Rang 020 7946 0000, asked for zanzibar-plum."})
    await place.say("brook", "Somebody posted violet-gooseberry in the parents' group")
    await place.settle()
    sha256 = await store.put_file(SCHOOL, b"a picture of tangerine-bell" * 99)
    for number in (1, 2):
        await store.commit(s.opening(number, school=SCHOOL, files=(s.file(f"f{number}", sha256),)))
    await store.commit(Change(school=s.HILL, draft=s.draft(words="quarter-pounder")))
    await store.commit(s.opening(3))
    await store.put_record(Platform.SLACK, "install/T0001", b'{"bot_token": "xoxb-0000-cloudberry"}')
    if SCHOOL == s.HILL:
        await store.commit(burial())


def said(kept: Kept) -> set[bytes]:
    """Return every text that the rows say once they are opened."""
    keys, wraps = kept.keys(), {}
    for school, owner, body in kept.below("select school, id, body from rows where tbl='keys'"):
        wraps[school, owner] = bytes(body)
    found: set[bytes] = set()
    tables = set()
    for table, school, row, version, key, body in kept.below(
        "select tbl, school, id, version, key, body from rows where tbl not in ('keys', 'meta')"
    ):
        opened = keys.opened(bytes(body), table, (school, row, version), key, wraps[school, key])
        found |= {text.encode() for text in texts(codec.document(opened))}
        tables.add(table)
    assert tables >= {
        "cases",
        "drafts",
        "handled",
        "records",
        "references",
        "threads",
        *OF_A_CASE[:3],
        "sends",
    }
    return {text for text in found if not OURS.fullmatch(text)}


def texts(value: Any) -> Iterator[str]:
    """Yield each text in a document that is more than a word of our own."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(key)
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str) and len(value) > 5 and _NO_WORD.search(value):
        yield value


def lying(folder: Path) -> bytes:
    """Return every byte below a folder, names included."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return b"\n".join(str(path.relative_to(folder)).encode() + b"\n" + path.read_bytes() for path in files)


def check(disk: bytes, secrets: set[bytes]) -> None:
    """Check that none of these stands there, nor one of the words inside, nor as a dump writes it."""
    words = {word for text in secrets for word in re.findall(rb"[a-z]+-[a-z]+", text) if len(word) > 9}
    assert {b"marmalade-zeppelin", b"zanzibar-plum", b"violet-gooseberry"} <= words
    for secret in (*secrets, *words, b"tangerine-bell", b"xoxb-0000-cloudberry", b"install/T0001"):
        assert secret not in disk, secret
        assert secret[:24].hex().encode() not in disk, secret


@pytest.mark.feature("stolen-disk")
async def test_no_byte_of_a_file_says_anything(tmp_path: Path) -> None:
    """Database, log, head, files, a backup, and what a rotation leaves; open and closed."""
    folder, copies = tmp_path / "store", tmp_path / "copies"
    folder.mkdir()
    copies.mkdir()

    kept = Kept(f"tinydb:{folder}/cases.db", of_file(folder / "cases.db"))
    store = await kept.open()
    await lived(store)
    secrets = said(kept)
    assert len(secrets) > 60
    (copies / "open").write_bytes(lying(folder))
    back_up(folder / "cases.db", Sealer(s.KEY), copies / "backup")
    await store.close()
    check(lying(tmp_path), secrets)
    await rotate(kept.address, key=s.KEY, new=bytes(range(9, 41)), said=lambda *_: None)
    check(lying(tmp_path), secrets)
    assert bytes(range(9, 41)) not in lying(tmp_path)
    assert s.KEY not in lying(tmp_path)


@pytest.mark.feature("stolen-disk")
async def test_no_byte_of_a_database_says_anything(database: str, running: Server) -> None:
    """The server's whole folder: tables, indexes, its log of writes; settings and statistics as well."""
    kept = Kept(database, of_database(running, NAME))
    store = await kept.open()
    await lived(store)
    secrets = said(kept)
    assert len(secrets) > 60
    await store.close()
    await rotate(kept.address, key=s.KEY, new=bytes(range(9, 41)), said=lambda *_: None)
    running.run("analyze", database=NAME)
    running.run("checkpoint", database=NAME)
    disk = lying(running.folder / "data")
    assert len(disk) > 1_000_000
    assert b"C0002" in disk, "we look where things are written"
    check(disk, secrets)
    assert bytes(range(9, 41)) not in disk
    assert s.KEY not in disk


async def test_a_key_that_was_shredded_or_wrapped_anew_is_in_no_byte_of_the_file(tmp_path: Path) -> None:
    """While the store is still open: not in a freed page, nor in the log of what was written."""
    kept = Kept(f"tinydb:{tmp_path}/cases.db", of_file(tmp_path / "cases.db"))
    await filled(kept)
    wraps = dict(kept.below("select id, body from rows where tbl='keys' and school='hill'"))
    store = await kept.open()
    assert wraps[C1] in lying(tmp_path)
    await store.commit(burial())
    gone = [wrap for owner, wrap in wraps.items() if owner == C1 or owner.startswith("file/")]
    assert len(gone) == 2
    for wrap in gone:
        assert wrap not in lying(tmp_path)
    assert wraps[C2] in lying(tmp_path)
    assert isinstance(store, TinyStore)
    await store.rotate(bytes(range(9, 41)), lambda *_: None)
    for wrap in wraps.values():
        assert wrap not in lying(tmp_path)
    await store.close()


@pytest.mark.feature("stolen-disk")
async def test_the_key_of_before_is_in_no_table_of_a_database_that_has_turned(
    database: str, running: Server
) -> None:
    """While it turns the new key opens the old one; after that no page holds it, however often it turned."""
    kept = Kept(database, of_database(running, NAME))
    await filled(kept)
    old = s.KEY
    for number in range(9, 13):
        new, handed = bytes(range(number, number + 32)), set[bytes]()

        def hear(*_: int, handed: set[bytes] = handed) -> None:
            handed |= {bytes(back) for (back,) in kept.below("select body from keyring where name='back'")}

        await rotate(database, key=old, new=new, said=hear)
        handed -= {b""}
        assert old in {Outside(new).unwrap(back) for back in handed}
        running.run("checkpoint", database=NAME)
        tables = lying(running.folder / "data" / "base")
        assert b"C0001" in tables, "we look where things are written"
        assert not any(back in tables for back in handed)
        old = new


async def test_what_a_database_may_hold_of_a_shredded_key_opens_by_the_key_of_its_day_alone(
    database: str, running: Server
) -> None:
    """A wrap in a page, its log or a backup: who has it and the old key opens it; with the new one nobody."""
    kept = Kept(database, of_database(running, NAME))
    await filled(kept)
    ((wrap,),) = kept.below(f"select body from rows where tbl='keys' and id='{C1}' and school='hill'")  # noqa: S608 - our own
    store = await kept.open()
    await store.commit(burial())
    await store.close()
    new = bytes(range(9, 41))
    await rotate(database, key=s.KEY, new=new, said=lambda *_: None)
    store = await kept.open(key=new)
    assert isinstance(store, PostgresStore)
    assert Outside(s.KEY).unwrap(wrap)
    with pytest.raises(UnreadableRow):
        store.keys.unwrapped(wrap)
    with pytest.raises(UnreadableRow):
        Outside(new).unwrap(wrap)
    await store.close()
