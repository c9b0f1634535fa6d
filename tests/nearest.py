"""``make quick``: the fast tests nearest to what was changed since the last commit, or in it.

Nearest are the tests that were changed themselves, then those of its name that depend on it, then those with
the fewest imports between. It is a look before the next save and no proof: that is ``make test``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
OURS = ("bot", "adapters", "flows", "storage", "tests")
#: so many files of tests take some ten seconds
MOST = 24
#: which files import a file, by its path
Importers = Mapping[str, Sequence[str]]


def changed() -> list[str]:
    """Return the files changed since the last commit; where there are none, those of the last commit."""
    now = _lines("git", "diff", "--name-only", "HEAD")
    now += _lines("git", "ls-files", "--others", "--exclude-standard")
    return now or _lines("git", "diff", "--name-only", "HEAD~1", "HEAD")


def importers() -> Importers:
    """Return who imports what in this project, as ruff reads it."""
    ruff = (sys.executable, "-m", "ruff", "analyze", "graph", "--quiet", "--direction", "dependents")
    found: Importers = json.loads("\n".join(_lines(*ruff, *OURS)))
    return found


def _lines(*command: str) -> list[str]:
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 - git and ruff
    return done.stdout.splitlines()


def nearest(files: Sequence[str], by: Importers, most: int = MOST) -> list[str]:
    """Return the files of tests nearest to these files, nearest first."""
    meant = {one for file in files for one in _stands_for(file)}
    names = {Path(one).stem for one in meant} - {"__init__", "conftest"}
    steps = _steps(meant, by)

    def far(test: str) -> tuple[bool, bool, int]:
        its_own = any(_is_its_own(Path(test), Path(file)) for file in files)
        return not its_own, not any(name in Path(test).stem for name in names), steps.get(test, 0)

    tests = [path for path in by if _is_test(path)]
    found = (test for test in tests if test in steps or not far(test)[0])
    return sorted(found, key=lambda test: (*far(test), test))[:most]


def _steps(meant: set[str], by: Importers) -> dict[str, int]:
    """Return how many imports away each file is that depends on these."""
    found, edge, away = dict.fromkeys(meant, 0), meant, 0
    while edge:
        away += 1
        edge = {path for one in edge for path in by.get(one, ())} - found.keys()
        found |= dict.fromkeys(edge, away)
    return found


def _is_test(path: str) -> bool:
    return Path(path).name.startswith("test_") and not path.startswith("tests/e2e/")


def _is_its_own(test: Path, file: Path) -> bool:
    """Return whether a file is this test, or a golden file beside it."""
    return test == file or test.parent / "golden" in file.parents


def _stands_for(file: str) -> Iterator[str]:
    """Yield the Python files that a file stands for: itself, or where it is data, those of its package."""
    yield file
    package = next((one for one in Path(file).parents if (ROOT / one / "__init__.py").is_file()), None)
    if not file.endswith(".py") and package is not None:
        yield from (one.relative_to(ROOT).as_posix() for one in (ROOT / package).glob("*.py"))


def main() -> int:
    """Run them; return what pytest returned."""
    chosen = nearest(changed(), importers())
    if not chosen:
        sys.stdout.write("No test imports what was changed. make test runs them all.\n")
        return 0
    sys.stdout.write(f"{len(chosen)} files of tests, nearest to what was changed. make test runs them all.\n")
    sys.stdout.flush()
    fast = (
        "-n",
        "2",
        "--dist",
        "worksteal",
        "-p",
        "no:cacheprovider",
        "-m",
        "not slow and not soak and not whole",
    )
    run = (sys.executable, "-m", "pytest", *fast, *chosen)
    return subprocess.run(run, cwd=ROOT, check=False).returncode  # noqa: S603 - our own interpreter


if __name__ == "__main__":
    sys.exit(main())
