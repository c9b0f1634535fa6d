"""Activities as Teams sends them.

Shapes: https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from tests.teams.connector import CHANNEL, TENANT, account

BOT = "28:11111111-1111-1111-1111-111111111111"
_ids = itertools.count(1)
#: says where
Base = Callable[..., dict[str, Any]]


def personal(who: str = "ash", **rest: Any) -> dict[str, Any]:
    """Return what every activity of a personal chat has."""
    return {
        "type": "message",
        "id": f"a{next(_ids)}",
        "channelId": "msteams",
        "serviceUrl": "https://smba.trafficmanager.net/emea/",
        "from": {"id": f"29:{who}", "name": f"{who.title()} Example", "aadObjectId": account(who)},
        "recipient": {"id": BOT, "name": "Report"},
        "conversation": {"id": f"a:chat-{who}", "conversationType": "personal", "tenantId": TENANT},
        "channelData": {"tenant": {"id": TENANT}},
        **rest,
    }


def in_channel(who: str = "ash", *, root: str = "1700", **rest: Any) -> dict[str, Any]:
    """Return what every activity of a channel's thread has."""
    return personal(
        who,
        conversation={
            "id": f"{CHANNEL};messageid={root}",
            "conversationType": "channel",
            "isGroup": True,
            "tenantId": TENANT,
        },
        channelData={
            "tenant": {"id": TENANT},
            "team": {"id": "19:team@thread.tacv2"},
            "channel": {"id": CHANNEL},
        },
        **rest,
    )


def mention(text: str) -> dict[str, Any]:
    """Return the words of a message that begins with a mention of us."""
    return {
        "text": f"<at>Report</at> {text}",
        "entities": [
            {"type": "mention", "text": "<at>Report</at>", "mentioned": {"id": BOT, "name": "Report"}}
        ],
    }


def arrives(where: Base, **rest: Any) -> dict[str, Any]:
    """Return what Teams sends when the bot is added to a conversation."""
    return where(type="conversationUpdate", membersAdded=[{"id": BOT}], **rest)


def press(data: dict[str, Any], **rest: Any) -> dict[str, Any]:
    """Return a press on a card as an invoke; ``base`` says where."""
    base: Base = rest.pop("base", personal)
    return base(
        type="invoke",
        name="adaptiveCard/action",
        value={"action": {"type": "Action.Execute", "verb": "press", "data": data}, "trigger": "manual"},
        **rest,
    )


def submit(data: dict[str, Any], **rest: Any) -> dict[str, Any]:
    """Return a press on a card as an older Teams sends it."""
    base: Base = rest.pop("base", personal)
    return base(value=data, **rest)


def on_message(command: str, content: str, **rest: Any) -> dict[str, Any]:
    """Return one of the two actions on a message."""
    base: Base = rest.pop("base", personal)
    payload = {
        "id": "1700",
        "linkToMessage": "https://teams.example/l/message/1700",
        "body": {"contentType": "html", "content": content},
        "from": {"user": {"displayName": "Brook Example"}},
    }
    value = {"commandId": command, "commandContext": "message", "messagePayload": payload}
    return base(type="invoke", name="composeExtension/fetchTask", value=value, **rest)
