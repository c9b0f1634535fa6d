"""One school can't starve another: of one no more is under way at once, and none of them hides the others."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter

import pytest
from msgspec.structs import replace

from bot.outbox.line import PAGE, Line
from bot.outbox.worker import LANES, LANES_EACH
from bot.sharing.shares import Shares
from bot.turns.service import AT_ONCE, WAITING
from flows.model import Change, Message, Send, Timer, TimerKind, Way
from flows.ports import Address, Membership, Store
from flows.school import PersonId, Platform, SchoolId
from flows.ui.inbound import Refuse, Show
from flows.ui.intents import ChatCommand
from storage.open import Opening, open_store
from tests.fakes import FakeChat
from tests.story.test_schools import OTHER
from tests.town import SCHOOL, Town

ONE, TWO, THREE = SchoolId("one"), SchoolId("two"), SchoolId("three")


async def turns() -> None:
    """Let everybody who can go on do so, until nobody can."""
    for _ in range(2000):
        await asyncio.sleep(0)


class Counting:
    """People who hold a place until they are told to leave; counts how many hold one at the same time."""

    def __init__(self, shares: Shares) -> None:
        self.shares, self.leave = shares, asyncio.Event()
        self.began: list[SchoolId] = []
        self.last: asyncio.Task[None] | None = None
        self.tasks: list[asyncio.Task[None]] = []

    async def come(self, *schools: SchoolId) -> None:
        """Let people of these schools come, one after the other."""
        for school in schools:
            self.tasks.append(asyncio.create_task(self._hold(school)))
        await turns()

    async def _hold(self, school: SchoolId) -> None:
        async with self.shares.place(school):
            self.began.append(school)
            self.last = asyncio.current_task()
            await self.leave.wait()

    async def one_goes(self) -> None:
        """Let the one who began last leave, and whoever gets the place begin."""
        assert self.last is not None
        self.last.cancel()
        await turns()

    async def all_go(self) -> None:
        """Let everybody leave."""
        self.leave.set()
        await asyncio.gather(*self.tasks, return_exceptions=True)


async def test_no_school_has_more_than_its_share() -> None:
    """Of ten places a school has six; the four others are there for whoever else comes."""
    people = Counting(Shares(10, 6))
    await people.come(*[ONE] * 30)
    assert people.shares.taken == {ONE: 6}
    await people.come(*[TWO] * 30)
    assert people.shares.taken == {ONE: 6, TWO: 4}
    await people.all_go()
    assert people.shares.taken == {}
    assert Counter(people.began) == {ONE: 30, TWO: 30}


async def test_a_free_place_goes_round() -> None:
    """Whoever has a thousand waiting gets one place in turn, like whoever has one."""
    people = Counting(Shares(1, 1))
    await people.come(*[ONE] * 9, TWO, THREE, TWO)
    for _ in range(6):
        await people.one_goes()
    assert people.began == [ONE, ONE, TWO, THREE, ONE, TWO, ONE]
    await people.all_go()
    assert people.shares.lines == {}


async def test_too_many_of_one_school_are_refused() -> None:
    """Only so many may wait; whoever comes then is told so at once, and nobody of another school is."""
    people = Counting(Shares(None, 2, waiting=3))
    await people.come(*[ONE] * 7, TWO)
    refused = [task for task in people.tasks if task.done()]
    assert [getattr(task.exception(), "reference", "") for task in refused] == ["crowded", "crowded"]
    assert people.began == [ONE, ONE, TWO]
    await people.all_go()


@pytest.mark.parametrize("first", [True, False])
async def test_who_goes_while_waiting_leaves_nothing_behind(first: bool) -> None:  # noqa: FBT001 - a table
    """Somebody who waits is cut off, before or in the moment of their turn: the place goes on to the next."""
    people = Counting(Shares(1, 1))
    await people.come(ONE, TWO, THREE)
    holder, waiting, _ = people.tasks
    holder.cancel()
    if not first:
        await asyncio.sleep(0)  # the place has been handed to the one who is cut off now
    waiting.cancel()
    await turns()
    assert people.began == [ONE, THREE]
    await people.all_go()
    assert people.shares.taken == {}


class Slow(FakeChat):
    """A chat that is asked who is in a channel, and answers when it is let."""

    def __init__(self) -> None:
        super().__init__(Platform.WEB, channels={"leadership": frozenset({"ash"}), "other": frozenset()})
        self.under_way, self.most, self.answer = 0, 0, asyncio.Event()

    async def members(self, where: Address) -> Membership:
        """Wait where it is the first school's."""
        if where.channel != "leadership":
            return await super().members(where)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await self.answer.wait()
        self.under_way -= 1
        return await super().members(where)


