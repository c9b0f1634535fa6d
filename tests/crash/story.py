"""The story that is killed at every point: two reports, and all that is done to a case, from each platform.

Each delivery is made from the state the bot is in when it is its turn, and comes from the next platform.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping

from msgspec.structs import replace

from bot.directory import leadership_people, restricted_people
from flows.model import Action
from flows.school import Platform, School, Seat
from flows.ui.cards import Card
from flows.ui.forms import Form, Value
from flows.ui.inbound import Actor, Filled, Inbound, Pressed, Show, Typed
from flows.ui.intents import Act, Begin, GoTo, SendReport, Settle
from tests.story.test_everywhere import filled
from tests.town import SCHOOL, Town, buttons, page_values, said, shown_form

PLATFORMS = (Platform.SLACK, Platform.TEAMS, Platform.WEB)
#: Who joins by a one-time code: the school's file has no account of theirs on Teams.
JOINS = "jo"
#: What is reported: an abusive, harmful posting about a teacher, with a threat somebody is not sure of.
ANSWERS: Mapping[str, Value] = {
    "immediate_danger": "no",
    "violence": "not_sure",
    "targets": ("staff", "pupil"),
    "poster": ("parent_carer",),
    "did": ("made",),
    "nature": ("abusive", "could_harm_reputation"),
    "words": "An invented posting.",
}
OTHER = "HPS-2026-002"
_PAGES = 12  # at the most, from the first question to sending

#: All that is done to the case, in this order: who, what, and what they fill in beside the first choice.
#: None = a press alone. Looking at something is no delivery: it changes nothing that could be lost.
DEEDS: tuple[tuple[str, Action, Mapping[str, Value] | None], ...] = (
    ("ash", Action.TAKE_ON, None),
    ("brook", Action.ADD, {}),
    ("ash", Action.ASSIGN, {}),
    ("ash", Action.NOTE, {}),  # between the two: who was to take it on is told of no more than is so
    ("ash", Action.TAKE_ON, None),
    ("ash", Action.LEGAL, {"contacted": "no"}),
    ("ash", Action.POLICE, {"contacted": "yes"}),
    ("ash", Action.REFERENCE, {}),
    ("ash", Action.HOLD, {}),
    ("ash", Action.CLEAR_HOLD, {}),
    ("ash", Action.CARE, {"again": "week"}),
    ("ash", Action.SNOOZE, {}),
    ("ash", Action.TASK, {}),
    ("ash", Action.WRITE, {}),
    ("ash", Action.LETTER, {"text": "Invented title\n\nInvented letter."}),
    ("ash", Action.PACK, {}),
    ("ash", Action.EXPORT, {}),
    ("ash", Action.CONTACT, {}),
    ("ash", Action.MEETING, {}),
    ("ash", Action.LINK, {"which": OTHER}),
    ("ash", Action.UNLINK, {"which": OTHER}),
    ("ash", Action.SHOW_REPORTER, {}),
    ("ash", Action.CORRECT, {"still_online": "removed", "reason_for_correction": "Invented words."}),
    ("ash", Action.CLOSE, {"outcome": "invited"}),
    ("ash", Action.REOPEN, {}),
    ("ash", Action.TAKE_ON, None),
    ("ash", Action.CLOSE, {"outcome": "invited"}),
    ("ash", Action.LEGAL_HOLD, {}),
    ("ash", Action.LIFT_LEGAL_HOLD, {}),
)


def account(platform: Platform, person: str) -> str:
    """Return somebody's account."""
    return f"{platform}-{person}"


def everywhere(school: School) -> School:
    """Return the school with everybody on three platforms, but for one who is not on Teams yet."""
    people = {
        one.id: replace(
            one,
            accounts={p: account(p, one.id) for p in PLATFORMS if (p, one.id) != (Platform.TEAMS, JOINS)},
        )
        for one in school.people.values()
    }
    lead = dict.fromkeys(PLATFORMS, "leadership")
    return replace(
        school, people=people, leadership=lead, restricted={Seat.CHAIR: dict.fromkeys(PLATFORMS, "chair")}
    )


def channels(school: School, platform: Platform) -> dict[str, frozenset[str]]:
    """Return who sits where on a platform."""
    inside = {
        "leadership": leadership_people(school),
        "chair": restricted_people(school, Seat.CHAIR),
    }
    return {name: frozenset(account(platform, person) for person in held) for name, held in inside.items()}


