"""Cards made to fit: how large one is, and what of it may go. Pure."""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]


def weight(content: Json) -> int:
    """Return how many bytes the JSON is on the wire, in the longest way of writing it."""
    return len(json.dumps(content))


def noted(body: list[Json], note: Json) -> list[Json]:
    """Return the elements with the line that says that some were shortened, above the last buttons."""
    at = len(body)
    while at and body[at - 1]["type"] == "ActionSet":
        at -= 1
    return [*body[:at], note, *body[at:]]


def last_words(body: list[Json]) -> int | None:
    """Return which element may be left out: the last of mere words, but never the line that says so."""
    wordy = [n for n, element in enumerate(body) if element["type"] in ("RichTextBlock", "Container")]
    return wordy[-2] if len(wordy) > 1 else None
