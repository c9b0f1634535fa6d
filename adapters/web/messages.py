"""What the workspace keeps on disk: messages, and what people are writing. Sealed, in one small SQLite file.

Nobody but its owner may read the file, and whoever copies it reads nothing: places, accounts and keys
are keyed hashes, all else is sealed. Times, order and who answers whom stand open.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
import sqlite3
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct

from adapters.web import limits
from flows.ui.cards import Card
from flows.ui.forms import Value

IN_MEMORY = ":memory:"
#: Raised when what is kept changes shape; what an older one kept is let go, a try-out begins anew.
_SHAPE = 2
_SCHEMA = """
CREATE TABLE message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    place TEXT NOT NULL,
    root INTEGER NOT NULL DEFAULT 0,
    at TEXT NOT NULL,
    edited TEXT NOT NULL DEFAULT '',
    body BLOB NOT NULL
) STRICT;
CREATE INDEX message_place ON message (place, root, id);
CREATE TABLE writing (slot TEXT PRIMARY KEY, at TEXT NOT NULL, body BLOB NOT NULL) STRICT;
CREATE TABLE secret (one INTEGER PRIMARY KEY CHECK (one = 1), body BLOB NOT NULL) STRICT;
"""
#: Ids rise and are moments, as on the platforms: numbers in order would tell of messages elsewhere.
_ADD = """
INSERT OR IGNORE INTO message (id, key, place, root, at, body)
VALUES (max(?, (SELECT 1 + coalesce(max(id), 0) FROM message)), ?, ?, ?, ?, ?)
"""
_Row = tuple[int, str, int, str, str, bytes]
_encode = msgspec.json.Encoder().encode


class Sealing(Protocol):
    """What seals and hashes; wiring passes the store's own."""

    def seal(self, body: bytes, table: str, school: str, row: str, version: int) -> bytes:
        """Return ``body`` sealed for exactly this place and version."""
        ...

    def open(self, sealed: bytes, table: str, school: str, row: str, version: int) -> bytes:
        """Return what was sealed; raises StoreError if it was changed or moved."""
        ...

    def veil(self, key: str) -> str:
        """Return a key as a keyed hash."""
        ...


class _Unsealed:
    """For what is never written down."""

    def seal(self, body: bytes, table: str, school: str, row: str, version: int) -> bytes:  # noqa: ARG002 - as the sealer
        return body

    def open(self, sealed: bytes, table: str, school: str, row: str, version: int) -> bytes:  # noqa: ARG002 - as the sealer
        return sealed

    def veil(self, key: str) -> str:
        return key


class _Body(Struct, frozen=True, kw_only=True):
    """The sealed part of a message."""

    place: str
    broadcast: bool
    repeat: bool
    card: Card


_decode_body = msgspec.json.Decoder(_Body).decode
_decode_values = msgspec.json.Decoder(dict[str, Value]).decode


class Message(Struct, frozen=True, kw_only=True):
    """A message as it stands. ``place`` is a channel's address, or ``@`` and an account.

    ``root`` is the id of the message whose thread it is in (0 = none); ``edited`` None = never.
    """

    id: int
    place: str
    root: int
    broadcast: bool
    repeat: bool
    at: dt.datetime
    edited: dt.datetime | None
    card: Card


