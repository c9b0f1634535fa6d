"""Slack's payloads as :mod:`flows.ui.inbound`. Pure: nothing is looked up, nothing is trusted.

``key`` names what was done, so that it is the same however often it is delivered: a message's channel,
stamp and words (Slack may give one message several event ids); a command's or shortcut's trigger; the
place, action and moment of a press; a window's id, hash and values. Facts about the payloads:
https://docs.slack.dev/interactivity/handling-user-interaction
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from adapters.slack.dialogue import ALSO, ANSWER, OPTION, SUBMIT
from adapters.slack.escape import NAMELESS, unescape
from adapters.slack.fields import FIELD
from adapters.slack.message_reader import Names, Said, read
from adapters.slack.origin import Kind, Origin, part_at, parts_at, person, place, text_at, was_and_is
from flows.errors import InvalidAnswer
from flows.intake.said import steering
from flows.school import Platform
from flows.ui.forms import Value
from flows.ui.inbound import Actor, Asked, Filled, Inbound, Noted, Pressed, Reworded, Started, Surface, Typed
from flows.ui.intents import AnswerPage, ChatCommand, Discard, GoTo, Intent, SendReport, TakeOut, decode
from flows.ui.shortcuts import joined
from flows.words import say

Body = dict[str, Any]

#: what the two message shortcuts are called in the manifest
REPORT_THIS = "report_this_posting"
ADD_TO_CASE = "add_to_case"
#: words after the command that are commands of their own
_COMMANDS = {c.value: c for c in ChatCommand if c not in (ChatCommand.REPORT, ChatCommand.CASE)}
#: commands that may have words behind them, of a shape of their own
_WITH_WORDS = tuple(
    map(ChatCommand, ("cases", "seat", "away", "wording", "link", "figures", "rehearse", "subject"))
)
#: kinds of element that change without saying anything yet: their value comes with the button
_QUIET = {"checkboxes", "radio_buttons", "static_select", "multi_static_select", "datepicker", "file_input"}


def actor(origin: Origin, *, guest: bool) -> Actor:
    """Return who did it, in Slack's own ids."""
    return Actor(platform=Platform.SLACK, workspace=origin.workspace, account=origin.account, guest=guest)


def command(body: Body, *, guest: bool = False, names: Names = NAMELESS) -> Inbound:
    """Return what a slash command asks. Words that are no command of ours begin a report."""
    who = actor(person(body), guest=guest)
    key = f"command:{text_at(body, 'trigger_id')}"
    raw = text_at(body, "text").strip()
    first, _, rest = raw.partition(" ")
    word = first.lower()
    if word in _COMMANDS and not rest.strip():
        return Asked(key=key, actor=who, surface=Surface.MODAL, command=_COMMANDS[word])
    if word in (ChatCommand.CASE, ChatCommand.FIND) and rest.strip():
        of = unescape(rest.strip(), names)
        return Asked(key=key, actor=who, surface=Surface.MODAL, command=ChatCommand(word), argument=of)
    # whether somebody leads is asked behind the door: no report begins with the name of this command
    asked = steering.command(unescape(raw, names), leads=word == ChatCommand.SUBJECT)
    if asked is not None and asked[0] in _WITH_WORDS:
        return Asked(key=key, actor=who, surface=Surface.MODAL, command=asked[0], argument=asked[1])
    said = read({"text": "" if word == ChatCommand.REPORT and not rest else raw}, names)
    return Started(key=key, actor=who, surface=Surface.MODAL, words=said.words, link=said.link)


def shortcut(body: Body, *, guest: bool = False, names: Names = NAMELESS) -> Inbound:
    """Return what a message shortcut asks: a report that begins with a message, or a note for a case."""
    who = actor(person(body), guest=guest)
    key = f"shortcut:{text_at(body, 'trigger_id')}"
    message = part_at(body, "message")
    said = read(message, names)
    adds = text_at(body, "callback_id") == ADD_TO_CASE
    words = _told(message, said, names, came="slack.not_kept" if adds else "slack.came_with")
    channel, stamp = text_at(body, "channel", "id"), text_at(message, "ts")
    if adds:
        thread = text_at(message, "thread_ts") or stamp
        return Noted(key=key, actor=who, surface=Surface.MODAL, channel=channel, thread=thread, text=words)
    link = said.link or _permalink(text_at(body, "team", "domain"), channel, stamp)
    return Started(key=key, actor=who, surface=Surface.MODAL, words=words, link=link)


