"""The files and the adapters' small records of the store that keeps everything in memory."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence

from flows.school import Platform, SchoolId
from storage.errors import closed
from storage.file_use import FileUse
from storage.memory_parts.alone import Alone


class MemoryFiles(Alone):
    def __init__(self) -> None:
        self._open = True
        self._files: dict[tuple[SchoolId, str], bytes] = {}
        self._use = FileUse()
        self._records: dict[tuple[Platform, str], bytes] = {}
        self._until: dict[tuple[Platform, str], dt.datetime] = {}

    async def put_file(self, school: SchoolId, content: bytes) -> str:
        """Store bytes; return their SHA-256 as hex."""
        self._check_open()
        sha256 = hashlib.sha256(content).hexdigest()
        self._use.comes(school, sha256)
        self._files[school, sha256] = content
        return sha256

    async def file(self, school: SchoolId, sha256: str) -> bytes | None:
        """Return the bytes stored under that hash for that school."""
        self._check_open()
        return self._files.get((school, sha256))

    async def put_record(self, platform: Platform, key: str, content: bytes) -> None:
        """Keep an adapter's own small record."""
        self._check_open()
        self._records[platform, key] = content
        self._until.pop((platform, key), None)

    async def replace_record(
        self,
        platform: Platform,
        key: str,
        content: bytes,
        *,
        before: bytes | None,
        until: dt.datetime | None = None,
    ) -> bool:
        """Keep a record in place of ``before``; False = there is another now."""
        self._check_open()
        if self._records.get((platform, key)) != before:
            return False
        self._records[platform, key] = content
        self._until.pop((platform, key), None)
        if until is not None:
            self._until[platform, key] = until
        return True

    async def forget_records(self, platform: Platform, now: dt.datetime) -> None:
        """Forget an adapter's records whose time is over."""
        self._check_open()
        for place in [one for one, until in self._until.items() if one[0] == platform and until <= now]:
            await self.remove_record(*place)

    async def record(self, platform: Platform, key: str) -> bytes | None:
        """Return an adapter's record."""
        self._check_open()
        return self._records.get((platform, key))

    async def remove_record(self, platform: Platform, key: str) -> None:
        """Forget an adapter's record."""
        self._check_open()
        self._records.pop((platform, key), None)
        self._until.pop((platform, key), None)

    async def records(self, platform: Platform, prefix: str) -> Sequence[str]:
        """Return the keys of an adapter's records that begin with ``prefix``, sorted."""
        self._check_open()
        return sorted(key for p, key in self._records if p == platform and key.startswith(prefix))

    def _check_open(self) -> None:
        if not self._open:
            raise closed()
