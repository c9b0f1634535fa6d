"""What of a case stays as it was made when the school's file changes, and what goes by the file of now."""

from __future__ import annotations

import datetime as dt

from msgspec.structs import replace

from bot.turns.handover import hand_over
from flows.model import Action
from flows.school import PersonId, Seat
from storage.open import open_store
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town, said


async def test_the_days_stay_and_the_people_are_those_of_now() -> None:
    """A seat changes and the school closes earlier: no day of the plan moves; the new holder is told."""
    place = Town(await open_store("memory:", key=bytes(32)))
    await place.report("brook", {**ABUSE, "violence": "yes"})
    await place.settle()
    before = await place.case()
    plan = said(await place.act("ash", before, Action.PLAN))
    assert "Headteacher" in plan
    seats = {
        **place.school.seats,
        Seat.HEADTEACHER: (PersonId("bryn"),),
        Seat.DEPUTY_HEADTEACHER: (PersonId("ash"),),
    }
    early = replace(place.school.time, closes=dt.time(15))
    place.context.directory.reload({SCHOOL: replace(place.school, seats=seats, time=early)})  # type: ignore[attr-defined]
    await hand_over(place.context, place.service.casework)
    await place.settle()
    after = await place.case()
    assert after.holders[Seat.HEADTEACHER] == "bryn"
    assert (after.due_at, after.acknowledge_by) == (before.due_at, before.acknowledge_by)
    days = {name: alarm.by.date() for name, alarm in before.alarms.items()}
    assert days == {name: after.alarms[name].by.date() for name in days}
    assert place.messages("bryn", "notice")
