"""``backup`` and ``restore``: a copy of all that is stored, and the ways back to one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.backups import keep, places
from bot.backups.places import Bucket
from bot.clock import SystemClock
from bot.commands.where import where
from bot.config import load
from flows.errors import InvalidAnswer, SettingsError
from storage.embedded import backup as copies
from storage.seal import Sealer


def back_up(tried: Path, to: str) -> str:
    """Copy the store to a folder or an S3; return what was done. ``tried`` is where the try-out's is."""
    place, sealer = _store(tried)
    if _is_s3(to):
        name = keep.name_at(SystemClock().now())
        rows = Bucket(load.backup_at(to)).make(place, sealer, name)
        to = f"{to.rstrip('/')}/{name}"
    else:
        rows = copies.back_up(place, sealer, Path(to))
    return (
        f"Backed up to {to}: {rows} rows with their files, each read back.\n"
        "The key is not in it. Keep both, and not together: without the key the backup opens nothing.\n"
    )


def drill(tried: Path, named: str) -> tuple[bool, str]:
    """Back up if the folder is not there yet; restore it into a place of its own; say what is there."""
    place, sealer = _store(tried)
    empty = not _is_s3(named) and not (Path(named).is_dir() and any(Path(named).iterdir()))
    made = back_up(tried, named) if empty else ""
    with _fetched(named, sealer) as folder:
        found = copies.drill(sealer, folder)
    if found.wrong:
        return False, made + "".join(f"WRONG: {line}.\n" for line in found.wrong)
    done = f"Restored for practice and removed again: all {found.rows} rows open"
    audits = f"the audits of {found.schools} schools are whole and hold the heads that lie in the backup"
    return True, f"{made}{done}, {audits}.\nThe store at {place} was not touched.\n"


def restore(tried: Path, named: str, *, what_is_there: bool) -> str:
    """Put a backup in the place of the store, or go on with what is left of it."""
    if (not named) is not what_is_there:
        raise InvalidAnswer("folder", "Name the backup's folder, or say --what-is-there; not both.")
    if not named:
        rows, aside = copies.go_on_with_what_is_there(*_store(tried))
        done = "What is there is the store from now on"
    else:
        place, sealer = _store(tried)
        with _fetched(named, sealer) as folder:
            rows, aside = copies.restore(place, sealer, folder)
        done = f"Restored from {named}"
    left = ""
    if aside is not None:
        left = f"What was there before lies in {aside.name} beside it: remove it when all is well.\n"
    return f"{done}: {rows} rows.\n{left}"


@contextmanager
def _fetched(named: str, sealer: Sealer) -> Iterator[Path]:
    """Yield the folder that holds a backup: of an S3 the one that is named, else the newest."""
    if not _is_s3(named):
        yield Path(named)
        return
    above, _, last = named.rstrip("/").rpartition("/")
    whole = keep.moment_of(last) is None
    bucket = Bucket(load.backup_at(named if whole else above))
    with tempfile.TemporaryDirectory(prefix="report-posting-restore-") as scratch:
        yield bucket.fetched(places.newest(bucket) if whole else last, sealer, Path(scratch))


def _is_s3(named: str) -> bool:
    return named.startswith("s3:")


def _store(tried: Path) -> tuple[Path, Sealer]:
    settings = where(tried)
    kind, _, place = settings.store.partition(":")
    if kind != "tinydb" or settings.sealing_key is None:
        mend = "Set REPORT_STORE and REPORT_KEY_FILE as for: serve"
        raise SettingsError("settings", "REPORT_STORE names no file, or there is no sealing key.", mend)
    return Path(place), Sealer(settings.sealing_key.reveal())
