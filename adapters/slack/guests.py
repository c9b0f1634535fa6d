"""Who somebody is: a full member of the workspace or not, kept for ten minutes; and what they are called.

Slack's own words for people who are not: ``is_restricted`` and ``is_ultra_restricted`` (guests),
``is_stranger`` (another organisation), ``is_bot``, ``deleted``:
https://docs.slack.dev/reference/objects/user-object
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Collection
from typing import Any

from msgspec.structs import replace

from adapters.slack import limits
from adapters.slack.api_call import asked
from adapters.slack.client import Web
from adapters.slack.membership import looked_up
from adapters.slack.origin import Origin
from adapters.slack.parse import actor
from flows.errors import PlatformError
from flows.ports import Directory

_FRESH = 600.0
_MOST = 5000
_NOT_MEMBERS = ("is_restricted", "is_ultra_restricted", "is_stranger", "is_bot", "deleted")
#: how the ids of people and of channels begin
_PERSONS, _PLACES = ("U", "W"), ("C", "G")
#: names looked up for one message
_MOST_NAMES = 20


class People:
    def __init__(
        self, web: Web, directory: Directory, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._web, self._directory, self._clock = web, directory, clock
        self._known: dict[tuple[str, str], tuple[float, bool]] = {}
        self._names: dict[str, str] = {}

    def known(self, origin: Origin) -> bool:
        """Return whether somebody belongs to a school, as a member or as a guest."""
        return self._directory.resolve(actor(origin, guest=False)) is not None

    async def is_guest(self, origin: Origin) -> bool:
        """Return whether somebody acts as a guest. Slack is asked only where the answer matters.

        Raises PlatformError if Slack cannot say: that is no answer.
        """
        who = actor(origin, guest=True)
        as_guest, as_member = self._directory.resolve(who), self._directory.resolve(replace(who, guest=False))
        if as_member is None or (as_guest is not None and as_guest.people == as_member.people):
            return False  # a stranger, or only a holder of seats: it makes no difference
        where = (origin.team, origin.account)
        known = self._known.get(where)
        if known and self._clock() - known[0] < _FRESH:
            return known[1]
        client = await self._web.client(origin.team, origin.enterprise)
        found = await looked_up(client, origin.account)
        guest = not_member(found, origin.team, origin.enterprise)
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[where] = (self._clock(), guest)
        return guest

    async def names(self, ids: Collection[str], origin: Origin) -> dict[str, str]:
        """Return the names that stand behind ids; an id that Slack does not explain stays one."""
        wanted = sorted(set(ids) - self._names.keys())[:_MOST_NAMES]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limits.NAMES_WITHIN):
                await asyncio.gather(*(self._name(id_, origin) for id_ in wanted))
        return {id_: self._names[id_] for id_ in ids if id_ in self._names}

    async def _name(self, id_: str, origin: Origin) -> None:
        with contextlib.suppress(PlatformError):
            client = await self._web.client(origin.team, origin.enterprise)
            if id_[:1] in _PLACES:
                found = (await asked(client.conversations_info(channel=id_), writes=False)).get(
                    "channel"
                ) or {}
                name = found.get("name")
            elif id_[:1] in _PERSONS:
                found = (await asked(client.users_info(user=id_), writes=False)).get("user") or {}
                name = display_name(found)
            else:
                return
            if len(self._names) >= _MOST:
                self._names.clear()
            if name:
                self._names[id_] = str(name)


def display_name(found: dict[str, Any]) -> str:
    """Return what somebody is called where people read: their own choice first."""
    profile = found.get("profile") or {}
    named = (profile.get("display_name"), profile.get("real_name"), found.get("real_name"), found.get("name"))
    return str(next(filter(None, named), ""))


def not_member(found: dict[str, Any], team: str, enterprise: str = "") -> bool:
    """Return whether Slack's description of a person is that of anything but a full member of this team.

    In a channel shared with another organisation people of both are seen; in an organisation of several
    workspaces a person may be described by another workspace of the same organisation.
    """
    if not found or any(found.get(name) for name in _NOT_MEMBERS):
        return True
    grid = found.get("enterprise_user") or {}
    ours = {str(grid.get("enterprise_id") or ""), *map(str, grid.get("teams") or ())} - {""}
    home = str(found.get("team_id") or "")
    return bool(home and team) and home not in (team, enterprise) and not ours & {team, enterprise}
