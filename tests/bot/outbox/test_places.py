"""A place that has gone bad is found out at once, by everything that stands there."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from bot.outbox.places import Places
from flows.errors import Retryable, StoreError, UnreadableRow
from flows.model import Case, CaseId
from flows.ports import Address, Membership
from flows.school import SchoolId
from flows.ui.cards import Card
from storage.open import open_store
from tests.story.test_story import ABUSE, BY_THE_HEAD
from tests.town import Town


async def town(reports: int = 2) -> Town:
    """Return a school whose leadership channel holds cases."""
    place = Town(await open_store("memory:", key=bytes(32)))
    for _ in range(reports):
        await place.report("brook", ABUSE)
    await place.settle()
    return place


def standing(place: Town, where: str = "leadership") -> list[Card]:
    """Return what of cases stands in a channel and is not withdrawn."""
    return [m.card for m in place.chat.audience(where) if m.card.kind in ("case_card", "update")]


async def look(place: Town) -> None:
    """Look as every ten minutes, and do what follows."""
    await place.worker.places.look()
    await place.settle()


async def test_a_place_that_is_fit_keeps_everything() -> None:
    """Looking changes nothing where nothing is wrong."""
    place = await town()
    before = place.reads("leadership")
    await look(place)
    assert place.reads("leadership") == before
    assert place.context.unfit == {}


async def test_all_cases_leave_a_place_that_has_gone_bad() -> None:
    """Every card is withdrawn; leaders and administrators are told directly which place it is, and why."""
    place = await town()
    place.chat.unfit.add("leadership")
    await look(place)
    assert standing(place) == []
    for reference in ("HPS-2026-001", "HPS-2026-002"):
        case = await place.case(reference)
        assert case.restricted
    for person in ("ash", "cam", "office"):
        (text,) = place.messages(person, "place")
        assert "The leadership channel on the try-out page can't hold cases as it is." in text
    assert "HPS" not in place.messages("ash", "place")[0], "of the place, not of cases"
    assert list(place.context.unfit.values()) == ["unfit"]


async def test_a_case_that_does_not_open_keeps_no_other_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """One row is damaged: every other case leaves the place that has gone bad, also those looked at later."""
    place = await town(3)
    cases = [await place.case(f"HPS-2026-00{number}") for number in (1, 2, 3)]
    real = place.store.case

    async def damaged(school: SchoolId, case: CaseId) -> Case | None:
        if case == cases[1].id:
            raise UnreadableRow("unreadable-row", "A kept Case cannot be read.", "Put back a backup.")
        return await real(school, case)

    monkeypatch.setattr(place.store, "case", damaged)
    place.chat.unfit.add("leadership")
    await look(place)
    monkeypatch.undo()
    moved = [(await place.case(case.reference)).restricted for case in cases]
    assert moved == [True, False, True]


async def test_it_is_said_once_a_day_and_over_when_mended() -> None:
    """While it lasts it is said again each day; put right, /readyz is well again."""
    place = await town()
    place.chat.unfit.add("leadership")
    for _ in range(3):
        await look(place)
    assert len(place.messages("ash", "place")) == 1
    await place.later(days=1)
    await look(place)
    assert len(place.messages("ash", "place")) == 2
    place.chat.unfit.clear()
    await look(place)
    assert place.context.unfit == {}


async def test_nothing_is_said_of_cases_where_there_are_none() -> None:
    """What people read of a place is the same whether or not a case is kept from them."""
    bare, with_case = await town(0), await town(0)
    await with_case.report("brook", BY_THE_HEAD)
    for place in (bare, with_case):
        place.chat.unfit.add("leadership")
        await look(place)
    assert bare.reads("ash") == with_case.reads("ash")


async def test_an_excluded_person_who_joins_finds_nothing() -> None:
    """The case's cards leave at once, those of other cases stay, and the place is no trouble to anybody."""
    place = await town(1)
    await place.report("brook", {**ABUSE, "keep_from": ("chair",)})
    await place.settle()
    assert any("HPS-2026-002" in str(card) for card in standing(place))
    case = await place.case("HPS-2026-002")
    assert "ellis" in case.recused
    place.chat.channels["leadership"] |= {"ellis"}
    await look(place)
    assert (await place.case("HPS-2026-002")).restricted
    assert not (await place.case("HPS-2026-001")).restricted
    assert not any("HPS-2026-002" in str(card) for card in standing(place))
    assert any("HPS-2026-001" in str(card) for card in standing(place))
    assert place.context.unfit == {}
    assert place.messages("ash", "place") == []


async def test_a_guest_makes_a_place_unfit_unless_they_hold_a_seat() -> None:
    """Guests never read cases; a governor who is a guest of the workspace and holds a seat may be there."""
    place = await town(1)
    place.chat.guests = {"ash"}
    await look(place)
    assert standing(place)
    place.chat.guests = {"stranger"}
    await look(place)
    assert standing(place) == []
    assert "A guest who holds no seat is in it." in place.messages("ash", "place")[0]


async def test_the_place_of_a_lead_is_watched_too() -> None:
    """Where no channel is left, a case stands in none: its people have it directly."""
    place = await town(0)
    await place.report("brook", BY_THE_HEAD)
    await place.settle()
    (where,) = {m.audience for m in place.chat.messages.values() if m.card.kind == "case_card"}
    place.chat.unfit.add(where)
    await look(place)
    case = await place.case()
    assert case.direct_only
    assert standing(place, where) == []
    assert place.messages("ellis", "notice")
    seat = "The channel for cases led by the seat “Chair of governors”"
    assert seat in place.messages("office", "place")[0]
    await look(place)
    assert (await place.case()).events == case.events, "and moves no further"


async def test_a_platform_that_cannot_say_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """An outage is no reason to take every card away."""
    place = await town()

    async def members(to: Address) -> Membership:
        del to
        raise Retryable("busy", "Not now.", after=1.0)

    monkeypatch.setattr(place.chat, "members", members)
    before = place.reads("leadership")
    await place.worker.places.look()
    assert place.reads("leadership") == before


async def test_it_looks_when_it_is_told_to() -> None:
    """An event of a platform is followed at once, not ten minutes later; a store that fails ends nothing."""
    place = await town(1)
    looked = asyncio.Event()

    class Watched(Places):
        async def look(self) -> None:
            looked.set()
            raise StoreError("disk-full", "Nothing more fits.")

    places = Watched(place.context, place.service.casework)
    running = asyncio.create_task(places.run())
    for _ in range(3):
        await asyncio.wait_for(looked.wait(), 5)
        looked.clear()
        places.hurry()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
