"""Typed words that are no answer: a command, or a mere hello."""

from __future__ import annotations

import re

from flows.intake.answers import clean
from flows.intake.synonyms import COMMANDS, GREETINGS
from flows.intake.understood import plain
from flows.ui.intents import ChatCommand

#: A reference as people write it; no word of a sentence is a code, since a code has no vowels.
_CASE = re.compile(r"case\s+([a-z0-9]{2,8}\W*20\d\d\W*[0-9b-df-hj-np-tv-xz]{3,6})", re.IGNORECASE)
_REPORT = re.compile(r"report[\s:,–-]+(\S.*)", re.IGNORECASE | re.DOTALL)


def command(text: str) -> tuple[ChatCommand, str] | None:
    """Return the command these words are, with its argument; None for anything else."""
    words = clean(text)
    bare = plain(words).removeprefix("/")
    if bare in COMMANDS:
        return COMMANDS[bare], ""
    case = _CASE.fullmatch(words)
    if case:
        return ChatCommand.CASE, case[1].upper()
    report = _REPORT.fullmatch(words)
    return (ChatCommand.REPORT, report[1]) if report else None


def is_greeting(text: str) -> bool:
    """Return whether these words only say hello or thank you."""
    return plain(clean(text)) in GREETINGS
