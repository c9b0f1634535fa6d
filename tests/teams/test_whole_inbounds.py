"""What comes in, whole: a part that is lost or in another's place is somebody else's act, or another act.

The keys too: a delivery that is brought again after an update of the program is known by the same one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from adapters.teams import fields, parse, render
from adapters.teams.message_reader import Attached
from adapters.teams.parse import Brought, Changed, Frame, Incoming
from flows.school import Platform
from flows.ui.inbound import Actor, Asked, Filled, Noted, Pressed, Started, Typed
from flows.ui.intents import ChatCommand
from tests.adapters.samples import CARDS, FORMS, INTENTS
from tests.teams import activities
from tests.teams.connector import CHANNEL, TENANT, account
from tests.teams.test_parse import data_of

AT = {"id": "a1", "timestamp": "2026-11-28T10:00:00.123Z"}
PICTURE = {"contentType": "image/png", "contentUrl": "https://smba.trafficmanager.net/a"}
WHO = Actor(platform=Platform.TEAMS, workspace=TENANT, account=account("ash"), guest=True)


def button(card: Any, label: str, **more: str) -> dict[str, Any]:
    """Return what a button sends, with what was filled in beside it."""
    return {**data_of(card, label), **more}


def whole(kind: type[Any], key: str, **rest: Any) -> Any:
    """Return what came in from Ash, a guest."""
    return kind(key=key, actor=WHO, **rest)


TAKE_ON = "card/n1/1d67b277de0b4759"
BACK = "card/7dd64d0da81ef72e/4cd01885667cab6d"
#: An activity, where its answer belongs, and what it means to the core.
CASES: dict[str, tuple[Callable[[], dict[str, Any]], Frame, tuple[Any, ...]]] = {
    "words": (
        lambda: activities.personal(text="see https://x.example/1", **AT),
        Frame.MESSAGE,
        (
            whole(
                Typed,
                "a:chat-ash/312f4778a0d8b1cf",
                text="see https://x.example/1",
                link="https://x.example/1",
            ),
        ),
    ),
    "words of no moment": (
        lambda: activities.personal(text="hello", id="a1"),
        Frame.MESSAGE,
        (whole(Typed, "a:chat-ash/a1", text="hello"),),
    ),
    "a report by words": (
        lambda: activities.personal(text="report-posting they said", **AT),
        Frame.MESSAGE,
        (whole(Started, "a:chat-ash/807c5b889d612600", words="they said"),),
    ),
    "a leader's command": (
        lambda: activities.in_channel(**activities.mention("case HPS-1"), **AT),
        Frame.MESSAGE,
        (
            whole(
                Asked,
                f"{CHANNEL};messageid=1700/fc317a9543f42215",
                command=ChatCommand.CASE,
                argument="HPS-1",
            ),
        ),
    ),
    "a button": (
        lambda: activities.press(button(render.card(CARDS["case-card"], nonce="n1"), "Take this on")),
        Frame.CARD,
        (whole(Pressed, TAKE_ON, intent=INTENTS["act"]),),
    ),
    "a button of an older Teams": (
        lambda: activities.submit(button(render.card(CARDS["case-card"], nonce="n1"), "Take this on")),
        Frame.SUBMIT,
        (whole(Pressed, TAKE_ON, intent=INTENTS["act"]),),
    ),
    "back from a page": (
        lambda: activities.press(button(fields.form(FORMS["report-page"]), "Back", **{"v.words": "They"})),
        Frame.CARD,
        (
            whole(Filled, f"{BACK}/kept", intent=INTENTS["answer"], values={"words": "They"}),
            whole(Pressed, BACK, intent=INTENTS["go-to"]),
        ),
    ),
    "a report of a message": (
        lambda: {**activities.on_message(parse.REPORT_THIS, "<p>They</p>"), "id": "a1"},
        Frame.DIALOG,
        (whole(Started, "a:chat-ash/a1", words="They", link="https://teams.example/l/message/1700"),),
    ),
    "a note": (
        lambda: activities.on_message(parse.ADD_TO_CASE, "<p>Rang</p>", base=activities.in_channel),
        Frame.NOTE,
        (
            whole(
                Noted,
                f"note/{CHANNEL}/1700/7186e02bc731a8e5/{account('ash')}",
                channel=CHANNEL,
                thread="1700",
                text="Rang",
            ),
        ),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_comes_in_is_whole(name: str) -> None:
    """Whose it is, which act it is, where it is answered, and every word of it."""
    activity, frame, inbounds = CASES[name]
    parsed = parse.parse(activity(), guest=True)
    assert isinstance(parsed, Incoming)
    assert (parsed.frame, parsed.own, parsed.inbounds) == (frame, False, inbounds)


def test_an_answer_in_the_view_of_its_own_is_known_as_one() -> None:
    """What was drawn for one person alone is drawn again for them alone."""
    data = button(fields.form(FORMS["report-page"], view=True), "Continue")
    parsed = parse.parse(activities.press(data))
    assert isinstance(parsed, Incoming)
    assert parsed.own


@pytest.mark.parametrize(
    ("kind", "after", "key"),
    [("messageUpdate", "now", "d2060bae8a9923b0"), ("messageDelete", "", "add71e27d8167d45")],
)
def test_words_that_were_changed_or_taken_back(kind: str, after: str, key: str) -> None:
    """What stands there now, if anything, and which change it was."""
    changed = parse.parse(activities.personal(type=kind, text=after, **AT), guest=True)
    assert isinstance(changed, Changed)
    assert (changed.key, changed.actor, changed.after) == (f"reworded/a:chat-ash/a1/{key}", WHO, after)


def test_a_picture_with_words() -> None:
    """The picture and the words beside it come from one person in one moment, each known by itself."""
    brought = parse.parse(activities.personal(text="look", attachments=[PICTURE], **AT), guest=True)
    assert isinstance(brought, Brought)
    key = "a:chat-ash/6c2740e2e21cb69a"
    assert (brought.key, brought.actor) == (key, WHO)
    assert brought.words == whole(Typed, f"{key}/words", text="look")
    assert brought.files == (Attached("picture.png", "https://smba.trafficmanager.net/a"),)
    other = {"contentType": "application/vnd.other", "contentUrl": "https://smba.trafficmanager.net/a"}
    assert not isinstance(parse.parse(activities.personal(text="look", attachments=[other])), Brought)
