"""The signature of an export: Ed25519 (RFC 8032), by a key that is derived from the sealing key.

Who has the public key can tell that an export was made by whoever holds the sealing key; nobody can make one
with the public key alone.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class Signer:
    """Signs. ``public`` is what a signature is checked with, as hex."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw().hex()

    def sign(self, content: bytes) -> str:
        """Return the signature, as hex."""
        return self._key.sign(content).hex()


def signed(content: bytes, signature: str, public: str) -> bool:
    """Return whether the owner of that public key signed exactly this."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        key.verify(bytes.fromhex(signature), content)
    except (InvalidSignature, ValueError):
        return False
    return True
