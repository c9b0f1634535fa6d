"""A pack from the button to the PDF: what a reader, a screen reader and an archive find in it."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject

from bot.documents import pdf
from flows.case.actions.packing import MakePack
from flows.model import Action, Case
from flows.packs.contents import Pack, Section
from flows.ui.cards import Attachment, Card
from flows.ui.forms import Value
from flows.ui.inbound import Refuse, Reply, Show
from flows.ui.intents import Act, Fill
from storage.open import open_store
from tests.fakes import FakeClock
from tests.story.test_story import ABUSE
from tests.town import Town, said

WORDS = 'Brook Sample saw: #import "x" *bold* $x^2$ [link](y) <b>Jane Doe</b> 😂 متن \\ end'
CHILD: dict[str, Value] = {**ABUSE, "violence": "yes", "child_at_risk": "yes", "words": WORDS}
AT = FakeClock().now()


async def town() -> tuple[Town, Case]:
    """Return a school with a case that owes several bodies something, taken on by the Headteacher."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.report("brook", CHILD)
    await place.settle()
    await place.act("ash", await place.case(), Action.TAKE_ON)
    return place, await place.case()


async def made(place: Town, person: str, body: str = "police", **values: Value) -> Reply:
    """Return what somebody is answered who makes a pack."""
    case = await place.case()
    fill = Fill(case=case.id, action=Action.PACK, version=case.version, which=body)
    return await place.fill(person, fill, {"reporter": "no", **values})


async def document(place: Town, reply: Reply) -> PdfReader:
    """Return the PDF of a pack that was made, as a program that reads it has it."""
    assert isinstance(reply, Show), "what somebody copies from does not pass by"
    assert isinstance(reply.view, Card)
    file = next(block for block in reply.view.blocks if isinstance(block, Attachment))
    found = await place.service.evidence(place.actor("ash"), (await place.case()).id, file.sha256)
    assert found is not None
    assert found[0] == "application/pdf"
    return PdfReader(io.BytesIO(found[1]))


def text(reader: PdfReader) -> str:
    """Return what can be selected in a PDF, as one line."""
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def tags(node: Any) -> Iterator[str]:  # Any: whatever stands in a structure tree
    """Yield the tags of a structure tree, in reading order."""
    node = node.get_object()
    if isinstance(node, ArrayObject):
        for one in node:
            yield from tags(one)
    elif isinstance(node, DictionaryObject):
        if "/S" in node:
            yield str(node["/S"])
        if "/K" in node:
            yield from tags(node["/K"])


@pytest.mark.feature("packs")
@pytest.mark.parametrize("body", ["legal", "police", "childrens_services"])
async def test_it_is_an_archive_file_that_can_be_read_aloud(body: str) -> None:
    """It says that it is PDF/A-2a and PDF/UA-1, and is tagged, in a language, with a title and its fonts."""
    place, case = await town()
    reader = await document(place, await made(place, "ash", body))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"].value is True
    assert str(root["/Lang"]).lower() == "en-gb"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert reader.metadata is not None
    assert case.reference in str(reader.metadata.title)
    xmp = ET.fromstring(root["/Metadata"].get_object().get_data())  # noqa: S314 - it is our own file
    found = {one.tag.rpartition("}")[2] + "@" + one.tag[1:].partition("}")[0]: one.text for one in xmp.iter()}
    assert found["part@http://www.aiim.org/pdfa/ns/id/"] == "2"
    assert found["conformance@http://www.aiim.org/pdfa/ns/id/"] == "A"
    assert found["part@http://www.aiim.org/pdfua/ns/id/"] == "1"
    listed = list(tags(root["/StructTreeRoot"]["/K"]))
    assert listed.count("/H1") == 1
    assert {"/H2", "/P", "/Table", "/TH", "/TD", "/L", "/LI"} <= set(listed)
    assert listed.index("/H1") < listed.index("/H2")
    for page in reader.pages:
        assert "/StructParents" in page
        fonts: Any = page["/Resources"]["/Font"]  # type: ignore[index] # a page of ours has resources
        for font in fonts.values():
            inside = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            assert {"/FontFile2", "/FontFile3"} & set(inside), "a font is not embedded"


async def test_what_somebody_typed_is_text() -> None:
    """No word becomes markup; a sign that cannot be set is named, and other letters are set or counted."""
    place, _ = await town()
    read = text(await document(place, await made(place, "ash", mask="Jane Doe")))
    for part in (
        '#import "x" *bold* $x^2$ [link](y) <b>[a third party]</b>',
        "[face with tears of joy]",
        "\\ end",
    ):
        assert part in read, part
    assert "Jane" not in read
    assert "Brook" not in read
    assert "[the reporter] saw:" in read


