"""The whole bot on Teams as a process of its own, so that a test can kill it: ``served PORT FOLDER``.

Everything is the product's own wiring. Ours are the invented school and a clock that can be put
forward: the number of seconds in ``FOLDER/later``, read anew at SIGUSR1.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import signal
import sys
from pathlib import Path

from aiohttp import web

from bot.clock import SystemClock
from bot.config.settings import Secret, Settings, TeamsSettings
from bot.wiring import running
from storage.open import Opening
from tests.town import codes

HERE = Path(__file__).parent


class Later:
    """The system's clock, put forward."""

    def __init__(self, folder: Path) -> None:
        """Read how far."""
        self._file = folder / "later"
        self._clock = SystemClock()
        self.read()

    def read(self) -> None:
        """Read how far to put it forward, in seconds."""
        seconds = float(self._file.read_text()) if self._file.exists() else 0.0
        self._by = dt.timedelta(seconds=seconds)

    def now(self) -> dt.datetime:
        """Return the present moment, as far forward as was said."""
        return self._clock.now() + self._by


async def serve(port: int, folder: Path) -> None:
    """Run until SIGTERM."""
    clock = Later(folder)
    settings = Settings(
        store=f"tinydb:{folder / 'reports.db'}",
        sealing_key=Secret(bytes(32)),
        school=HERE / "school.toml",
        teams=TeamsSettings(dev=True),
    )
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    async with running(settings, clock=clock, opening=Opening.EITHER) as bot:
        bot.context.new_code = codes()

        def later() -> None:
            clock.read()
            bot.context.nudge()

        loop.add_signal_handler(signal.SIGUSR1, later)
        runner = web.AppRunner(bot.app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        print("ready", flush=True)  # noqa: T201 - the test waits for it
        working = asyncio.create_task(bot.worker.run())
        await stop.wait()
        bot.worker.stop()
        await working
        await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
