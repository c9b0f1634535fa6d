"""What a case owes is recorded by whom the policy page names, and nothing that anybody does ends it first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from msgspec.structs import replace

from bot.turns.handover import hand_over
from flows.case.duties import outstanding
from flows.model import Action, Body, Case, Change, Status
from flows.school import PersonId, Seat
from flows.ui.forms import Value
from flows.ui.inbound import Noted, Receipt, Show
from flows.ui.intents import Act, ChatCommand, Fill
from storage.open import open_store
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town

#: For each body, a report that makes the school owe it something.
OWES: dict[Body, dict[str, Value]] = {
    Body.LEGAL: ABUSE,
    Body.POLICE: {**ABUSE, "violence": "yes"},
    Body.LADO: {**ABUSE, "staff_allegation": ("staff",), "accused_is": ("someone_else",)},
    Body.CHILDRENS_SERVICES: {**ABUSE, "child_at_risk": "yes"},
    Body.IMAGERY: {"sexual_imagery_child": "yes", "targets": ("pupil",)},
}
PEOPLE = ("ash", "bryn", "cam", "dee", "ellis", "fern", "gale", "brook", "jo", "office")
#: Who leads, and the DSL who was told.
LEAD, DSL = "ash", "cam"
DONE: dict[str, Value] = {"outcome": "met", "text": "Invented."}
MISTAKE: dict[str, Value] = {"outcome": "mistake", "text": "Invented."}
BODIES = pytest.mark.parametrize("body", Body)


async def owing(body: Body) -> Town:
    """Return a school with a case that its lead has taken on and could close, but for what it owes a body."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.report("brook", OWES[body])
    await place.settle()
    await place.act(LEAD, await place.case(), Action.TAKE_ON)
    case = await place.case()
    assert case.owner == LEAD
    alone = tuple(duty for duty in outstanding(case) if duty.body == body)
    assert alone
    free = replace(case, duties=alone, hold="", hold_safeguarding=False)
    await place.context.commit(Change(school=SCHOOL, case=free))
    return place


async def _button(place: Town, person: str, case: Case) -> None:
    await place.act(person, case, Action.CLOSE, DONE)


async def _form_by_hand(place: Town, person: str, case: Case) -> None:
    await place.fill(person, Fill(case=case.id, action=Action.CLOSE, version=case.version), DONE)


async def _old_form_twice(place: Town, person: str, case: Case) -> None:
    old = Fill(case=case.id, action=Action.CLOSE, version=1)
    for _ in range(2):
        await place.fill(person, old, DONE, key=f"replay-{person}")


async def _typed(place: Town, person: str, case: Case) -> None:
    await place.say(person, "close")
    await place.ask(person, ChatCommand.CASE, f"{case.reference} close")
    card = next(iter(case.cards))
    send = await place.store.send(SCHOOL, card)
    assert send is not None
    assert send.posted is not None
    for text in ("close", "Closed. No further action."):
        noted = Noted(
            key=f"{person}{text}",
            actor=place.actor(person),
            channel=send.posted.channel,
            thread=send.posted.message,
            text=text,
        )
        await place.service.handle(noted)


async def _exported(place: Town, person: str, case: Case) -> None:
    await place.act(person, case, Action.EXPORT, {"text": "Invented."})
    for typed in ("find: x", f"find {case.reference}", "cases waiting"):
        await place.say(person, typed)


async def _alone_as_a_mistake(place: Town, person: str, case: Case) -> None:
    await place.act(person, case, Action.CLOSE, MISTAKE)
    await place.act(person, await place.case(), Action.COUNTERSIGN, {"text": "Invented."})


async def _corrected(place: Town, person: str, case: Case) -> None:
    before = case.version
    nothing: dict[str, Value] = {
        **dict.fromkeys(("immediate_danger", "sexual_imagery_child", "child_at_risk", "violence"), "no"),
        "staff_allegation": ("nobody",),
        "nature": ("genuine_concern",),
        "reason_for_correction": "Invented.",
    }
    for action in (Action.CORRECT, Action.AMEND):
        await place.act(person, await place.case(), action, nothing)
    assert person != LEAD or (await place.case()).version > before
    await _button(place, person, await place.case())


