"""The root of a database's keys, and the key for each case in a database of before there were any."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import msgspec

from flows.errors import UnreadableRow
from storage.commit import files_in
from storage.keys import KEYS, OF_THE_SCHOOL, Handed, Keys
from storage.postgres import file_rows
from storage.postgres.columns import COLUMNS
from storage.postgres.database import Database, Query
from storage.rows import BATCH, FoundRow, NewRow, owner_of, sealed
from storage.seal import Sealer

_VERSION = 1
#: what a database of before there was a root says of its key
_KEY = "select key, body from meta where name='key'"
_HANDED = "select name, body from keyring where name in ('root', 'there', 'back')"
_READ = "select body from keyring where name=%s"
_ADD = "insert into keyring(name, body) values(%s, %s) on conflict do nothing"
_SET = "insert into keyring(name, body) values(%s, %s) on conflict (name) do update set body=excluded.body"
#: the root; and that each case has a key
ROOT, _KEYED = "root", "keyed"
_LACKING = """select id from rows c where school=%s and tbl='cases' and not exists
(select from rows k where k.school=c.school and k.tbl='keys' and k.id=c.id) limit %s"""
_GIVE = """insert into rows(school, tbl, id, version, ord, key, body)
select %s, 'keys', id, 1, 0, %s, body from unnest(%s::text[], %b::bytea[]) as t(id, body)
on conflict do nothing"""
_BEFORE = COLUMNS.replace(
    "and tbl=%s ", "and tbl<>'keys' and key=%s and (tbl, id) > (%s, %s) order by tbl, id limit %s"
)
_RESEAL = """update rows r set key=t.key, body=t.body
from unnest(%s::text[], %s::text[], %s::text[], %b::bytea[], %b::bytea[]) as t(tbl, id, key, old, body)
where r.school=%s and r.tbl=t.tbl and r.id=t.id and r.body=t.old"""


async def handed(database: Database) -> Handed:
    """Return what the database keeps of its keys."""
    (found,) = await database.ask("", (_HANDED, ()))
    return msgspec.convert(dict(found), Handed)


async def keys_of(database: Database, given: Sealer, *, looking: bool) -> Keys:
    """Return the keys of a database; a new one gets its root. Raises StoreError for another key."""
    kept = await handed(database)
    (before,) = await database.ask("", (_KEY, ()))
    if kept.root is None and before:
        keys = Keys.of(given, kept)
        ((key, body),) = before
        keys.open(body, "meta", "", "key", _VERSION, key=key)
        if not looking:
            await database.ask("", (_ADD, (ROOT, keys.wrapped_root())))
        return keys
    if kept.root is None:
        await database.ask("", (_ADD, (ROOT, Keys.new(given).wrapped_root())))
        kept = await handed(database)
    return Keys.of(given, kept)


async def learned(database: Database, keys: Keys, rows: Sequence[Any]) -> Sequence[Any]:
    """Return rows, once we know the key outside of each: another process may have handed us a new one."""
    if not all(keys.knows(row[-1]) for row in rows):
        keys.learn(await handed(database))
    return rows


async def take_over(database: Database, given: Sealer) -> None:
    """Have an empty database be sealed with these keys, whoever has looked into it before."""
    keys = Keys.of(given, Handed())
    await database.ask("", (_SET, (ROOT, keys.wrapped_root())))


async def give_keys(database: Database, keys: Keys, schools: Sequence[str]) -> None:
    """Seal with a key for each case what was sealed before there were any; killed, it goes on."""
    (done,) = await database.ask("", (_READ, (_KEYED,)))
    if done:
        return
    for school in schools:
        await _give(database, keys, school)
        await _reseal(database, keys, school)
    await database.ask("", (_ADD, (_KEYED, b"")))


async def _give(database: Database, keys: Keys, school: str) -> None:
    await database.ask(school, given(school, keys, [OF_THE_SCHOOL]))
    while True:
        (found,) = await database.ask(school, (_LACKING, (school, BATCH)))
        if not found:
            return
        await database.ask(school, given(school, keys, [case for (case,) in found]))


def given(school: str, keys: Keys, owners: list[str]) -> Query:
    """Return what gives data keys to those that have none."""
    return _GIVE, (school, keys.outside.id, owners, [keys.new_wrap() for _ in owners])


async def _reseal(database: Database, keys: Keys, school: str) -> None:
    last = "", ""
    while True:
        (found,) = await database.ask(school, (_BEFORE, (school, keys.id, *last, BATCH)))
        if not found:
            return
        rows = [FoundRow(keys, *row) for row in found]
        last = rows[-1].table, rows[-1].id
        for row in rows:  # the files first: what they are called stands in the rows
            await _reseal_files(database, keys, row)
        wraps = await _wraps(database, school, {owner_of(row.table, row.id, row.parent) for row in rows})
        new = [one for row in rows if (one := _anew(keys, row, wraps)) is not None]
        columns = [list(column) for column in zip(*new, strict=True)]
        if columns:
            await database.ask(school, (_RESEAL, (*columns, school)))


async def _reseal_files(database: Database, keys: Keys, row: FoundRow) -> None:
    """Give each file of a draft or a case a key of its own; one that does not open stays as it is."""
    with suppress(UnreadableRow):
        for sha256 in {file.sha256 for file in files_in(row.table, row.body)}:
            name = file_rows.name_of(keys, row.school, sha256)
            (found,) = await database.ask(row.school, (file_rows.READ, (row.school, name)))
            if found and found[0][0] == keys.id:
                content = file_rows.opened(keys, row.school, sha256, found[0])
                await database.ask(row.school, *file_rows.kept(keys, row.school, name, sha256, content))


async def _wraps(database: Database, school: str, owners: set[str]) -> dict[str, bytes]:
    asked = COLUMNS + "and id = any(%s)", (school, KEYS, [*owners, OF_THE_SCHOOL])
    (found,) = await database.ask(school, asked)
    return {row[2]: row[6] for row in found}


def _anew(keys: Keys, row: FoundRow, wraps: dict[str, bytes]) -> tuple[Any, ...] | None:
    """Return a row as it is to be; None = it does not open and stays as it is."""
    owner = owner_of(row.table, row.id, row.parent)
    owner = owner if owner in wraps else OF_THE_SCHOOL
    with suppress(UnreadableRow):
        new = NewRow(row.table, row.school, row.id, row.version, row.body, row.parent)
        key, body = sealed(new, keys, keys.inner(row.school, owner, wraps[owner]))
        return row.table, row.id, key, row.sealed, body
    return None
