"""A file that an older version wrote is opened, read and worked on as if nothing had happened.

``written/DATE.db.gz`` is what the program of that day left: a case taken on, with a note; one that told
nobody; one untouched; and half a report. It never changes: a new shape gets a file of its own.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest
from msgspec.structs import replace

from flows.errors import Conflict
from flows.model import Action, Case, CaseId, Change, SendState, Status, Timer, TimerKind, Way
from flows.school import PersonId
from flows.ui.inbound import Receipt, Show
from flows.ui.intents import GoTo, SendReport
from storage.embedded.store import TinyStore
from storage.seal import Sealer
from tests.storage import samples as s
from tests.town import SCHOOL, Town, page_values, shown_form

FILES = sorted((Path(__file__).parent / "written").glob("*.db.gz"))
BROOK = PersonId("brook")


@pytest.fixture(params=FILES, ids=[file.name for file in FILES])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[TinyStore]:
    """Give a store on a copy of the file."""
    path = tmp_path / "cases.db"
    path.write_bytes(gzip.decompress(request.param.read_bytes()))
    store = await asyncio.to_thread(TinyStore, path, Sealer(s.KEY))
    yield store
    await store.close()


@pytest.fixture
def town(store: TinyStore) -> Town:
    """Give the school around it; what it makes anew has names of its own."""
    town, numbers = Town(store), count(1)
    town.context.new_id = lambda: f"01NEW{next(numbers):021}"
    return town


async def test_everything_in_it_is_read(store: TinyStore) -> None:
    """Every row opens, and the lists say what they said."""
    assert await store.verify() > 40
    found = await store.cases(SCHOOL, open_only=False)
    assert sorted((case.reference, case.status) for case in found) == [
        ("HPS-2026-001", Status.ACKNOWLEDGED),
        ("HPS-2026-002", Status.CLOSED),
        ("HPS-2026-003", Status.OPEN),
    ]
    for case in found:
        events = await store.events(SCHOOL, case.id)
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        assert {send.state for send in await store.sends_of(SCHOOL, case.id)} == {SendState.SENT}
        assert await store.opened_by(SCHOOL, case.id) == {event.by for event in events} - {None}


async def test_its_references_stay_taken(store: TinyStore) -> None:
    """They are found however they are written, and no new case is given one."""
    for number in (1, 2, 3):
        found = await store.case_called(SCHOOL, f"hps 2026 00{number}")
        assert found is not None
        with pytest.raises(Conflict):
            await store.commit(Change(school=SCHOOL, case=replace(found, id=CaseId("01NEW"), version=0)))


async def test_what_does_not_open_is_somebodys(store: TinyStore) -> None:
    """A timer of that version says in its id alone whose it is, one that is set now in a field."""
    rows, case = store._rows, await store.case_called(SCHOOL, "HPS-2026-003")  # noqa: SLF001 - damage comes from below
    assert case is not None
    await store.commit(Change(school=SCHOOL, timers=(_acknowledge(case, "anew"),)))
    rows._write("update rows set body=x'00' where tbl='wakes'", ())  # noqa: SLF001 - likewise
    assert await store.due_timers(dt.datetime(2100, 1, 1, tzinfo=dt.UTC)) == []
    about = {one.id.partition("/")[2]: one.about for one in await store.apart()}
    assert len(about) > 1
    assert case.id in about.values()
    parents = dict(rows._reader.execute("select id, parent from rows where tbl='wakes apart'").fetchall())  # noqa: SLF001 - likewise
    assert None in parents.values()
    assert case.id in parents.values()


def _acknowledge(case: Case, name: str) -> Timer:
    due = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
    return Timer(key=f"{case.id}/{name}", school=SCHOOL, kind=TimerKind.ACKNOWLEDGE, due=due, case=case.id)


async def test_half_a_report_goes_on(store: TinyStore, town: Town) -> None:
    """To its receipt, with the words that were there and the first code that is free."""
    draft = await store.draft_of(SCHOOL, BROOK)
    assert draft is not None
    reply = await town.press("brook", GoTo(draft=draft.id, revision=draft.revision, page=""))
    while isinstance(reply, Show):
        form = shown_form(reply)
        values = page_values(form, {"targets": ("staff",), "nature": ("could_harm_reputation",)})
        reply = await town.fill("brook", form.submit, {} if isinstance(form.submit, SendReport) else values)
    assert isinstance(reply, Receipt), reply
    assert (await town.case("HPS-2026-004")).report.posting.words == "Half a report."
    assert await store.draft_of(SCHOOL, BROOK) is None


@pytest.mark.parametrize("reference", ["HPS-2026-001", "HPS-2026-003"])
async def test_a_case_is_worked(store: TinyStore, town: Town, reference: str) -> None:
    """Step after step, each once, each with an edit of every card that stands and of the receipt."""
    for text in ("Spoke to the publisher.", "They will take it down."):
        before = await town.case(reference)
        await town.act("ash", before, Action.NOTE, {"text": text})
        after = await town.case(reference)
        assert (after.version, after.events) == (before.version + 1, before.events + 1)
        sends = await store.sends_of(SCHOOL, after.id)
        waiting = [send for send in sends if send.way is Way.EDIT and send.state is SendState.WAITING]
        assert after.cards
        assert len(waiting) == len(after.cards) + 1, "one of each, however often it is planned"
