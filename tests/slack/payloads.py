"""Slack's payloads, made by hand after its documentation; every person and workspace is invented."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
TEAM, RAE, LEE, CHANNEL, DIRECT = "T0SCHOOL", "U0RAE", "U0LEE", "C0LEADERS", "D0RAE"


def command(text: str = "", *, trigger: str = "1.1", account: str = RAE, team: str = TEAM) -> dict[str, str]:
    """Return the form fields of a slash command."""
    return {
        "token": "legacy",
        "team_id": team,
        "team_domain": "school",
        "channel_id": "C0GENERAL",
        "user_id": account,
        "command": "/report-posting",
        "text": text,
        "trigger_id": trigger,
        "response_url": "https://hooks.slack.com/commands/1/2/3",
        "api_app_id": "A0",
    }


def interaction(
    kind: str, *, account: str = RAE, team: str = TEAM, home: str = "", trigger: str = "2.2"
) -> Json:
    """Return what every interaction has in common. ``home`` = the person's own workspace, if another."""
    return {
        "type": kind,
        "team": {"id": team, "domain": "school"},
        "user": {"id": account, "username": "rae", "team_id": home or team},
        "api_app_id": "A0",
        "token": "legacy",
        "trigger_id": trigger,
    }


def press(action: Json, *, channel: str = CHANNEL, stamp: str = "100.1", **rest: Any) -> Json:
    """Return a press of a button in a message."""
    state = rest.pop("state", {"values": {}})
    return {
        **interaction("block_actions", **rest),
        "container": {"type": "message", "message_ts": stamp, "channel_id": channel, "is_ephemeral": False},
        "channel": {"id": channel, "name": "x"},
        "message": {"ts": stamp, "text": "x"},
        "state": state,
        "actions": [{"type": "button", "block_id": "b1", "action_ts": "5.5", **action}],
    }


def view(private: str, values: Json | None = None, *, kind: str = "modal", name: str = "V1") -> Json:
    """Return a view as Slack sends it back."""
    return {
        "id": name,
        "type": kind,
        "hash": "h1",
        "callback_id": "form",
        "private_metadata": private,
        "state": {"values": values or {}},
        "root_view_id": name,
        "blocks": [],
    }


def pressed_in_view(action: Json, shown: Json, **rest: Any) -> Json:
    """Return a press of a button inside a window or the home tab."""
    return {
        **interaction("block_actions", **rest),
        "container": {"type": "view", "view_id": shown["id"]},
        "view": shown,
        "actions": [{"type": "button", "block_id": "b1", "action_ts": "5.5", **action}],
    }


def submission(private: str, values: Json | None = None, **rest: Any) -> Json:
    """Return a submitted window."""
    return {**interaction("view_submission", **rest), "view": view(private, values)}


def closed(private: str, **rest: Any) -> Json:
    """Return a window closed half-way."""
    return {**interaction("view_closed", **rest), "view": view(private), "is_cleared": False}


def shortcut(callback: str, text: str, *, thread: str = "", channel: str = CHANNEL, **rest: Any) -> Json:
    """Return a message shortcut."""
    message: Json = {"type": "message", "user": "U0OTHER", "ts": "300.3", "text": text}
    if thread:
        message["thread_ts"] = thread
    return {
        **interaction("message_action", **rest),
        "callback_id": callback,
        "channel": {"id": channel, "name": "general"},
        "message": message,
        "message_ts": "300.3",
        "response_url": "https://hooks.slack.com/app/1/2/3",
    }


def event(inner: Json, *, name: str = "Ev1", team: str = TEAM) -> Json:
    """Return an event as it is delivered."""
    return {
        "type": "event_callback",
        "token": "legacy",
        "team_id": team,
        "api_app_id": "A0",
        "event_id": name,
        "event_time": 1,
        "event": inner,
        "authorizations": [{"team_id": team, "user_id": "U0BOT", "is_bot": True}],
    }


def said(text: str, *, account: str = RAE, channel: str = DIRECT, **rest: Any) -> Json:
    """Return a direct message event's inner part."""
    return {
        "type": "message",
        "channel_type": "im" if channel.startswith("D") else "channel",
        "channel": channel,
        "user": account,
        "text": text,
        "ts": "400.4",
        **rest,
    }


def chosen(kind: str, *values: str) -> Json:
    """Return the state of a choosing element."""
    picked = [{"value": v, "text": {"type": "plain_text", "text": v}} for v in values]
    if kind in ("checkboxes", "multi_static_select"):
        return {"value": {"type": kind, "selected_options": picked}}
    return {"value": {"type": kind, "selected_option": picked[0] if picked else None}}
