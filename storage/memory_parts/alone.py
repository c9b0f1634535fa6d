"""What a store that one process has alone says of others: there are none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from flows.school import SchoolId


class Alone:
    shared = False

    async def rosters(self) -> Mapping[SchoolId, int]:
        """Return nothing: whoever changed a list of seats was this process, and knows."""
        return {}

    async def watch(self) -> None:
        """Wait until cancelled: nobody hands us a key."""
        await asyncio.Event().wait()

    async def ring(self, word: str = "") -> None:
        """Do nothing: nobody else listens."""

    async def listen(self, hear: Callable[[str], None]) -> None:
        """Return at once: nobody else rings."""
