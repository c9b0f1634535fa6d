"""Draw the mutants to try: by group and seed, a line at a time, without those known to change nothing."""

from __future__ import annotations

import random
import sys
import tomllib
from argparse import Namespace
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from changes import enums
from generate import File, Mutant
from workers import HERE, OURS, ROOT


@dataclass
class Tried:
    """A mutant of a sample, and what became of it."""

    group: str
    mutant: Mutant
    tests: list[str] = field(default_factory=list)
    by: str | None = None
    equivalent: str = ""


def sample(asked: Namespace) -> list[Tried]:
    """Draw lines of each group, and for each line one mutant: a long table does not outweigh a condition."""
    sources = {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for room in OURS
        for path in sorted((ROOT / room).rglob("*.py"))
    }
    known = enums(list(sources.values()))
    listed = {
        (entry["in"], entry["was"], entry["now"]): entry["why"]
        for entry in tomllib.loads((HERE / "equivalent.toml").read_text("utf-8")).get("mutant", ())
    }
    chosen = []
    for group, paths in groups(list(sources), asked.only).items():
        dice = random.Random(f"{asked.seed} {group}")  # noqa: S311 - a sample, not a secret
        for mutant in draw([File(path, sources[path], known) for path in paths], asked.per, dice):
            why = listed.get((mutant.place, mutant.was, mutant.now), "")
            chosen.append(Tried(group, mutant, equivalent=why))
    return chosen


def draw(files: list[File], per: int, dice: random.Random) -> list[Mutant]:
    """Draw lines, and one mutant of each; a line that has none is passed over."""
    places: dict[tuple[str, int], list[tuple[File, Mutant]]] = {}
    for file in files:
        for mutant in file.mutants:
            places.setdefault((file.path, mutant.line), []).append((file, mutant))
    drawn: list[Mutant] = []
    for place in dice.sample(sorted(places), len(places)):
        if len(drawn) < per:
            here = dice.sample(places[place], len(places[place]))
            drawn += [mutant for file, mutant in here if file.is_real(mutant)][:1]
    return drawn


def groups(paths: list[str], only: str) -> dict[str, list[str]]:
    """Return the files of each group asked for: the first that names a file has it. A path is its own group.

    A pattern that names nothing is refused: a module that was moved must not drop out unseen.
    """
    found: dict[str, list[str]] = {}
    free = set(paths)
    for group, patterns in tomllib.loads((HERE / "groups.toml").read_text("utf-8")).items():
        found[group] = []
        for pattern in patterns:
            named = [path for path in paths if fnmatchcase(path, pattern)]
            if not named:
                sys.exit(f"tests/mutants/groups.toml, {group}: no file is called {pattern}")
            found[group] += [path for path in named if path in free]
            free -= set(named)
    return {name: found.get(name, [name]) for name in only.split(",")} if only else found
