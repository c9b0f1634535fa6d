"""What the program does (docs/features.toml), and which tests say by their mark that they show it."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from tests.source import ROOT, relative

HEAD = """# What it does, and the tests that show it

Each row names where it lives and the tests that show it. The rows stand in `docs/features.toml`, and a test
names its row by a mark of its own: no row can claim what no test shows. {shown} of {all} rows are shown.
"""


def sections() -> list[dict[str, Any]]:
    """Return the rows, by what they are about."""
    return list(tomllib.loads((ROOT / "docs" / "features.toml").read_text("utf-8")).values())


def marked_tests() -> dict[str, list[str]]:
    """Return the tests that show each feature, as one would call them."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        text = path.read_text("utf-8")
        if "mark.feature" not in text:
            continue
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for name in filter(None, map(_feature_of, node.decorator_list)):
                    found.setdefault(name, []).append(f"{relative(path)}::{node.name}")
    return found


def _feature_of(mark: ast.expr) -> str:
    if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.feature":
        return str(ast.literal_eval(mark.args[0]))
    return ""


def page() -> str:
    """Return what the program does, each row with the tests that show it."""
    rows = [row for section in sections() for row in section["rows"]]
    tests = marked_tests()
    shown = sum(row["name"] in tests for row in rows)
    parts = [HEAD.format(shown=shown, all=len(rows))]
    for section in sections():
        parts.append(f"\n## {section['title']}\n\n| what | where it lives | shown by |\n|---|---|---|\n")
        parts += [_feature(row, tests.get(row["name"], [])) for row in section["rows"]]
    return "".join(parts)


def _feature(row: Mapping[str, str], tests: Sequence[str]) -> str:
    if not tests:
        return f"| {row['says']} | – | not shown yet |\n"
    return f"| {row['says']} | `{row['where']}` | {', '.join(f'`{test}`' for test in tests)} |\n"
