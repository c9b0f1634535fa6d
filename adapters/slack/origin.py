"""Who acted, for which workspace we act, and where an answer can be shown. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import Struct
from msgspec.structs import replace


class Origin(Struct, frozen=True, kw_only=True):
    """Who acted. ``workspace`` is their own; ``team`` and ``enterprise`` say whose token we use.

    They differ for somebody from another organisation in a shared channel: then the person is unknown
    to the school. https://docs.slack.dev/apis/slack-connect
    """

    account: str
    workspace: str
    team: str
    enterprise: str = ""


class Kind(StrEnum):
    """Where somebody acted."""

    COMMAND = "command"
    SHORTCUT = "shortcut"
    MODAL = "modal"
    HOME = "home"
    DIRECT = "direct"
    CHANNEL = "channel"


class Where(Struct, frozen=True, kw_only=True):
    """What is needed to answer there. ``trigger`` opens a window for three seconds; ``response`` is an
    address that takes a line without our token for half an hour.
    """

    kind: Kind
    origin: Origin
    trigger: str = ""
    channel: str = ""
    message: str = ""
    thread: str = ""
    view: str = ""
    hash: str = ""
    response: str = ""


def text_at(body: object, *path: str) -> str:
    """Return the text at that path of a payload; "" if there is none."""
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return body if isinstance(body, str) else ""


def part_at(body: object, *path: str) -> dict[str, Any]:
    """Return the object at that path of a payload; an empty one if there is none."""
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return body if isinstance(body, dict) else {}


def parts_at(body: object, name: str) -> list[dict[str, Any]]:
    """Return the objects in the list of that name; what is no object is left out."""
    found = body.get(name) if isinstance(body, dict) else None
    return [part for part in found if isinstance(part, dict)] if isinstance(found, list) else []


def person(body: dict[str, Any]) -> Origin:
    """Return who acted, from a command, an interaction or an event."""
    team = text_at(body, "team", "id") or text_at(body, "team_id") or text_at(body, "user", "team_id")
    enterprise = text_at(body, "enterprise", "id") or text_at(body, "enterprise_id")
    event = body.get("event")
    if isinstance(event, dict):
        # of a message that was changed or taken back, the person stands in what it was before
        told = next((part for part in (event, *was_and_is(event)) if text_at(part, "user")), {})
        account = text_at(told, "user") or text_at(event, "user", "id")
        home = text_at(told, "user_team") or text_at(told, "source_team") or team
    else:
        account = text_at(body, "user", "id") or text_at(body, "user_id")
        home = text_at(body, "user", "team_id") or team
    return Origin(account=account, workspace=home, team=team or home, enterprise=enterprise)


def was_and_is(event: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a message that was changed as it was before and as it is now; empty where there is none."""
    return part_at(event, "previous_message"), part_at(event, "message")


def place(body: dict[str, Any]) -> Where:
    """Return where somebody acted, from any payload."""
    return replace(_place(body), response=text_at(body, "response_url"))


def _place(body: dict[str, Any]) -> Where:
    origin, trigger = person(body), text_at(body, "trigger_id")
    if isinstance(event := body.get("event"), dict):
        channel = text_at(event, "channel")
        was, now = was_and_is(event)
        thread = next(filter(None, (text_at(part, "thread_ts") for part in (event, now, was))), "")
        kind = Kind.DIRECT if channel.startswith("D") else Kind.HOME
        return Where(kind=kind, channel=channel, thread=thread, origin=origin, trigger=trigger)
    if text_at(body, "command"):
        return Where(kind=Kind.COMMAND, channel=text_at(body, "channel_id"), origin=origin, trigger=trigger)
    if text_at(body, "type") == "message_action":
        return Where(
            kind=Kind.SHORTCUT, channel=text_at(body, "channel", "id"), origin=origin, trigger=trigger
        )
    if view := part_at(body, "view"):
        kind = Kind.HOME if text_at(view, "type") == "home" else Kind.MODAL
        return Where(
            kind=kind, view=text_at(view, "id"), hash=text_at(view, "hash"), origin=origin, trigger=trigger
        )
    if part_at(body, "container").get("is_ephemeral"):
        # it may stand in anybody's channel, and cannot be edited: as good as the command it came from
        return Where(kind=Kind.COMMAND, origin=origin, trigger=trigger)
    channel = text_at(body, "channel", "id") or text_at(body, "container", "channel_id")
    stamp = text_at(body, "container", "message_ts") or text_at(body, "message", "ts")
    thread = text_at(body, "message", "thread_ts") or text_at(body, "container", "thread_ts")
    thread = (
        "" if thread == stamp and channel.startswith("D") else thread
    )  # a thread's first message is not in it
    kind = Kind.DIRECT if channel.startswith("D") else Kind.CHANNEL
    return Where(kind=kind, channel=channel, message=stamp, thread=thread, origin=origin, trigger=trigger)
