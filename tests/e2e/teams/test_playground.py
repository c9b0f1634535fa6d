"""The story in Teams before Microsoft's own Agents Playground: by card, by typing, across restarts."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.browser import picture
from tests.e2e.teams.stage import Stage, stage

pytestmark = pytest.mark.browser


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Stage]:
    """Give the bot, the Playground, and Ash Example in front of it."""
    async with stage(tmp_path) as made:
        yield made


@pytest.mark.parametrize("restarts", [False, True], ids=["", "killed-between-steps"])
async def test_the_story_by_card(place: Stage, *, restarts: bool) -> None:
    """Report by card; a new thread in the channel; a leader's buttons and form; the card changes in place."""
    place.restarts = restarts
    await place.say("report-posting They wrote something invented about one of us")
    await place.sees("First: is everyone safe?")
    await place.walk()
    await place.press("Send the report")
    await place.sees("Your report is safe")
    await place.look_at("Leadership - Cases")
    await place.sees("HPS-", times=1)
    await place.press("Take this on")
    await place.sees("Ash Example")
