"""Prove that the locks hold when the locked versions are all that can be seen, for each Python and system.

    python requirements/check.py [OPTION-OF-UV …]      such as --no-index --find-links FOLDER

Resolves what pyproject.toml asks for with nothing but locked versions in sight. Whatever is wanted – a
package, a version, an extra – must stand in the lock; whatever stands in the lock must be wanted.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

UV = Path(sys.executable).with_name("uv")
PYTHONS = ("3.11.0", "3.12.0", "3.13.0", "3.14.0")
SYSTEMS = ("linux", "macos", "windows")
LOCKS = {"run": (), "dev": ("--group", "dev")}
_LOCKED = re.compile(r"^([a-z0-9][\w.-]*(?:\[[\w, .-]+\])?==[^\s;\\]+)", re.MULTILINE)


class UnresolvedError(Exception):
    """The locked versions cannot stand together; the words are uv's."""


def main(root: Path, *index: str) -> int:
    """Check the locks of a project; return 0, or 1 after naming what is wrong with them."""
    try:
        wrong = sorted(set(faults(root, *index)))
    except UnresolvedError as error:
        wrong = [str(error)]
    if wrong:
        sys.stderr.write("\n".join([*wrong, "make lock writes the locks again."]) + "\n")
        return 1
    sys.stdout.write("The locks hold.\n")
    return 0


def faults(root: Path, *index: str) -> Iterator[str]:
    """Yield what a lock lacks, and what it has too much."""
    held = {lock: locked((root / "requirements" / f"{lock}.txt").read_text("ascii")) for lock in LOCKS}
    yield from (f"dev.txt: {line} of run.txt is missing" for line in held["run"] - held["dev"])
    for lock in LOCKS:
        anywhere = wanted(root, lock, *index, "--universal", "--python-version", PYTHONS[0])
        yield from (f"{lock}.txt: nothing asks for {line}" for line in held[lock] - anywhere)
        yield from (f"{lock}.txt: {line} is missing" for line in anywhere - held[lock])
        for place, lines in _each_place(root, lock, *index):
            yield from (f"{lock}.txt: {line} is missing {place}" for line in lines - held[lock] - anywhere)


def _each_place(root: Path, lock: str, *index: str) -> Iterator[tuple[str, set[str]]]:
    """Yield what is wanted on each system with each Python.

    The network is asked again: each Python has wheels of its own, and a machine that has just set itself up
    has read about those of its own Python alone.
    """
    places = list(product(SYSTEMS, PYTHONS))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(
            lambda place: wanted(
                root, lock, *index, "--python-platform", place[0], "--python-version", place[1]
            ),
            places,
        )
        for (system, python), lines in zip(places, found, strict=True):
            yield f"on {system} with Python {python}", lines


def wanted(root: Path, lock: str, *where: str) -> set[str]:
    """Return what the project wants there: as wheels, and with only the locked versions in sight."""
    how = [
        "--quiet",
        "--no-build",
        "--no-strip-extras",
        "--no-header",
        "--no-annotate",
        "--python",
        sys.executable,
    ]
    seen = ["-c", f"requirements/{lock}.txt", "pyproject.toml", *LOCKS[lock]]
    done = subprocess.run(
        [str(UV), "pip", "compile", *how, *where, *seen],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise UnresolvedError(f"{lock}.txt does not resolve ({' '.join(where)}):\n{done.stderr.strip()}")
    return locked(done.stdout)


def locked(text: str) -> set[str]:
    """Return the name, extras and version of each line that pins a package."""
    return set(_LOCKED.findall(text))


if __name__ == "__main__":
    sys.exit(main(Path(__file__).parents[1], *sys.argv[1:]))
