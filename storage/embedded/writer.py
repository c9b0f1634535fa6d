"""One thread writes; what many conversations want kept at once goes to the disk in one transaction.

Whatever is asked for in one turn of the event loop, or while the disk is busy, forms the next
transaction. The event loop never waits for the disk. After a failed flush nothing more is taken.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, TypeVar, cast

from msgspec import Struct

from flows.errors import Conflict, StoreError
from storage.embedded.rows import Rows
from storage.errors import closed

T = TypeVar("T")
#: at most so many in one transaction, so that the first is not kept waiting by the last
_MOST = 256


class _Job(Struct, frozen=True):
    """Something to write, what to do on the event loop once it is durable, and who is waiting."""

    write: Callable[[], Any]
    then: Callable[[Any], None]
    future: asyncio.Future[Any]


def _nothing(_: object) -> None:
    """Do nothing once it is durable."""


class Writer:
    """The thread that writes to ``rows``."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._queue: SimpleQueue[list[_Job] | None] = SimpleQueue()
        self._gathered: list[_Job] = []
        self._stopped: StoreError | None = None
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    async def do(self, write: Callable[[], T], then: Callable[[T], None] = _nothing) -> T:
        """Run ``write`` inside a transaction; return what it returned once that is durable.

        ``write`` may raise Conflict before it has written anything. ``then`` runs on the event loop
        before anybody hears of it, and also if nobody is waiting any more.
        """
        if self._stopped:
            stopped = self._stopped
            raise StoreError(stopped.reference, stopped.message, stopped.hint)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._gathered.append(_Job(write, then, future))
        if len(self._gathered) == 1:
            loop.call_soon(self._hand_over)
        return cast("T", await future)

    async def close(self) -> None:
        """Finish what is being written, then end the thread."""
        self._hand_over()
        self._stopped = self._stopped or closed()
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _hand_over(self) -> None:
        if self._gathered:
            self._queue.put(self._gathered)
            self._gathered = []

    # -- on the thread ----------------------------------------------------------------------------

    def _run(self) -> None:
        going = True
        while going:
            jobs = self._queue.get()
            batch: list[_Job] = []
            while jobs is not None:
                batch += jobs
                if len(batch) >= _MOST or self._queue.empty():
                    break
                jobs = self._queue.get()
            going = jobs is not None
            if batch:
                self._answer(batch, self._commit(batch))

    def _commit(self, batch: Sequence[_Job]) -> list[Any]:
        if self._stopped and self._stopped.reference != "store-closed":
            return [self._stopped] * len(batch)
        try:
            with self._rows.transaction():
                return [self._try(job) for job in batch]
        except Exception as error:  # noqa: BLE001 - whatever it is belongs to who asked for it
            if isinstance(error, StoreError) and error.reference == "disk-failing":
                self._stopped = error
                return [error] * len(batch)
            if len(batch) == 1:
                return [error]
        # one of them could not be kept: each for itself, so that the others are
        return [outcome for job in batch for outcome in self._commit([job])]

    @staticmethod
    def _try(job: _Job) -> Any:
        try:
            return job.write()
        except Conflict as error:
            return error

    def _answer(self, batch: Sequence[_Job], outcomes: Sequence[Any]) -> None:
        with suppress(RuntimeError):  # the event loop is gone: nobody waits for the answer
            batch[0].future.get_loop().call_soon_threadsafe(self._deliver, batch, outcomes)

    @staticmethod
    def _deliver(batch: Sequence[_Job], outcomes: Sequence[Any]) -> None:
        for job, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Exception):
                if not job.future.done():
                    job.future.set_exception(outcome)
                continue
            job.then(outcome)
            if not job.future.done():
                job.future.set_result(outcome)