def _told(message: Body, said: Said, names: Names, *, came: str) -> str:
    """Return a message's words with who wrote it and what came with it, so that the report says so itself."""
    author = names.get(text_at(message, "user"))
    files = ", ".join(text_at(file, "name") or say("slack.unnamed") for file in said.files)
    by = say("slack.written_by", who=author) if author else ""
    return "\n".join(part for part in (said.words, by, say(came, files=files) if files else "") if part)


def submission(body: Body, *, guest: bool = False) -> Filled:
    """Return a submitted window. Raises InvalidAnswer if its private part is not one of ours."""
    view = part_at(body, "view")
    return Filled(
        key=view_key(body),
        actor=actor(person(body), guest=guest),
        surface=Surface.MODAL,
        intent=decode(text_at(view, "private_metadata")),
        values=values(view.get("state")),
    )


def view_key(body: Body) -> str:
    """Return the key of a submitted window: the same window with other values is another delivery."""
    view = part_at(body, "view")
    state = json.dumps(part_at(view, "state", "values"), sort_keys=True)
    return f"view:{text_at(view, 'id')}:{text_at(view, 'hash')}:{_mark(state)}"


def press(body: Body, *, guest: bool = False) -> Inbound | None:
    """Return what a press means; None for an element that only holds a value until the button.

    Raises InvalidAnswer if the button is not one of ours.
    """
    action = next(iter(parts_at(body, "actions")), {})
    if text_at(action, "type") in _QUIET and not text_at(action, "block_id").startswith(ANSWER):
        return None
    who, key = actor(person(body), guest=guest), press_key(body)
    action_id, intent = text_at(action, "action_id"), decode(text_at(action, "value"))
    surface = Surface.MESSAGE if stays(body, intent) else Surface.MODAL
    if action_id.startswith(OPTION):
        name = text_at(action, "block_id").removeprefix(ANSWER).rpartition(":")[0]
        chosen: dict[str, Value] = {name: action_id.removeprefix(OPTION)}
        return Filled(key=key, actor=who, surface=surface, intent=intent, values=chosen)
    if action_id == SUBMIT or action_id.startswith(ALSO):
        state = part_at(body, "view", "state") or body.get("state")
        filled = joined(values(state), action_id.removeprefix(SUBMIT).removeprefix(ALSO))
        return Filled(key=key, actor=who, surface=surface, intent=intent, values=filled)
    return Pressed(key=key, actor=who, surface=surface, intent=intent)


def stays(body: Body, intent: Intent) -> bool:
    """Return whether a press is answered in the direct message it came from, rather than in a window."""
    in_conversation = isinstance(intent, AnswerPage | GoTo | SendReport | Discard | TakeOut)
    return in_conversation and not body.get("view") and place(body).kind is Kind.DIRECT


def kept_first(body: Body, *, guest: bool = False) -> Filled | None:
    """Return the answers that stand in a report's window while another button than *submit* is pressed.

    Handing them in first means that Back throws nothing away.
    """
    view = part_at(body, "view")
    try:
        intent: Intent = decode(text_at(view, "private_metadata"))
    except InvalidAnswer:
        return None
    given = {name: value for name, value in values(view.get("state")).items() if value}
    if not given or not isinstance(intent, AnswerPage):
        return None
    who = actor(person(body), guest=guest)
    key = f"{press_key(body)}:kept"
    return Filled(key=key, actor=who, surface=Surface.MODAL, intent=intent, values=given)


def press_key(body: Body) -> str:
    """Return the key of a press: where, which, when and who."""
    action = next(iter(parts_at(body, "actions")), {})
    place = text_at(body, "container", "message_ts") or text_at(body, "view", "id")
    parts = (place, text_at(action, "block_id"), text_at(action, "action_id"), text_at(action, "action_ts"))
    return f"action:{':'.join(parts)}:{text_at(body, 'user', 'id')}"


def typed(body: Body, *, guest: bool = False, names: Names = NAMELESS) -> Typed | None:
    """Return words typed to the bot in a direct message; None if there are none."""
    event = part_at(body, "event")
    said = read(event, names)
    if not is_direct(body) or not said.words:
        return None
    who = actor(person(body), guest=guest)
    return Typed(key=event_key(body), actor=who, text=said.words, link=said.link)


