"""What is said below a card goes with the card, however differently the two press."""

from __future__ import annotations

from msgspec.structs import replace

from flows.model import Change, SendState, Urgency, Way
from tests.bot.outbox.test_delivery import sends, town
from tests.story.test_story import ABUSE
from tests.town import SCHOOL


async def test_a_card_whose_lines_press_more_than_itself_goes_out() -> None:
    """A case became urgent before its card was out: the lines wait for the card, and the card for nobody."""
    place = await town()
    await place.report("brook", ABUSE)
    lines = [send for send in (await sends(place)).values() if send.way is Way.REPLY]
    pressing = tuple(replace(line, urgency=Urgency.URGENT) for line in lines)
    await place.store.commit(Change(school=SCHOOL, updated_sends=pressing))
    await place.settle()
    assert {send.state for send in (await sends(place)).values()} <= {SendState.SENT, SendState.DROPPED}


async def test_what_was_passed_over_is_looked_at_once_more_and_forgotten() -> None:
    """A second report comes while the first is on its way: it goes next, and nothing is left to look for."""
    place = await town()
    await place.report("brook", ABUSE)
    await place.worker.run_due(wait=False)
    await place.report("jo", ABUSE)
    await place.worker.run_due(wait=False)
    assert place.worker._skipped  # noqa: SLF001 - seen from outside only as looks too many
    await place.settle()
    assert len(place.messages("leadership", "case_card")) == 2
    assert not place.worker._skipped  # noqa: SLF001
