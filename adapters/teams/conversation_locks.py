"""One thing after the other in each conversation; different conversations at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.teams import limits


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


class Shown:
    """Which words were said before the answer to the words before them was shown.

    Somebody types twice in a row, or Teams brings an older message after a newer one: the second is no
    answer to a question that came up only with the first.
    """

    def __init__(self) -> None:
        self._under_way: Counter[str] = Counter()
        self._newest: dict[str, str] = {}

    def early(self, conversation: str, moment: str) -> bool:
        """Note that words came in; return whether they were said too early. :meth:`done` must follow."""
        newest = self._newest.get(conversation, "")
        older = (
            len(moment) == len(newest) and moment < newest
        )  # moments of one form, in which later is greater
        early = self._under_way[conversation] > 0 or older
        self._under_way[conversation] += 1
        if moment and not older:
            self._newest[conversation] = moment
        while len(self._newest) > limits.REFERENCES:
            del self._newest[next(iter(self._newest))]
        return early

    def done(self, conversation: str) -> None:
        """Note that what the words led to is shown."""
        self._under_way[conversation] -= 1
        if not self._under_way[conversation]:
            del self._under_way[conversation]
