"""One school on Slack, Teams and the web page at once: worked from any of them, all read the same.

Each press comes from another platform than the one before, the pages of one report too. An action that is new
is tried like the others: on each of the cases below, by anybody whom it is open to, with its form filled in.
"""

from __future__ import annotations

from itertools import cycle

import pytest
from msgspec.structs import replace

from bot.directory import leadership_people, restricted_people
from flows.case.actions.table import ACTIONS
from flows.model import Action, Case
from flows.school import Platform, Seat
from flows.ui.cards import Card
from flows.ui.forms import Choice, DateField, Form, Many, TextField, Value
from flows.ui.inbound import Actor, Receipt, Refuse, Reply, Show
from flows.ui.intents import Act, ChatCommand, SendReport
from storage.open import open_store
from tests.fakes import FakeChat
from tests.story.test_story import ABUSE
from tests.town import Town, buttons, page_values, said, shown_form

PLATFORMS = (Platform.SLACK, Platform.TEAMS, Platform.WEB)
PUPIL = {**ABUSE, "targets": ("pupil",)}
#: What nobody says of a posting, so that its close says *a mistake*.
MISTAKE = {**PUPIL, "words": "A mistake."}
#: Cases between which every action is open to somebody: what was reported, and what was done before.
CASES: tuple[tuple[dict[str, Value], tuple[Action, ...]], ...] = (
    (ABUSE, ()),
    (ABUSE, (Action.TAKE_ON,)),
    ({**PUPIL, "targets": ("school",), "nature": ("genuine_concern",)}, (Action.TAKE_ON,)),
    ({**PUPIL, "child_at_risk": "yes", "racist": "yes"}, (Action.TAKE_ON,)),
    ({**PUPIL, "sexual_imagery_child": "yes"}, (Action.TAKE_ON,)),
    ({**PUPIL, "staff_allegation": ("staff",)}, (Action.TAKE_ON,)),
    ({**PUPIL, "immediate_danger": "yes"}, (Action.TAKE_ON,)),
    (ABUSE, (Action.TAKE_ON, Action.LEGAL)),
    (ABUSE, (Action.TAKE_ON, Action.HOLD)),
    (ABUSE, (Action.TAKE_ON, Action.CONFLICT)),
    (ABUSE, (Action.TAKE_ON, Action.LEGAL, Action.CLOSE)),
    (MISTAKE, (Action.TAKE_ON, Action.CLOSE)),
)
#: Of two cases.
LINKS = (Action.LINK, Action.UNLINK)
#: Open only where a school's own policy wants something decided.
OF_A_SCHOOLS_OWN = {Action.OWN}
EVERYBODY = ("ash", "cam", "ellis", "bryn", "dee", "fern", "gale", "brook")


class Everywhere(Town):
    """The sample school with everybody on three platforms, pressing on one after the other."""

    def move(self) -> None:
        """Take it there."""
        people = {
            one.id: replace(one, accounts={platform: f"{platform}-{one.id}" for platform in PLATFORMS})
            for one in self.school.people.values()
        }
        lead = dict.fromkeys(PLATFORMS, "leadership")
        apart = {Seat.CHAIR: dict.fromkeys(PLATFORMS, "chair")}
        self.school = replace(self.school, people=people, leadership=lead, restricted=apart)
        self.context.directory.reload({self.school.id: self.school})  # type: ignore[attr-defined]
        members = {
            "leadership": leadership_people(self.school),
            "chair": restricted_people(self.school, Seat.CHAIR),
        }
        self.context.chats.clear()
        self.chats = {}
        for platform in PLATFORMS:
            inside = {name: frozenset(f"{platform}-{p}" for p in held) for name, held in members.items()}
            self.chats[platform] = FakeChat(platform, channels=inside)
            self.context.add_chat(self.chats[platform])
        self.turns = cycle(PLATFORMS)

    def actor(self, person: str) -> Actor:
        """Return somebody at the next platform's screen."""
        on = next(self.turns)
        return Actor(platform=on, workspace="", account=f"{on}-{person}")

    def channel(self, name: str) -> dict[Platform, list[str]]:
        """Return what a channel reads on each platform."""
        return {platform: chat.texts(name) for platform, chat in self.chats.items()}


