"""A file belongs to a draft or a case, and goes with it."""

from __future__ import annotations

import pytest

from flows.model import Action, Case
from flows.school import PersonId
from flows.ui.forms import Value
from flows.ui.inbound import Filled, Receipt, Upload, Uploaded
from flows.ui.intents import Discard, SendReport, TakeOut
from storage.open import open_store
from tests.fuzz.crowd import PNG
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town, page_values, said, shown_form

AT_RISK: dict[str, Value] = {**ABUSE, "safety": ("child_at_risk",), "child_at_risk": "yes"}
IMAGERY: dict[str, Value] = {"safety": ("sexual_imagery_child",), "sexual_imagery_child": "yes"}
HANDED_OVER = {"contacted": "yes", "how": "in_person", "when": "2026-11-24", "why": "Invented."}


async def with_a_file(words: str = "") -> tuple[Town, str]:
    """Return a school where Jo has a draft with a picture, and the picture's hash."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.start("jo", words)
    up = Uploaded(key="up", actor=place.actor("jo"), files=(Upload("shot.png", PNG),))
    await place.service.handle(up)
    draft = await place.store.draft_of(SCHOOL, PersonId("jo"))
    assert draft is not None
    return place, draft.files[0].sha256


async def finished(place: Town, answers: dict[str, Value]) -> Case:
    """Let Jo finish the report that was begun; return its case."""
    reply = await place.say("jo", "continue")
    draft = await place.store.draft_of(SCHOOL, PersonId("jo"))
    for _ in range(40):
        draft = await place.store.draft_of(SCHOOL, PersonId("jo"))
        if draft is None or isinstance(reply, Receipt):
            break
        form = shown_form(await place.start("jo"))
        if isinstance(form.submit, SendReport):
            reply = await place.press("jo", form.submit)
        else:
            reply = await place.fill("jo", form.submit, page_values(form, answers))
    await place.settle()
    return await place.case()


async def is_there(place: Town, sha256: str) -> bool:
    """Return whether the file is."""
    return await place.store.file(SCHOOL, sha256) is not None


@pytest.mark.parametrize("from_a_form", [False, True])
async def test_it_goes_with_a_draft_that_is_thrown_away(from_a_form: bool) -> None:  # noqa: FBT001 - a table's column
    """Discarded by a press, or by a window of a platform that sends its fields along."""
    place, sha256 = await with_a_file()
    draft = await place.store.draft_of(SCHOOL, PersonId("jo"))
    assert draft is not None
    assert await is_there(place, sha256)
    intent = Discard(draft.id, draft.revision)
    if from_a_form:
        await place.service.handle(Filled(key="form", actor=place.actor("jo"), intent=intent, values={}))
    else:
        await place.press("jo", intent)
    assert not await is_there(place, sha256)


async def test_it_goes_with_a_draft_that_nobody_touched() -> None:
    """Shredded after thirty days."""
    place, sha256 = await with_a_file()
    await place.later(days=29)
    assert await is_there(place, sha256)
    await place.later(days=2)
    assert not await is_there(place, sha256)


async def test_it_goes_when_it_is_taken_out() -> None:
    """By its own button."""
    place, sha256 = await with_a_file()
    draft = await place.store.draft_of(SCHOOL, PersonId("jo"))
    assert draft is not None
    await place.press("jo", TakeOut(draft=draft.id, revision=draft.revision, file=draft.files[0].id))
    assert not await is_there(place, sha256)


async def test_it_goes_with_a_mistake() -> None:
    """Sent, it stays; closed as a mistake it goes, and the record says that it was there."""
    place, sha256 = await with_a_file()
    case = await finished(place, AT_RISK)
    assert await is_there(place, sha256)
    assert case.lead is not None
    lead = case.holders[case.lead]
    second = next(person for person in case.holders.values() if person != lead)
    await place.act(lead, case, Action.TAKE_ON)
    await place.act(lead, await place.case(), Action.CLOSE, {"outcome": "mistake", "text": "Invented."})
    assert await is_there(place, sha256), "a second person has to agree"
    await place.act(second, await place.case(), Action.COUNTERSIGN, {"text": "Invented."})
    assert (await place.case()).closed_at is not None
    assert not await is_there(place, sha256)
    reply = await place.act(lead, await place.case(), Action.OPEN_RECORD)
    assert "shot.png – not stored any more" in said(reply)
    assert await place.service.evidence(place.actor(lead), case.id, sha256) is None


@pytest.mark.parametrize("contacted", ["yes", "no"])
async def test_a_locked_picture_goes_when_it_was_handed_over(contacted: str) -> None:
    """The DSL records it; *not now* hands nothing over."""
    place, sha256 = await with_a_file()
    case = await finished(place, IMAGERY)
    assert case.report.posting.files[0].locked
    assert await is_there(place, sha256)
    await place.act("cam", case, Action.IMAGERY, {**HANDED_OVER, "contacted": contacted})
    assert await is_there(place, sha256) is (contacted == "no")
    if contacted == "yes":
        reply = await place.act("cam", await place.case(), Action.OPEN_RECORD)
        assert "handed over and is not stored here any more" in said(reply)


async def test_a_locked_picture_of_an_unfinished_report_goes_too() -> None:
    """It went ahead by itself, and its draft still holds the picture: for both it is handed over."""
    place, sha256 = await with_a_file()
    form = shown_form(await place.start("jo"))
    while "sexual_imagery_child" not in str(page_values(form, IMAGERY)):
        form = shown_form(await place.fill("jo", form.submit, page_values(form, IMAGERY)))
    await place.fill("jo", form.submit, page_values(form, IMAGERY))
    await place.later(minutes=11)
    case = await place.case()
    assert case.report.unfinished
    await place.act("cam", case, Action.IMAGERY, HANDED_OVER)
    assert not await is_there(place, sha256)
    await finished(place, IMAGERY)
    after = await place.case()
    assert not after.report.unfinished
    assert [file.gone for file in after.report.posting.files] == [True]
    assert not await is_there(place, sha256)
