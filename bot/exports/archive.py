"""The ZIP of an export. The same files always make the same bytes, so each byte of one can be checked.

Nothing is packed and every date is the same: what the files say stands in them. Format: APPNOTE 6.3.10,
https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
"""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from bot.exports.signing import Signer

FORMAT = "report-posting export 1"
MANIFEST, SIGNATURE, EVENTS = "manifest.json", "manifest.sig", "events.jsonl"
_WHEN = (1980, 1, 1, 0, 0, 0)
_UNIX, _OWNER_ONLY = 3, 0o100600 << 16
_HEAD = struct.Struct("<4s5H3I2H")
_BEGINS = b"PK\x03\x04"
_LISTS = b"PK\x01\x02"

#: A file of an archive: its name and its bytes.
File = tuple[str, bytes]


class Listed(Struct, frozen=True):
    """A file as the manifest has it."""

    name: str
    size: int
    sha256: str


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is in an export: its files in their order, each line of its events by SHA-256, the public key."""

    format: str
    case: str
    school: str
    made: str
    by: str
    drill: bool
    files: tuple[Listed, ...] = ()
    events: tuple[str, ...] = ()
    public_key: str = ""


def sha256(content: bytes) -> str:
    """Return the SHA-256 of bytes, as hex."""
    return hashlib.sha256(content).hexdigest()


def lines(events: bytes) -> list[bytes]:
    """Return the lines of events, each with its end."""
    return events.splitlines(keepends=True)


def sealed(files: Sequence[File], about: Manifest, signer: Signer) -> bytes:
    """Return files as an export: with a manifest of them, and its signature, at the end."""
    events = next(content for name, content in files if name == EVENTS)
    manifest = msgspec.structs.replace(
        about,
        files=tuple(Listed(name, len(content), sha256(content)) for name, content in files),
        events=tuple(sha256(line) for line in lines(events)),
        public_key=signer.public,
    )
    written = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    signature = f"{signer.sign(written)}\n".encode()
    return build([*files, (MANIFEST, written), (SIGNATURE, signature)])


def build(files: Sequence[File]) -> bytes:
    """Return the one ZIP that these files make, in their order."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, _WHEN)
            entry.create_system, entry.external_attr = _UNIX, _OWNER_ONLY
            archive.writestr(entry, content)
    return whole.getvalue()


def files_in(content: bytes) -> tuple[list[File], bool]:
    """Return the files of a ZIP as far as they can be read from its beginning, and whether these are all.

    What a ZIP says at its end of where its files begin is not believed: only what we write is read.
    """
    found: list[File] = []
    at = 0
    while content[at : at + 4] == _BEGINS and len(content) >= at + _HEAD.size:
        *_, method, _, _, _, packed, size, name, extra = _HEAD.unpack_from(content, at)
        start = at + _HEAD.size + name + extra
        if method != zipfile.ZIP_STORED or packed != size or len(content) < start + size:
            break
        called = content[at + _HEAD.size : at + _HEAD.size + name].decode("utf-8", "replace")
        found.append((called, content[start : start + size]))
        at = start + size
    return found, content[at : at + 4] == _LISTS
