"""An event loop in which waiting takes no time: what sleeps until ten is at ten at once."""

from __future__ import annotations

import asyncio
import datetime as dt
import selectors
from collections.abc import Coroutine
from typing import Any

from tests.fakes import FakeClock


class _Selector(selectors.SelectSelector):
    """Waits for nobody: the time that would have passed passes on the clock."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self.clock, self.passed = clock, 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Let the time pass; a loop that waits for nothing at all would wait for ever."""
        if timeout is None:
            raise AssertionError("everybody waits, and nobody would ever wake them")
        if timeout > 0:
            self.passed += timeout
            self.clock.pass_by(dt.timedelta(seconds=timeout))
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop, on the clock's time."""

    def __init__(self, clock: FakeClock) -> None:
        """Begin now."""
        self._virtual = _Selector(clock)
        super().__init__(self._virtual)

    def time(self) -> float:
        """Return the seconds that have passed."""
        return self._virtual.passed

    def skip(self, time: dt.timedelta) -> None:
        """Let time pass in one go, as on a computer that slept: what fell due meanwhile is due now."""
        self._virtual.passed += time.total_seconds()
        self._virtual.clock.pass_by(time)


def in_virtual_time(clock: FakeClock, work: Coroutine[Any, Any, None]) -> None:
    """Run something to its end, however long it would have taken."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(clock)) as runner:
        runner.run(work)
