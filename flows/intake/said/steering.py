"""Typed words that are no answer: a command, or a mere hello."""

from __future__ import annotations

import re

from flows.intake.answers import clean
from flows.intake.synonyms import COMMANDS, GREETINGS
from flows.intake.understood import plain
from flows.model import Action
from flows.references import CODE_LETTERS, parted
from flows.ui.intents import ChatCommand
from flows.words import say

#: An administrator's words, narrow enough that no sentence about a posting is one.
_ROSTER = re.compile(
    r"/?(seat|away)[\s:]+((?:agree|refuse|undo)\s+\d{1,3}"
    r"|(?<=seat.)(?:head|deputy|dsl|chair|vice|substitute|on.?call|safeguarding).{0,200}"
    r"|(?<=away.)[\w .'’-]{1,60}\s\d{4}-\d\d-\d\d(?:\D{1,5}\d{4}-\d\d-\d\d)?)",
    re.IGNORECASE,
)
_CASE = re.compile(r"case\s+(\S.*)", re.IGNORECASE)
_CASES = re.compile(
    r"/?cases[\s:]+((?:all|mine|overdue|held|waiting)\s*\d{0,3}|\d{1,3})|my cases", re.IGNORECASE
)
#: What is certainly looked for, and no sentence about a posting: an account, an address, a reference.
_FIND = re.compile(r"/?(?:find|search)(?::\s*|\s+(?=\S*[@:/]|[a-z0-9]{2,8}\W*20\d\d\W))(\S.*)", re.IGNORECASE)
_FIND_WORDS = re.compile(r"/?(?:find|search)(?:\s+for)?\s+(\S.*)", re.IGNORECASE)
_SUBJECT = re.compile(r"/?subject[ -]access(?: request)?(?:\s*:\s*|\s+)(\S.{0,200})", re.IGNORECASE)
_STATUS = re.compile(r"status\s+(\S.*)", re.IGNORECASE)
_REHEARSE = re.compile(r"/?rehears(?:e|al)[\s:]+(begin|end)", re.IGNORECASE)
_WORDING = re.compile(r"wording\s+(done|undo)\s+(\w+)", re.IGNORECASE)
#: A term by its place, its first day or its name; narrow enough that no sentence about a posting is one.
_FIGURES = re.compile(
    r"/?figures[\s:]+((?:this|last)(?:\s+term)?|(?:[\w.'’-]{1,20}\s){0,3}20\d\d|[a-z0-9]{2,8}-20\d\d-\d\d-\d\d)"
    r"((?:\s+(?:report|csv|pdf|html))?)",
    re.IGNORECASE,
)
#: What is asked of no case, with the words behind it.
_OF_THE_SCHOOL = {
    _FIGURES: ChatCommand.FIGURES,
    _WORDING: ChatCommand.WORDING,
    _REHEARSE: ChatCommand.REHEARSE,
}
#: What a one-time code is made of; no word of a sentence is.
_SIGNS = f"01{CODE_LETTERS}"
_LINK = re.compile(rf"/?link[\s:]+([{_SIGNS}]{{3,4}}[\s-]?[{_SIGNS}]{{3,4}})", re.IGNORECASE)
_REPORT = re.compile(r"report[\s:,–-]+(\S.*)", re.IGNORECASE | re.DOTALL)


def command(text: str, *, leads: bool = False) -> tuple[ChatCommand, str] | None:
    """Return the command these words are, with its argument; None for anything else.

    ``leads`` = somebody with a seat who writes no report: *find* and any words is a search then.
    """
    words = clean(text)
    bare = plain(words).removeprefix("/")
    if bare in COMMANDS:
        return COMMANDS[bare], ""
    case = _CASE.fullmatch(words)
    roster = _ROSTER.fullmatch(words)
    if roster:
        return ChatCommand(roster[1].lower()), roster[2]
    called = parted(case[1]) if case else None
    if called is not None and (not called[1] or action(called[1])):
        return ChatCommand.CASE, " ".join(called).strip()
    cases = _CASES.fullmatch(words)
    if cases:
        return ChatCommand.CASES, (cases[1] or "mine").strip().lower()
    find = _FIND.fullmatch(words) or (_FIND_WORDS.fullmatch(words) if leads else None)
    if find:
        return ChatCommand.FIND, find[1]
    subject = _SUBJECT.fullmatch(words) if leads else None
    if subject:
        return ChatCommand.SUBJECT, subject[1]
    mine = _STATUS.fullmatch(words)
    own = parted(mine[1]) if mine else None
    if own is not None and not own[1]:
        return ChatCommand.STATUS, own[0]
    for pattern, meant in _OF_THE_SCHOOL.items():
        if found := pattern.fullmatch(words):
            return meant, " ".join(" ".join(found.groups()).split()).lower()
    link = _LINK.fullmatch(words)
    if link:
        return ChatCommand.LINK, link[1]
    report = _REPORT.fullmatch(words)
    return (ChatCommand.REPORT, report[1]) if report else None


def action(text: str) -> Action | None:
    """Return what words ask for of a case: its button, as it is labelled or by its plain name."""
    bare = plain(text)
    return next((a for a in Action if bare in (a, a.replace("_", " "), plain(say(f"button.{a}")))), None)


def is_greeting(text: str) -> bool:
    """Return whether these words only say hello or thank you."""
    return plain(clean(text)) in GREETINGS
