"""The workspace's chat keeps to the contract of every chat, and keeps messages over a restart."""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.web.send import WebChat, place_of
from flows.errors import Permanent
from flows.model import Posted
from flows.ports import Address, Chat
from flows.school import Platform
from flows.ui.plain_text import card_text
from storage.seal import Sealer
from tests.adapters.contract import ChatContract
from tests.adapters.samples import CARDS, CASE_CARD, RECEIPT
from tests.fakes import FakeClock
from tests.web.places import CHAIRS_PLACE, LEADERSHIP, MEMBERS, members

CHANNEL = Address(platform=Platform.WEB, channel=LEADERSHIP)
KEY = bytes(range(32))
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
    before = WebChat(path, members=members, clock=FakeClock(), sealer=Sealer(KEY))
    secret = before.secret()
    for name, card in CARDS.items():
        await before.send(CHANNEL, card, key=name)
    before.close()
    after = WebChat(path, members=members, clock=FakeClock(), sealer=Sealer(KEY))
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


async def test_an_id_tells_nothing_of_other_places() -> None:
    """Two posts a minute apart are called the same, whether or not others were told something in between."""
    called = []
    for others in (0, 3):
        clock = FakeClock()
        chat = WebChat(":memory:", members=members, clock=clock)
        first = await chat.send(PERSON, RECEIPT, key="1")
        clock.pass_by(dt.timedelta(minutes=1))
        for n in range(others):
            await chat.send(CHANNEL, CASE_CARD, key=f"others-{n}")
        clock.pass_by(dt.timedelta(minutes=1))
        called.append((first.message, (await chat.send(PERSON, RECEIPT, key="2")).message))
        chat.close()
    assert called[0] == called[1]


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


async def test_what_lies_on_the_disk_names_nobody(tmp_path: Path) -> None:
    """The file and what lies beside it are their owner's alone, and hold no account, name, place or word."""
    path = tmp_path / "workspace.db"
    path.write_bytes(b"")
    path.chmod(0o644)
    chat = WebChat(path, members=members, clock=FakeClock(), sealer=Sealer(KEY))
    root = await chat.send(CHANNEL, CASE_CARD, key="01CASE/ash")
    await chat.reply(root, RECEIPT, key="01CASE/brook")
    await chat.send(PERSON, RECEIPT, key="01CASE/kit")
    await chat.edit(root, RECEIPT)
    chat.write("kit/dm", {"words": "Nobody else may read this."})
    ((mode, held),) = on_disk(tmp_path).items()
    assert mode == 0o600
    assert len(held) > 10_000
    for words in (*MEMBERS, "kit", "HPS-2026-014", "Nobody", "words", "01CASE", "Thank you", "receipt"):
        assert words.encode() not in held, words
    chat.close()


def on_disk(folder: Path) -> dict[int, bytes]:
    """Return all that lies in a folder, by the rights it lies there with."""
    found: dict[int, bytes] = {}
    for file in folder.iterdir():
        mode = stat.S_IMODE(file.stat().st_mode)
        found[mode] = found.get(mode, b"") + file.read_bytes()
    return found


async def test_a_file_of_an_older_shape_begins_anew(tmp_path: Path) -> None:
    """What was written in the open before is gone from the disk, not only out of sight."""
    path = tmp_path / "workspace.db"
    with contextlib.closing(sqlite3.connect(path)) as old, old:
        old.execute("CREATE TABLE message (id INTEGER, place TEXT)")
        old.execute("INSERT INTO message VALUES (1, '@kit-pretend')")
    chat = WebChat(path, members=members, clock=FakeClock(), sealer=Sealer(KEY))
    assert chat.roots("@kit-pretend", most=10) == []
    assert b"kit-pretend" not in b"".join(on_disk(tmp_path).values())
    chat.close()


async def test_another_key_opens_nothing(tmp_path: Path) -> None:
    """With the wrong key nothing is shown, and nothing is thrown away."""
    path = tmp_path / "workspace.db"
    before = WebChat(path, members=members, clock=FakeClock(), sealer=Sealer(KEY))
    await before.send(PERSON, RECEIPT, key="1")
    before.close()
    other = WebChat(path, members=members, clock=FakeClock(), sealer=Sealer(bytes(32)))
    assert other.roots("@kit", most=10) == []
    other.close()
    with pytest.raises(ValueError, match="sealed"):
        WebChat(path, members=members, clock=FakeClock())


async def test_what_somebody_is_writing_is_kept_for_a_month(tmp_path: Path) -> None:
    """It outlives the program, is gone when it is sent or forgotten, and never lies about for ever."""
    path, clock = tmp_path / "workspace.db", FakeClock()
    before = WebChat(path, members=members, clock=clock, sealer=Sealer(KEY))
    before.write("kit/dm", {"words": "half a", "targets": ("pupil",)})
    before.close()
    after = WebChat(path, members=members, clock=clock, sealer=Sealer(KEY))
    assert after.written("kit/dm") == {"words": "half a", "targets": ("pupil",)}
    after.write("kit/other", {"words": "x"})
    after.write("kit/other", {})
    assert after.written("kit/other") == {}
    clock.pass_by(dt.timedelta(days=31))
    after.write("kit/new", {"words": "y"})
    assert after.written("kit/dm") == {}
    after.close()
