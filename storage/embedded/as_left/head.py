"""How far a file was: its last count, sealed, in a small file beside it.

Each transaction counts itself inside the database. Once it is on the disk the head is told the number,
before anybody hears of what was kept; so the head is never ahead of its database, whatever ends the
program or the power, and a database that is behind its head is not the one it was. Nobody waits for the
disk again: after a power cut the head may be some transactions old, and still shows all that is older.
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import msgspec

from flows.errors import StoreError
from storage import errors, owner_only
from storage.keys import WRAPPED_BYTES, Keys
from storage.seal import SEAL_BYTES, Sealer, damaged, wrong_key

#: Behind them the root of the store's keys, wrapped, so that a head opens where its database is lost.
#: Two places, written in turn: should one be half written when the power goes, the other opens.
_PLACES = 2
_PLACE_BYTES = 512
_ID_CHARS = 8
_VERSION = 1
#: the file that says when a store was copied last
_COPIED = ".backed-up"


class Head(msgspec.Struct, frozen=True):
    """``store`` names the file it belongs to; ``at`` is when it was written, in microseconds."""

    store: str
    commits: int
    at: int


def path_of(store: Path) -> Path:
    """Return where the head of a store lies."""
    return store.with_name(store.name + ".head")


def read(store: Path, sealer: Keys) -> Head | None:
    """Return the head beside a store; None if there is none. Raises StoreError if it does not open."""
    path = path_of(store)
    if not path.exists():
        return None
    whole = path.read_bytes()
    places = {whole[place * _PLACE_BYTES :][:_ID_CHARS] for place in range(_PLACES)}
    if all(key.isalnum() and key != sealer.id.encode() for key in places):
        raise wrong_key() if sealer.root == sealer.outside.key else errors.another_head(path)
    found = [head for place in range(_PLACES) if (head := _opened(whole, place, sealer)) is not None]
    if not found:
        raise damaged(f"{path.name} does not open")
    return max(found, key=lambda head: head.commits)


def root(store: Path) -> bytes | None:
    """Return the wrapped root that lies in the head; None = in none, or in one of before."""
    path = path_of(store)
    wrapped = path.read_bytes()[_PLACES * _PLACE_BYTES :][:WRAPPED_BYTES] if path.exists() else b""
    return wrapped if any(wrapped) else None


def _opened(whole: bytes, place: int, sealer: Sealer) -> Head | None:
    slot = whole[place * _PLACE_BYTES :][:_PLACE_BYTES]
    key = slot[:_ID_CHARS].decode("ascii", "replace")
    try:
        body = sealer.open(slot[_ID_CHARS:], "head", "", str(place), _VERSION, key=key)
        return msgspec.json.decode(body, type=Head)
    except StoreError:
        return None


def copied(store: Path, at: dt.datetime) -> None:
    """Write down, beside a store, that it was copied and the copy read back."""
    note = store.with_name(store.name + _COPIED)
    owner_only.made(note)
    note.write_text(at.isoformat(), "ascii")


def last_copied(store: Path) -> dt.datetime | None:
    """Return when a store was copied last; None = never, or nobody knows any more."""
    try:
        return dt.datetime.fromisoformat(store.with_name(store.name + _COPIED).read_text("ascii"))
    except (OSError, ValueError):
        return None


class HeadFile:
    """The head of a store that is worked on. Waits for the disk when it is made, never again."""

    def __init__(self, store: Path, keys: Keys, head: Head) -> None:
        """Write ``head``, and make sure that the file stays."""
        self._sealer = keys
        path = path_of(store)
        owner_only.made(path)
        self._file = path.open("r+b", buffering=0)
        for place in range(_PLACES):
            self._write(head, place)
        self.write_root(keys)
        os.fsync(self._file.fileno())

    def write(self, head: Head) -> None:
        """Say how far the store is."""
        self._write(head, head.commits % _PLACES)

    def write_root(self, keys: Keys) -> None:
        """Write the root of the store's keys, wrapped."""
        self._file.seek(_PLACES * _PLACE_BYTES)
        self._file.write(keys.wrapped_root().ljust(_PLACE_BYTES, b"\0"))

    def _write(self, head: Head, place: int) -> None:
        body = msgspec.json.encode(head).ljust(_PLACE_BYTES - _ID_CHARS - SEAL_BYTES)
        sealed = self._sealer.seal(body, "head", "", str(place), _VERSION)
        self._file.seek(place * _PLACE_BYTES)
        self._file.write(self._sealer.id.encode() + sealed)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
