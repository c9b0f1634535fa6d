"""How long to wait before a message is tried again, and when to change its form.

Figures are ours; the reason for the quarantine is measured: a platform that accepts a request after
our time-out makes a double unless we wait longer than that before looking it up.
"""

from __future__ import annotations

import datetime as dt

#: A send with unknown outcome rests this long before it is looked up or repeated.
QUARANTINE = dt.timedelta(minutes=2)
#: Nothing rests longer than this, unless the platform asks: after an outage it must go out soon.
LONGEST = dt.timedelta(minutes=5)
#: After so many attempts, while other messages are taken, it is this one's form that is the trouble.
MOST_ATTEMPTS = 8
_FIRST = dt.timedelta(seconds=2)
_LONGEST = dt.timedelta(minutes=15)
_DOUBLINGS = 16


def backoff(attempts: int, *, asked: float = 0.0) -> dt.timedelta:
    """Return how long to rest after ``attempts`` refusals; never less than the platform asked (seconds)."""
    # The power is capped, not only its outcome: a platform that is down for a day must not overflow it.
    grown: dt.timedelta = min(_FIRST * 2 ** min(max(attempts - 1, 0), _DOUBLINGS), _LONGEST)
    return max(grown, dt.timedelta(seconds=asked))


def exhausted(attempts: int) -> bool:
    """Return whether a message has been tried often enough as it is."""
    return attempts >= MOST_ATTEMPTS
