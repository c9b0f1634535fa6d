"""How fast we may speak in one conversation, by Teams' own numbers (:mod:`adapters.teams.limits`)."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from typing import Protocol

from adapters.teams import limits
from flows.errors import Retryable

_LONGEST = max(seconds for _, seconds in limits.CONVERSATION_RATES)
_MOST = max(most for most, _ in limits.CONVERSATION_RATES)


class Paced(Protocol):
    """Whoever says when one more message may go."""

    async def turn(self, conversation: str) -> None:
        """Wait until one more message may go there."""
        ...


class Pace:
    """Remembers when something was sent where."""

    def __init__(
        self,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._monotonic = monotonic
        self._sleep = sleep
        self._sent: OrderedDict[str, deque[float]] = OrderedDict()

    async def turn(self, conversation: str) -> None:
        """Wait until one more message may go there. Raises Retryable where that takes too long."""
        now = self._monotonic()
        sent = self._of(conversation)
        at = free_at(sent, now)
        if at - now > limits.PACE_SECONDS:
            raise Retryable("too-fast", "That conversation has had enough for now.", after=at - now)
        sent.append(at)
        if at > now:
            await self._sleep(at - now)

    def _of(self, conversation: str) -> deque[float]:
        sent = self._sent.setdefault(conversation, deque(maxlen=_MOST))
        self._sent.move_to_end(conversation)
        while len(self._sent) > limits.PACED:
            self._sent.popitem(last=False)
        return sent


def free_at(sent: deque[float], now: float) -> float:
    """Return the first moment, ``now`` or later, at which one more message keeps every limit."""
    while sent and sent[0] <= now - _LONGEST:
        sent.popleft()
    at = max(now, sent[-1]) if sent else now
    for most, seconds in limits.CONVERSATION_RATES:
        if len(sent) >= most:
            at = max(at, sent[-most] + seconds)
    return at
