"""How the file is opened: what was committed is on the disk, and what was removed is overwritten."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from storage.embedded import schema


@pytest.mark.parametrize(
    ("setting", "value", "otherwise"),
    [
        ("journal_mode", "wal", "a reader waits for every writer"),
        ("synchronous", 2, "a power cut takes a report that was acknowledged"),
        ("secure_delete", 1, "a draft that was shredded can be read from the file"),
        ("busy_timeout", 1000, "a backup that looks in makes a report fail"),
        ("cache_size", -16000, "a school of many years reads the disk at every turn"),
    ],
)
def test_every_connection_is_set_up(tmp_path: Path, setting: str, value: object, otherwise: str) -> None:
    """Each setting keeps a promise; without it somebody would lose or leak something."""
    connection = schema.prepare(schema.connect(tmp_path / "x.db", sqlite3.Connection))
    assert connection.execute(f"pragma {setting}").fetchone() == (value,), otherwise
    connection.close()
