"""Where a comment or a docstring sends somebody, there is something."""

from __future__ import annotations

import re
from pathlib import Path

from tests.source import ROOT, SOURCES, relative

READ = (*SOURCES, *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "bench").rglob("*.py")))
#: A role and a dotted name, with or without a ~ before it.
ROOMS = ("flows", "bot", "storage", "adapters", "bench", "tests")
ROLE = re.compile(r":(?:mod|func|class|meth|data|attr):`~?([\w.]+)`")
FILE = re.compile(r"``([\w/]+\.(?:py|toml))``")


def is_there(name: str, text: str) -> bool:
    """Return whether a dotted name is a module of ours, or something in one, or a name in this very file."""
    first, *rest = name.split(".")
    if first not in ROOMS:
        return not rest or bool(re.search(rf"\b{rest[-1]}\b", text.replace(f"`{name}`", "")))
    for end in range(len(rest) + 1, 0, -1):
        place = ROOT.joinpath(*name.split(".")[:end])
        found = place.with_suffix(".py") if place.with_suffix(".py").is_file() else place / "__init__.py"
        if found.is_file():
            source = found.read_text("utf-8")
            return all(re.search(rf"\b{part}\b", source) for part in name.split(".")[end:])
    return False


def broken(path: Path) -> list[str]:
    """Return what a file points to that is nowhere."""
    text = path.read_text("utf-8")
    local = [name for name in ROLE.findall(text) if "." not in name]
    lost = [name for name in ROLE.findall(text) if not is_there(name, text)]
    lost += [name for name in local if len(re.findall(rf"\b{name}\b", text)) < 2]
    return lost + [name for name in FILE.findall(text) if "NAME" not in name and not is_file(name)]


def is_file(name: str) -> bool:
    """Return whether a file of ours has this path, or this name."""
    return (ROOT / name).exists() or any(list((ROOT / room).rglob(name)) for room in ROOMS)


def test_every_pointer_leads_somewhere() -> None:
    """A module, function or file that a text names exists under that name."""
    lost = {relative(path): found for path in READ if (found := broken(path))}
    assert lost == {}
