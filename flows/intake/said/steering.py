"""Typed words that are no answer: a command, or a mere hello."""

from __future__ import annotations

import re

from flows.intake.answers import clean
from flows.intake.synonyms import COMMANDS, GREETINGS
from flows.intake.understood import plain
from flows.ui.intents import ChatCommand

#: A reference as people write it; no word of a sentence is a code, since a code has no vowels.
_CASE = re.compile(r"case\s+([a-z0-9]{2,8}\W*20\d\d\W*[0-9b-df-hj-np-tv-xz]{3,6})", re.IGNORECASE)
#: An administrator's words, narrow enough that no sentence about a posting is one.
_ROSTER = re.compile(
    r"/?(seat|away)[\s:]+((?:agree|refuse|undo)\s+\d{1,3}"
    r"|(?<=seat.)(?:head|deputy|dsl|chair|vice|substitute|on.?call|safeguarding).{0,200}"
    r"|(?<=away.)[\w .'’-]{1,60}\s\d{4}-\d\d-\d\d(?:\D{1,5}\d{4}-\d\d-\d\d)?)",
    re.IGNORECASE,
)
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
    roster = _ROSTER.fullmatch(words)
    if roster:
        return ChatCommand(roster[1].lower()), roster[2]
    report = _REPORT.fullmatch(words)
    return (ChatCommand.REPORT, report[1]) if report else None


def is_greeting(text: str) -> bool:
    """Return whether these words only say hello or thank you."""
    return plain(clean(text)) in GREETINGS
