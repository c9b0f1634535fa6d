"""One row that does not open stops nobody: it rests apart, is said once, and people see to it."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.commands import look_at_store
from bot.config.settings import Secret, Settings
from bot.findings import State
from bot.monitoring import health
from flows.model import Action, EventKind, SendState, TimerKind
from flows.ui.intents import ChatCommand
from storage import codec
from storage.embedded.backup import back_up
from storage.embedded.rows import Rows
from storage.embedded.store import TinyStore
from storage.rows import NewRow
from storage.seal import Sealer
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town, said, shown_form

KEY = bytes(range(32))
DANGER = {**ABUSE, "violence": "yes", "call_999": "done"}
Damage = Callable[[TinyStore, str, str], None]


def flipped(store: TinyStore, table: str, row: str) -> None:
    """Change one byte of a row, whatever it was."""
    sql = (
        "update rows set body=cast(substr(body,1,40)||"
        "case when substr(body,41,1)=x'00' then x'01' else x'00' end"
        "||substr(body,42) as blob) where tbl=? and id=?"
    )
    store._rows._write(sql, (table, row))  # noqa: SLF001 - damage comes from below


def newer(store: TinyStore, table: str, row: str) -> None:
    """Have a row written by a newer version of the program."""
    rows = store._rows  # noqa: SLF001 - likewise
    _, school, due = rows._writer.execute(  # noqa: SLF001 - likewise
        "select tbl, school, due from rows where tbl=? and id=?", (table, row)
    ).fetchone()
    body = codec.encode({"later": "shape"}, schema=codec.SCHEMA + 1)
    rows.put(NewRow(table, school, row, 1, body, due=due))


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    """Return a school whose store is a file."""
    store = TinyStore(tmp_path / "cases.db", Sealer(KEY))
    yield Town(store)
    await store.close()


def row_of(place: Town, key: str) -> str:
    """Return the id under which a send or timer is kept."""
    return place.store._rows.sealer.veil_within(key)  # type: ignore[attr-defined, no-any-return]  # noqa: SLF001


async def ready(place: Town) -> tuple[int, dict[str, object]]:
    """Return what ``/readyz`` answers."""
    app = web.Application()
    health.routes(app, place.context)
    async with TestClient(TestServer(app)) as client:
        answer = await client.get("/readyz")
        return answer.status, json.loads(await answer.text())


@pytest.mark.parametrize("damage", [flipped, newer])
async def test_a_bad_send_stops_nobody(place: Town, damage: Damage, caplog: pytest.LogCaptureFixture) -> None:
    """The Headteacher's notice does not open: everything else goes out, and the leaders read whom to ring."""
    caplog.set_level(logging.ERROR)
    await place.report("brook", ABUSE)
    case = await place.case()
    damage(place.store, "sends", row_of(place, f"{case.id}/notice/web:ash"))  # type: ignore[arg-type]
    assert (await ready(place))[0] == 200, "nobody has looked yet"
    await place.settle()
    await place.later(minutes=5)
    assert place.messages("leadership", "case_card")
    assert place.messages("brook", "receipt")
    assert not place.messages("ash", "notice")
    events = await place.store.events(SCHOOL, case.id)
    failed = [e.facts for e in events if e.kind is EventKind.DELIVERY_FAILED]
    assert failed == [{"message": "notice", "person": "ash"}]
    sends = await place.store.sends_of(SCHOOL, case.id)
    edits = {(s.state, s.trouble) for s in sends if s.root.endswith("notice/web:ash")}
    assert edits == {(SendState.DROPPED, "no-root")}, "what is not there cannot be drawn anew"
    assert [r.getMessage().split()[0] for r in caplog.records].count("row.set_apart") == 1
    status, body = await ready(place)
    assert (status, body["ok"], body["reason"], body["apart"]) == (503, False, "set-apart", 1)
    assert "cannot be opened: 1" in said(await place.ask("office", ChatCommand.STATUS))
    await place.report("jo", ABUSE)
    await place.settle()
    assert len(place.messages("brook", "receipt")) == len(place.messages("jo", "receipt")) == 1


