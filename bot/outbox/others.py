"""Other processes on one store: what one calls to the others, and what they make of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from bot.context import AppContext
from flows.errors import StoreError

#: the word for: something about a place has changed
PLACES = "places"


class Others:
    """A process's ear and voice."""

    def __init__(self, context: AppContext, hurry: Callable[[], None]) -> None:
        """``hurry`` has places looked at now, where this process does that."""
        self._context = context
        self._hurry = hurry
        #: what a platform has to ask anew when another process heard that a place has changed
        self.forget: list[Callable[[], None]] = []
        self._calls = set[asyncio.Task[None]]()

    def place_changed(self) -> None:
        """Have places looked at now, by whichever process does."""
        self._hurry()
        if self._context.store.shared:
            call = asyncio.create_task(self._call())
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)

    async def _call(self) -> None:
        with suppress(StoreError):  # they look every few minutes anyhow
            await self._context.store.ring(PLACES)

    async def listen(self) -> None:
        """Hear the others, until cancelled."""
        await self._context.store.listen(self._hear)

    def _hear(self, word: str) -> None:
        if word == PLACES:
            for forget in self.forget:
                forget()
            self._hurry()
        self._context.nudge()
