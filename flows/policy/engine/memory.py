"""What was worked out before from the same bits, so that it is not worked out again."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


class Memory(dict[int, T]):
    """At most so many values by their bits (0 = none); a full one starts anew."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def remember(self, key: int, value: T) -> T:
        """Return the value, kept for the next who asks with the same bits."""
        if self.most:
            if len(self) >= self.most:
                self.clear()
            self[key] = value
        return value
