"""Where the commands that look into a store, or copy one, find it."""

from __future__ import annotations

from pathlib import Path

from bot.config import load
from bot.config.settings import Settings
from bot.school_file.load import load_schools
from flows.errors import InvalidAnswer


def stored(folder: Path, school: str) -> Settings:
    """Return the settings of what is stored, and of the school that is asked about."""
    settings = where(folder)
    known = load_schools(settings.school)
    if school and school not in known:
        raise InvalidAnswer("school", "There is no such school.", f"Known: {', '.join(known)}.")
    if not school and len(known) > 1:
        raise InvalidAnswer("school", "There are several schools.", f"Add --school: {', '.join(known)}.")
    return settings


def where(folder: Path) -> Settings:
    """Return where it is stored: as the environment says, else the try-out's folder."""
    settings = load.from_environment()
    if settings.store == load.Settings().store and folder.is_dir():
        settings = load.for_trying_out(settings, folder)
    return load.for_serving(settings) if not settings.try_out else settings
