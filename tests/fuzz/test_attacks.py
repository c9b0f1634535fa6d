"""What people do at their worst or unluckiest, one by one: typing, windows, roles, files."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from flows.model import Action, EventKind
from flows.ui.forms import Value
from flows.ui.inbound import (
    Filled,
    Inbound,
    Noted,
    Pressed,
    Receipt,
    Refuse,
    Show,
    Started,
    Typed,
    Upload,
    Uploaded,
)
from flows.ui.intents import AnswerPage, Begin, ChatCommand, Fill, SendReport
from tests.fuzz.crowd import PNG
from tests.fuzz.stage import reported, town, upload, walk
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, page_values, said, shown_form

# -- many at once --------------------------------------------------------------------------------


@pytest.mark.soak
async def test_fifty_people_add_to_one_case_in_one_moment(tmp_path: Path) -> None:
    """Fifty notes in the same moment: each is kept, and nobody sees a conflict."""
    place = await town(f"tinydb:{tmp_path}/s.db")
    await place.report("brook", ABUSE)
    case = await place.case()
    fill = Fill(case=case.id, action=Action.NOTE, version=case.version)
    replies = await asyncio.gather(*(place.fill("ash", fill, {"text": f"note-{n}-end"}) for n in range(50)))
    assert all(isinstance(reply, Receipt) for reply in replies)
    words = " ".join(e.words for e in await place.store.events(SCHOOL, case.id))
    assert all(f"note-{n}-end" in words for n in range(50))
    await place.store.close()


async def test_the_same_person_twice_in_one_moment(tmp_path: Path) -> None:
    """Two windows of one person at once: one draft, and the words of both are in it."""
    place = await town(f"tinydb:{tmp_path}/s.db")
    replies = await asyncio.gather(*(place.start("jo", f"words-{n}") for n in range(5)))
    assert not any(isinstance(reply, Refuse) for reply in replies)
    draft = await place.store.draft_of(SCHOOL, place.school.people["jo"].id)  # type: ignore[index]
    assert draft is not None
    assert all(f"words-{n}" in str(draft.answers["words"]) for n in range(5))
    await place.store.close()


async def test_one_delivery_twice_in_one_moment(tmp_path: Path) -> None:
    """The same press delivered twice at once opens one case."""
    place = await town(f"tinydb:{tmp_path}/s.db")
    reply = await walk(place, "jo", ABUSE, pages=9)
    form = shown_form(reply)
    assert isinstance(form.submit, SendReport)
    both = await asyncio.gather(*(place.press("jo", form.submit, key="same") for _ in range(2)))
    assert all(isinstance(reply, Receipt) for reply in both)
    assert len(await place.store.cases(SCHOOL, open_only=False)) == 1
    await place.store.close()


# -- what people type ----------------------------------------------------------------------------

HOSTILE = ("\ud83d half", "x\x00y", "\u202e", "<!channel>", '{"type":"s"}', "a" * 50_000, "\ud83d\ude00")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_hostile_words_through_every_field(text: str) -> None:
    """Whatever somebody types, the door answers: it raises nothing, and keeps what it takes."""
    place = await reported()
    case, who = await place.case(), place.actor("ash")
    root = next(m for m in place.chat.messages.values() if m.audience == "leadership").posted
    note = Fill(case=case.id, action=Action.NOTE, version=case.version)
    hostile: tuple[Inbound, ...] = (
        Started(key="1", actor=who, words=text, link=text),
        Typed(key="2", actor=who, text=text),
        Filled(key="3", actor=who, intent=note, values={"text": text, text: text}),
        Noted(key="4", actor=who, channel=root.channel, thread=root.message, text=text),
        Uploaded(key="5", actor=who, files=(Upload(text, PNG),)),
        Pressed(key="6", actor=who, intent=Begin(school=text)),
        Filled(key="7", actor=who, intent=AnswerPage(draft=text, revision=0, page=text), values={}),
        Typed(key=f"8{text}", actor=msgspec.structs.replace(who, account=text), text=text),
    )
    for n, inbound in enumerate(hostile):
        assert isinstance(await place.service.handle(inbound), Show | Refuse | Receipt), n
    assert isinstance(await place.ask("ash", ChatCommand.CASE, text), Refuse)


async def test_an_older_page_loses_no_words() -> None:
    """Two windows on the same page: the second adds its words to what the first one said."""
    place = await town()
    reply = await walk(place, "jo", ABUSE, pages=5)
    form = shown_form(reply)
    assert any(field.name == "account_name" for field in form.fields)
    for said_there in ("the-first-account", "the-second-account"):
        values = {**page_values(form, ABUSE), "account_name": said_there}
        await place.fill("jo", form.submit, values)
    draft = await place.store.draft_of(SCHOOL, place.school.people["jo"].id)  # type: ignore[index]
    assert "the-first-account" in str(draft)
    assert "the-second-account" in str(draft)


async def test_a_link_that_comes_along_is_kept() -> None:
    """*Report this message* while a report is open: the link is added to it."""
    place = await town()
    await place.start("jo", "the beginning")
    link = "https://chat.example/message/1"
    await place.service.handle(Started(key="l", actor=place.actor("jo"), words="more", link=link))
    draft = await place.store.draft_of(SCHOOL, place.school.people["jo"].id)  # type: ignore[index]
    assert link in str(draft)


async def test_first_words_of_danger_are_not_left_lying() -> None:
    """Somebody types a threat and nothing more: after ten minutes it goes ahead as it is."""
    place = await town()
    await place.start("jo", "He wrote that he will kill the teacher tomorrow.")
    await place.later(minutes=11)
    case = await place.case()
    assert case.report.unfinished
    assert place.chat.audience("cam")


async def test_somebody_elses_draft_and_delivery() -> None:
    """Another person's draft is gone for everybody else, and so is their receipt under its own key."""
    place = await town()
    form = shown_form(await place.start("jo", "mine"))
    for intent in (form.submit, SendReport(draft=form.submit.draft, revision=0)):  # type: ignore[union-attr]
        refused = await place.fill("brook", intent, {"words": "theirs"})
        assert isinstance(refused, Refuse)
        assert refused.reference == "draft-gone"
    reply = await walk(place, "brook", ABUSE, pages=9)
    await place.press("brook", shown_form(reply).submit, key="theirs")
    stolen = await place.press("jo", shown_form(reply).submit, key="theirs")
    assert "HPS-2026-001" not in said(stolen)


