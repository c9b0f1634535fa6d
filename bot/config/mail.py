"""The settings of e-mail: the server, the login, and whose name it goes out in."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from email.utils import getaddresses
from pathlib import Path
from urllib.parse import urlsplit

from bot.config.environment import Reading
from bot.config.settings import EmailSettings

#: What a server's address begins with, and its usual port then: TLS after a plain hello, or at once.
_PORTS = {"smtp": 587, "smtps": 465}
#: An address that every server carries (RFC 5321, 4.1.2, without quotes and other letters).
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_OTHERS = ("EMAIL_USER", "EMAIL_PASSWORD", "EMAIL_FROM", "EMAIL_BOUNCES", "EMAIL_REPLY_TO", "EMAIL_CA_FILE")
_SERVER = "Write smtp:// or smtps:// and its name, such as smtp://mail.school.example"


def read(reading: Reading) -> EmailSettings | None:
    """Return what e-mail needs; None where it is not configured. What is wrong is noted in ``reading``."""
    server = reading.text("EMAIL_SERVER")
    if not server:
        others = [name for name in _OTHERS if reading.text(name)]
        if others:
            reading.wrongs.append(f"EMAIL_SERVER: {others[0]} is set, this one is missing. {_SERVER}.")
        return None
    found = EmailSettings(
        user=reading.text("EMAIL_USER"),
        password=reading.secret("EMAIL_PASSWORD"),
        sender=reading.text("EMAIL_FROM"),
        bounces=reading.text("EMAIL_BOUNCES"),
        reply_to=reading.text("EMAIL_REPLY_TO"),
        ca_file=Path(file) if (file := reading.path("EMAIL_CA_FILE")) else None,
    )
    wrongs = [*_server_wrongs(server), *_wrongs(found)]
    reading.wrongs += wrongs
    if wrongs:
        return None
    parts = urlsplit(server)
    return found.at(parts.hostname or "", parts.port or _PORTS[parts.scheme], at_once=parts.scheme == "smtps")


def _server_wrongs(server: str) -> Iterator[str]:
    try:
        parts = urlsplit(server)
        known = parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known:
        yield f"EMAIL_SERVER: this is no mail server. {_SERVER}."
    elif parts.username or parts.password:
        yield "EMAIL_SERVER: a login stands in it. Write it into EMAIL_USER and EMAIL_PASSWORD instead."
    elif parts.path.strip("/") or parts.query or parts.fragment:
        yield f"EMAIL_SERVER: something stands behind the server's name. {_SERVER}."


def _wrongs(found: EmailSettings) -> Iterator[str]:
    if bool(found.user) != (found.password is not None):
        yield "EMAIL_PASSWORD: it and EMAIL_USER belong together. Set both or neither."
    if not found.sender:
        yield "EMAIL_FROM: nobody would know whom an e-mail is from. Write an address of the school's."
    for name, value in (
        ("EMAIL_FROM", found.sender),
        ("EMAIL_BOUNCES", found.bounces),
        ("EMAIL_REPLY_TO", found.reply_to),
    ):
        if value and not _is_address(value, named=name == "EMAIL_FROM"):
            example = "Reports <reports@school.example>" if name == "EMAIL_FROM" else "office@school.example"
            yield f"{name}: this is no e-mail address. Write it like {example}"
    if found.ca_file is not None and not _is_certificate(found.ca_file):
        yield "EMAIL_CA_FILE: no certificate can be read there. It begins -----BEGIN CERTIFICATE."


def _is_address(value: str, *, named: bool) -> bool:
    """Return whether this is one e-mail address, with a name before it where it may have one."""
    ((_, address), *others) = getaddresses([value])
    whole = value.isprintable() and not others and (named or address == value)
    return whole and _ADDRESS.fullmatch(address) is not None


def _is_certificate(file: Path) -> bool:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except OSError:  # an ssl.SSLError is one too
        return False
    return True
