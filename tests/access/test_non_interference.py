"""Whoever must not know of a case sees, byte for byte, what they would see if there were none.

Two worlds in which the same is done, but that in one of them there is a case, or several, and in the other
there is none. In both the excluded person asks, presses, reports, joins the channel, belongs to two schools,
and the bot starts again, seats change, the platform is out, and a channel is made public: what they are
answered, sent, or could read in a channel is compared.

From an outage on, when and in what order messages go out hangs on what waits for the platform, whosever it
is: then it is asked of each text whether it names such a case.
"""

from __future__ import annotations

import asyncio
import re
from itertools import count
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.outbox.worker import Worker
from bot.turns.handover import hand_over
from bot.turns.service import Service
from flows.errors import Ambiguous, Permanent, Response, Retryable
from flows.figures.card import FILES
from flows.model import Action, Case
from flows.school import PersonId, Platform, SchoolId, Seat
from flows.ui.forms import Value
from flows.ui.inbound import Actor, Noted, Reply, Typed
from flows.ui.intents import Act, ChatCommand, Fill
from storage.open import open_store
from tests.access.leaks import LEAKS
from tests.often import often
from tests.story.test_story import ABUSE
from tests.subject import approved, picked
from tests.town import SCHOOL, Town, said

OTHER = SchoolId("OPS")
#: Who must not know, and what the report says for it.
EXCLUDED: list[tuple[str, dict[str, Value]]] = [
    ("ash", {"poster": ("headteacher",)}),
    ("ash", {"staff_allegation": ("headteacher",)}),
    ("ash", {"keep_from": ("headteacher",), "violence": "yes"}),
    ("cam", {"keep_from": ("dsl",), "targets": ("pupil",)}),
    ("bryn", {"keep_from": ("someone_else",), "kept_out_is": ("bryn",)}),
]
STEPS = (
    *("ask", "ask", "press", "type", "note", "report", "work", "restart", "join", "leave", "seats", "time"),
    *("outage", "back", "public", "private", "another", "letter", "fetch"),
    *("twin", "twin", "beside", "beside", "beside", "link", "drill", "rehearse", "subject", "subject"),
    *("plan", "plan", "figures", "code", "export", "days", "list", "open"),
)
#: What an action may be about, of several.
WHICH = ("", "", "record", "invitation", "police", "legal")
#: One posting, and one account, in every report: what is kept from somebody looks like what they may read.
POSTING: dict[str, Value] = {
    "link": "https://www.facebook.com/groups/77/posts/123",
    "account_name": "@Cross Parent",
    "words": "Invented: the school is badly run and the staff here are liars, every single one of them",
}
#: What leaders write in a case, and nobody else anywhere.
SINCE = "Ocelot"
#: What is made of a case, or shows what it holds.
KEPT = (Action.LETTER, Action.PACK, Action.EXPORT, Action.PLAN, Action.OPEN_RECORD, Action.CHRONOLOGY)
#: What shows something of other cases.
BESIDE = (Action.OPEN_RECORD, Action.MORE, Action.PLAN, Action.CHRONOLOGY, Action.LINK, Action.UNLINK)
#: What every attempt hears while the platform is out, by what it concerns.
OUTAGES = (
    Retryable("unreachable", "Nobody answers.", after=30, response=Response.UNREACHABLE),
    Permanent("token-revoked", "The connection is refused.", response=Response.CONNECTION),
    Ambiguous("timeout", "No answer came."),
)
#: What is looked for where there is no case: its id, its reference, a card of it.
_NONE = ("01TEST00000000000000NONE", "HPS-2026-900", "m900")


