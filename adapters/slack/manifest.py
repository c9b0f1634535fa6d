"""The app's manifest: what the school's Slack is asked to allow, and why. Pure.

https://docs.slack.dev/reference/app-manifest · least privilege: a scope without a reason is refused
by a test, and so is one that nothing here uses.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from adapters.slack.parse import ADD_TO_CASE, REPORT_THIS
from flows.school import Staff
from flows.words import say

#: scope -> why it is asked for; printed by ``report-posting slack manifest`` and in the IT sheet
SCOPES: Final[dict[str, str]] = {
    "commands": "the /report-posting command and the two message shortcuts",
    "chat:write": "posting and editing the case's card, its thread and direct messages",
    "im:write": "opening a direct message with the person who has to be told",
    "im:history": "reading what is typed to the bot, and finding a direct message whose arrival is uncertain",
    "groups:read": "checking that the leadership channel is private and who is in it",
    "groups:history": "finding a message of ours in the leadership channel whose arrival is uncertain",
    "users:read": "telling guests and strangers from members, and checking that each seat can be reached",
    "files:read": "fetching the screenshots that a reporter hands in",
}
#: what is asked for only where the school's file says who is staff by it: scope -> why
STAFF_SCOPES: Final[dict[str, str]] = {
    "users:read.email": "seeing whether an e-mail address ends as those of the school's staff do",
    "usergroups:read": "seeing who is in the user group that all staff are in",
}
#: what Slack says when a private channel, or who is in it, becomes another
PLACE_EVENTS: Final[dict[str, str]] = {
    "member_joined_channel": "a guest, or somebody who must not know of a case, has come in: its cards leave",
    "member_left_channel": "a person who left the leadership channel must lose its buttons at once",
    "group_archive": "the leadership channel holds cases no longer, and the leaders are told so",
    "group_unarchive": "it may hold cases again",
    "group_deleted": "the leadership channel is not there any more",
    "channel_shared": "the leadership channel is shared with others: its cards leave at once",
    "channel_unshared": "it may hold cases again",
}
#: event -> why it is listened to
EVENTS: Final[dict[str, str]] = {
    "message.im": "words and pictures sent to the bot in a direct message",
    "app_home_opened": "drawing the home tab",
    "app_uninstalled": "forgetting the workspace's token",
    "tokens_revoked": "forgetting the workspace's token",
    **PLACE_EVENTS,
}
COMMAND: Final = "/report-posting"
EVENTS_PATH: Final = "/slack/events"
INSTALL_PATH: Final = "/slack/install"
REDIRECT_PATH: Final = "/slack/oauth_redirect"


def scopes(staffs: Iterable[Staff]) -> dict[str, str]:
    """Return what Slack is asked to allow, with reasons, where these are who is staff."""
    staffs = list(staffs)
    asked = {
        "users:read.email": any(staff.email_domains for staff in staffs),
        "usergroups:read": any(staff.slack_user_group for staff in staffs),
    }
    return SCOPES | {scope: why for scope, why in STAFF_SCOPES.items() if asked[scope]}


def manifest(
    *, base_url: str | None, socket: bool, many: bool = False, staffs: Iterable[Staff] = ()
) -> dict[str, Any]:
    """Return the manifest to paste into Slack. Without ``socket`` a public ``base_url`` is needed.

    ``many`` = several workspaces install the app: a place to come back to, and tokens that rotate.
    ``staffs`` = who is staff of the schools that will use it.
    Raises ValueError if there is no address where one is needed.
    """
    if (many or not socket) and not base_url:
        raise ValueError("a public address is needed unless Socket Mode is chosen")
    url = f"{(base_url or '').rstrip('/')}{EVENTS_PATH}"
    there: dict[str, Any] = {} if socket else {"url": url}
    asked: dict[str, Any] = {} if socket else {"request_url": url}
    oauth: dict[str, Any] = {"scopes": {"bot": list(scopes(staffs))}}
    if many:
        oauth["redirect_urls"] = [f"{(base_url or '').rstrip('/')}{REDIRECT_PATH}"]
    return {
        "display_information": {
            "name": say("slack.title"),
            "description": say("slack.manifest.description"),
            "background_color": "#1d3557",
        },
        "features": _features(there),
        "oauth_config": oauth,
        "settings": {
            "event_subscriptions": {**asked, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **asked},
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket,
            "token_rotation_enabled": many,
        },
    }


def reasons() -> tuple[tuple[str, str], ...]:
    """Return each scope with its reason, for people."""
    return tuple((SCOPES | STAFF_SCOPES).items())


def _features(there: dict[str, Any]) -> dict[str, Any]:
    return {
        "app_home": {
            "home_tab_enabled": True,
            # without these two nobody can write to the bot
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": say("slack.title"), "always_online": False},
        "slash_commands": [
            {
                "command": COMMAND,
                **there,
                "description": say("slack.manifest.command"),
                "usage_hint": say("slack.manifest.usage"),
                # people and channels in the words arrive as references, which parse.py turns to words
                "should_escape": True,
            }
        ],
        "shortcuts": [
            {
                "name": say("slack.manifest.report_this"),
                "type": "message",
                "callback_id": REPORT_THIS,
                "description": say("slack.manifest.report_this_why"),
            },
            {
                "name": say("slack.manifest.add_to_case"),
                "type": "message",
                "callback_id": ADD_TO_CASE,
                "description": say("slack.manifest.add_to_case_why"),
            },
        ],
    }
