"""Set-up begun: listens on this computer alone, and says and opens the address that lets one in."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import event_loop

if TYPE_CHECKING:  # the command line is quick: what a command needs is imported when it runs
    from aiohttp import web

    from bot.config.settings import Settings
    from bot.wiring import Running

_HERE = "127.0.0.1"


def setup(
    path: Annotated[Path, typer.Argument(help="the school's file to write")] = Path("school.toml"),
    port: Annotated[int, typer.Option(help="the port to listen on; 0 = any", min=0, max=65535)] = 0,
    browser: Annotated[bool, typer.Option(help="open it in the browser")] = True,  # noqa: FBT002 - typer's way
) -> None:
    """Set it up in your browser, on this computer only: the school, its people, keys, and a check of each."""
    event_loop.run(_run(path, port=port, opened=browser))


async def listening(path: Path, port: int = 0) -> tuple[web.AppRunner, str]:
    """Listen; return what has to be cleaned up, and the address that lets one browser in, once."""
    from aiohttp import web  # noqa: PLC0415 - as above

    from bot.clock import SystemClock  # noqa: PLC0415 - likewise
    from bot.config import load  # noqa: PLC0415 - likewise
    from bot.set_up.answers import Answers  # noqa: PLC0415 - likewise
    from bot.set_up.listen import SetUp  # noqa: PLC0415 - likewise

    clock = SystemClock()
    set_up = SetUp(Answers(path, load.surroundings(), clock.now().date()), clock)
    token = set_up.token
    runner = web.AppRunner(set_up.app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, _HERE, port).start()
    return runner, f"http://{_HERE}:{runner.addresses[0][1]}/enter?token={token}"


def offered(settings: Settings, bot: Running) -> None:
    """Have the try-out offer set-up, where only this computer can reach it; it listens once it is asked."""
    from adapters.web.listen import SET_UP  # noqa: PLC0415 - as above

    begun: list[web.AppRunner] = []

    async def begin() -> None:
        await end(bot.app)
        runner, address = await listening(Path("school.toml"))
        begun.append(runner)
        show(address, open_it=True)

    async def end(_app: web.Application) -> None:
        while begun:
            await begun.pop().cleanup()

    if settings.on_this_computer:
        bot.app[SET_UP] = begin
        bot.app.on_shutdown.append(end)


async def _run(path: Path, *, port: int, opened: bool) -> None:
    """Serve the pages until told to stop."""
    import asyncio  # noqa: PLC0415 - as above

    from bot.serving import stop_on_signal  # noqa: PLC0415 - likewise

    stop = asyncio.Event()
    stop_on_signal(stop.set, sys.platform)
    runner, address = await listening(path, port)
    try:
        show(address, open_it=opened)
        await stop.wait()
    finally:
        await runner.cleanup()


def show(address: str, *, open_it: bool, opener: Callable[[str], bool] | None = None) -> None:
    """Say the address, and open it where there is a screen to open it on."""
    print(f"Set-up, for this computer's browser, once: {address}", flush=True)  # noqa: T201 - whoever starts it is looking
    import webbrowser  # noqa: PLC0415 - as above

    from bot.config import load  # noqa: PLC0415 - likewise

    around = load.surroundings()
    if open_it and has_screen(sys.platform, around.get("DISPLAY") or around.get("WAYLAND_DISPLAY")):
        (opener or webbrowser.open)(address)


def has_screen(system: str, display: str | None) -> bool:
    """Return whether a browser with windows can be opened; one in this terminal would take it over."""
    return system in ("win32", "darwin") or bool(display)