async def two_schools(chat: FakeChat | None = None) -> Town:
    """Return two schools in one workspace."""
    place = Town(await open_store("memory:", key=bytes(32)), chat=chat)
    people = {
        name: replace(person, accounts={Platform.WEB: f"o-{name}"})
        for name, person in place.school.people.items()
    }
    other = replace(
        place.school, id=OTHER, prefix="OPS", people=people, leadership={Platform.WEB: "other"}, restricted={}
    )
    place.context.directory.reload({SCHOOL: place.school, OTHER: other})  # type: ignore[attr-defined]
    return place


@pytest.mark.feature("fair-share")
async def test_a_school_in_a_crowd_holds_up_no_other() -> None:
    """Two hundred ask at once: some are served, some wait, the rest are told; the other school is served."""
    chat = Slow()
    place = await two_schools(chat)
    asks = [asyncio.create_task(place.ask("ash", ChatCommand.CASES)) for _ in range(200)]
    await turns()
    told = [task.result() for task in asks if task.done()]
    assert len(told) == 200 - AT_ONCE - WAITING
    assert {reply.reference for reply in told if isinstance(reply, Refuse)} == {"crowded"}
    assert isinstance(await place.ask("o-ash", ChatCommand.CASES), Show)
    chat.answer.set()
    replies = await asyncio.gather(*asks)
    assert Counter(type(reply) for reply in replies) == {Show: AT_ONCE + WAITING, Refuse: len(told)}
    assert chat.most == AT_ONCE


STORES = pytest.mark.parametrize("address", ["memory:", "tinydb:{}/reports.db"])


async def piled_up(address: str, folder: object, each: int) -> tuple[Town, Store]:
    """Return a store in which one school has much that is due, and another one thing, due after all of it."""
    place = await two_schools()
    store = await open_store(address.format(folder), key=bytes(32), opening=Opening.NEW)
    now = place.clock.now()
    send = Send(
        key="s",
        school=SCHOOL,
        message=Message.ROSTER,
        way=Way.DIRECT,
        platform=Platform.WEB,
        person=PersonId("ash"),
        due=now,
    )
    timer = Timer(key="t", school=SCHOOL, kind=TimerKind.REMIND, due=now)
    keys = [f"{n:05}" for n in range(each)]
    for some in (keys[at : at + 500] for at in range(0, each, 500)):
        sends = tuple(replace(send, key=f"s{key}") for key in some)
        timers = tuple(replace(timer, key=f"t{key}") for key in some)
        await store.commit(Change(school=SCHOOL, new_sends=sends, timers=timers))
    late = place.clock.pass_by(place.clock.now() - now + dt.timedelta(hours=1))
    await store.commit(
        Change(
            school=OTHER,
            new_sends=(replace(send, key="theirs", school=OTHER, due=late),),
            timers=(replace(timer, key="theirs", school=OTHER, due=late),),
        )
    )
    place.context.store = store
    return place, store


@STORES
async def test_what_is_due_of_one_school_hides_nobody_else(address: str, tmp_path: object) -> None:
    """Three thousand are due of one school: one page of it comes in a round, and what the other has."""
    place, store = await piled_up(address, tmp_path, 3000)
    line, now = Line(place.context), place.clock.now()
    for due in (await line.timers(now), await line.sends(now, lambda _: True)):
        assert Counter(one.school for one in due) == {SCHOOL: PAGE, OTHER: 1}
    await store.close()


@STORES
async def test_where_nobody_else_has_anything_all_of_it_comes(address: str, tmp_path: object) -> None:
    """Pages are in the store's own order, and what cannot go yet is read past."""
    place, store = await piled_up(address, tmp_path, 300)
    line, now = Line(place.context), place.clock.now()
    first = [send.key for send in await line.sends(now, lambda _: True) if send.school == SCHOOL]
    assert first == [f"s{n:05}" for n in range(PAGE)]
    past = await line.sends(now, lambda send: send.key == "s00250")
    assert len(past) == 301
    await store.close()


async def test_more_schools_in_a_crowd_than_pages() -> None:
    """Thirty schools with much each and one with one thing: all have had their part within three rounds."""
    place, store = await piled_up("memory:", "", 0)
    now = place.clock.now()
    timer = Timer(key="t", school=SCHOOL, kind=TimerKind.REMIND, due=now)
    for school in range(30):
        timers = tuple(replace(timer, key=str(n), school=SchoolId(f"Z{school:02}")) for n in range(PAGE))
        await store.commit(Change(school=SchoolId(f"Z{school:02}"), timers=timers))
    line, seen = Line(place.context), Counter[SchoolId]()
    for _ in range(3):
        seen.update({timer.school for timer in await line.timers(now)})
    assert len(seen) == 31
    assert max(seen[school] for school in seen if school != OTHER) <= 2


def test_another_school_finds_a_lane_free() -> None:
    """The share of one school of a platform's lanes leaves some for others."""
    assert LANES_EACH < LANES