def reworded(body: Body, *, guest: bool = False, names: Names = NAMELESS) -> Reworded | None:
    """Return what a person changed of their own words; None for every other change of a message.

    Previews and our own edits change messages too.
    """
    event = part_at(body, "event")
    was, now = was_and_is(event)
    kind, gone = text_at(event, "subtype"), text_at(now, "subtype") == "tombstone"
    deleted = kind == "message_deleted" or (kind == "message_changed" and gone)
    edited = kind == "message_changed" and bool(part_at(now, "edited"))
    if not _in_direct(event) or _ours(was, body) or not text_at(was, "user") or not (deleted or edited):
        return None
    before, after = read(was, names).words, "" if deleted else read(now, names).words
    if before == after or not before:
        return None
    moment = text_at(now, "edited", "ts")
    key = f"reworded:{text_at(event, 'channel')}:{text_at(was, 'ts')}:{_mark(moment, before, after)}"
    return Reworded(key=key, actor=actor(person(body), guest=guest), before=before, after=after)


#: what Slack says of itself in a conversation: no words of anybody's
_NOTICES = (
    "message_changed",
    "message_deleted",
    "message_replied",
    "tombstone",
    "pinned_item",
    "unpinned_item",
)
_NOTICES_OF = ("channel_", "group_", "im_", "bot_", "assistant_", "reminder_", "file_comment", "ekm_")


def is_direct(body: Body) -> bool:
    """Return whether an event is a person's own message in a direct message to us.

    An app that posts in a person's name is named beside the person; a kind of message that we do not
    know is still somebody's message. https://docs.slack.dev/reference/events/message
    """
    event = part_at(body, "event")
    kind = text_at(event, "subtype")
    notice = kind in _NOTICES or kind.startswith(_NOTICES_OF)
    return _in_direct(event) and bool(text_at(event, "user")) and not notice and not _ours(event, body)


def _in_direct(event: Body) -> bool:
    return event.get("channel_type") == "im" or text_at(event, "channel").startswith("D")


def _ours(message: Body, body: Body) -> bool:
    """Return whether a message is the bot's own."""
    app = text_at(message, "app_id") or text_at(message, "bot_profile", "app_id")
    bots = (text_at(one, "user_id") for one in parts_at(body, "authorizations") if one.get("is_bot"))
    return text_at(message, "user") in tuple(bots) or bool(app and app == text_at(body, "api_app_id"))


def opened_home(body: Body, *, guest: bool = False) -> Asked | None:
    """Return the home tab's question; None for the other tab."""
    event = part_at(body, "event")
    if event.get("tab", "home") != "home":
        return None
    return Asked(
        key=event_key(body),
        actor=actor(person(body), guest=guest),
        surface=Surface.MESSAGE,
        command=ChatCommand.HOME,
    )


def event_key(body: Body) -> str:
    """Return the key of an event: a message's own identity, which outlives the id of a delivery."""
    event = part_at(body, "event")
    channel, stamp = text_at(event, "channel"), text_at(event, "ts")
    if text_at(event, "type") == "message" and channel and stamp:
        return f"message:{channel}:{stamp}:{_mark(text_at(event, 'user'), text_at(event, 'text'))}"
    return f"event:{text_at(body, 'event_id')}"


def _mark(*parts: str) -> str:
    """Return a short name for these words: the same words, the same name."""
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "replace")).hexdigest()[:16]


def values(state: object) -> dict[str, Value]:
    """Return what stands in the inputs, by field name. Files come by another way."""
    found: dict[str, Value] = {}
    for block_id, element in _elements(state):
        value = _given(element) if block_id.startswith(FIELD) else None
        if value is not None:
            found[block_id.removeprefix(FIELD)] = value
    return found


def files(state: object) -> tuple[Body, ...]:
    """Return Slack's file objects that stand in the inputs."""
    found = [element for _, element in _elements(state) if element.get("type") == "file_input"]
    return tuple(file for element in found for file in parts_at(element, "files"))


def _elements(state: object) -> Iterator[tuple[str, Body]]:
    """Yield each input of a message or window with the id of its block."""
    for block_id, elements in part_at(state, "values").items():
        if isinstance(elements, dict):
            yield from ((block_id, element) for element in elements.values() if isinstance(element, dict))


def _given(element: Body) -> Value | None:
    match element.get("type"):
        case "radio_buttons" | "static_select":
            return text_at(element, "selected_option", "value")
        case "checkboxes" | "multi_static_select":
            return tuple(text_at(option, "value") for option in parts_at(element, "selected_options"))
        case "plain_text_input":
            return text_at(element, "value")
        case "datepicker":
            return text_at(element, "selected_date")
        case _:
            return None


def _permalink(domain: str, channel: str, stamp: str) -> str:
    """Return a message's address; the bot may not be in that channel, so Slack cannot be asked."""
    if not (domain and channel and stamp):
        return ""
    return f"https://{domain}.slack.com/archives/{channel}/p{stamp.replace('.', '')}"