# -- people in several roles ---------------------------------------------------------------------


async def test_a_leader_reports_their_own_posting() -> None:
    """A Headteacher who reports what they posted keeps their own report and sees nothing of the case."""
    place = await reported(
        {**ABUSE, "reporter_link": ("is_poster",), "poster": ("headteacher",)}, person="ash"
    )
    case = await place.case()
    kinds = {m.card.kind for m in place.chat.audience("ash")}
    assert kinds == {"receipt"}
    for action in (Action.OPEN_RECORD, Action.TAKE_ON, Action.NOTE, Action.CONFLICT):
        assert isinstance(await place.act("ash", case, action), Refuse)
    assert case.reference in said(await place.ask("ash", ChatCommand.STATUS))
    assert case.reference not in said(await place.ask("ash", ChatCommand.CASES))


async def test_every_lead_in_turn_has_a_conflict() -> None:
    """Each leader says *I have a conflict* until nobody is left: each is cut off, and it is said plainly."""
    place = await reported({**ABUSE, "poster": ("headteacher",)})
    for _ in range(8):
        case = await place.case()
        if case.lead is None:
            break
        lead = case.holders[case.lead]
        assert isinstance(await place.act(lead, case, Action.CONFLICT, {"text": ""}), Receipt)
        await place.settle()
        assert all(case.reference not in text for text in place.chat.texts(lead)), lead
        assert all(case.reference not in text for text in place.chat.texts("leadership"))
    case = await place.case()
    assert case.lead is None
    assert set(case.recused) >= {"ash", "ellis", "fern", "gale"}
    events = await place.store.events(SCHOOL, case.id)
    handed = [e for e in events if e.kind is EventKind.HANDED_ON]
    assert handed[-1].facts["lead"] == ""


async def test_nobody_is_left_to_tell() -> None:
    """Everybody is kept out: the reporter is given the number outside the school."""
    everybody = ("headteacher", "chair", "vice_chair", "someone_else")
    answers = {**ABUSE, "keep_from": everybody, "kept_out_is": ("gale", "bryn", "dee", "cam")}
    place = await town()
    receipt = await place.report("brook", answers)
    assert not (await place.case()).holders
    assert "01632 960015" in said(receipt)


async def test_headteacher_accused_and_chair_kept_out() -> None:
    """L6: the vice-chair leads, neither of the two learns anything, and the LADO is shown."""
    answers = {**ABUSE, "staff_allegation": ("headteacher",), "keep_from": ("chair",)}
    place = await reported(answers)
    case = await place.case()
    assert case.lead == "vice_chair"
    assert place.chat.audience("ash") == place.chat.audience("ellis") == []
    assert any("LADO" in text for text in place.chat.texts("fern"))


async def test_only_the_lead_brings_somebody_back() -> None:
    """Kept out by a slip, then corrected: the Headteacher stays out until the Chair brings them in."""
    place = await reported({**ABUSE, "poster": ("headteacher",)})
    values: dict[str, Value] = {"poster": ("parent_carer",), "reason_for_correction": "Invented: a slip."}
    assert isinstance(await place.act("ellis", await place.case(), Action.CORRECT, values), Receipt)
    await place.settle()
    assert isinstance(await place.act("ash", await place.case(), Action.OPEN_RECORD), Refuse)
    back: dict[str, Value] = {"who": "ash", "text": "An invented reason."}
    assert isinstance(await place.act("ellis", await place.case(), Action.BRING_IN, back), Receipt)
    await place.settle()
    assert isinstance(await place.act("ash", await place.case(), Action.OPEN_RECORD), Show)
    assert len(place.messages("ash", "notice")) == 1