async def _handed_over(place: Town, person: str, case: Case) -> None:
    del case
    seats = {**place.school.seats, Seat.HEADTEACHER: (PersonId(person),), Seat.CHAIR: (PersonId(person),)}
    place.context.directory.reload({SCHOOL: replace(place.school, seats=seats)})  # type: ignore[attr-defined]
    await hand_over(place.context, place.service.casework)
    await place.settle()
    await place.act(person, await place.case(), Action.TAKE_ON)
    await _button(place, person, await place.case())
    place.context.directory.reload({SCHOOL: place.school})  # type: ignore[attr-defined]
    await hand_over(place.context, place.service.casework)


async def _lead_steps_out(place: Town, person: str, case: Case) -> None:
    await place.act(person, case, Action.CONFLICT, {"text": "Invented."})
    await place.settle()
    for other in PEOPLE:
        await place.act(other, await place.case(), Action.TAKE_ON)
        await _button(place, other, await place.case())


async def _time(place: Town, person: str, case: Case) -> None:
    del person, case
    for days in (1, 30, 400, 2500):
        await place.later(days=days)


WAYS = (
    _button,
    _form_by_hand,
    _old_form_twice,
    _typed,
    _exported,
    _alone_as_a_mistake,
    _corrected,
    _handed_over,
    _lead_steps_out,
    _time,
)


@BODIES
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__.strip("_"))
async def test_no_way_of_anybody_ends_a_case_that_owes(
    body: Body, way: Callable[[Town, str, Case], Awaitable[None]]
) -> None:
    """Each person tries each way while something is owed: the case is open, and it is owed still."""
    place = await owing(body)
    for person in (LEAD,) if way is _time else PEOPLE:
        if way is _alone_as_a_mistake:
            place = await owing(body)
        await way(place, person, await place.case())
        case = await place.case()
        assert case.status is not Status.CLOSED, person
        assert body in {duty.body for duty in outstanding(case)}, person


@BODIES
async def test_only_whom_the_page_names_records_it(body: Body) -> None:
    """The lead; what concerns a child the DSL who was told too. Whoever may not changes nothing."""
    may = {LEAD, DSL} if body in (Body.CHILDRENS_SERVICES, Body.IMAGERY) else {LEAD}
    said: dict[str, Value] = {"contacted": "yes", "how": "phone", "when": "2026-11-24", "why": "Invented."}
    for person in PEOPLE:
        place = await owing(body)
        case, action = await place.case(), Action(body.value)
        await place.press(person, Act(case=case.id, action=action, version=case.version))
        reply = await place.fill(person, Fill(case=case.id, action=action, version=case.version), said)
        decided = next(duty.decided for duty in (await place.case()).duties if duty.body == body)
        assert isinstance(reply, Receipt) is (person in may), person
        assert (decided is not None) is (person in may), person
        assert decided is None or decided.by == person


@pytest.mark.parametrize("which", ["invitation", "take_down", "holding"])
async def test_no_way_of_anybody_writes_to_the_poster_while_contact_waits(which: str) -> None:
    """Begun, filled in by hand, sent again from an old form, typed: no letter, whoever tries."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.report("brook", {**ABUSE, "violence": "yes", "poster": ("parent_carer",)})
    await place.settle()
    await place.act(LEAD, await place.case(), Action.TAKE_ON)
    case = await place.case()
    assert case.hold
    for person in PEOPLE:
        await place.press(person, Act(case=case.id, action=Action.LETTER, version=case.version, which=which))
        for version in (1, case.version):
            fill = Fill(case=case.id, action=Action.LETTER, version=version, which=which)
            reply = await place.fill(person, fill, {"text": "Invented"}, key=f"{person}{version}")
            assert not isinstance(reply, Show), person
        await place.ask(person, ChatCommand.CASE, f"{case.reference} letter {which}")
        await place.say(person, f"letter {which}")
        assert (await place.case()).documents == (), person
