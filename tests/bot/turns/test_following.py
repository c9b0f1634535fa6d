"""The plan of a case, a reminder put off, and what is typed behind a reference, through the door."""

from __future__ import annotations

import datetime as dt

import pytest

from flows.model import Action, AuditKind
from flows.ui.inbound import Refuse
from flows.ui.intents import ChatCommand
from storage.open import open_store
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town, said


@pytest.fixture
async def place() -> Town:
    """Return a school with a case of yesterday that the Headteacher has taken on."""
    found = Town(await open_store("memory:", key=bytes(32)))
    await found.report("brook", ABUSE)
    await found.act("ash", await found.case(), Action.TAKE_ON)
    await found.settle()
    return found


@pytest.mark.feature("plan-shown")
@pytest.mark.parametrize("words", ["what happens when", "What happens  when?", "WHAT HAPPENS WHEN"])
async def test_the_plan_is_typed_behind_the_reference(place: Town, words: str) -> None:
    """What stands on a button, typed behind the reference, is as good as a press; that is logged."""
    reply = await place.ask("ash", ChatCommand.CASE, f"HPS-2026-001 {words}")
    assert "What happens when – HPS-2026-001" in said(reply)
    assert "Decide whether to ask Legal" in said(reply)
    last = (await place.store.audit(SCHOOL))[0]
    assert (last.kind, last.by) == (AuditKind.CARD_SHOWN, "ash")


async def test_it_is_offered_behind_more(place: Town) -> None:
    """The Headteacher presses More, and finds it there."""
    reply = await place.act("ash", await place.case(), Action.MORE)
    assert "What happens when" in said(reply)
    assert "Legal" in said(await place.act("ash", await place.case(), Action.PLAN))


async def test_whoever_may_not_know_finds_no_such_case(place: Town) -> None:
    """A colleague asks for the plan: in the same words whether there is such a case or not."""
    there = await place.ask("jo", ChatCommand.CASE, "HPS-2026-001 what happens when")
    not_there = await place.ask("jo", ChatCommand.CASE, "HPS-2026-999 what happens when")
    assert isinstance(there, Refuse)
    assert there == not_there


@pytest.mark.feature("snooze")
async def test_the_headteacher_is_reminded_until_they_put_it_off(place: Town) -> None:
    """At three a message of its own; put off until Monday nothing more of it is said until then."""
    await place.later(hours=5)
    (first,) = place.messages("ash", "reminder")
    assert "Decide whether to ask Legal" in first
    values = {"which": "legal", "until": "2026-11-30", "text": "They ring back."}
    await place.act("ash", await place.case(), Action.SNOOZE, values)
    for _ in range(5):
        await place.later(days=1)
    between = place.messages("ash", "reminder")[1:]
    assert between
    assert not any("Legal" in text for text in between)
    await place.later(days=1)
    assert "Legal" in place.messages("ash", "reminder")[-1]


@pytest.mark.feature("reminders-capped")
async def test_acting_just_before_it_goes_silences_it(place: Town) -> None:
    """It was planned, and what it asks is done before it goes: it says nothing."""
    place.clock.pass_by(dt.timedelta(hours=5))
    timers = await place.store.due_timers(place.clock.at)
    for timer in timers:
        await place.worker.ringing.remind(timer)
    for name in ("ask_to_take_it_down", "invite_via_complaints_procedure", "support_person_affected"):
        values = {"which": name, "became": "done", "text": ""}
        await place.act("ash", await place.case(), Action.TASK, values)
    await place.act("ash", await place.case(), Action.LEGAL, {"contacted": "no", "why": "x"})
    await place.settle()
    assert place.messages("ash", "reminder") == []
