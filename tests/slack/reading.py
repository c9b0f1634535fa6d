"""How to read what was rendered: the words a person sees, and the four rules nobody else checks.

The rules are Slack's (the numbers stand in ``adapters/slack/limits.py``): no message over 50 blocks,
no block or action id twice, no option too long, no window with inputs but no submit button.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from slack_sdk.models.blocks import Block as SdkBlock
from slack_sdk.models.views import View
from slackblocks import Block as OtherBlock

Json = dict[str, Any]


def blocks_of(rendered: Json) -> list[Json]:
    """Return the blocks of a message or view."""
    return list(rendered["blocks"])


def texts(node: Any) -> list[str]:
    """Return every string shown or spoken, in order."""
    if isinstance(node, list):
        return [text for entry in node for text in texts(entry)]
    if not isinstance(node, dict):
        return []
    found = [str(node[key]) for key in ("accessibility_label", "initial_value", "url") if key in node]
    if isinstance(node.get("text"), str) and node.get("type") != "mrkdwn":
        found.append(node["text"])
    return found + [t for key, value in node.items() if key != "metadata" for t in texts(value)]


def dicts(node: Any) -> Iterator[Json]:
    """Yield every object of the payload."""
    if isinstance(node, list):
        for entry in node:
            yield from dicts(entry)
    elif isinstance(node, dict):
        yield node
        for value in node.values():
            yield from dicts(value)


def live(node: Any, *, ours: str = "https://school.example/") -> list[str]:
    """Return what Slack would interpret: markup objects, mentions, links that are not ours."""
    found: list[str] = []
    for part in dicts(node):
        kind = part.get("type", "")
        if kind in ("mrkdwn", "markdown") or part.get("emoji") is True:
            found.append(f"{kind}: {part}")
        if kind in ("user", "usergroup", "channel", "broadcast", "team", "color", "date"):
            found.append(f"mention: {part}")
        if kind == "link" and not part["url"].startswith(ours):
            found.append(f"link: {part}")
        if "image_url" in part or "link_names" in part or part.get("parse"):
            found.append(f"fetches: {part}")
    top = node.get("text") if isinstance(node, dict) and "blocks" in node else None
    if isinstance(top, str) and ("<" in top or ">" in top):
        found.append(f"top-level text: {top}")
    if (
        isinstance(node, dict)
        and "type" not in node
        and (node.get("unfurl_links") or node.get("unfurl_media"))
    ):
        found.append("unfurls")
    return found


def intents(node: Any) -> list[str]:
    """Return the encoded intents that travel with buttons and the window, in order."""
    if isinstance(node, dict) and node.get("private_metadata"):
        return [
            node["private_metadata"],
            *[p["value"] for p in dicts(node["blocks"]) if p.get("type") == "button"],
        ]
    return [p["value"] for p in dicts(node) if p.get("type") == "button"]


def faults(rendered: Json) -> list[str]:
    """Return what slack_sdk's models, slackblocks' limits or our four rules have against it."""
    return [*_sdk(rendered), *_slackblocks(rendered), *_four(rendered)]


def _sdk(rendered: Json) -> list[str]:
    """Return what Slack's own Python models refuse (validation runs in ``to_dict``)."""
    found = []
    for n, block in enumerate(blocks_of(rendered)):
        parsed = SdkBlock.parse(block)
        if parsed is None:
            found.append(f"[{n}] unknown to slack_sdk: {block['type']}")
            continue
        try:
            parsed.to_dict()
        except Exception as error:  # noqa: BLE001 - whatever the model raises is a fault
            found.append(f"[{n}] slack_sdk: {error}")
    if rendered.get("type") in ("modal", "home"):
        try:
            View(**rendered).to_dict()
        except Exception as error:  # noqa: BLE001 - as above
            found.append(f"view: {error}")
    return found


def _slackblocks(rendered: Json) -> list[str]:
    found = []
    for n, block in enumerate(blocks_of(rendered)):
        try:
            OtherBlock.from_dict(block)
        except NotImplementedError:
            continue
        except Exception as error:  # noqa: BLE001 - whatever it raises is a fault
            found.append(f"[{n}] slackblocks: {type(error).__name__}: {error}")
    return found


def _four(rendered: Json) -> list[str]:
    view = rendered.get("type") in ("modal", "home")
    blocks = blocks_of(rendered)
    found = [] if len(blocks) <= (100 if view else 50) else [f"{len(blocks)} blocks"]
    ids = Counter(block["block_id"] for block in blocks if "block_id" in block)
    found += [f"block id twice: {name}" for name, count in ids.items() if count > 1]
    for block in blocks:
        actions = Counter(e["action_id"] for e in block.get("elements", ()) if "action_id" in e)
        found += [f"action id twice: {name}" for name, count in actions.items() if count > 1]
    for part in dicts(blocks):
        for option in (*part.get("options", ()), *part.get("initial_options", ())):
            if len(option["text"]["text"]) > 75 or len(option["value"]) > 150:
                found.append(f"option too long: {option}")
            if len(option.get("description", {}).get("text", "")) > 75:
                found.append(f"description too long: {option}")
    if (
        rendered.get("type") == "modal"
        and any(b["type"] == "input" for b in blocks)
        and "submit" not in rendered
    ):
        found.append("inputs but no submit")
    return found
