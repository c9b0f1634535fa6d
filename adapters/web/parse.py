"""A posted HTML form → an inbound. Pure: no request, no clock, no randomness.

Field names say what kind of answer they carry (``one.danger``, ``many.targets``, ``text.words``), so
that a page can be read without knowing the form it came from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from flows.errors import InvalidAnswer
from flows.school import Platform
from flows.ui.forms import Value
from flows.ui.inbound import (
    Actor,
    Asked,
    Filled,
    Inbound,
    Noted,
    Pressed,
    Started,
    Surface,
    Typed,
    Upload,
    Uploaded,
)
from flows.ui.intents import Act, ChatCommand, Fill, Intent, decode
from flows.ui.shortcuts import joined
from flows.words import say

Pairs = Sequence[tuple[str, str]]

#: The command people know from the chat platforms.
SLASH = "/report-posting"


def actor(account: str) -> Actor:
    """Return who a page belongs to: in the workspace an account is a person's id."""
    return Actor(platform=Platform.WEB, workspace="", account=account)


def first(pairs: Pairs, name: str) -> str:
    """Return the first value of that name, "" if there is none."""
    return next((value for key, value in pairs if key == name), "")


def lines(words: str) -> str:
    r"""Return words with line ends as the person saw them: browsers post ``\r\n``."""
    return words.replace("\r\n", "\n").replace("\r", "\n")


def values(pairs: Pairs) -> dict[str, Value]:
    """Return answers by field name. A list nobody ticked is an empty tuple; a choice not made is absent."""
    found: dict[str, Value] = {}
    for key, value in pairs:
        kind, _, name = key.partition(".")
        if kind == "many" and name:
            before = found.get(name, ())
            earlier = before if isinstance(before, tuple) else ()
            found[name] = (*earlier, value) if value else earlier
        elif kind in ("one", "text", "date") and name:
            found[name] = lines(value)
    return found


def pressed(account: str, key: str, pairs: Pairs, *, surface: Surface) -> Pressed:
    """Return a button press. Two buttons of one page are two deliveries; one pressed twice is one."""
    raw = first(pairs, "intent")
    mark = hashlib.sha256(raw.encode()).hexdigest()[:12]
    return Pressed(key=f"web/{key}/{mark}", actor=actor(account), surface=surface, intent=decode(raw))


def filled(account: str, key: str, pairs: Pairs, *, surface: Surface) -> Filled:
    """Return a submitted form."""
    return Filled(
        key=f"web/{key}",
        actor=actor(account),
        surface=surface,
        intent=decode(first(pairs, "intent")),
        values=joined(values(pairs), first(pairs, "also")),
    )


def uploaded(account: str, key: str, pairs: Pairs, files: Iterable[Upload]) -> Uploaded:
    """Return files for the open draft, or for the case whose form they came with."""
    return Uploaded(
        key=f"web/{key}/files",
        actor=actor(account),
        files=tuple(files),
        case=_case_of(first(pairs, "intent")),
    )


def _case_of(raw: str) -> str:
    try:
        intent: Intent | None = decode(raw) if raw else None
    except InvalidAnswer:
        intent = None
    return intent.case if isinstance(intent, Act | Fill) else ""


def typed(account: str, key: str, text: str) -> Inbound:
    """Return words typed in the box: an answer, or a command where they begin with the slash command."""
    text = lines(text).strip()
    if text.split(maxsplit=1)[:1] != [SLASH]:
        return Typed(key=f"web/{key}", actor=actor(account), text=text)
    rest = text.removeprefix(SLASH).strip()
    word, _, argument = rest.partition(" ")
    if word.lower() in set(ChatCommand):
        return Asked(
            key=f"web/{key}",
            actor=actor(account),
            command=ChatCommand(word.lower()),
            argument=argument.strip(),
        )
    return Started(key=f"web/{key}", actor=actor(account), words=rest)


def asked(account: str, key: str, pairs: Pairs) -> Asked:
    """Return a command given by a button of the page itself."""
    word = first(pairs, "command")
    if word not in set(ChatCommand):
        raise InvalidAnswer("", say("web.unknown_command"), reference="unknown-command")
    return Asked(
        key=f"web/{key}",
        actor=actor(account),
        command=ChatCommand(word),
        argument=first(pairs, "argument").strip(),
    )


def noted(account: str, key: str, *, channel: str, thread: str, text: str) -> Noted:
    """Return words written in the thread of a case."""
    return Noted(
        key=f"web/{key}", actor=actor(account), channel=channel, thread=thread, text=lines(text).strip()
    )
