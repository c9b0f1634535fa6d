"""What can go wrong with a file, each told apart and with what to do about it.

Nothing here is a guess at the wording of the database: its result codes are read
(sqlite.org/rescode.html), and the disk is asked whether it is full.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

from flows.errors import StoreError
from storage.seal import damaged

_PRIMARY = 0xFF
_NO_PLACE = {
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.ENOENT,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.EEXIST,
}
#: less than this left on a disk is as good as nothing
_TOO_LITTLE = 1 << 20


class Translated:
    """A block in which what the database or the system raises becomes a StoreError."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Translate."""
        if isinstance(error, sqlite3.Error):
            raise of_sqlite(error, self._path) from error
        if isinstance(error, OSError):
            raise of_system(error, self._path) from error


def of_sqlite(error: sqlite3.Error, path: Path) -> StoreError:
    """Return the StoreError for a database error."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE) & _PRIMARY
    match code:
        case sqlite3.SQLITE_FULL:
            return full()
        case sqlite3.SQLITE_IOERR:
            return full() if _is_full(path) else failing()
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return read_only(path)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return in_use(path)
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return damaged("it is not the database it was")
        case sqlite3.SQLITE_MISUSE:
            return closed()
        case _:
            return failing()


def of_system(error: OSError, path: Path) -> StoreError:
    """Return the StoreError for an error of the system."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return full()
    if error.errno in _NO_PLACE:
        return read_only(path)
    return failing()


def _is_full(path: Path) -> bool:
    try:
        disk = os.statvfs(path.parent)
        if disk.f_bavail * disk.f_frsize < _TOO_LITTLE:
            return True
        import resource  # noqa: PLC0415 - not on every system, and needed only in trouble

        most, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
        sizes = [p.stat().st_size for p in (path, path.with_name(path.name + "-wal")) if p.exists()]
        return most != resource.RLIM_INFINITY and max(sizes, default=0) + _TOO_LITTLE > most
    except (OSError, ImportError, AttributeError):
        return False


def full() -> StoreError:
    """Return the error for a disk without room."""
    return StoreError(
        "disk-full",
        "The disk is full. What was just sent was not kept; all from before is.",
        "Make room on the disk; it then goes on by itself.",
    )


def failing() -> StoreError:
    """Return the error for a disk that refused a write or a flush: nothing more is trusted to it."""
    return StoreError(
        "disk-failing",
        "The disk did not take what was written. What was just sent may not be kept; all from before is.",
        "Check the disk, then start again: the file is read afresh and goes on from what is in it.",
    )


def read_only(path: Path) -> StoreError:
    """Return the error for a place that cannot be written to."""
    return StoreError(
        "store-read-only",
        f"{path} cannot be opened for writing.",
        "Let this account write to the file and to its folder, or name another place.",
    )


def in_use(path: Path) -> StoreError:
    """Return the error for a file that another program holds."""
    return StoreError(
        "store-in-use",
        f"{path} is in use by another program.",
        "Only one may work on a file: stop the other one, or give this one a file of its own.",
    )


def closed() -> StoreError:
    """Return the error for a store that was closed."""
    return StoreError("store-closed", "The store is closed.", "Open it again.")
