"""`make mutants`: change lines of ours wrongly, and see whether a test notices (docs/testing.md)."""

from __future__ import annotations

import argparse
import random
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from choose import choose_tests, record, steps
from generate import Mutant
from sample import Tried, sample
from workers import OURS, copies, everywhere

GOAL = 97.0


def main() -> int:
    """Sample, try, and say what survived; 1 if a group is below the goal."""
    asked = arguments()
    print(f"seed {asked.seed}, {asked.per} lines of each group")
    began = time.monotonic()
    trees = copies()
    recorded = record(trees)
    print(f"{len(recorded['tests'])} tests recorded, {time.monotonic() - began:.0f} s", flush=True)
    tried = sample(asked)
    choose_tests(tried, recorded)
    meet(tried, recorded, trees)
    print(f"tried, {time.monotonic() - began:.0f} s\n")
    return report(tried, asked.goal)


def arguments() -> argparse.Namespace:
    """Read what is asked for."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--per", type=int, default=20, help="lines of each group")
    parser.add_argument("--only", default="", help="groups, with commas, or a path such as bot/worker.py")
    parser.add_argument("--goal", type=float, default=GOAL, help="percent that must be noticed in each group")
    return parser.parse_args()


# --- Trying


def meet(tried: list[Tried], recorded: dict[str, Any], trees: list[Path]) -> None:
    """Let the tests meet the mutants: in functions first, then what runs by importing."""
    seconds = {name: seen["seconds"] for name, seen in recorded["tests"].items()}
    real = [(str(number), one) for number, one in enumerate(tried) if not one.equivalent]
    orders = [
        {**asdict(one.mutant), "name": name, "tests": one.tests}
        for name, one in real
        if one.mutant.in_function and one.tests
    ]
    parts = [
        {"kind": "warm", "seconds": seconds, "mutants": orders[n :: len(trees)]} for n in range(len(trees))
    ]
    answers = {name: by for answer in everywhere(trees, parts) for name, by in answer.items()}
    orders = [
        {**asdict(one.mutant), "name": name, "steps": steps(one.mutant, recorded)}
        for name, one in real
        if not answers.get(name) and runs_at_import(one.mutant, recorded, answers.get(name, ""))
    ]
    ours = {*OURS, "tests", "conftest", "__main__", "loop"}
    modules = [name for name in recorded["modules"] if name.split(".")[0] not in ours]
    parts = [
        {"kind": "cold", "seconds": seconds, "modules": modules, "mutants": orders[n :: len(trees)]}
        for n in range(len(trees))
    ]
    answers |= {name: by for answer in everywhere(trees, parts) for name, by in answer.items()}
    for name, one in real:
        one.by = answers.get(name)


def runs_at_import(mutant: Mutant, recorded: dict[str, Any], answer: str | None) -> bool:
    """Say whether a mutant can only be met by importing anew (or its code could not be swapped)."""
    lines = recorded["import"].get(mutant.path, ())
    return answer is None or any(mutant.first <= line <= mutant.last for line in lines)


# --- What was seen


def report(tried: list[Tried], goal: float) -> int:
    """Print the survivors and the table; return 1 if a group is below the goal."""
    for one in tried:
        if not one.equivalent and not one.by:
            m = one.mutant
            print(f"{m.path}:{m.line} {m.scope} ({one.group}; {len(one.tests)} tests run it)")
            print(f"- {m.was}\n+ {m.now}\n")
    print(f"{'group':14}{'sampled':>8}{'noticed':>8}{'survived':>9}{'equivalent':>11}{'percent':>9}")
    below = False
    for group in (*dict.fromkeys(one.group for one in tried), ""):
        rows = [one for one in tried if group in ("", one.group)]
        real = [one for one in rows if not one.equivalent]
        noticed = sum(1 for one in real if one.by)
        survived, equivalent = len(real) - noticed, len(rows) - len(real)
        percent = 100 * noticed / len(real) if real else 100.0
        below = below or percent < goal
        print(f"{group or 'all':14}{len(rows):8}{noticed:8}{survived:9}{equivalent:11}{percent:9.1f}")
    hung = sum(1 for one in tried if one.by == "(hung)")
    crashed = sum(1 for one in tried if one.by == "(crash)")
    print(f"\n{hung} of the noticed ran into the time limit of a test, {crashed} ended the process.")
    return int(below)


if __name__ == "__main__":
    sys.exit(main())
