"""The story in Teams before Microsoft's own Agents Playground: by card, by typing, across restarts."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from adapters.teams.parse import ADD_TO_CASE, REPORT_THIS
from flows.model import Posted
from flows.school import SchoolId
from storage.open import Opening, open_store
from tests.e2e.browser import picture
from tests.e2e.teams.stage import ABUSE, CASES, Stage, stage

pytestmark = pytest.mark.browser
WORDS = "They wrote something invented about one of us"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Stage]:
    """Give the bot, the Playground, and Ash Example in front of it."""
    async with stage(tmp_path) as made:
        yield made


async def report(place: Stage, *answers: str) -> None:
    """Report by card, to the receipt; ``answers`` are ticked as well."""
    await place.say(f"report-posting {WORDS}")
    await place.sees("First: is everyone safe?")
    await place.walk((*answers, *ABUSE))
    await place.press("Send the report")
    await place.sees("Your report HPS-2026-001 is safe")


async def root_of(place: Stage) -> Posted:
    """Return where the case's thread begins, as the store has it; the bot is restarted for that."""
    await place.look_at("Leadership - Cases")
    await place.sees(" leads. See to it")
    await place.stop_bot()
    store = await open_store(f"tinydb:{place.folder / 'reports.db'}", key=bytes(32), opening=Opening.EITHER)
    (case,) = await store.cases(SchoolId("HPS"))
    sends = await store.sends_of(SchoolId("HPS"), case.id)
    root = next(send.posted for send in sends if send.posted is not None and send.posted.channel == CASES)
    await store.close()
    await place.start_bot()
    return root


def until_monday(now: dt.datetime) -> float:
    """Return the seconds until the next Monday, five past eight in the morning in London."""
    here = now.astimezone(ZoneInfo("Europe/London"))
    days = (7 - here.weekday()) or 7
    monday = (here + dt.timedelta(days=days)).replace(hour=8, minute=5, second=0)
    return (monday - here).total_seconds()


@pytest.mark.parametrize("restarts", [False, True], ids=["straight", "killed-between-steps"])
async def test_the_story_by_card(place: Stage, *, restarts: bool) -> None:
    """Report by card; a new thread in the channel; a leader's buttons and form; the card changes in place."""
    place.restarts = restarts
    await report(place)
    await picture(place.page, "teams-playground-chat")
    await place.look_at("Leadership - Cases")
    await place.sees("Waiting for somebody to take it on")
    await place.press("Take this on", place.card("Waiting for somebody"))
    await place.sees("Waiting for somebody to take it on", times=0)
    await place.sees("Taken on by: Headteacher")
    await place.press("Decide on Legal", place.card("Decide on Legal"))
    await place.sees("Back to the case")
    await picture(place.page, "teams-playground-form")
    await place.asked().get_by_role("radio", name="Not now", exact=True).check()
    await place.press("Record the decision")
    await place.sees("Please note")
    assert await place.asked().get_by_role("radio", name="Not now", exact=True).is_checked()
    await place.fill("Why", "An invented reason.")
    await place.press("Record the decision")
    await place.sees("To decide: Legal", times=0)
    await place.sees("Being dealt with")
    await picture(place.page, "teams-playground-channel")


async def test_the_story_by_typing(place: Stage) -> None:
    """The same report by typed answers alone: one card follows, and the receipt is the same."""
    await place.say(f"report-posting {WORDS}")
    await place.sees("First: is everyone safe?")
    for _ in range(40):
        asked = await place.asked().inner_text()
        if "Send the report" in asked:
            break
        await place.say(place.typed_answer(asked))
        await place.until_changed(asked)
    await place.say("send")
    await place.sees("Your report HPS-2026-001 is safe")


async def test_others_and_the_same_thing_twice(place: Stage) -> None:
    """Somebody else's note joins the thread once, however often it is delivered; a stranger's never does."""
    await report(place, "Means a child could come to harm, or want to hurt themselves")
    root = await root_of(place)
    thread = f"{CASES};messageid={root.message}"
    value: dict[str, Any] = {
        "commandId": ADD_TO_CASE,
        "commandContext": "message",
        "messagePayload": {
            "id": "1700000000001",
            "replyToId": root.message,
            "body": {"contentType": "html", "content": "<p>Rang the invented parent.</p>"},
        },
    }
    rest = {"type": "invoke", "name": "composeExtension/fetchTask", "value": value}
    for who, id_ in (("fay", "n1"), ("cam", "n2"), ("cam", "n2"), ("cam", "n3")):
        await place.inject(place.activity(who, thread, id_, **rest))
    await place.sees("added a note")
    value["messagePayload"]["body"]["content"] = "<p>They took it down.</p>"
    await place.inject(place.activity("cam", thread, "n4", **rest))
    await place.sees("added a note", times=2)


async def test_report_this_posting(place: Stage) -> None:
    """The action on a message opens the report in a dialog with the message's words."""
    await place.say("An invented message about our school")
    await place.act_on_message("An invented message about our school", REPORT_THIS)
    await place.page.get_by_text("First: is everyone safe?").last.wait_for()
    await picture(place.page, "teams-playground-dialog")


async def test_the_weekly_digest_comes_by_itself(place: Stage) -> None:
    """On Monday morning the week stands in the channel, once, without anybody asking."""
    await report(place)
    await place.look_at("Leadership - Cases")
    await place.sees("Waiting for somebody to take it on")
    await place.later(until_monday(dt.datetime.now(tz=dt.UTC)))
    await place.sees("Online postings: the week of")


async def test_a_mention_in_the_channel_is_answered_in_private(place: Stage) -> None:
    """A leader's ``cases`` by @mention is answered in the leader's own chat."""
    await report(place)
    entity = {
        "type": "mention",
        "text": "<at>Report a posting</at>",
        "mentioned": {"id": "28:report-posting"},
    }
    root = await root_of(place)
    said = {"text": "<at>Report a posting</at> cases", "entities": [entity]}
    await place.inject(place.activity("ash", f"{CASES};messageid={root.message}", "m1", **said))
    await place.look_at("Leadership - Cases")
    await place.sees("I have sent that to you in our chat.")
