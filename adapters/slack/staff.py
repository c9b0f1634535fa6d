"""Who is staff because Slack says so: by the school's staff channel, its user group, or their e-mail address.

Channel and user group are looked at every ten minutes. An e-mail address is asked for when somebody comes
whom nobody knows yet, and counts where its end is one the school names and Slack has confirmed it. Only full
members of the workspace count, and a channel that is shared or not private vouches for nobody. Where Slack
does not answer, what was seen last stays, for a day at most; nobody is staff before the first look.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import ChainMap
from collections.abc import Callable, Mapping
from typing import Any

from adapters.slack import limits
from adapters.slack.api_call import asked, pages
from adapters.slack.client import Web
from adapters.slack.guests import not_member
from adapters.slack.membership import Members, looked_up
from adapters.slack.origin import Origin
from flows.errors import ReportingError, Retryable
from flows.ports import Directory
from flows.school import Platform, School, SchoolId

_log = logging.getLogger("adapters.slack")
#: seconds between two looks, and after which what was seen counts no more
LOOK_EVERY, BELIEVED_FOR = 600.0, 86_400.0
#: people whose e-mail address is remembered
_MOST = 5000


class SlackStaff:
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
        #: by workspace and account: when they were asked about, their name and where their address ends
        self._met: dict[tuple[str, str], tuple[float, str, str]] = {}
        self._named: dict[SchoolId, dict[str, str]] = {}

    def accounts(self, school: School) -> Mapping[str, str]:
        """Return the accounts that count as a school's staff, with the names shown there."""
        return ChainMap(self._named.get(school.id, {}), self._listed(school))

    def _listed(self, school: School) -> dict[str, str]:
        seen = self._seen.get(school.id)
        return seen[1] if seen and self._clock() - seen[0] < BELIEVED_FOR else {}

    # -- by channel and user group ---------------------------------------------------------------------

    async def look(self) -> None:
        """Look once at every school's staff channel and user group."""
        for school in self._directory.schools.values():
            if not (school.staff.slack_channel or school.staff.slack_user_group):
                continue
            try:
                await self.look_at(school)
            except ReportingError as error:
                _log.warning("staff.unseen", {"reference": error.reference})

    async def keep_looking(self) -> None:
        """Look now and every ten minutes, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY)

    async def look_at(self, school: School) -> set[str]:
        """Look at one school's; return whom it names. Raises PlatformError where that cannot be done."""
        workspace = school.workspaces.get(Platform.SLACK, "")
        accounts: frozenset[str] = frozenset()
        if school.staff.slack_channel:
            accounts |= await self.of_channel(workspace, school.staff.slack_channel)
        if school.staff.slack_user_group:
            accounts |= await self.of_user_group(workspace, school.staff.slack_user_group)
        known = self._listed(school)
        found = {account: known[account] for account in accounts & set(known)}
        for account in sorted(accounts - set(known)):
            if name := await self._name(workspace, account):
                found[account] = name
        self._seen[school.id] = (self._clock(), found)
        return set(found)

    async def of_channel(self, workspace: str, channel: str) -> frozenset[str]:
        """Return who is in a staff channel; nobody where others share it or anybody may join."""
        membership = await self._members.of(workspace, channel)
        if not membership.accounts:
            raise Retryable("slack-staff-channel", "The staff channel cannot be seen.", after=LOOK_EVERY)
        if not membership.fit:
            _log.warning("staff.unfit", {"reference": "slack-channel-unfit"})
            return frozenset()
        return membership.accounts

    async def of_user_group(self, workspace: str, group: str) -> frozenset[str]:
        """Return who is in a user group."""
        client = await self._web.client(workspace)
        found = await asked(client.usergroups_users_list(usergroup=group), writes=False)
        return frozenset(found.get("users") or ())

    async def _name(self, workspace: str, account: str) -> str:
        """Return a full member's name; "" for everybody else."""
        client = await self._web.client(workspace)
        found = (await asked(client.users_info(user=account), writes=False)).get("user") or {}
        return _called(found, account) if await self._full_member(workspace, found) else ""

    async def _full_member(self, workspace: str, found: dict[str, Any]) -> bool:
        grant = await self._web.tokens.grant(workspace)
        return not not_member(found, grant.team if grant else workspace, grant.enterprise if grant else "")

    # -- by e-mail address -------------------------------------------------------------------------------

    async def meet(self, origin: Origin) -> None:
        """Ask where somebody's address ends, if a school goes by that and does not list them as staff.

        Raises Retryable if Slack cannot say and nothing is remembered: that is no answer.
        """
        schools = [school for school in self._directory.schools.values() if _goes_by_email(school, origin)]
        schools = [school for school in schools if not self._may_report_anyway(school, origin.account)]
        where = (origin.team, origin.account)
        met = self._met.get(where)
        if not schools or (met and self._clock() - met[0] < LOOK_EVERY):
            return
        try:
            name, end = await self._asked_about(origin)
        except Retryable:
            if met and self._clock() - met[0] < BELIEVED_FOR:
                return
            raise
        if len(self._met) >= _MOST:
            self._met.clear()
            self._named.clear()
        self._met[where] = (self._clock(), name, end)
        for school in schools:
            named = self._named.setdefault(school.id, {})
            if end in school.staff.email_domains:
                named[origin.account] = name
            else:
                named.pop(origin.account, None)

    def _may_report_anyway(self, school: School, account: str) -> bool:
        person = self._directory.person_at(school.id, Platform.SLACK, account)
        return person is not None and school.may_report(person)

    async def _asked_about(self, origin: Origin) -> tuple[str, str]:
        """Return a full member's name and the end of their address; two times "" for everybody else."""
        client = await self._web.client(origin.team, origin.enterprise)
        found = await looked_up(client, origin.account)
        if not found or not_member(found, origin.team, origin.enterprise):
            return "", ""
        return _called(found, origin.account), end_of_address(found)

    async def by_email(self, school: School) -> set[str]:
        """Return the accounts of everybody whose address ends as the school's staff's do. For ``check``."""
        client = await self._web.client(workspace := school.workspaces.get(Platform.SLACK, ""))
        accounts = set[str]()
        async for page in pages(client.users_list, limit=limits.PEOPLE_PAGE):
            for found in page.get("members") or ():
                ours = end_of_address(found) in school.staff.email_domains
                if ours and await self._full_member(workspace, found):
                    accounts.add(str(found.get("id")))
        return accounts


def end_of_address(found: dict[str, Any]) -> str:
    """Return what stands behind the @ of somebody's address, in small letters; "" until it is confirmed."""
    address = (found.get("profile") or {}).get("email") or ""
    return address.rpartition("@")[2].lower() if found.get("is_email_confirmed", True) else ""


def _goes_by_email(school: School, origin: Origin) -> bool:
    workspace = school.workspaces.get(Platform.SLACK, "")
    return bool(school.staff.email_domains) and workspace in ("", origin.workspace)


def _called(found: dict[str, Any], account: str) -> str:
    return str(found.get("real_name") or found.get("name") or account)
