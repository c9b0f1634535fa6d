"""Words as elements of an Adaptive Card: a paragraph, a line, a label with its value, a link. Pure."""

from __future__ import annotations

from typing import Any

from adapters.teams.escape import clean

Json = dict[str, Any]


def words(text: str, *, spacing: str = "", **style: Any) -> list[Json]:
    """Return a paragraph of these words as they are; none if there are none."""
    cleaned = clean(text)
    if not cleaned.strip():
        return []
    drawn: Json = {"type": "RichTextBlock", "inlines": [run(cleaned, **style)]}
    return [{**drawn, "spacing": spacing} if spacing else drawn]


def run(cleaned: str, **style: Any) -> Json:
    """Return one run of cleaned words."""
    return {"type": "TextRun", "text": cleaned, **style}


def small(text: str) -> Json:
    """Return one line of lesser weight."""
    return {"type": "RichTextBlock", "inlines": [run(clean(text), size="small", isSubtle=True)]}


def fact(label: str, value: str) -> Json:
    """Return a label and its value on one line."""
    runs = [run(f"{clean(label)}: ", weight="bolder"), run(clean(value) or "–")]
    return {"type": "RichTextBlock", "inlines": runs, "spacing": "small"}


def link(label: str, url: str) -> list[Json]:
    """Return a live button for a web address; a telephone number or an e-mail address as words."""
    if url.startswith("https://"):
        return [
            {
                "type": "ActionSet",
                "actions": [{"type": "Action.OpenUrl", "title": " ".join(clean(label).split()), "url": url}],
            }
        ]
    address = url.removeprefix("tel:").removeprefix("mailto:")
    return words(label if address in label else f"{label}: {address}")