class World:
    """One of the two, and everything the excluded person has seen in it."""

    def __init__(self, place: Town, person: str, *, told: bool, leak: str = "") -> None:
        self.place, self.person, self.told, self.leak = place, person, told, leak
        self.seen: list[str] = []
        self.case: Case | None = None
        self.id, self.reference, self.card = _NONE
        self.answers: dict[str, Value] = {}
        self.codes = count(900)
        self.until: int | None = None
        self.codes_asked = 0

    async def begin(self, answers: dict[str, Value], *, cases: int, two: bool) -> None:
        """Let there be so many cases, or none, and two schools, or one."""
        place = self.place
        self.faulty()
        if self.told:
            self.answers = {**ABUSE, **POSTING, **answers}
            for _ in range(cases):
                await self.hidden()
            await place.settle()
            self.case = await place.case(_NONE[1])
            assert self.person in self.case.recused
            self.id, self.reference = self.case.id, self.case.reference
            sends = await place.store.sends_of(SCHOOL, self.case.id)
            self.card = next((send.posted.message for send in sends if send.posted), self.card)
        if two:
            one = place.school
            second = replace(
                one,
                id=OTHER,
                prefix="OPS",
                name="Otherplace Primary School",
                people={PersonId(self.person): one.people[PersonId(self.person)]},
                seats={Seat.VICE_CHAIR: (PersonId(self.person),)},
                leadership={},
                restricted={},
            )
            place.context.directory.reload({SCHOOL: one, OTHER: second})  # type: ignore[attr-defined]

    def faulty(self) -> None:
        """Let the bot have the fault that is looked for."""
        if self.leak:
            LEAKS[self.leak](self.place)

    async def hidden(self) -> None:
        """Let there be one case more of which this person must not know."""
        context, drawn = self.place.context, self.place.context.new_code
        context.new_code = lambda: str(next(self.codes))
        await self.place.report("brook", self.answers)
        context.new_code = drawn

    def look(self) -> None:
        """Take down all that this person can read now."""
        chat = self.place.chat
        places = [self.person, *(c for c, people in sorted(chat.channels.items()) if self.person in people)]
        for place in places:
            self.seen.append(f"{place}: {self.place.reads(place)}")

    def answered(self, reply: Reply) -> None:
        """Take down what this person was answered."""
        self.seen.append(said(reply))

    async def step(self, name: str, rng: Random) -> None:  # noqa: PLR0915 - a table of what can be done
        """Do one thing, the same in both worlds; what leaders do to the case is done where there is one."""
        place, person = self.place, self.person
        action, command = rng.choice(list(Action)), rng.choice(list(ChatCommand))
        day = rng.choice((1, 20, 300, 2000))
        match name:
            case "ask":
                argument = rng.choice((self.reference, "OPS-2026-001", "HPS-2026-999", ""))
                if command is not ChatCommand.REPORT:
                    self.answered(await place.ask(person, command, argument))
            case "press":
                self.answered(await place.press(person, self.pressed(action, rng)))
            case "type":
                words = rng.choice(
                    (
                        "cases",
                        "cases overdue",
                        "my cases",
                        f"case {self.reference}",
                        "status",
                        "case OPS-2026-001",
                        f"find {self.reference}",
                        "find: marks",
                        f"find: {SINCE}",
                        f"find account:{POSTING['account_name']}",
                        f"find link:{POSTING['link']}",
                        "find since:2026-01-01 page:2",
                    )
                )
                self.answered(await place.say(person, words))
            case "note":
                inbound = Noted(
                    key=f"n{len(self.seen)}",
                    actor=place.actor(person),
                    channel="leadership",
                    thread=self.card,
                    text="x",
                )
                self.answered(await place.service.handle(inbound))
            case "report" if OTHER not in place.context.directory.schools:
                self.answered(await place.report(person, {**ABUSE, **POSTING, "targets": ("pupil",)}))
            case "work" if self.case is not None:
                leader = rng.choice(("ellis", "gale", "ash", "cam"))
                if leader != person:
                    await place.act(leader, await place.case(self.reference), action, {"text": SINCE})
            case "twin":
                await place.report("jo", {**ABUSE, **POSTING, "targets": ("pupil",)})
            case "beside":
                await self.beside(rng.choice(BESIDE), rng)
            case "link" if self.case is not None:
                leader = rng.choice(("ellis", "gale", "ash", "cam", "dee"))
                if leader != person and (twin := await self.twin(rng)) is not None:
                    there = rng.choice((Action.LINK, Action.UNLINK))
                    await place.act(leader, twin, there, {"which": self.reference, "text": "Invented."})
            case "subject":
                names, known_as = rng.choice((("liars", ""), ("Ash Example", ""), ("zed", "@Cross Parent")))
                reply = await picked(place, person, names, known_as)
                self.answered(reply)
                self.answered(await approved(place, person, reply))
            case "drill":
                self.answered(await place.ask(person, ChatCommand.DRILL, rng.choice(("", "urgent"))))
            case "rehearse":
                await place.ask("office", ChatCommand.REHEARSE, rng.choice(("begin", "end")))
            case "restart":
                await self.restart()
            case "join":
                place.chat.channels["leadership"] |= {person}
            case "leave":
                place.chat.channels["leadership"] -= {person}
            case "seats":
                await self.seats(rng)
            case "another" if self.case is not None and place.context.directory.schools == {
                SCHOOL: place.school
            }:
                await self.hidden()
            case "time":
                await place.later(minutes=day if place.chat.outage is None else min(day, 20))
            case "outage" if not place.chat.unfit:  # what is out says of no channel that it is public
                self.until, place.chat.outage = self.until or len(self.seen), rng.choice(OUTAGES)
            case "back":
                place.chat.outage = None
                for _ in range(
                    10
                ):  # what may have been accepted is looked for, and sent again, within the hour
                    await place.later(minutes=6)
            case "public" if place.chat.outage is None:
                place.chat.unfit.add(rng.choice(sorted(place.chat.channels)))
                await place.later(minutes=11)
            case "private":
                place.chat.unfit.clear()
                await place.later(minutes=11)
            case "days" if place.chat.outage is None:
                for _ in range(rng.randint(1, 4)):  # a day at a time: what has a date is said on it
                    await place.later(days=1)
            case "list":
                await self.listed(rng)
            case "code":
                await self.code(rng)
            case _:
                await self.documents(name, rng)
        await place.settle()
        self.look()

    def pressed(self, action: Action, rng: Random) -> Act:
        """Return a press of a button of the case, or of none there is."""
        return Act(case=self.id, action=action, version=1, which=rng.choice(WHICH))

    async def listed(self, rng: Random) -> None:
        """Let this person look for what they may know of, and at its figures as files."""
        for words in (
            "cases",
            "my cases",
            f"find account:{POSTING['account_name']}",
            f"find: {SINCE}",
            "figures",
            "home",
        ):
            self.answered(await self.place.say(self.person, words))
        actor, what = self.place.actor(self.person), rng.choice(sorted(FILES))
        self.seen.append(str(await self.place.service.figures(actor, f"HPS-2026-09-03 {what}")))

    async def code(self, rng: Random) -> None:
        """Let this person be shown a one-time code, and type it, or another, on a platform of nobody's."""
        self.codes_asked += 1
        shown = said(await self.place.say(self.person, "link my account"))
        self.seen.append(shown)
        found = re.search(r"link (\S+)\.", shown)
        letters = found[1] if found and rng.random() < 0.5 else "NOT-ONE"
        there = Actor(platform=Platform.TEAMS, workspace="", account="t-1")
        typed = Typed(key=f"code{self.codes_asked}", actor=there, text=f"link {letters}")
        self.answered(await self.place.service.handle(typed))

    async def documents(self, name: str, rng: Random) -> None:
        """Let a leader make one, where there is a case; or ask for the plan, a form, a file by its hash."""
        if name in ("letter", "export") and self.case is not None:
            await self.letter(rng, export=name == "export")
        if name in ("plan", "open"):
            about = rng.choice(KEPT) if name == "open" else Action.PLAN
            act = Act(case=self.id, action=about, version=1, which=rng.choice(WHICH))
            self.answered(await self.place.press(self.person, act))
        if name != "fetch":
            return
        made = (await self.place.case(self.reference)).documents if self.case is not None else ()
        sha256 = made[-1].sha256 if made else "ab" * 32
        actor = self.place.actor(self.person)
        self.seen.append(f"file: {await self.place.service.evidence(actor, self.id, sha256)}")

    async def letter(self, rng: Random, *, export: bool) -> None:
        """Let somebody who leads approve a letter, make a pack or an export, with words nobody else reads."""
        leader = rng.choice(("ellis", "ash", "cam"))
        if export:
            case = await self.place.case(self.reference)
            if leader != self.person:
                await self.place.act(leader, case, Action.EXPORT, {"text": "Invented."})
            return
        action, which = rng.choice(
            ((Action.LETTER, "record"), (Action.PACK, "legal"), (Action.PACK, "police"))
        )
        case = await self.place.case(self.reference)
        if leader != self.person:
            fill = Fill(case=case.id, action=action, version=case.version, which=which)
            await self.place.fill(leader, fill, {"text": f"{SINCE} for HPS-2026-900."})

    async def twin(self, rng: Random) -> Case | None:
        """Return a case that looks like the one that is kept from this person, and is not kept from them."""
        mine = await self.place.store.cases(SCHOOL, open_only=False)
        twins = sorted(row.reference for row in mine if self.person not in row.recused)
        return await self.place.case(rng.choice(twins)) if twins else None

    async def beside(self, action: Action, rng: Random) -> None:
        """Let this person look at what stands beside such a case, and try to link it with what is kept."""
        twin = await self.twin(rng)
        if twin is not None:
            values = {"which": rng.choice((self.reference, "HPS-2026-999")), "text": "Invented."}
            wants = values if action in (Action.LINK, Action.UNLINK) else None
            self.answered(await self.place.act(self.person, twin, action, wants))
            self.answered(await self.place.ask(self.person, ChatCommand.CASE, twin.reference))

    async def restart(self) -> None:
        """Start the bot again, over the same store."""
        place = self.place
        place.service = Service(place.context)
        place.worker = Worker(place.context, place.service)
        self.faulty()
        await hand_over(place.context, place.service.casework)

    async def seats(self, rng: Random) -> None:
        """Let somebody else hold a seat, the excluded person another one; then the bot starts again."""
        schools = dict(self.place.context.directory.schools)
        seat = rng.choice((Seat.CHAIR, Seat.HEADTEACHER, Seat.DSL, Seat.VICE_CHAIR))
        people = rng.choice(
            ((PersonId(self.person),), (PersonId("dee"),), (PersonId(self.person), PersonId("gale")))
        )
        schools[SCHOOL] = replace(schools[SCHOOL], seats={**schools[SCHOOL].seats, seat: people})
        self.place.context.directory.reload(schools)  # type: ignore[attr-defined]
        await self.restart()


