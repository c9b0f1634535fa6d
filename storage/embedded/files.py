"""Evidence files: sealed, named by a keyed hash of school and content, written whole or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Lock
from typing import Any

from storage import errors, owner_only
from storage.seal import Sealer, damaged

_VERSION = 1
_ID_CHARS = 8
_PART = ".part"


class Files:
    """The folder beside the database. Every method waits for the disk: never call one on the event loop."""

    def __init__(self, folder: Path, sealer: Sealer) -> None:
        self._folder = folder
        self._sealer = sealer

        self._hand = Lock()

    def make(self) -> None:
        """Make the folder if need be."""
        with errors.Translated(self._folder):
            self._folder.mkdir(mode=0o700, exist_ok=True)
            owner_only.made(self._folder)

    def sweep(self, used: Iterable[tuple[str, str]]) -> None:
        """Remove all but these: what nobody has, and what was being written when the power went."""
        names = {self._path(*file).name for file in used}
        with errors.Translated(self._folder):
            for left in self._folder.iterdir():
                if left.name not in names:
                    left.unlink()

    def remove(self, file: tuple[str, str], used: Callable[[Any], bool]) -> None:
        """Remove a file, unless somebody has brought it again in the meantime."""
        path = self._path(*file)
        with self._hand, errors.Translated(path):
            if not used(file):
                path.unlink(missing_ok=True)

    def put(self, school: str, content: bytes) -> str:
        """Store bytes durably; return their SHA-256 as hex. Storing twice is storing once."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(school, sha256)
        with self._hand, errors.Translated(path):
            if not path.exists():
                sealed = self._sealer.seal(content, "files", school, sha256, _VERSION)
                self._write(path, self._sealer.id.encode() + sealed)
            self._settle()
        return sha256

    def read(self, school: str, sha256: str) -> bytes | None:
        """Return the bytes stored under that hash for that school. Raises StoreError if they were changed."""
        path = self._path(school, sha256)
        with errors.Translated(path):
            if not path.exists():
                return None
            stored = path.read_bytes()
        key = stored[:_ID_CHARS].decode("ascii", "replace")
        content = self._sealer.open(stored[_ID_CHARS:], "files", school, sha256, _VERSION, key=key)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise damaged("an evidence file is not the one it is named for")
        return content

    def _path(self, school: str, sha256: str) -> Path:
        return self._folder / self._sealer.veil(f"{school} {sha256}")

    def _write(self, path: Path, sealed: bytes) -> None:
        part = path.with_name(f"{path.name}.{os.urandom(4).hex()}{_PART}")
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    def _settle(self) -> None:
        if os.name != "nt":  # a folder cannot be opened there, and needs no flush of its own
            folder = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
