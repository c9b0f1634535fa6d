"""Plays the story against a real store in a folder, and dies by SIGKILL at the n-th point.

What a platform would do after a crash is done here: a delivery that was not acknowledged comes again,
letter for letter. ``next.json`` is the delivery under way, ``done`` how many were acknowledged.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
from msgspec import Struct

from bot.clock import new_id
from bot.config.settings import SAMPLE_SCHOOL
from bot.directory import leadership_people, restricted_people
from bot.rosters import take_rosters
from bot.school_file.load import load_schools
from bot.turns.handover import hand_over
from flows.model import Action, Change, Committed
from flows.ports import Store
from flows.school import Platform
from flows.ui.forms import Form
from flows.ui.inbound import Filled, Inbound, Pressed, Typed
from flows.ui.intents import Act, Begin, GoTo, SendReport, Settle
from storage.open import Opening, open_store
from tests.crash.platform import FilePlatform
from tests.fakes import FakeClock
from tests.town import SCHOOL, Town, page_values, shown_form

#: What is reported: an abusive, harmful posting about a teacher, with a threat somebody is not sure of.
ANSWERS = {
    "immediate_danger": "no",
    "violence": "not_sure",
    "targets": ("staff",),
    "poster": ("parent_carer",),
    "did": ("made",),
    "nature": ("abusive", "could_harm_reputation"),
    "words": "An invented posting.",
}
_INBOUND = msgspec.json.Decoder(Inbound)


class Bugs(Struct, frozen=True):
    """Mistakes put in on purpose: the harness must see them."""

    acknowledge_first: bool = False
    no_look_up: bool = False


class Points:
    """Counts the places where a crash matters, and dies at one of them."""

    def __init__(self, die_at: int) -> None:
        """Die at the ``die_at``-th point; 0 = never."""
        self.seen = 0
        self.die_at = die_at

    def __call__(self, _name: str) -> None:
        """Pass a point."""
        self.seen += 1
        if self.seen == self.die_at:
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


class Story:
    """The story's deliveries, each made from the state the bot is in when it is its turn."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.steps: tuple[Callable[[str], Awaitable[Inbound | None]], ...] = (
            self._begin,
            *([self._page] * 12),
            *(self._act(*one) for one in _LEADERS[:-1]),
            self._seat_asked,
            self._seat_agreed,
            self._act(*_LEADERS[-1]),
        )

    async def _begin(self, key: str) -> Inbound:
        return Pressed(key=key, actor=self.town.actor("brook"), intent=Begin())

    async def _page(self, key: str) -> Inbound | None:
        """Answer whatever page the draft is at; None once the report is sent."""
        draft = await self.town.store.draft_of(SCHOOL, self.town.school.people["brook"].id)
        if draft is None:
            return None
        shown = await self._shown()
        if isinstance(shown.submit, SendReport):
            return Pressed(key=key, actor=self.town.actor("brook"), intent=shown.submit)
        return Filled(
            key=key,
            actor=self.town.actor("brook"),
            intent=shown.submit,
            values=page_values(shown, ANSWERS),
        )

    async def _shown(self) -> Form:
        """Return the page that is on somebody's screen."""
        draft = await self.town.store.draft_of(SCHOOL, self.town.school.people["brook"].id)
        assert draft is not None
        reply = await self.town.press("brook", GoTo(draft=draft.id, revision=draft.revision, page=""))
        return shown_form(reply)

    async def _seat_asked(self, key: str) -> Inbound:
        """Let the office ask for another DSL."""
        return Typed(key=key, actor=self.town.actor("office"), text="seat DSL: jo")

    async def _seat_agreed(self, key: str) -> Inbound:
        """Let the Headteacher agree to it."""
        roster = await self.town.store.roster(SCHOOL)
        assert roster is not None
        intent = Settle(roster.changes[-1].id, agreed=True)
        return Pressed(key=key, actor=self.town.actor("ash"), intent=intent)

    def _act(
        self, person: str, action: Action, values: dict[str, str] | None, which: str = ""
    ) -> Callable[[str], Awaitable[Inbound | None]]:
        async def step(key: str) -> Inbound | None:
            case = await self.town.case()
            intent = Act(case=case.id, action=action, version=case.version, which=which)
            if values is None:
                return Pressed(key=key, actor=self.town.actor(person), intent=intent)
            reply = await self.town.press(person, intent)
            form = shown_form(reply)
            return Filled(key=key, actor=self.town.actor(person), intent=form.submit, values=dict(values))

        return step


_LEADERS: tuple[tuple[str, Action, dict[str, str] | None, str], ...] = (
    ("ash", Action.TAKE_ON, None, ""),
    ("ash", Action.LEGAL, {"contacted": "no", "why": "Invented reason."}, ""),
    (
        "ash",
        Action.POLICE,
        {"contacted": "yes", "how": "phone", "when": "2026-11-24", "why": "Invented reason."},
        "",
    ),
    (
        "ash",
        Action.CARE,
        {
            "which": "support_person_affected",
            "how": "phone",
            "when": "2026-11-24",
            "again": "week",
            "text": "Invented.",
        },
        "",
    ),
    ("ash", Action.WRITE, {"text": "Invented words to whoever reported it."}, ""),
    ("ash", Action.LETTER, {"text": "Invented title\n\nInvented letter."}, "take_down"),
    ("ash", Action.CONTACT, {"how": "phone", "when": "2026-11-24", "text": "Invented talk."}, ""),
    ("ash", Action.CLOSE, {"outcome": "invited", "text": "Invented end."}, ""),
)


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
    school = load_schools(SAMPLE_SCHOOL)[SCHOOL]
    channels = {"leadership": frozenset(leadership_people(school))}
    for seat, places in school.restricted.items():
        channels[places[Platform.WEB]] = frozenset(restricted_people(school, seat))
    chat = FilePlatform(folder / "platform", channels, point=points, can_look_up=not bugs.no_look_up)
    store = await opened(folder)
    # After a crash the morning has moved on: further than any resting time.
    starts = _count_start(folder)
    clock = FakeClock(dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC) + dt.timedelta(minutes=5 * starts))
    town = Town(PointedStore(store, points), chat=chat, clock=clock)  # type: ignore[arg-type]
    town.context.new_id = new_id
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
            inbound = await story.steps[number](f"step-{number}")
            if inbound is not None:
                _write(under_way, msgspec.json.encode(inbound))
        if inbound is not None:
            if bugs.acknowledge_first:
                _acknowledge(done, under_way, number)
            await town.service.handle(inbound)
            points("handled")
        _acknowledge(done, under_way, number)
        await town.settle()
    for _ in range(4):
        await town.later(minutes=5)
    await store.close()
    return points.seen


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
    pid = os.fork()
    if pid == 0:
        try:
            seen = asyncio.run(play(folder, die_at=die_at, bugs=bugs))
            (folder / "seen").write_text(str(seen))
            os._exit(0)
        except BaseException as error:  # noqa: BLE001 - nothing may escape into the parent's copy of pytest
            (folder / "error").write_text(repr(error))
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return -1
    if os.WEXITSTATUS(status):
        raise AssertionError((folder / "error").read_text())
    return int((folder / "seen").read_text())