@pytest.mark.parametrize("damage", [flipped, newer])
async def test_a_bad_timer_stops_nobody_and_is_set_anew(place: Town, damage: Damage) -> None:
    """The timer of a dangerous case does not open: others go on, and the next person is asked in time."""
    await place.report("brook", DANGER)
    await place.settle()
    case = await place.case()
    damage(place.store, "wakes", row_of(place, f"{case.id}/acknowledge"))  # type: ignore[arg-type]
    await place.later(minutes=21)
    assert (await place.case()).stand_ins
    assert (await ready(place))[1]["apart"] == 1


async def test_a_bad_timer_of_a_draft_is_set_anew(place: Town) -> None:
    """A report about danger was left, and its timer does not open: it goes ahead all the same."""
    await place.start("brook", "He wrote that he will kill the teacher tomorrow.")
    draft = await place.store.draft_of(SCHOOL, place.school.people["brook"].id)  # type: ignore[index]
    assert draft is not None
    flipped(place.store, "wakes", row_of(place, f"{draft.id}/unfinished"))  # type: ignore[arg-type]
    await place.later(minutes=11)
    await place.settle()
    assert (await place.case()).report.unfinished


async def test_a_bad_digest_timer_is_planned_again(place: Town) -> None:
    """The digest's timer does not open: there is one again."""
    await place.worker.digest.plan()
    flipped(place.store, "wakes", row_of(place, f"digest/{SCHOOL}"))  # type: ignore[arg-type]
    await place.later(days=8)
    timers = await place.store.due_timers(place.clock.at.replace(year=2027))
    assert [t.kind for t in timers] == [TimerKind.DIGEST]


async def test_a_bad_row_of_a_school_that_left_is_only_said(place: Town) -> None:
    """The school is not in the file any more: the row rests, and nobody is looked for."""
    await place.report("brook", ABUSE)
    case = await place.case()
    flipped(place.store, "sends", row_of(place, f"{case.id}/notice/web:ash"))  # type: ignore[arg-type]
    place.context.directory.reload({})  # type: ignore[attr-defined]
    await place.settle()
    assert len(await place.store.apart()) == 1


async def test_a_line_of_the_thread_that_does_not_open(place: Town) -> None:
    """All who are told have their cards: the case says once that a message was lost, also after a restart."""
    await place.report("brook", ABUSE)
    await place.settle()
    await place.act("ash", await place.case(), Action.NOTE, {"text": "An invented note."})
    case = await place.case()
    sends = await place.store.sends_of(SCHOOL, case.id)
    line = next(s for s in sends if s.message == "update" and s.state == "waiting")
    flipped(place.store, "sends", row_of(place, line.key))  # type: ignore[arg-type]
    await place.settle()
    place.worker.set_apart._seen.clear()  # noqa: SLF001 - as after a restart
    await place.settle()
    events = await place.store.events(SCHOOL, case.id)
    assert [e.facts for e in events if e.kind is EventKind.DELIVERY_FAILED] == [
        {"message": "update", "person": ""}
    ]


async def test_a_bad_alert_before_the_report(place: Town) -> None:
    """An alert belongs to no case yet: it rests, is said, and the report's own timer goes on."""
    reply = await place.start("brook", "An invented threat.")
    await place.fill("brook", shown_form(reply).submit, {"immediate_danger": "yes"})
    (alert, *_) = await place.store.due_sends(place.clock.at)
    flipped(place.store, "sends", row_of(place, alert.key))  # type: ignore[arg-type]
    await place.later(minutes=11)
    assert (await place.case()).report.unfinished


async def test_a_case_that_does_not_open_holds_only_its_own(
    place: Town, caplog: pytest.LogCaptureFixture
) -> None:
    """One case does not open: its messages and timers rest, said once each, and others go on in time."""
    caplog.set_level(logging.ERROR)
    await place.report("brook", DANGER)
    bad = await place.case()
    await place.report("jo", DANGER)
    flipped(place.store, "cases", bad.id)  # type: ignore[arg-type]
    flipped(place.store, "sends", row_of(place, f"{bad.id}/notice/web:ash"))  # type: ignore[arg-type]
    for _ in range(12):
        await place.later(minutes=2)
    assert (await place.case("HPS-2026-002")).stand_ins
    assert [m for m in place.messages("leadership", "case_card") if "HPS-2026-002" in m]
    said = [r.getMessage().split()[0] for r in caplog.records]
    assert said.count("row.blocked") <= 12
    before = len(said)
    await place.later(minutes=70)
    assert len(caplog.records) == before, "once"


