"""Runs every bench of this folder, each in a process of its own, and prints one table.

``python -m bench`` runs all; ``python -m bench decisions turns`` some; ``--long`` fills a database with a
million cases and takes in conversations for five minutes; ``--write`` also puts the table into
docs/performance.md. A bench is a module ``bench_NAME.py`` with ``measure() -> Iterable[Line]``.
A goal that was missed is printed as missed; only a bench that breaks makes the command fail.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec

from bench.measure import Line, machine

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "performance.md"
LONG = "--long"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def names() -> list[str]:
    """Return what benches there are, in the order they run."""
    return sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))


def lines_of(name: str) -> list[Line]:
    """Return what one bench measured, run in a fresh process."""
    done = subprocess.run(  # noqa: S603 - our own interpreter and our own module
        [sys.executable, "-m", "bench", "--one", name, *[LONG for one in sys.argv if one == LONG]],
        stdout=subprocess.PIPE,
        check=True,
        cwd=HERE.parent,
    )
    return msgspec.json.decode(done.stdout, type=list[Line])


def table(measured: Iterable[tuple[str, Line]]) -> str:
    """Return the lines as a Markdown table, which reads well in a terminal too."""
    rows = [("bench", "what", "measured", "goal", "")]
    for name, line in measured:
        verdict = {True: "met", False: "**missed**", None: ""}[line.met]
        what = f"{line.what} ({line.note})" if line.note else line.what
        rows.append((name, what, f"{number(line.value)} {line.unit}", line.goal, verdict))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    laid = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    laid.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(laid)


def number(value: float) -> str:
    """Return a number with as many digits as it deserves."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three digits are enough


def write(text: str) -> None:
    """Put the run between the page's two marks."""
    page = PAGE.read_text("utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", "utf-8")


def main(arguments: list[str]) -> None:
    """Run the benches that were asked for."""
    if arguments[:1] == ["--one"]:
        module = importlib.import_module(f"bench.bench_{arguments[1]}")
        sys.stdout.buffer.write(msgspec.json.encode(list(module.measure())))
        return
    wanted = [name for name in arguments if not name.startswith("-")] or names()
    about = f"On {machine()}."
    print(about, flush=True)
    measured: list[tuple[str, Line]] = []
    for name in wanted:
        print(f"… {name}", file=sys.stderr, flush=True)
        measured += [(name, line) for line in lines_of(name)]
    report = table(measured)
    print(f"\n{report}\n")
    missed = sum(line.met is False for _, line in measured)
    print(f"{len(measured)} measured, {missed} goals missed")
    if "--write" in arguments:
        write(f"{about}\n\n{report}")


if __name__ == "__main__":
    main(sys.argv[1:])