class Story:
    """The story's deliveries, one after the other."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.steps: tuple[Callable[[str, Platform], Awaitable[Inbound | None]], ...] = (
            *self._report("brook"),
            *self._report("jo"),
            self._code_typed,
            *(self._deed(*one) for one in DEEDS[:-6]),
            self._seat_asked,
            self._seat_agreed,
            *(self._deed(*one) for one in DEEDS[-6:]),
        )

    async def delivery(self, number: int) -> Inbound | None:
        """Return the delivery of that number; None = it is not needed."""
        return await self.steps[number](f"step-{number}", PLATFORMS[number % len(PLATFORMS)])

    def _report(self, person: str) -> list[Callable[[str, Platform], Awaitable[Inbound | None]]]:
        async def begin(key: str, on: Platform) -> Inbound:
            return Pressed(key=key, actor=actor(person, on), intent=Begin())

        async def page(key: str, on: Platform) -> Inbound | None:
            draft = await self.town.store.draft_of(SCHOOL, self.town.school.people[person].id)  # type: ignore[index]
            if draft is None:
                return None
            there = GoTo(draft=draft.id, revision=draft.revision, page="")
            shown = shown_form(await self._look(person, on, there, key))
            if isinstance(shown.submit, SendReport):
                return Pressed(key=key, actor=actor(person, on), intent=shown.submit)
            values = page_values(shown, ANSWERS)
            return Filled(key=key, actor=actor(person, on), intent=shown.submit, values=values)

        return [begin, *([page] * _PAGES)]

    async def _look(self, person: str, on: Platform, intent: GoTo | Act, key: str) -> Show:
        looked = Pressed(key=f"look-{key}-{intent}", actor=actor(person, on), intent=intent)
        reply = await self.town.service.handle(looked)
        assert isinstance(reply, Show), f"{intent}: {said(reply)}"
        return reply

    async def _code_typed(self, key: str, on: Platform) -> Inbound:
        """Let somebody be shown a code where they are known, and type it where they are nobody yet."""
        del on
        asked = Typed(key=f"ask-{key}", actor=actor(JOINS, Platform.WEB), text="link my account")
        found = re.search(r"link (\S+)\.", said(await self.town.service.handle(asked)))
        assert found
        there = Actor(platform=Platform.TEAMS, workspace="", account=account(Platform.TEAMS, JOINS))
        return Typed(key=key, actor=there, text=f"link {found[1]}")

    async def _seat_asked(self, key: str, on: Platform) -> Inbound:
        """Let the office ask for another DSL."""
        return Typed(key=key, actor=actor("office", on), text="seat DSL: jo")

    async def _seat_agreed(self, key: str, on: Platform) -> Inbound:
        """Let the Headteacher agree to it."""
        roster = await self.town.store.roster(SCHOOL)
        assert roster is not None
        return Pressed(key=key, actor=actor("ash", on), intent=Settle(roster.changes[-1].id, agreed=True))

    def _deed(
        self, person: str, action: Action, values: Mapping[str, Value] | None
    ) -> Callable[[str, Platform], Awaitable[Inbound]]:
        async def step(key: str, on: Platform) -> Inbound:
            case = await self.town.case()
            intent = Act(case=case.id, action=action, version=case.version)
            if values is None:
                return Pressed(key=key, actor=actor(person, on), intent=intent)
            reply = await self._look(person, on, intent, key)
            if isinstance(reply.view, Card):  # it is about one of several
                about = next(one for one in buttons(reply.view) if isinstance(one, Act) and one.which)
                reply = await self._look(person, on, about, key)
            form = reply.view
            assert isinstance(form, Form), f"{action} shows no form"
            # What is corrected is that alone: the first choice of every other question is another story.
            put = values if action is Action.CORRECT else {**filled(form), **values}
            return Filled(key=key, actor=actor(person, on), intent=form.submit, values=dict(put))

        return step


def actor(person: str, on: Platform) -> Actor:
    """Return somebody at their screen; who is on no Teams yet is at the page."""
    on = Platform.WEB if (on, person) == (Platform.TEAMS, JOINS) else on
    return Actor(platform=on, workspace="", account=account(on, person))