class Messages:
    """The file and its rows."""

    def __init__(self, path: Path | str, sealer: Sealing | None) -> None:
        """Open (or make) the file at ``path``; ``:memory:`` keeps nothing and needs no sealer."""
        if sealer is None and path != IN_MEMORY:
            raise ValueError("what is written down is sealed")
        self._sealer: Sealing = sealer or _Unsealed()
        if path != IN_MEMORY:
            _own(Path(path))
        self._file = sqlite3.connect(path)
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = FULL")
        if self._file.execute("PRAGMA user_version").fetchone()[0] != _SHAPE:
            self._begin()

    def _begin(self) -> None:
        for name in ("message", "writing", "secret"):
            self._file.execute(f"DROP TABLE IF EXISTS {name}")
        self._file.executescript(f"{_SCHEMA} PRAGMA user_version = {_SHAPE};")
        self._file.execute("VACUUM")
        self._file.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def add(
        self, place: str, root: int, card: Card, *, key: str, at: dt.datetime, broadcast: bool, repeat: bool
    ) -> tuple[int, int]:
        """Keep a message, unless its key is there already. Return its id and its root's."""
        veiled = self._sealer.veil(key)
        body = _Body(place=place, broadcast=broadcast, repeat=repeat, card=card)
        with self._file:
            self._file.execute(
                _ADD,
                (
                    round(at.timestamp() * 1_000_000),
                    *(veiled, self._sealer.veil(place), root, at.isoformat()),
                    self._seal("message", veiled, body),
                ),
            )
        number, stands_under = self._file.execute(
            "SELECT id, root FROM message WHERE key = ?", (veiled,)
        ).fetchone()
        return number, stands_under

    def change(self, old: Message, card: Card, at: dt.datetime) -> None:
        """Replace a message's card."""
        body = _Body(place=old.place, broadcast=old.broadcast, repeat=old.repeat, card=card)
        key: str = self._file.execute("SELECT key FROM message WHERE id = ?", (old.id,)).fetchone()[0]
        with self._file:
            self._file.execute(
                "UPDATE message SET body = ?, edited = ? WHERE id = ?",
                (self._seal("message", key, body), at.isoformat(), old.id),
            )

    def find(self, place: str, key: str) -> tuple[int, int] | None:
        """Return the id of the message with that key in that place, and its root's; None if there is none."""
        found: tuple[int, int] | None = self._file.execute(
            "SELECT id, root FROM message WHERE key = ? AND place = ?",
            (self._sealer.veil(key), self._sealer.veil(place)),
        ).fetchone()
        return found

    def get(self, number: str) -> Message | None:
        """Return one message by its id."""
        if not number.isascii() or not number.isdigit():
            return None
        row = self._file.execute(
            "SELECT id, key, root, at, edited, body FROM message WHERE id = ?", (int(number),)
        ).fetchone()
        return self._message(row) if row else None

    def roots(self, place: str, most: int) -> list[Message]:
        """Return the newest ``most`` messages that stand alone or begin a thread, oldest first."""
        rows = self._file.execute(
            "SELECT id, key, root, at, edited, body FROM message WHERE place = ? AND root = 0"
            " ORDER BY id DESC LIMIT ?",
            (self._sealer.veil(place), most),
        ).fetchall()
        return [self._message(row) for row in reversed(rows)]

    def replies(self, place: str) -> dict[int, list[Message]]:
        """Return the replies of every thread of a place, oldest first, by the id of their root."""
        found: dict[int, list[Message]] = {}
        for row in self._file.execute(
            "SELECT id, key, root, at, edited, body FROM message WHERE place = ? AND root > 0 ORDER BY id",
            (self._sealer.veil(place),),
        ):
            message = self._message(row)
            found.setdefault(message.root, []).append(message)
        return found

    def newest(self, place: str) -> int:
        """Return the id of the newest message of a place; 0 = it is empty."""
        row = self._file.execute(
            "SELECT max(id) FROM message WHERE place = ?", (self._sealer.veil(place),)
        ).fetchone()
        return row[0] or 0

    def count_since(self, place: str, since: int) -> int:
        """Return how many messages came after the one with id ``since``."""
        row = self._file.execute(
            "SELECT count(*) FROM message WHERE place = ? AND id > ?", (self._sealer.veil(place), since)
        ).fetchone()
        return int(row[0])

    # -- what people are writing, and have not sent --------------------------------------------------

    def write(self, slot: str, values: dict[str, Value], at: dt.datetime) -> None:
        """Keep what stands in a form or a box; nothing = forget it. What is very old is forgotten with it."""
        name = self._sealer.veil(slot)
        with self._file:
            self._file.execute(
                "DELETE FROM writing WHERE slot = ? OR at < ?",
                (name, (at - limits.WRITING_KEPT).isoformat()),
            )
            if values:
                sealed = self._sealer.seal(_encode(values), "writing", "", name, 0)
                self._file.execute("INSERT INTO writing VALUES (?, ?, ?)", (name, at.isoformat(), sealed))

    def written(self, slot: str) -> dict[str, Value]:
        """Return what was kept of a form or a box."""
        name = self._sealer.veil(slot)
        row = self._file.execute("SELECT body FROM writing WHERE slot = ?", (name,)).fetchone()
        return _decode_values(self._sealer.open(row[0], "writing", "", name, 0)) if row else {}

    def secret(self) -> bytes:
        """Return this workspace's own random 32 bytes, made once: forms stay good over a restart."""
        fresh = self._sealer.seal(secrets.token_bytes(32), "secret", "", "", 0)
        with self._file:
            self._file.execute("INSERT OR IGNORE INTO secret VALUES (1, ?)", (fresh,))
        body: bytes = self._file.execute("SELECT body FROM secret").fetchone()[0]
        return self._sealer.open(body, "secret", "", "", 0)

    def _seal(self, table: str, row: str, body: Struct) -> bytes:
        return self._sealer.seal(_encode(body), table, "", row, 0)

    def _message(self, row: _Row) -> Message:
        number, key, root, at, edited, sealed = row
        body = _decode_body(self._sealer.open(sealed, "message", "", key, 0))
        return Message(
            id=number,
            place=body.place,
            root=root,
            broadcast=body.broadcast,
            repeat=body.repeat,
            at=dt.datetime.fromisoformat(at),
            edited=dt.datetime.fromisoformat(edited) if edited else None,
            card=body.card,
        )


def _own(path: Path) -> None:
    """Make the file, or take it back, for its owner alone; SQLite does the same with what lies beside it."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    for beside in ("", "-wal", "-shm"):
        file = path.with_name(path.name + beside)
        if file.exists():
            file.chmod(0o600)
