"""The present moment, ids that sort by it, and codes that do not. Nobody else asks what time it is."""

from __future__ import annotations

import datetime as dt
import secrets
import threading
import time

from flows.references import CODE_LENGTH, CODE_LETTERS

#: Crockford's alphabet: no I, L, O, U. https://github.com/ulid/spec
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH, _RANDOM_BITS = 26, 80


class SystemClock:
    """The computer's clock."""

    def now(self) -> dt.datetime:
        """Return the present moment, aware, UTC."""
        return dt.datetime.now(dt.UTC)


class _Mint:
    """Makes ULIDs; each is greater than the one before, even within a millisecond or a clock set back."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def next(self, milliseconds: int) -> str:
        """Return the next id for that moment."""
        fresh = milliseconds << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
        with self._lock:
            self._last = value = fresh if fresh > self._last else self._last + 1
        return "".join(_ALPHABET[value >> 5 * place & 31] for place in reversed(range(_LENGTH)))


_mint = _Mint()


def new_id() -> str:
    """Return a new ULID: 26 letters and digits, sorted by the time they were made in this process."""
    return _mint.next(time.time_ns() // 1_000_000)


def new_code() -> str:
    """Return a code for a reference, drawn by lot; whether it is taken, the store knows."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
