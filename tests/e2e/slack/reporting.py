"""Going through a report on a screen, whatever pages it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.e2e.slack.screen import Json, Screen, inputs, labels

#: a posting about the Headteacher, rude and untrue, by a parent
RUDE: dict[str, Any] = {
    "targets": ("headteacher",),
    "poster": ("parent_carer",),
    "did": ("made",),
    "nature": ("abusive", "untrue_or_inaccurate"),
    "platform": ("collaborative_space",),
    "still_online": "yes",
    "evidence": "saved",
    "words": "It says <!channel> *she* should be ashamed. https://evil.example/x",
    "link": "https://social.example/post/1",
}
#: plain abuse of the school: the Headteacher leads
SCHOOL_ABUSED = {**RUDE, "targets": ("school",), "nature": ("abusive", "could_harm_reputation")}


def page(shown: Json, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return what somebody who would answer so puts into a window; what is not said is No or nothing."""
    found: dict[str, Any] = {}
    for name, element in inputs(shown).items():
        offered = [option["value"] for option in element.get("options", ())]
        if name in answers:
            given = answers[name]
            found[name] = [v for v in given if v in offered] if isinstance(given, tuple) else given
        elif "initial_option" in element or "initial_options" in element:
            continue  # answered before: left as it is
        elif element["type"] in ("checkboxes", "multi_static_select"):
            found[name] = ["none_of_these"] if "none_of_these" in offered else _none(shown, name, offered)
        elif element["type"] in ("radio_buttons", "static_select"):
            found[name] = "no" if "no" in offered else offered[0]
    return found


async def talk(place: Any, person: Screen, answers: Mapping[str, Any]) -> None:
    """Go on in the direct message, by buttons, until the report is sent."""
    channel = await person.open()
    for _ in range(40):
        message = (await person.messages(channel))[-1]
        offered = [
            e for b in message["blocks"] if b.get("block_id", "").startswith("answer:") for e in b["elements"]
        ]
        if offered:
            name = next(b["block_id"] for b in message["blocks"] if "block_id" in b).split(":")[1]
            wanted = answers.get(name, "no")
            named = {e["action_id"].removeprefix("option:"): e["text"]["text"] for e in offered}
            await person.press(message, named.get(wanted, next(iter(named.values()))), channel=channel)
        elif inputs(message):
            await person.press(message, "Next", channel=channel, typed=page(message, answers))
        elif "Send the report" in labels(message):
            await person.press(message, "Send the report", channel=channel)
            await place.app.hear.finish(5)
            return
        else:
            raise AssertionError(f"no way on: {message['blocks']}")
        await place.app.hear.finish(5)
    raise AssertionError("the conversation never ended")


def _none(shown: Json, name: str, offered: list[str]) -> list[str]:
    optional = next(b["optional"] for b in shown["blocks"] if b.get("block_id") == f"field:{name}")
    alone: list[str] = [value for value in ("nobody", "none", "no") if value in offered]
    return alone[:1] or ([] if optional else offered[:1])


async def report(person: Screen, answers: Mapping[str, Any], *, words: str = "") -> None:
    """Report from the command to the receipt; the receipt is left on the screen."""
    person.windows.clear()
    await person.command(words)
    await person.front.until(lambda: person.has_window)
    await finish(person, answers)


async def finish(person: Screen, answers: Mapping[str, Any]) -> None:
    """Go on from the page on the screen to the receipt."""
    for _ in range(30):
        if "submit" not in person.window:
            return
        answer = await person.submit(page(person.window, answers))
        assert answer.get("response_action") == "update", (answer, person.reads_window())
    raise AssertionError("the report never ended")
