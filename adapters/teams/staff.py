"""Who is staff because Teams says so: by the school's staff team, or by where their e-mail address ends.

A team is looked at every few minutes. An address is asked for when somebody comes whom the school's file does
not list, in our own chat with them: Teams shows a bot only the people of places it is in. Guests never count.
Where Teams does not answer, what was seen last stays, for a day at most.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import ChainMap
from collections.abc import Callable, Mapping

from adapters.teams import limits
from adapters.teams.roster import Member, member
from adapters.teams.send import TeamsChat
from flows.errors import Permanent, PlatformError, Retryable
from flows.ports import Directory, Door
from flows.school import Platform, School, SchoolId
from flows.ui.inbound import Actor, Inbound, Refuse, Reply
from flows.words import say

_log = logging.getLogger("adapters.teams")
#: seconds between two looks, and after which what was seen counts no more
LOOK_EVERY, BELIEVED_FOR = 300.0, 86_400.0
#: people whose address is remembered
_MOST = 5000


class TeamsStaff:
    def __init__(
        self, chat: TeamsChat, directory: Directory, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._chat, self._directory, self._clock = chat, directory, clock
        self._teams: dict[str, dict[str, str]] = {}
        #: by account: when they were asked about
        self._met: dict[str, float] = {}
        self._named: dict[SchoolId, dict[str, str]] = {}

    def accounts(self, school: School) -> Mapping[str, str]:
        """Return the accounts that count as a school's staff, with the names shown there."""
        return ChainMap(self._named.get(school.id, {}), self._teams.get(school.staff.teams_team, {}))

    @property
    def goes_by_team(self) -> bool:
        """Whether any school has a staff team."""
        return any(school.staff.teams_team for school in self._directory.schools.values())

    async def look(self) -> None:
        """Look once who is in the staff teams; where that fails, what was seen last stays."""
        for team in {s.staff.teams_team for s in self._directory.schools.values()} - {""}:
            try:
                self._teams[team] = await self._chat.staff(team)
            except PlatformError as error:
                _log.warning("staff.unseen", {"reference": error.reference})

    async def keep_looking(self) -> None:
        """Look now and every few minutes, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY)

    async def meet(self, actor: Actor) -> None:
        """Ask where somebody's address ends, if a school goes by that and does not list them as staff.

        Raises Retryable if Teams cannot say and nothing is remembered: that is no answer.
        """
        account = actor.account.lower()
        schools = [school for school in self._directory.schools.values() if self._unsure(school, actor)]
        met = self._met.get(account)
        if not account or not schools or (met is not None and self._clock() - met < LOOK_EVERY):
            return
        try:
            found = await self._asked_about(actor.workspace or self._chat.tenant, account)
        except Retryable:
            if met is not None and self._clock() - met < BELIEVED_FOR:
                return
            raise
        if len(self._met) >= _MOST:
            self._met.clear()
            self._named.clear()
        self._met[account] = self._clock()
        for school in schools:
            named = self._named.setdefault(school.id, {})
            if found is not None and found.ends() & set(school.staff.email_domains):
                named[account] = found.name
            else:
                named.pop(account, None)

    def _unsure(self, school: School, actor: Actor) -> bool:
        workspace = school.workspaces.get(Platform.TEAMS, "")
        if not school.staff.email_domains or workspace not in ("", actor.workspace):
            return False
        person = self._directory.person_at(school.id, Platform.TEAMS, actor.account)
        return person is None or not school.may_report(person)

    async def _asked_about(self, tenant: str, account: str) -> Member | None:
        """Return a full member of the tenant as our chat with them shows them; None for anybody else."""
        try:
            chat = await self._chat.chat_with(tenant, account)
            calls = self._chat.connectors.to(chat.service_url).conversations
            page = await calls.get_teams_conversation_paged_members(
                chat.conversation, limits.ROSTER_PAGE, None
            )
        except Permanent:
            return None  # we are not in a chat with them, so they cannot be shown to be anybody
        people = [member(one) for one in page.members or []]
        return next((m for m in people if m.account == account and not m.guest(self._chat.tenant)), None)


class Introduced:
    """A door before which whoever comes is asked about, so that it knows who is staff."""

    def __init__(self, door: Door, staff: TeamsStaff) -> None:
        self._door, self._staff = door, staff

    async def handle(self, inbound: Inbound) -> Reply:
        """Hand in; where Teams cannot say who somebody is, that is what they are told."""
        try:
            await self._staff.meet(inbound.actor)
        except PlatformError:
            return Refuse(say("teams.trouble.cannot_ask"), reference="teams-cannot-ask")
        return await self._door.handle(inbound)

    async def evidence(self, actor: Actor, case: str, sha256: str) -> tuple[str, bytes] | None:
        """Return a file of a case, as the door does."""
        return await self._door.evidence(actor, case, sha256)

    async def figures(self, actor: Actor, asked: str) -> tuple[str, str, bytes] | None:
        """Return a term's figures as a file, as the door does."""
        return await self._door.figures(actor, asked)
