"""The wheel: it carries all that the program reads, and the command it installs starts the try-out."""

from __future__ import annotations

import os
import shutil
import signal
import site
import socket
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest

from tests.source import ROOT

pytestmark = pytest.mark.slow  # it is built once

UV = Path(sys.executable).with_name("uv")
PACKAGES = ("adapters", "bot", "flows", "storage")


def run(*command: str | Path, folder: Path) -> str:
    """Run a command and return what it printed; it must succeed."""
    done = subprocess.run(  # noqa: S603 - our own commands
        [str(part) for part in command], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel, built from a copy: what lies about in build/ here must not get in."""
    copy = tmp_path_factory.mktemp("source")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    run(UV, "build", "--wheel", "--offline", "--no-build-isolation", "--python", sys.executable, folder=copy)
    return next((copy / "dist").glob("*.whl"))


def test_every_file_is_in_it_and_nothing_else(wheel: Path) -> None:
    """Words, policy, pages and pictures come along with the code; tests and benches do not."""
    with zipfile.ZipFile(wheel) as file:
        held = {name for name in file.namelist() if ".dist-info/" not in name}
    ours = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert held == ours
    assert {f"{package}/py.typed" for package in PACKAGES} <= held


def test_the_installed_command_starts_the_try_out(wheel: Path, tmp_path: Path) -> None:
    """Installed where nothing of this project is, ``report-posting run`` shows its first page."""
    run(UV, "venv", "--offline", "--python", sys.executable, tmp_path / "venv", folder=tmp_path)
    programs = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    python = next(programs.glob("python*"))
    run(UV, "pip", "install", "--offline", "--no-deps", "--python", python, wheel, folder=tmp_path)
    where = run(python, "-c", "import site; print(site.getsitepackages()[0])", folder=tmp_path).strip()
    Path(where, "theirs.pth").write_text("\n".join(site.getsitepackages()) + "\n", "utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert "run" in run(programs / "report-posting", "--help", folder=tmp_path)
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("REPORT_", "PYTHON"))}
    with subprocess.Popen(  # noqa: S603 - our own command
        [programs / "report-posting", "run", "--port", str(port)],
        cwd=tmp_path,
        env=bare,
        stdout=subprocess.PIPE,
        text=True,
    ) as bot:
        try:
            assert bot.stdout is not None
            address = bot.stdout.readline().removeprefix("Ready: ").strip()
            with urllib.request.urlopen(address) as page:  # noqa: S310 - our own page
                assert page.status == 200
                assert "Headteacher" in page.read().decode()
        finally:
            bot.send_signal(signal.SIGTERM)
    assert bot.returncode == 0
    assert (tmp_path / "var" / "reports.db").is_file()
