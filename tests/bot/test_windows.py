"""Windows: how a program there is told to stop, what a console can show, how text files are written."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from bot.config.environment import as_text, decoded_key
from bot.serving import stop_on_signal

KEY = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="


@pytest.mark.parametrize(
    ("system", "number"), [("win32", signal.SIGINT), ("linux", signal.SIGINT), ("darwin", signal.SIGTERM)]
)
async def test_it_can_be_told_to_stop(system: str, number: signal.Signals) -> None:
    """On each system the sign to end is taken in the loop, so that what is under way is finished."""
    stop = asyncio.Event()
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        stop_on_signal(stop.set, system)
        signal.raise_signal(number)
        await asyncio.wait_for(stop.wait(), 10)
    finally:
        for each, handler in before.items():
            asyncio.get_running_loop().remove_signal_handler(each)
            signal.signal(each, handler)


@pytest.mark.parametrize(
    "content",
    [
        f"{KEY}\n".encode("ascii"),
        f"{KEY}\r\n".encode("ascii"),
        f"{KEY}\r\n".encode("utf-16"),
        b"\xfe\xff" + f"{KEY}\r\n".encode("utf-16-be"),
        f"{KEY}\r\n".encode("utf-8-sig"),
    ],
    ids=["a line", "a line of Windows", "PowerShell's >", "the other UTF-16", "Notepad's mark"],
)
def test_a_key_is_read_however_it_was_written(content: bytes) -> None:
    """Whatever wrote the file, the key in it is the key."""
    assert decoded_key(as_text(content)) == decoded_key(KEY) is not None


@pytest.mark.parametrize("encoding", ["cp1252", "cp437"])
def test_a_console_that_cannot_show_a_sign_stops_nothing(encoding: str) -> None:
    """The policy page holds arrows and curly quotes; where they cannot be shown, something else is."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", "policy", "table"],
        env=os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
