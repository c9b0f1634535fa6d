"""One key outside after another, in a database: all data keys are wrapped anew while everybody works.

First it is written that the new key follows, and each school's lock is taken once: whoever changes something
there afterwards reads it and wraps with the new key. Then what there is is wrapped anew. Killed at any point
it goes on with the next process that starts, with whichever of the two keys that comes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from flows.errors import StoreError, UnreadableRow
from storage.keys import Keys, Outside
from storage.postgres import keyring
from storage.postgres.database import Database
from storage.rows import BATCH

_BEGIN = """with now as (update keyring set body=%s where name='root' and body=%s returning 1)
insert into keyring(name, body) select v.name, v.body from (values ('there', %s::bytea), ('back', %s::bytea))
as v(name, body) where exists (select from now)
on conflict (name) do update set body=excluded.body returning 1"""
_END = "update keyring set body='' where name=%s"
# The key of before, wrapped by the new one, would lie on in its page: vacuum frees a place, its bytes stay.
# Zeros are written over and over, each time in a transaction of its own, until they have gone round the page.
_COVER = "update keyring set body=%s where name='back'"
_ZEROS, _TIMES = 400, 48  # less than a tenth of a page: else they would go on in another one
_LOCK = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"
_COUNT = "select count(*), count(*) filter (where key<>%s) from rows where school=%s and tbl='keys'"
_WRAPS = """select id, body from rows where school=%s and tbl='keys' and key<>%s and id > %s
order by id limit %s"""
_REWRAP = """update rows r set key=%s, body=t.new
from unnest(%s::text[], %b::bytea[], %b::bytea[]) as t(id, old, new)
where r.school=%s and r.tbl='keys' and r.id=t.id and r.body=t.old"""


async def rotate(
    database: Database, keys: Keys, new: Outside, schools: Sequence[str], said: Callable[[int, int], None]
) -> None:
    """Wrap all data keys with ``new``. Raises StoreError where another rotation is under way."""
    kept = await keyring.handed(database)
    keys.learn(kept)
    if keys.outside.id != new.id:
        if kept.back:
            raise _under_way()
        turned = keys.turned(new)
        (begun,) = await database.ask("", (_BEGIN, (turned.root, kept.root, turned.there, turned.back)))
        if not begun:
            raise _under_way()
        keys.turn(new)
    await go_on(database, keys, schools, said)


async def go_on(
    database: Database, keys: Keys, schools: Sequence[str], said: Callable[[int, int], None]
) -> None:
    """Wrap what is not wrapped with the key of now yet; then the one before is needed no more."""
    every = left = 0
    for school in schools:
        _, ((there, old),) = await database.ask(
            school, (_LOCK, (school,)), (_COUNT, (keys.outside.id, school))
        )
        every, left = every + there, left + old
    for school in schools:
        last: str | None = ""
        while last is not None:
            done, last = await _some(database, keys, school, last)
            left -= done
            if done:
                said(every, left)
    await database.repeat((_COVER, (bytes(_ZEROS),)), _TIMES)
    await database.ask("", (_END, ("back",)))
    said(every, 0)


async def _some(database: Database, keys: Keys, school: str, after: str) -> tuple[int, str | None]:
    """Wrap some keys of a school anew; return how many, and the last (None = there are no more)."""
    (found,) = await database.ask(school, (_WRAPS, (school, keys.outside.id, after, BATCH)))
    new = []
    for row, wrap in found:
        with suppress(UnreadableRow):  # one that is damaged opens with no key
            new.append((row, wrap, keys.rewrapped(wrap)))
    if new:
        ids, old, wraps = (list(column) for column in zip(*new, strict=True))
        await database.ask(school, (_REWRAP, (keys.outside.id, ids, old, wraps, school)))
    return len(new), found[-1][0] if found else None


async def begin(database: Database, keys: Keys, schools: Sequence[str]) -> None:
    """Finish at a start what was begun; who comes with the new key leaves the old one behind."""
    kept = await keyring.handed(database)
    keys.learn(kept)
    if kept.back:
        await go_on(database, keys, schools, lambda _, __: None)
    elif kept.there and keys.given == keys.outside.id:
        await database.ask("", (_END, ("there",)))


def _under_way() -> StoreError:
    return StoreError(
        "rotation-under-way",
        "The keys of this store are on their way to another key already.",
        "Finish that first: report-posting key rotate, with the file that was named then.",
    )