async def everywhere() -> Everywhere:
    """Return such a school."""
    place = Everywhere(await open_store("memory:", key=bytes(32)))
    place.move()
    return place


def filled(form: Form) -> dict[str, Value]:
    """Return what somebody puts who fills in every field: the first choice, a day, invented words."""
    values: dict[str, Value] = {}
    for field in form.fields:
        match field:
            case Choice(options=options) | Many(options=options):
                values[field.name] = tuple(option.value for option in options[:1])
            case DateField():
                values[field.name] = "2026-11-30" if field.name == "until" else "2026-11-24"
            case TextField(name="reference"):
                pass  # they gave none yet
            case _:
                values[field.name] = "Invented words."
    return values


async def done(place: Everywhere, person: str, case: Case, action: Action) -> Reply:
    """Let somebody press an action, fill in its form, and mend what comes back once."""
    reply = await place.press(person, Act(case=case.id, action=action, version=case.version))
    if ACTIONS[action].declared.about and isinstance(reply, Show) and isinstance(reply.view, Card):
        about = [one for one in buttons(reply.view) if isinstance(one, Act) and one.which]
        if not about:
            return Refuse("There is nothing that it could be about.")
        reply = await place.press(person, about[0])
    for _ in range(3):
        form = reply.view if isinstance(reply, Show) else reply.form if isinstance(reply, Refuse) else None
        if not isinstance(form, Form):
            return reply
        values = filled(form)
        if action is Action.CLOSE and case.report.posting.words == MISTAKE["words"]:
            values["outcome"] = "mistake"
        if action is Action.CORRECT or action is Action.AMEND:
            values = {"still_online": "removed", "reason_for_correction": "Invented words."}
        if action in LINKS:
            values["which"] = "HPS-2026-002"
        reply = await place.fill(person, form.submit, values)
    return reply


async def begun(place: Everywhere, answers: dict[str, Value], action: Action) -> None:
    """Let there be a case, another to link it with, or a drill: whatever the action is open on."""
    if action is Action.END_DRILL:
        await place.ask("ash", ChatCommand.DRILL, "same_day")
    else:
        await place.report("brook", answers)
    if action in LINKS:
        await place.report("brook", answers)
    await place.settle()


async def anybody(place: Everywhere, action: Action) -> bool:
    """Return whether the action was open to somebody, and has been done."""
    for person in EVERYBODY:
        if not isinstance(await done(place, person, await place.case(), action), Refuse):
            await place.settle()
            return True
    return False


@pytest.mark.feature("two-platforms")
@pytest.mark.parametrize("action", Action)
async def test_after_every_action_all_threads_read_the_same(action: Action) -> None:
    """Whoever did it, and wherever: what stands in the channel is the same text on every platform."""
    for answers, before in CASES:
        place = await everywhere()
        await begun(place, answers, action)
        for earlier in before:
            assert await anybody(place, earlier), f"{earlier} before {action}"
        was_done = await anybody(place, action)
        for name in ("leadership", "chair"):
            read = place.channel(name)
            assert read[Platform.SLACK] == read[Platform.TEAMS] == read[Platform.WEB], name
        if was_done:
            return
    assert action in OF_A_SCHOOLS_OWN, "name in CASES a case on which it is open to somebody"


@pytest.mark.feature("draft-goes-on-anywhere")
async def test_a_report_is_begun_on_one_platform_and_sent_on_another() -> None:
    """Words typed on Slack, the pages on each platform in turn, sent wherever one is: one report."""
    place = await everywhere()
    await place.say("brook", "report An invented posting about nobody.")
    offered = await place.ask("brook", ChatCommand.REPORT)
    assert isinstance(offered, Show)
    assert isinstance(offered.view, Card)
    reply = await place.press("brook", buttons(offered.view)[0])
    on = set()
    while not isinstance(reply, Receipt):
        form = shown_form(reply)
        on.add(next(place.turns))
        sending = isinstance(form.submit, SendReport)
        values = {} if sending else page_values(form, ABUSE)
        reply = await place.fill("brook", form.submit, values)
    assert on == set(PLATFORMS)
    assert "An invented posting about nobody." in (await place.case()).report.posting.words
    assert "HPS-2026-001" in said(await place.ask("brook", ChatCommand.STATUS))
