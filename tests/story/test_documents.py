"""A letter and a pack in the story: what each audience reads of them, and what only their maker does.

Golden files hold the texts (``--update-goldens`` writes them; then read the diff).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flows.model import Action
from flows.ui.forms import Value
from flows.ui.intents import Act, Fill
from tests.story.test_story import ABUSE, GOLDEN, pages, town
from tests.town import said

SECRET = "Mx Nobody-Knows"
PARTS: tuple[tuple[Action, str, dict[str, Value]], ...] = (
    (Action.LETTER, "take_down", {"text": f"Please take it down\n\nDear {SECRET},\n\nthank you."}),
    (Action.LETTER, "record", {"text": f"A record\n\n{SECRET} wrote it."}),
    (Action.PACK, "legal", {"reporter": "yes", "why": "They ask who saw it.", "text": f"It is {SECRET}."}),
)


async def test_letters_and_a_pack(golden: Callable[[Path, str], None]) -> None:
    """Leaders read that there are letters and a pack; the reporter, and everybody else, nothing of them."""
    place = await town()
    await place.report("brook", ABUSE)
    await place.settle()
    await place.act("ash", await place.case(), Action.TAKE_ON)
    await place.settle()
    before = pages(place)
    shown = []
    for action, which, values in PARTS:
        case = await place.case()
        await place.press("ash", Act(case=case.id, action=action, version=case.version, which=which))
        fill = Fill(case=case.id, action=action, version=case.version, which=which)
        shown.append(said(await place.fill("ash", fill, values)))
        await place.settle()
    assert all(SECRET in text for text in shown), "whoever makes it gets its words"
    after = pages(place)
    assert SECRET not in after
    new = [line for line in after.splitlines() if line not in before.splitlines()]
    golden(GOLDEN / "letters_and_a_pack.txt", "\n".join(new) + "\n")
    record = said(await place.press("ash", Act(case=case.id, action=Action.OPEN_RECORD, version=1)))
    assert record.count(SECRET) == len(PARTS)
    assert "They ask who saw it." in record
