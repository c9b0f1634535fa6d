"""The list and the search, as a turn: typed, pressed and filled in; in several schools; on the audit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from flows.finding.cards import form
from flows.model import Action, AuditKind, CaseId, Change
from flows.school import SchoolId
from flows.ui.cards import Card, buttons_of
from flows.ui.forms import DateField, Form
from flows.ui.inbound import Show
from flows.ui.intents import Ask, ChatCommand
from flows.words import say
from storage.open import open_store
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town, said, shown_form

WORDS = {**ABUSE, "words": "She makes up the marks", "account_name": "@cross"}


async def town(cases: int = 1) -> Town:
    """Return a school with so many cases of one kind."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.report("brook", WORDS)
    await place.settle()
    first = await place.case()
    for n in range(2, cases + 1):
        another = replace(first, id=CaseId(f"C{n}"), reference=f"HPS-2026-{n:03}", version=0, cards=())
        await place.context.commit(Change(school=SCHOOL, case=another))
    return place


def opened(reply: object) -> list[str]:
    """Return the references that a card has buttons for."""
    assert isinstance(reply, Show)
    assert isinstance(reply.view, Card)
    return [b.label for b in buttons_of(reply.view) if b.label.startswith(("HPS-", "OPS-"))]


@pytest.mark.parametrize(
    "typed", ["find marks", "find: marks", "find @cross", "search: MARK", "find HPS-2026-001"]
)
@pytest.mark.feature("find")
async def test_typed_pressed_and_filled_in_find_the_same(typed: str) -> None:
    """Whatever way it is looked for, the case is found; by what it was looked for is on the audit."""
    place = await town()
    assert opened(await place.say("ash", typed)) == ["HPS-2026-001"]
    asked = shown_form(await place.say("ash", "find"))
    assert asked == form()
    filled = await place.fill("ash", asked.submit, {"words": "marks", "account": "@cross"})
    assert opened(filled) == ["HPS-2026-001"]
    logged = next(line for line in await place.store.audit(SCHOOL) if line.kind is AuditKind.LISTED)
    assert (logged.by, logged.facts["by"]) == ("ash", "words,account")
    assert "marks" not in str(logged)


async def test_a_reporter_who_writes_that_they_find_something_reports() -> None:
    """Words that begin with *find* begin a report where no seat is held, and answer one where one is open."""
    place = await town()
    assert shown_form(await place.say("jo", "find this page about us very hurtful")).id != "find"
    await place.start("ash", "x")
    reply = await place.say("ash", "find the marks")
    assert not isinstance(reply, Show) or getattr(reply.view, "kind", "") != "found"


async def test_a_wrong_day_brings_the_form_back() -> None:
    """With what was filled in, and the words beside the day."""
    place = await town()
    reply = await place.say("ash", "find marks since:soon")
    assert isinstance(reply, Show)
    assert isinstance(reply.view, Form)
    days = {f.name: (f.value, f.error) for f in reply.view.fields if isinstance(f, DateField)}
    assert days == {"since": ("soon", "Please write the day like 2026-09-01."), "until": ("", "")}


@pytest.mark.feature("lists-with-filters")
async def test_every_page_is_shown_and_only_what_is_shown_is_logged() -> None:
    """A page of fifteen, the next by its button; each shows and logs what stands on it."""
    place = await town(cases=17)
    first = await place.say("ash", "cases")
    assert len(opened(first)) == 15
    listed = [line for line in await place.store.audit(SCHOOL) if line.kind is AuditKind.LISTED]
    assert len(listed) == 15
    assert len(opened(await place.press("ash", Ask(ChatCommand.CASES, "all 2")))) == 2
    assert len(opened(await place.press("ash", Ask(ChatCommand.FIND, "marks page:2")))) == 2
    case = await place.case()
    await place.act("ash", case, Action.TAKE_ON)
    assert opened(await place.say("ash", "my cases")) != []
    assert opened(await place.say("bryn", "cases held")) == []


async def test_home_has_the_list_and_its_filters() -> None:
    """Whoever holds a seat has the first page at home; whoever holds none has no list."""
    place = await town(cases=17)
    assert len(opened(await place.ask("ash", ChatCommand.HOME))) == 15
    assert "Page 1 of 2" in said(await place.ask("ash", ChatCommand.HOME))
    assert opened(await place.ask("jo", ChatCommand.HOME)) == []


def _two(place: Town) -> Iterator[SchoolId]:
    yield SCHOOL
    other = replace(place.school, id=SchoolId("OPS"), name="Other Invented School", prefix="OPS")
    schools = {SCHOOL: place.school, SchoolId("OPS"): other}
    place.context.directory.reload(schools)  # type: ignore[attr-defined]
    yield SchoolId("OPS")


async def test_somebody_of_two_schools_looks_in_both() -> None:
    """One below the other; the form is asked once."""
    place = await town()
    assert list(_two(place)) == [SCHOOL, "OPS"]
    first = await place.case()
    other = replace(
        first, id=CaseId("O1"), school=SchoolId("OPS"), reference="OPS-2026-001", version=0, cards=()
    )
    await place.context.commit(Change(school=SchoolId("OPS"), case=other))
    assert opened(await place.say("ash", "find marks")) == ["HPS-2026-001", "OPS-2026-001"]
    assert opened(await place.say("ash", "cases all")) == ["HPS-2026-001", "OPS-2026-001"]
    assert shown_form(await place.say("ash", "find")).id == "find"


async def test_help_is_of_both_schools() -> None:
    """Who leads in the second school alone is told what a leader can type, and where each policy stands."""
    place = await town()
    assert list(_two(place)) == [SCHOOL, "OPS"]
    alone, first = SchoolId("OPS"), replace(place.school, policy_link="https://first.example/policy")
    nobody_leads = dict.fromkeys(first.seats, ())
    schools = {
        SCHOOL: replace(first, seats=nobody_leads, administrators=()),
        alone: replace(first, id=alone, prefix="OPS", policy_link="https://other.example/policy"),
    }
    place.context.directory.reload(schools)  # type: ignore[attr-defined]
    for asked in (await place.ask("ash", ChatCommand.HELP), await place.say("ash", "hello")):
        told = said(asked)
        assert say("help.cases") in told
        assert "https://first.example/policy" in told
        assert "https://other.example/policy" in told
