"""Seats, absences, links and the digest, beside a case that one must not know of: not a byte is different."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.ui.forms import Value
from flows.ui.inbound import Receipt
from flows.ui.intents import ChatCommand, Settle
from storage.open import open_store
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town, said

#: Kept from the Headteacher, and from the administrator, who are those that ask and agree.
HIDDEN: tuple[dict[str, Value], ...] = (
    {**ABUSE, "targets": ("pupil",), "poster": ("headteacher",)},
    {**ABUSE, "targets": ("headteacher",), "staff_allegation": ("headteacher",)},
)
#: What the office asks for, and whether the Headteacher agrees.
ASKED = st.sampled_from(
    [
        ("seat DSL: jo", True),
        ("seat DSL: jo, then cam", True),
        ("seat deputy DSL: jo", True),
        ("seat on call: bryn", False),
        ("seat chair: brook", True),
        ("away cam 2026-11-24 2026-11-27", True),
        ("away bryn 2026-12-01", False),
    ]
)


async def heard(steps: list[tuple[str, bool]], hidden: tuple[dict[str, Value], ...]) -> list[str]:
    """Return all that the Headteacher, the office and the new ones are answered and sent."""
    place = Town(await open_store("memory:", key=bytes(32)))
    for answers in hidden:
        await place.report("brook", answers)
    await place.settle()
    texts = []
    for number, (words, agreed) in enumerate(steps):
        reply = await place.say("office", words, key=f"a{number}")
        texts.append(said(reply))
        roster = await place.store.roster(SCHOOL)
        if isinstance(reply, Receipt) and roster is not None:
            intent = Settle(roster.changes[-1].id, agreed=agreed)
            texts.append(said(await place.press("ash", intent, key=f"b{number}")))
        await place.settle()
    for person in ("ash", "office", "jo"):
        for command in (ChatCommand.SEAT, ChatCommand.AWAY, ChatCommand.CASES, ChatCommand.DIGEST):
            texts += [f"{person} {command} {said(await place.ask(person, command))}"]
        texts.append(place.reads(person))
    return texts


@pytest.mark.feature("private-cases")
@settings(max_examples=15, deadline=None)
@given(
    steps=st.lists(ASKED, min_size=1, max_size=4), hidden=st.sampled_from([*((h,) for h in HIDDEN), HIDDEN])
)
async def test_who_asks_and_agrees_reads_the_same_with_and_without_a_case(
    steps: list[tuple[str, bool]], hidden: tuple[dict[str, Value], ...]
) -> None:
    """A case kept from the Headteacher changes nothing that they, the office or whom they seat read."""
    assert await heard(steps, ()) == await heard(steps, hidden)
