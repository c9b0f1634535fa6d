"""Which tests meet a mutant: every test's lines are recorded once, and again where a file has changed."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from generate import Mutant
from sample import Tried
from workers import OURS, ROOT, WORK, everywhere

# What tests in other processes only or not our lines; a golden file changes no line that a test runs.
ELSEWHERE = {"__pycache__", "e2e", "mutants", "crash", "golden"}
KEPT = 2  # as many tests of a file or fewer: the others may use what these computed
FIRST_FILES = (
    4  # of a mutant that is met only by importing everything anew, the test files that are tried first
)


def digest(paths: list[Path]) -> str:
    """Return what stands for the content of files."""
    told = hashlib.sha256()
    for path in sorted(paths):
        told.update(name_of(path).encode() + b"\0" + path.read_bytes())
    return told.hexdigest()[:16]


def record(trees: list[Path]) -> dict[str, Any]:
    """Return which test runs which line; what no change can have touched is kept from last time."""
    shared, tests = sources(trees[0])
    state, hashes = digest(shared), {name_of(path): digest([path]) for path in tests}
    kept = WORK / "record.json"
    seen: dict[str, Any] = json.loads(kept.read_text()) if kept.exists() else {}
    if seen.get("state") != state:
        seen = {"state": state, "hashes": {}, "tests": {}, "import": {}, "modules": [], "broken": []}
    changed = [name for name, now in hashes.items() if seen["hashes"].get(name) != now]
    stale = {*changed, *(set(seen["hashes"]) - set(hashes))}
    seen["tests"] = {name: one for name, one in seen["tests"].items() if file_of(name) not in stale}
    seen["broken"] = [name for name in seen["broken"] if file_of(name) not in stale]
    if changed:
        part = {"kind": "record", "files": changed, "shares": len(trees)}
        for answer in everywhere(trees, [part | {"share": n} for n in range(len(trees))]):
            seen["tests"] |= answer["tests"]
            seen["broken"] += answer["broken"]
            seen["modules"] = sorted({*seen["modules"], *answer["modules"]})
            for path, lines in answer["import"].items():
                seen["import"][path] = sorted({*seen["import"].get(path, ()), *lines})
    seen["hashes"] = hashes
    kept.write_text(json.dumps(seen))
    for name in seen["broken"]:
        print(f"fails by itself, left out: {name}")
    return seen


def sources(tree: Path) -> tuple[list[Path], list[Path]]:
    """Return what any test may depend on, and the test files, which only their own tests do."""
    every = [ROOT / path.relative_to(tree) for path in tree.rglob("*") if path.is_file()]
    every = [path for path in every if not ELSEWHERE & set(path.relative_to(ROOT).parts)]
    tests = [path for path in every if path.name.startswith("test_") and path.suffix == ".py"]
    shared = [path for path in every if path.relative_to(ROOT).parts[0] in (*OURS, "tests")]
    return [path for path in shared if path not in tests], tests


def name_of(path: Path) -> str:
    """Return a file as the project names it."""
    return path.relative_to(ROOT).as_posix()


def file_of(test: str) -> str:
    """Return the file of a test."""
    return test.partition("::")[0]


def choose_tests(tried: list[Tried], recorded: dict[str, Any]) -> None:
    """Give each mutant the tests that run its statement, the quickest first.

    What is computed once and kept runs under the first test of a file only: where few of its tests are seen
    to run the statement, all of them come after.
    """
    files: dict[str, list[str]] = {}
    for name in recorded["tests"]:
        files.setdefault(file_of(name), []).append(name)
    for one in tried:
        wanted = range(one.mutant.first, one.mutant.last + 1)
        running = {
            name
            for name, seen in recorded["tests"].items()
            if any(line in wanted for line in seen["lines"].get(one.mutant.path, ()))
        }
        seen_in = Counter(file_of(name) for name in running)
        beside = {name for file, count in seen_in.items() if count <= KEPT for name in files[file]} - running
        one.tests = [*quickest(running, recorded), *quickest(beside, recorded)]


def quickest(names: set[str], recorded: dict[str, Any]) -> list[str]:
    """Sort tests by their time, one of each file before the next of any: rows of a table notice the same."""
    by_time = sorted(names, key=lambda name: (recorded["tests"][name]["seconds"], name))
    seen: Counter[str] = Counter()
    turn = {}
    for name in by_time:
        turn[name] = seen[file_of(name)]
        seen[file_of(name)] += 1
    return sorted(by_time, key=turn.__getitem__)


def steps(mutant: Mutant, recorded: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what to run for a table: the files that know its module best, then those of its users."""
    module = mutant.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    users = {mutant.path} | {
        name_of(path) for room in OURS for path in (ROOT / room).rglob("*.py") if imports(path, module)
    }
    tests = {name: one for name, one in recorded["tests"].items() if users & one["lines"].keys()}
    known: Counter[str] = Counter()
    for name, one in tests.items():
        known[file_of(name)] = max(known[file_of(name)], len(one["lines"].get(mutant.path, ())))
    for file in recorded["hashes"]:
        if imports(ROOT / file, module):
            known[file] += 1000
    best = [file for file, _ in known.most_common(FIRST_FILES)]
    rest = sorted(set(known) - set(best))
    return [step for files in (best, rest) if (step := ranked(files, tests, recorded))["files"]]


def imports(path: Path, module: str) -> bool:
    """Say whether a file imports a module, or something from it."""
    parent, _, name = module.rpartition(".")
    text = path.read_text("utf-8")
    whole = re.search(rf"^from {re.escape(parent)} import .*\b{name}\b", text, re.MULTILINE)
    return f"from {module} import" in text or f"import {module}" in text or whole is not None


def ranked(files: list[str], tests: dict[str, Any], recorded: dict[str, Any]) -> dict[str, Any]:
    """Return files to collect, and the order of their tests: by time, -1 for those that are not wanted."""
    ranks = dict.fromkeys((*recorded["tests"], *recorded["broken"]), -1)
    ranks |= {name: rank for rank, name in enumerate(quickest(set(tests), recorded))}
    return {"files": files, "ranks": {n: rank for n, rank in ranks.items() if file_of(n) in files}}
