"""One worker: collects the tests once, then forks a child for every test file it records and mutant it tries.

It runs in its own copy of the project, so that a mutant also stands on disk for the tests that start another
process, and two workers do not meet. What it is to do comes as JSON, and what it saw goes out as JSON.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import resource
import signal
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import coverage
import pytest

ROOMS = ("flows", "bot", "storage", "adapters")
MARKS = "not soak and not e2e and not browser"
MEMORY = 3 << 30
SHORTEST, LONGEST = (
    15.0,
    90.0,
)  # seconds that a test may take, however quick it was; generous, since others work here
PATIENCE = 120.0  # seconds of the processor: what so many tests do not notice has survived
HUNG = "(hung)"


class Watch:
    """What pytest calls: keeps the names of failed tests, and runs our loop instead of its own."""

    def __init__(self, loop: Callable[[pytest.Session], None], order: dict[str, int] | None = None) -> None:
        """Take the loop, and which tests are wanted in which order (all, where nothing is said)."""
        self.loop, self.order, self.failed = loop, order, ""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep what is wanted, quickest first; a test that only the mutant brings is tried too."""
        if self.order is not None:
            known = self.order
            items[:] = [item for item in items if known.get(item.nodeid, 0) >= 0]
            items.sort(key=lambda item: known.get(item.nodeid, 0))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Count a test file that can't be read any more as one that noticed."""
        if report.failed:
            self.failed = self.failed or f"(import of {report.nodeid})"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a test that fails, in any of its phases, as one that noticed."""
        if report.failed:
            self.failed = self.failed or report.nodeid

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run ours."""
        self.loop(session)
        return True


def start(watch: Watch, basetemp: Path, files: list[str]) -> None:
    """Collect with pytest's own machinery, without what would get in the way."""
    # One limit is enough, and ours ends the child: the plugin's own would be set over it.
    options = [part for name in ("cacheprovider", "xdist") for part in ("-p", f"no:{name}")]
    options += ["--timeout=0", "--tb=no", "--hypothesis-profile=mutants", f"--basetemp={basetemp}"]
    done = pytest.main([*options, "-m", MARKS, *files], plugins=[watch])
    if done in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERNAL_ERROR):
        watch.failed = watch.failed or f"(pytest itself: {done.name})"


def in_child(task: Callable[[], Any], out: Path) -> Any:
    """Do something in a child that leaves no trace here, and return what it said or how it was ended."""
    out.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        code = 1
        with contextlib.suppress(BaseException):
            os.setsid()
            sys.dont_write_bytecode = True
            resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
            silent = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silent, 1)
            os.dup2(silent, 2)
            out.write_text(json.dumps(task()))
            code = 0
        os._exit(code)
    _, status = os.waitpid(child, 0)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # whatever a test started and left
    if os.WIFSIGNALED(status):
        return HUNG if os.WTERMSIG(status) == signal.SIGALRM else "(crash)"
    return json.loads(out.read_text()) if out.exists() else "(crash)"


def run_one(item: pytest.Item, following: pytest.Item | None, limit: float) -> None:
    """Run a test; the process ends if it takes too long."""
    signal.setitimer(signal.ITIMER_REAL, limit)
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
    signal.setitimer(signal.ITIMER_REAL, 0)


def run(items: list[pytest.Item], watch: Watch, seconds: dict[str, float]) -> str:
    """Run tests until one fails, each within its time; return the name of that one."""
    for item, following in zip(items, [*items[1:], None], strict=True):
        run_one(item, following, min(LONGEST, SHORTEST + 10 * seconds.get(item.nodeid, 0)))
        if watch.failed or sum(os.times()[:4]) > PATIENCE:
            break
    return watch.failed


# --- Recording: which test runs which line


def measure() -> coverage.Coverage:
    """Begin to note lines."""
    noting = coverage.Coverage(
        data_file=None, config_file=False, include=[f"{Path.cwd()}/{room}/*" for room in ROOMS]
    )
    noting.start()
    return noting


def lines_of(noting: coverage.Coverage) -> dict[str, dict[str, list[int]]]:
    """End noting, and return the lines of each file for each test; under no name, those of importing."""
    noting.stop()
    seen, root = noting.get_data(), Path.cwd()
    found: dict[str, dict[str, list[int]]] = {}
    for path in seen.measured_files():
        for line, tests in seen.contexts_by_lineno(path).items():
            for test in tests:
                found.setdefault(test, {}).setdefault(Path(path).relative_to(root).as_posix(), []).append(
                    line
                )
    return found


