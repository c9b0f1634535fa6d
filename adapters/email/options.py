"""What the e-mail side is started with."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct


class Options(Struct, frozen=True, kw_only=True):
    """The server, the login, and the addresses.

    ``at_once`` = TLS from the first byte; else STARTTLS, which must be there wherever somebody could listen
    or a password is said: everywhere but on this computer (``private``) without a login. ``sender`` may have
    a name before it; ``bounces`` is where servers send back what they cannot deliver ("" = to the sender).
    """

    host: str
    port: int
    at_once: bool = False
    private: bool = False
    user: str = ""
    password: str = ""
    sender: str
    bounces: str = ""
    reply_to: str = ""
    ca_file: Path | None = None

    @property
    def starttls(self) -> bool:
        """Whether TLS begins after a plain hello."""
        return not self.at_once and not (self.private and not self.user)
