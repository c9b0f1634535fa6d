"""The whole bot on a real file, for a bench: a school with sixty staff, a chat that accepts everything.

A conversation is driven through ``Service.handle`` like a platform would: forms are filled and sent back.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from msgspec.structs import replace

from bot.clock import SystemClock, new_id
from bot.config.load import SAMPLE_SCHOOL
from bot.context import AppContext
from bot.directory import SchoolDirectory
from bot.outbox.worker import Worker
from bot.school_file.load import load_schools
from bot.turns.service import Service
from flows.model import Posted
from flows.policy.engine import default_policy
from flows.ports import Address, Membership, Store
from flows.school import Person, PersonId, Platform, School
from flows.ui.cards import Card
from flows.ui.forms import Choice, Field, Form, Many, Value
from flows.ui.inbound import Actor, Asked, Filled, Pressed, Receipt, Refuse, Reply, Show
from flows.ui.intents import AnswerPage, Begin, ChatCommand, SendReport
from storage.open import Opening, open_store

STAFF = 60
KEY = bytes(range(32))
#: What the reporter says; every other question is answered "no", "none of these" or left empty.
ORDINARY: dict[str, Value] = {
    "targets": ("staff",),
    "poster": ("parent_carer",),
    "did": ("made",),
    "nature": ("untrue_or_inaccurate", "could_harm_reputation"),
    "platform": ("collaborative_space",),
    "still_online": "yes",
    "evidence": "link",
    "link": "https://social.example/posting/1",
    "words": "A long post says that one of our teachers makes up the marks. It is not true.",
}
_UNREMARKABLE = ("no", "none", "none_of_these", "nobody", "not_applicable", "yes")


class SilentChat:
    """A chat that accepts whatever it is given, at once."""

    platform = Platform.WEB
    can_look_up = True

    def __init__(self, members: frozenset[str]) -> None:
        """Remember who reads every channel."""
        self._members = Membership(accounts=members, fit=True)
        self.posts = 0

    async def send(self, to: Address, card: Card, *, key: str, repeat: bool = False) -> Posted:
        """Accept a message."""
        self.posts += 1
        return Posted(platform=self.platform, channel=to.channel or to.account, message=f"m{self.posts}")

    async def reply(
        self, root: Posted, card: Card, *, key: str, broadcast: bool = False, repeat: bool = False
    ) -> Posted:
        """Accept a reply."""
        self.posts += 1
        return Posted(
            platform=self.platform, channel=root.channel, message=f"m{self.posts}", thread=root.message
        )

    async def edit(self, posted: Posted, card: Card) -> None:
        """Accept an edit."""
        self.posts += 1

    async def find(
        self, to: Address, root: Posted | None, *, key: str, since: dt.datetime | None = None
    ) -> Posted | None:
        """Find nothing: nothing is ever in doubt here."""
        return None

    async def members(self, to: Address) -> Membership:
        """Return who reads it."""
        return self._members


class Sandbox:
    """The bot, open on a file."""

    def __init__(self, store: Store, school: School) -> None:
        """Connect the real parts."""
        self.store = store
        self.school = school
        accounts = frozenset(p.accounts.get(Platform.WEB, "") for p in school.people.values())
        self.context = AppContext(
            store=store,
            directory=SchoolDirectory({school.id: school}),
            clock=SystemClock(),
            policy=default_policy(),
            chats={Platform.WEB: SilentChat(accounts - {""})},
            new_id=new_id,
            signing_seed=bytes(32),
        )
        self.service = Service(self.context)
        self.worker = Worker(self.context, self.service)

    async def begin(self, who: str) -> Reply:
        """Start a report afresh."""
        return await self.service.handle(Pressed(key=new_id(), actor=actor(who), intent=Begin(fresh=True)))

    async def ask(self, who: str, command: ChatCommand, argument: str = "") -> Reply:
        """Give a command."""
        return await self.service.handle(
            Asked(key=new_id(), actor=actor(who), command=command, argument=argument)
        )

    async def report(self, who: str, answers: Mapping[str, Value] = ORDINARY) -> tuple[int, Receipt]:
        """Make a whole report; return how many turns it took, and the receipt."""
        reply = await self.begin(who)
        turns = 1
        while not isinstance(reply, Receipt):
            reply = await self.service.handle(following(who, reply, answers))
            turns += 1
        return turns, reply


def following(who: str, reply: Reply, answers: Mapping[str, Value] = ORDINARY) -> Filled:
    """Return what the reporter does next: fill the form that was shown, or send the report."""
    if not isinstance(reply, Show) or not isinstance(reply.view, Form):
        raise TypeError(f"{reply.reference}: {reply.message}" if isinstance(reply, Refuse) else type(reply))
    form = reply.view
    values = {
        field.name: _value(field, answers) for field in form.fields if isinstance(form.submit, AnswerPage)
    }
    if not isinstance(form.submit, AnswerPage | SendReport):
        raise TypeError(type(form.submit))
    return Filled(key=new_id(), actor=actor(who), intent=form.submit, values=values)


def _value(field: Field, answers: Mapping[str, Value]) -> Value:
    if field.name in answers:
        return answers[field.name]
    if isinstance(field, Choice | Many):
        offered = {option.value for option in field.options}
        plain = next((word for word in _UNREMARKABLE if word in offered), field.options[0].value)
        return plain if isinstance(field, Choice) else (plain,)
    return ""


def actor(who: str) -> Actor:
    """Return a person of the school as the workspace in the browser names them."""
    return Actor(platform=Platform.WEB, workspace="", account=who)


def invented_school() -> School:
    """Return the sample school with sixty more staff: staff-00 to staff-59."""
    school = next(iter(load_schools(SAMPLE_SCHOOL).values()))
    more = {
        PersonId(f"staff-{n:02}"): Person(
            id=PersonId(f"staff-{n:02}"),
            name=f"Staff {n:02} Example",
            accounts={Platform.WEB: f"staff-{n:02}"},
        )
        for n in range(STAFF)
    }
    return replace(
        school,
        people={**school.people, **more},
        staff=replace(school.staff, people=(*school.staff.people, *more)),
        limits=replace(school.limits, reports_per_person_per_day=1_000_000),
    )


@contextmanager
def folder() -> Iterator[Path]:
    """Return a new folder on the disk the project lies on (not in memory), and remove it afterwards."""
    var = Path(__file__).parents[1] / "var"
    var.mkdir(exist_ok=True)
    path = Path(tempfile.mkdtemp(prefix="bench-", dir=var))
    try:
        yield path
    finally:
        shutil.rmtree(path)


@asynccontextmanager
async def sandbox(path: Path) -> AsyncIterator[Sandbox]:
    """Open the bot on ``path``/reports.db; close it afterwards."""
    store = await open_store(f"tinydb:{path / 'reports.db'}", key=KEY, opening=Opening.EITHER)
    try:
        yield Sandbox(store, invented_school())
    finally:
        await store.close()
