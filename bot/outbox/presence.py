"""Whether somebody is still there: asked before they are told, and believed for a while.

A platform takes a message for an account that was switched off, into a chat that nobody reads.
"""

from __future__ import annotations

import datetime as dt

from flows.errors import PlatformError
from flows.ports import Address, Chat

#: How long an answer is believed.
_FRESH = dt.timedelta(minutes=10)
_MOST = 5000


class Presence:
    def __init__(self) -> None:
        self._gone: dict[Address, tuple[dt.datetime, bool]] = {}

    def forget(self) -> None:
        """Ask again: somebody may be there again."""
        self._gone.clear()

    async def gone(self, chat: Chat, to: Address, now: dt.datetime) -> bool:
        """Return whether nobody is behind a person's address any more; a platform that can't say says no."""
        known = self._gone.get(to)
        if known is not None and now - known[0] < _FRESH:
            return known[1]
        try:
            gone = not (await chat.members(to)).accounts
        except PlatformError:
            return False
        if len(self._gone) >= _MOST:
            self._gone.clear()
        self._gone[to] = (now, gone)
        return gone
