"""Who may import what, where a list of modules in pyproject.toml cannot say it."""

from __future__ import annotations

import ast
import re

import pytest

from tests.source import ROOT, SOURCES, imports, nodes, relative

# Another kit will replace Microsoft's one day: then two files are written again, and no third.
ONLY_IN = {
    "botbuilder": {"adapters/teams/listen.py", "adapters/teams/connectors.py", "adapters/teams/send.py"},
    "botframework": {"adapters/teams/listen.py", "adapters/teams/connectors.py", "adapters/teams/send.py"},
    "msrest": {"adapters/teams/listen.py", "adapters/teams/connectors.py", "adapters/teams/send.py"},
    "slack_bolt": {"adapters/slack/"},
    "slack_sdk": {"adapters/slack/"},
    "aiohttp_sse": {"adapters/web/"},
    "aiosmtplib": {"adapters/email/answers.py", "adapters/email/smtp.py"},
    "tinydb": {"storage/"},
    "sqlite3": {"storage/", "adapters/web/messages.py"},
    "holidays": {"flows/calendar.py", "bot/"},
    "questionary": {"bot/"},
    "typer": {"bot/"},
}


@pytest.mark.parametrize("package", sorted(ONLY_IN))
def test_each_kit_stays_in_its_room(package: str) -> None:
    """A platform's or a file format's kit is imported by the files that are about it, and no others."""
    strays = [
        relative(path)
        for path in SOURCES
        if any(name.split(".")[0] == package for name in imports(path))
        and not any(relative(path).startswith(place) for place in ONLY_IN[package])
    ]
    assert strays == []


def test_the_core_never_reads_the_time() -> None:
    """Nothing in flows calls now(), today() or the like: the moment is always passed in."""
    clocks = {"now", "utcnow", "today", "monotonic", "perf_counter", "fromtimestamp"}
    read = [
        f"{relative(path)}:{node.lineno}"
        for path in sorted((ROOT / "flows").rglob("*.py"))
        for node in nodes(path)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in clocks
        and isinstance(node.func.value, ast.Name | ast.Attribute)
        and ast.unparse(node.func.value)
        in {"dt.datetime", "dt.date", "datetime", "date", "time", "datetime.datetime"}
    ]
    assert read == []


def test_the_environment_is_read_in_one_place() -> None:
    """Only bot/config/load.py reads environment variables, so that one page can list the settings."""
    readers = [
        relative(path)
        for path in SOURCES
        if re.search(r"\bos\.environ|\bgetenv\b|from os import", path.read_text("utf-8"))
    ]
    assert [path for path in readers if path not in {"bot/config/load.py", "bot/__main__.py"}] == []


def test_nobody_imports_relatively() -> None:
    """Imports are absolute: storage/embedded/store.py may import the real tinydb."""
    strays = [
        relative(path)
        for path in SOURCES
        for node in nodes(path)
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert strays == []
