"""The whole bot on Teams as a process of its own, so that a test can kill it: ``served.py PORT FOLDER``.

Store, policy, service, worker and the Teams room are the product's. Ours are the invented school and
a clock that can be put forward: the number of seconds in ``FOLDER/later``, read anew at SIGUSR1.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import signal
import sys
from pathlib import Path

from aiohttp import web

from adapters.teams import listen
from bot.clock import SystemClock, new_id
from bot.directory import SchoolDirectory
from bot.school import load_schools
from bot.service import Service
from bot.worker import Worker
from bot.world import World
from flows.policy import default_policy
from storage import open_store

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
    directory = SchoolDirectory(load_schools(HERE / "school.toml"))
    store = await open_store(f"tinydb:{folder / 'reports.db'}", key=bytes(32))
    world = World(
        store=store, directory=directory, clock=clock, policy=default_policy(), chats={}, new_id=new_id
    )
    service = Service(world)
    worker = Worker(world, service)
    teams = listen.create(
        door=service, directory=directory, store=store, clock=clock, app_id="", dev=True, loopback=True
    )
    world.add_chat(teams.chat)
    app = web.Application()
    teams.routes(app)
    await teams.start()
    stop = asyncio.Event()

    def later() -> None:
        clock.read()
        world.nudge()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGUSR1, later)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    print("ready", flush=True)  # noqa: T201 - the test waits for it
    working = asyncio.create_task(worker.run())
    await stop.wait()
    worker.stop()
    await working
    await runner.cleanup()
    await teams.stop()
    await store.close()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
