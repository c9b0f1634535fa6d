"""One file from a backup's folder, sealed as a whole before it leaves, and the folder back from it.

A backup holds sealed rows already; what is plain in it – which schools there are, how many rows of which
kind, when something is due, sizes – is nobody's business where somebody else keeps the disk. Each piece is
bound to the backup's name and its place in it, and the last one says that it is the last: cut, swapped or
older pieces do not open.
"""

from __future__ import annotations

import hashlib
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from flows.errors import StoreError
from storage.seal import Sealer

_MARK = b"report-posting backup 1\n"
_PIECE = 4 * 1024 * 1024
_LENGTH = 4
#: No piece is longer than that, whatever a file says.
_LONGEST = _PIECE + 1024


def wrap(folder: Path, sealer: Sealer, name: str, to: Path) -> str:
    """Write the folder as one sealed file; return the sum of what was sealed."""
    with tempfile.TemporaryFile(dir=to.parent) as tar:
        with tarfile.open(fileobj=tar, mode="w") as made:
            made.add(folder, arcname=".")
        tar.seek(0)
        summed = hashlib.sha256()
        with to.open("xb") as out:
            out.write(_MARK)
            piece, number = tar.read(_PIECE), 0
            while piece:
                following = tar.read(_PIECE)
                summed.update(piece)
                sealed = sealer.seal(piece, "backup", "" if following else "last", name, number)
                out.write(len(sealed).to_bytes(_LENGTH) + sealed)
                piece, number = following, number + 1
    return summed.hexdigest()


def opened(content: Iterable[bytes], sealer: Sealer, name: str) -> Iterator[bytes]:
    """Yield what was sealed, piece by piece. Raises StoreError where it is not whole."""
    last = False
    for number, sealed in enumerate(_pieces(content)):
        if last:
            raise broken()
        piece, last = _open(sealed, sealer, name, number)
        yield piece
    if not last:
        raise broken()


def _open(sealed: bytes, sealer: Sealer, name: str, number: int) -> tuple[bytes, bool]:
    """Return a piece, and whether it is the last."""
    try:
        return sealer.open(sealed, "backup", "", name, number), False
    except StoreError:
        try:
            return sealer.open(sealed, "backup", "last", name, number), True
        except StoreError:
            raise broken() from None


def _pieces(content: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the sealed pieces of a stream."""
    held, begun = bytearray(), False
    for some in content:
        held += some
        if not begun and len(held) >= len(_MARK):
            if not held.startswith(_MARK):
                raise broken()
            del held[: len(_MARK)]
            begun = True
        while begun and len(held) >= _LENGTH:
            length = int.from_bytes(held[:_LENGTH])
            if length > _LONGEST:
                raise broken()
            if len(held) < _LENGTH + length:
                break
            yield bytes(held[_LENGTH : _LENGTH + length])
            del held[: _LENGTH + length]
    if held or not begun:
        raise broken()


def unwrap(content: Iterable[bytes], sealer: Sealer, name: str, into: Path) -> None:
    """Make the folder again from its sealed file. Raises StoreError where it is not whole."""
    with tempfile.TemporaryFile(dir=into.parent) as tar:
        for piece in opened(content, sealer, name):
            tar.write(piece)
        tar.seek(0)
        into.mkdir(mode=0o700)
        with tarfile.open(fileobj=tar) as made:
            made.extractall(into, filter="data")


def broken() -> StoreError:
    """Return the error for a backup that does not open as a whole."""
    return StoreError(
        "backup-broken",
        "This backup does not open: it was sealed with another key, or it is cut or changed.",
        "Take another one, with the key of its day.",
    )
