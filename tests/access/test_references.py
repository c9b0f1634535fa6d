"""What a case is called tells of no other case: codes are drawn by lot, and again where one is taken."""

from __future__ import annotations

import re

import pytest

from bot.clock import new_code
from bot.turns.whose import Whose
from flows.references import CODE_LETTERS
from flows.ui.inbound import Asked
from flows.ui.intents import ChatCommand
from storage.open import open_store
from tests.story.test_story import ABUSE, BY_THE_HEAD
from tests.town import SCHOOL, Town, said


async def town() -> Town:
    """Give a school whose references are drawn as in earnest."""
    place = Town(await open_store("memory:", key=bytes(32)))
    place.context.new_code = new_code
    return place


async def test_a_leader_who_is_out_of_one_sees_no_gap() -> None:
    """The Headteacher is told of two cases of three; their names do not say that there is one more."""
    place = await town()
    for answers in (ABUSE, BY_THE_HEAD, ABUSE):
        await place.report("brook", answers)
        await place.later(minutes=1)
    listed = said(await place.ask("ash", ChatCommand.CASES))
    codes = set(re.findall(rf"HPS-2026-([{CODE_LETTERS}]{{4}})", listed))
    assert len(codes) == 2


async def test_what_is_newer_is_told_by_its_day_alone() -> None:
    """Lists put the pressing and the newest first, whatever the codes are."""
    place = await town()
    drawn = iter(("XXXX", "2222"))
    place.context.new_code = lambda: next(drawn)
    for _ in range(2):
        await place.report("brook", ABUSE)
        await place.later(minutes=1)
    rows = await place.store.cases(SCHOOL)
    assert [row.reference for row in rows] == ["HPS-2026-2222", "HPS-2026-XXXX"]


async def test_a_code_that_is_taken_is_drawn_again() -> None:
    """Also where somebody is reporting: they notice nothing."""
    place = await town()
    drawn = iter(("7H4M", "7H4M", "7h4m", "9CFG"))
    place.context.new_code = lambda: next(drawn)
    for _ in range(2):
        await place.report("brook", ABUSE)
    assert {row.reference for row in await place.store.cases(SCHOOL)} == {"HPS-2026-7H4M", "HPS-2026-9CFG"}


@pytest.mark.parametrize("written", ["hps-2026-7h4m", "HPS 2026 7H4M", "hps20267h4m", "HPS–2026–7H4M"])
async def test_it_is_typed_as_people_type(written: str) -> None:
    """In a chat and behind a command: capitals, spaces and dashes make no difference."""
    place = await town()
    place.context.new_code = lambda: "7H4M"
    await place.report("brook", ABUSE)
    for reply in (
        await place.say("ash", f"case {written}"),
        await place.ask("ash", ChatCommand.CASE, written),
    ):
        assert "HPS-2026-7H4M" in said(reply)


async def test_whose_it_is_is_read_off_it_however_it_is_written() -> None:
    """For somebody of two schools, of which one's references begin like the other's."""
    place = await town()
    asked = Asked(key="a", actor=place.actor("ash"), command=ChatCommand.CASE, argument="hps 2026 7h4m")
    identity = place.context.directory.resolve(asked.actor)
    assert identity is not None
    assert await Whose(place.context).school(asked, identity, [SCHOOL]) == SCHOOL
