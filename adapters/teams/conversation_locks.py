"""One thing after the other in each conversation; different conversations at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Order:
    """Locks by name, which exist only while somebody holds or awaits them."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def of(self, name: str) -> AsyncIterator[None]:
        """Wait until it is our turn in ``name``; whoever asked first goes first."""
        lock, count = self._waiting.get(name, (asyncio.Lock(), 0))
        self._waiting[name] = (lock, count + 1)
        try:
            async with lock:
                yield
        finally:
            lock, count = self._waiting[name]
            if count == 1:
                del self._waiting[name]
            else:
                self._waiting[name] = (lock, count - 1)

    def __len__(self) -> int:
        """Return in how many conversations something is under way."""
        return len(self._waiting)
