"""The keys of a store, one behind the other: what is outside opens what is inside, and that opens the rows.

A key-encryption key stands outside, with whoever keeps the store. It opens the root, from which keyed hashes,
the audit's chain and the sums are made, and one data key for each case, one for each file, and one for the
rest of each school. A data key is random and lies in the store, wrapped (RFC 3394). So another key outside
means wrapping anew, not sealing anew; and a case without its data key is unreadable for good, whatever is
left of its rows.

A data key seals nothing itself: the key that does is derived for whose it is. A wrap that was copied to
another case opens none of its rows.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable, Iterator
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from msgspec import Struct

from flows.errors import UnreadableRow
from storage.seal import KEY_BYTES, NONCE_BYTES, Sealer, damaged, derived, place, wrong_key

#: how many letters the id of a key has
ID_CHARS = 8
#: how long a wrapped key is, with the id of what opens it: wrapping adds eight bytes (RFC 3394, 2.2.1)
WRAPPED_BYTES = ID_CHARS + KEY_BYTES + 8
#: the table of data keys, and the one that seals what is of no case
KEYS, OF_THE_SCHOOL = "keys", "-"
#: a file is sealed in pieces of so many bytes
PIECE = 1 << 16
_BEGINS, _TAG = NONCE_BYTES - 5, 16
#: data keys that are kept open at once (some 500 bytes each)
_OPEN = 4096


class Handed(Struct, frozen=True):
    """What a store keeps of its keys: the root, wrapped; and while one key outside follows another, each of
    the two wrapped by the other. ``there`` opens with the one before, ``back`` with the one that follows.
    """

    root: bytes | None = None
    there: bytes = b""
    back: bytes = b""


def id_of(wrapped: bytes) -> str:
    """Return the id of the key outside that opens what is wrapped."""
    return wrapped[:ID_CHARS].decode("ascii", "replace")


class Outside:
    """A key-encryption key. ``id`` says which, and gives nothing away."""

    def __init__(self, key: bytes) -> None:
        """Take the key as it stands outside. Raises StoreError if it is not 32 bytes."""
        self.id = Sealer(key).id
        self.key = key
        self._wrapping = derived(key, b"report-posting wrap")

    def wrap(self, secret: bytes) -> bytes:
        """Return a secret, wrapped; which key opens it stands in front."""
        return self.id.encode() + aes_key_wrap(self._wrapping, secret)

    def unwrap(self, wrapped: bytes) -> bytes:
        """Return what was wrapped. Raises UnreadableRow."""
        try:
            return aes_key_unwrap(self._wrapping, wrapped[ID_CHARS:])
        except (InvalidUnwrap, ValueError):
            raise damaged("a key in it does not open: changed or cut", UnreadableRow) from None

    def handed_on(self, handed: Handed) -> list[Outside]:
        """Return what this key opens of the keys that are handed on."""
        found = (one for one in (handed.there, handed.back) if one and id_of(one) == self.id)
        return [Outside(self.unwrap(one)) for one in found]


class InnerKey:
    """Seals and opens what is one case's, one file's, or of no case in one school."""

    def __init__(self, secret: bytes, school: str, owner: str) -> None:
        key = hmac.digest(secret, b"report-posting rows" + place((school, owner)), hashlib.sha256)
        #: whose it is: what its rows name as their key
        self.id = owner
        self.check = hmac.digest(key, b"report-posting check", hashlib.sha256)[: ID_CHARS // 2].hex()
        self._aead = AESGCM(key)

    def seal(self, body: bytes, table: str, school: str, row: str, version: int) -> bytes:
        """Return ``body`` sealed for exactly this place and version."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, body, place((table, school, row, version, self.id)))

    def open(self, sealed: bytes, table: str, school: str, row: str, version: int) -> bytes:
        """Return what was sealed. Raises UnreadableRow if it was changed, moved, or is of another version."""
        try:
            where = place((table, school, row, version, self.id))
            return self._aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], where)
        except (InvalidTag, ValueError):
            raise damaged(f"a row of {table} does not open: changed, cut or moved", UnreadableRow) from None

    def seal_file(self, content: bytes, school: str, sha256: str) -> Iterator[bytes]:
        """Yield a file sealed piece by piece, each bound to its place, the last to being the last."""
        begins, where = os.urandom(_BEGINS), place(("files", school, sha256, 1, self.id))
        yield begins
        last = max(0, (len(content) - 1) // PIECE)
        for number in range(last + 1):
            piece = memoryview(content)[number * PIECE : (number + 1) * PIECE]
            yield self._aead.encrypt(_nonce(begins, number, last=number == last), piece, where)

    def open_file(self, read: Callable[[int], bytes], school: str, sha256: str) -> Iterator[bytes]:
        """Yield what a file holds, piece by piece. Raises UnreadableRow where it was changed or cut."""
        begins, where = read(_BEGINS), place(("files", school, sha256, 1, self.id))
        number, piece = 0, read(PIECE + _TAG)
        while piece:
            following = read(PIECE + _TAG)
            try:
                yield self._aead.decrypt(_nonce(begins, number, last=not following), piece, where)
            except (InvalidTag, ValueError):
                raise damaged("a file does not open: changed, cut or moved", UnreadableRow) from None
            number, piece = number + 1, following
        if not number:
            raise damaged("a file is empty", UnreadableRow)


def _nonce(begins: bytes, number: int, *, last: bool) -> bytes:
    """Return the nonce of a piece: STREAM, of Hoang, Reyhanitabar, Rogaway and Vizár, 2015."""
    return begins + number.to_bytes(4) + bytes([last])


class Keys(Sealer):
    """All keys of a store. What it is as a sealer is made from the root."""

    def __init__(self, outside: Outside, root: bytes, *others: Outside) -> None:
        """Take the key outside with which all is wrapped from now on, the root, and ``others`` that open."""
        super().__init__(root)
        self.root = root
        self.outside = outside
        #: which key somebody came with
        self.given = (*others, outside)[0].id
        self._known = {one.id: one for one in (*others, outside)}
        self.inner = lru_cache(_OPEN)(self._inner)

    @classmethod
    def of(cls, given: Sealer, handed: Handed) -> Keys:
        """Return the keys of a store that keeps this; without a root, the key is its own.

        ``given`` is what somebody came with. Raises StoreError if that does not open it.
        """
        if isinstance(given, Keys):
            return given
        came = Outside(given.key)
        if handed.root is None:
            return cls(came, given.key)
        known = {one.id: one for one in (came, *came.handed_on(handed))}
        if (now := known.get(id_of(handed.root))) is None:
            raise wrong_key()
        return cls(now, now.unwrap(handed.root), came, *known.values())

    @classmethod
    def new(cls, given: Sealer) -> Keys:
        """Return the keys of a store that is about to be made."""
        return given if isinstance(given, Keys) else cls(Outside(given.key), os.urandom(KEY_BYTES))

    def turned(self, new: Outside) -> Handed:
        """Return what a store keeps from the moment on in which ``new`` follows the key of now."""
        return Handed(new.wrap(self.root), self.outside.wrap(new.key), new.wrap(self.outside.key))

    def turn(self, new: Outside) -> None:
        """Wrap with another key from now on; those of before still open."""
        self._known[new.id] = new
        self.outside = new

    def learn(self, handed: Handed) -> None:
        """Take what another process has handed on. Raises StoreError where none of ours opens it."""
        for one in list(self._known.values()):
            self._known |= {other.id: other for other in one.handed_on(handed)}
        if handed.root is not None and self.outside.id != id_of(handed.root):
            if id_of(handed.root) not in self._known:
                raise wrong_key()
            self.outside = self._known[id_of(handed.root)]

    def knows(self, wrapped: bytes | None) -> bool:
        """Return whether a key of ours opens what is wrapped."""
        return not wrapped or id_of(wrapped) in self._known

    def rewrapped(self, wrapped: bytes) -> bytes:
        """Return a data key wrapped by the key of now. Raises UnreadableRow."""
        return self.outside.wrap(self.unwrapped(wrapped))

    def wrapped_root(self) -> bytes:
        """Return the root as it is kept."""
        return self.outside.wrap(self.root)

    def new_wrap(self) -> bytes:
        """Return a new data key as it is kept."""
        return self.outside.wrap(os.urandom(KEY_BYTES))

    def unwrapped(self, wrapped: bytes) -> bytes:
        """Return what is kept wrapped. Raises UnreadableRow."""
        outside = self._known.get(id_of(wrapped))
        if outside is None:
            raise wrong_key(UnreadableRow)
        return outside.unwrap(wrapped)

    def opened(
        self, sealed: bytes, table: str, at: tuple[str, str, int], key: str, wrap: bytes | None
    ) -> bytes:
        """Return what a row says; ``key`` = whose data key, ``wrap``, sealed it. Raises UnreadableRow."""
        if table == KEYS:
            self.unwrapped(sealed)
            return sealed
        if key == self.id:  # of before there were data keys, or about the store itself
            return self.open(sealed, table, *at)
        if wrap is None:
            if len(key) == ID_CHARS and table != KEYS and not key.startswith(OF_THE_SCHOOL):
                raise wrong_key(UnreadableRow)
            raise damaged(f"a row of {table} has no key any more", UnreadableRow)
        return self.inner(at[0], key, wrap).open(sealed, table, *at)

    def _inner(self, school: str, owner: str, wrap: bytes) -> InnerKey:
        """Return a data key. Raises UnreadableRow."""
        return InnerKey(self.unwrapped(wrap), school, owner)
