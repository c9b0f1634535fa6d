"""What can go wrong with a file, each told apart and with what to do about it.

Nothing here is a guess at the wording of the database: its result codes are read
(sqlite.org/rescode.html), and the disk is asked whether it is full.
"""

from __future__ import annotations

import datetime as dt
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
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return read_only(path)
        case sqlite3.SQLITE_CANTOPEN:
            return _why_not_opened(path)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return in_use(path)
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return damaged("it is not the database it was")
        case sqlite3.SQLITE_MISUSE:
            return closed()
        case sqlite3.SQLITE_NOMEM:
            return out_of("memory")
        case (
            sqlite3.SQLITE_ERROR | sqlite3.SQLITE_CONSTRAINT | sqlite3.SQLITE_MISMATCH | sqlite3.SQLITE_SCHEMA
        ):
            return other_layout()
        case _:
            return failing()


def of_system(error: OSError, path: Path) -> StoreError:
    """Return the StoreError for an error of the system."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return full()
    if error.errno in _NO_PLACE:
        return read_only(path)
    if error.errno in {errno.EMFILE, errno.ENFILE}:
        return out_of("open files")
    if error.errno == errno.ENOMEM:
        return out_of("memory")
    return failing()


def _why_not_opened(path: Path) -> StoreError:
    """Return why the database could not open a file: it does not say, the system does."""
    try:
        os.close(os.open(path, os.O_RDONLY))
    except OSError as error:
        return of_system(error, path)
    return read_only(path)


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


def out_of(what: str) -> StoreError:
    """Return the error for a program that the system gives no more of something."""
    return StoreError(
        "out-of-resources",
        f"The system gives this program no more {what}. What was just sent was not kept; all from before is.",
        "It goes on by itself when there is some again. If it comes back, let the program have more.",
    )


def foreign() -> StoreError:
    """Return the error for a database that somebody else's program made."""
    return StoreError(
        "not-a-store",
        "This is a database, but not one of this program's.",
        "Point at the file that reports were kept in, or at a place where there is none yet.",
    )


def other_layout() -> StoreError:
    """Return the error for a file whose tables are laid out otherwise than this program has them."""
    return StoreError(
        "other-layout",
        "The tables of this file are those of another version of this program. Nothing was changed.",
        "Start the version that it was used with last.",
    )


def newer() -> StoreError:
    """Return the error for a file that a newer version has written to."""
    return StoreError(
        "newer-store",
        "This file was written by a newer version of this program. Nothing was changed.",
        "Start the newer version again, or put back a backup from before it: report-posting restore FOLDER",
    )


_PUT_BACK = "Put back what was moved away, or the last backup: report-posting restore FOLDER"


def none_there(path: Path) -> StoreError:
    """Return the error for a place where there is no store, and none is to be made unasked."""
    return StoreError(
        "no-store",
        f"There is no store at {path}.",
        "If there was one, look whether its disk is there and the path is right. "
        "For a first start say: report-posting serve --new-store",
    )


def there_already(path: Path) -> StoreError:
    """Return the error for a new store where there is one."""
    return StoreError(
        "store-exists",
        f"There is a store at {path} already; it was left as it is.",
        "Start without --new-store.",
    )


def not_empty(folder: Path) -> StoreError:
    """Return the error for a backup into a folder that holds something."""
    return StoreError(
        "backup-there",
        f"{folder} is not empty; nothing was written there.",
        "Name a folder that is not there yet: each backup has one of its own.",
    )


def no_backup(folder: Path) -> StoreError:
    """Return the error for a folder that holds no backup."""
    return StoreError(
        "no-backup",
        f"There is no backup in {folder}.",
        "Name the folder that was given to: report-posting backup FOLDER",
    )


def gone(path: Path, left: str) -> StoreError:
    """Return the error for a store of which only something beside it is left."""
    return StoreError(
        "store-gone",
        f"{path} is not there or empty, but {left} lies beside it: there was a store. Nothing was changed.",
        f"{_PUT_BACK}. To begin anew, move what lies beside it away first.",
    )


def headless(head: Path) -> StoreError:
    """Return the error for a store without what says how far it was."""
    return StoreError(
        "store-headless",
        f"{head.name}, which says how far the store was, is missing: it may lack what was kept last.",
        f"{_PUT_BACK}. To go on with what is there: report-posting restore --what-is-there",
    )


def another_head(head: Path) -> StoreError:
    """Return the error for a store beside the head of another."""
    return StoreError(
        "store-mixed",
        f"{head.name} belongs to another store than the file beside it.",
        f"{_PUT_BACK}. To go on with what is there: report-posting restore --what-is-there",
    )


def behind(missing: int, last: dt.datetime) -> StoreError:
    """Return the error for a store that lacks what was kept last."""
    changes = "the last change is" if missing == 1 else f"the last {missing} changes are"
    return StoreError(
        "store-behind",
        f"The store is older than it was: {changes} missing, up to {last:%Y-%m-%d %H:%M} UTC. "
        "Nothing was changed.",
        f"{_PUT_BACK} (what belongs to the file are those beside it that end with -wal, .head and .files). "
        "To go on without what is missing: report-posting restore --what-is-there",
    )


def changed(what: str) -> StoreError:
    """Return the error for a store whose rows another program took out, put in or moved."""
    return StoreError(
        "store-changed",
        f"Another program, or a broken disk, has changed the store: {what}. It was left as it is.",
        f"{_PUT_BACK}. To go on with what is there: report-posting restore --what-is-there",
    )


def closed() -> StoreError:
    """Return the error for a store that was closed."""
    return StoreError("store-closed", "The store is closed.", "Open it again.")
