"""A form or a card as a renderer is given it, a line for each thing on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from flows.ui.intents import encode


def outline(part: Any, depth: int = 0) -> Iterator[str]:
    """Yield a line for each thing on a page: its kind and all that is said of it, without empty parts."""
    plain, inner = [], []
    for name, value in msgspec.structs.asdict(part).items():
        listed = value if isinstance(value, tuple) else ()
        if any(isinstance(one, msgspec.Struct) for one in listed):
            inner.append((name, listed))
        elif value not in ("", (), None, False):
            words = value[:50] if isinstance(value, str) else value
            plain.append(f"{name}={encode(value) if name in ('intent', 'submit') else words}")
    yield f"{'  ' * depth}{type(part).__name__} {' · '.join(plain)}"
    for name, listed in inner:
        yield f"{'  ' * depth} {name}"
        for one in listed:
            yield from outline(one, depth + 1)
