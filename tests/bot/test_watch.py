"""What is down of the bot itself: known in each process, answered by ``/readyz``, told to administrators."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from msgspec.structs import replace

from bot.monitoring.health import routes
from bot.monitoring.pulse import Pulse, heard
from bot.monitoring.watch import PATIENCE, Watch
from bot.platform_states import PlatformState
from flows.errors import StoreError
from flows.model import Change, Message, Send, Way
from flows.school import PersonId, Platform
from flows.ui.forms import Value
from storage.open import open_store
from tests.story.test_story import ABUSE, BY_THE_HEAD
from tests.town import SCHOOL, Town

MINUTE = dt.timedelta(minutes=1)
Does = Callable[[Town], Awaitable[None] | None]


class Bot:
    """A web process and a worker over one store, as far as they look after each other."""

    def __init__(self, place: Town, others: int = 1) -> None:
        self.place = place
        place.store.shared = True  # type: ignore[misc]
        self.pulse = Pulse(place.context)
        self.watches = [self._watch(None) for _ in range(others)]

    def _watch(self, pulse: Pulse | None) -> Watch:
        return Watch(self.place.context, self.place.worker.delivery.deliver, pulse)

    async def minutes(self, n: int, *, beats: bool) -> None:
        """Let minutes pass in which everybody looks, and the worker beats or does not."""
        for _ in range(n):
            if beats:
                await self.pulse.beat()
            for watch in self.watches:
                await watch.look()
            self.place.clock.pass_by(MINUTE)

    async def ready(self) -> tuple[int, Mapping[str, Any]]:
        """Return what a monitor is told."""
        app = web.Application()
        routes(app, self.place.context)
        async with TestClient(TestServer(app)) as client:
            answer = await client.get("/readyz")
            return answer.status, await answer.json()

    def told(self) -> list[str]:
        """Return what the administrator was told."""
        return self.place.messages("office", "status")


async def bot(others: int = 1) -> Bot:
    """Return both, in a school at ten on a Tuesday."""
    return Bot(Town(await open_store("memory:", key=bytes(32))), others)


def late_send(place: Town) -> Send:
    """Return a message that should have gone twenty minutes ago."""
    return Send(
        key="late",
        school=SCHOOL,
        message=Message.ROSTER,
        way=Way.DIRECT,
        platform=Platform.WEB,
        person=PersonId("ash"),
        due=place.clock.now() - 20 * MINUTE,
    )


@pytest.mark.feature("worker-state-in-readyz")
async def test_a_web_process_knows_the_worker() -> None:
    """No worker, one that beats, one that has stopped, one that sees a platform down: each is answered so."""
    found = await bot()
    assert (await found.ready())[1]["reason"] == "worker-silent"
    await found.pulse.beat()
    assert await found.ready() == (200, {"ok": True})
    found.place.clock.pass_by(3 * MINUTE)
    status, said = await found.ready()
    assert (status, said["reason"]) == (503, "worker-silent")
    states = found.place.context.states
    states._states[Platform.SLACK, ""] = PlatformState(since=found.place.clock.now(), why="x")  # noqa: SLF001
    await found.pulse.beat()
    states._states.clear()  # noqa: SLF001 - the web process sends nothing, so it has seen nothing
    said = (await found.ready())[1]
    assert said["reason"] == "platform-down"
    assert [one["platform"] for one in said["down"]] == ["slack"]


async def test_what_is_due_and_lies() -> None:
    """A message that has been due for long is late; one for a platform that is down is not."""
    found = await bot()
    await found.place.store.commit(Change(school=SCHOOL, new_sends=(late_send(found.place),)))
    await found.pulse.beat()
    assert (await found.ready())[1]["reason"] == "outbox-late"
    states = found.place.context.states
    states._states[Platform.WEB, ""] = PlatformState(since=found.place.clock.now(), why="x")  # noqa: SLF001
    await found.pulse.beat()
    assert [one.late for one in await heard(found.place.context)] == [0.0]


@pytest.mark.parametrize("answers", [ABUSE, BY_THE_HEAD, {**ABUSE, "keep_from": ("dsl",)}])
async def test_nothing_is_told_of_a_case_that_is_kept_from_somebody(answers: dict[str, Value]) -> None:
    """Late in a case that everybody may know of, it is told; of one kept from anybody, a monitor alone."""
    found = await bot()
    await found.place.report("brook", answers)
    await found.place.settle()
    case = await found.place.case()
    of_it = replace(late_send(found.place), case=case.id)
    await found.place.store.commit(Change(school=SCHOOL, new_sends=(of_it,)))
    await found.minutes(10, beats=True)
    assert (await found.ready())[1]["reason"] == "outbox-late"
    assert bool(found.told()) is not bool(case.restricted or case.recused)


@pytest.mark.feature("status-card")
async def test_a_silent_worker_is_told_by_the_others_once() -> None:
    """Three web processes see it: one card, after some minutes, with what to do; then that it is over."""
    found = await bot(others=3)
    await found.minutes(4, beats=True)
    await found.minutes(2, beats=False)
    assert found.told() == []
    await found.minutes(30, beats=False)
    (card,) = found.told()
    assert "nobody sends what is to be sent" in card
    assert "type cases" in card
    await found.minutes(3, beats=True)
    assert len(found.told()) == 2
    assert "goes out again" in found.told()[-1]
    assert {
        who for who in ("ash", "cam", "brook", "leadership") if found.place.messages(who, "status")
    } == set()


async def test_what_is_over_soon_is_nobodys_news() -> None:
    """A worker that is started anew within a few minutes is not told of."""
    found = await bot()
    for _ in range(5):
        await found.minutes(5, beats=False)
        await found.minutes(2, beats=True)
    assert PATIENCE == 5 * MINUTE
    assert found.told() == []


async def test_a_store_that_takes_nothing_is_told_unkept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing can be kept, so nothing is planned: the card goes out by itself, once a day, and says so."""
    found = await bot()
    store, own = (
        found.place.store,
        Watch(found.place.context, found.place.worker.delivery.deliver, found.pulse),
    )
    found.watches = [own]
    await found.minutes(2, beats=True)

    async def full(*_: object, **__: object) -> None:
        raise StoreError("disk-full", "An invented full disk.")

    with monkeypatch.context() as broken:
        broken.setattr(store, "put_record", full)
        broken.setattr(store, "commit", full)
        await found.minutes(30, beats=True)
        (card,) = found.told()
        assert "nothing can be kept" in card
        assert "disk-full" in card
        await found.minutes(24 * 60, beats=True)
        assert len(found.told()) == 2
    await found.minutes(3, beats=True)
    assert "can be kept again" in found.told()[-1]


