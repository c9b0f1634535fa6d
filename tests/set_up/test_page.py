"""The page of setting up, done by a newcomer: every command as written, in order, in an empty folder."""

from __future__ import annotations

import base64
import os
import re
import select
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.set_up.test_init import typed
from tests.source import ROOT

PAGE = (ROOT / "docs/setting-up.md").read_text("utf-8")
#: it starts the program a dozen times, each with a disk to wait for
pytestmark = pytest.mark.slow


def commands() -> list[str]:
    """Return the commands of the page, as they stand there, without those of installing."""
    spoken = re.findall(r"^(report-posting .*)$|`(report-posting [^`]*)`", PAGE, re.MULTILINE)
    found = [block or inline for block, inline in spoken]
    found = [re.sub(r"\s+#.*", "", command) for command in found if not command.startswith("report-posting/")]
    # a copy is kept in a folder of its own each time, and the first is put back
    copies = iter(f"copy{n}" for n in range(9))
    return [command.replace("FOLDER", next(copies) if "backup" in command else "copy0") for command in found]


class Newcomer:
    """Somebody in an empty folder, with what the page says is set."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = folder
        self.settings = {"REPORT_PORT": str(self.port)}
        bare = {n: v for n, v in os.environ.items() if not n.startswith(("REPORT_", "SLACK_", "TEAMS_"))}
        self._bare = bare | {"PYTHONPATH": str(ROOT), "TERM": "dumb"}

    @property
    def environment(self) -> dict[str, str]:
        """What the commands see."""
        return self._bare | self.settings

    def words(self, command: str) -> list[str]:
        """Return a command as the system takes it; the installed one is tried in test_wheel.py."""
        return [sys.executable, "-m", "bot", *command.split()[1:]]

    def runs(self, command: str) -> str:
        """Run a command to its end; it must succeed. Return what it printed."""
        done = subprocess.run(  # noqa: S603 - our own command
            self.words(command),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout

    def answers(self, command: str, lines: list[str]) -> None:
        """Run a command that asks, at a keyboard."""
        ours, theirs = os.openpty()
        with subprocess.Popen(  # noqa: S603 - our own command
            self.words(command), cwd=self.folder, env=self.environment,
            stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        ) as asking:  # fmt: skip
            os.close(theirs)
            os.write(ours, "".join(f"{line}\r" for line in lines).encode())
            said = b"".join(_read(ours))
        os.close(ours)
        assert asking.returncode == 0, said.decode("utf-8", "replace")

    @contextmanager
    def started(self, command: str, word: str = "Ready: ") -> Iterator[str]:
        """Start a command that goes on, wait until it says where it is, and end it with Ctrl-C."""
        with subprocess.Popen(  # noqa: S603 - our own command
            self.words(command), cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, text=True
        ) as bot:
            try:
                assert bot.stdout is not None
                yield next(line for line in bot.stdout if line.startswith(word))
            finally:
                bot.send_signal(signal.SIGINT)
        assert bot.returncode == 0


def _read(terminal: int) -> Iterator[bytes]:
    """Yield what a terminal shows, until whoever writes to it has ended."""
    while select.select([terminal], [], [], 60)[0]:
        try:
            yield os.read(terminal, 65536)
        except OSError:  # the other end is closed: how a terminal ends
            return


def settle(newcomer: Newcomer) -> None:
    """Say where things are, as step 6 has it, in folders of their own."""
    named = re.findall(r"^\| `(REPORT_[A-Z_]+)` \|", PAGE, re.MULTILINE)
    assert named == ["REPORT_STORE", "REPORT_KEY_FILE", "REPORT_SCHOOL"]
    for place in ("reports", "keys"):
        (newcomer.folder / place).mkdir()
    (newcomer.folder / "sealing.key").rename(newcomer.folder / "keys" / "sealing.key")
    newcomer.settings |= {
        "REPORT_STORE": f"tinydb:{newcomer.folder / 'reports' / 'reports.db'}",
        "REPORT_KEY_FILE": str(newcomer.folder / "keys" / "sealing.key"),
        "REPORT_SCHOOL": str(newcomer.folder / "school.toml"),
    }


def test_every_command_as_written(tmp_path: Path) -> None:
    """Each command of the page does what the page says, one after the other, without another word."""
    newcomer = Newcomer(tmp_path)
    done: list[str] = []
    for command in commands():
        verb = command.split()[1]
        if verb == "init":
            newcomer.answers(command, typed())
            assert "Sample Primary School" in (tmp_path / "school.toml").read_text("utf-8")
        elif verb == "setup":
            browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
            with newcomer.started(command, "Set-up, ") as line, browser.open(line.split()[-1]) as answer:
                assert b"Your school" in answer.read()
        elif verb == "key":
            newcomer.runs(command)
            assert len(base64.b64decode((tmp_path / "sealing.key").read_text("ascii"))) == 32
        elif verb in ("run", "serve"):
            with newcomer.started(command) as line:
                address = line.removeprefix("Ready: ").strip()
                looked = f"{address}healthz"
                with urllib.request.urlopen(looked) as answer:  # noqa: S310 - our own page
                    assert answer.status == 200
        else:
            if verb == "check" and "REPORT_STORE" not in newcomer.settings:
                settle(newcomer)
            said = newcomer.runs(command)
            assert verb != "check" or "Wrong" not in said
        done.append(verb)
    assert done[:4] == ["--help", "run", "setup", "init"]
    assert {"key", "check", "serve", "audit"} <= set(done)
