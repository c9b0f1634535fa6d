"""One program per file: a lock the system takes back when its holder dies, however it dies."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from storage import errors


class FileLock:
    """Held from construction to :meth:`release`. A file of its own: SQLite has its own use for the other."""

    def __init__(self, path: Path) -> None:
        """Take the lock beside ``path``. Raises StoreError if another holds it or the place is read-only."""
        with errors.Translated(path):
            self._file = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _take(self._file)
        except OSError:
            os.close(self._file)
            raise errors.in_use(path) from None

    def release(self) -> None:
        """Let go. The file stays: removing it would let two holders in."""
        os.close(self._file)


if sys.platform == "win32":
    import msvcrt

    def _take(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
