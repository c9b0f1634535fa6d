"""An outage as each person lives through it: what they read, moment by moment, on Slack and on Teams.

One transcript for each length and each platform that is down. What is new is shown whole, without its
buttons; of what has changed the lines that were put in its place.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
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

GOLDEN = Path(__file__).parent / "golden" / "outages"
DANGER = {**ABUSE, "violence": "yes", "call_999": "done"}
#: Who is looked at, and what they are in this school.
PEOPLE = {
    "brook": "reporter",
    "ash": "Headteacher, on call",
    "bryn": "deputy",
    "cam": "DSL",
    "ellis": "Chair",
    "office": "administrator",
}
DOWN: Mapping[str, tuple[Platform, ...]] = {
    "slack": (Platform.SLACK,),
    "teams": (Platform.TEAMS,),
    "both": (Platform.SLACK, Platform.TEAMS),
}
MINUTE, HOUR = 1, 60
LASTS = {"1 minute": MINUTE, "20 minutes": 20, "6 hours": 6 * HOUR, "3 days": 72 * HOUR}
#: Moments at which somebody looks, in minutes after the report; and after it is over.
LOOKS = (0, 1, 3, 12, 30, 3 * HOUR, 24 * HOUR, 48 * HOUR)
AFTER = (1, 10)
FAILURES: Mapping[Platform, PlatformError] = {
    Platform.SLACK: Retryable("slack-unreachable", "Invented.", after=5.0, response=Response.UNREACHABLE),
    Platform.TEAMS: Ambiguous("no-clear-answer", "Invented."),
}


class Remote(FakeChat):
    """A platform that others may speak to while it answers one."""

    async def _hang(self, audience: str) -> None:
        await asyncio.sleep(0)
        await super()._hang(audience)


class TwoPlatforms:
    """The sample school on Slack and Teams; everybody is on both, and reports on Slack."""

    def __init__(self, place: Town) -> None:
        """Move it there."""
        self.place = place
        people = {
            one.id: replace(
                one,
                accounts={Platform.SLACK: f"U-{one.id}", Platform.TEAMS: f"T-{one.id}", Platform.WEB: one.id},
            )
            for one in place.school.people.values()
        }
        both = {Platform.SLACK: "lead", Platform.TEAMS: "lead"}
        apart = {seat: dict.fromkeys(both, f"apart-{seat}") for seat in place.school.restricted}
        school = replace(place.school, people=people, leadership=both, restricted=apart)
        place.context.directory.reload({school.id: school})  # type: ignore[attr-defined]
        place.context.chats.clear()
        self.chats = {
            Platform.SLACK: Remote(Platform.SLACK),
            Platform.TEAMS: Remote(Platform.TEAMS, can_look_up=False),
        }
        for chat in self.chats.values():
            chat.channels = {"lead": frozenset(), **{at[chat.platform]: frozenset() for at in apart.values()}}
            place.context.add_chat(chat)
        self.seen: dict[tuple[Platform, str], str] = {}

    async def status(self, person: str) -> str:
        """Return what somebody is answered who asks how it stands."""
        actor = Actor(platform=Platform.SLACK, workspace="", account=f"U-{person}")
        key = f"{person}{self.place.clock.at}"
        return said(await self.place.service.handle(Asked(key=key, actor=actor, command=ChatCommand.STATUS)))

    def news(self, person: str) -> list[str]:
        """Return what somebody reads that they had not read before, where it stands and what it is."""
        lines: list[str] = []
        for platform, chat in self.chats.items():
            account = f"{'U' if platform is Platform.SLACK else 'T'}-{person}"
            lines += self._new(chat, account if person != "lead" else "lead")
        return lines

    def _new(self, chat: FakeChat, audience: str) -> list[str]:
        lines: list[str] = []
        for message in chat.audience(audience):
            where = (chat.platform, message.posted.message)
            text = shown(message.text)
            before = self.seen.get(where)
            self.seen[where] = text
            mark = "again, marked as a repeat: " if message.repeat else ""
            if before is None:
                lines += [f"{chat.platform}, new, {mark}{message.card.kind}:", *indented(text.splitlines())]
            elif before != text:
                fresh = [line for line in text.splitlines() if line not in before.splitlines()]
                gone = [line for line in before.splitlines() if line not in text.splitlines()]
                lines += [f"{chat.platform}, {message.card.kind}, changed:"]
                lines += [*(f"    - {line}" for line in gone), *(f"    + {line}" for line in fresh)]
        return lines


#: What the transcripts leave out: it is the same in every one, and told by other goldens.
_LEFT_OUT = (
    "You can press",
    "- ",
    "What to do",
    "For you, now",
    "Policy clauses",
    "The leader decides whether",
)
_LEFT_OUT += ("Please note: To decide", "Please note: Hold", "Police:", "CC Legal")


def shown(text: str) -> str:
    """Return what a message says of how it stands: no buttons, no reasons, nothing to do with the posting."""
    kept = text.split("\n\nWhy", maxsplit=1)[0].splitlines()
    return "\n".join(line for line in kept if line and not line.startswith(_LEFT_OUT))


def indented(lines: list[str]) -> list[str]:
    """Return lines a little to the right."""
    return [f"    {line}" for line in lines]


def moment(minutes: int) -> str:
    """Return a time as people say it."""
    if minutes >= 24 * HOUR:
        return "1 day" if minutes == 24 * HOUR else f"{minutes // (24 * HOUR)} days"
    if minutes >= HOUR:
        return f"{minutes // HOUR} hours"
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


async def transcript(lasts: int, down: tuple[Platform, ...]) -> str:
    """Return what everybody reads from the report, a minute into the outage, to the end."""
    place = Town(await open_store("memory:", key=bytes(32)))
    school = TwoPlatforms(place)
    for platform in down:
        school.chats[platform].outage = FAILURES[platform]
    began = place.clock.at
    receipt = await place.report("brook", DANGER)
    parts = ["The reporter reads on the screen, at once:", *indented(shown(said(receipt)).splitlines())]
    looks = [(look, f"{moment(look)} after the report") for look in LOOKS if look < lasts]
    looks += [(lasts + after, f"{moment(after)} after it was over") for after in AFTER]
    now = 0
    for look, called in looks:
        while now < look:
            place.clock.pass_by(dt.timedelta(seconds=30 if now < 2 * HOUR else 300))
            now_at = (place.clock.at - began).total_seconds() / 60
            if now_at >= lasts:
                for platform in down:
                    school.chats[platform].outage = None
            await place.settle()
            now = int(now_at)
        parts += ["", f"======== {called}"]
        parts += everybody(school)
        parts += ["-- brook asks for the status", *indented(shown(await school.status("brook")).splitlines())]
    await place.act("ash", await place.case(), Action.TAKE_ON)
    await place.settle()
    parts += ["", "======== the Headteacher takes it on"]
    parts += ["-- the leadership channel", *school.news("lead"), "-- brook, reporter", *school.news("brook")]
    return "\n".join(parts) + "\n"


def everybody(school: TwoPlatforms) -> list[str]:
    """Return what each place and person reads that is new, and who reads nothing new."""
    parts, quiet = [], []
    for person in ("lead", *PEOPLE):
        called = f"{person}, {PEOPLE[person]}" if person in PEOPLE else "the leadership channel"
        news = school.news(person)
        parts += [f"-- {called}", *news] if news else []
        quiet += [] if news else [called.split(",", maxsplit=1)[0]]
    return [*parts, *([f"-- nothing new for {', '.join(quiet)}"] if quiet else [])]


@pytest.mark.parametrize("down", DOWN)
@pytest.mark.parametrize(
    "lasts", [pytest.param(one, marks=pytest.mark.slow) if LASTS[one] > HOUR else one for one in LASTS]
)
async def test_an_outage_as_people_read_it(
    lasts: str, down: str, golden: Callable[[Path, str], None]
) -> None:
    """Each person reads what the golden transcript says, and nothing that is not so."""
    golden(GOLDEN / f"{lasts.replace(' ', '_')}_{down}.txt", await transcript(LASTS[lasts], DOWN[down]))
