"""People are told on another platform that one is down, and that it is up again: once each, whoever restarts.

Administrators, and whoever is on call where a case waits. Somebody who must not know of a case learns nothing
from what waits of it: to them it is as if nothing did.
"""

from __future__ import annotations

import datetime as dt

from msgspec.structs import replace

from bot.context import AppContext
from bot.platform_states import PlatformState, Where
from bot.reached import waits
from flows.calendar import local, spoken_since
from flows.delivery.follows import LATE
from flows.delivery.outbox import reach
from flows.delivery.sends import moved, plan
from flows.model import Change, Message, Send, SendState, Way
from flows.school import PersonId, Platform, School, Seat

_PREFIX = "outage/"
#: Nobody is told more often than that.
_QUIET = dt.timedelta(hours=1)


class Outages:
    def __init__(self, context: AppContext) -> None:
        self.context = context
        #: whom we told that a platform is down, not yet that it is up, and by which message: as stored
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
            if key in self._told.get(where, {}) or (last is not None and now - last < _QUIET):
                continue
            called = person in on_call
            since, _ = await waits(self.context, school, state, person, of_a_case=called)
            if since is None:
                continue
            facts = {
                "on": where[0],
                "state": "refused" if state.refused else "failing",
                "why": state.why,
                "since": spoken_since(local(since, school.time)),
                "at": f"{since:%Y%m%dT%H%M%S}",
                "role": "on_call" if called else "",
            }
            ways = reach(school, person, [p for p in self.context.platforms if self._works(school, p)])
            if not ways or self._too_soon(school, where, ways[0]):
                continue
            send = plan(
                Message.PLATFORM,
                Way.DIRECT,
                school=school.id,
                platform=ways[0],
                person=person,
                facts=facts,
                due=now,
            )
            await self._plan(school, send)
            self._last[where, person] = now
            self._told.setdefault(where, {})[key] = send.key
            await self.context.store.put_record(where[0], key, send.key.encode())
            done += 1
        return done

    # -- up -----------------------------------------------------------------------------------------

    async def _up(self, school: School, where: Where) -> int:
        done = 0
        mine = f"{_PREFIX}{where[1]}/{school.id}/"
        for key in [key for key in self._told[where] if key.startswith(mine)]:
            send = await self.context.store.send(school.id, self._told[where].pop(key))
            if send is not None and send.state is SendState.SENT:  # else nobody has heard that it was down
                over = replace(send, facts={**send.facts, "state": "up"})
                await self._plan(school, moved(over, send.platform, self.context.now()))
                done += 1
            await self.context.store.remove_record(where[0], key)
        if not self._told[where]:
            del self._told[where]
        return done

    async def _plan(self, school: School, send: Send) -> None:
        await self.context.commit(Change(school=school.id, new_sends=(send,)))

    async def _recall(self) -> None:
        self._told = {}
        for platform in self.context.platforms:
            for key in await self.context.store.records(platform, _PREFIX):
                workspace = key.removeprefix(_PREFIX).split("/", maxsplit=1)[0]
                value = await self.context.store.record(platform, key) or b""
                self._told.setdefault((platform, workspace), {})[key] = value.decode()

    def _works(self, school: School, platform: Platform) -> bool:
        where = platform, self.context.directory.workspace(school.id, platform)
        return self.context.states.of(where).since is None

    def _too_soon(self, school: School, where: Where, way: Platform) -> bool:
        """Return whether the way has only just come up: what is down, not tried since, may be up as well."""
        up_at = self.context.states.of((way, self.context.directory.workspace(school.id, way))).up_at
        tried = self.context.states.of(where).tried_at
        return up_at is not None and tried is not None and tried <= up_at

    def _schools(self, where: Where) -> list[School]:
        directory = self.context.directory
        return [s for s in directory.schools.values() if directory.workspace(s.id, where[0]) == where[1]]
