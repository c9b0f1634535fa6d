"""Teams' activities as :mod:`flows.ui.inbound`. Pure: nothing is looked up, nothing is trusted.

``key`` names what was done, however often it is delivered, because Teams delivers again under a *new* id.
A message is its conversation, moment and words (its id only where Teams gives no moment). A press is the
card's nonce, what was pressed, what was filled in and who did it. Facts about the payloads:
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/work-with-universal-actions-for-adaptive-cards
"""

from __future__ import annotations

import json
from enum import StrEnum

from msgspec import Struct

from adapters.teams.fields import ONE, SEVERAL
from adapters.teams.message_reader import Attached, Said, said, told
from adapters.teams.origin import Body, Where, part_at, parts_at, place, text_at
from adapters.teams.render import ALSO, INPUTS, INTENT, KEEP, NONCE, VIEW, digest
from flows.intake.said import steering
from flows.school import Platform
from flows.ui.forms import Value
from flows.ui.inbound import Actor, Asked, Filled, Inbound, Noted, Pressed, Started, Typed
from flows.ui.intents import ChatCommand, decode
from flows.ui.shortcuts import joined

#: what the two message actions are called in the manifest
REPORT_THIS = "reportThisPosting"
ADD_TO_CASE = "addToTheCase"
#: typed words that begin a report, as the command list in the manifest offers them
_BEGIN = ("report-posting", "/report-posting", "report posting")
#: what a leader may ask for in a channel; the answer goes to the leader's own chat
_IN_CHANNEL = {
    c.value: c for c in (ChatCommand.HELP, ChatCommand.CASES, ChatCommand.CASE, ChatCommand.DIGEST)
}


class Frame(StrEnum):
    """In which shape Teams expects the answer."""

    MESSAGE = "message"
    SUBMIT = "submit"
    CARD = "card"
    DIALOG = "dialog"
    NOTE = "note"


class Incoming(Struct, frozen=True, kw_only=True):
    """Something for the core. ``own`` = pressed on the conversation's own card, which follows it."""

    where: Where
    frame: Frame
    inbounds: tuple[Inbound, ...]
    own: bool = False


class Brought(Struct, frozen=True, kw_only=True):
    """Files in a chat, with the words beside them ("" = none)."""

    where: Where
    key: str
    actor: Actor
    files: tuple[Attached, ...]
    words: Started | Typed | None = None


class Unreadable(Struct, frozen=True, kw_only=True):
    """A message with nothing in it that can be read."""

    where: Where


class Changed(Struct, frozen=True, kw_only=True):
    """Somebody changed a message of theirs in our chat; ``after`` "" = took it back."""

    where: Where
    key: str
    actor: Actor
    after: str


class Installed(Struct, frozen=True, kw_only=True):
    """The app was added here."""

    where: Where


class Removed(Struct, frozen=True, kw_only=True):
    """The app was taken away here."""

    where: Where


class Overheard(Struct, frozen=True, kw_only=True):
    """Words to us where others read along: nothing of them is taken in."""

    where: Where


class Nothing(Struct, frozen=True, kw_only=True):
    """Nothing to do. ``answer`` = Teams waits for an answer all the same."""

    where: Where
    answer: bool = False


class PlaceChanged(Struct, frozen=True, kw_only=True):
    """Somebody came into a team or left it, or a channel of it became another."""

    where: Where


Parsed = Incoming | PlaceChanged | Brought | Unreadable | Changed | Installed | Removed | Overheard | Nothing


def actor(where: Where, *, guest: bool = False) -> Actor:
    """Return who did it, by Entra's id of them."""
    return Actor(platform=Platform.TEAMS, workspace=where.tenant, account=where.account, guest=guest)


def parse(activity: Body, *, guest: bool = False) -> Parsed:
    """Return what an activity means. Raises InvalidAnswer for a button that is not one of ours."""
    where = place(activity)
    match text_at(activity, "type"):
        case "message":
            return _message(activity, where, actor(where, guest=guest))
        case "messageUpdate" | "messageDelete":
            return _changed(activity, where, actor(where, guest=guest))
        case "invoke":
            return _invoke(activity, where, actor(where, guest=guest))
        case "installationUpdate":
            return (
                Removed(where=where)
                if text_at(activity, "action").startswith("remove")
                else Installed(where=where)
            )
        case "conversationUpdate":
            added = {text_at(member, "id") for member in parts_at(activity, "membersAdded")}
            if where.bot in added:
                return Installed(where=where)
            return Nothing(where=where) if where.personal else PlaceChanged(where=where)
        case _:
            return Nothing(where=where)


def _message(activity: Body, where: Where, who: Actor) -> Parsed:
    key = message_key(activity, where)
    value = part_at(activity, "value")
    if INTENT in value:
        return _pressed(value, where, who, Frame.SUBMIT)
    found = said(activity, where.bot)
    if not where.personal:
        return _in_channel(found.words, key, where, who)
    if found.files:
        along = _said(found, f"{key}/words", who) if found.words else None
        return Brought(where=where, key=key, actor=who, files=found.files, words=along)
    if not found.words:
        return Unreadable(where=where)
    return Incoming(where=where, frame=Frame.MESSAGE, inbounds=(_said(found, key, who),))


