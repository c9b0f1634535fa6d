"""What a store that one process has alone says of others, of which there are none; how it reads several."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping

from flows.model import CaseId, Send
from flows.school import PersonId, SchoolId


class OneByOne(ABC):
    """Several are read one after another: there is no way to anywhere, so none is saved."""

    @abstractmethod
    async def send(self, school: SchoolId, key: str) -> Send | None:
        """Return one send by key."""

    @abstractmethod
    async def opened_by(self, school: SchoolId, case: CaseId) -> frozenset[PersonId]:
        """Return who has opened a case or acted on it."""

    async def sends(self, school: SchoolId, keys: Collection[str]) -> Mapping[str, Send]:
        """Return those of several sends that there are, by key."""
        found = {key: await self.send(school, key) for key in keys}
        return {key: send for key, send in found.items() if send is not None}

    async def openers(
        self, school: SchoolId, cases: Collection[CaseId]
    ) -> Mapping[CaseId, frozenset[PersonId]]:
        """Return who has opened each of several cases."""
        return {case: await self.opened_by(school, case) for case in cases}


class Alone(OneByOne):
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
