"""What a turn costs the file, counted: statements, rows, waits for the disk, pages of the log."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from msgspec.structs import replace

from flows.model import Change, Send, SendState
from flows.ui.inbound import Show
from flows.ui.intents import SendReport
from storage.embedded.store import TinyStore
from storage.seal import Sealer
from tests.storage import samples as s
from tests.town import Town, page_values, shown_form

#: what the log holds before its first page, and before each page
LOG_HEAD, PAGE = 32, 4096 + 24


class Counted(sqlite3.Connection):
    """A connection that counts what it is asked, by the first word."""

    asked: ClassVar[Counter[str]] = Counter()

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        """Count, and do it."""
        self.asked[sql.strip().partition(" ")[0]] += 1
        return super().execute(sql, *values)


class Meter:
    """What was asked of a store since the meter was last read."""

    def __init__(self, store: TinyStore, path: Path) -> None:
        self.store = store
        self._log = path.with_name(path.name + "-wal")
        self._pages = self._commits = 0

    def pages(self) -> int:
        """Return how many pages of the log were written since."""
        now = (self._log.stat().st_size - LOG_HEAD) // PAGE
        before, self._pages = self._pages, now
        return now - before

    def read(self) -> tuple[dict[str, int], int, int]:
        """Return statements, waits for the disk and pages since."""
        asked = dict(Counted.asked)
        Counted.asked.clear()
        before, self._commits = self._commits, self.store.commits
        return asked, self._commits - before, self.pages()


@pytest.fixture
async def meter(tmp_path: Path) -> AsyncIterator[Meter]:
    """Give a meter on an empty store."""
    path = tmp_path / "cases.db"
    store = await asyncio.to_thread(TinyStore, path, Sealer(s.KEY), Counted)
    meter = Meter(store, path)
    meter.read()
    yield meter
    await store.close()


async def test_a_page_costs_two_reads_one_look_up_three_rows_and_four_pages(meter: Meter) -> None:
    """Read: the delivery's key and the draft. Written: key, draft and tally, as one, in four pages."""
    town = Town(meter.store)
    reply = await town.start("brook")
    seen = []
    while isinstance(reply, Show) and not isinstance((form := shown_form(reply)).submit, SendReport):
        meter.read()
        reply = await town.fill("brook", form.submit, page_values(form, {}))
        seen.append(meter.read())
    assert len(seen) > 5
    assert sum(pages for _, _, pages in seen[1:]) <= 4 * len(seen[1:]), (
        "one that is full is split now and then"
    )
    for asked, commits, _ in seen[1:]:
        assert asked == {"select": 3, "begin": 1, "insert": 3, "commit": 1}
        assert commits == 1


async def test_a_draft_that_grows_leaves_the_indexes_alone(meter: Meter) -> None:
    """A row's parent never changes, so its page of the index is not written: the draft's own page is all."""
    await meter.store.commit(Change(school=s.HILL, draft=s.draft()))
    meter.read()
    for version in range(1, 20):
        await meter.store.commit(Change(school=s.HILL, draft=s.draft(version=version)))
        assert meter.pages() == 1


async def test_a_delivery_costs_what_it_must(meter: Meter) -> None:
    """An attempt and what became of it: one look-up, one row with its tally, and one wait each."""
    send = s.send(1, "a")
    await meter.store.commit(Change(school=s.HILL, new_sends=(send,)))
    sends: tuple[Send, ...] = tuple(await meter.store.sends_of(s.HILL, s.case(1).id))
    meter.read()
    for state in (SendState.ATTEMPTED, SendState.WAITING, SendState.DROPPED):
        changed = tuple(replace(one, state=state) for one in sends)
        sends = (await meter.store.commit(Change(school=s.HILL, updated_sends=changed))).updated_sends
        asked, commits, _ = meter.read()
        assert asked == {"begin": 1, "select": 1, "insert": 2, "commit": 1}
        assert commits == 1
