"""Three readers with a fault put in by hand: whether fuzzing finds what it is there for."""

from __future__ import annotations

import json
import time

from tests.fuzz.readers import Reader

_KEPT: list[bytes] = []
#: what is kept of an input, whatever its length (bytes). Memory is looked at once a second: so much, so
#: slowly, is over the limit in some five seconds and never fills a machine
_EACH, _PAUSE = 100_000, 0.001


def _raises(content: bytes) -> None:
    """Take for granted that a name is one."""
    try:
        body = json.loads(content)
    except ValueError:
        return
    if isinstance(body, dict) and "name" in body:
        body["name"].strip()


def _hangs(content: bytes) -> None:
    """Never end where a sign comes twice."""
    while content.count(b"(") > 1:
        time.sleep(0.1)


def _grows(content: bytes) -> None:
    """Forget nothing that was read."""
    _KEPT.append(content.ljust(_EACH, b"x"))
    time.sleep(_PAUSE)


READERS = {
    "raises": Reader(_raises, (b'{"name": "x"}',), json=True),
    "hangs": Reader(_hangs, (b"f(x)", b"(y")),
    "grows": Reader(_grows, (b"x" * 400,)),
}
