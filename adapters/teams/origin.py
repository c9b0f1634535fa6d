"""Who acted and where, read from an activity. Pure; nothing in an activity is trusted."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

Body = dict[str, Any]

#: between a channel's address and the id of a thread's first message, in a conversation's id
_THREAD = ";messageid="
#: how every address begins that is not the bot's chat with one person
_SHARED = "19:"


class Where(Struct, frozen=True, kw_only=True):
    """What is needed to answer there.

    ``conversation`` is Teams' whole address, thread included; ``channel`` the same without the thread
    ("" in a personal chat); ``thread`` the id of the thread's first message. ``card`` is the message
    whose button was pressed. ``bot`` and ``account`` are Teams' ids of us and of the person.
    """

    tenant: str
    service_url: str
    conversation: str
    activity: str
    account: str
    sender: str
    bot: str
    personal: bool
    channel: str = ""
    thread: str = ""
    team: str = ""
    card: str = ""


def text_at(body: object, *path: str) -> str:
    """Return the text at that path; "" if there is none."""
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return body if isinstance(body, str) else ""


def part_at(body: object, *path: str) -> Body:
    """Return the object at that path; an empty one if there is none."""
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return body if isinstance(body, dict) else {}


def parts_at(body: object, *path: str) -> list[Body]:
    """Return the objects in the list at that path; what is no object is left out."""
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return [part for part in body if isinstance(part, dict)] if isinstance(body, list) else []


def tenants(activity: Body) -> frozenset[str]:
    """Return every tenant an activity names, in small letters."""
    named = (
        text_at(activity, "conversation", "tenantId"),
        text_at(activity, "channelData", "tenant", "id"),
    )
    return frozenset(tenant.lower() for tenant in named if tenant)


def place(activity: Body) -> Where:
    """Return where an activity came from.

    ``conversation.conversationType`` is personal, groupChat or channel; where it is missing, the id
    tells. An id that begins with ``19:`` is a place where others read along, whatever type is claimed.
    https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/
    """
    conversation = text_at(activity, "conversation", "id")
    base, _, thread = conversation.partition(_THREAD)
    kind = text_at(activity, "conversation", "conversationType")
    personal = kind in ("personal", "") and not is_shared(base)
    return Where(
        tenant=next(iter(sorted(tenants(activity))), ""),
        service_url=text_at(activity, "serviceUrl"),
        conversation=conversation,
        activity=text_at(activity, "id"),
        account=text_at(activity, "from", "aadObjectId").lower(),
        sender=text_at(activity, "from", "id"),
        bot=text_at(activity, "recipient", "id"),
        personal=personal,
        channel="" if personal else base,
        thread=thread,
        team=text_at(activity, "channelData", "team", "id"),
        card=text_at(activity, "replyToId"),
    )


def is_shared(conversation: str) -> bool:
    """Return whether an address is that of a channel, a group's, a meeting's or two people's own chat."""
    return conversation.startswith(_SHARED)


def proves_presence(activity: Body) -> bool:
    """Return whether an activity proves that the bot is in the conversation it names.

    An action on a message runs wherever the person is, in chats that the bot has never been in.
    """
    match text_at(activity, "type"):
        case "message":
            return True
        case "installationUpdate":
            return not text_at(activity, "action").startswith("remove")
        case "conversationUpdate":
            bot = text_at(activity, "recipient", "id")
            return any(text_at(member, "id") == bot for member in parts_at(activity, "membersAdded"))
        case _:
            return False


def is_channel(conversation: str) -> bool:
    """Return whether an address is a channel's, as against a chat's."""
    return is_shared(conversation) and ("@thread.tacv2" in conversation or "@thread.skype" in conversation)


def in_thread(channel: str, root: str) -> str:
    """Return the address of a thread in a channel; the address itself for anything but a channel."""
    base = channel.partition(_THREAD)[0]
    return f"{base}{_THREAD}{root}" if root and is_channel(base) else channel


def split_thread(conversation: str) -> tuple[str, str]:
    """Return (channel, id of the thread's first message) of a conversation's address."""
    base, _, thread = conversation.partition(_THREAD)
    return base, thread
