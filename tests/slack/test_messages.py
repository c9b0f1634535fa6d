"""Signed requests through the real Bolt app: buttons, typed words, events, the home tab."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from adapters.slack import parse
from adapters.slack.manifest import PLACE_EVENTS
from flows.model import Action
from flows.ui.inbound import Filled, Pressed, Receipt, Refuse, Show, Typed
from flows.ui.intents import Act, Begin, encode
from tests.adapters.samples import FORMS, LEADER_FORM, RECEIPT, REPORT_PAGE
from tests.slack import payloads as p
from tests.slack.bench import CARD, PAGE, Bench, submitted


async def test_a_leaders_button_opens_its_form(bench: Bench) -> None:
    """A button in the channel whose action needs words opens a window."""
    bench.door.reply = lambda _: Show(LEADER_FORM)
    act = Act("C1", Action.LEGAL, 2)
    await bench.interact(p.press({"action_id": "press:0", "value": encode(act)}, account=p.LEE))
    (pressed,) = bench.door.seen
    assert isinstance(pressed, Pressed)
    assert pressed.intent == act
    (opened,) = await bench.slack.until("views.open")
    assert opened["view"]["private_metadata"] == encode(LEADER_FORM.submit)


async def test_what_is_done_at_once_is_said_in_passing(bench: Bench) -> None:
    """*Take this on* in the channel: a word to the one who pressed; the card shows it to everybody."""
    bench.door.reply = lambda _: Receipt(CARD)
    await bench.interact(p.press({"action_id": "press:0", "value": encode(Act("C1", Action.TAKE_ON, 2))}))
    (said,) = await bench.slack.until("chat.postEphemeral")
    assert (said["channel"], said["user"]) == (p.CHANNEL, p.RAE)


@pytest.mark.parametrize("channel", ["C0GENERAL", "D0COLLEAGUE"])
async def test_a_private_line_is_answered_in_the_direct_message(bench: Bench, channel: str) -> None:
    """A button in the answer to a command may stand anywhere: the word goes to the bot's own conversation."""
    bench.door.reply = lambda _: Receipt(CARD, sent=False)
    body = p.press({"action_id": "press:0", "value": encode(Act("C1", Action.TAKE_ON, 2))}, channel=channel)
    body["container"]["is_ephemeral"] = True
    await bench.interact(body)
    (said,) = await bench.slack.until("chat.postMessage")
    assert said["channel"] == f"D{p.RAE}"
    assert not bench.slack.asked("chat.postEphemeral")


async def test_a_refused_press_says_so_in_a_window(bench: Bench) -> None:
    """An ephemeral line may not arrive; a refusal must."""
    bench.door.reply = lambda _: Refuse("This case is closed.")
    await bench.interact(p.press({"action_id": "press:0", "value": encode(Act("C1", Action.NOTE, 2))}))
    (opened,) = await bench.slack.until("views.open")
    assert "This case is closed." in json.dumps(opened["view"])


async def test_a_broken_button_is_answered(bench: Bench) -> None:
    """A value that is no intent of ours is explained, not a failure."""
    status, _ = await bench.interact(p.press({"action_id": "press:0", "value": "x"}))
    assert status == 200
    await bench.slack.until("views.open")
    assert bench.door.seen == []


async def test_an_answer_in_the_conversation_takes_its_place(bench: Bench) -> None:
    """Pressing an option in the direct message turns the question into the next one."""
    stamp = await bench.app.chat.say(p.TEAM, p.DIRECT, {"text": "x", "blocks": []})
    bench.door.reply = lambda _: Show(REPORT_PAGE)
    option = {"action_id": "option:no", "block_id": "answer:danger:0", "value": encode(PAGE)}
    await bench.interact(p.press(option, channel=p.DIRECT, stamp=stamp))
    (filled,) = bench.door.seen
    assert isinstance(filled, Filled)
    assert filled.values == {"danger": "no"}
    (drawn,) = await bench.slack.until("chat.update")
    assert (drawn["channel"], drawn["ts"]) == (p.DIRECT, stamp)
    assert not bench.slack.asked("views.open")


