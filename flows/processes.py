"""What processes that have one store open hear of each other: that part of :class:`flows.ports.Store`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from flows.school import SchoolId


class Processes(Protocol):
    @property
    def shared(self) -> bool:
        """Whether other processes may have it open too: then what one of them knows, the others may not."""
        ...

    @property
    def root(self) -> bytes:
        """What secrets beside the store are derived from; the same whatever key it is wrapped by."""
        ...

    @property
    def opens_with(self) -> str:
        """The id of the key outside that opens it from now on; "" = it needs none."""
        ...

    async def watch(self) -> None:
        """Take the key that another program hands us, until cancelled; only where it has no other way."""
        ...

    async def rosters(self) -> Mapping[SchoolId, int]:
        """Return the version of each school's roster, of those that have one."""
        ...

    async def ring(self, word: str = "") -> None:
        """Have every process that listens hear a word; nothing is kept, and one may miss it."""
        ...

    async def listen(self, hear: Callable[[str], None]) -> None:
        """Call ``hear`` whenever a process rings or plans something (""), until cancelled."""
        ...
