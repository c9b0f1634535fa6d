"""``backup`` and ``restore``: a copy of all that is stored, and the ways back to one."""

from __future__ import annotations

from pathlib import Path

from bot.commands.where import where
from flows.errors import InvalidAnswer, SettingsError
from storage.embedded import backup as copies
from storage.seal import Sealer


def back_up(tried: Path, folder: Path) -> str:
    """Copy the store into ``folder``; return what was done. ``tried`` is where the try-out's is."""
    rows = copies.back_up(*_store(tried), folder)
    return (
        f"Backed up to {folder}: {rows} rows with their files, each read back.\n"
        "The key is not in it. Keep both, and not together: without the key the backup opens nothing.\n"
    )


def drill(tried: Path, folder: Path) -> tuple[bool, str]:
    """Back up if the folder is not there yet; restore it into a place of its own; say what is there."""
    place, sealer = _store(tried)
    made = "" if folder.is_dir() and any(folder.iterdir()) else back_up(tried, folder)
    found = copies.drill(sealer, folder)
    if found.wrong:
        return False, made + "".join(f"WRONG: {line}.\n" for line in found.wrong)
    done = f"Restored for practice and removed again: all {found.rows} rows open"
    audits = f"the audits of {found.schools} schools are whole and hold the heads that lie in the backup"
    return True, f"{made}{done}, {audits}.\nThe store at {place} was not touched.\n"


def restore(tried: Path, folder: Path | None, *, what_is_there: bool) -> str:
    """Put the backup in ``folder`` in the place of the store, or go on with what is left of it."""
    if (folder is None) is not what_is_there:
        raise InvalidAnswer("folder", "Name the backup's folder, or say --what-is-there; not both.")
    if folder is None:
        rows, aside = copies.go_on_with_what_is_there(*_store(tried))
        done = "What is there is the store from now on"
    else:
        rows, aside = copies.restore(*_store(tried), folder)
        done = f"Restored from {folder}"
    left = f"What was there before lies in {aside.name} beside it: remove it when all is well."
    return f"{done}: {rows} rows.\n{left}\n"


def _store(tried: Path) -> tuple[Path, Sealer]:
    settings = where(tried)
    kind, _, place = settings.store.partition(":")
    if kind != "tinydb" or settings.sealing_key is None:
        mend = "Set REPORT_STORE and REPORT_KEY_FILE as for: serve"
        raise SettingsError("settings", "REPORT_STORE names no file, or there is no sealing key.", mend)
    return Path(place), Sealer(settings.sealing_key.reveal())
