"""The fake chat keeps to the contract of a real one, and fails as it is told to."""

from __future__ import annotations

import datetime as dt

import pytest

from flows.errors import Ambiguous, Permanent, Retryable
from flows.ports import Address, Chat
from flows.school import Platform
from tests.adapters.contract import ChatContract
from tests.adapters.samples import CASE_CARD, RECEIPT
from tests.fakes import Failure, FakeChat, FakeClock

CHANNEL = Address(platform=Platform.SLACK, workspace="T0", channel="C0LEADERSHIP")


class FakeChatKeepsToTheContract(ChatContract):
    """The promises, asked of the fake."""

    channel = CHANNEL
    accounts = frozenset({"U0000ASH", "U0000CAM"})
    person = Address(platform=Platform.SLACK, workspace="T0", account="U0000ASH")
    nowhere = Address(platform=Platform.SLACK, workspace="T0", channel="C0NOWHERE")

    @pytest.fixture
    def chat(self) -> FakeChat:
        """Give a chat with one channel."""
        return FakeChat(channels={"C0LEADERSHIP": self.accounts})

    async def seen(self, chat: Chat, to: Address) -> list[str]:
        """Return what is read there."""
        assert isinstance(chat, FakeChat)
        return chat.texts(to.account or to.channel)


class TestFakeChat(FakeChatKeepsToTheContract):
    """A chat that can look up."""


class TestFakeChatWithoutLookUp(FakeChatKeepsToTheContract):
    """A chat that cannot look up."""

    @pytest.fixture
    def chat(self) -> FakeChat:
        """Give a chat that cannot say what it accepted."""
        return FakeChat(channels={"C0LEADERSHIP": self.accounts}, can_look_up=False)


FAILURES = [
    (Failure.RETRYABLE, Retryable, 0),
    (Failure.PERMANENT, Permanent, 0),
    (Failure.AMBIGUOUS_ACCEPTED, Ambiguous, 1),
    (Failure.AMBIGUOUS_NOT_ACCEPTED, Ambiguous, 0),
]


@pytest.mark.parametrize(("failure", "error", "kept"), FAILURES)
async def test_it_fails_as_told(failure: Failure, error: type[Exception], kept: int) -> None:
    """Each failure raises its error, and only "ambiguous, accepted" leaves a message that can be found."""
    chat = FakeChat(channels={"C0LEADERSHIP": frozenset()})
    chat.fail(failure)
    with pytest.raises(error):
        await chat.send(CHANNEL, CASE_CARD, key="k")
    assert kept == len(chat.messages)
    assert bool(kept) == (await chat.find(CHANNEL, None, key="k") is not None)
    await chat.send(CHANNEL, CASE_CARD, key="k")
    assert kept + 1 == len(chat.audience("C0LEADERSHIP"))


async def test_an_edit_fails_as_told() -> None:
    """An edit that was not accepted leaves the old words; one that was leaves the new."""
    chat = FakeChat(channels={"C0LEADERSHIP": frozenset()})
    posted = await chat.send(CHANNEL, CASE_CARD, key="k")
    chat.fail(Failure.AMBIGUOUS_NOT_ACCEPTED, Failure.AMBIGUOUS_ACCEPTED)
    with pytest.raises(Ambiguous):
        await chat.edit(posted, RECEIPT)
    assert chat.messages[posted.message].card == CASE_CARD
    with pytest.raises(Ambiguous):
        await chat.edit(posted, RECEIPT)
    assert chat.messages[posted.message].card == RECEIPT


def test_the_clock_moves_only_when_told() -> None:
    """Two readings are the same moment until time is let pass."""
    clock = FakeClock()
    before = clock.now()
    assert before == clock.now()
    assert before + dt.timedelta(minutes=5) == clock.pass_by(dt.timedelta(minutes=5)) == clock.now()
