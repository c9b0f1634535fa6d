"""The workspace as a chat platform: messages in one small SQLite file, and who is told when one changes.

Keeps cards exactly as they were sent; what a person typed and what they were answered is never here.
A key that has been seen before is the message that is there already, so sending twice is sending once.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from flows.errors import Permanent
from flows.model import Posted
from flows.ports import Address, Clock, Membership
from flows.school import Platform
from flows.ui.cards import Card

_SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    place TEXT NOT NULL,
    root INTEGER NOT NULL DEFAULT 0,
    broadcast INTEGER NOT NULL DEFAULT 0,
    repeat INTEGER NOT NULL DEFAULT 0,
    at TEXT NOT NULL,
    edited TEXT NOT NULL DEFAULT '',
    card BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS message_place ON message (place, root, id);
CREATE TABLE IF NOT EXISTS secret (one INTEGER PRIMARY KEY CHECK (one = 1), value BLOB NOT NULL) STRICT;
"""
#: The columns of ``message``, in the order of the table above.
_Row = tuple[int, str, str, int, int, int, str, str, bytes]
_decode = msgspec.json.Decoder(Card).decode


class Message(Struct, frozen=True, kw_only=True):
    """A message as it stands. ``place`` is a channel's address, or ``@`` and an account.

    ``root`` is the id of the message whose thread it is in (0 = none); ``edited`` None = never.
    """

    id: int
    key: str
    place: str
    root: int
    broadcast: bool
    repeat: bool
    at: dt.datetime
    edited: dt.datetime | None
    card: Card


def place_of(to: Address) -> str:
    """Return the name of the place an address means."""
    return f"@{to.account}" if to.account else to.channel


