"""One queue per channel: posts leave in order, a second apart, and wait when Slack says so.

https://docs.slack.dev/apis/web-api/rate-limits – about one post a second in a channel. While a channel
is closed (Slack answered 429), every post for it is refused at once as :class:`Retryable`: sending a
later one first would turn the order round, and nothing is sent twice within one call.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from adapters.slack import limits
from flows.errors import Retryable

#: lanes kept in memory; the ones longest unused are let go
_MOST = 5000


class _Lane:
    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.free_at = 0.0
        self.closed_until = 0.0
        self.closed_for = 0.0


class Lanes:
    """``clock`` counts seconds; ``sleep`` waits for some."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        spacing: float = limits.POST_SPACING,
    ) -> None:
        self._clock, self._sleep, self._spacing = clock, sleep, spacing
        self._lanes: dict[str, _Lane] = {}

    @asynccontextmanager
    async def turn(self, channel: str) -> AsyncIterator[None]:
        """Wait for this post's turn in the channel. Raises Retryable while the channel is closed."""
        lane = self._lane(channel)
        self._open(lane)
        async with lane.lock:  # asyncio's lock serves those who wait in order
            self._open(lane)
            wait = lane.free_at - self._clock()
            if wait > 0:
                await self._sleep(wait)
            try:
                yield
            except Retryable as error:
                lane.closed_for = error.after
                lane.closed_until = self._clock() + error.after
                raise
            finally:
                lane.free_at = self._clock() + self._spacing

    def _open(self, lane: _Lane) -> None:
        if self._clock() < lane.closed_until:
            # the whole time again, not what is left of it: else a later post would come due before this one
            raise Retryable("slack-busy", "Slack asked us to wait.", after=lane.closed_for)

    def _lane(self, channel: str) -> _Lane:
        lane = self._lanes.pop(channel, None) or _Lane()
        self._lanes[channel] = lane
        if len(self._lanes) > _MOST:
            idle = next(name for name, old in self._lanes.items() if not old.lock.locked())
            del self._lanes[idle]
        return lane
