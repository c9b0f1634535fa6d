"""Where backups lie: a folder, or a bucket of any S3. In a bucket each is one sealed file, read back."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from bot.backups import keep, wrapped
from bot.config.settings import BackupSettings
from flows.errors import StoreError
from storage.embedded import backup as copies
from storage.seal import Sealer

if TYPE_CHECKING:
    from obstore.store import S3Store

_ENDING = ".backup"
_SCRATCH = ".backing-up-"


class Place(Protocol):
    """Where backups lie. All of it waits for the disk or the network."""

    def make(self, store: Path, sealer: Sealer, name: str) -> int:
        """Back up a store; return how many rows were read back. Raises StoreError unless it is whole."""
        ...

    def names(self) -> list[str]:
        """Return the names of the backups that are there."""
        ...

    def remove(self, name: str) -> None:
        """Remove a backup."""
        ...

    def fetched(self, name: str, sealer: Sealer, into: Path) -> Path:
        """Return a folder that holds a backup; it may be below ``into``, an empty folder."""
        ...


class Folder:
    """Backups as folders, each as the command makes it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self, store: Path, sealer: Sealer, name: str) -> int:
        """Back up a store."""
        making = self._folder / f"{_SCRATCH}{name}"  # one that was cut off is none
        rows = copies.back_up(store, sealer, making, counts=False)
        making.rename(self._folder / name)
        copies.counted(store)
        return rows

    def names(self) -> list[str]:
        """Return what is there."""
        return [one.name for one in self._folder.iterdir()] if self._folder.is_dir() else []

    def remove(self, name: str) -> None:
        """Remove a backup."""
        shutil.rmtree(self._folder / name)

    def fetched(self, name: str, sealer: Sealer, into: Path) -> Path:
        """Return the folder."""
        del sealer, into
        return self._folder / name


class Bucket:
    """Backups as sealed files in a bucket."""

    def __init__(self, settings: BackupSettings) -> None:
        from obstore.store import S3Store  # noqa: PLC0415 - only where backups go there

        parts = urlsplit(settings.place)
        self._s3: S3Store = S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            endpoint=settings.endpoint or None,
            region=settings.region or "us-east-1",
            access_key_id=settings.access_key,
            secret_access_key=settings.secret_key.reveal() if settings.secret_key else "",
            client_options={"allow_http": settings.endpoint.startswith("http://"), "timeout": "60s"},
            retry_config={"max_retries": 3, "retry_timeout": dt.timedelta(seconds=60)},
        )

    def make(self, store: Path, sealer: Sealer, name: str) -> int:
        """Back up a store: copied beside it, sealed as a whole, sent, and read back to the last byte."""
        with tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=store.parent) as scratch:
            copy, file = Path(scratch) / "copy", Path(scratch) / "file"
            rows = copies.back_up(store, sealer, copy, counts=False)
            summed = wrapped.wrap(copy, sealer, name, file)
            with _said():
                self._s3.put(name + _ENDING, file)
            back = hashlib.sha256()
            for piece in wrapped.opened(self._read(name), sealer, name):
                back.update(piece)
        if back.hexdigest() != summed:
            raise wrapped.broken()
        copies.counted(store)
        return rows

    def names(self) -> list[str]:
        """Return what is there."""
        with _said():
            every = [one["path"] for some in self._s3.list() for one in some]
        return [path.removesuffix(_ENDING) for path in every if path.endswith(_ENDING) and "/" not in path]

    def remove(self, name: str) -> None:
        """Remove a backup."""
        with _said():
            self._s3.delete(name + _ENDING)

    def fetched(self, name: str, sealer: Sealer, into: Path) -> Path:
        """Fetch a backup and open it."""
        folder = into / "backup"
        wrapped.unwrap(self._read(name), sealer, name, folder)
        return folder

    def _read(self, name: str) -> Iterator[bytes]:
        with _said():
            for some in self._s3.get(name + _ENDING).stream():
                yield bytes(some)


def place_of(settings: BackupSettings) -> Place:
    """Return where backups lie by the settings."""
    if settings.place.startswith("s3:"):
        return Bucket(settings)
    return Folder(Path(settings.place))


def tidy(settings: BackupSettings, store: Path) -> None:
    """Remove what a backup that was cut off has left."""
    folders = [store.parent, *([] if settings.place.startswith("s3:") else [Path(settings.place)])]
    for folder in folders:
        for left in folder.glob(f"{_SCRATCH}*"):
            shutil.rmtree(left, ignore_errors=True)


def newest(place: Place) -> str:
    """Return the name of the newest backup. Raises StoreError where there is none."""
    found = [name for name in place.names() if keep.moment_of(name) is not None]
    if not found:
        raise StoreError("no-backup", "There is no backup there.", "Look whether the address is right.")
    return max(found)


@contextmanager
def _said() -> Iterator[None]:
    """Have what the bucket's library raises said in our words: its own name buckets and keys."""
    from obstore.exceptions import BaseError  # noqa: PLC0415 - likewise

    try:
        yield
    except (BaseError, OSError):
        raise StoreError(
            "backup-place",
            "The place for backups did not take or give what was asked.",
            "Is its address right, may this key write and read there, and can this computer reach it?",
        ) from None
