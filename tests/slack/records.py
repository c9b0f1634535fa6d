"""The part of the store that the adapter itself uses, in memory."""

from __future__ import annotations

from typing import Any

from flows.school import Platform


class Records:
    """An adapter's records; everything else of the store is not there."""

    def __init__(self) -> None:
        self.kept: dict[tuple[Platform, str], bytes] = {}

    async def put_record(self, platform: Platform, key: str, content: bytes) -> None:
        """Keep."""
        self.kept[platform, key] = content

    async def replace_record(
        self, platform: Platform, key: str, content: bytes, *, before: bytes | None
    ) -> bool:
        """Keep, if it is as it was."""
        if self.kept.get((platform, key)) != before:
            return False
        self.kept[platform, key] = content
        return True

    async def record(self, platform: Platform, key: str) -> bytes | None:
        """Return."""
        return self.kept.get((platform, key))

    async def remove_record(self, platform: Platform, key: str) -> None:
        """Forget."""
        self.kept.pop((platform, key), None)

    async def records(self, platform: Platform, prefix: str) -> list[str]:
        """List."""
        return sorted(key for place, key in self.kept if place is platform and key.startswith(prefix))

    def __getattr__(self, name: str) -> Any:
        """Refuse what the adapter has no business with."""
        raise AttributeError(name)
