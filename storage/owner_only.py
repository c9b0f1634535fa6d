"""Files for their owner's eyes only, whatever the machine's habits are and whoever copied them here."""

from __future__ import annotations

import os
from pathlib import Path


def made(path: Path) -> None:
    """Make a file, or take a file or folder, and the database's own beside it, from all but their owner."""
    if not path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    for one in (path, *(path.with_name(path.name + ending) for ending in ("-wal", "-shm", ".backed-up"))):
        if os.name != "nt" and one.exists():  # rights are another matter there
            one.chmod(0o700 if one.is_dir() else 0o600)