async def test_what_opens_again_goes_back(tmp_path: Path) -> None:
    """A row a newer version wrote rests apart; the newer version opens it, and it goes out once."""
    path = tmp_path / "cases.db"
    store = TinyStore(path, Sealer(KEY))
    place = Town(store)
    await place.report("brook", ABUSE)
    case = await place.case()
    row = row_of(place, f"{case.id}/notice/web:ash")
    (whole,) = store._rows._writer.execute(  # noqa: SLF001 - what a newer version would read
        "select body from rows where tbl='sends' and id=?", (row,)
    ).fetchone()
    flipped(store, "sends", row)
    await place.settle()
    assert len(await store.apart()) == 1
    store._rows._write("update rows set body=? where id=?", (whole, row))  # noqa: SLF001 - likewise
    await store.close()
    again = Town(TinyStore(path, Sealer(KEY)), chat=place.chat, clock=place.clock)
    assert await again.store.apart() == []
    await again.settle()
    assert len(again.messages("ash", "notice")) == 1
    await again.store.close()


async def test_check_shows_it_and_repairs(tmp_path: Path) -> None:
    """``check`` says what rests apart, also while the bot runs; ``--repair`` forgets it, once it does not."""
    path = tmp_path / "cases.db"
    settings = Settings(store=f"tinydb:{path}", sealing_key=Secret(KEY))
    (none,) = await look_at_store.look(settings, {})
    assert (none.state, "serve --new-store" in none.what) == (State.LEFT, True)
    assert not path.exists(), "none is made"
    place = Town(TinyStore(path, Sealer(KEY)))
    await place.report("brook", ABUSE)
    case = await place.case()
    flipped(place.store, "sends", row_of(place, f"{case.id}/notice/web:ash"))  # type: ignore[arg-type]
    unsaved = State.LEFT  # it has never been backed up
    assert [f.state for f in await look_at_store.look(settings, {})] == [State.WRONG, unsaved]
    assert [f.state for f in await look_at_store.repair(settings, {})] == [State.LEFT]
    await place.store.close()
    found, _ = await look_at_store.look(settings, {})
    assert found.state is State.WRONG
    assert "a send does not open (store-damaged)" in found.what
    assert [f.state for f in await look_at_store.repair(settings, {})] == [State.LEFT, unsaved]
    assert [f.state for f in await look_at_store.look(settings, {})] == [State.PROVED, unsaved]
    wrong = Settings(store=f"tinydb:{path}", sealing_key=Secret(bytes(32)))
    assert [f.state for f in await look_at_store.look(wrong, {})] == [State.WRONG]


@pytest.mark.feature("backup-age-is-said")
async def test_check_says_how_old_the_last_backup_is(tmp_path: Path) -> None:
    """Never, of today, or older than a week and a day."""
    path = tmp_path / "cases.db"
    settings = Settings(store=f"tinydb:{path}", sealing_key=Secret(KEY))
    await TinyStore(path, Sealer(KEY)).close()
    back_up(path, Sealer(KEY), tmp_path / "b")
    assert (await look_at_store.look(settings, {}))[-1].state is State.PROVED
    for days, state in ((8, State.PROVED), (9, State.LEFT)):
        then = dt.datetime.now(dt.UTC) - dt.timedelta(days=days, minutes=1)
        path.with_name("cases.db.backed-up").write_text(then.isoformat(), "ascii")
        assert (await look_at_store.look(settings, {}))[-1].state is state


@pytest.mark.feature("audit-chained")
async def test_check_says_that_an_audit_was_changed(tmp_path: Path) -> None:
    """Also by whoever has the key, so that the file adds up; where, another command says."""
    path = tmp_path / "cases.db"
    settings = Settings(store=f"tinydb:{path}", sealing_key=Secret(KEY))
    place = Town(TinyStore(path, Sealer(KEY)))
    await place.report("brook", ABUSE)
    await place.settle()
    await place.store.close()
    assert State.WRONG not in {f.state for f in await look_at_store.look(settings, {SCHOOL: place.school})}
    rows = Rows(path, Sealer(KEY))
    rows.remove("audit", SCHOOL, "000000000001")
    rows.close()
    (found,) = [
        f for f in await look_at_store.look(settings, {SCHOOL: place.school}) if f.state is State.WRONG
    ]
    assert "audit verify" in found.what
