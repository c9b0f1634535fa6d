"""Who may see or do what (policy page §10), tried on every surface that Slack has."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.slack import parse
from tests.e2e.slack.reporting import RUDE, report
from tests.e2e.slack.screen import Screen
from tests.e2e.slack.workspace import Workspace
from tests.slack.reading import texts

WORDS = "An invented sentence that nobody else may read"
#: about the Headteacher and a pupil: the Chair leads, the DSL is told; the vice-chair is kept out
ANSWERS: dict[str, Any] = {
    **RUDE,
    "targets": ("headteacher", "pupil"),
    "staff_allegation": ("nobody",),
    "keep_from": ("vice_chair",),
    "words": WORDS,
}
#: relation: person · knows it exists · reads the words · notes · decides
TABLE: dict[str, tuple[str, bool, bool, bool, bool]] = {
    "lead": ("ellis", True, True, True, True),
    "told, not lead": ("cam", True, True, True, False),
    "target who holds a seat": ("ash", True, True, True, False),
    "in the leadership channel": ("bryn", True, False, False, False),
    "reporter": ("brook", False, False, False, False),
    "kept out": ("fern", False, False, False, False),
    "administrator of the bot": ("office", False, False, False, False),
    "other staff": ("jo", False, False, False, False),
}


async def _after_press(place: Workspace, who: Screen, label: str) -> str:
    """Press a button of the card – also where Slack would not show it – and return what it opened."""
    who.windows.clear()
    await place.press(who, label, await place.root())
    return who.reads_window() if who.has_window else ""


@pytest.mark.parametrize("relation", TABLE)
async def test_the_matrix(place: Workspace, relation: str) -> None:
    """Each relation sees and does on Slack what the policy page says, and nothing more."""
    name, knows, reads, notes, decides = TABLE[relation]
    who = place.people[name]
    await report(place.brook, ANSWERS)
    await place.settle()
    root = await place.root()

    asked = "\n".join(texts((await who.command("case HPS-2026-001"))["blocks"]))
    unknown = "\n".join(texts((await who.command("case HPS-2026-999"))["blocks"]))
    assert (asked.replace("001", "999") != unknown) is knows
    listed = "\n".join(texts((await who.command("cases"))["blocks"]))
    assert ("HPS-2026-001" in listed) is knows
    await who.look_home()
    await place.app.hear.finish(5)
    home = "\n".join(texts(place.front.homes[who.account]))
    assert ("HPS-2026-001" in home) is (knows or relation == "reporter")

    assert (WORDS in await _after_press(place, who, "Open the record")) is reads
    assert ("submit" in who.window if who.has_window else False) is False
    await _after_press(place, who, "Add a note")
    assert ("submit" in who.window) is notes
    await _after_press(place, who, "Hold all contact")
    assert ("submit" in who.window) is decides

    said = {"type": "message", "ts": "1.2", "thread_ts": root["ts"], "text": "a note by shortcut"}
    who.windows.clear()
    await who.shortcut(parse.ADD_TO_CASE, said, channel=place.channel)
    await place.app.hear.finish(5)
    refused = "did not work" in who.reads_window()
    assert refused is not notes
    assert WORDS not in await place.ash.reads(place.channel)
    assert WORDS not in await place.ash.reads(place.channel, thread=root["ts"])
    for other in place.people.values():
        if other is not place.brook:
            assert WORDS not in await other.reads(await other.open()), "no words outside a window"
