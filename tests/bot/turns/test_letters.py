"""A letter from the button to the file: approved by a person, kept with the case, opened by who may."""

from __future__ import annotations

import io

import docx
import pytest
from docx.document import Document

from bot.documents import word
from flows.model import Action, Case
from flows.ui.cards import Attachment, Card
from flows.ui.forms import Form, TextField
from flows.ui.inbound import Refuse, Show
from flows.ui.intents import Act, ChatCommand, Fill
from storage.open import open_store
from tests.fakes import FakeClock
from tests.story.test_story import ABUSE
from tests.town import Town, said

TEXT = "Your concerns\n\nDear Mx Nobody,\n\nPlease:\n- ring us\n- or write\n\nYours\nAsh Example"


async def town() -> tuple[Town, Case]:
    """Return a school with one case that the Headteacher has taken on."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.report("brook", {**ABUSE, "poster": ("parent_carer",)})
    await place.settle()
    await place.act("ash", await place.case(), Action.TAKE_ON)
    return place, await place.case()


async def approved(place: Town, case: Case, text: str = TEXT) -> Attachment:
    """Return the file of a letter that the lead has approved."""
    fill = Fill(case=case.id, action=Action.LETTER, version=case.version, which="invitation")
    reply = await place.fill("ash", fill, {"text": text})
    assert isinstance(reply, Show), "what somebody copies from does not pass by"
    assert isinstance(reply.view, Card)
    assert text.splitlines()[0] in said(reply)
    return next(block for block in reply.view.blocks if isinstance(block, Attachment))


def opened(content: bytes) -> Document:
    """Return a Word file as a program that reads it has it."""
    return docx.Document(io.BytesIO(content))


@pytest.mark.feature("letters")
async def test_from_the_button_to_the_file() -> None:
    """The form holds the whole letter; what is approved comes back as a file and to copy, and is stored."""
    place, case = await town()
    shown = await place.press(
        "ash", Act(case=case.id, action=Action.LETTER, version=case.version, which="invitation")
    )
    assert isinstance(shown, Show)
    assert isinstance(shown.view, Form)
    field = shown.view.fields[0]
    assert isinstance(field, TextField)
    assert case.reference in field.value
    file = await approved(place, case)
    found = await place.service.evidence(place.actor("ash"), case.id, file.sha256)
    assert found is not None
    assert found[0] == word.TYPE
    texts = [(p.style.name, p.text) for p in opened(found[1]).paragraphs if p.style is not None]
    assert texts == [
        ("Heading 1", "Your concerns"),
        ("Normal", "Dear Mx Nobody,"),
        ("Normal", "Please:"),
        ("List Bullet", "ring us"),
        ("List Bullet", "or write"),
        ("Normal", "Yours\nAsh Example"),
    ]
    about = opened(found[1]).core_properties
    assert (about.language, about.author) == ("en-GB", place.school.name)
    record = await place.press("ash", Act(case=case.id, action=Action.OPEN_RECORD, version=case.version))
    assert file.sha256 in said(record)
    assert "Dear Mx Nobody" in said(record)


async def test_who_may_have_the_file() -> None:
    """Whoever may read the case; the reporter, somebody in the channel and anybody else may not."""
    place, case = await town()
    file = await approved(place, case)
    for person in ("brook", "cam", "dee", "ellis", "office", "jo", "stranger"):
        assert await place.service.evidence(place.actor(person), case.id, file.sha256) is None, person
    audit = await place.store.audit(case.school, case=case.id)
    assert not [one for one in audit if one.facts.get("file")]


async def test_nothing_of_it_is_sent_to_anybody() -> None:
    """A letter stands in no message of the bot: leaders hear that there is one, the reporter nothing."""
    place, case = await town()
    await approved(place, case)
    await place.settle()
    for reader in ("leadership", "ash", "cam", "brook"):
        assert all("Mx Nobody" not in text for text in place.chat.texts(reader)), reader
    assert any("approved a letter" in text for text in place.chat.texts("leadership"))
    assert all("letter" not in text for text in place.chat.texts("brook"))


async def test_two_letters_at_once() -> None:
    """A form that was opened before the case moved on is taken all the same: it overwrites nothing."""
    place, case = await town()
    await approved(place, case)
    await approved(place, case, "Another\n\nwhole text")
    assert len((await place.case()).documents) == 2


@pytest.mark.parametrize(
    ("words", "shown"),
    [("letter", "Letters –"), ("Letter", "Letters –"), ("pack", "Packs for bodies outside –")],
)
async def test_from_a_command(words: str, shown: str) -> None:
    """What a button does can be typed behind the reference; for who may not know, there is no such case."""
    place, case = await town()
    for reference in (case.reference, case.reference.lower().replace("-", " ")):
        assert shown in said(await place.say("ash", f"case {reference} {words}"))
        assert shown in said(await place.ask("ash", ChatCommand.CASE, f"{reference} {words}"))
    for person in ("jo", "ellis", "office"):
        mine = await place.ask(person, ChatCommand.CASE, f"{case.reference} {words}")
        assert said(mine) == said(await place.ask(person, ChatCommand.CASE, f"HPS-2026-999 {words}"))


async def test_a_letter_of_another_case_is_none() -> None:
    """For a case that somebody must not know of the answer is that of no case."""
    place, case = await town()
    for which in ("invitation", "record", ""):
        act = Act(case=case.id, action=Action.LETTER, version=case.version, which=which)
        reply = await place.press("jo", act)
        nothing = await place.press("jo", Act(case="none", action=Action.LETTER, version=1, which=which))
        assert isinstance(reply, Refuse)
        assert said(reply) == said(nothing)


@pytest.mark.parametrize(
    "odd", ["\x00\x0b bell\x07", "half \ud83d", '<w:p>& "quoted" ]]>', "😂 żółć اردو", "\ufffe"]
)
def test_whatever_is_typed_makes_a_file(odd: str) -> None:
    """No character that somebody can type or paste makes a file that Word refuses, or becomes markup."""
    made = word.letter(f"Title\n\n{odd} end", title=odd, author=odd, at=FakeClock().now())
    assert opened(made).paragraphs[-1].text.endswith(" end")
