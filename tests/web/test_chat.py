"""The workspace's chat keeps to the contract of every chat, and keeps messages over a restart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.web.send import WebChat, place_of
from flows.errors import Permanent
from flows.model import Posted
from flows.ports import Address, Chat
from flows.school import Platform
from flows.ui.plain_text import card_text
from tests.adapters.contract import ChatContract
from tests.adapters.samples import CARDS, CASE_CARD, RECEIPT
from tests.fakes import FakeClock
from tests.web.places import CHAIRS_PLACE, LEADERSHIP, MEMBERS, members

CHANNEL = Address(platform=Platform.WEB, channel=LEADERSHIP)
PERSON = Address(platform=Platform.WEB, account="kit")


@pytest.fixture
def chat() -> Iterator[WebChat]:
    """Give a chat that keeps nothing."""
    chat = WebChat(":memory:", members=members, clock=FakeClock())
    yield chat
    chat.close()


class TestWebChat(ChatContract):
    """The promises of every chat."""

    channel = CHANNEL
    accounts = MEMBERS[LEADERSHIP]
    person = PERSON
    nowhere = Address(platform=Platform.WEB, channel="nowhere")

    async def seen(self, chat: Chat, to: Address) -> list[str]:
        """Return what stands there."""
        assert isinstance(chat, WebChat)
        roots = chat.roots(place_of(to), most=100)
        replies = chat.replies(place_of(to))
        return [card_text(m.card) for root in roots for m in (root, *replies.get(root.id, []))]


async def test_sending_twice_is_sending_once(chat: WebChat) -> None:
    """The same key again is the message that is there already."""
    first = await chat.send(CHANNEL, CASE_CARD, key="k")
    assert first == await chat.send(CHANNEL, RECEIPT, key="k", repeat=True)
    assert [m.card for m in chat.roots(LEADERSHIP, most=10)] == [CASE_CARD]
    reply = await chat.reply(first, RECEIPT, key="r")
    assert reply == await chat.reply(first, RECEIPT, key="r")
    assert len(chat.replies(LEADERSHIP)[int(first.message)]) == 1


async def test_messages_outlive_the_program(tmp_path: Path) -> None:
    """Cards, threads and the signing secret are there again after a restart, exactly as they were."""
    path = tmp_path / "workspace.db"
    before = WebChat(path, members=members, clock=FakeClock())
    secret = before.secret()
    for name, card in CARDS.items():
        await before.send(CHANNEL, card, key=name)
    before.close()
    after = WebChat(path, members=members, clock=FakeClock())
    assert list(CARDS.values()) == [m.card for m in after.roots(LEADERSHIP, most=1000)]
    assert secret == after.secret()
    after.close()


async def test_a_reply_to_a_reply_stays_in_the_thread(chat: WebChat) -> None:
    """Threads are one deep."""
    root = await chat.send(CHANNEL, CASE_CARD, key="1")
    reply = await chat.reply(root, RECEIPT, key="2")
    deeper = await chat.reply(reply, RECEIPT, key="3")
    assert root.message == reply.thread == deeper.thread


@pytest.mark.parametrize("message", ["999", "", "x", "²"])
async def test_what_is_not_there_cannot_be_changed(chat: WebChat, message: str) -> None:
    """Editing or answering a message that does not exist is refused for good."""
    gone = Posted(platform=Platform.WEB, channel=LEADERSHIP, message=message)
    with pytest.raises(Permanent):
        await chat.edit(gone, RECEIPT)
    with pytest.raises(Permanent):
        await chat.reply(gone, RECEIPT, key="k")


async def test_a_thread_cannot_be_reached_from_another_channel(chat: WebChat) -> None:
    """A message's id with another channel's name finds nothing."""
    root = await chat.send(CHANNEL, CASE_CARD, key="1")
    with pytest.raises(Permanent):
        await chat.reply(
            Posted(platform=Platform.WEB, channel=CHAIRS_PLACE, message=root.message), RECEIPT, key="2"
        )


def test_who_may_read_what(chat: WebChat) -> None:
    """A channel is for its members, direct messages are for one person."""
    assert chat.may_read(LEADERSHIP, "ash")
    assert not chat.may_read(LEADERSHIP, "ellis")
    assert not chat.may_read(LEADERSHIP, "kit")
    assert chat.may_read("@kit", "kit")
    assert not chat.may_read("@kit", "ash")
    assert not chat.may_read("nowhere", "ash")


async def test_every_change_is_told(chat: WebChat) -> None:
    """Whoever listens hears of each new and each changed message, and of no change that is none."""
    with chat.listening() as changed:
        root = await chat.send(CHANNEL, CASE_CARD, key="1")
        await chat.edit(root, RECEIPT)
        await chat.edit(root, RECEIPT)
        await chat.send(PERSON, RECEIPT, key="2")
        heard = [changed.get_nowait() for _ in range(changed.qsize())]
    assert heard == [LEADERSHIP, LEADERSHIP, "@kit"]
