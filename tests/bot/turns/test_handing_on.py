"""A case is given to another who is told, taken back and handed on; it is theirs once they take it on."""

from __future__ import annotations

import pytest

from flows.case import access
from flows.case.seats import acting
from flows.model import Action, Capability, EventKind, Status
from flows.ui.forms import Choice, Form, Value
from flows.ui.inbound import Receipt, Refuse, Show
from flows.ui.intents import Act, ChatCommand
from storage.open import open_store
from tests.flows.matter import CHILD
from tests.town import SCHOOL, Town, said

WHY = "Invented: you know the family"
REPORT: dict[str, Value] = {**CHILD, "targets": ("staff", "pupil")}


async def town() -> Town:
    """Return a school with a case that the Headteacher leads and has taken on; the DSL is told of it."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.report("brook", REPORT)
    await place.act("ash", await place.case(), Action.TAKE_ON)
    await place.settle()
    return place


async def hand(place: Town, by: str, to: str) -> object:
    """Let somebody hand the case on."""
    reply = await place.act(by, await place.case(), Action.ASSIGN, {"who": to, "text": WHY})
    await place.settle()
    return reply


@pytest.mark.feature("assign")
async def test_what_is_handed_on_is_told_and_on_record() -> None:
    """The person is told with the reason, the thread and the card say it, and it is theirs once taken on."""
    place = await town()
    assert isinstance(await hand(place, "ash", "cam"), Receipt)
    case = await place.case()
    assert (case.owner, case.assigned, case.status) == (None, "cam", Status.OPEN)
    told = place.messages("cam", "assigned")
    assert len(told) == 1
    assert WHY in told[0]
    assert case.reference in told[0]
    assert "handed this on" in place.reads("leadership")
    assert WHY not in place.reads("leadership"), "a leader's own words stand in no channel"
    record = said(await place.act("ash", case, Action.OPEN_RECORD))
    assert WHY in record
    await place.act("cam", await place.case(), Action.TAKE_ON)
    case = await place.case()
    assert (case.owner, case.assigned, case.status) == ("cam", None, Status.ACKNOWLEDGED)


async def test_who_has_it_hands_it_back_and_the_lead_takes_it_back() -> None:
    """The DSL who has it hands it on again; the lead takes it over whenever they like."""
    place = await town()
    await hand(place, "ash", "cam")
    assert isinstance(await hand(place, "cam", "ash"), Receipt), "also before they have taken it on"
    assert (await place.case()).assigned == "ash"
    await hand(place, "ash", "cam")
    await place.act("cam", await place.case(), Action.TAKE_ON)
    await place.act("ash", await place.case(), Action.TAKE_ON)
    assert (await place.case()).owner == "ash"


async def test_who_is_told_and_has_it_not_hands_nothing_on() -> None:
    """Somebody told who neither leads nor has it is refused, and nothing changes."""
    place = await town()
    before = await place.case()
    reply = await place.press("cam", Act(case=before.id, action=Action.ASSIGN, version=before.version))
    assert isinstance(reply, Refuse)
    assert reply.reference == "not-yours"
    assert (await place.case()).version == before.version


@pytest.mark.parametrize("to", ["ash", "brook", "jo", "ellis", "office", ""])
async def test_it_goes_to_nobody_else(to: str) -> None:
    """Not to oneself, nor to the reporter, an outsider, a governor who is not told, the office, or nobody."""
    place = await town()
    before = await place.case()
    assert isinstance(await hand(place, "ash", to), Refuse)
    after = await place.case()
    assert (after.owner, after.assigned, after.version) == ("ash", None, before.version)


async def test_the_form_offers_exactly_those_who_may_act() -> None:
    """Whoever may act on the case and does not have it, and nobody else."""
    place = await town()
    case = await place.case()
    may = {p for p in place.school.people if access.may(case, p, place.school, Capability.ACT)}
    assert set(acting(case, place.school)) == may
    shown = await place.press("ash", Act(case=case.id, action=Action.ASSIGN, version=case.version))
    assert isinstance(shown, Show)
    assert isinstance(shown.view, Form)
    field = shown.view.fields[0]
    assert isinstance(field, Choice)
    assert {option.value for option in field.options} == may - {"ash"}


async def test_where_nobody_else_may_act_it_says_so() -> None:
    """Nobody else is told: there is no button, and the form says that nobody is left."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.report("brook", {"targets": ("staff",), "nature": ("abusive",)})
    case = await place.case()
    assert acting(case, place.school) == ("ash",)
    await place.act("ash", case, Action.TAKE_ON)
    reply = await place.press("ash", Act(case=case.id, action=Action.ASSIGN, version=case.version))
    assert isinstance(reply, Refuse)
    assert reply.reference == "nobody-to-assign"
    more = await place.press("ash", Act(case=case.id, action=Action.MORE, version=case.version))
    assert "Hand this on" not in said(more)


async def test_whoever_does_not_take_it_on_is_followed_by_the_next() -> None:
    """What was handed on has a clock: the next person is told when it is not taken on in time."""
    place = await town()
    await hand(place, "ash", "cam")
    await place.later(minutes=30)
    case = await place.case()
    assert case.status is Status.ESCALATED
    assert case.stand_ins
    events = [event.kind for event in await place.store.events(SCHOOL, case.id)]
    assert events[-1] is EventKind.ESCALATED


async def test_somebody_with_a_conflict_has_it_no_longer() -> None:
    """Whom it was handed to steps out: it is handed to nobody, and what they were sent is emptied."""
    place = await town()
    await hand(place, "ash", "cam")
    await place.act("cam", await place.case(), Action.CONFLICT, {"text": "Invented."})
    await place.settle()
    assert (await place.case()).assigned is None
    assert WHY not in place.reads("cam")


async def test_what_was_taken_back_before_it_went_is_not_said() -> None:
    """A message that waits says nothing once the case is not theirs to take on any more."""
    place = await town()
    case = await place.case()
    await place.act("ash", case, Action.ASSIGN, {"who": "cam", "text": WHY})
    await place.act("ash", await place.case(), Action.TAKE_ON)
    await place.settle()
    assert place.messages("cam", "assigned") == []


async def test_a_button_can_be_typed() -> None:
    """The case, its reference and the words on a button do what the button does; for whoever may."""
    place = await town()
    form = await place.say("ash", "case HPS-2026-001 hand this on")
    assert isinstance(form, Show)
    assert isinstance(form.view, Form)
    assert isinstance(await place.ask("ash", ChatCommand.CASE, "hps 2026 001 take_on"), Refuse)
    assert isinstance(await place.ask("cam", ChatCommand.CASE, "HPS-2026-001 Take this on"), Receipt)
    assert (await place.case()).owner == "cam"
    nothing = await place.ask("ash", ChatCommand.CASE, "HPS-2026-001 dance")
    assert isinstance(nothing, Refuse)
    assert nothing.reference == "no-such-action"
    for asked in ("HPS-2026-001 hold", "HPS-2026-001 dance", "HPS-2026-999 hold"):
        assert said(await place.ask("jo", ChatCommand.CASE, asked)) == said(
            await place.ask("jo", ChatCommand.CASE, "HPS-2026-998")
        )