async def seen(seed: int, *, told: bool, leak: str = "") -> list[str | bool]:
    """Return everything the excluded person sees in the world of this seed."""
    rng = Random(seed)  # noqa: S311 - to be repeated, not to be secret
    person, answers = rng.choice(EXCLUDED)
    world = World(Town(await open_store("memory:", key=bytes(32))), person, told=told, leak=leak)
    await world.begin(answers, cases=rng.choice((1, 1, 2, 3)), two=rng.random() < 0.4)
    world.look()
    for _ in range(14):
        await world.step(rng.choice(STEPS), Random(rng.random()))  # noqa: S311 - likewise
    until = len(world.seen) if world.until is None else world.until
    return [*world.seen[:until], *("HPS-2026-9" in text for text in world.seen[until:])]


def alike(seed: int, *, leak: str = "") -> bool:
    """Return whether the two worlds look alike."""
    with_case, without = (asyncio.run(seen(seed, told=told, leak=leak)) for told in (True, False))
    return with_case == without


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 1_000_000))
def test_whoever_must_not_know_sees_what_there_is_without_the_case(seed: int) -> None:
    """Every byte is the same, whatever is done."""
    assert alike(seed)


@pytest.mark.soak
@settings(max_examples=often(3000, part=80), deadline=None)
@given(st.integers(0, 1_000_000))
@pytest.mark.feature("private-cases")
def test_very_many_worlds(seed: int) -> None:
    """The same, very often."""
    assert alike(seed)


@pytest.mark.slow
@pytest.mark.parametrize("leak", LEAKS)
def test_a_bot_that_tells_is_caught(leak: str) -> None:
    """Each surface of one that tells of what is kept, in whatever it says: the worlds are not alike."""
    assert any(not alike(seed, leak=leak) for seed in range(60))


def test_a_hint_that_asks_nobody_is_caught() -> None:
    """What stands beside a case, shown without asking who reads, tells somebody who must not know."""
    place = asyncio.run(_hinted())
    assert "HPS-2026-900" in place


async def _hinted() -> str:
    world = World(
        Town(await open_store("memory:", key=bytes(32))), "ash", told=True, leak="what stands beside a case"
    )
    await world.begin({"poster": ("headteacher",)}, cases=1, two=False)
    await world.place.report("jo", {**ABUSE, **POSTING})
    return said(await world.place.act("ash", await world.place.case("HPS-2026-001"), Action.OPEN_RECORD))
