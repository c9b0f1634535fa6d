"""A rehearsal on Teams, by cards that were really sent: pressed, and changed to a line that it is over."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tests.teams import reading
from tests.teams.connector import CHANNEL, Connector, account
from tests.teams.town import APART, SCHOOL, TeamsTown, teams_town

OVER = "There was a rehearsal here."
#: somebody's chat, by either of its names
CAM = ("a:chat-cam", f"a:{account('cam')}")


@pytest.fixture
async def town(connector: Connector) -> AsyncIterator[TeamsTown]:
    """Give the sample school on Teams."""
    async with teams_town(connector) as made:
        yield made


def read(cards: list[dict[str, Any]]) -> str:
    """Return what cards say, as one text."""
    return "\n".join("\n".join(reading.texts(card)) for card in cards)


async def begin(town: TeamsTown) -> None:
    """Let the administrator type the word and press the button."""
    await town.say("office", "rehearse")
    await town.press("office", town.chat("office")[-1], "Yes: Begin a rehearsal")
    await town.settle()


async def standing(town: TeamsTown) -> str:
    """Return what the administrator reads of it."""
    await town.say("office", "rehearse")
    return read(town.chat("office")[-1:])


async def test_from_the_word_to_the_end(town: TeamsTown) -> None:
    """Everybody has a card to press; channels are posted to, changed and answered; then all is over."""
    await begin(town)
    _, card = town.chat("ash")  # behind what the bot said when it was added
    answer = await town.press("ash", card, "I got it")
    assert answer["statusCode"] == 200
    assert "it is noted" in str(answer["value"])
    await town.press("ash", card, "I got it")
    await town.settle()
    text = await standing(town)
    assert "Pressed: 1 of 8 messages" in text
    assert "I got it" not in read(town.chat("ash"))
    for channel in (CHANNEL, APART):
        assert "it can" in read(town.channel(channel))
        assert len(town.channel(channel)) == 2
    await town.say("office", "rehearse end")
    for _ in range(4):
        await town.later(minutes=3)
    assert await town.context.store.rehearsal(SCHOOL) is None
    for cards in (town.chat("ash")[1:], town.chat("cam")[1:], town.channel(), town.channel(APART)):
        assert cards
        assert all(OVER in read([one]) for one in cards)
    assert "Pressed: 1 of 8 messages" in read(town.chat("office"))


async def test_a_press_on_what_another_was_sent(town: TeamsTown) -> None:
    """Forwarded or made by hand: it counts for nobody."""
    await begin(town)
    _, card = town.chat("ash")  # behind what the bot said when it was added
    answer = await town.press("cam", card, "I got it")
    assert "counts for nobody" in str(answer)
    assert "Pressed: 0 of 8" in await standing(town)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda c: c.channels.pop(CHANNEL), "It could not be posted to. It is not there any more."),
        (lambda c: c.blocked.add(CHANNEL), "It could not be posted to. The bot may not use it any more."),
        (lambda c: c.deleted.add(account("cam")), "The account is switched off."),
        (lambda c: c.blocked.update(CAM), "They have blocked or removed the bot."),
    ],
    ids=["no channel", "channel blocked", "account deleted", "chat blocked"],
)
async def test_what_is_wrong_there_is_said_in_words(
    town: TeamsTown, spoil: Callable[[Connector], object], said: str
) -> None:
    """As Teams answers it; and everybody else is reached all the same."""
    spoil(town.connector)
    await begin(town)
    text = await standing(town)
    assert said in text
    assert "Microsoft Teams: sent, not pressed yet" in text
