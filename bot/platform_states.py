"""How each platform is: up or down, since when, why, and what waits for it.

It is worked out from what the platform answers to what we send, never to what we only ask: a platform may
let itself be read while it takes nothing. While it is down everything for it waits as it is, and one
message at a time tries whether it works again.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable

from msgspec import Struct, field

from bot.log import Ref, note
from flows.delivery.follows import FOLLOWS, Sign
from flows.delivery.sends import calls_somebody, rank
from flows.errors import Response
from flows.model import CaseId, Send
from flows.school import Platform, SchoolId

#: A platform, and the workspace or tenant on it: another school's may be well.
Where = tuple[Platform, str]
#: So many failures in a row, in so many places, are the platform's and not a place's.
_FAILURES, _PLACES = 3, 2
#: So often the same message tries whether a connection is let in again; then others do as well.
_SAME = 3
#: It is tried again after this long, then after twice as long each time, up to the longest.
_FIRST_REST = dt.timedelta(seconds=15)
_LONGEST_REST = {True: dt.timedelta(minutes=1), False: dt.timedelta(minutes=5)}


class Held(Struct, kw_only=True):
    """What waits for a platform, of one case of a school, or of none: how much, and since when."""

    count: int
    since: dt.datetime


class PlatformState(Struct, kw_only=True):
    """One platform. ``since`` None = it is up; ``refused`` = a person has to mend the connection.

    ``works`` = it has taken something since we started, and nothing has said otherwise; ``up_at`` = when it
    came up again.
    """

    since: dt.datetime | None = None
    why: str = ""
    refused: bool = False
    works: bool = False
    up_at: dt.datetime | None = None
    held: dict[tuple[SchoolId, CaseId | None], Held] = {}
    tried_at: dt.datetime | None = None
    tries_at: dt.datetime | None = None
    rest: dt.timedelta = _FIRST_REST
    tries: int = 0
    tried_with: set[str] = field(default_factory=set)
    failures: int = 0
    places: set[str] = field(default_factory=set)

    @property
    def waiting(self) -> int:
        """How much waits for it."""
        return sum(held.count for held in self.held.values())

    def in_turn(self, sends: list[Send]) -> list[Send]:
        """Return what tries whether a platform works again: what presses first, and who is told before lines.

        Where that is refused again and again, every other try is another message's: it may be only that one
        which is refused.
        """
        sends = sorted(sends, key=lambda send: (rank(send), not calls_somebody(send)))
        if not self.refused or self.tries < _SAME or self.tries % 2:
            return sends
        first = next((send for send in sends if send.key not in self.tried_with), None)
        if first is None:
            self.tried_with.clear()
            return sends
        self.tried_with.add(first.key)
        return [first, *(send for send in sends if send is not first)]

    def hold(self, sends: Iterable[Send]) -> None:
        """Take in all that waits for it."""
        self.held = {}
        for send in sends:
            since = send.waits_since or send.due
            held = self.held.setdefault((send.school, send.case), Held(count=0, since=since))
            held.count, held.since = held.count + 1, min(held.since, since)


class PlatformStates:
    def __init__(self) -> None:
        self._states: dict[Where, PlatformState] = {}

    def of(self, where: Where) -> PlatformState:
        """Return how a platform is; one that has not answered yet counts as up."""
        return self._states.setdefault(where, PlatformState())

    def down(self) -> dict[Where, PlatformState]:
        """Return the platforms that are down."""
        return {where: state for where, state in self._states.items() if state.since is not None}

    def may_try(self, where: Where, now: dt.datetime) -> bool:
        """Return whether one message may try whether the platform works again."""
        tries_at = self.of(where).tries_at
        return tries_at is None or tries_at <= now

    def next_try(self) -> dt.datetime | None:
        """Return when the next platform that is down, and for which something waits, is tried."""
        moments = [state.tries_at for state in self.down().values() if state.waiting and state.tries_at]
        return min(moments, default=None)

    def stirs(self, where: Where, now: dt.datetime) -> bool:
        """Let a platform that is down be tried at once, since something came in from it."""
        state = self.of(where)
        if state.since is None or state.tried_at is None or now - state.tried_at < _FIRST_REST:
            return False
        state.tries_at = now
        return True

    def heard(self, where: Where, place: str, response: Response, why: str, now: dt.datetime) -> None:
        """Take in what a platform answered to a message for a place."""
        state = self.of(where)
        match FOLLOWS[response].sign:
            case Sign.WORKS:
                self._up(where, state, now)
            case Sign.REFUSES:
                self._down(where, state, why, now, refused=True)
            case Sign.FAILS:
                state.failures += 1
                state.places.add(place)
                if state.since is not None or (state.failures >= _FAILURES and len(state.places) >= _PLACES):
                    self._down(where, state, why, now, refused=False)
            case Sign.NOTHING:
                pass

    def _up(self, where: Where, state: PlatformState, now: dt.datetime) -> None:
        if state.since is not None:
            note("platform.up", platform=where[0], since=state.since, waiting=state.waiting)
        self._states[where] = PlatformState(works=True, up_at=now if state.since else state.up_at)

    def _down(self, where: Where, state: PlatformState, why: str, now: dt.datetime, *, refused: bool) -> None:
        if state.since is None or (refused and not state.refused):
            note(
                "platform.down",
                level=logging.ERROR,
                platform=where[0],
                reference=Ref(why),
                waiting=state.waiting,
            )
        state.since, state.why, state.refused = state.since or now, why, refused
        if state.tries_at is not None and now < state.tries_at:
            return  # one of several that were under way when it went down: no try of its own
        state.tries += 1
        state.tried_at, state.tries_at = now, now + state.rest
        state.rest = min(state.rest * 2, _LONGEST_REST[refused])
