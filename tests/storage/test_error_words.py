"""What a store says when something goes wrong: which it was, and what to do about it."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.errors import Conflict, StoreError, UnreadableRow
from flows.model import Case, Change
from storage import codec, errors, seal
from storage.invariants import admit
from tests.storage import samples as s

GOLDEN = Path(__file__).parent / "golden" / "errors.txt"
FILE = Path("/srv/cases.db")
SAYS = (
    errors.full(),
    errors.failing(),
    errors.read_only(FILE),
    errors.in_use(FILE),
    errors.closed(),
    errors.out_of("open files"),
    errors.foreign(),
    errors.other_layout(),
    errors.newer(),
    errors.none_there(FILE),
    errors.there_already(FILE),
    errors.gone(FILE, "cases.db.head"),
    errors.headless(FILE.with_name("cases.db.head")),
    errors.another_head(FILE.with_name("cases.db.head")),
    errors.behind(1, s.NOW),
    errors.behind(3, s.NOW),
    errors.changed("cases of hill: 11 instead of 12"),
    errors.not_empty(FILE.parent),
    errors.no_backup(FILE.parent),
    seal.wrong_key(),
    seal.damaged("it is not the database it was"),
)


def test_what_each_error_says(golden: Callable[[Path, str], None]) -> None:
    """An administrator reads what happened, whether anything was lost, and what to do now."""
    with pytest.raises(StoreError) as short:
        seal.Sealer(b"short")
    unread = []
    for body in (b"5{", b"99{}"):
        with pytest.raises(UnreadableRow) as refused:
            codec.decode(Case, body)
        unread.append(refused.value)
    told = [f"{e.reference}\n{e.message}\n{e.hint}\n" for e in (*SAYS, short.value, *unread)]
    golden(GOLDEN, "\n".join(told))


@pytest.mark.parametrize(
    ("code", "reference"),
    [
        (sqlite3.SQLITE_FULL, "disk-full"),
        (sqlite3.SQLITE_READONLY, "store-read-only"),
        (sqlite3.SQLITE_CANTOPEN, "store-read-only"),
        (sqlite3.SQLITE_PERM, "store-read-only"),
        (sqlite3.SQLITE_BUSY, "store-in-use"),
        (sqlite3.SQLITE_LOCKED, "store-in-use"),
        (sqlite3.SQLITE_CORRUPT, "store-damaged"),
        (sqlite3.SQLITE_NOTADB, "store-damaged"),
        (sqlite3.SQLITE_MISUSE, "store-closed"),
        (sqlite3.SQLITE_ERROR, "other-layout"),
        (sqlite3.SQLITE_NOMEM, "out-of-resources"),
        (sqlite3.SQLITE_CORRUPT | (1 << 8), "store-damaged"),
        (None, "store-closed"),
    ],
)
def test_what_the_database_means(code: int | None, reference: str) -> None:
    """A full disk is not called damage, nor damage a full disk: the wrong advice would cost the file."""
    error = sqlite3.OperationalError("secret words")
    if code is not None:
        error.sqlite_errorcode = code
    with pytest.raises(StoreError) as told, errors.Translated(FILE):
        raise error
    assert told.value.reference == reference
    assert "secret words" not in str(told.value)
    assert ("not the database it was" in str(told.value)) == (reference == "store-damaged"), (
        "says what is wrong"
    )


@pytest.mark.parametrize(
    ("number", "reference"),
    [
        *((n, "disk-full") for n in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)),
        *(
            (n, "store-read-only")
            for n in (
                errno.EACCES,
                errno.EPERM,
                errno.EROFS,
                errno.ENOENT,
                errno.ENOTDIR,
                errno.EISDIR,
                errno.EEXIST,
            )
        ),
        (errno.EIO, "disk-failing"),
        *((n, "out-of-resources") for n in (errno.EMFILE, errno.ENFILE, errno.ENOMEM)),
    ],
)
def test_what_the_system_means(number: int, reference: str) -> None:
    """No room, no permission, a failing disk: each is told apart."""
    with pytest.raises(StoreError) as told, errors.Translated(FILE):
        raise OSError(number, "secret words")
    assert told.value.reference == reference


def test_another_fault_is_left_alone() -> None:
    """A fault of ours is not dressed up as one of the disk."""
    with pytest.raises(ValueError, match="ours"), errors.Translated(FILE):
        raise ValueError("ours")


def test_what_came_too_late_says_what_it_was() -> None:
    """Two change the same thing: the second reads which thing, and that looking again helps."""
    for change, what in (
        (Change(school=s.HILL, case=s.case(1, version=3)), "case"),
        (Change(school=s.HILL, draft=s.draft(version=3)), "report"),
        (Change(school=s.HILL, updated_sends=(s.send(1, "x", version=3),)), "message"),
        (Change(school=s.HILL, events=(s.event(1, 1),)), "case"),
    ):
        with pytest.raises(Conflict) as refused:
            admit(change, Nothing())
        assert refused.value.reference == "conflict"
        assert what in refused.value.message
        assert refused.value.hint == "Look at it again, then repeat."


class Nothing:
    """A store that holds nothing but one event of each case."""

    def draft_version(self, *_: object) -> int:
        """Return none."""
        return 0

    def open_draft(self, *_: object) -> None:
        """Return none."""

    def case_version(self, *_: object) -> int:
        """Return none."""
        return 0

    def send_version(self, *_: object) -> int:
        """Return none."""
        return 0

    def has_event(self, *_: object) -> bool:
        """Say that it is there."""
        return True
