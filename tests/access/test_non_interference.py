"""Whoever must not know of a case sees, byte for byte, what they would see if there were none.

Two worlds in which the same is done, but that in one of them there is a case and in the other there is not.
In both the excluded person asks, presses, reports, joins the channel, belongs to two schools, and the bot
starts again and seats change: what they are answered, sent, or could read in a channel is compared.
"""

from __future__ import annotations

import asyncio
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.handover import hand_over
from bot.outbox.worker import Worker
from bot.turns.overview import Overview
from bot.turns.service import Service
from bot.turns.turn import Turn
from flows.errors import NotFound
from flows.model import Action, Case
from flows.school import PersonId, SchoolId, Seat
from flows.ui.forms import Value
from flows.ui.inbound import Noted, Reply
from flows.ui.intents import Act, ChatCommand
from storage.open import open_store
from tests.often import often
from tests.story.test_story import ABUSE
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
STEPS = ("ask", "ask", "press", "type", "note", "report", "work", "restart", "join", "leave", "seats", "time")
#: What is looked for where there is no case: its id, its reference, a card of it.
_NONE = ("01TEST00000000000000NONE", "HPS-2026-900", "m900")


class Telling(Overview):
    """A bot with a fault: it says of a case that somebody must not know of that it is not theirs."""

    async def _case(self, turn: Turn, reference: str) -> Reply:
        try:
            return await super()._case(turn, reference)
        except NotFound:
            found = await self.context.store.case_called(turn.school.id, reference.strip())
            if found is not None:
                raise NotFound("no-such-case", "That case is not yours.", "") from None
            raise


class World:
    """One of the two, and everything the excluded person has seen in it."""

    def __init__(self, place: Town, person: str, *, told: bool, telling: bool) -> None:
        self.place, self.person, self.told, self.telling = place, person, told, telling
        self.seen: list[str] = []
        self.case: Case | None = None
        self.id, self.reference, self.card = _NONE

    async def begin(self, answers: dict[str, Value], *, two: bool) -> None:
        """Let there be a case, or not, and two schools, or one."""
        place = self.place
        if self.telling:
            place.service.overview = Telling(place.context, place.service.casework)
        if self.told:
            drawn, place.context.new_code = place.context.new_code, lambda: "900"
            await place.report("brook", {**ABUSE, **answers})
            place.context.new_code = drawn
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

    def look(self) -> None:
        """Take down all that this person can read now."""
        chat = self.place.chat
        places = [self.person, *(c for c, people in sorted(chat.channels.items()) if self.person in people)]
        for place in places:
            self.seen.append(f"{place}: {self.place.reads(place)}")

    def answered(self, reply: Reply) -> None:
        """Take down what this person was answered."""
        self.seen.append(said(reply))

    async def step(self, name: str, rng: Random) -> None:
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
                self.answered(await place.press(person, Act(case=self.id, action=action, version=1)))
            case "type":
                words = rng.choice(("cases", f"case {self.reference}", "status", "case OPS-2026-001"))
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
                self.answered(await place.report(person, {**ABUSE, "targets": ("pupil",)}))
            case "work" if self.case is not None:
                leader = rng.choice(("ellis", "gale", "ash", "cam"))
                if leader != person:
                    await place.act(leader, await place.case(self.reference), action, {"text": "Invented."})
            case "restart":
                await self.restart()
            case "join":
                place.chat.channels["leadership"] |= {person}
            case "leave":
                place.chat.channels["leadership"] -= {person}
            case "seats":
                await self.seats(rng)
            case "time":
                await place.later(minutes=day)
            case _:
                pass
        await place.settle()
        self.look()

    async def restart(self) -> None:
        """Start the bot again, over the same store."""
        place = self.place
        place.service = Service(place.context)
        if self.telling:
            place.service.overview = Telling(place.context, place.service.casework)
        place.worker = Worker(place.context, place.service)
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


async def seen(seed: int, *, told: bool, telling: bool = False) -> list[str]:
    """Return everything the excluded person sees in the world of this seed."""
    rng = Random(seed)  # noqa: S311 - to be repeated, not to be secret
    person, answers = rng.choice(EXCLUDED)
    world = World(Town(await open_store("memory:", key=bytes(32))), person, told=told, telling=telling)
    await world.begin(answers, two=rng.random() < 0.4)
    world.look()
    for _ in range(14):
        await world.step(rng.choice(STEPS), Random(rng.random()))  # noqa: S311 - likewise
    return world.seen


def alike(seed: int, *, telling: bool = False) -> bool:
    """Return whether the two worlds look alike."""
    with_case, without = (
        asyncio.run(seen(seed, told=told, telling=telling and told)) for told in (True, False)
    )
    return with_case == without


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 1_000_000))
def test_whoever_must_not_know_sees_what_there_is_without_the_case(seed: int) -> None:
    """Every byte is the same, whatever is done."""
    assert alike(seed)


@pytest.mark.soak
@settings(max_examples=often(1000), deadline=None)
@given(st.integers(0, 1_000_000))
def test_very_many_worlds(seed: int) -> None:
    """The same, very often."""
    assert alike(seed)


def test_a_bot_that_tells_is_caught() -> None:
    """One other sentence for a case that is kept, and the worlds are not alike."""
    assert any(not alike(seed, telling=True) for seed in range(50))
