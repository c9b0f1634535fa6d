"""A trust: several schools on one deployment, strictly apart, and people who work in more than one."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from flows.model import Action
from flows.school import Platform, SchoolId
from flows.ui.forms import Form
from flows.ui.inbound import Receipt, Refuse, Show
from flows.ui.intents import Act, ChatCommand
from storage.open import open_store
from tests.story.test_story import ABUSE, BY_THE_HEAD
from tests.town import Town, page_values, said, shown_form

OTHER = SchoolId("OPS")


async def trust() -> Town:
    """Return two schools: Brook works in both, the second one's leaders are other people."""
    place = Town(await open_store("memory:", key=bytes(32)))
    first = place.school
    leaders = {name: person for name, person in first.people.items() if name != "brook"}
    renamed = {
        name: replace(person, accounts={Platform.WEB: f"other-{name}"}) for name, person in leaders.items()
    }
    second = replace(
        first,
        id=OTHER,
        prefix="OPS",
        name="Otherplace Primary School",
        people={**renamed, first.people["brook"].id: first.people["brook"]},
        leadership={Platform.WEB: "other-leadership"},
        restricted={},
    )
    place.chat.channels["other-leadership"] = frozenset({"other-ash", "other-cam"})
    place.context.directory.reload({first.id: first, OTHER: second})  # type: ignore[attr-defined]
    return place


async def report_to(place: Town, school: SchoolId) -> Receipt:
    """Report as somebody who is asked which school it is about."""
    reply = await place.start("brook", "Invented words.")
    which = shown_form(reply)
    assert which.id == "which_school"
    reply = await place.fill("brook", which.submit, {**page_values(which, {}), "school": school})
    for _ in range(30):
        if isinstance(reply, Receipt):
            return reply
        form = shown_form(reply)
        if form.fields:
            reply = await place.fill("brook", form.submit, page_values(form, ABUSE))
        else:
            reply = await place.press("brook", form.submit)
    raise AssertionError("the report never ended")


async def test_somebody_of_two_schools_is_asked_which() -> None:
    """Whoever works in two schools says which; the words that came along are kept."""
    place = await trust()
    receipt = await report_to(place, OTHER)
    await place.settle()
    assert "OPS-2026-001" in said(receipt)
    assert place.chat.audience("leadership") == []
    assert place.chat.audience("ash") == []
    assert place.chat.audience("other-ash")
    case = await place.store.case_called(OTHER, "OPS-2026-001")
    assert case is not None
    assert "Invented words." in case.report.posting.words


async def test_schools_know_nothing_of_each_other() -> None:
    """A leader of one school can neither see nor do anything in the other's case."""
    place = await trust()
    await report_to(place, OTHER)
    await place.settle()
    case = await place.store.case_called(OTHER, "OPS-2026-001")
    assert case is not None
    for action in Action:
        refused = await place.press("ash", Act(case=case.id, action=action, version=case.version))
        assert isinstance(refused, Refuse), action
        assert refused.reference == "no-such-case", action
    assert "OPS" not in said(await place.ask("ash", ChatCommand.CASES))
    assert isinstance(await place.ask("ash", ChatCommand.CASE, "OPS-2026-001"), Refuse)
    mine = await place.press("other-ash", Act(case=case.id, action=Action.TAKE_ON, version=case.version))
    assert isinstance(mine, Receipt)


async def test_which_school_is_one_form() -> None:
    """The question which school is a form with both schools' names."""
    place = await trust()
    reply = await place.say("brook", "Somebody wrote invented things")
    assert isinstance(reply, Show)
    assert isinstance(reply.view, Form)
    assert "Otherplace" in said(reply)
    assert "Somebody wrote invented things" in said(reply)


async def test_a_lead_who_is_on_no_platform() -> None:
    """A Chair who is on no platform is not left out: everybody is told to ring, and the next is told."""
    place = Town(await open_store("memory:", key=bytes(32)))
    chair = replace(place.school.people["ellis"], accounts={})
    school = replace(place.school, people={**place.school.people, chair.id: chair})
    place.context.directory.reload({school.id: school})  # type: ignore[attr-defined]
    receipt = await place.report("brook", BY_THE_HEAD)
    assert chair.phone in said(receipt)
    await place.settle()
    assert place.chat.audience("ash") == []
    told = place.messages("fern", "notice")
    assert len(told) == 1
    assert chair.phone in told[0]


async def test_what_a_press_is_about_says_which_school() -> None:
    """Somebody of two schools presses on something of the second one: they are not asked which again."""
    place = await trust()
    receipt = await report_to(place, OTHER)
    assert "OPS-2026-001" in said(receipt)
    case = await place.store.case_called(OTHER, "OPS-2026-001")
    assert case is not None
    asked = await place.press("brook", Act(case=case.id, action=Action.ADD, version=case.version))
    assert shown_form(asked).id == "case.add"
    reply = await place.start("brook", "Invented words.")
    which = shown_form(reply)
    reply = await place.fill("brook", which.submit, {**page_values(which, {}), "school": OTHER})
    page = shown_form(reply)
    following = await place.fill("brook", page.submit, page_values(page, ABUSE))
    assert shown_form(following).id != "which_school"
    back = next(button.intent for button in shown_form(following).buttons)
    assert shown_form(await place.press("brook", back)).id == page.id
    strange = await place.press("brook", Act(case="no-such-case", action=Action.ADD, version=1))
    assert isinstance(strange, Refuse)
    assert strange.reference == "no-such-case"


@pytest.mark.parametrize("school", ["HPS", "OPS"])
async def test_what_exists_is_not_told_by_a_question(school: str) -> None:
    """Of two schools: a case that is kept from them and one that is not there are one answer."""
    place = await trust()
    await report_to(place, SchoolId(school))
    case = await place.store.case_called(SchoolId(school), f"{school}-2026-001")
    assert case is not None
    for command in (f"case {school}-2026-001", f"case {school}-2026-999"):
        assert said(await place.say("brook", command)) == said(
            await place.ask("brook", ChatCommand.CASE, "XYZ-2026-001")
        )
    for there in (case.id, "no-such-case"):
        for action in (Action.OPEN_RECORD, Action.CLOSE):
            reply = await place.press("brook", Act(case=there, action=action, version=1))
            assert said(reply) == said(await place.ask("brook", ChatCommand.CASE, "none"))


async def test_cases_of_both_schools() -> None:
    """Who belongs to two schools sees the cases of both, asked or typed, and no report is begun by it."""
    place = await trust()
    for reply in (await place.ask("brook", ChatCommand.CASES), await place.say("brook", "cases")):
        assert "Otherplace" in said(reply)
        assert place.school.name in said(reply)
    assert await place.store.draft_of(OTHER, place.school.people["brook"].id) is None
    nowhere = await place.ask("brook", ChatCommand.DIGEST)
    assert isinstance(nowhere, Refuse)
    place.chat.channels["other-leadership"] |= {"brook"}
    assert "Otherplace" in said(await place.ask("brook", ChatCommand.DIGEST))
