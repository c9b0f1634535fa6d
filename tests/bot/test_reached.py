"""From press to screen: what people read of who has been reached is what happened."""

from __future__ import annotations

import pytest

from flows.model import Action
from flows.ui.intents import ChatCommand
from storage.open import open_store
from tests.story.test_story import ABUSE
from tests.town import Town, said


async def reported() -> Town:
    """Return a school in which somebody has just reported."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.report("brook", ABUSE)
    return place


@pytest.mark.feature("receipt")
async def test_receipt_status_and_card_follow_what_happens() -> None:
    """Being told, sent, opened, taken on: each text says it once it is so, and not before."""
    place = await reported()
    steps = [said(await place.ask("brook", ChatCommand.STATUS))]
    assert "Safe; the leaders are being told" in steps[0]
    await place.settle()
    assert "sent to the leaders, not opened yet" in said(await place.ask("brook", ChatCommand.STATUS))
    for audience, kind in (("brook", "receipt"), ("leadership", "case_card"), ("ash", "notice")):
        assert "Was sent it, not opened yet: Headteacher" in place.messages(audience, kind)[0], audience
    assert "nobody has opened it yet" in said(await place.ask("ash", ChatCommand.CASES))
    await place.act("ash", await place.case(), Action.OPEN_RECORD)
    await place.settle()
    for audience, kind in (("brook", "receipt"), ("leadership", "case_card"), ("ash", "notice")):
        assert "Has opened it: Headteacher" in place.messages(audience, kind)[0], audience
    assert "a leader has opened it" in said(await place.ask("brook", ChatCommand.STATUS))
    assert "a leader has opened it" in said(await place.ask("brook", ChatCommand.HOME))
    assert "nobody has opened it yet" not in said(await place.ask("ash", ChatCommand.CASES))
    assert "Has opened it" in said(await place.ask("ash", ChatCommand.CASE, "HPS-2026-001"))
    await place.act("ash", await place.case(), Action.TAKE_ON)
    assert "Somebody is dealing with it" in said(await place.ask("brook", ChatCommand.STATUS))


async def test_a_second_opening_draws_nothing_again() -> None:
    """What everybody reads already is not sent again."""
    place = await reported()
    await place.settle()
    await place.act("ash", await place.case(), Action.OPEN_RECORD)
    await place.settle()
    before = len(place.chat.calls)
    await place.act("ash", await place.case(), Action.OPEN_RECORD)
    await place.settle()
    assert len(place.chat.calls) == before


@pytest.mark.parametrize("audience", ["brook", "leadership"])
async def test_who_could_not_be_reached_is_to_be_rung(audience: str) -> None:
    """Where a notice is refused for good, receipt and card stop saying that somebody is being told."""
    place = await reported()
    place.chat.shut.add("ash")
    await place.settle()
    kind = "receipt" if audience == "brook" else "case_card"
    text = place.messages(audience, kind)[0]
    assert "Could not be reached: Headteacher – ring 01632" in text
    status = said(await place.ask("brook", ChatCommand.STATUS))
    assert "no leader could be reached" in status or "passed up" in status


async def test_what_leaders_find_out_is_not_written_into_the_receipt() -> None:
    """Once somebody else has corrected an answer, the reporter's receipt stays as it was."""
    place = await reported()
    await place.settle()
    await place.act("ash", await place.case(), Action.OPEN_RECORD)
    await place.settle()
    before = place.messages("brook", "receipt")
    corrected = {"poster": ("governor",), "reason_for_correction": "Invented."}
    await place.act("ash", await place.case(), Action.CORRECT, corrected)
    await place.act("ash", await place.case(), Action.TAKE_ON)
    await place.settle()
    assert len((await place.case()).holders) > 1
    assert place.messages("brook", "receipt") == before


async def test_a_closed_case_is_drawn_no_more() -> None:
    """Opening the record of a closed case changes nothing that others read."""
    place = await reported()
    await place.settle()
    await place.act("ash", await place.case(), Action.TAKE_ON)
    await place.act("ash", await place.case(), Action.LEGAL, {"contacted": "no", "why": "Invented."})
    await place.act("ash", await place.case(), Action.CLOSE, {"outcome": "removed", "text": "Invented."})
    await place.settle()
    before = [call for call in place.chat.calls if call[0] == "edit"]
    await place.act("ash", await place.case(), Action.OPEN_RECORD)
    await place.settle()
    assert [call for call in place.chat.calls if call[0] == "edit"] == before
