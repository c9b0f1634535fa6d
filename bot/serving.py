"""Running until told to stop: listen, work, and end in good time."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.backups.nightly import Nightly
from bot.config.settings import Settings, key_of
from bot.front import Front, door, most
from bot.monitoring.pulse import Pulse
from bot.monitoring.status import Status
from bot.monitoring.traces import traced
from bot.monitoring.watch import Watch
from bot.wiring import Part, Running, running
from storage.open import Opening
from storage.seal import Sealer

#: Asked to end we are gone within five seconds, whatever hangs: what goes out has this long, and what came
#: in that; each platform a second of its own. What is cut off is looked up and done at the next start.
FINISH_WITHIN, ANSWER_WITHIN = 1.5, 1.0


async def serve(
    settings: Settings,
    *,
    new_store: bool = False,
    part: Part = Part.ALL,
    offer: Callable[[Running], None] = lambda _: None,
    stop: asyncio.Event | None = None,
) -> None:
    """Run until SIGINT or SIGTERM; then stop taking requests, finish what is under way, and close.

    ``new_store`` = there is none yet, and one is wanted. ``part`` = which of the two this process does.
    ``offer`` adds what is offered beside it. ``stop`` = who else says when it ends; None = the system does.
    """
    if stop is None:
        stop = asyncio.Event()
        stop_on_signal(stop.set, sys.platform)
    async with running(settings, opening=Opening.NEW if new_store else None, part=part) as bot:
        offer(bot)
        _nights(settings, bot)
        await _watched(bot, part)
        with traced(settings.traces, bot.context):
            await _serve(settings, bot, part, stop)


async def _serve(settings: Settings, bot: Running, part: Part, stop: asyncio.Event) -> None:
    """Listen and work until told to stop."""
    if part is Part.WORKER:
        print("Ready: the worker works.", flush=True)  # noqa: T201 - whoever starts it is looking
        with _out_of_the_collectors_sight():
            await _work(bot, stop, part)
        return
    runner = door(bot.app, within=ANSWER_WITHIN)
    await runner.setup()
    front = Front(runner, at_once=most())
    try:
        await front.listen(settings.host, settings.port)
        bot.beside.append(lambda: bot.context.links.run(lambda lines: _say(bot, lines, settings)))
        with _out_of_the_collectors_sight():
            await _work(bot, stop, part)
    finally:
        front.close()
        await runner.cleanup()


def _nights(settings: Settings, bot: Running) -> None:
    """Have a backup made each night, where the settings say where to."""
    if settings.backup is not None and settings.store.startswith("tinydb:"):
        store, sealer = Path(settings.store.partition(":")[2]), Sealer(key_of(settings))
        nightly = Nightly(bot.context, settings.backup, store, sealer, Status(bot.context).tell)
        bot.behind.append(nightly.run)


async def _watched(bot: Running, part: Part) -> None:
    """Have the worker say how it goes, and each process look whether all is well."""
    pulse = Pulse(bot.context) if part is not Part.WEB else None
    if pulse is not None:
        await pulse.beat()
        bot.behind.append(pulse.run)
    bot.beside.append(Watch(bot.context, bot.worker.delivery.deliver, pulse).run)


def _say(bot: Running, links: list[str], settings: Settings) -> None:
    """Say that we have begun: which cases change hands, which platform answers, and where we listen."""
    word = "Not ready yet, but running" if bot.context.links.silent else "Ready"
    for line in [*bot.handed_over, *links, f"{word}: http://{settings.host}:{settings.port}/"]:
        print(line, flush=True)  # noqa: T201 - whoever starts it is looking


def stop_on_signal(stop: Callable[[], None], system: str) -> None:
    """Have ``stop`` called in the running loop when somebody, or the system, wants us to end."""
    loop = asyncio.get_running_loop()
    if system == "win32":  # its loops take no handlers, and it says Ctrl-Break where others say SIGTERM
        for name in ("SIGINT", "SIGBREAK"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), lambda *_: loop.call_soon_threadsafe(stop))
    else:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop)


@contextmanager
def _out_of_the_collectors_sight() -> Iterator[None]:
    """Let what the start has made not be searched for garbage: that took some 40 ms, in one of 900 turns."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


async def _work(bot: Running, stop: asyncio.Event, part: Part) -> None:
    """Run the worker and what runs beside it until told to stop; then take nothing more, and finish.

    Raises what made one of them fail: better to be started again than to run lame.
    """
    stopped = asyncio.create_task(stop.wait())
    working = stopped if part is Part.WEB else asyncio.create_task(bot.worker.run())
    beside = [asyncio.create_task(run()) for run in bot.of(part)]
    await asyncio.wait({working, stopped, *beside}, return_when=asyncio.FIRST_COMPLETED)
    bot.service.stop_taking()
    bot.worker.stop()
    await asyncio.wait({working}, timeout=FINISH_WITHIN)
    every: set[asyncio.Task[Any]] = {working, stopped, *beside}
    failed = [task.exception() for task in every if task.done() and not task.cancelled()]
    for task in every:
        task.cancel()
    await asyncio.wait(every, timeout=FINISH_WITHIN)
    for error in failed:
        if error is not None:
            raise error
