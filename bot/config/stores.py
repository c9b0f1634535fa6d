"""What is wrong with where everything is to be kept, before anything looks for it there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from bot.config.settings import Settings, is_database
from bot.config.written import no_path


def wrongs(name: str, store: str) -> list[str]:
    """Return what is wrong with the address of the store, which the setting ``name`` gives."""
    kind, _, place = store.partition(":")
    if kind == "memory":
        return []
    if is_database(store):
        return [] if _names_a_database(store) else [f"{name}: {_NO_DATABASE}"]
    if kind != "tinydb" or not place:
        mend = (
            "Write tinydb: and then the file, for example tinydb:/srv/reports/reports.db, or "
            "postgresql:// and where the database is."
        )
        return [f"{name}: this does not say what kind of store it is. {mend}"]
    if wrong := no_path(place):
        return [f"{name}: {wrong}"]
    if Path(place).is_dir():
        return [f"{name}: this is a folder. Name a file in it: write /reports.db behind it."]
    return []


_NO_DATABASE = "this names no database. Write postgresql://role:password@machine/database"


def _names_a_database(store: str) -> bool:
    try:
        parts = urlsplit(store)
        return bool(parts.path.strip("/") and (parts.hostname or parse_qs(parts.query).get("host")))
    except ValueError:
        return False


def disk_wrongs(settings: Settings) -> Iterator[str]:
    """Yield that a file would be gone after the next start: a hosting service gives a new disk each time."""
    if settings.store.startswith("tinydb:") and settings.hosted and not settings.disk_lasts:
        yield (
            "REPORT_STORE: this hosting service gives the program a new, empty disk at each start, so every "
            "report in that file would be lost within a day. Add a PostgreSQL database to the app (it then "
            "sets DATABASE_URL) and take REPORT_STORE out. If the file lies on a disk that you have added "
            "and that stays, say REPORT_DISK_LASTS=yes."
        )


def parts_wrongs(settings: Settings) -> Iterator[str]:
    """Yield that a store is one process's alone, where several are to share it."""
    if not is_database(settings.store):
        yield (
            "REPORT_STORE: only one process may have this store open. Use: serve. For processes of their own "
            "give it a PostgreSQL database."
        )
