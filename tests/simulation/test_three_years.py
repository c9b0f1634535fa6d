"""Three school years, lived through in seconds: what has a date is said, so often and no oftener."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from bot.outbox import caps
from flows.case.clock import when
from flows.messages import plan
from flows.model import Case
from tests.often import often
from tests.simulation.invariants import Violation
from tests.simulation.three_years import ThreeYears

SEEDS = range(1, 1 + often(12, least=1))


@pytest.mark.slow
@pytest.mark.unwatched
@pytest.mark.feature("three-years")
@pytest.mark.parametrize("seed", SEEDS)
async def test_three_school_years(seed: int) -> None:
    """Every digest once, no reminder after an action, every ladder to its end, nobody flooded."""
    years = ThreeYears(seed)
    await years.run()
    assert years.had["reports"] > 30
    assert years.had["reminders"] > 100
    assert years.had["left"] > 0
    assert years.had["outages"] == 6


@pytest.mark.whole
@pytest.mark.soak
async def test_a_flood_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its cap somebody hears too much on some day: the look can fail."""
    monkeypatch.setattr(caps, "MOST_A_DAY", 1_000)
    with pytest.raises(Violation, match="hears more than 6 times"):
        await ThreeYears(1, reports=60).run()


@pytest.mark.soak
async def test_a_reminder_of_what_was_done_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was done neither ends its alarm nor is looked at before a reminder goes: the look can fail."""
    before = plan.tasks
    for reader in (plan, when):
        monkeypatch.setattr(reader, "tasks", lambda case, *who: before(_as_it_was(case), *who))
    with pytest.raises(Violation, match="reminder of what was done"):
        await ThreeYears(1).run()


def _as_it_was(case: Case) -> Case:
    return replace(case, tasks={})
