"""Who is staff because they are in the school's staff channel, as last seen. Looked at every ten minutes.

The school's file names a private channel that the bot is in (``slack_user_group``); that needs no further
permission. Whoever is no full member of the workspace does not count, and a
channel that is shared or not private vouches for nobody. Where Slack does not answer,
what was seen last stays, for a day at most; nobody is staff before the first look.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping

from adapters.slack.api_call import asked
from adapters.slack.client import Web
from adapters.slack.guests import not_member
from adapters.slack.membership import Members
from flows.errors import ReportingError, Retryable
from flows.ports import Directory
from flows.school import Platform, School, SchoolId

_log = logging.getLogger("adapters.slack")
#: seconds between two looks, and after which what was seen counts no more
LOOK_EVERY, BELIEVED_FOR = 600.0, 86_400.0


class StaffChannels:
    def __init__(
        self,
        web: Web,
        members: Members,
        directory: Directory,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._web, self._members, self._directory, self._clock = web, members, directory, clock
        self._seen: dict[SchoolId, tuple[float, dict[str, str]]] = {}

    def accounts(self, school: School) -> Mapping[str, str]:
        """Return the accounts of a school's staff channel, with the names shown there."""
        seen = self._seen.get(school.id)
        return seen[1] if seen and self._clock() - seen[0] < BELIEVED_FOR else {}

    async def look(self) -> None:
        """Look once at every school's staff channel."""
        for school in self._directory.schools.values():
            channel = school.staff.slack_user_group
            if not channel:
                continue
            try:
                await self._look_at(school, channel)
            except ReportingError as error:
                _log.warning("staff.unseen", extra={"reference": error.reference})

    async def keep_looking(self) -> None:
        """Look now and every ten minutes, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY)

    async def _look_at(self, school: School, channel: str) -> None:
        workspace = school.workspaces.get(Platform.SLACK, "")
        membership = await self._members.of(workspace, channel)
        if not membership.accounts:
            raise Retryable("slack-staff-channel", "The staff channel cannot be seen.", after=LOOK_EVERY)
        if not membership.fit:
            # a place that others share, or that anybody may join, vouches for nobody
            _log.warning("staff.unfit", extra={"reference": "slack-channel-unfit"})
            self._seen[school.id] = (self._clock(), {})
            return
        known = self.accounts(school)
        found = {account: known[account] for account in membership.accounts & set(known)}
        for account in sorted(membership.accounts - set(known)):
            if name := await self._name(workspace, account):
                found[account] = name
        self._seen[school.id] = (self._clock(), found)

    async def _name(self, workspace: str, account: str) -> str:
        """Return a full member's name; "" for everybody else."""
        client = await self._web.client(workspace)
        found = (await asked(client.users_info(user=account), writes=False)).get("user") or {}
        grant = await self._web.tokens.grant(workspace)
        if not_member(found, grant.team if grant else workspace, grant.enterprise if grant else ""):
            return ""
        return str(found.get("real_name") or found.get("name") or account)
