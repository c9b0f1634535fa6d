"""Everything delivered again, in any order, also late: nothing changes and nobody is told twice."""

from __future__ import annotations

import random
from typing import Any

from tests.e2e.slack.emulated import SCHOOL
from tests.e2e.slack.line import Line
from tests.e2e.slack.reporting import SCHOOL_ABUSED, report, talk
from tests.e2e.slack.workspace import Workspace

Json = dict[str, Any]


class Remembering:
    """A line that remembers what went over it."""

    def __init__(self, inner: Line) -> None:
        """Go over another line."""
        self._inner = inner
        self.sent: list[tuple[str, Json]] = []

    async def deliver(self, kind: str, payload: Json) -> tuple[int, Json]:
        """Pass on, and remember."""
        self.sent.append((kind, payload))
        return await self._inner.deliver(kind, payload)


async def _state(place: Workspace) -> tuple[Any, ...]:
    cases = await place.store.cases(SCHOOL)
    told = {name: len(await who.messages(await who.open())) for name, who in place.people.items()}
    posted = len(await place.ash.messages(place.channel))
    return [(row.reference, row.status, row.id) for row in cases], posted, told["ash"], told["cam"]


async def test_a_report_delivered_again(school: Workspace) -> None:
    """Every request of two reports and a leader's work, twice more, shuffled: the same cases and posts."""
    plain = school.brook.line
    line = Remembering(plain)
    for who in school.people.values():
        who.line = line
    await report(school.brook, SCHOOL_ABUSED)
    await school.settle()
    await school.leader(school.ash, "Take this on")
    await school.leader(school.ash, "Add a note", {"text": "Rang home."})
    channel = await school.jo.open()
    await school.jo.say("report")
    await school.front.until(
        lambda: any(a["channel"] == channel for a in school.front.asked("chat.postMessage"))
    )
    await school.app.hear.finish(5)
    await talk(school, school.jo, SCHOOL_ABUSED)
    await school.settle()
    before = await _state(school)
    assert len(before[0]) == 2
    again = line.sent * 2
    random.Random(7).shuffle(again)  # noqa: S311 - an order, not a secret
    for forgetful in (False, True):
        if forgetful:  # as after a restart: only what is durable remembers
            school.app.hear.forget()
        for kind, payload in again:
            status, _ = await plain.deliver(kind, payload)
            assert status == 200
        await school.settle()
        assert await _state(school) == before
