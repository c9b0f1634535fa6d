"""What comes in, whole: a part that is lost or in another's place is somebody else's act, or another act.

The keys too: a delivery that is brought again after an update of the program is known by the same one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from adapters.slack import parse
from flows.school import Platform
from flows.ui.inbound import Actor, Asked, Filled, Inbound, Noted, Pressed, Reworded, Started, Surface, Typed
from flows.ui.intents import AnswerPage, Begin, ChatCommand, encode
from tests.slack import payloads as p

PAGE = AnswerPage("D1", 3, "danger")
SUBMIT = encode(PAGE)
ANSWERED = {"field:danger": p.chosen("radio_buttons", "yes")}
SHOWN = p.view(SUBMIT, ANSWERED)
NAMES = {"U1": "Jo", "U0OTHER": "Sam"}
BROUGHT = {
    "user": "U0OTHER",
    "ts": "300.3",
    "text": "look",
    "files": [{"id": "F1", "name": "a.png"}, {"id": "F2"}],
}
WAS = {"type": "message", "user": p.RAE, "text": "was", "ts": "400.4"}
CHANGED = {
    "type": "message",
    "subtype": "message_changed",
    "channel": p.DIRECT,
    "channel_type": "im",
    "message": {**WAS, "text": "now", "edited": {"user": p.RAE, "ts": "401.1"}},
    "previous_message": WAS,
}
DELETED = {
    "type": "message",
    "subtype": "message_deleted",
    "channel": p.DIRECT,
    "channel_type": "im",
    "previous_message": WAS,
}
HOME = {"type": "app_home_opened", "user": p.RAE, "channel": p.DIRECT, "tab": "home"}
FIRST, LINK = {"action_id": "press:0"}, "https://school.slack.com/archives/C0LEADERS/p3003"


def whole(kind: type[Any], key: str, surface: Surface = Surface.MODAL, **rest: Any) -> Any:
    """Return what came in from Rae, a guest in their own workspace."""
    who = Actor(platform=Platform.SLACK, workspace=p.TEAM, account=p.RAE, guest=True)
    return kind(key=key, actor=who, surface=surface, **rest)


def short(callback: str, message: dict[str, Any] | None = None, text: str = "") -> Inbound:
    """Return what a shortcut on a message asks."""
    body = p.shortcut(callback, text)
    return parse.shortcut({**body, "message": message or body["message"]}, guest=True, names=NAMES)


MESSAGE = Surface.MESSAGE
CASES: dict[str, tuple[Callable[[], Inbound | None], Inbound]] = {
    "a case asked for": (
        lambda: parse.command(p.command("case HPS &amp; <@U1>"), guest=True, names=NAMES),
        whole(Asked, "command:1.1", command=ChatCommand.CASE, argument="HPS & @Jo"),
    ),
    "a command": (
        lambda: parse.command(p.command("status"), guest=True),
        whole(Asked, "command:1.1", command=ChatCommand.STATUS, argument=""),
    ),
    "a report by a command": (
        lambda: parse.command(p.command("they said"), guest=True),
        whole(Started, "command:1.1", words="they said", link=""),
    ),
    "a report of a message": (
        lambda: short(parse.REPORT_THIS, text="<@U1> said"),
        whole(Started, "shortcut:2.2", words="@Jo said\nWritten in Slack by Sam.", link=LINK),
    ),
    "a report of a message with files": (
        lambda: short(parse.REPORT_THIS, BROUGHT),
        whole(
            Started,
            "shortcut:2.2",
            words="look\nWritten in Slack by Sam.\nWith it came: a.png, without a name.",
            link=LINK,
        ),
    ),
    "a note": (
        lambda: short(parse.ADD_TO_CASE, BROUGHT),
        whole(
            Noted,
            "shortcut:2.2",
            channel=p.CHANNEL,
            thread="300.3",
            text="look\nWritten in Slack by Sam.\n"
            "With it came what a note cannot hold: a.png, without a name.",
        ),
    ),
    "a window": (
        lambda: parse.submission(p.submission(SUBMIT, ANSWERED), guest=True),
        whole(Filled, "view:V1:h1:16ebe4c1002819c8", intent=PAGE, values={"danger": "yes"}),
    ),
    "a button": (
        lambda: parse.press(p.press({**FIRST, "value": encode(Begin())}), guest=True),
        whole(Pressed, "action:100.1:b1:press:0:5.5:U0RAE", intent=Begin()),
    ),
    "an answer by a button": (
        lambda: parse.press(
            p.press(
                {"action_id": "option:no", "block_id": "answer:danger:0", "value": SUBMIT}, channel=p.DIRECT
            ),
            guest=True,
        ),
        whole(
            Filled,
            "action:100.1:answer:danger:0:option:no:5.5:U0RAE",
            MESSAGE,
            intent=PAGE,
            values={"danger": "no"},
        ),
    ),
    "a submit in a window": (
        lambda: parse.press(p.pressed_in_view({"action_id": "submit", "value": SUBMIT}, SHOWN), guest=True),
        whole(Filled, "action:V1:b1:submit:5.5:U0RAE", intent=PAGE, values={"danger": "yes"}),
    ),
    "what stands in a window": (
        lambda: parse.kept_first(p.pressed_in_view(FIRST, SHOWN), guest=True),
        whole(Filled, "action:V1:b1:press:0:5.5:U0RAE:kept", intent=PAGE, values={"danger": "yes"}),
    ),
    "words": (
        lambda: parse.typed(p.event(p.said("see <https://x.example/1|one>")), guest=True),
        whole(
            Typed,
            "message:D0RAE:400.4:8ee2cca106988c9c",
            MESSAGE,
            text="see one",
            link="https://x.example/1",
        ),
    ),
    "words that were changed": (
        lambda: parse.reworded(p.event(CHANGED), guest=True),
        whole(Reworded, "reworded:D0RAE:400.4:1ab993f943e3d158", MESSAGE, before="was", after="now"),
    ),
    "words that were taken back": (
        lambda: parse.reworded(p.event(DELETED), guest=True),
        whole(Reworded, "reworded:D0RAE:400.4:77165ae7b2670240", MESSAGE, before="was", after=""),
    ),
    "the home tab": (
        lambda: parse.opened_home(p.event(HOME), guest=True),
        whole(Asked, "event:Ev1", MESSAGE, command=ChatCommand.HOME),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_comes_in_is_whole(name: str) -> None:
    """Whose it is, which act it is, where it is answered, and every word of it."""
    parsed, wanted = CASES[name]
    assert parsed() == wanted


NOT_TOLD: dict[str, dict[str, Any]] = {
    "in a channel": {**CHANGED, "channel": "C0GENERAL", "channel_type": "channel"},
    "a preview that came": {**CHANGED, "message": {**WAS, "text": "now"}},
    "the same words": {**CHANGED, "message": {**WAS, "edited": {"ts": "401.1"}}},
    "ours": {**CHANGED, "previous_message": {**WAS, "user": "U0BOT"}},
    "of nobody": {**CHANGED, "previous_message": {"text": "was", "ts": "400.4"}},
    "words out of nothing": {**CHANGED, "previous_message": {**WAS, "text": ""}},
    "words that are new": {**CHANGED, "subtype": ""},
}


@pytest.mark.parametrize("name", NOT_TOLD)
def test_what_is_no_change_of_anybodys_words(name: str) -> None:
    """Previews, our own edits and what stands where others read along change no report."""
    assert parse.reworded(p.event(NOT_TOLD[name])) is None


def test_a_message_that_leaves_a_gravestone_was_taken_back() -> None:
    """Where others have answered, Slack says that a message was changed into a gravestone: it is gone."""
    gone = {**CHANGED, "message": {"type": "message", "subtype": "tombstone", "text": "gone", "ts": "400.4"}}
    got = parse.reworded(p.event(gone))
    assert got is not None
    assert (got.before, got.after) == ("was", "")
