"""Whether each platform answers when it is asked, and trusts what it brings us: from the start on.

What is sent says how a platform takes things (:mod:`bot.platform_states`). This is the other half: whether we
could hear anybody. A start while Slack cannot be reached is no start that went well, and is said so.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable

from msgspec import Struct

from bot.log import Ref, note
from flows.ports import Clock
from flows.school import Platform

#: Asks a platform; returns what is wrong as a reference ("" = nothing) and how often it happened.
Ask = Callable[[], Awaitable[tuple[str, int]]]
#: seconds between two rounds while all is well, and while something is not; and what one question may take
_USUAL, _AGAIN, _PATIENCE = 60.0, 15.0, 10.0


class Silence(Struct, frozen=True):
    """A platform that does not answer, or whose requests are not what they should be."""

    since: dt.datetime
    why: str
    count: int = 0


class Links:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._asks: dict[Platform, Ask] = {}
        self.silent: dict[Platform, Silence] = {}

    def add(self, platform: Platform, ask: Ask) -> None:
        """Ask this platform too."""
        self._asks[platform] = ask

    async def ask(self) -> None:
        """Ask every platform once, all at the same time."""
        await asyncio.gather(*(self._ask(platform, ask) for platform, ask in self._asks.items()))

    async def run(self, first: Callable[[list[str]], None]) -> None:
        """Ask, hand to ``first`` how it is, and go on asking until cancelled."""
        await self.ask()
        first(self.in_words())
        while True:
            await asyncio.sleep(_AGAIN if self.silent else _USUAL)
            await self.ask()

    def in_words(self) -> list[str]:
        """Return one line a platform: whether it answers."""
        lines = []
        for platform in self._asks:
            name, silence = platform.value.title(), self.silent.get(platform)
            why = f" ({silence.why}: docs/errors.md). It is tried again until it does." if silence else ""
            lines.append(f"{name} does not answer{why}" if silence else f"{name} answers.")
        return lines

    async def _ask(self, platform: Platform, ask: Ask) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                why, count = await ask()
        except TimeoutError:
            why, count = "no-answer", 0
        before = self.silent.get(platform)
        if not why:
            if self.silent.pop(platform, None):
                note("platform.answers", platform=platform)
            return
        if before is None or before.why != why:
            note("platform.silent", level=logging.ERROR, platform=platform, reference=Ref(why), count=count)
        self.silent[platform] = Silence(before.since if before else self._clock.now(), why, count)
