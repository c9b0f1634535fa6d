"""Every sentence a person reads, kept in ``en/*.toml`` and looked up by a dotted name.

``say("case.taken_on", who="…")`` fills ``{who}``. A missing name is a programming error and raises
KeyError; ``tests/flows/test_words.py`` proves that every name used exists and every one that exists is used.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files


@cache
def _table() -> dict[str, str]:
    table: dict[str, str] = {}
    pages = [path for path in (files("flows.words") / "en").iterdir() if path.name.endswith(".toml")]
    for path in sorted(pages, key=lambda p: p.name):
        _flatten("", tomllib.loads(path.read_text("utf-8")), table)
    return table


def _flatten(prefix: str, node: dict[str, object], into: dict[str, str]) -> None:
    for name, value in node.items():
        if isinstance(value, dict):
            _flatten(f"{prefix}{name}.", value, into)
        else:
            into[prefix + name] = str(value)


def say(name: str, /, **values: object) -> str:
    """Return the sentence called ``name`` with its ``{gaps}`` filled."""
    text = _table()[name]
    return text.format(**values) if values else text


def known(name: str) -> bool:
    """Return whether there is a sentence of that name."""
    return name in _table()
