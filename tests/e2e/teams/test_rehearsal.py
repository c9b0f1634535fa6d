"""A rehearsal before Microsoft's own Agents Playground: begun, pressed, seen, ended, and taken away again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.browser import picture
from tests.e2e.teams.stage import Stage, stage

pytestmark = pytest.mark.browser
OVER = "There was a rehearsal here."


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Stage]:
    """Give the bot, the Playground, and Ash Example in front of it."""
    async with stage(tmp_path) as made:
        yield made


@pytest.mark.feature("rehearsal")
async def test_from_the_word_to_the_end(place: Stage) -> None:
    """Begun, pressed, killed and started again, seen, ended: chat and channel say that it is over."""
    await place.say("rehearse")
    await place.sees("Begin a rehearsal")
    await place.press("Begin a rehearsal")
    await place.press("Yes: Begin a rehearsal")
    await place.sees("tries whether the bot reaches everybody")
    await picture(place.page, "teams-playground-rehearsal")
    await place.press("I got it", place.card("tries whether the bot reaches everybody"))
    await place.sees("it is noted that this reached you")
    await place.stop_bot()
    await place.start_bot()
    await place.say("rehearsal")
    await place.sees("Ash Example (Headteacher, Person on call) – Microsoft Teams: pressed")
    await picture(place.page, "teams-playground-rehearsal-stands")
    await place.sees("The leadership channel, Microsoft Teams – posted · changed · answered in its thread")
    await place.say("rehearse end")
    await place.sees(OVER)
    await place.look_at("Leadership - Cases")
    await place.sees(OVER, times=2)
