"""The two workers: a copy of the project for each, and what they are told and answer."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
WORK = ROOT / "build" / "mutants"
OURS = ("flows", "bot", "storage", "adapters")
WORKERS = 2


def copies() -> list[Path]:
    """Return a fresh copy of the project for each worker."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    files = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True).stdout.decode().split("\0")  # noqa: S603 - a fixed command
    trees = [WORK / str(number) / "tree" for number in range(WORKERS)]
    for tree in trees:
        shutil.rmtree(tree.parent, ignore_errors=True)
        for name in files:
            if name and (ROOT / name).is_file():
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, tree / name)
    return trees


def work(tree: Path, order: dict[str, Any]) -> dict[str, Any]:
    """Let a worker do something in its copy, and return what it saw."""
    file = tree.parent / "order.json"
    file.write_text(json.dumps(order))
    command = [sys.executable, str(HERE / "loop.py"), str(file)]
    done = subprocess.run(command, cwd=tree, check=False, capture_output=True, text=True)  # noqa: S603 - ourselves
    if done.returncode:
        sys.exit(done.stdout[-3000:] + done.stderr[-3000:])
    answer: dict[str, Any] = json.loads((tree.parent / "answer.json").read_text())
    return answer


def everywhere(trees: list[Path], orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Let every worker do its part at once."""
    with ThreadPoolExecutor(len(trees)) as pool:
        return list(pool.map(work, trees, orders))
