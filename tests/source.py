"""The project's own source, parsed once for every test that looks at it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = ("flows", "storage", "adapters", "bot")
#: The platforms there are, read off their folders.
PLATFORMS = tuple(sorted(door.parent.name for door in (ROOT / "adapters").glob("*/__init__.py")))
SOURCES = tuple(sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py")))


def relative(path: Path) -> str:
    """Return a path as the repository names it."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    """Return a file, parsed."""
    return ast.parse(path.read_text("utf-8"))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return everything in a file, nested or not."""
    return tuple(ast.walk(tree(path)))


@cache
def imports(path: Path) -> frozenset[str]:
    """Return every module a file imports, wherever in the file it does."""
    found: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return frozenset(found)
