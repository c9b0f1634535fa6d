"""The sealing envelope: AES-256-GCM around every body, record and file that is written down.

Associated data names table, school, id and version, so a row copied over another does not open.
The id of a key stands beside each row. Keys that people made (who, which message) become keyed hashes.
:mod:`storage.keys` says which key seals what; this one seals what is about the store itself.
Source: NIST SP 800-38D (random 96-bit nonces are safe for 2^32 seals under one key).
"""

from __future__ import annotations

import hashlib
import hmac
import os

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from flows.errors import StoreError, UnreadableRow

KEY_BYTES = 32
NONCE_BYTES = 12
#: what a seal adds to what it seals: the nonce, and the tag
SEAL_BYTES = NONCE_BYTES + 16
_ID_CHARS = 8
#: a place as what is sealed is bound to it
place = msgspec.json.Encoder().encode


class Sealer:
    """Seals and opens under one key. ``id`` says which, and gives nothing away."""

    def __init__(self, key: bytes) -> None:
        """Derive what is needed from ``key``. Raises StoreError if it is not 32 bytes."""
        if len(key) != KEY_BYTES:
            raise StoreError(
                "bad-key",
                f"The sealing key is {len(key)} bytes long; it must be {KEY_BYTES}.",
                "Use the key that the reports were kept with, unchanged.",
            )
        self.key = key
        self.id = derived(key, b"report-posting key id").hex()[:_ID_CHARS]
        self._aead = AESGCM(derived(key, b"report-posting seal"))
        self._veil = derived(key, b"report-posting veil")
        #: the key of sums over rows
        self.sums = derived(key, b"report-posting sums")
        #: the key of the audit's chain
        self.chain = derived(key, b"report-posting audit chain")

    def seal(self, body: bytes, table: str, school: str, row: str, version: int) -> bytes:
        """Return ``body`` sealed for exactly this place and version."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, body, place((table, school, row, version)))

    def open(self, sealed: bytes, table: str, school: str, row: str, version: int, *, key: str = "") -> bytes:
        """Return what was sealed. Raises StoreError if another key sealed it, or it was changed or moved."""
        if key and key != self.id:
            raise wrong_key(UnreadableRow)
        try:
            where = place((table, school, row, version))
            return self._aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], where)
        except (InvalidTag, ValueError):
            raise damaged(f"a row of {table} does not open: changed, cut or moved", UnreadableRow) from None

    def veil(self, key: str) -> str:
        """Return a key that others made (a person, an account, a message) as a keyed hash."""
        return hmac.digest(self._veil, key.encode(), hashlib.sha256)[:16].hex()

    def veil_within(self, key: str) -> str:
        """Return a key readable up to its first ``/`` (an id of ours): those of one case stay together."""
        head, slash, _ = key.partition("/")
        return f"{head}/{self.veil(key)}" if slash else self.veil(key)


def signing_seed(key: bytes) -> bytes:
    """Return the seed of the key that exports are signed with: nothing that is sealed opens with it."""
    return derived(key, b"report-posting export signature")


def derived(key: bytes, purpose: bytes) -> bytes:
    """Return a key for one purpose; none tells anything of another."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(key)


def wrong_key(kind: type[StoreError] = StoreError) -> StoreError:
    """Return the error for a file, or one row of it, that another key sealed."""
    return kind(
        "wrong-key",
        "This file was sealed with another key. Nothing was changed.",
        "Start with the key it was made with, or point at another file.",
    )


def damaged(what: str, kind: type[StoreError] = StoreError) -> StoreError:
    """Return the error for a file, or one row of it, that is not as it was written."""
    return kind(
        "store-damaged",
        f"The store is damaged: {what}.",
        "Put back the last backup: report-posting restore FOLDER (what is there is kept beside it).",
    )