async def test_what_it_says_comes_back_to_be_copied() -> None:
    """Whoever makes it reads what is in it, masked alike; nobody else is shown a word."""
    place, _ = await town()
    reply = await made(place, "ash", mask="Jane Doe")
    assert "[a third party]" in said(reply)
    assert "Brook" not in said(reply)
    await place.settle()
    for reader in ("leadership", "ash", "cam", "brook"):
        assert all("third party" not in text for text in place.chat.texts(reader)), reader


async def test_no_picture_goes_into_it() -> None:
    """No image, no file attached, no link that can be pressed, no script: words and nothing else."""
    place, _ = await town()
    reader = await document(place, await made(place, "ash"))
    assert [image.name for page in reader.pages for image in page.images] == []
    assert dict(reader.attachments) == {}
    for page in reader.pages:
        assert "/Annots" not in page
    assert not {"/AA", "/OpenAction", "/AcroForm"} & set(reader.trailer["/Root"].get_object())  # type: ignore[union-attr] # a dictionary


async def test_it_is_logged() -> None:
    """That it was made, for whom and its hash is on the audit and in the story; the name shown as well."""
    place, case = await town()
    reader = await document(place, await made(place, "ash", reporter="yes", why="They asked."))
    assert "Brook Sample" in text(reader)
    audit = {one.kind.value: one for one in await place.store.audit(case.school, case=case.id)}
    file = (await place.case()).documents[-1]
    assert audit["pack_made"].facts["body"] == "police"
    assert audit["pack_made"].facts["sha256"] == file.sha256
    assert audit["reporter_shown"].by == "ash"
    assert audit["reporter_shown"].facts["body"] == "police"
    record = await place.press("ash", Act(case=case.id, action=Action.OPEN_RECORD, version=case.version))
    assert "They asked." in said(record)
    assert file.sha256 in said(record)


async def test_the_dsl_makes_those_for_a_child_and_shows_no_reporter() -> None:
    """Whoever may not see who reported puts the name into no pack, either; nothing is made then."""
    place, _ = await town()
    assert isinstance(await made(place, "cam", "childrens_services"), Show)
    shown = await made(place, "cam", "childrens_services", reporter="yes", why="x")
    assert isinstance(shown, Refuse)
    assert shown.reference == "reporter-not-yours"
    for body in ("police", "legal"):
        refused = await made(place, "cam", body)
        assert isinstance(refused, Refuse)
        assert refused.reference == "not-yours"
    assert len((await place.case()).documents) == 1


async def test_the_form_says_what_it_holds() -> None:
    """From the list to the form: each with its button; what nothing is owed to has none."""
    place, case = await town()
    listed = await place.press("ash", Act(case=case.id, action=Action.PACK, version=case.version))
    assert isinstance(listed, Show)
    assert "the LADO" not in said(listed)
    shown = await place.press(
        "ash", Act(case=case.id, action=Action.PACK, version=case.version, which="police")
    )
    assert "No picture or file goes into it" in said(shown)
    none = await place.press("ash", Act(case=case.id, action=Action.PACK, version=case.version, which="lado"))
    assert isinstance(none, Refuse)
    assert none.reference == "not-owed"


#: What somebody may type, and what a pack says of it.
SHOWN = [
    ("plain, żółć, “quoted” – it’s", "plain, żółć, “quoted” – it’s"),
    ("Привет", "Привет"),
    ("😂😂 ok", "[face with tears of joy][face with tears of joy] ok"),
    ("👍🏽", "[thumbs up sign][emoji modifier fitzpatrick type-4]"),
    ("你好 there", "[2 characters in Cjk letters: in the school's record] there"),
    ("a\u202eb\u200bc\x07d", "a[right-to-left override]b[zero width space]cd"),
    ("❤️", "❤️"),
]


@pytest.mark.parametrize(("typed", "shown"), SHOWN)
def test_every_sign_is_set_or_named(typed: str, shown: str) -> None:
    """Nothing that somebody typed is left out without a word, and nothing stops a pack from being made."""
    assert pdf.said_in_words(typed) == shown


@pytest.mark.parametrize(
    "typed", ["", "a\n\nb", "\x00", "x" * 20_000, "word " * 4_000, "#" * 100, '")] #read("/etc/passwd")']
)
def test_a_pack_is_made_of_whatever_there_is(typed: str) -> None:
    """Long, empty, strange: it is a PDF all the same, and what is in it is what was typed."""
    told = Pack(
        title="T", school="S", made="M",
        labels=dict.fromkeys(("what", "said", "manifest", "manifest_says"), "x"),
        sections=(Section(heading="H", quote=tuple(typed.splitlines()), pairs=((typed[:50], typed),)),),
        manifest=(("H", "ab" * 32),),
    )  # fmt: skip
    reader = PdfReader(io.BytesIO(pdf.pack(told, at=AT)))
    if typed.startswith('")'):
        assert typed in text(reader)
    assert MakePack("police").names == ()
