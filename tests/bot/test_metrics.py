"""What a monitor reads: how it goes, and nothing of anybody."""

from __future__ import annotations

import datetime as dt
import re

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.monitoring import health
from bot.monitoring.metrics import METRICS, Metrics
from flows.errors import StoreError
from flows.model import Action
from storage.open import open_store
from tests.bot.outbox.test_outage import DANGER, REVOKED, times
from tests.story.test_story import ABUSE
from tests.town import Town

_SAMPLE = re.compile(r'([a-z_]+)(?:\{([a-z]+)="([a-z_]+)"\})? (-?[0-9.e+]+)')


async def town() -> Town:
    """Return a school whose day begins."""
    return Town(await open_store("memory:", key=bytes(32)))


async def figures(place: Town) -> dict[tuple[str, str], float]:
    """Return every figure as a monitor reads it, by its name and label."""
    found: dict[tuple[str, str], float] = {}
    kinds: dict[str, str] = {}
    for line in (await Metrics(place.context).text()).splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            kinds[name] = kind
        elif not line.startswith("# HELP "):
            sample = _SAMPLE.fullmatch(line)
            assert sample is not None, line
            assert sample[1] in kinds, "a figure has its kind before it"
            found[sample[1], sample[3] or ""] = float(sample[4])
    assert set(kinds) == {metric.name for metric in METRICS}
    return found


async def test_a_quiet_school() -> None:
    """Everything works and nothing waits; every figure is there from the beginning."""
    found = await figures(await town())
    assert found.pop(("report_platform_up", "web")) == 1
    assert set(found.values()) == {0}


async def test_an_outage_in_figures() -> None:
    """Down for how long, what waits in each lane and since when, which cases are open."""
    place = await town()
    place.chat.outage = REVOKED
    await place.report("brook", DANGER)
    await place.report("jo", ABUSE)
    await times(place, 30)
    found = await figures(place)
    assert found["report_platform_up", "web"] == 0
    assert found["report_platform_down_seconds", "web"] == 1770
    for lane in ("pressing", "other"):
        assert found["report_sends_waiting", lane] > 3
        assert found["report_sends_oldest_seconds", lane] == 1800
    assert found["report_cases_open", "escalated"] + found["report_cases_open", "open"] == 2
    assert found["report_commits_total", ""] > 10
    place.chat.outage = None
    await times(place, 10)
    await place.act("ash", await place.case(), Action.TAKE_ON)
    await place.settle()
    found = await figures(place)
    assert found["report_platform_up", "web"] == 1
    assert found["report_sends_waiting", "pressing"] == 0
    assert found["report_cases_open", "acknowledged"] == 1


async def test_a_place_that_has_gone_bad_is_counted() -> None:
    """One place may hold no case."""
    place = await town()
    place.chat.unfit.add("leadership")
    await place.worker.places.look()
    assert (await figures(place))["report_places_unfit", ""] == 1


async def test_it_is_asked_for_like_the_others() -> None:
    """On its route, as Prometheus wants it; the same for a few seconds; a store that fails is said."""
    place = await town()
    app = web.Application()
    health.routes(app, place.context)
    async with TestClient(TestServer(app)) as client:
        answer = await client.get("/metrics")
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        before = await answer.text()
        await place.report("brook", ABUSE)
        assert await (await client.get("/metrics")).text() == before
        place.clock.pass_by(dt.timedelta(seconds=6))
        after = await (await client.get("/metrics")).text()
        assert 'report_cases_open{state="open"} 1' in after
        for word in ("brook", "HPS", "ash", "Example"):
            assert word not in after

        async def full(*_: object, **__: object) -> None:
            raise StoreError("disk-full", "An invented full disk.")

        place.store.due_sends = full  # type: ignore[method-assign, assignment]
        place.clock.pass_by(dt.timedelta(seconds=6))
        assert (await client.get("/metrics")).status == 503
