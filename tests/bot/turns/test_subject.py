"""What goes to somebody who asks what is kept about them: found, looked through, masked, made, taken away."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import json
import re
import zlib

import msgspec
import pytest
from msgspec.structs import replace
from pypdf import PdfReader

from bot.exports import archive
from bot.exports.archive import EVENTS, MANIFEST, SIGNATURE
from bot.exports.signing import Signer
from bot.exports.verify import verify
from flows.model import Action, AuditKind, Case, Change, EventKind
from flows.school import PersonId, Platform, Seat
from flows.ui.cards import Card
from flows.ui.forms import Form, Many
from flows.ui.inbound import Receipt, Refuse, Show
from flows.ui.intents import Ask, ChatCommand
from storage.open import open_store
from tests.story.test_story import ABUSE
from tests.subject import BEGIN, approve, approved, asked, going, held, made, picked, request_of, saved
from tests.town import SCHOOL, Town, said, shown_form

SAM = "Sam Tester"
WORDS = (
    "Sam Tester says Mrs Okafor and Tommy Jones are liars.\n"
    "Ring Tommy on 07700 900123 or write to tommy@x.example; see @tommyjones, #TommyJones and TOMMY.\n"
    "I am the one who saw it: Brook Sample, brook@hypothetical.example. Sam Tester did not take part."
)
NOTE = "Spoke with Rita Tester-Smith, Sam Tester's aunt. Brook told us of it, as BROOK SAMPLE does."
#: What must stand nowhere in what goes out.
OTHERS = (
    "Okafor",
    "Tommy",
    "Jones",
    "900123",
    "tommy@",
    "@tommy",
    "TommyJones",
    "Rita",
    "forum.example",
    "Cross Parent",
)
REPORTER = ("Brook", "Sample")


async def school() -> tuple[Town, Case]:
    """Return a school with a case about somebody, in which a good many others are named."""
    place = Town(await open_store("memory:", key=bytes(32)))
    answers = {**ABUSE, "words": WORDS, "account_name": "@Cross Parent", "link": "https://forum.example/t/77"}
    await place.report("brook", answers)
    await place.settle()
    await place.act("ash", await place.case(), Action.TAKE_ON)
    await place.act("ash", await place.case(), Action.NOTE, {"text": NOTE})
    await place.act("ash", await place.case(), Action.WRITE, {"text": "Sam Tester was there, as you said."})
    await place.settle()
    return place, await place.case()


def every_byte(pdf: bytes, whole: bytes) -> str:
    """Return all that can be read of both files: as they are, and what is packed in the PDF, unpacked."""
    streams = [
        zlib.decompressobj().decompress(one)
        for one in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
        if one[:1] == b"x"
    ]
    read = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return "\n".join(
        (*(one.decode("latin-1") for one in (pdf, whole, *streams)), whole.decode("utf-8", "replace"), read)
    )


@pytest.mark.feature("subject-access")
@pytest.mark.unwatched
async def test_it_holds_what_is_about_the_person_and_nobody_else() -> None:
    """The posting and the notes that speak of them; no other's name, account, number; never who reported."""
    place, case = await school()
    shown, pdf, whole = await made(place, "ash", SAM)
    assert verify(whole, key=Signer(place.context.signing_seed).public).changed == ()
    files = dict(archive.files_in(whole)[0])
    assert list(files) == ["READ-ME.txt", "subject.pdf", EVENTS, MANIFEST, SIGNATURE]
    assert files["subject.pdf"] == pdf
    lines = [json.loads(line) for line in files[EVENTS].splitlines()]
    assert {line["case"] for line in lines} == {case.reference}
    assert lines[0]["words"].startswith("Sam Tester says Mrs [a third party] and [a third party] are liars.")
    told = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())
    assert "Sam Tester did not take part." in told
    assert "Sam Tester's aunt" in told
    for hidden in (*OTHERS, *REPORTER, "brook@", "as you said"):
        assert hidden not in every_byte(pdf, whole), hidden
        assert hidden not in said(shown)
    made_by = json.loads(files[MANIFEST])
    assert (made_by["case"], made_by["by"]) == (request_of(shown), "Headteacher")