def record(order: dict[str, Any], out: Path) -> dict[str, Any]:
    """Run every test file by itself, and note each test's lines and time, and the lines run by importing."""
    noting = measure()
    said: dict[str, Any] = {"tests": {}, "broken": []}

    def one(items: list[pytest.Item]) -> dict[str, Any]:
        noting = measure()
        seconds = {}
        for item, following in zip(items, [*items[1:], None], strict=True):
            noting.switch_context(item.nodeid)
            before, watch.failed = sum(os.times()[:4]), ""
            run_one(item, following, LONGEST)
            seconds[item.nodeid] = None if watch.failed else sum(os.times()[:4]) - before
        lines = lines_of(noting)
        return {name: {"seconds": took, "lines": lines.get(name, {})} for name, took in seconds.items()}

    def loop(session: pytest.Session) -> None:
        said["import"] = lines_of(noting).get("", {})
        said["modules"] = sorted(sys.modules)
        gc.freeze()
        files: dict[str, list[pytest.Item]] = {}
        for item in session.items:
            files.setdefault(item.nodeid.partition("::")[0], []).append(item)
        for items in list(files.values())[order["share"] :: order["shares"]]:
            answer = in_child(lambda: one(items), out)  # noqa: B023 - done with before the next
            if isinstance(answer, str):
                said["broken"] += [item.nodeid for item in items]
                continue
            said["tests"] |= {name: seen for name, seen in answer.items() if seen["seconds"] is not None}
            said["broken"] += [name for name, seen in answer.items() if seen["seconds"] is None]

    watch = Watch(loop)
    start(watch, out.parent / "tmp", order["files"])
    if "modules" not in said:
        sys.exit(f"The tests cannot be collected: {watch.failed}.")
    return said


# --- Trying: does any test notice?


@contextlib.contextmanager
def on_disk(mutant: dict[str, Any]) -> Iterator[None]:
    """Put the mutant in its file, at another time, so that no compiled copy is taken; then the file back."""
    path = Path(mutant["path"])
    source, times = path.read_bytes(), path.stat()
    path.write_bytes(source[: mutant["start"]] + mutant["text"].encode() + source[mutant["end"] :])
    os.utime(path, (times.st_atime, times.st_mtime + 1000))
    try:
        yield
    finally:
        path.write_bytes(source)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """Return the code of everything in a file."""
    yield code
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from codes(inner)


def live_functions() -> dict[str, list[types.FunctionType]]:
    """Return every function there is, by its file."""
    found: dict[str, list[types.FunctionType]] = {}
    for thing in gc.get_objects():
        if isinstance(thing, types.FunctionType):
            found.setdefault(thing.__code__.co_filename, []).append(thing)
    return found


def swap(path: Path, live: dict[str, list[types.FunctionType]]) -> bool:
    """Give the functions of a file, where they stand, the code on disk; say whether that was possible."""
    name = str(path.resolve())
    new: dict[tuple[str, int], list[types.CodeType]] = {}
    for code in codes(compile(path.read_bytes(), name, "exec", dont_inherit=True)):
        new.setdefault((code.co_qualname, code.co_firstlineno), []).append(code)
    for function in live.get(name, ()):
        same = new.get((function.__code__.co_qualname, function.__code__.co_firstlineno), [])
        if len(same) != 1 or len(same[0].co_freevars) != len(function.__code__.co_freevars):
            return False
        function.__code__ = same[0]
    return True


def warm(order: dict[str, Any], out: Path) -> dict[str, Any]:
    """Try mutants of functions: every test is collected already, and the child swaps the function's code."""
    said: dict[str, Any] = {}

    def one(items: list[pytest.Item], path: Path, live: dict[str, list[types.FunctionType]]) -> str | None:
        return run(items, watch, order["seconds"]) if swap(path, live) else None

    def loop(session: pytest.Session) -> None:
        known = {item.nodeid: item for item in session.items}
        live = live_functions()
        gc.freeze()
        for mutant in order["mutants"]:
            items = [known[name] for name in mutant["tests"] if name in known]
            with on_disk(mutant):
                said[mutant["name"]] = in_child(lambda: one(items, Path(mutant["path"]), live), out)  # noqa: B023 - done with before the next

    watch = Watch(loop)
    start(watch, out.parent / "tmp", [])
    return said


def cold(order: dict[str, Any], out: Path) -> dict[str, Any]:
    """Try mutants of what runs by importing: each child imports us anew; others' code is here already."""
    for name in order["modules"]:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    gc.freeze()

    def one(step: dict[str, Any]) -> str:
        ran: list[bool] = []

        def loop(session: pytest.Session) -> None:
            ran.append(True)
            if not watch.failed:
                run(session.items, watch, order["seconds"])

        watch = Watch(loop, step["ranks"])
        signal.setitimer(signal.ITIMER_REAL, LONGEST)
        start(watch, out.parent / "tmp", step["files"])
        return watch.failed or ("" if ran else "(import)")

    said: dict[str, Any] = {}
    for mutant in order["mutants"]:
        with on_disk(mutant):
            for step in mutant["steps"]:
                said[mutant["name"]] = in_child(lambda: one(step), out)  # noqa: B023 - done with before the next
                if said[mutant["name"]]:
                    break
    return said


def main() -> None:
    """Read the order, do it, and write what was seen beside it."""
    file = Path(sys.argv[1])
    order = json.loads(file.read_text())
    sys.path[:] = [path for path in sys.path if path != str(Path(__file__).parent)]
    answer = {"record": record, "warm": warm, "cold": cold}[order["kind"]](
        order, file.with_name("child.json")
    )
    file.with_name("answer.json").write_text(json.dumps(answer))


if __name__ == "__main__":
    main()
