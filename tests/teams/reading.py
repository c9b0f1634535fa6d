"""What somebody reads on a card, what Teams would make of it, and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from adapters.teams import limits

#: the kinds of element we draw with; every other one reads Markdown, plays media or loads a picture
KNOWN = {
    "AdaptiveCard",
    "RichTextBlock",
    "TextRun",
    "Container",
    "ColumnSet",
    "Column",
    "ActionSet",
    "Action.Execute",
    "Action.Submit",
    "Action.ShowCard",
    "Action.OpenUrl",
    "Input.ChoiceSet",
    "Input.Text",
    "Input.Date",
}
#: where words stand, and in which order they are read
_WORDY = ("label", "text", "title", "tooltip", "placeholder", "value")


def parts(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a card that has a type, in reading order; fallbacks are left out."""
    if isinstance(node, dict):
        if "type" in node:
            yield node
        for name, value in node.items():
            if name not in ("fallback", "data"):
                yield from parts(value)
    elif isinstance(node, list):
        for value in node:
            yield from parts(value)


def texts(card: dict[str, Any]) -> list[str]:
    """Return every string that is shown or spoken, in order."""
    found: list[str] = []
    for part in parts(card):
        if part["type"] == "Input.ChoiceSet":
            found += [part["label"], *(choice["title"] for choice in part["choices"])]
        elif part["type"] == "Action.OpenUrl":
            found.append(part["title"])
        else:
            found += [part[name] for name in _WORDY if isinstance(part.get(name), str)]
    return found


def intents(card: dict[str, Any]) -> list[str]:
    """Return the intents that travel with the actions, in order."""
    return [part["data"]["i"] for part in parts(card) if part["type"] in ("Action.Execute", "Action.Submit")]


def live(card: dict[str, Any]) -> list[str]:
    """Return what Teams would interpret: Markdown, mentions, date functions, links that are not ours."""
    found = [part["type"] for part in parts(card) if part["type"] not in KNOWN]
    # What stands in a box is a value: it is neither formatted nor parsed, and must come back unchanged.
    boxed = {part.get("value") for part in parts(card) if part["type"] == "Input.Text"}
    said = [text for text in texts(card) if text not in boxed]
    found += [text for text in said if "{{" in text or "<at" in text.lower() or "</at" in text.lower()]
    for part in parts(card):
        if part["type"] == "Action.OpenUrl" and not part["url"].startswith("https://school.example"):
            found.append(part["url"])
        if part["type"] == "Input.ChoiceSet":
            found += [
                choice["title"] for choice in part["choices"] if set(choice["title"]) & set("*_`[]<>~#|\\&\n")
            ]
        if "entities" in part.get("msteams", {}) or "selectAction" in part:
            found.append("something to press that is no button")
    return found


def faults(card: dict[str, Any]) -> list[str]:
    """Return what breaks a rule of Teams' that the official kit does not know."""
    found = []
    if len(json.dumps(card)) > limits.CARD_BYTES:
        found.append("too large")
    if card["version"] != limits.CARD_VERSION:
        found.append("wrong version")
    inputs = [part["id"] for part in parts(card) if part["type"].startswith("Input.")]
    if len(inputs) != len(set(inputs)):
        found.append("an input's id twice")
    for part in parts(card):
        if part["type"] == "ActionSet" and not 1 <= len(part["actions"]) <= limits.ROW_BUTTONS:
            found.append("a row of buttons that Teams does not show whole")
        if part["type"] == "Action.Execute":
            fallback = part.get("fallback", {})
            if fallback.get("type") != "Action.Submit" or fallback.get("data") != part["data"]:
                found.append("a button that an older Teams cannot press")
        if part["type"] == "Input.ChoiceSet" and any("," in c["value"] for c in part["choices"]):
            found.append("a value with the sign that parts values")
    return found
