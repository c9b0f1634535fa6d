"""The loop that a command runs in: to import asyncio takes a third of the start, and help needs none."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run it to its end; return what it gives."""
    import asyncio  # noqa: PLC0415 - only what runs needs it

    return asyncio.run(work)
