"""Kinds of thing that people do and that used to have no effect, or the wrong one, in the core itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.turns import evidence
from flows.ui.inbound import Receipt, Refuse, Reply, Reworded, Show, Typed, Upload, Uploaded
from storage.open import open_store
from tests.town import SCHOOL, Town

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def box(brand: bytes) -> bytes:
    """Return the beginning of a file that says which brand it is."""
    return b"\x00\x00\x00\x18ftyp" + brand + b"\x00\x00\x00\x00" + brand + bytes(64)


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    """Give the school."""
    store = await open_store("memory:", key=bytes(32))
    yield Town(store)
    await store.close()


async def words_of(town: Town, person: str = "jo") -> str:
    """Return the words of somebody's draft."""
    draft = await town.store.draft_of(SCHOOL, town.school.people[person].id)  # type: ignore[index]
    assert draft is not None
    return str(draft.answers.get("words", ""))


async def says(town: Town, text: str, **rest: Any) -> Reply:
    """Let Jo type something."""
    said = Typed(key=f"typed/{text}", actor=town.actor("jo"), text=text, **rest)
    return await town.service.handle(said)


async def rewords(town: Town, before: str, after: str) -> Reply:
    """Let Jo change something that was typed."""
    change = Reworded(key=f"{before}/{after}", actor=town.actor("jo"), before=before, after=after)
    return await town.service.handle(change)


async def test_the_draft_follows_what_its_writer_changes(town: Town) -> None:
    """Mr Smith becomes Mr Jones; words taken back are out; both are said."""
    await says(town, "Mr Smith called her a liar")
    reply = await rewords(town, "Mr Smith called her a liar", "Mr Jones called her a liar")
    assert isinstance(reply, Show)
    assert "changed your report" in reply.note
    assert await words_of(town) == "Mr Jones called her a liar"
    gone = await rewords(town, "Mr Jones called her a liar", "")
    assert isinstance(gone, Show)
    assert "out of your report" in gone.note
    assert await words_of(town) == ""


async def test_only_the_changed_words_change(town: Town) -> None:
    """What was typed before and after stays as it is, even where it holds the same words."""
    for text in ("one two three", "one two", "four five six seven"):
        await says(town, text)
    before = await words_of(town)
    await rewords(town, "four five six seven", "something quite different")
    assert await words_of(town) == before.replace("four five six seven", "something quite different")


@pytest.mark.parametrize(("before", "after"), [("no", "yes"), ("", "anything"), ("never typed", "x")])
async def test_what_cannot_follow_says_how_to_correct(town: Town, before: str, after: str) -> None:
    """A choice, or words we do not hold: nothing changes, and it is said how to correct it."""
    await says(town, "Mr Smith called her a liar")
    await says(town, "no")
    words = await words_of(town)
    reply = await rewords(town, before, after)
    assert isinstance(reply, Show)
    assert "type back" in reply.note
    assert await words_of(town) == words


async def test_after_sending_it_is_said_how_to_add(town: Town) -> None:
    """A finished report is never changed by an edit."""
    reply = await rewords(town, "Mr Smith", "Mr Jones")
    assert isinstance(reply, Refuse)
    assert "add to it" in reply.hint


async def test_an_address_that_words_hide_is_kept(town: Town) -> None:
    """Typed as the first words, or to an open report: the address behind a label is not lost."""
    await says(town, "They said it in our group", link="https://x.example/1")
    draft = await town.store.draft_of(SCHOOL, town.school.people["jo"].id)  # type: ignore[index]
    assert draft is not None
    assert draft.answers["link"] == "https://x.example/1"
    await says(town, "and here is some more of it", link="https://x.example/2")
    assert "https://x.example/2" in await words_of(town)


async def test_one_bad_file_takes_no_good_one_along(town: Town) -> None:
    """Good pictures are kept, and those that are not are named with the reason."""
    await says(town, "They said it in our group")
    files = (
        Upload("a.png", PNG),
        Upload("b.txt", b"words"),
        Upload("c.png", b""),
        Upload("a.png", PNG + b"2"),
    )
    reply = await town.service.handle(Uploaded(key="files", actor=town.actor("jo"), files=files))
    assert isinstance(reply, Show)
    assert "b.txt was not kept" in reply.note
    assert "c.png was not kept" in reply.note
    draft = await town.store.draft_of(SCHOOL, town.school.people["jo"].id)  # type: ignore[index]
    assert draft is not None
    assert [file.name for file in draft.files] == ["a.png", "a (2).png"]


async def test_none_kept_is_a_refusal(town: Town) -> None:
    """Where no file can be kept, each is named."""
    await says(town, "They said it in our group")
    files = (Upload("b.txt", b"words"), Upload("c.png", b""))
    reply = await town.service.handle(Uploaded(key="files", actor=town.actor("jo"), files=files))
    assert isinstance(reply, Refuse)
    assert reply.reference == "file-kind"
    assert "c.png" in reply.message
    assert not isinstance(reply, Receipt)


CONTENTS = {
    "heic": (box(b"heic"), "image/heic"),
    "heix": (box(b"heix"), "image/heic"),
    "hevc": (box(b"hevc"), "image/heic"),
    "mif1": (box(b"mif1"), "image/heic"),
    "msf1": (box(b"msf1"), "image/heic"),
    "mp4": (box(b"isom"), "video/mp4"),
    "mp42": (box(b"mp42"), "video/mp4"),
    "mov": (box(b"qt  "), "video/quicktime"),
    "webp": (b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(40), "image/webp"),
    "webp, lossless": (b"RIFF\x24\x00\x00\x00WEBPVP8L" + bytes(40), "image/webp"),
    "webp, extended": (b"RIFF\x24\x00\x00\x00WEBPVP8X" + bytes(40), "image/webp"),
    "avif": (box(b"avif"), ""),
    "sound": (box(b"M4A "), ""),
    "png": (PNG, "image/png"),
    "words": (b"just words", ""),
    "known, and never kept": (b"\x7fELF" + bytes(40), ""),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_what_a_file_is_is_told_by_its_content(name: str) -> None:
    """A telephone's picture is a picture, though it lies in the box of a video."""
    content, wanted = CONTENTS[name]
    assert evidence.sniff(content) == wanted


EARLY = ("no", "yes", "2", "not sure")


@pytest.mark.parametrize("text", EARLY)
async def test_an_answer_before_its_question_is_no_answer(town: Town, text: str) -> None:
    """Typed before the question could be seen: nothing is answered by it, and it is asked again."""
    await says(town, "They said it in our group")
    before = await town.store.draft_of(SCHOOL, town.school.people["jo"].id)  # type: ignore[index]
    reply = await says(town, text, early=True)
    assert isinstance(reply, Show)
    assert "before I had asked" in reply.note
    after = await town.store.draft_of(SCHOOL, town.school.people["jo"].id)  # type: ignore[index]
    assert before is not None
    assert after is not None
    assert after.answers == before.answers


async def test_a_sentence_before_its_question_is_kept_as_words(town: Town) -> None:
    """What is worth keeping is kept with the words, and answers nothing."""
    await says(town, "They said it in our group")
    await says(town, "yes and then they laughed", early=True)
    assert "yes and then they laughed" in await words_of(town)
