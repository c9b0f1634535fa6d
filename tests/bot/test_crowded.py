"""One thing used up takes nothing else with it: few open files, many who are connected and ask nothing."""

from __future__ import annotations

import asyncio
import io
import logging
import sys
import time
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import unused_port

from bot import log
from bot.log import note

ROOT = Path(__file__).parents[2]
FILES = 64


@pytest.mark.slow
async def test_few_open_files_and_many_idle_connections(tmp_path: Path) -> None:
    """The real process may open 64 files; seventy connect and ask nothing: pages are shown."""
    port = unused_port()
    said = tmp_path / "said"
    command = f'ulimit -n {FILES}; exec "{sys.executable}" -m bot run --folder {tmp_path} --port {port}'
    with said.open("wb") as out:
        made = await asyncio.create_subprocess_shell(command, cwd=ROOT, stdout=out, stderr=out)
    try:
        async with asyncio.timeout(40), aiohttp.ClientSession() as session:
            while b"Ready" not in said.read_bytes():  # noqa: ASYNC110 - nobody tells of it
                await asyncio.sleep(0.05)
            idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(70)]
            began = time.monotonic()
            for _ in range(10):
                async with session.get(f"http://127.0.0.1:{port}/w/brook/dm") as answer:
                    assert answer.status == 200
            assert time.monotonic() - began < 5
            for _, writer in idle:
                writer.close()
    finally:
        made.terminate()
        assert await made.wait() == 0
    assert len(said.read_bytes()) < 5_000


def test_the_same_trouble_is_told_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand times the same error is one line; a minute later one more says how often it came."""
    stream = io.StringIO()
    moment = 1_000_000.0
    monkeypatch.setattr(time, "time", lambda: moment)
    monkeypatch.setattr(time, "time_ns", lambda: int(moment * 1e9))
    before = logging.getLogRecordFactory(), logging.getLogger().handlers[:]
    try:
        log.setup(stream=stream)
        for _ in range(1000):
            note("worker.failed", error=OSError(28, "x"))
            note("worker.rests")
        note("worker.failed", level=logging.ERROR)
        moment += 61
        note("worker.failed", error=OSError(28, "x"))
    finally:
        logging.setLogRecordFactory(before[0])
        logging.getLogger().handlers[:] = before[1]
    lines = stream.getvalue().splitlines()
    assert sum("worker.rests" in line for line in lines) == 1000, "what is no trouble is told each time"
    trouble = [line for line in lines if "worker.failed" in line]
    assert len(trouble) == 3
    assert trouble[2].endswith("repeated=999")
