"""A trust: several schools on one deployment, strictly apart, and people who work in more than one."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from flows.model import Action
from flows.school import PersonId, Platform, SchoolId, Seat
from flows.ui.cards import Card, buttons_of
from flows.ui.forms import Form
from flows.ui.inbound import Receipt, Refuse, Show
from flows.ui.intents import Act, Ask, ChatCommand, Intent
from storage.open import open_store
from tests.story.test_story import ABUSE, BY_THE_HEAD
from tests.town import SCHOOL, Town, page_values, said, shown_form

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


async def both() -> Town:
    """Return a trust in which Ash and the office are the same people in both schools."""
    place = await trust()
    schools = dict(place.context.directory.schools)
    shared = {name: place.school.people[name] for name in ("ash", "office")}
    schools[OTHER] = replace(schools[OTHER], people={**schools[OTHER].people, **shared})
    place.context.directory.reload(schools)  # type: ignore[attr-defined]
    return place


#: What is typed, by whom; what is read of the school that is chosen.
OF_ONE = [
    ("subject access", "ash", "subject.who"),
    ("subject access: Sam Tester", "ash", "Sam Tester"),
    ("drill", "ash", "drill"),
    ("seat", "office", "seats"),
    ("away", "office", "seats"),
    ("link my account", "ash", "link"),
    ("figures last", "ash", "term"),
    ("rehearse begin", "office", "ehears"),
    ("wording done website", "office", "wording"),
]


@pytest.mark.parametrize(("words", "person", "read"), OF_ONE)
@pytest.mark.parametrize("answer", ["press", "type"])
async def test_what_begins_in_one_school_asks_in_which(
    words: str, person: str, read: str, answer: str
) -> None:
    """Nothing begins before it is known where: pressed or typed by name, it begins in that school alone."""
    place = await both()
    before = [await everything(place, school) for school in (SCHOOL, OTHER)]
    asked = await place.say(person, words)
    assert isinstance(asked, Show)
    assert isinstance(asked.view, Card), said(asked)
    assert asked.view.kind == "which_school"
    assert [await everything(place, school) for school in (SCHOOL, OTHER)] == before
    there = next(b.intent for b in buttons_of(asked.view) if b.label.startswith("Otherplace"))
    reply = await (place.press(person, there) if answer == "press" else place.say(person, "Otherplace"))
    shown = f"{getattr(reply.view, 'id', '')} {getattr(reply.view, 'kind', '')} {reply}"  # type: ignore[union-attr]
    assert read in shown
    assert await everything(place, SCHOOL) == before[0]


async def everything(place: Town, school: SchoolId) -> object:
    """Return what a school keeps of what may begin: cases, seats, a rehearsal, what is ticked, its audit."""
    store = place.store
    return (
        await store.cases(school, open_only=False),
        await store.roster(school),
        await store.rehearsal(school),
        await store.audit(school),
    )


async def test_what_was_begun_goes_on_in_its_school() -> None:
    """Forms and buttons of the second school stay there: its seats, its drills, who asks of its cases."""
    place = await both()
    for words, label in (("seat", ""), ("drill", "threat")):
        person = "office"
        card = (await place.press(person, pick(await place.say(person, words)))).view  # type: ignore[union-attr]
        assert isinstance(card, Card)
        button = next(b for b in buttons_of(card) if label in b.label.lower())
        reply = await place.press(person, button.intent)
        assert await store_of(place, SCHOOL) == []
        if words == "seat":
            form = shown_form(reply)
            filled = {"seat": "dsl", "holder": "jo", "stand_ins": ("cam",)}
            assert isinstance(await place.fill(person, form.submit, filled), Receipt)
            roster = await place.store.roster(OTHER)
            assert roster is not None
            assert roster.changes
            assert await place.store.roster(SCHOOL) is None
        else:
            assert isinstance(reply, Receipt)
            assert [row.school for row in await place.store.cases(OTHER)] == [OTHER]
    form = shown_form(await place.press("ash", pick(await place.say("ash", "subject access"))))
    none = await place.fill("ash", form.submit, {"names": "Nobody Invented"})
    assert "OPS-2026-SAR" in said(none)
    assert isinstance(none, Show)
    assert isinstance(none.view, Card)
    again = next(
        b.intent for b in buttons_of(none.view) if "-20" in str(b.intent) and "SAR" not in str(b.intent)
    )
    assert shown_form(await place.press("ash", again)).id == "subject.who"


def pick(asked: object) -> Intent:
    """Return the button of the second school."""
    assert isinstance(asked, Show)
    assert isinstance(asked.view, Card)
    return next(b.intent for b in buttons_of(asked.view) if b.label.startswith("Otherplace"))


async def store_of(place: Town, school: SchoolId) -> list[object]:
    """Return the cases of a school."""
    return [*await place.store.cases(school, open_only=False)]


async def test_where_it_can_be_one_school_only_nobody_is_asked() -> None:
    """Whoever holds a seat in one of two schools begins there, whichever stands first."""
    place = await trust()
    schools = dict(place.context.directory.schools)
    seats = {**schools[OTHER].seats, Seat.VICE_CHAIR: (PersonId("brook"),)}
    schools[OTHER] = replace(schools[OTHER], seats=seats)
    place.context.directory.reload(schools)  # type: ignore[attr-defined]
    form = shown_form(await place.say("brook", "subject access"))
    assert form.submit == Ask(ChatCommand.SUBJECT, "OPS-20")
    drilled = await place.ask("brook", ChatCommand.DRILL, "urgent")
    assert isinstance(drilled, Receipt)
    assert [row.school for row in await place.store.cases(OTHER)] == [OTHER]
    assert isinstance(await place.say("jo", "subject access"), Refuse)


async def test_one_s_own_reports_of_both_schools() -> None:
    """Status and home show what somebody reported in each."""
    place = await trust()
    receipt = await report_to(place, OTHER)
    assert "OPS-2026-001" in said(receipt)
    for typed in ("status", "home"):
        shown = said(await place.say("brook", typed))
        assert "OPS-2026-001" in shown
        assert place.school.name in shown