@pytest.mark.parametrize("action", [Action.AMEND, Action.CORRECT], ids=["now", "an older receipt"])
async def test_the_one_it_is_about_does_not_clear_themselves(action: Action) -> None:
    """The Headteacher reports; the Chair corrects it to an accusation; they untick nothing of it."""
    place = await reported({**ABUSE, "targets": ("headteacher",)}, person="ash")
    case = await place.case()
    assert case.lead == "chair_of_governors"
    accused: dict[str, Value] = {"staff_allegation": ("headteacher",), "reason_for_correction": "Invented."}
    assert isinstance(await place.act("ellis", case, Action.CORRECT, accused), Receipt)
    await place.settle()
    form = shown_form(await place.act("ash", await place.case(), action))
    held = {field.name: field.value for field in form.fields if hasattr(field, "value")}
    assert held["staff_allegation"] == ("nobody",), "they see what they said themselves"
    mended: dict[str, Value] = {"staff_allegation": ("not_sure",), "reason_for_correction": "x"}
    answer = await place.fill("ash", form.submit, mended)
    assert isinstance(answer, Receipt)
    assert not any(leak in said(answer) for leak in ("Chair", "taken off", "decided"))
    await place.settle()
    after = await place.case()
    assert after.recused["ash"].source == "leader"
    assert after.report.answers["staff_allegation"] == ("headteacher",), "what the Chair corrected stands"
    assert isinstance(await place.act("ash", after, Action.OPEN_RECORD), Refuse)
    assert place.messages("ash", "notice") == []


# -- files ---------------------------------------------------------------------------------------


async def test_a_picture_from_before_an_imagery_answer_is_locked() -> None:
    """A picture that came first is locked: neither the reporter nor the DSL gets its bytes."""
    place = await town()
    reply = await place.start("jo")
    await upload(place, "jo")
    imagery: dict[str, Value] = {"sexual_imagery_child": "yes", "immediate_danger": "no"}
    reply = await place.start("jo")
    for _ in range(20):
        if isinstance(reply, Receipt):
            break
        form = shown_form(reply)
        reply = await place.fill("jo", form.submit, page_values(form, imagery))
    case = await place.case()
    file = case.report.posting.files[0]
    assert file.locked
    for person in ("jo", "cam", "ash", "ellis"):
        assert await place.service.evidence(place.actor(person), case.id, file.sha256) is None


async def test_a_picture_in_a_case_that_turns_out_to_be_imagery() -> None:
    """A correction to *imagery* locks what is there already; more is refused."""
    place = await reported()
    case = await place.case()
    assert isinstance(await upload(place, "brook", case=case.id), Receipt)
    file = (await place.case()).report.posting.files[0]
    assert await place.service.evidence(place.actor("ash"), case.id, file.sha256) is not None
    values: dict[str, Value] = {"sexual_imagery_child": "yes", "reason_for_correction": "Invented."}
    assert isinstance(await place.act("ash", await place.case(), Action.CORRECT, values), Receipt)
    for person in ("ash", "cam", "brook"):
        assert await place.service.evidence(place.actor(person), case.id, file.sha256) is None
    assert isinstance(await upload(place, "brook", case=case.id, content=PNG + b"2"), Refuse)
    opened = said(await place.act("ash", await place.case(), Action.OPEN_RECORD))
    assert "secret-name" not in opened, "a locked file is not offered either"


async def test_words_that_point_to_imagery_refuse_files_too() -> None:
    """Words speak of a naked picture, and the reporter is not sure: no file is taken. A no stands."""
    for reply in ("not_sure", "no"):
        answers = {**ABUSE, "words": "There is a naked picture in it.", "flag_sexual_imagery_child": reply}
        place = await reported(answers)
        case = await place.case()
        denied = case.report.answers.get("text_denied", ())
        assert denied == (("sexual_imagery_child",) if reply == "no" else ())
        assert isinstance(await upload(place, "brook", case=case.id), Refuse) is (reply == "not_sure")


async def test_what_was_added_survives_completing() -> None:
    """Words and files added to an unfinished report are still there once it is completed."""
    place = await town()
    reply = await walk(place, "jo", {"immediate_danger": "yes", "works_here": "no"}, pages=2)
    await place.later(minutes=11)
    case = await place.case()
    assert case.report.unfinished
    await place.fill(
        "jo", Fill(case=case.id, action=Action.ADD, version=case.version), {"text": "added-later"}
    )
    assert isinstance(await upload(place, "jo", case=case.id), Receipt)
    receipts = len(place.messages("jo", "receipt"))
    for _ in range(20):
        if isinstance(reply, Receipt):
            break
        form = shown_form(reply)
        reply = await place.fill("jo", form.submit, page_values(form, {**ABUSE, "words": "the-rest"}))
    await place.settle()
    case = await place.case()
    assert not case.report.unfinished
    assert len(case.report.posting.files) == 1
    assert "added-later" in case.report.posting.words
    assert "the-rest" in case.report.posting.words
    assert len(place.messages("jo", "receipt")) == receipts + 1
