"""Figures in chat, as files and from the command line: who may, for which term, and what they hold."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from lxml import html as lxml_html
from msgspec.structs import replace
from pypdf import PdfReader

from bot.__main__ import OK, WRONG_INPUT, main
from bot.commands import audit
from bot.figures.files import TYPES
from flows.intake.said import steering
from flows.model import Action, AuditKind
from flows.school import SchoolId
from flows.ui.cards import Card
from flows.ui.inbound import Refuse, Show
from flows.ui.intents import Ask, ChatCommand
from storage.open import open_store
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town, buttons, said

TERM = "HPS-2026-09-03"


async def town(reports: int = 11, *, taken_on: int = 10) -> Town:
    """Return a school with so many reports of one kind, a week later."""
    place = Town(await open_store("memory:", key=bytes(32)))
    place.school = replace(place.school, limits=replace(place.school.limits, reports_per_person_per_day=100))
    place.context.directory.reload({SCHOOL: place.school})  # type: ignore[attr-defined]
    for number in range(reports):
        await place.report("jo", {**ABUSE, "platform": ("forum",)})
        if number < taken_on:
            await place.act("ash", await place.case(f"HPS-2026-{number + 1:03}"), Action.TAKE_ON)
    await place.later(days=7)
    return place


@pytest.mark.feature("figures")
@pytest.mark.parametrize("person", ["ash", "cam", "ellis", "office"])
@pytest.mark.unwatched
async def test_leaders_and_the_office_see_the_figures(person: str) -> None:
    """The term beside the one before, in steps; each is shown the same."""
    place = await town()
    shown = await place.ask(person, ChatCommand.FIGURES)
    text = said(shown)
    assert "Figures: Autumn 2026" in text
    assert "Reports: 10–14 · Summer 2026: fewer than 5" in text
    assert "A forum such as Netmums: 10–14" in text
    assert "Taken on: 10–14" in text
    assert "Until somebody took it on: half within 5 minutes" in text
    assert "11" not in text
    assert said(shown) == said(await place.ask("ash", ChatCommand.FIGURES))
    assert isinstance(shown, Show)
    assert isinstance(shown.view, Card)
    offered = await place.ask(person, ChatCommand.FIGURES, f"{TERM} report")
    assert isinstance(offered, Show)
    assert isinstance(offered.view, Card)
    assert (shown.view.kind, offered.view.kind) == ("figures", "figures")
    asked = [one.argument for one in buttons(shown.view) if isinstance(one, Ask)]
    assert asked == ["HPS-2026-04-01", f"{TERM} report", f"{TERM} csv"]


async def test_nobody_else_sees_them() -> None:
    """In chat it is refused, and a file is as if there were none."""
    place = await town(1)
    reply = await place.ask("jo", ChatCommand.FIGURES)
    assert isinstance(reply, Refuse)
    assert reply.reference == "figures-not-yours"
    for what in TYPES:
        assert await place.service.figures(place.actor("jo"), f"{TERM} {what}") is None
        assert await place.service.figures(place.actor("nobody"), f"{TERM} {what}") is None
    for asked in ("OPS-2026-09-03 csv", f"{TERM} exe", TERM, "HPS-2031-01-01 csv"):
        assert await place.service.figures(place.actor("ash"), asked) is None


@pytest.mark.parametrize(
    ("typed", "argument"),
    [
        ("figures", ""),
        ("statistics", ""),
        ("figures last", "last"),
        ("figures this term", "this term"),
        ("/figures Summer 2026", "summer 2026"),
        ("figures last term report", "last term report"),
        ("figures HPS-2026-09-03 pdf", "hps-2026-09-03 pdf"),
        ("figures of speech in the posting", None),
        ("the figures last year", None),
    ],
)
def test_typed_figures(typed: str, argument: str | None) -> None:
    """A term by its place or its name; no sentence about a posting is one."""
    asked = steering.command(typed)
    assert asked == (None if argument is None else (ChatCommand.FIGURES, argument))


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("last", "Figures: Summer 2026"),
        ("Spring 2026", "Figures: Spring 2026"),
        (f"{TERM} report", "Online postings: report to governors, Autumn 2026"),
        (f"{TERM} pdf", 'report-posting report "Autumn 2026"'),
        (f"{TERM} csv", 'report-posting figures "Autumn 2026" --csv'),
        ("Autumn 2036", "Known: Autumn 2026, Summer 2026, Spring 2026"),
    ],
)
async def test_which_term_and_what_of_it(asked: str, title: str) -> None:
    """By its name or its place; where a chat gives no file it says where there is one."""
    place = await town(1)
    assert title in said(await place.ask("ash", ChatCommand.FIGURES, asked))


async def test_who_asked_is_on_the_audit() -> None:
    """Which term and as what; the audit says it in words."""
    place = await town(1)
    await place.ask("ash", ChatCommand.FIGURES)
    assert await place.service.figures(place.actor("office"), f"{TERM} csv") is not None
    lines = [a for a in await place.store.audit(SCHOOL) if a.kind is AuditKind.FIGURES_SHOWN]
    assert [(a.by, a.facts["term"], a.facts["as"]) for a in lines] == [
        ("office", "2026-09-03", "csv"),
        ("ash", "2026-09-03", "card"),
    ]
    assert "was shown figures" in await audit.who_saw_what(place.context, place.school)


async def file(place: Town, what: str) -> bytes:
    """Return a file of this term's figures."""
    found = await place.service.figures(place.actor("ash"), f"{TERM} {what}")
    assert found is not None
    assert found[:2] == (
        f"{'figures' if what == 'csv' else 'governors-report'}-autumn-2026.{what}",
        TYPES[what],
    )
    return found[2]