async def test_what_is_still_open_is_no_mistake_yet(bench: Bench) -> None:
    """One field of a page answered by a press: the next one is asked, without a word of blame."""
    stamp = await bench.app.chat.say(p.TEAM, p.DIRECT, {"text": "x", "blocks": []})
    blamed = FORMS["errors"]
    bench.door.reply = lambda _: Refuse("Please choose an answer.", field="targets", form=blamed)
    option = {"action_id": "option:no", "block_id": "answer:words:0", "value": encode(PAGE)}
    await bench.interact(p.press(option, channel=p.DIRECT, stamp=stamp))
    (drawn,) = await bench.slack.until("chat.update")
    assert "Please choose" not in json.dumps(drawn["blocks"])
    assert "Choose one, please." not in json.dumps(drawn["blocks"])
    bench.door.reply = lambda _: Refuse("Not like that.", field="danger", form=blamed)
    option["block_id"] = "answer:danger:0"
    await bench.interact(p.press(option, channel=p.DIRECT, stamp=stamp, trigger="7.7"))
    drawn = (await bench.slack.until("chat.update", 2))[-1]
    assert "Not like that." in json.dumps(drawn["blocks"])


async def test_a_receipt_that_was_sent_is_not_posted_twice(bench: Bench) -> None:
    """The receipt goes out durably; in the conversation only the question is put away."""
    stamp = await bench.app.chat.say(p.TEAM, p.DIRECT, {"text": "x", "blocks": []})
    bench.door.reply = lambda _: Receipt(RECEIPT, sent=True)
    await bench.interact(
        p.press({"action_id": "submit", "value": encode(PAGE)}, channel=p.DIRECT, stamp=stamp)
    )
    (drawn,) = await bench.slack.until("chat.update")
    assert "Chair of governors" not in json.dumps(drawn["blocks"])
    await bench.event(p.said("send"))
    await bench.app.hear.finish(1)
    assert len(bench.slack.asked("chat.postMessage")) == 1


async def test_typed_words_are_an_answer(bench: Bench) -> None:
    """Words to the bot go to the door, and the next question comes as a message."""
    status, _ = await bench.event(p.said("yes &amp; no"))
    assert status == 200
    (typed,) = bench.door.seen
    assert isinstance(typed, Typed)
    assert typed.text == "yes & no"
    (said,) = await bench.slack.until("chat.postMessage")
    assert said["channel"] == p.DIRECT
    assert [b["block_id"] for b in said["blocks"] if "block_id" in b] == ["answer:danger:0"]


@pytest.mark.parametrize(
    "inner",
    [
        p.said("x", bot_id="B0BOT", account="U0BOT"),
        p.said("x", bot_id="B1", account="U0ANOTHERBOT"),
        p.said("x", subtype="message_changed"),
        p.said("x", channel="C0GENERAL"),
        {"type": "reaction_added", "user": p.RAE},
        {"type": "something_slack_invented_yesterday"},
    ],
)
async def test_events_nobody_asked_for_get_200(bench: Bench, inner: p.Json) -> None:
    """404 would count against the subscription; nothing reaches the door."""
    status, _ = await bench.event(inner)
    assert status == 200
    assert bench.door.seen == []


async def test_a_notice_from_slack_itself_gets_200(bench: Bench) -> None:
    """``app_rate_limited`` is no event of a workspace, and is acknowledged too."""
    body = {"type": "app_rate_limited", "team_id": p.TEAM, "minute_rate_limited": 1, "api_app_id": "A0"}
    assert (await bench.post(json.dumps(body), kind="application/json"))[0] == 200
    assert bench.door.seen == []


async def test_an_event_delivered_again_changes_nothing(bench: Bench) -> None:
    """The same event three times, also at once: one question to the door, one message."""
    await asyncio.gather(*(bench.event(p.said("2"), name="Ev5") for _ in range(3)))
    await bench.event(p.said("2"), name="Ev5")
    await bench.app.hear.finish(1)
    assert len(bench.door.seen) == 1
    assert len(bench.slack.asked("chat.postMessage")) == 1


