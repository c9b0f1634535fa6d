"""``/metrics``: how it goes, in Prometheus' text form, read from the store when asked. Nothing is personal.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum

from msgspec import Struct

from bot.context import AppContext
from flows.delivery.sends import takes_back
from flows.model import EVERY_ROW, Send, Status

TYPE = "text/plain; version=0.0.4; charset=utf-8"
#: Asked more often, it says the same; so much is read, and so far ahead, to find all that waits.
_FRESH, _AHEAD = dt.timedelta(seconds=5), dt.timedelta(days=1)


class Lane(StrEnum):
    """What a message waits among."""

    TAKING_BACK = "taking_back"
    PRESSING = "pressing"
    OTHER = "other"


class Metric(Struct, frozen=True):
    """One figure: its name, its kind, what it says, and the label that tells its values apart ("" = none)."""

    name: str
    kind: str
    says: str
    label: str = ""


UP = Metric("report_platform_up", "gauge", "1 = the platform takes our messages, 0 = it is down", "platform")
DOWN_SINCE = Metric("report_platform_down_seconds", "gauge", "for how long it has been down", "platform")
WAITING = Metric("report_sends_waiting", "gauge", "messages that have not gone out yet", "lane")
OLDEST = Metric("report_sends_oldest_seconds", "gauge", "how long the oldest of them has waited", "lane")
DEAD = Metric("report_dead_letters", "gauge", "messages and timers that do not open and rest apart", "kind")
COMMITS = Metric("report_commits_total", "counter", "changes kept since the start")
CASES = Metric("report_cases_open", "gauge", "cases that are not closed, by state", "state")
PLACES = Metric("report_places_unfit", "gauge", "places that may hold no case as they are")
METRICS = (UP, DOWN_SINCE, WAITING, OLDEST, DEAD, COMMITS, CASES, PLACES)


class Metrics:
    def __init__(self, context: AppContext) -> None:
        self.context = context
        self._said: tuple[dt.datetime, str] | None = None

    async def text(self) -> str:
        """Return all figures as they are now, or were a moment ago. Raises StoreError."""
        now = self.context.now()
        if self._said is None or not dt.timedelta(0) <= now - self._said[0] < _FRESH:
            values = await self._values(now)
            self._said = now, "".join(_lines(metric, values[metric.name]) for metric in METRICS)
        return self._said[1]

    async def _values(self, now: dt.datetime) -> dict[str, Mapping[str, float]]:
        context, store = self.context, self.context.store
        since: dict[str, dt.datetime] = {}
        for (platform, _), state in context.states.down().items():
            since[platform] = min(since.get(platform, now), state.since or now)
        sends = await store.due_sends(now + _AHEAD, most=EVERY_ROW, take=False)
        apart = Counter(one.kind for one in await store.apart())
        states: Counter[str] = Counter()
        for school in context.directory.schools:
            rows = await store.cases(school, most=EVERY_ROW)
            states.update(row.status for row in rows if not row.drill)
        waiting = Counter(_lane(send) for send in sends)
        return {
            UP.name: {platform: float(platform not in since) for platform in context.platforms},
            DOWN_SINCE.name: {p: (now - since.get(p, now)).total_seconds() for p in context.platforms},
            WAITING.name: {lane: waiting[lane] for lane in Lane},
            OLDEST.name: {lane: _oldest((s for s in sends if _lane(s) is lane), now) for lane in Lane},
            DEAD.name: {kind: apart[kind] for kind in ("send", "timer")},
            COMMITS.name: {"": store.commits},
            CASES.name: {status: states[status] for status in Status if status is not Status.CLOSED},
            PLACES.name: {"": len(context.unfit)},
        }


def _lane(send: Send) -> Lane:
    if takes_back(send):
        return Lane.TAKING_BACK
    return Lane.PRESSING if send.urgency.presses else Lane.OTHER


def _oldest(sends: Iterable[Send], now: dt.datetime) -> float:
    waited = ((now - (send.waits_since or send.due)).total_seconds() for send in sends)
    return max(waited, default=0.0)


def _lines(metric: Metric, values: Mapping[str, float]) -> str:
    """Return a figure with its values; a label holds a closed word of ours, so nothing is to be escaped."""
    lines = [f"# HELP {metric.name} {metric.says}", f"# TYPE {metric.name} {metric.kind}"]
    for value, figure in values.items():
        label = f'{{{metric.label}="{value}"}}' if metric.label else ""
        lines.append(f"{metric.name}{label} {figure:g}")
    return "\n".join(lines) + "\n"
