"""What a start costs for each school there is: counted, not timed."""

from __future__ import annotations

import asyncio
from collections import Counter
from functools import wraps
from typing import Any

import pytest
from msgspec.structs import replace

from bot.config.settings import SAMPLE_SCHOOL
from bot.outbox.worker import Worker
from bot.rosters import take_rosters
from bot.school_file.load import load_schools
from bot.school_file.same_people import remember
from bot.turns.handover import hand_over
from flows.ports import Store
from flows.school import Platform, School, SchoolId
from storage.memory import MemoryStore
from storage.open import open_store
from storage.postgres.database import Database
from storage.postgres.work import _AT_ONCE
from tests.database import Server
from tests.town import Town

NAME = "reports"


def schools(count: int) -> dict[SchoolId, School]:
    """Return so many schools, of the sample's people each."""
    (sample,) = load_schools(SAMPLE_SCHOOL).values()
    ids = [SchoolId(f"S{number:04d}") for number in range(count)]
    return {one: replace(sample, id=one, prefix=one) for one in ids}


class Counted(MemoryStore):
    """One that counts what it is asked, and says that others may have it open too."""

    shared = True

    def __init__(self) -> None:
        super().__init__()
        self.asked = Counter[str]()

    def __getattribute__(self, name: str) -> Any:
        """Count whatever waits."""
        found = super().__getattribute__(name)
        if not asyncio.iscoroutinefunction(found):
            return found

        @wraps(found)
        async def counted(*args: Any, **said: Any) -> Any:
            self.asked[name] += 1
            given = await found(*args, **said)
            await asyncio.sleep(0)  # whoever begins in the same moment goes on
            return given

        return counted


async def cost(count: int, store: Counted) -> Counter[str]:
    """Return what a start of a worker asks of the store for so many schools."""
    place = Town(store)
    place.context.directory.reload(schools(count))  # type: ignore[attr-defined]
    store.asked.clear()
    await remember(store, place.context.directory.schools)
    await take_rosters(place.context)
    await hand_over(place.context, place.service.casework)
    await Worker(place.context, place.service).begin()
    return Counter(store.asked)


@pytest.mark.feature("many-processes")
async def test_a_start_costs_few_reads_a_school_however_many_people_it_has() -> None:
    """The second time: a school more costs five reads and no commit; the first time two commits."""
    counts, commits = {}, {}
    for count in (4, 5):
        store = Counted()
        await cost(count, store)
        commits[count] = store.commits + store.asked["replace_record"]
        before = store.commits
        counts[count] = await cost(count, store)
        assert (store.commits, counts[count]["replace_record"]) == (before, 0)
    more = counts[5] - counts[4]
    assert dict(more) == {"record": 1, "timer": 1, "timers": 1, "cases": 2}
    assert commits[5] - commits[4] == 2
    people = {len(school.people) for school in schools(1).values()}
    assert min(people) > 5


async def test_two_that_begin_at_once_remember_the_people_of_both() -> None:
    """Each has another file in hand: nobody's id is forgotten."""
    store = Counted()
    (school,) = schools(1).values()
    first, *others = school.people
    halves = [{first: school.people[first]}, {one: school.people[one] for one in others}]
    await asyncio.gather(*(remember(store, {school.id: replace(school, people=half)}) for half in halves))
    stranger = replace(school.people[first], name="Invented Newcomer", accounts={Platform.WEB: "newcomer"})
    for one in school.people:
        people = {one: replace(stranger, id=one)}
        with pytest.raises(Exception, match="somebody else"):
            await remember(store, {school.id: replace(school, people=people)})


# -- the database ------------------------------------------------------------------------------------


async def test_a_database_is_put_in_order_a_hundred_schools_at_a_time(
    running: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening it takes as many ways to it for a hundred schools as for one."""
    ways = Counter[int]()
    plain = Database.ask

    async def ask(self: Database, school: str, *queries: Any) -> Any:
        ways[0] += 1
        return await plain(self, school, *queries)

    monkeypatch.setattr(Database, "ask", ask)
    asked = []
    for count in (1, _AT_ONCE, _AT_ONCE + 1):
        running.empty(NAME)
        running.run(f"insert into schools select 'S' || n from generate_series(1, {count}) n", database=NAME)  # noqa: S608 - our own
        for _ in range(2):  # the first gives it its keys
            ways.clear()
            store: Store = await open_store(running.address(NAME, "bot"), key=bytes(32))
            await store.close()
        asked.append(ways[0])
    assert asked[1] == asked[0]
    assert asked[2] == asked[0] + 1
