"""JSON that is nearly what it was: a part of it another, gone, twice, or somewhere else as well.

Changed bytes seldom are JSON still; so what reads JSON would not be tried. Used by :mod:`tests.fuzz.guided`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

#: what stands anywhere instead of what stood there
ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, 10**40, "", " ", "\x00", "\ud83d", "{}", "<!channel>", "x" * 3000),
    *([], {}, [[]], [None], {"": None}, ["x"] * 200, [{}, "x", 1]),
)
#: each new where it is put in: one tree must not stand in itself
_WRITTEN = tuple(json.dumps(one) for one in ODD)
_TIMES = (1, 1, 1, 2, 4)


def bent(content: bytes, most: int, seed: int, *, word: Callable[[bytes], bytes]) -> bytes:
    """Return other JSON of at most so many bytes; ``word`` changes the bytes of one text in it."""
    random = Random(seed)  # noqa: S311 - the same from the same seed
    try:
        tree = json.loads(content)
    except (ValueError, RecursionError):
        return word(content)[:most]
    for _ in range(random.choice(_TIMES)):
        tree = _bend(tree, random, word)
    written = json.dumps(tree).encode()
    return written if len(written) <= most else content[:most]


def _bend(tree: Any, random: Random, word: Callable[[bytes], bytes]) -> Any:
    places = list(_places(tree))
    if not places:
        return json.loads(random.choice(_WRITTEN))
    inside, key = random.choice(places)
    match random.randrange(6):
        case 0:
            inside[key] = json.loads(random.choice(_WRITTEN))
        case 1:
            del inside[key]
        case 2:
            other, name = random.choice(places)
            inside[key] = json.loads(json.dumps(other[name]))
        case 3 if isinstance(inside, dict):
            inside[str(random.choice(places)[1])] = inside.pop(key)
        case 4 if isinstance(inside, list):
            inside.extend(inside[:20])
        case _ if isinstance(inside[key], str):
            inside[key] = word(inside[key].encode("utf-8", "replace")).decode("utf-8", "replace")
        case _:
            inside[key] = [inside[key]]
    return tree


def _places(tree: Any) -> list[tuple[Any, Any]]:
    """Return each place in it: what holds it, and under which name or number."""
    found, left = list[tuple[Any, Any]](), [tree]
    while left:
        inside = left.pop()
        names = (
            list(inside)
            if isinstance(inside, dict)
            else range(len(inside))
            if isinstance(inside, list)
            else ()
        )
        for name in names:
            found.append((inside, name))
            left.append(inside[name])
    return found