def _changed(activity: Body, where: Where, who: Actor) -> Parsed:
    """Return what somebody changed of their own words; Teams does not say what they were before."""
    if not where.personal:
        return Nothing(where=where)
    kind = text_at(activity, "type")
    after = "" if kind == "messageDelete" else said(activity, where.bot).words
    mark = digest(kind, text_at(activity, "timestamp"), where.account, after)
    key = f"reworded/{where.conversation}/{where.activity}/{mark}"
    return Changed(where=where, key=key, actor=who, after=after)


def message_key(activity: Body, where: Where) -> str:
    """Return the key of a message: Teams may bring one message under several ids."""
    moment = text_at(activity, "timestamp")
    if not moment:
        return f"{where.conversation}/{where.activity}"
    words = (text_at(activity, "text"), *(text_at(a, "content") for a in parts_at(activity, "attachments")))
    return f"{where.conversation}/{digest(moment, where.account, *words)}"


def _said(found: Said, key: str, who: Actor) -> Started | Typed:
    """Return typed words; the command that begins a report takes the rest as the report's words."""
    words = found.words
    for begin in _BEGIN:
        if words.lower() == begin or words.lower().startswith(f"{begin} "):
            return Started(key=key, actor=who, words=words[len(begin) :].strip(), link=found.link)
    return Typed(key=key, actor=who, text=words, link=found.link)


def _in_channel(words: str, key: str, where: Where, who: Actor) -> Parsed:
    """Return a leader's command; everything else is not taken in where others read along."""
    first, _, rest = words.partition(" ")
    command = _IN_CHANNEL.get(first.lower())
    which = command is ChatCommand.CASES and steering.command(words) is not None
    if command is None or not (which or (command is ChatCommand.CASE) == bool(rest.strip())):
        return Overheard(where=where)
    asked = Asked(key=key, actor=who, command=command, argument=rest.strip())
    return Incoming(where=where, frame=Frame.MESSAGE, inbounds=(asked,))


def _invoke(activity: Body, where: Where, who: Actor) -> Parsed:
    value = part_at(activity, "value")
    match text_at(activity, "name"):
        case "adaptiveCard/action":
            return _pressed(part_at(value, "action", "data"), where, who, Frame.CARD)
        case "composeExtension/fetchTask":
            return _on_message(value, where, who)
        case "composeExtension/submitAction":
            return _pressed(part_at(value, "data"), where, who, Frame.DIALOG)
        case "task/submit":
            return _pressed(part_at(value, "data"), where, who, Frame.DIALOG)
        case _:
            return Nothing(where=where, answer=True)


def _on_message(value: Body, where: Where, who: Actor) -> Parsed:
    """Return what one of the two actions on a message asks.

    https://learn.microsoft.com/microsoftteams/platform/messaging-extensions/how-to/action-commands/define-action-command
    """
    payload = part_at(value, "messagePayload")
    found = told(payload)
    words = found.words
    message = text_at(payload, "id")
    if text_at(value, "commandId") == ADD_TO_CASE:
        thread = where.thread or text_at(payload, "replyToId") or message
        key = f"note/{where.channel}/{message}/{digest(words)}/{where.account}"
        noted = Noted(key=key, actor=who, channel=where.channel, thread=thread, text=words)
        return Incoming(where=where, frame=Frame.NOTE, inbounds=(noted,))
    link = found.link or text_at(payload, "linkToMessage")
    key = f"{where.conversation}/{where.activity}"
    return Incoming(
        where=where, frame=Frame.DIALOG, inbounds=(Started(key=key, actor=who, words=words, link=link),)
    )


def _pressed(data: Body, where: Where, who: Actor, frame: Frame) -> Incoming:
    """Return a press or a submitted form; with a page's answers first where it only leads away from it."""
    intent = decode(text_at(data, INTENT))
    key = press_key(data, where)
    own = data.get(VIEW) == 1
    inbounds: tuple[Inbound, ...]
    if keep := text_at(data, KEEP):
        kept = {name: value for name, value in values(data).items() if value}
        first = (Filled(key=f"{key}/kept", actor=who, intent=decode(keep), values=kept),) if kept else ()
        inbounds = (*first, Pressed(key=key, actor=who, intent=intent))
    elif INPUTS in data:
        filled = joined(values(data), text_at(data, ALSO))
        inbounds = (Filled(key=key, actor=who, intent=intent, values=filled),)
    else:
        inbounds = (Pressed(key=key, actor=who, intent=intent),)
    return Incoming(where=where, frame=frame, inbounds=inbounds, own=own)


def press_key(data: Body, where: Where) -> str:
    """Return the key of a press: the same card, button, answers and person are the same press."""
    pressed = json.dumps(data, sort_keys=True)
    return f"card/{text_at(data, NONCE)}/{digest(pressed, where.conversation, where.account)}"


def values(data: Body) -> dict[str, Value]:
    """Return what stands in the inputs, by field name; an input that is left empty is empty."""
    listed = data.get(INPUTS)
    ids = [id_ for id_ in listed if isinstance(id_, str)] if isinstance(listed, list) else []
    found: dict[str, Value] = {}
    for id_ in ids:
        raw = data.get(id_)
        text = raw if isinstance(raw, str) else ""
        if id_.startswith(SEVERAL):
            found[id_.removeprefix(SEVERAL)] = tuple(filter(None, text.split(",")))
        else:
            found[id_.removeprefix(ONE)] = text
    return found
