"""An outage as each person lives through it: what they read, moment by moment, on Slack, on Teams, by e-mail.

The page docs/outages.md is the golden file: a section for each thing that may be down. While it lasts, the
moments are those of the longest outage; a shorter one is the same up to its end, and then has its own.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
from msgspec import Struct
from msgspec.structs import replace

from flows.errors import Ambiguous, PlatformError, Response, Retryable
from flows.model import Action
from flows.school import Platform
from flows.ui.inbound import Actor, Asked
from flows.ui.intents import ChatCommand
from storage.open import open_store
from tests.fakes import FakeChat
from tests.story.test_story import ABUSE
from tests.town import Town, said

PAGE = Path(__file__).parents[2] / "docs" / "outages.md"
DANGER = {**ABUSE, "violence": "yes", "call_999": "done"}
#: Who is looked at, and what they are in this school.
PEOPLE = {
    "brook": "Reporter",
    "ash": "Headteacher (on call)",
    "bryn": "Deputy",
    "cam": "DSL (on call)",
    "ellis": "Chair",
    "office": "Administrator",
    "lead": "The leaders' channel",
}
SPOKEN = {Platform.SLACK: "Slack", Platform.TEAMS: "Teams", Platform.EMAIL: "e-mail"}


class Down(Struct, frozen=True):
    """What is down, and whether the school sends e-mail."""

    platforms: tuple[Platform, ...]
    mail: bool = False


DOWN: Mapping[str, Down] = {
    "Slack alone": Down((Platform.SLACK,)),
    "Teams alone": Down((Platform.TEAMS,)),
    "Both": Down((Platform.SLACK, Platform.TEAMS)),
    "Both, in a school with e-mail": Down((Platform.SLACK, Platform.TEAMS), mail=True),
}
HOUR, QUARTER = 60, 15
LASTS = {"1 minute": 1, "20 minutes": 20, "6 hours": 6 * HOUR, "3 days": 72 * HOUR}
#: Moments at which somebody looks, in minutes after the report; and after it is over.
LOOKS = (0, 1, 3, 12, 30, 3 * HOUR, 24 * HOUR, 48 * HOUR)
AFTER = (1, 10)
FAILURES: Mapping[Platform, PlatformError] = {
    Platform.SLACK: Retryable("slack-unreachable", "Invented.", after=5.0, response=Response.UNREACHABLE),
    Platform.TEAMS: Ambiguous("no-clear-answer", "Invented."),
}
#: What is shown of a card: how it stands, and whom to ring. The rest is told by other goldens.
SHOWN = (
    *(
        "How soon",
        "State",
        "Taken on by",
        "If nobody does",
        "If they do not answer",
        "If you cannot see to it",
    ),
    *("Is being told", "Was sent it", "Has opened it", "Could not be reached", "Thank you"),
    *("Nobody has answered", "You lead", "Now"),
)
#: Said below many a line, of the posting itself.
LEFT_OUT = ("You can press", "- ", "Please note: To decide")
#: Everybody who is told in the end, as this page does not repeat.
LIST = (
    "Headteacher, Deputy headteacher, Safeguarding lead (DSL), Chair of governors, Vice-chair of governors, "
    "Substitute governor"
)
CARDS = ("case_card", "notice", "receipt")


class Remote(FakeChat):
    """A platform that others may speak to while it answers one."""

    async def _hang(self, audience: str) -> None:
        await asyncio.sleep(0)
        await super()._hang(audience)


class Everybody:
    """The sample school; everybody is on Slack and Teams, and has an address where e-mail is sent."""

    def __init__(self, place: Town, down: Down) -> None:
        """Move it there."""
        self.place, self.down = place, down
        self.chats = {
            Platform.SLACK: Remote(Platform.SLACK),
            Platform.TEAMS: Remote(Platform.TEAMS, can_look_up=False),
        }
        if down.mail:
            self.chats[Platform.EMAIL] = Remote(Platform.EMAIL, can_look_up=False)
        people = {
            one.id: replace(one, accounts={Platform.WEB: one.id, **{p: f"{p}-{one.id}" for p in self.chats}})
            for one in place.school.people.values()
        }
        both = {Platform.SLACK: "lead", Platform.TEAMS: "lead"}
        apart = {seat: dict.fromkeys(both, f"apart-{seat}") for seat in place.school.restricted}
        school = replace(place.school, people=people, leadership=both, restricted=apart)
        place.context.directory.reload({school.id: school})  # type: ignore[attr-defined]
        place.context.chats.clear()
        for chat in self.chats.values():
            chat.channels = {"lead": frozenset(), **{f"apart-{seat}": frozenset() for seat in apart}}
            place.context.add_chat(chat)
        self.answer = ""
        self.seen: dict[tuple[Platform, str], tuple[str, ...]] = {}

    def out(self, *, now: bool) -> None:
        """Let what goes down be down, or up again."""
        for platform in self.down.platforms:
            self.chats[platform].outage = FAILURES[platform] if now else None

    async def status(self, person: str) -> str:
        """Return what somebody is answered who asks how it stands; "" = as before."""
        actor = Actor(platform=Platform.SLACK, workspace="", account=f"{Platform.SLACK}-{person}")
        key = f"{person}{self.place.clock.at}"
        asked = Asked(key=key, actor=actor, command=ChatCommand.STATUS)
        answer = said(await self.place.service.handle(asked)).splitlines()
        lines = [line for line in answer if line.startswith(("Please note", "Now", "Next"))]
        before, self.answer = self.answer, shorter(" ".join(lines))
        return self.answer if self.answer != before else ""

    def news(self, person: str) -> list[str]:
        """Return what somebody reads that they had not read before; the same on two platforms once."""
        found: dict[str, list[str]] = {}
        for platform, chat in self.chats.items():
            for words, mark in self._new(chat, "lead" if person == "lead" else f"{platform}-{person}"):
                found.setdefault(words, []).append(f"{SPOKEN[platform]}{mark}")
        return [f"*{_where(places)}:* {words}" for words, places in found.items()]

    def _new(self, chat: FakeChat, audience: str) -> list[tuple[str, str]]:
        lines: list[tuple[str, str]] = []
        for message in chat.audience(audience):
            where = (chat.platform, message.posted.message)
            read, before = gist(message.text, message.card.kind), self.seen.get(where)
            self.seen[where] = read
            mark = ", as a repeat" if message.repeat else ""
            if before is None:
                lines.append((" ".join(read), mark))
            elif changed := [line for line in read if line not in before]:
                lines.append((f"{called(message.card.kind)} now says: {' '.join(changed)}", ""))
        return lines


def gist(text: str, kind: str) -> tuple[str, ...]:
    """Return what a message says: of a card how it stands and what to do."""
    lines = [line for line in text.split("\n\nWhy", maxsplit=1)[0].splitlines() if line]
    lines = [line for line in lines if not line.startswith(LEFT_OUT)]
    kept = [line for line in lines if line.startswith(SHOWN)] if kind in CARDS else lines
    title = [f"**{called(kind)[0].upper()}{called(kind)[1:]}.**"] if kind in CARDS else []
    return (*title, *(shorter(f"{line.removesuffix('.')}.") for line in kept))


def shorter(words: str) -> str:
    """Return words in which everybody on the list is called so."""
    return words.replace(LIST, "*all six*")


def called(kind: str) -> str:
    """Return what a card is called on this page."""
    return {"case_card": "the case's card", "notice": "the notice", "receipt": "the receipt"}.get(kind, "it")


def _where(places: Iterable[str]) -> str:
    several: dict[str, int] = {}
    for place in places:
        several[place] = several.get(place, 0) + 1
    return "; ".join(f"{place}, {n} times" if n > 1 else place for place, n in several.items())


def moment(minutes: int) -> str:
    """Return a time as people say it."""
    if minutes >= 24 * HOUR:
        return "1 day" if minutes == 24 * HOUR else f"{minutes // (24 * HOUR)} days"
    if minutes >= HOUR:
        return f"{minutes // HOUR} hours"
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def table(title: str, rows: Iterable[tuple[str, str]]) -> list[str]:
    """Return one moment as a table, who against what they read."""
    cells = [f"| {who} | {re.sub(r'[|]', '/', words)} |" for who, words in rows]
    return ["", f"**{title}**", "", "| who | reads |", "|---|---|", *cells]


async def look(school: Everybody) -> list[tuple[str, str]]:
    """Return what each place and person reads that is new, and who reads nothing new."""
    rows, quiet = [], []
    for person, seat in PEOPLE.items():
        news = school.news(person)
        if person == "brook" and (answer := await school.status(person)):
            news.append(f"*asks for the status:* {answer}")
        rows += [(seat, "<br>".join(news))] if news else []
        quiet += [] if news else [seat[0].lower() + seat[1:] if person == "lead" else seat]
    return [*rows, *([(", ".join(quiet), "nothing new")] if quiet else [])]


async def lived_through(lasts: int, down: Down) -> tuple[list[str], list[str]]:
    """Return what everybody reads while it lasts, from a minute before the report on; and once it is over."""
    place = Town(await open_store("memory:", key=bytes(32)))
    school = Everybody(place, down)
    school.out(now=True)
    began = place.clock.at
    receipt = await place.report("brook", DANGER)
    first = " ".join(gist(said(receipt), "receipt"))
    during = table("At once", [(PEOPLE["brook"], f"*on the screen:* {first}")])
    after: list[str] = []
    now = 0
    for minutes in (*(one for one in LOOKS if one < lasts), *(lasts + one for one in AFTER)):
        while now < minutes:
            near = now < 2 * HOUR or now + QUARTER >= lasts
            place.clock.pass_by(dt.timedelta(seconds=30) if near else dt.timedelta(minutes=QUARTER))
            at = (place.clock.at - began).total_seconds() / 60
            if at >= lasts:
                school.out(now=False)
            await place.settle()
            now = int(at)
        title = f"{moment(minutes - lasts)} after it was over" if minutes > lasts else moment(minutes)
        rows = await look(school)
        part = table(title if minutes > lasts else f"{title} after the report", rows)
        if minutes > lasts:
            after += part
        else:
            during += part if minutes else []
    await place.act("ash", await place.case(), Action.TAKE_ON)
    await place.settle()
    rows = [(PEOPLE[one], "<br>".join(news)) for one in ("brook", "lead") if (news := school.news(one))]
    return during, [*after, *table("The Headteacher takes it on", rows)]


async def section(name: str) -> str:
    """Return the part of the page about one thing that is down."""
    parts = [f"## {name}", "", "### While it lasts"]
    ends: list[str] = []
    for called_so, lasts in LASTS.items():
        during, after = await lived_through(lasts, DOWN[name])
        ends += ["", f"### It was {called_so}", *after]
    return "\n".join([*parts, *during, *ends]) + "\n"


def part_of(page: str, name: str) -> str:
    """Return one section of the page, with its heading."""
    found = re.search(rf"^## {re.escape(name)}\n.*?(?=^## |\Z)", page, re.DOTALL | re.MULTILINE)
    return found.group().rstrip("\n") + "\n" if found else ""


@pytest.mark.slow
@pytest.mark.timeout(400)  # four outages in one, the longest of three days
@pytest.mark.feature("outage-is-said")
@pytest.mark.parametrize("name", DOWN)
async def test_an_outage_as_people_read_it(name: str, request: pytest.FixtureRequest) -> None:
    """Each person reads what docs/outages.md says, and nothing that is not so."""
    now, page = await section(name), PAGE.read_text("utf-8")
    if request.config.getoption("--update-goldens"):
        PAGE.write_text(page.replace(part_of(page, name), now), "utf-8")
        return
    assert part_of(page, name) == now
