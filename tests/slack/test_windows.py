"""Signed requests through the real Bolt app: submitted, pressed and closed windows."""

from __future__ import annotations

import json

import pytest

from flows.model import Action
from flows.ui.inbound import Filled, Pressed, Receipt, Refuse, Show
from flows.ui.intents import AnswerPage, Begin, Fill, GoTo, encode
from tests.adapters.samples import LEADER_FORM, RECEIPT, REPORT_PAGE
from tests.slack import payloads as p
from tests.slack.bench import ANSWERED, FORM, PAGE, Bench, submitted


async def test_a_page_leads_to_the_next(bench: Bench) -> None:
    """A submitted page is answered with the next one, in the same window, without another call."""
    bench.door.reply = lambda _: Show(REPORT_PAGE)
    status, answer = await bench.interact(submitted())
    assert (status, answer["response_action"]) == (200, "update")
    assert answer["view"]["private_metadata"] == encode(REPORT_PAGE.submit)
    (filled,) = bench.door.seen
    assert isinstance(filled, Filled)
    assert (filled.intent, filled.values) == (PAGE, {"danger": "no"})
    assert not bench.slack.asked("views.update")


async def test_the_receipt_closes_the_report(bench: Bench) -> None:
    """The last page shows the receipt, which can only be closed."""
    bench.door.reply = lambda _: Receipt(RECEIPT)
    _, answer = await bench.interact(submitted())
    assert "submit" not in answer["view"]
    assert "Your report is safe" in json.dumps(answer["view"])


@pytest.mark.parametrize(
    ("refusal", "block"),
    [
        (Refuse("Choose one.", field="danger"), "field:danger"),
        (Refuse("Choose one.", field="elsewhere"), "field:words"),
        (Refuse("Not like that."), "field:words"),
    ],
)
async def test_what_is_wrong_stands_beside_its_field(bench: Bench, refusal: Refuse, block: str) -> None:
    """Errors are keyed by block; whatever was typed stays in the window."""
    bench.door.reply = lambda _: refusal
    _, answer = await bench.interact(submitted())
    assert answer == {"response_action": "errors", "errors": {block: refusal.message}}


async def test_a_page_that_moved_on_is_drawn_again(bench: Bench) -> None:
    """A refusal that brings a form back shows the form, with the reason above it."""
    bench.door.reply = lambda _: Refuse("Somebody was first.", form=LEADER_FORM)
    _, answer = await bench.interact(submitted())
    assert answer["response_action"] == "update"
    assert "Somebody was first." in json.dumps(answer["view"])


async def test_a_window_that_is_not_ours_is_refused(bench: Bench) -> None:
    """A forged private part changes nothing."""
    body = p.submission("{}", ANSWERED)
    _, answer = await bench.interact(body)
    assert answer["response_action"] == "update"
    assert bench.door.seen == []


async def test_back_keeps_the_page(bench: Bench) -> None:
    """Back first hands in what stands in the window, then goes back with the revision that came of it."""
    shown = p.view(encode(PAGE), ANSWERED)
    back = encode(GoTo("D1", 3, "who"))
    await bench.interact(p.pressed_in_view({"action_id": "press:0", "value": back}, shown))
    kept, pressed = bench.door.seen
    assert isinstance(kept, Filled)
    assert kept.values == {"danger": "no"}
    assert isinstance(pressed, Pressed)
    assert isinstance(pressed.intent, GoTo)
    assert isinstance(FORM.submit, AnswerPage)
    assert pressed.intent.revision == FORM.submit.revision
    (drawn,) = await bench.slack.until("views.update")
    assert (drawn["view_id"], drawn["hash"]) == ("V1", "h1")


async def test_a_window_drawn_meanwhile_is_drawn_anyway(bench: Bench) -> None:
    """On ``hash_conflict`` the newer answer is shown all the same."""
    bench.slack.fail["views.update"] = ["hash_conflict"]
    shown = p.view(encode(PAGE))
    await bench.interact(
        p.pressed_in_view({"action_id": "press:0", "value": encode(GoTo("D1", 3, "x"))}, shown)
    )
    _, second = await bench.slack.until("views.update", 2)
    assert "hash" not in second


async def test_a_refusal_in_a_window_lies_on_top(bench: Bench) -> None:
    """What was typed below stays; the reason is pushed above it."""
    bench.door.reply = lambda _: Refuse("Not now.")
    shown = p.view(encode(PAGE))
    await bench.interact(
        p.pressed_in_view({"action_id": "press:0", "value": encode(GoTo("D1", 3, "x"))}, shown)
    )
    (pushed,) = await bench.slack.until("views.push")
    assert "Not now." in json.dumps(pushed["view"])


@pytest.mark.feature("draft-goes-on-anywhere")
async def test_a_closed_window_leaves_continue(bench: Bench) -> None:
    """Half-way: a direct message with *Continue*. A leader's form or a card: nothing."""
    await bench.interact(p.closed(encode(PAGE)))
    (said,) = await bench.slack.until("chat.postMessage")
    assert said["channel"] == f"D{p.RAE}"
    assert said["blocks"][-1]["elements"][0]["value"] == encode(Begin())
    await bench.interact(p.closed(encode(Fill("C1", Action.CLOSE, 2)), trigger="9.9"))
    await bench.interact(p.closed("", trigger="9.8"))
    assert len(bench.slack.asked("chat.postMessage")) == 1
