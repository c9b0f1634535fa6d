"""Whether somebody is a full member of the workspace. Kept for ten minutes; unknown means guest.

Slack's own words for people who are not: ``is_restricted`` and ``is_ultra_restricted`` (guests),
``is_stranger`` (another organisation), ``is_bot``, ``deleted``:
https://docs.slack.dev/reference/objects/user-object
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from adapters.slack.api_call import asked
from adapters.slack.client import Web
from adapters.slack.origin import Origin
from adapters.slack.parse import actor
from flows.errors import PlatformError
from flows.ports import Directory

_FRESH = 600.0
_MOST = 5000
_NOT_MEMBERS = ("is_restricted", "is_ultra_restricted", "is_stranger", "is_bot", "deleted")


class People:
    def __init__(
        self, web: Web, directory: Directory, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._web, self._directory, self._clock = web, directory, clock
        self._known: dict[tuple[str, str], tuple[float, bool]] = {}

    async def is_guest(self, origin: Origin) -> bool:
        """Return whether somebody acts as a guest. Slack is asked only where the answer matters."""
        who = actor(origin, guest=True)
        as_guest, as_member = self._directory.resolve(who), self._directory.resolve(replace(who, guest=False))
        if as_member is None or (as_guest is not None and as_guest.people == as_member.people):
            return False  # a stranger, or only a holder of seats: it makes no difference
        where = (origin.team, origin.account)
        known = self._known.get(where)
        if known and self._clock() - known[0] < _FRESH:
            return known[1]
        try:
            client = await self._web.client(origin.team, origin.enterprise)
            found = (await asked(client.users_info(user=origin.account), writes=False)).get("user") or {}
        except PlatformError:
            return True
        guest = not_member(found)
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[where] = (self._clock(), guest)
        return guest


def not_member(found: dict[str, Any]) -> bool:
    """Return whether Slack's description of a person is that of anything but a full member."""
    return not found or any(found.get(name) for name in _NOT_MEMBERS)
