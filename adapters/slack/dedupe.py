"""A delivery that comes twice is worked on once, and work under way is finished before we stop.

The durable memory is the service's; this one keeps a second delivery, while the first is still under
way or just done, from being shown twice. The library keeps no reference to its tasks, so we do:
https://github.com/slackapi/bolt-python/issues/964
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

from flows.ui.inbound import Refuse, Reply

_MOST = 5000


class Once:
    """Deliveries by key, the newest few thousand."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[Reply]] = {}

    async def run(self, key: str, work: Callable[[], Coroutine[Any, Any, Reply]]) -> tuple[Reply, bool]:
        """Return the reply, and whether this delivery is the first.

        A failed one may be tried again, and so may one that was refused: nothing of it was kept.
        """
        task = self._tasks.get(key)
        first = task is None
        if task is None:
            task = asyncio.create_task(work())
            self._tasks[key] = task
            if len(self._tasks) > _MOST:
                del self._tasks[next(iter(self._tasks))]
        try:
            # the work goes on though the one who waits for it is cut off
            reply = await asyncio.shield(task)
        except BaseException:
            if task.done() and (task.cancelled() or task.exception()):
                self._tasks.pop(key, None)
            raise
        if isinstance(reply, Refuse) and reply.form is None:
            self._tasks.pop(key, None)
        return reply, first


class Shown:
    """Which words were said before the answer to the words before them was shown.

    Somebody types twice in a row, or Slack brings an older message after a newer one: the second is no
    answer to a question that came up only with the first.
    """

    def __init__(self) -> None:
        self._under_way: Counter[str] = Counter()
        self._newest: dict[str, float] = {}

    def early(self, channel: str, stamp: str) -> bool:
        """Note that words came in; return whether they were said too early. :meth:`done` must follow."""
        moment = float(stamp) if stamp.replace(".", "", 1).isdecimal() else 0.0
        early = self._under_way[channel] > 0 or moment < self._newest.get(channel, 0.0)
        self._under_way[channel] += 1
        self._newest[channel] = max(moment, self._newest.get(channel, 0.0))
        if len(self._newest) > _MOST:
            del self._newest[next(iter(self._newest))]
        return early

    def done(self, channel: str) -> None:
        """Note that what the words led to is shown."""
        self._under_way[channel] -= 1
        if not self._under_way[channel]:
            del self._under_way[channel]


class Background:
    """Tasks that are finished before we stop."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Begin a task and keep it until it is done."""
        self.keep(asyncio.create_task(work))

    def keep(self, task: asyncio.Task[Any]) -> None:
        """Keep a task until it is done."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self, within: float) -> int:
        """Wait for what is under way, and for what comes of it, at most so many seconds.

        Returns how many had to be left.
        """
        here = asyncio.current_task()
        try:
            async with asyncio.timeout(within):
                while waiting := {task for task in self._tasks if task is not here}:
                    await asyncio.wait(waiting)
        except TimeoutError:
            left = {task for task in self._tasks if task is not here}
            for task in left:
                task.cancel()
            return len(left)
        return 0
