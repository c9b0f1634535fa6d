"""A machine is lost. On another: a fresh copy of the program, a backup, the recovery sheet – all is there.

Everything is the real program, as a person starts it; nothing of the first machine is read but the backup.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import sys
import time
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import unused_port

from bot.config.settings import SAMPLE_SCHOOL
from storage.open import Opening, open_store
from tests.source import ROOT
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town

#: Such is the promise (seconds); the typing of four lines by a person comes on top.
IN_TIME = 5 * 60
CASES = 3
HELD = f"{SCHOOL}: holds the head"


class Machine:
    """A computer: a folder, a copy of the program in it, and what is set there."""

    def __init__(self, folder: Path, backups: Path) -> None:
        self.folder = folder
        self.program = folder / "program"
        folder.mkdir()
        for room in ("adapters", "bot", "flows", "storage"):
            kept_out = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / room, self.program / room, ignore=kept_out)
        shutil.copy(SAMPLE_SCHOOL, folder / "school.toml")
        self.key = folder / "keys" / "sealing.key"
        self.key.parent.mkdir()
        self.store = folder / "reports" / "reports.db"
        self.port = unused_port()
        self.settings = {
            "PATH": os.environ["PATH"],
            "REPORT_STORE": f"tinydb:{self.store}",
            "REPORT_KEY_FILE": str(self.key),
            "REPORT_SCHOOL": str(folder / "school.toml"),
            "REPORT_PORT": str(self.port),
            "REPORT_BACKUP": str(backups),
        }

    async def begun(self, *command: str) -> asyncio.subprocess.Process:
        """Begin a command as a person types it."""
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *command),
            cwd=self.program,
            env=self.settings,
            stdin=PIPE,
            stdout=PIPE,
            stderr=STDOUT,
        )

    async def do(self, *command: str, typed: str = "") -> str:
        """Do a command to its end; return what it said."""
        begun = await self.begun(*command)
        said, _ = await begun.communicate(typed.encode())
        assert begun.returncode == 0, said.decode()
        return said.decode()

    async def serving(self, until: bytes) -> asyncio.subprocess.Process:
        """Serve; return it once it has said something."""
        begun = await self.begun("serve")
        assert begun.stdout is not None
        async for line in begun.stdout:
            if until in line:
                return begun
        raise AssertionError("it ended before")

    async def ready(self) -> Mapping[str, object]:
        """Return what a monitor is told."""
        address = f"http://127.0.0.1:{self.port}/readyz"
        async with aiohttp.ClientSession() as asking, asking.get(address) as answer:
            found: Mapping[str, object] = await answer.json()
            return found


async def cases_on(machine: Machine) -> None:
    """Let cases be reported and told there, each with a look on the audit."""
    key = machine.key.read_text("ascii").strip()
    store = await open_store(str(machine.settings["REPORT_STORE"]), key=_key(key), opening=Opening.NEW)
    place = Town(store)
    for _ in range(CASES):
        await place.report("brook", ABUSE)
        await place.settle()
    await store.close()


def _key(text: str) -> bytes:
    import base64  # noqa: PLC0415 - this alone

    return base64.b64decode(text)


@pytest.mark.slow
@pytest.mark.timeout(IN_TIME)
@pytest.mark.feature("restored-elsewhere")
async def test_another_machine_takes_over(tmp_path: Path) -> None:
    """Killed and gone: copy, sheet and backup bring every case and the very same audit, within minutes."""
    backups = tmp_path / "backups"
    first = Machine(tmp_path / "first", backups)
    await first.do("key", "new", str(first.key))
    await cases_on(first)
    sheet = await first.do("key", "export")
    serving = await first.serving(b"backup.made")
    (backup,) = backups.iterdir()
    seal = (backup / "audit-heads.txt").read_text("utf-8").split()[1]
    serving.send_signal(signal.SIGKILL)
    await serving.wait()
    shutil.rmtree(first.folder)

    began = time.monotonic()
    second = Machine(tmp_path / "second", backups)
    typed = "\n".join(re.findall(r"^ +\d\.  (.+)$", sheet, re.MULTILINE)) + "\n"
    await second.do("key", "import", str(second.key), typed=typed)
    restored = await second.do("restore", str(backup))
    assert "Restored" in restored
    assert "before" not in restored, "nothing was there"
    assert HELD in await second.do("audit", "verify", "--head", seal)
    listed = await second.do("cases")
    serving = await second.serving(b"Ready")
    assert await second.ready() == {"ok": True}
    assert time.monotonic() - began < IN_TIME
    serving.terminate()
    assert await serving.wait() == 0
    assert len(set(re.findall(rf"{SCHOOL}-\d{{4}}-\w+", listed))) == CASES
    with pytest.raises(AssertionError):  # of another day, or of another store
        await second.do("audit", "verify", "--head", seal[:-4] + ("0000" if seal[-4:] != "0000" else "1111"))
