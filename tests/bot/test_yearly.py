"""The yearly wording through the door, and the reminder: once each, to the office, until all is ticked."""

from __future__ import annotations

import datetime as dt

import pytest
from msgspec.structs import replace

from bot.yearly import YearlyWording, ticked
from flows.model import Action
from flows.school import School
from flows.ui.inbound import Refuse, Show
from flows.ui.intents import Act, ChatCommand
from storage.open import open_store
from tests.fakes import FakeClock
from tests.town import SCHOOL, Town, said

#: A Thursday, the first working day of the school year in the sample's calendar, before and after nine.
EARLY, FIRST = (dt.datetime(2026, 9, 3, hour, 30, tzinfo=dt.UTC) for hour in (7, 8))
PLACES = ("booklet", "newsletter", "website")


async def town(now: dt.datetime = FIRST) -> Town:
    """Return the school on that day."""
    return Town(await open_store("memory:", key=bytes(32)), clock=FakeClock(now))


async def reminders(place: Town, person: str = "office") -> int:
    """Return how often somebody was reminded, after everything that is due has gone."""
    await place.settle()
    return sum("told of the social media policy" in text for text in place.chat.texts(person))


def with_school(place: Town, **changed: object) -> School:
    """Change the school's file, as a start would."""
    school = replace(place.school, **changed)
    place.context.directory.reload({SCHOOL: school})  # type: ignore[attr-defined]
    return school


@pytest.mark.feature("yearly-wording")
async def test_a_year_of_reminders() -> None:
    """Four in September, one a month after, none in August; a day has one, however often it is looked."""
    place = await town(EARLY)
    looks = YearlyWording(place.context)
    await looks.look()
    assert await reminders(place) == 0, "before nine nobody is reminded"
    found = []
    place.clock.pass_by(dt.timedelta(hours=3))
    for _ in range(365):
        await YearlyWording(place.context).look()
        await looks.look()
        found.append(await reminders(place))
        place.clock.pass_by(dt.timedelta(days=1))
    assert found[0] == 1
    assert found[26] == 4
    assert found[-1] == 4 + 10


async def test_a_reminder_that_was_missed_for_weeks_comes_with_the_next() -> None:
    """After three weeks without power it is said once, not once for each."""
    place = await town()
    place.clock.pass_by(dt.timedelta(days=20))
    await YearlyWording(place.context).look()
    assert await reminders(place) == 1


async def test_none_comes_once_all_is_ticked() -> None:
    """The office ticks each; the reminder names what is left, and ends; a new school year begins anew."""
    place = await town()
    for n, name in enumerate(PLACES):
        place.clock.pass_by(dt.timedelta(days=7))
        await YearlyWording(place.context).look()
        assert await reminders(place) == n + 1
        shown = await place.ask("office", ChatCommand.WORDING, f"done {name}")
        assert isinstance(shown, Show)
    assert "policy in: School website." in place.chat.texts("office")[-1]
    year, done = await ticked(place.context, place.school)
    assert (year, set(done)) == (2026, set(PLACES))
    place.clock.pass_by(dt.timedelta(days=7))
    await YearlyWording(place.context).look()
    assert await reminders(place) == 3
    await place.ask("office", ChatCommand.WORDING, "undo website")
    assert set((await ticked(place.context, place.school))[1]) == {"booklet", "newsletter"}
    place.clock.pass_by(dt.timedelta(days=365))
    assert await ticked(place.context, place.school) == (2027, {})
    lines = [one for one in await place.store.audit(SCHOOL) if one.kind.value == "wording_ticked"]
    assert [(one.by, one.facts["place"], one.facts["done"]) for one in lines] == [
        ("office", "website", "no"),
        *(("office", name, "yes") for name in reversed(PLACES)),
    ]


@pytest.mark.parametrize(
    ("person", "may"), [("office", True), ("ash", True), ("ellis", True), ("brook", False), ("jo", False)]
)
async def test_who_sees_and_ticks(person: str, may: bool) -> None:  # noqa: FBT001 - a cell of the table
    """The office and whoever holds a seat; anybody else is refused, and nothing is ticked."""
    place = await town()
    for argument in ("", "done booklet"):
        reply = await place.ask(person, ChatCommand.WORDING, argument)
        assert isinstance(reply, Show) is may
        if not may:
            assert isinstance(reply, Refuse)
            assert reply.reference == "not-office"
    assert bool((await ticked(place.context, place.school))[1]) is may


async def test_typed_it_is_the_same() -> None:
    """Typed words tick as the button does; a place that there is not ticks nothing."""
    place = await town()
    assert "It stands there" in said(await place.say("office", "wording"))
    await place.say("office", "Wording done Newsletter")
    assert set((await ticked(place.context, place.school))[1]) == {"newsletter"}
    await place.ask("office", ChatCommand.WORDING, "done everything")
    assert set((await ticked(place.context, place.school))[1]) == {"newsletter"}


async def test_without_an_office_the_headteacher_is_reminded() -> None:
    """A school that names no administrator: its Headteacher; nobody there at all: nobody."""
    place = await town()
    with_school(place, administrators=())
    await YearlyWording(place.context).look()
    assert (await reminders(place, "ash"), await reminders(place)) == (1, 0)
    empty = await town()
    with_school(empty, administrators=(), seats={})
    await YearlyWording(empty.context).look()
    assert await reminders(empty, "ash") == 0


async def test_an_invitation_says_whether_parents_were_told() -> None:
    """Whoever invites somebody reads how the yearly wording stands, also when the form comes back."""
    place = await town(dt.datetime(2026, 11, 24, 10, tzinfo=dt.UTC))
    await place.ask("office", ChatCommand.WORDING, "done website")
    await place.report("brook", {"targets": ("staff",), "nature": ("abusive",), "poster": ("parent_carer",)})
    await place.settle()
    await place.act("ash", await place.case(), Action.TAKE_ON)
    case = await place.case()
    for which, beside in (("invitation", True), ("take_down", False)):
        shown = await place.press(
            "ash", Act(case=case.id, action=Action.LETTER, version=case.version, which=which)
        )
        assert ("website: yes, Tuesday 24 November" in said(shown)) is beside
        assert ("booklet: not yet" in said(shown)) is beside