async def test_a_failed_event_is_delivered_again(bench: Bench) -> None:
    """If nothing was kept Slack must not be told that it was: 500, and the retry goes through."""
    bench.door.broken = True
    assert (await bench.event(p.said("2"), name="Ev6"))[0] == 500
    bench.door.broken = False
    assert (await bench.event(p.said("2"), name="Ev6"))[0] == 200
    assert len(bench.door.seen) == 2
    assert len(await bench.slack.until("chat.postMessage")) == 1


@pytest.mark.parametrize("way", ["command", "press", "submission", "shortcut"])
async def test_nothing_is_acknowledged_that_was_not_kept(bench: Bench, way: str) -> None:
    """Every way in answers 500 when the store fails; a window then stays open with what was typed."""
    bench.door.broken = True
    act = {"action_id": "press:0", "value": encode(Begin())}
    requests: dict[str, Callable[[], Awaitable[tuple[int, Any]]]] = {
        "command": bench.command,
        "press": lambda: bench.interact(p.press(act)),
        "submission": lambda: bench.interact(submitted()),
        "shortcut": lambda: bench.interact(p.shortcut(parse.REPORT_THIS, "x")),
    }
    assert (await requests[way]())[0] == 500


async def test_one_persons_words_are_taken_in_order(bench: Bench) -> None:
    """Two messages at once: the second waits until the first is done."""
    bench.door.wait = asyncio.Event()
    first = asyncio.create_task(bench.event(p.said("one"), name="Ev1"))
    await bench.door.until(1)
    second = asyncio.create_task(bench.event(p.said("two"), name="Ev2"))
    other = asyncio.create_task(bench.event(p.said("three", account=p.LEE), name="Ev3"))
    await bench.door.until(2)
    bench.door.wait.set()
    await asyncio.gather(first, second, other)
    assert [getattr(i, "text", "") for i in bench.door.seen] == ["one", "three", "two"]


async def test_home(bench: Bench) -> None:
    """The home tab is drawn when it is opened, and left alone when it shows the same already."""
    bench.door.reply = lambda _: Show(CARD)
    opened = {"type": "app_home_opened", "user": p.RAE, "channel": p.DIRECT, "tab": "home"}
    await bench.event(opened, name="Ev1")
    (published,) = await bench.slack.until("views.publish")
    assert (published["user_id"], published["view"]["type"]) == (p.RAE, "home")
    again = {**opened, "view": p.view(published["view"]["private_metadata"], kind="home")}
    await bench.event(again, name="Ev2")
    await bench.event({**opened, "tab": "messages"}, name="Ev3")
    newer = p.view("another", kind="home")
    changed = {**opened, "view": newer}
    await bench.event(changed, name="Ev4")
    second = (await bench.slack.until("views.publish", 2))[-1]
    assert second["hash"] == newer["hash"]
    await bench.app.hear.finish(1)
    assert len(bench.slack.asked("views.publish")) == 2


async def test_a_button_on_the_home_tab_opens_a_window(bench: Bench) -> None:
    """*Start a report* on the home tab."""
    shown = p.view("", kind="home")
    await bench.interact(p.pressed_in_view({"action_id": "press:0", "value": encode(Begin())}, shown))
    assert await bench.slack.until("views.open")


async def test_whoever_leaves_the_channel_loses_it_at_once(bench: Bench) -> None:
    """``member_left_channel`` makes the next question go to Slack again."""
    await bench.app.chat.memberships.of(p.TEAM, p.CHANNEL)
    await bench.event({"type": "member_left_channel", "user": "U0ASH", "channel": p.CHANNEL})
    await bench.app.chat.memberships.of(p.TEAM, p.CHANNEL)
    assert len(bench.slack.asked("conversations.info")) == 2


@pytest.mark.parametrize("event", PLACE_EVENTS)
async def test_whatever_changes_a_place_has_it_looked_at(bench: Bench, event: str) -> None:
    """Joins, archiving, sharing: the places are looked at now, not in ten minutes."""
    looked: list[str] = []
    bench.app.chat.changed = lambda: looked.append(event)
    await bench.event({"type": event, "user": "U0ASH", "channel": p.CHANNEL})
    assert looked == [event]
