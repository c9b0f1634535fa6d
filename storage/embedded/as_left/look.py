"""A look at a file before it is opened, changing nothing: whether it is ours, whole, and as far as it was."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec
from msgspec import Struct

from storage import codec, errors
from storage.embedded import schema
from storage.embedded.as_left import head as heads
from storage.embedded.as_left import tally
from storage.embedded.as_left.head import Head
from storage.embedded.as_left.tally import Tally, Written
from storage.keys import Handed, Keys
from storage.opening import Opening
from storage.seal import Sealer, wrong_key

_KEY = "select key, version, body from rows where tbl='meta' and school='' and id='key'"
#: the version of the row that says with which key a file is sealed, since everything is counted
COUNTED = 2
HANDED = "select id, body from rows where tbl='meta' and school='' and id in ('root', 'there', 'back')"


class Found(Struct, frozen=True):
    """What there is: ``made`` = a store; ``written`` = its tally, None before it was first counted."""

    keys: Keys
    made: bool
    written: Written | None = None


def look(path: Path, sealer: Sealer, opening: Opening) -> Found:
    """Return what there is at ``path``. Raises StoreError where it is not what it should be."""
    with errors.Translated(path):
        keys, made = _keys(path, sealer)
        if made and opening is Opening.NEW:
            raise errors.there_already(path)
        as_it_is = opening in (Opening.AS_IT_IS, Opening.EXAMINE)
        head = None if as_it_is else heads.read(path, keys)  # before the database: it must not be ahead
        found = _look_into(path, keys, head, as_it_is=as_it_is)
        if not found.made:
            left = _left(path, head)
            if left:
                raise errors.gone(path, left)
            if opening not in (Opening.NEW, Opening.EITHER):
                raise errors.none_there(path)
    return found


def _keys(path: Path, given: Sealer) -> tuple[Keys, bool]:
    """Return the keys of a store, and whether it is there. Raises StoreError where another key opens it."""
    handed, made = _handed(path)
    if handed.root is None:  # the head is made before the file, and may be all that came or is left of it
        handed = Handed(heads.root(path))
    return Keys.new(given) if handed.root is None and not made else Keys.of(given, handed), made


def _handed(path: Path) -> tuple[Handed, bool]:
    """Return what a file keeps of its keys, and whether there is anything in it."""
    if not path.is_file() or not path.stat().st_size:
        return Handed(), False
    connection = schema.look_into(path)
    try:
        if not schema.tables(connection):
            return Handed(), False
        return msgspec.convert(dict(connection.execute(HANDED)), Handed), True
    finally:
        connection.close()


def _left(path: Path, head: Head | None) -> str:
    """Return what lies beside the place of a store and says that there was one; "" = nothing."""
    log = path.with_name(path.name + "-wal")
    if log.exists() and log.stat().st_size:
        return log.name
    return heads.path_of(path).name if head is not None and head.commits else ""


def _look_into(path: Path, keys: Keys, head: Head | None, *, as_it_is: bool) -> Found:
    if not path.exists() or not path.stat().st_size:
        return Found(keys, made=False)
    if path.is_dir():
        raise errors.read_only(path)
    connection = schema.look_into(path)
    try:
        connection.execute("begin")  # one moment for all of it, whoever writes meanwhile
        if not schema.tables(connection):
            return Found(keys, made=False)
        if not _is_counted(connection, keys) or as_it_is:
            return Found(keys, made=True)
        written = tally.read(connection, keys)
        _compare(connection, keys, written, head, path)
        return Found(keys, made=True, written=written)
    finally:
        connection.close()


def _is_counted(connection: sqlite3.Connection, sealer: Sealer) -> bool:
    """Return whether this file has been counted from some day on. Raises StoreError for another key."""
    key, version, body = connection.execute(_KEY).fetchone() or ("", 0, b"")
    if key != sealer.id:
        raise wrong_key()
    sealer.open(body, "meta", "", "key", version)
    return int(version) >= COUNTED


def _compare(
    connection: sqlite3.Connection, sealer: Sealer, written: Written | None, head: Head | None, path: Path
) -> None:
    if written is not None and written.schema > codec.SCHEMA:
        raise errors.newer()
    if head is None:
        raise errors.headless(heads.path_of(path))
    if written is None:
        raise errors.changed("what its rows add up to is missing")
    if head.store != written.store:
        raise errors.another_head(heads.path_of(path))
    if head.commits > written.commits:
        raise errors.behind(head.commits - written.commits, codec.moment(head.at))
    there = Tally(sealer)
    there.make_anew(connection)
    if differs := there.differs(Tally(sealer, written)):
        raise errors.changed(differs)
