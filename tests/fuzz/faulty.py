"""Three readers with a fault put in by hand: whether fuzzing finds what it is there for."""

from __future__ import annotations

import json
import time

from tests.fuzz.readers import Reader

_KEPT: list[bytes] = []


def _raises(content: bytes) -> None:
    """Take for granted that a name is one."""
    try:
        body = json.loads(content)
    except ValueError:
        return
    if isinstance(body, dict) and "name" in body:
        body["name"].strip()


def _hangs(content: bytes) -> None:
    """Never end where two signs stand beside each other."""
    while b"((" in content:
        time.sleep(0.1)


def _grows(content: bytes) -> None:
    """Forget nothing that was read."""
    _KEPT.append(content * 2000)


READERS = {
    "raises": Reader(_raises, (b'{"name": "x"}',), json=True),
    "hangs": Reader(_hangs, (b"f(x)",)),
    "grows": Reader(_grows, (b"x" * 400,)),
}
