"""Evidence files: sealed, named by a keyed hash of school and content, written whole or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from itertools import chain as one_by_one
from pathlib import Path
from threading import Lock
from typing import Any

from storage import errors, owner_only
from storage.keys import ID_CHARS, InnerKey, Keys
from storage.rows import FILE
from storage.seal import damaged

_VERSION = 1
_PART = ".part"


class Files:
    """The folder beside the database. Every method waits for the disk: never call one on the event loop."""

    def __init__(self, folder: Path, keys: Keys) -> None:
        self._folder = folder
        self._keys = keys
        self._hand = Lock()

    def make(self) -> None:
        """Make the folder if need be."""
        with errors.Translated(self._folder):
            self._folder.mkdir(mode=0o700, exist_ok=True)
            owner_only.made(self._folder)

    def sweep(self, used: Iterable[tuple[str, str]]) -> None:
        """Remove all but these: what nobody has, and what was being written when the power went."""
        names = {self.name(*file) for file in used}
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

    def put(self, school: str, content: bytes, wrap: bytes) -> str:
        """Store bytes durably, under their own data key; return their SHA-256 as hex.

        Storing twice is storing once, unless what lies there was sealed with a key that is gone.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        path, key = self._path(school, sha256), self._key(school, sha256, wrap)
        with self._hand, errors.Translated(path):
            if not path.exists() or self._sealed_with(path) != key.check:
                self._write(path, one_by_one([key.check.encode()], key.seal_file(content, school, sha256)))
            self._settle()
        return sha256

    def read(self, school: str, sha256: str, wrap: bytes | None) -> bytes | None:
        """Return the bytes stored under that hash for that school. Raises StoreError if they were changed."""
        path = self._path(school, sha256)
        with errors.Translated(path):
            if not path.exists():
                return None
            with path.open("rb") as file:
                mark = file.read(ID_CHARS).decode("ascii", "replace")
                if wrap is None or mark == self._keys.id:  # of before files had keys
                    content = self._keys.open(file.read(), "files", school, sha256, _VERSION, key=mark)
                else:
                    key = self._key(school, sha256, wrap)
                    content = b"".join(key.open_file(file.read, school, sha256))
        if hashlib.sha256(content).hexdigest() != sha256:
            raise damaged("an evidence file is not the one it is named for")
        return content

    def of_before(self, school: str, sha256: str) -> bool:
        """Return whether a file was sealed before files had keys."""
        path = self._path(school, sha256)
        return path.exists() and self._sealed_with(path) == self._keys.id

    def name(self, school: str, sha256: str) -> str:
        """Return under which name what has this hash lies; its data key is called so too."""
        return self._keys.veil(f"{school} {sha256}")

    def _path(self, school: str, sha256: str) -> Path:
        return self._folder / self.name(school, sha256)

    def _key(self, school: str, sha256: str, wrap: bytes) -> InnerKey:
        return self._keys.inner(school, FILE + self.name(school, sha256), wrap)

    @staticmethod
    def _sealed_with(path: Path) -> str:
        with path.open("rb") as file:
            return file.read(ID_CHARS).decode("ascii", "replace")

    def _write(self, path: Path, pieces: Iterable[bytes]) -> None:
        part = path.with_name(f"{path.name}.{os.urandom(4).hex()}{_PART}")
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.writelines(pieces)
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