async def test_every_change_of_it_is_found() -> None:
    """No byte of it can be changed, and no passage taken out, without verify saying so."""
    place, _ = await school()
    _, _, whole = await made(place, "ash", SAM)
    for at in range(0, len(whole), max(1, len(whole) // 97)):
        changed = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        assert verify(changed).changed, at
    files = archive.files_in(whole)[0]
    events = dict(files)[EVENTS].splitlines(keepends=True)
    without = archive.build([(n, b"".join(events[1:]) if n == EVENTS else c) for n, c in files])
    assert "Events were removed: line 1" in " ".join(verify(without).changed)


async def test_nothing_goes_out_that_was_not_looked_at() -> None:
    """A page is approved as it was shown: other masks, an old form or a changed case show it again."""
    place, _ = await school()
    first = await picked(place, "ash", SAM)
    form = shown_form(first)
    added = await approve(place, "ash", first, {"mask": f"{held(form)['mask']}\nliars"})
    assert isinstance(added, Show)
    assert added.note.startswith("You changed something")
    assert "[a third party] are [a third party]" in said(added)
    assert isinstance(await place.fill("ash", form.submit, {**held(form), "approved": "yes"}), Show)
    bare = held(shown_form(added))
    assert isinstance(bare["mask"], str)
    shown = await place.fill(
        "ash", shown_form(added).submit, {**bare, "mask": bare["mask"].replace("Okafor\n", "")}
    )
    assert "Mrs Okafor" in said(shown)
    assert "This is how it goes out now" in said(shown)
    assert "Mrs Okafor" in said(await approve(place, "ash", added, {"mask": ""}))
    whole = await approved(
        place, "ash", await place.press("ash", Ask(ChatCommand.SUBJECT, request_of(shown)))
    )
    assert "all that goes out" in said(whole)
    await place.act("ash", await place.case(), Action.NOTE, {"text": "Another note on Sam Tester"})
    again = await place.press("ash", going(whole, "make"))
    assert "page 3 of 3" in said(again) or "page 2 of" in said(again)
    assert "Another note on Sam Tester" in said(again)
    assert not [line for line in await place.store.audit(SCHOOL) if line.kind is AuditKind.SUBJECT_BUNDLE]


async def test_what_is_unmasked_once_can_be_masked_again() -> None:
    """A line taken out stands on that page; put back, it is masked again; what is added is so everywhere."""
    place, _ = await school()
    reply = await picked(place, "ash", SAM)
    whole_list = held(shown_form(reply))["mask"]
    reply = await place.fill("ash", shown_form(reply).submit, {**held(shown_form(reply)), "mask": ""})
    assert "Tommy Jones" in said(reply)
    reply = await place.fill("ash", shown_form(reply).submit, {**held(shown_form(reply)), "mask": whole_list})
    assert "Tommy" not in said(reply).partition("Masked on this page")[0]
    reply = await place.fill(
        "ash", shown_form(reply).submit, {**held(shown_form(reply)), "mask": f"{whole_list}\naunt"}
    )
    reply = await approve(place, "ash", await approve(place, "ash", reply))
    assert "Sam Tester's [a third party]" in said(reply)


async def test_who_reported_is_shown_only_with_a_reason_on_record() -> None:
    """They stand in no list of masks; shown, the reason is in the case's story and it is on the audit."""
    place, case = await school()
    reply = await picked(place, "ash", SAM)
    assert "Brook" not in said(reply)
    asking = await place.press("ash", going(reply, "reporter"))
    form = shown_form(asking)
    for empty in ({}, {"why": "  "}):
        assert isinstance(await place.fill("ash", form.submit, empty), Refuse)
    assert "Brook" not in said(await place.press("ash", Ask(ChatCommand.SUBJECT, request_of(reply))))
    shown = await place.fill("ash", form.submit, {"why": "An invented reason"})
    assert "Brook Sample" in said(shown)
    assert "Who reported this case stands in it" in said(shown)
    event = (await place.store.events(SCHOOL, case.id))[-1]
    assert (event.kind, event.words) == (EventKind.REPORTER_SHOWN, "An invented reason")
    line = (await place.store.audit(SCHOOL))[0]
    assert AuditKind.REPORTER_SHOWN in {one.kind for one in (await place.store.audit(SCHOOL))[:3]}
    assert line.by == "ash"
    whole = await approved(place, "ash", shown)
    assert "as you said" in said(whole)
    assert "An invented reason" not in said(whole)


async def test_nothing_of_it_stays() -> None:
    """At a press; by itself after three days, or fourteen in which nobody went on; with its files."""
    place, _ = await school()
    shown, _, _ = await made(place, "ash", SAM)
    assert (await place.case()).documents == ()
    assert await kept(place) == 3
    assert "Taken away" in said(await place.press("ash", going(shown, "end")))
    assert await kept(place) == 0
    assert await saved(place, "ash", shown, 1) is None
    assert "Somebody asks" in said(await place.press("ash", going(shown, "whole")))
    for days, left in ((2, 3), (4, 0)):
        shown, _, _ = await made(place, "ash", f"{SAM}\nof {days}")
        await place.later(days=days)
        await place.service.overview.subject.shelf.sweep()
        assert await kept(place) == left, days
        place.clock.pass_by(dt.timedelta(days=5))
        await place.service.overview.subject.shelf.sweep()
    await picked(place, "ash", SAM)
    await place.later(days=13)
    await place.service.overview.subject.shelf.sweep()
    assert await kept(place) == 1
    await place.later(days=2)
    await asked(place, "ash", "Nobody Whatever")
    assert await kept(place) == 1  # the new one; the old one went as it was begun


async def test_it_goes_by_itself() -> None:
    """While the bot runs, whatever nobody asks."""
    place, _ = await school()
    await made(place, "ash", SAM)
    await place.later(days=4)
    running = asyncio.create_task(place.service.overview.subject.shelf.run())
    for _ in range(10):
        await asyncio.sleep(0)
    running.cancel()
    assert await kept(place) == 0


async def kept(place: Town) -> int:
    """Return how many records of requests, and of what was made, there are."""
    return len(await place.store.records(Platform.WEB, "subject"))


async def test_what_was_made_goes_where_something_changes_after() -> None:
    """Other cases picked, or a page looked at anew: the files that stand for it no longer are taken away."""
    place, _ = await school()
    shown, _, _ = await made(place, "ash", SAM)
    again = await place.press("ash", Ask(ChatCommand.SUBJECT, request_of(shown)))
    assert said(again) == said(shown)
    words = await place.press("ash", going(shown, "whole"))
    assert "Sam Tester did not take part." in said(words)
    cases = await place.press("ash", going(words, "cases"))
    form = shown_form(cases)
    assert isinstance(form.fields[0], Many)
    assert form.fields[0].value == ((await place.case()).id,)
    await place.fill("ash", form.submit, {"cases": form.fields[0].value})
    assert await kept(place) == 1
    assert await saved(place, "ash", shown, 0) is None


async def test_it_is_logged() -> None:
    """Each page that was shown, what was made and each opening of it is on the audit of its case."""
    place, case = await school()
    shown, _, _ = await made(place, "ash", SAM)
    lines = [line for line in await place.store.audit(SCHOOL, case=case.id) if line.by == "ash"]
    facts = [line.facts for line in lines if line.kind is AuditKind.SUBJECT_BUNDLE]
    assert [{*one} for one in facts] == [
        {"request", "file", "seats"},
        {"request", "file", "seats"},
        {"request", "subject.pdf", "subject.zip", "seats"},
    ]
    assert {one["request"] for one in facts} == {request_of(shown)}
    opened = [line for line in lines if line.facts.get("request") and line.kind is AuditKind.RECORD_OPENED]
    assert len(opened) == 2
    assert [line.facts for line in lines if line.kind is AuditKind.LISTED][-1]["by"] == "subject"


@pytest.mark.parametrize(
    ("names", "known_as", "found"),
    [
        ("Sam Tester", "", True),
        ("SÁM   tester", "", True),
        ("Tester", "", True),
        ("Sam Nobody", "", False),
        ("Zed\nRita Tester-Smith", "", True),
        ("Zed", "07700 900 123", True),
        ("Zed", "+44 7700 900123", True),
        ("Zed", "tommy@x.example", True),
        ("Zed", "@cross parent", True),
        ("Zed", "07700 900124", False),
        ("Ash Example", "", True),
        ("Gale Madeup", "", False),
    ],
)
async def test_by_what_a_case_is_found(names: str, known_as: str, *, found: bool) -> None:
    """By all words of a name, wherever they stand; by account, number, address; by who is told."""
    place, case = await school()
    assert (case.reference in said(await asked(place, "ash", names, known_as))) is found


async def test_what_is_asked_for_is_checked() -> None:
    """A name is needed, twelve lines at most; a case has to be picked, of those that were found."""
    place, case = await school()
    assert isinstance(await asked(place, "ash", "  "), Refuse)
    many = await asked(place, "ash", "\n".join(f"Name {n}" for n in range(13)))
    assert isinstance(many, Refuse)
    assert "12 lines at most" in said(many)
    form = shown_form(await asked(place, "ash", SAM))
    for wrong in ({}, {"cases": ()}, {"cases": "no-such-case"}):
        refused = await place.fill("ash", form.submit, wrong)
        assert isinstance(refused, Refuse)
        assert refused.form is not None
    none = await asked(place, "ash", "Nobody Whatever")
    assert "Nothing was found" in said(none)
    assert isinstance(
        await place.fill("ash", Ask(ChatCommand.SUBJECT, f"{request_of(none)} cases"), {}), Refuse
    )
    form = shown_form(await place.fill("ash", form.submit, {"cases": case.id}))
    for number in ("0", "9", "x", "99999999"):
        odd = Ask(ChatCommand.SUBJECT, f"{form.submit.argument.split()[0]} page {case.id} {number} d")  # type: ignore[union-attr]
        assert "page 1 of" in said(await place.fill("ash", odd, {"approved": "yes"}))


async def test_where_no_passage_goes_out_nothing_is_made() -> None:
    """Every page approved and nothing ticked: the cases are shown again, and why."""
    place, _ = await school()
    reply = await picked(place, "ash", SAM)
    while isinstance(reply, Show) and isinstance(reply.view, Form) and reply.view.id != "subject.cases":
        reply = await approve(place, "ash", reply, {"parts": ()})
    assert isinstance(reply, Show)
    assert reply.note.startswith("No passage was picked")


async def test_a_case_taken_from_its_lead_is_in_no_later_step() -> None:
    """Whoever leads it no longer is shown nothing more of it, and it goes out with nothing."""
    place, case = await school()
    whole = await approved(place, "ash", await picked(place, "ash", SAM))
    school_now = place.context.directory.schools[SCHOOL]
    seats = {**school_now.seats, Seat.HEADTEACHER: (PersonId("gale"),), Seat.VICE_CHAIR: (PersonId("ash"),)}
    place.context.directory.reload({SCHOOL: replace(school_now, seats=seats)})  # type: ignore[attr-defined]
    for reply in (
        await place.press("ash", going(whole, "make")),
        await place.press("ash", Ask(ChatCommand.SUBJECT, request_of(whole))),
        await place.press("ash", going(whole, "cases")),
    ):
        assert "Nothing was found in the cases that you lead." in said(reply)
        assert case.reference not in said(reply)


async def test_who_reported_and_is_on_no_list_is_said_to_be_unknown() -> None:
    """Their name cannot be masked by itself, so whoever looks is told to look for it."""
    place, case = await school()
    report = replace(case.report, reporter="slack:U0123456")  # type: ignore[arg-type]
    await place.context.commit(Change(school=SCHOOL, case=replace(case, report=report)))
    assert "not on the school's list" in said(await picked(place, "ash", SAM))


async def test_a_long_posting_is_read_to_its_end() -> None:
    """What no page carries stands on several; all of it is shown before it can go out, and all goes out."""
    place, _ = await school()
    case = await place.case()
    words = "\n".join(
        f"{n}. Sam Tester is spoken of, and what is said goes on and on for a while" for n in range(120)
    )
    posting = replace(case.report.posting, words=words)
    await place.context.commit(
        Change(school=SCHOOL, case=replace(case, report=replace(case.report, posting=posting)))
    )
    seen, reply = "", await picked(place, "ash", SAM)
    while isinstance(reply, Show) and isinstance(reply.view, Form):
        assert len(said(reply)) < 8_000
        seen += said(reply)
        reply = await approve(place, "ash", reply)
    for n in range(120):
        assert f"{n}. Sam Tester" in seen
    assert "Page 1 of" in said(reply)
    assert "Make the files" not in said(reply)
    last = await place.press("ash", Ask(ChatCommand.SUBJECT, f"{request_of(reply)} whole 99"))
    assert "119. Sam Tester" in said(last)
    assert "Make the files" in said(last)


async def test_a_practised_case_is_about_nobody() -> None:
    """What was practised is in nothing that goes out."""
    place, case = await school()
    await place.context.commit(Change(school=SCHOOL, case=replace(case, drill=True)))
    assert "Nothing was found" in said(await asked(place, "ash", SAM))


async def test_it_is_begun_by_typing_and_is_in_the_help() -> None:
    """Whoever holds a seat types it with or without a name; for anybody else it is refused."""
    place, _ = await school()
    for typed, name in (
        ("subject access", ""),
        ("Subject access: Sam Tester", SAM),
        ("subject access Sam Tester", SAM),
    ):
        form = shown_form(await place.say("ash", typed))
        assert (form.submit, form.fields[0].value) == (BEGIN, name)  # type: ignore[union-attr]
    assert shown_form(await place.ask("ash", ChatCommand.SUBJECT, "access Sam")).fields[0].value == "Sam"  # type: ignore[union-attr]
    assert "subject access" in said(await place.say("ash", "help"))
    assert isinstance(await place.say("jo", "subject access"), Refuse)
    assert "subject access" not in said(await place.say("jo", "help"))
    assert isinstance(await place.fill("jo", BEGIN, {"names": SAM}), Refuse)


async def test_a_stored_request_holds_no_words_of_a_case() -> None:
    """What is stored of it are names that somebody typed, places of passages, and masks taken out."""
    place, _ = await school()
    await picked(place, "ash", SAM)
    keys = await place.store.records(Platform.WEB, "subject/")
    stored = await place.store.record(Platform.WEB, keys[0])
    assert stored is not None
    for word in ("liars", "Brook", "forum.example"):
        assert word.encode() not in stored
    assert msgspec.json.decode(stored)["names"] == [SAM]


async def test_a_second_press_makes_nothing_new() -> None:
    """Made twice, it is made once: the same files, one line on the audit."""
    place, _ = await school()
    whole = await approved(place, "ash", await picked(place, "ash", SAM))
    first, second = [await place.press("ash", going(whole, "make")) for _ in range(2)]
    assert isinstance(first, Show)
    assert isinstance(first.view, Card)
    assert said(first) == said(second)
    lines = [line for line in await place.store.audit(SCHOOL) if line.kind is AuditKind.SUBJECT_BUNDLE]
    assert len(lines) == 1
    assert not isinstance(second, Receipt)
