"""How platforms misbehave, and what stands on them: the part of the world that is not ours."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from random import Random

from msgspec import Struct

from flows.school import Platform
from tests.fakes import FakeClock


class Fault(StrEnum):
    """What goes wrong in a fortnight."""

    OUTAGE = "a whole platform cannot be reached"
    METHOD = "one method fails"
    CHANNEL = "one channel or chat fails"
    FAILING = "a platform answers with errors, having accepted or not"
    BUSY = "a platform asks to wait"
    LOST = "an answer is lost, having been accepted or not"
    REVOKED = "the connection is refused until somebody mends it"
    MESSAGE = "a message is refused as it stands"
    GONE = "a person's account is switched off, or takes no messages"
    PUBLIC = "a channel is made public, and private again"
    SHARED = "a channel is shared with others, and not any more"
    JOINS = "somebody who is kept out joins the channel"
    ROOT = "somebody deletes the first message of a thread"
    LATE = "what somebody pressed comes after what they pressed later"
    ROW = "the row of a case does not open for a while"
    TWICE = "what somebody did is delivered twice, or again days later"
    RESTART = "the bot is stopped and started again"
    KILL = "the bot is killed in the middle of something"


class Spell(Struct, frozen=True, kw_only=True):
    """One trouble: where and for how long. ``of`` = a method, a place or an account ("" = all of it)."""

    fault: Fault
    platform: Platform
    begins: dt.datetime
    ends: dt.datetime
    of: str = ""


class Seen(Struct, frozen=True):
    """What came to stand before people: when, where, what, and who could read it by then."""

    at: dt.datetime
    place: str
    text: str
    readers: frozenset[str]


class Standing(Struct, kw_only=True):
    """One message on a platform, as it is now."""

    place: str
    id: str
    text: str
    mark: str = ""
    thread: str = ""
    at: dt.datetime


#: Who joined a place so recently need not have been noticed: membership may be a minute old.
NOTICED = dt.timedelta(minutes=2)


_LONG_AGO = dt.datetime.min.replace(tzinfo=dt.UTC)


class Field:
    """What stands on one platform, who reads it there, and what is wrong with it at the moment."""

    def __init__(self, platform: Platform, clock: FakeClock, rng: Random) -> None:
        self.platform, self.clock, self.rng = platform, clock, rng
        self.spells: list[Spell] = []
        self.places: dict[str, dict[str, dt.datetime]] = {}
        self.messages: dict[tuple[str, str], Standing] = {}
        self.seen: list[Seen] = []
        self.doubled: list[str] = []
        self.calls = 0
        self.ever: set[tuple[str, str]] = set()

    def open(self, place: str, *accounts: str) -> None:
        """Let there be a place, with people in it."""
        self.places[place] = dict.fromkeys(accounts, self.clock.now())

    def wrong(self, *names: str) -> Fault | None:
        """Return what is wrong right now with any of these (a method, a place, an account), or with all."""
        now = self.clock.now()
        found = (s for s in self.spells if s.begins <= now < s.ends and (not s.of or s.of in names))
        return next((spell.fault for spell in found), None)

    def since(self, *, but: Spell | None = None) -> dt.datetime | None:
        """Return until when something was wrong last, ``but`` for this; None if it still is."""
        now = self.clock.now()
        begun = [s for s in self.spells if s.begins <= now and s is not but]
        return max((s.ends for s in begun), default=_LONG_AGO) if all(s.ends <= now for s in begun) else None

    def open_to_others(self) -> list[Spell]:
        """Return the channels that more people than the school's can read at the moment, by their spells."""
        now = self.clock.now()
        return [
            s for s in self.spells if s.fault in (Fault.PUBLIC, Fault.SHARED) and s.begins <= now < s.ends
        ]

    def flips(self) -> bool:
        """Return heads or tails: whether what failed had been accepted."""
        return self.rng.random() < 0.5

    def keep(self, place: str, text: str, *, mark: str, thread: str = "", repeat: bool = False) -> str:
        """Let a message stand; return its id."""
        if mark and not repeat and any(m.mark == mark and m.place == place for m in self.messages.values()):
            self.doubled.append(f"{self.platform} {place}: {text[:300]}")
        id_ = f"{1_700_000_000 + len(self.messages) + len(self.seen)}.0001"
        self.messages[place, id_] = Standing(
            place=place, id=id_, text=text, mark=mark, thread=thread, at=self.clock.now()
        )
        self.ever.add((place, id_))
        self._saw(place, text)
        return id_

    def change(self, place: str, id_: str, text: str) -> bool:
        """Let a message say something else; return whether it was there."""
        standing = self.messages.get((place, id_))
        if standing is None:
            return False
        standing.text = text
        self._saw(place, text)
        return True

    def delete(self, root: Standing) -> None:
        """Let somebody delete the first message of a thread; what stood below it nobody sees any more."""
        thread = [m for m in self.messages.values() if m.place == root.place and root.id in (m.id, m.thread)]
        for message in thread:
            del self.messages[message.place, message.id]

    def readers(self, place: str, *, noticed: bool = True) -> frozenset[str]:
        """Return who can read a place; ``noticed`` = and has been there long enough to be noticed."""
        before = self.clock.now() - NOTICED
        members = self.places.get(place, {})
        return frozenset(account for account, since in members.items() if not noticed or since <= before)

    def _saw(self, place: str, text: str) -> None:
        self.seen.append(Seen(self.clock.now(), place, text, self.readers(place)))