async def test_a_store_that_does_not_answer_is_seen_by_whoever_has_no_worker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A web process cannot read what the workers say: that is the store, not the worker."""
    found = await bot()
    await found.pulse.beat()

    async def gone(*_: object, **__: object) -> None:
        raise StoreError("store-away", "An invented outage.")

    monkeypatch.setattr(found.place.store, "records", gone)
    assert await found.watches[0].trouble() == {"store": "store-away"}


async def test_pulses_of_long_ago_are_forgotten() -> None:
    """A process that ended leaves one small record, for a day."""
    found = await bot()
    await found.pulse.beat()
    store = found.place.store
    assert len(await store.records(Platform.WEB, "pulse/")) == 1
    found.place.clock.pass_by(dt.timedelta(hours=23))
    assert await heard(found.place.context) == []
    assert len(await store.records(Platform.WEB, "pulse/")) == 1
    found.place.clock.pass_by(dt.timedelta(hours=2))
    assert await heard(found.place.context) == []
    assert len(await store.records(Platform.WEB, "pulse/")) == 0


async def test_an_administrator_who_is_nowhere_is_no_trouble() -> None:
    """Whom no platform reaches is told nothing, and nothing breaks."""
    found = await bot()
    people = {
        **found.place.school.people,
        PersonId("office"): replace(found.place.school.people[PersonId("office")], accounts={}),
    }
    school = replace(found.place.school, people=people)
    found.place.context.directory.reload({SCHOOL: school})  # type: ignore[attr-defined]
    await found.minutes(30, beats=False)
    assert found.told() == []
