"""Try changed bytes on each reader, led by which lines they reach.

``python -m tests.fuzz.guided tests.fuzz.readers 100000 7``: so many on each, from this seed. libFuzzer does
not come back, so each reader has a process of its own, begun once all is imported. A line of JSON for each
says what became of it; what raised, hung or grew is there with the bytes that did it.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import sys
from base64 import b64encode
from contextlib import redirect_stderr
from functools import partial
from io import StringIO
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, NoReturn

import atheris

from tests.fuzz.bent import bent

if TYPE_CHECKING:  # what is measured has to be imported under instruments
    from tests.fuzz.readers import Reader

OURS = ["adapters", "bot", "flows", "storage"]
#: a reader that takes longer hangs (seconds), one that holds more grows (MB)
LIMITS = ("-timeout=10", "-rss_limit_mb=512", "-max_len=8192", "-print_final_stats=1")
_RUNS, _MEMORY = (
    re.compile(rf"stat::{name}: +(\d+)") for name in ("number_of_executed_units", "peak_rss_mb")
)
SAID = "said"
_RAISED = re.compile(
    r"=== Uncaught Python exception: ===.*?\n\n|=== Timeout.*|ERROR: libFuzzer: .*", re.DOTALL
)


def main(table: str, runs: int, seed: int, *more: str) -> int:
    """Try so many inputs on each reader of the table; return how many readers failed."""
    with redirect_stderr(StringIO()), atheris.instrument_imports(include=[*OURS, table]):
        readers = importlib.import_module(table).READERS
    options = (f"-seed={seed}", *LIMITS, *more)
    left, running, failed = list(readers), dict[int, tuple[str, Path]](), 0
    while left or running:
        while left and len(running) < (os.cpu_count() or 1):
            name, place = left.pop(0), Path(mkdtemp(prefix="fuzz"))
            child = os.fork()
            if not child:
                each = readers[name].share(runs)
                _fuzz(readers[name], (f"-runs={each}", *options), place)
            running[child] = name, place
        child, status = os.wait()
        name, place = running.pop(child)
        failed += bool(status)
        _tell(name, status, place)
        shutil.rmtree(place)
    return failed


def _tell(name: str, status: int, place: Path) -> None:
    said = (place / SAID).read_text("utf-8", "replace")
    told: dict[str, object] = {"reader": name, "good": not status}
    for what, mark in (("runs", _RUNS), ("mb", _MEMORY)):
        if found := mark.search(said):
            told[what] = int(found[1])
    if status:
        told |= {
            # libFuzzer leaves them in a file: crash-…, timeout-…, oom-…
            "bytes": next((b64encode(one.read_bytes()).decode() for one in place.glob("*-*")), ""),
            "said": found[0][:3000] if (found := _RAISED.search(said)) else said[-3000:],
        }
    sys.stdout.write(f"{json.dumps(told)}\n")
    sys.stdout.flush()


def _fuzz(reader: Reader, options: tuple[str, ...], place: Path) -> NoReturn:
    """Never come back: libFuzzer ends the process."""
    out = os.open(place / SAID, os.O_CREAT | os.O_WRONLY)
    os.dup2(out, 1)
    os.dup2(out, 2)
    seeds = place / "seeds"
    seeds.mkdir()
    for number, seed in enumerate(reader.seeds):
        (seeds / str(number)).write_bytes(seed)
    arguments = [sys.argv[0], *options, f"-artifact_prefix={place}/", str(seeds)]
    if reader.json:
        mutator = partial(bent, word=lambda text: atheris.Mutate(text, len(text) + 64))
        atheris.Setup(arguments, lambda content: reader.read(bytes(content)), custom_mutator=mutator)
    else:
        atheris.Setup(arguments, lambda content: reader.read(bytes(content)))
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])))
