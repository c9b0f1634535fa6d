"""Nothing of ours is there for its own sake: whatever is public has a caller in the product."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.source import ROOT, SOURCES, nodes, relative

CALLERS = (*SOURCES, *sorted((ROOT / "bench").rglob("*.py")), *sorted((ROOT / "docs").glob("*.py")))
#: What others call by its name, and why nobody of ours does.
HOOKS = {
    "backed_up": "the digest asks a store that is a file of ours, and no other has it",
    "_get_next_id": "TinyDB calls it",
    "_read_table": "TinyDB calls it",
    "drop_table": "TinyDB's own method: what goes round the store's rules is refused there as well",
    "authenticate_request": "Microsoft's kit calls it",
    "create_user_token_client": "Microsoft's kit calls it",
    "async_find_bot": "Bolt calls it",
    "async_issue": "Bolt calls it",
    "async_consume": "Bolt calls it",
    "form_text": "what a platform of plain text sends; the tests read forms with it",
}


def declared(path: Path) -> list[tuple[str, int]]:
    """Return every function, method and class of a file, but those that a decorator hands to a framework."""
    return [
        (node.name, node.lineno)
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("__")
        and not any(isinstance(mark, ast.Call) for mark in node.decorator_list)
    ]


def called(path: Path) -> set[str]:
    """Return every name that a file uses, imports or looks up."""
    found: set[str] = set()
    for node in nodes(path):
        match node:
            case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name):
                found.add(name)
            case ast.ImportFrom(names=names):
                found |= {alias.name for alias in names}
            case _:
                continue
    return found


def test_everything_has_a_caller() -> None:
    """A function, method or class that only its own tests know is taken out, with them."""
    pages = " ".join(page.read_text("utf-8") for page in (ROOT / "adapters").rglob("*.html"))
    used = set(re.findall(r"\w+", pages)).union(*map(called, CALLERS))
    lonely = {
        f"{relative(path)}:{line} {name}"
        for path in SOURCES
        for name, line in declared(path)
        if name not in used and name not in HOOKS
    }
    assert lonely == set()


def test_every_hook_is_still_there() -> None:
    """The list of what others call names nothing that is gone, and nothing that we call ourselves."""
    there = {name for path in SOURCES for name, _ in declared(path)}
    assert set(HOOKS) <= there
    ours = set(HOOKS) & set().union(*map(called, CALLERS))
    assert ours == set(), "we call it ourselves now: take it out of HOOKS"
