"""The tables of the file, and what a connection to it promises.

Sources: sqlite.org/wal.html, sqlite.org/pragma.html (synchronous, secure_delete).
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

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
)
APPLICATION = 0x52504F31  # "RPO1": says to file(1) and to us whose file this is


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
