"""People are told on another platform that one is down, and that it is up again: once each, whoever restarts.

Administrators, and whoever is on call where a case waits. Where no platform was left to tell it by, they are
told once it is over, if it went on for so long that it is news then. Somebody who must not know of a case
learns nothing from what waits of it: to them it is as if nothing did.
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

from msgspec.structs import replace

from bot.context import AppContext
from bot.platform_states import PlatformState, Where
from bot.reached import waits
from flows.calendar import local, spoken_since
from flows.delivery.follows import LATE
from flows.delivery.outbox import reach
from flows.delivery.sends import moved, plan
from flows.errors import Conflict
from flows.model import Change, Message, Send, SendState, Way
from flows.school import PersonId, Platform, School, Seat

_PREFIX = "outage/"
#: What is kept instead of a message's key where none could go: since when it is.
_UNHEARD = "since "
_AT = "%Y%m%dT%H%M%S"
#: Nobody is told more often than that.
_QUIET = dt.timedelta(hours=1)


class Outages:
    def __init__(self, context: AppContext) -> None:
        self.context = context
        #: whom we told that a platform is down, not yet that it is up, and by which message, or since when it
        #: is that no message could go: as stored
        self._told: dict[Where, dict[str, str]] = {}
        self._read = False
        #: when somebody was told last: one that comes and goes is no news each time
        self._last: dict[tuple[Where, PersonId], dt.datetime] = {}

    async def look(self) -> int:
        """Tell whoever has to be told now. Returns how many were."""
        shared = self.context.store.shared and (self.context.states.down() or self._told)
        if shared or not self._read:  # another worker may have told them since
            await self._recall()
            self._read = True
        done = 0
        for where, state in self.context.states.down().items():
            for school in self._schools(where):
                done += await self._down(school, where, state)
        for where in [where for where in self._told if self.context.states.of(where).works]:
            for school in self._schools(where):
                done += await self._up(school, where)
        return done

    # -- down ---------------------------------------------------------------------------------------

    async def _down(self, school: School, where: Where, state: PlatformState) -> int:
        now, done = self.context.now(), 0
        if state.since is None or not (state.refused or now - state.since >= LATE[True]):
            return 0  # it may be over in a moment
        on_call = [one for one in school.seats.get(Seat.ON_CALL, ()) if one not in school.administrators]
        for person in (*school.administrators, *on_call):
            key = f"{_PREFIX}{where[1]}/{school.id}/{person}"
            last = self._last.get((where, person))
            told = self._told.get(where, {}).get(key, _UNHEARD)
            if not told.startswith(_UNHEARD):
                done += await self._another_way(school, person, told)
                continue
            if last is not None and now - last < _QUIET:
                continue
            called = person in on_call
            since, _ = await waits(self.context, school, state, person, of_a_case=called)
            if since is None:
                continue
            ways = reach(school, person, self.context.working(school))
            if not ways and now - since >= _QUIET:
                await self._keep(where, key, f"{_UNHEARD}{since:{_AT}}")
            if not ways or self._too_soon(school, where, ways[0]):
                continue
            facts = {"on": where[0], "state": "refused" if state.refused else "failing", "why": state.why}
            role = "on_call" if called else ""
            await self._keep(where, key, await self._tell(school, person, ways[0], since, **facts, role=role))
            self._last[where, person] = now
            done += 1
        return done

    async def _another_way(self, school: School, person: PersonId, told: str) -> int:
        """Let news that waits for a platform which is down itself go another way, if there is one."""
        send, works = await self.context.store.send(school.id, told), self.context.working(school)
        ways = reach(school, person, works)
        waits = send is not None and send.state in (SendState.WAITING, SendState.ATTEMPTED)
        if send is None or not waits or send.platform in works or not ways:
            return 0
        way = replace(
            send,
            platform=ways[0],
            state=SendState.WAITING,
            attempts=0,
            attempted_at=None,
            due=self.context.now(),
        )
        with suppress(Conflict):
            await self.context.commit(Change(school=school.id, updated_sends=(way,)))
        return 1

    # -- up -----------------------------------------------------------------------------------------

    async def _up(self, school: School, where: Where) -> int:
        done = 0
        mine = f"{_PREFIX}{where[1]}/{school.id}/"
        for key in [key for key in self._told[where] if key.startswith(mine)]:
            told, person = self._told[where].pop(key), PersonId(key.removeprefix(mine))
            send = await self.context.store.send(school.id, told)
            if send is not None and send.state is SendState.SENT:
                over = replace(send, facts={**send.facts, "state": "up"})
                await self._plan(school, moved(over, send.platform, self.context.now()))
                done += 1
            else:
                at = send.facts["at"] if send is not None else told.removeprefix(_UNHEARD)
                since = dt.datetime.strptime(at, _AT).replace(tzinfo=dt.UTC)
                done += await self._was_down(school, where, person, since)
            await self.context.store.remove_record(where[0], key)
        if not self._told[where]:
            del self._told[where]
        return done

    async def _was_down(self, school: School, where: Where, person: PersonId, since: dt.datetime) -> int:
        """Tell somebody that it is over who has not heard of it, if it went on for long enough to be news."""
        ways = reach(school, person, self.context.working(school))
        if not ways or self.context.now() - since < _QUIET:
            return 0
        await self._tell(school, person, ways[0], since, on=where[0], state="up")
        return 1

    async def _tell(
        self, school: School, person: PersonId, way: Platform, since: dt.datetime, **facts: str
    ) -> str:
        """Plan the news of a platform, for somebody; return its key."""
        at = {"since": spoken_since(local(since, school.time)), "at": f"{since:{_AT}}"}
        send = plan(
            Message.PLATFORM,
            Way.DIRECT,
            school=school.id,
            platform=way,
            person=person,
            facts={**facts, **at},
            due=self.context.now(),
        )
        await self._plan(school, send)
        return send.key

    async def _keep(self, where: Where, key: str, heard: str) -> None:
        self._told.setdefault(where, {})[key] = heard
        await self.context.store.put_record(where[0], key, heard.encode())

    async def _plan(self, school: School, send: Send) -> None:
        await self.context.commit(Change(school=school.id, new_sends=(send,)))

    async def _recall(self) -> None:
        self._told = {}
        for platform in self.context.platforms:
            for key in await self.context.store.records(platform, _PREFIX):
                workspace = key.removeprefix(_PREFIX).split("/", maxsplit=1)[0]
                value = await self.context.store.record(platform, key) or b""
                self._told.setdefault((platform, workspace), {})[key] = value.decode()

    def _too_soon(self, school: School, where: Where, way: Platform) -> bool:
        """Return whether the way has only just come up: what is down, not tried since, may be up as well."""
        up_at = self.context.states.of((way, self.context.directory.workspace(school.id, way))).up_at
        tried = self.context.states.of(where).tried_at
        return up_at is not None and tried is not None and tried <= up_at

    def _schools(self, where: Where) -> list[School]:
        directory = self.context.directory
        return [s for s in directory.schools.values() if directory.workspace(s.id, where[0]) == where[1]]