class WebChat:
    """:class:`flows.ports.Chat` for the try-out workspace.

    ``members`` says who may read a channel: its address to the accounts in it; empty = no such channel.
    """

    platform = Platform.WEB
    can_look_up = True

    def __init__(self, path: Path | str, *, members: Callable[[str], frozenset[str]], clock: Clock) -> None:
        """Open (or make) the file at ``path``; ``:memory:`` keeps nothing."""
        self._members = members
        self._clock = clock
        self._listeners: set[asyncio.Queue[str]] = set()
        self._file = sqlite3.connect(path)
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = FULL")
        self._file.executescript(_SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    # -- what flows.ports.Chat promises ------------------------------------------------------------

    async def send(self, to: Address, card: Card, *, key: str, repeat: bool = False) -> Posted:
        """Post a message that stands alone or begins a thread."""
        place = place_of(to)
        self._check(place)
        return self._keep(place, 0, card, key=key, broadcast=False, repeat=repeat)

    async def reply(
        self, root: Posted, card: Card, *, key: str, broadcast: bool = False, repeat: bool = False
    ) -> Posted:
        """Post into the thread of ``root``; ``broadcast`` also shows it in the channel."""
        self._check(root.channel)
        begins = self.message(root.thread or root.message)
        if begins is None or begins.place != root.channel:
            raise Permanent("no-such-message", "The message to reply to is not there.")
        return self._keep(root.channel, begins.id, card, key=key, broadcast=broadcast, repeat=repeat)

    async def edit(self, posted: Posted, card: Card) -> None:
        """Replace a message. The same card again changes nothing."""
        old = self.message(posted.message)
        if old is None:
            raise Permanent("no-such-message", "The message to change is not there.")
        if old.card == card:
            return
        with self._file:
            self._file.execute(
                "UPDATE message SET card = ?, edited = ? WHERE id = ?",
                (msgspec.json.encode(card), self._clock.now().isoformat(), old.id),
            )
        self.tell(old.place)

    async def find(self, to: Address, root: Posted | None, *, key: str) -> Posted | None:
        """Return the message that carries ``key``, or None if it never arrived."""
        row = self._file.execute(
            "SELECT id, place, root FROM message WHERE key = ? AND place = ?", (key, place_of(to))
        ).fetchone()
        if row is None or (root is not None and str(row[2]) != (root.thread or root.message)):
            return None
        return _posted(*row)

    async def members(self, to: Address) -> Membership:
        """Return who can read a channel, as the school's file says this moment."""
        accounts = self._members(to.channel)
        trouble = "" if accounts else "no-such-channel"
        return Membership(accounts=accounts, fit=bool(accounts), trouble=trouble)

    # -- what the pages read -----------------------------------------------------------------------

    def may_read(self, place: str, account: str) -> bool:
        """Return whether this account may read a place."""
        return place == f"@{account}" or (not place.startswith("@") and account in self._members(place))

    def message(self, number: str) -> Message | None:
        """Return one message by its id."""
        if not number.isascii() or not number.isdigit():
            return None
        row = self._file.execute("SELECT * FROM message WHERE id = ?", (int(number),)).fetchone()
        return _message(row) if row else None

    def roots(self, place: str, *, most: int) -> list[Message]:
        """Return the newest ``most`` messages that stand alone or begin a thread, oldest first."""
        rows = self._file.execute(
            "SELECT * FROM message WHERE place = ? AND root = 0 ORDER BY id DESC LIMIT ?",
            (place, most),
        ).fetchall()
        return [_message(row) for row in reversed(rows)]

    def replies(self, place: str) -> dict[int, list[Message]]:
        """Return the replies of every thread of a place, oldest first, by the id of their root."""
        found: dict[int, list[Message]] = {}
        for row in self._file.execute(
            "SELECT * FROM message WHERE place = ? AND root > 0 ORDER BY id",
            (place,),
        ):
            message = _message(row)
            found.setdefault(message.root, []).append(message)
        return found

    def newest(self, place: str) -> int:
        """Return the id of the newest message of a place; 0 = it is empty."""
        row = self._file.execute("SELECT max(id) FROM message WHERE place = ?", (place,)).fetchone()
        return row[0] or 0

    def unseen(self, place: str, since: int) -> int:
        """Return how many messages came after the one with id ``since``."""
        row = self._file.execute(
            "SELECT count(*) FROM message WHERE place = ? AND id > ?", (place, since)
        ).fetchone()
        return int(row[0])

    def secret(self) -> bytes:
        """Return this workspace's own random 32 bytes, made once: forms stay good over a restart."""
        with self._file:
            self._file.execute("INSERT OR IGNORE INTO secret VALUES (1, ?)", (secrets.token_bytes(32),))
        value: bytes = self._file.execute("SELECT value FROM secret").fetchone()[0]
        return value

    @contextmanager
    def listening(self) -> Iterator[asyncio.Queue[str]]:
        """Give a queue into which the name of every place that changes is put, until left."""
        queue: asyncio.Queue[str] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)

    def tell(self, place: str) -> None:
        """Say that a place changed."""
        for queue in self._listeners:
            queue.put_nowait(place)

    def _check(self, place: str) -> None:
        if not place.startswith("@") and not self._members(place):
            raise Permanent("no-such-channel", "The workspace has no channel of that name.")

    def _keep(self, place: str, root: int, card: Card, *, key: str, broadcast: bool, repeat: bool) -> Posted:
        at = self._clock.now().isoformat()
        with self._file:
            self._file.execute(
                "INSERT OR IGNORE INTO message (key, place, root, broadcast, repeat, at, card)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    key,
                    place,
                    root,
                    broadcast,
                    repeat,
                    at,
                    msgspec.json.encode(card),
                ),
            )
        row = self._file.execute("SELECT id, place, root FROM message WHERE key = ?", (key,)).fetchone()
        self.tell(place)
        return _posted(*row)


def _posted(number: int, place: str, root: int) -> Posted:
    return Posted(platform=Platform.WEB, channel=place, message=str(number), thread=str(root) if root else "")


def _message(row: _Row) -> Message:
    number, key, place, root, broadcast, repeat, at, edited, card = row
    return Message(
        id=number,
        key=key,
        place=place,
        root=root,
        broadcast=bool(broadcast),
        repeat=bool(repeat),
        at=dt.datetime.fromisoformat(at),
        edited=dt.datetime.fromisoformat(edited) if edited else None,
        card=_decode(card),
    )
