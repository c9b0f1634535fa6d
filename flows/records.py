"""The small records that adapters have kept for them: that part of :class:`flows.ports.Store`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from flows.school import Platform


class Records(Protocol):
    async def put_record(self, platform: Platform, key: str, content: bytes) -> None:
        """Keep an adapter's own small record (an installation, a conversation reference), sealed."""
        ...

    async def replace_record(
        self,
        platform: Platform,
        key: str,
        content: bytes,
        *,
        before: bytes | None,
        until: dt.datetime | None = None,
    ) -> bool:
        """Keep a record in place of ``before`` (None = of none); False = there is another now, and it stays.

        Of several who replace the same one, in whichever process, one does. From ``until`` on it may be
        forgotten; None = never.
        """
        ...

    async def forget_records(self, platform: Platform, now: dt.datetime) -> None:
        """Forget an adapter's records of which it was said until when they are kept, and it is over."""
        ...

    async def record(self, platform: Platform, key: str) -> bytes | None:
        """Return an adapter's record."""
        ...

    async def remove_record(self, platform: Platform, key: str) -> None:
        """Forget an adapter's record; nothing happens if there is none."""
        ...

    async def records(self, platform: Platform, prefix: str) -> Sequence[str]:
        """Return the keys of an adapter's records that begin with ``prefix``, sorted."""
        ...
