"""Plays the story against a real store in a folder, and dies by SIGKILL at the n-th point.

What a platform would do after a crash is done here: a delivery that was not acknowledged comes again,
letter for letter. ``next.json`` is the delivery under way, ``done`` how many were acknowledged.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import signal
from pathlib import Path

import msgspec
from msgspec import Struct

from bot.clock import new_id
from bot.config.settings import SAMPLE_SCHOOL
from bot.rosters import take_rosters
from bot.school_file.load import load_schools
from bot.turns.handover import hand_over
from flows.model import Change, Committed
from flows.ports import Store
from flows.school import Platform, SchoolId
from flows.ui.inbound import Inbound, Refuse
from storage.open import Opening, open_store
from tests.crash.platform import FilePlatform
from tests.crash.story import PLATFORMS, Story, channels, everywhere
from tests.fakes import FakeClock
from tests.spawned import exit_of
from tests.town import SCHOOL, Town

_INBOUND = msgspec.json.Decoder(Inbound)


class Bugs(Struct, frozen=True):
    """Mistakes put in on purpose: the harness must see them."""

    acknowledge_first: bool = False
    no_look_up: bool = False


class Points:
    """Counts the places where a crash matters, and dies at one of them."""

    def __init__(self, die_at: int) -> None:
        """Die at the ``die_at``-th point; 0 = never."""
        self.names: list[str] = []
        self.die_at = die_at

    def __call__(self, name: str) -> None:
        """Pass a point."""
        self.names.append(name)
        if len(self.names) == self.die_at:
            os.kill(os.getpid(), signal.SIGKILL)


class PointedStore:
    """A store whose commits are points, before and after. Everything else is the store's own."""

    def __init__(self, store: Store, points: Points) -> None:
        """Wrap a store."""
        self._store = store
        self._points = points

    def __getattr__(self, name: str) -> object:
        """Give what the store has."""
        return getattr(self._store, name)

    async def commit(self, change: Change) -> Committed:
        """Commit between two points."""
        self._points("commit.before")
        done = await self._store.commit(change)
        self._points("commit.after")
        return done

    async def put_file(self, school: SchoolId, content: bytes) -> str:
        """Keep a file between two points."""
        self._points("file.before")
        done = await self._store.put_file(school, content)
        self._points("file.after")
        return done

    async def put_record(self, platform: Platform, key: str, content: bytes) -> None:
        """Keep an adapter's record between two points."""
        self._points("record.before")
        await self._store.put_record(platform, key, content)
        self._points("record.after")


async def opened(folder: Path) -> Store:
    """Open the store of a story: a file in its folder, or the database whose address lies there."""
    address = folder / "address"
    if address.exists():
        return await open_store(address.read_text("utf-8"), key=bytes(32))
    return await open_store(f"tinydb:{folder / 'reports.db'}", key=bytes(32), opening=Opening.EITHER)


async def play(folder: Path, *, die_at: int = 0, bugs: Bugs | None = None) -> int:
    """Play the story from where it stands in ``folder`` to its end; return how many points were passed."""
    bugs = bugs or Bugs()
    points = Points(die_at)
    school = everywhere(load_schools(SAMPLE_SCHOOL)[SCHOOL])
    store = await opened(folder)
    # After a crash the morning has moved on: further than any resting time.
    starts = _count_start(folder)
    clock = FakeClock(dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC) + dt.timedelta(minutes=5 * starts))
    town = Town(PointedStore(store, points), clock=clock)  # type: ignore[arg-type]
    town.school, town.context.new_id = school, new_id
    town.context.directory.reload({school.id: school})  # type: ignore[attr-defined]
    town.context.chats.clear()
    for platform in PLATFORMS:
        inside = channels(school, platform)
        can = not bugs.no_look_up
        town.context.add_chat(FilePlatform(folder, platform, inside, point=points, can_look_up=can))
    await take_rosters(town.context)
    await hand_over(town.context, town.service.casework)
    story = Story(town)
    done, under_way = folder / "done", folder / "next.json"
    while True:
        number = int(done.read_text()) if done.exists() else 0
        if number >= len(story.steps):
            break
        if under_way.exists():
            inbound: Inbound | None = _INBOUND.decode(under_way.read_bytes())
        else:
            inbound = await story.delivery(number)
            if inbound is not None:
                _write(under_way, msgspec.json.encode(inbound))
        if inbound is not None:
            if bugs.acknowledge_first:
                _acknowledge(done, under_way, number)
            reply = await town.service.handle(inbound)
            refused = isinstance(reply, Refuse) and not die_at and not starts
            assert not refused, f"{inbound}: {reply}"
            points("handled")
        _acknowledge(done, under_way, number)
        await town.settle()
    for _ in range(4):
        await town.later(minutes=5)
    await store.close()
    (folder / "names").write_text("\n".join(points.names))
    return len(points.names)


def _count_start(folder: Path) -> int:
    """Return how often the bot was started before in this folder."""
    starts = len(list(folder.glob("start-*")))
    (folder / f"start-{starts}").touch()
    return starts


def _acknowledge(done: Path, under_way: Path, number: int) -> None:
    # First the count, then the delivery: dying between the two must not bring the delivery again as the next.
    _write(done, str(number + 1).encode())
    under_way.unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    path.with_suffix(".new").write_bytes(content)
    path.with_suffix(".new").rename(path)


def run(folder: Path, *, die_at: int = 0, bugs: Bugs | None = None) -> int:
    """Play in a process of its own; return the points passed, or -1 if it was killed."""
    ended = exit_of(_play, folder, die_at, bugs)
    if ended < 0:
        return -1
    if ended:
        raise AssertionError((folder / "error").read_text())
    return int((folder / "seen").read_text())


def _play(folder: Path, die_at: int, bugs: Bugs | None) -> None:
    try:
        seen = asyncio.run(play(folder, die_at=die_at, bugs=bugs))
        (folder / "seen").write_text(str(seen))
    except BaseException as error:
        (folder / "error").write_text(repr(error))
        raise SystemExit(1) from error
