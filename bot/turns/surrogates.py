"""Text as it can be kept. Some clients cut a character in half; half a character can be written nowhere."""

from __future__ import annotations

from enum import Enum
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

T = TypeVar("T")
_encode = msgspec.msgpack.Encoder().encode


def legible(value: T) -> T:
    """Return ``value`` with every half character in it replaced by the sign for one that is missing."""
    try:
        _encode(value)  # nearly always: nothing to replace, and this finds out at once
    except UnicodeEncodeError:
        found: T = _legible(value)
        return found
    return value


def _legible(value: Any) -> Any:  # Any: whatever an inbound can hold
    match value:
        case Enum():
            return value
        case str():
            return value if value.isascii() else _whole(value)
        case tuple():
            return tuple(_legible(part) for part in value)
        case dict():
            return {_legible(name): _legible(part) for name, part in value.items()}
        case Struct():
            return replace(
                value, **{name: _legible(getattr(value, name)) for name in value.__struct_fields__}
            )
        case _:
            return value


def _whole(text: str) -> str:
    # Two halves that stand together are one character; a half alone becomes U+FFFD.
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
