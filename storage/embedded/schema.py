"""The tables of the file, and what a connection to it promises.

Sources: sqlite.org/wal.html, sqlite.org/pragma.html (synchronous, secure_delete).
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from storage import errors

TABLES = """
create table if not exists rows(
  n integer primary key, tbl text not null, school text not null, id text not null, version integer not null,
  parent text, due integer, ord integer not null, key text not null, body blob not null);
create unique index if not exists rows_id on rows(tbl, school, id);
create index if not exists rows_parent on rows(tbl, school, parent) where parent is not null;
create index if not exists rows_due on rows(tbl, due, ord, n) where due is not null;
create table if not exists counters(
  school text not null, name text not null, value integer not null, primary key (school, name)) without rowid;
"""
_PRAGMAS = (
    "journal_mode=wal",
    "synchronous=full",
    "secure_delete=on",
    "cache_size=-16000",
    "busy_timeout=1000",
    "temp_store=memory",
)
APPLICATION = 0x52504F31  # "RPO1": says to file(1) and to us whose file this is
#: what ``pragma user_version`` says of these tables; 0 = the same, before anything was counted
LAYOUT = 1
_COLUMNS = {
    "rows": ["n", "tbl", "school", "id", "version", "parent", "due", "ord", "key", "body"],
    "counters": ["school", "name", "value"],
}


def make(connection: sqlite3.Connection) -> None:
    """Make the tables of a new file."""
    connection.execute(f"pragma application_id={APPLICATION}")
    connection.execute(f"pragma user_version={LAYOUT}")
    for statement in TABLES.split(";"):
        connection.execute(statement)


def tables(connection: sqlite3.Connection) -> int:
    """Return how many tables a file has. Raises StoreError where they are not ours."""
    (found,) = connection.execute("select count(*) from sqlite_master where type='table'").fetchone()
    (application,) = connection.execute("pragma application_id").fetchone()
    (layout,) = connection.execute("pragma user_version").fetchone()
    if found and application != APPLICATION:
        raise errors.foreign()
    if layout > LAYOUT:
        raise errors.other_layout()
    for table, columns in _COLUMNS.items():
        have = [column for _, column, *_ in connection.execute(f"pragma table_info({table})")]
        if found and have != columns:
            raise errors.other_layout()
    return int(found)


def look_into(path: Path) -> sqlite3.Connection:
    """Return a connection that changes nothing, nor what lies beside the file."""
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
    )


def connect(path: Path, kind: type[sqlite3.Connection]) -> sqlite3.Connection:
    """Return a connection to the file, as it is."""
    return sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=64, factory=kind
    )


def prepare(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Return the connection, durable and tidy: a commit is on the disk, what was removed is overwritten."""
    for pragma in _PRAGMAS:
        connection.execute(f"pragma {pragma}")
    return connection
