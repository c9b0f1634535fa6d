"""What people and workers cost a database, counted: ways and back, and what is asked on each."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
from msgspec.structs import replace
from psycopg import AsyncConnection

from bot.reached import reached_in
from flows.model import Change
from flows.ports import Store
from flows.ui.inbound import Show
from flows.ui.intents import ChatCommand, SendReport
from storage.open import open_store
from storage.postgres.store import PostgresStore
from tests.storage import samples as s
from tests.story.test_story import ABUSE
from tests.town import Town, page_values, shown_form


class Meter:
    """Counts what every connection of this process is asked, and how often it waits for answers."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.asked = Counter[str]()
        execute, pipeline = AsyncConnection.execute, AsyncConnection.pipeline

        async def counted(connection: Any, sql: bytes | str, *values: Any, **how: Any) -> Any:
            words = sql if isinstance(sql, str) else sql.decode()
            self.asked[words.split()[0]] += 1
            return await execute(connection, sql, *values, **how)

        @asynccontextmanager
        async def at_once(connection: Any) -> AsyncIterator[Any]:
            self.asked["ways"] += 1
            async with pipeline(connection) as running:
                yield running

        patch.setattr(AsyncConnection, "execute", counted)
        patch.setattr(AsyncConnection, "pipeline", at_once)

    @contextmanager
    def read(self) -> Iterator[Counter[str]]:
        """Give what is asked meanwhile."""
        self.asked.clear()
        yield self.asked


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    """Give an empty store in a database."""
    store = await open_store(database, key=s.KEY)
    yield store
    await store.close()


async def test_a_page_costs_four_ways(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who holds which seat; the delivery's key; the draft; and the commit, which asks before it writes."""
    town = Town(store)
    reply, meter, seen = await town.start("brook"), Meter(monkeypatch), []
    while isinstance(reply, Show) and not isinstance((form := shown_form(reply)).submit, SendReport):
        with meter.read() as asked:
            reply = await town.fill("brook", form.submit, page_values(form, {}))
        seen.append(dict(asked))
    assert len(seen) > 5
    # each way says whose rows it is about; the three reads; the commit's one read and one write
    assert all(one == {"ways": 4, "select": 4 + 3 + 1, "with": 1, "begin": 1, "commit": 1} for one in seen)


@pytest.mark.parametrize("command", [ChatCommand.CASES, ChatCommand.DIGEST])
async def test_many_cases_cost_no_more_ways_than_one(
    store: Store, monkeypatch: pytest.MonkeyPatch, command: ChatCommand
) -> None:
    """Who has opened each is read at once."""
    town, meter, seen = Town(store), Meter(monkeypatch), []
    for _ in range(4):
        await town.report("brook", ABUSE)
        await town.ask("ash", command)  # what a list says of a case is remembered
        with meter.read() as asked:
            await town.ask("ash", command)
        seen.append(asked["ways"])
    assert seen == [seen[0]] * 4


async def test_how_far_many_were_reached_costs_no_more_ways_than_of_one(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their cards, and who has opened the case; with a second platform, what each would be there as well."""
    town, meter = Town(store), Meter(monkeypatch)
    for _ in range(2):
        await town.report("brook", ABUSE)
    await town.settle()
    one, other = await town.case(), await town.case("HPS-2026-002")
    for case in (one, replace(one, cards=(*one.cards, *other.cards))):
        with meter.read() as asked:
            assert await reached_in(town.context, case)
        assert asked["ways"] == 2


async def test_what_a_commit_asks_is_planned_once(store: Store) -> None:
    """Planning costs the server more than answering; a plan that fits all commits is kept by a connection."""
    assert isinstance(store, PostgresStore)
    for number in range(20):
        await store.commit(Change(school=s.HILL, draft=s.draft(version=number)))
    async with store.database.transaction(s.HILL) as connection:
        found = await (await connection.execute(_PLANS)).fetchall()
    assert len(found) == 2
    assert all(anew == 0 and once > 0 for anew, once in found)


_PLANS = """select custom_plans, generic_plans from pg_prepared_statements
where statement like 'select ''row''%' or statement like 'with new as%'"""