async def test_the_csv_says_from_and_to() -> None:
    """A line for each number that is told, of both terms."""
    place = await town()
    lines = list(csv.DictReader(io.StringIO((await file(place, "csv")).decode("utf-8-sig"))))
    told = {(line["term"], line["table"], line["what"]): (line["from"], line["to"]) for line in lines}
    assert told["Autumn 2026", "reports", "all"] == ("10", "14")
    assert told["Autumn 2026", "minutes_until_taken_on", "median"] == ("5", "5")
    assert told["Summer 2026", "kind", "abuse"] == ("0", "4")
    assert len(told) == len(lines)


@pytest.mark.feature("governors-report")
async def test_the_report_as_a_page() -> None:
    """In the school's name, charts with a text alternative, tables with captions, no script, no name."""
    place = await town()
    page = lxml_html.document_fromstring(await file(place, "html"))
    assert page.get("lang") == "en-GB"
    assert page.findtext(".//title") == (
        f"Online postings: report to governors, Autumn 2026 – {place.school.name}"
    )
    text = " ".join(" ".join(page.itertext()).split())
    assert "Messages it sent to anybody outside the school none" in text
    assert "Decisions it took by itself, of those that only people may take none" in text
    assert all(table.find("caption") is not None for table in page.iter("table"))
    charts = page.xpath("//*[@role='img']")
    assert len(charts) == 5
    assert all("Bar chart" in chart.get("aria-label") for chart in charts)
    assert not page.xpath("//script | //link | //img | //@href | //@src")
    assert not any(person.name in text for person in place.school.people.values())


@pytest.mark.slow
async def test_the_report_as_a_pdf() -> None:
    """PDF/A-2a and PDF/UA-1, tagged, each chart with its alternative; what the bot did begins a page."""
    place = await town()
    reader = PdfReader(io.BytesIO(await file(place, "pdf")))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"].value is True  # type: ignore[index] # a dictionary
    xmp = root["/Metadata"].get_object().get_data().decode()  # type: ignore[index] # likewise
    assert "http://www.aiim.org/pdfua/ns/id/" in xmp
    assert "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in xmp
    alternatives = _alternatives(root["/StructTreeRoot"])  # type: ignore[index] # likewise
    assert len([one for one in alternatives if one.startswith("Bar chart")]) == 5
    pages = [" ".join(page.extract_text().split()) for page in reader.pages]
    assert "10–14" in pages[0]
    assert any(page.find("What the bot did It took each report") in range(100) for page in pages[1:])


def _alternatives(node: object) -> list[str]:
    node = getattr(node, "get_object", lambda: node)()
    if isinstance(node, list):
        return [text for one in node for text in _alternatives(one)]
    if not isinstance(node, dict):
        return []
    own = [str(node["/Alt"])] if "/Alt" in node else []
    return [*own, *_alternatives(node["/K"])] if "/K" in node else own


async def test_somebody_of_two_schools_sees_both() -> None:
    """One below the other; the buttons of each are of its own term and school."""
    place = await town(1)
    second = replace(place.school, id=SchoolId("OPS"), prefix="OPS", name="Otherplace Primary School")
    place.context.directory.reload({SCHOOL: place.school, second.id: second})  # type: ignore[attr-defined]
    text = said(await place.ask("ash", ChatCommand.FIGURES))
    assert text.count("Figures: Autumn 2026") == 2
    found = await place.service.figures(place.actor("ash"), "OPS-2026-09-03 csv")
    assert found is not None
    assert b"Otherplace" in found[2]
    asked = said(await place.ask("ash", ChatCommand.FIGURES, "OPS-2026-09-03"))
    assert "Otherplace Primary School · Thursday 3 September 2026" in asked


@pytest.mark.slow
def test_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Text, CSV and the two files of the report; a term that is none is refused with those there are."""
    folder = ["--folder", str(tmp_path)]
    assert main(["figures", *folder]) == OK
    assert "Reports: fewer than 5" in capsys.readouterr().out
    assert main(["figures", "last", "--csv", *folder]) == OK
    assert capsys.readouterr().out.startswith("school,term,first_day")
    assert main(["report", "last", "--into", str(tmp_path), *folder]) == OK
    assert capsys.readouterr().out.count("read it before it leaves the school") == 2
    written = {path.suffix: path.read_bytes()[:9] for path in tmp_path.glob("governors-report-*")}
    assert written == {".html": b"<!doctype", ".pdf": b"%PDF-1.7\n"}
    assert main(["figures", "Autumn 1066", *folder]) == WRONG_INPUT
    assert "Known:" in capsys.readouterr().err
