"""What a button or a form's submit means: a closed union that travels through any platform.

A platform carries an intent as one short opaque string (:func:`encode`, at most 300 characters) in
a button's value or a form's private part, and its ``parse.py`` calls :func:`decode`. Nothing in an
intent is trusted: who may do it, and whether it is stale, is asked again when it comes back.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec
from msgspec import Struct

from flows.errors import InvalidAnswer
from flows.model import Action


class ChatCommand(StrEnum):
    """Words a person may type, or press, outside a report."""

    REPORT = "report"
    STATUS = "status"
    HELP = "help"
    CASES = "cases"
    CASE = "case"
    FIND = "find"
    SUBJECT = "subject"
    DIGEST = "digest"
    HOME = "home"
    SEAT = "seat"
    AWAY = "away"
    FIGURES = "figures"
    WORDING = "wording"
    LINK = "link"
    SUPPORT = "support"
    DRILL = "drill"
    REHEARSE = "rehearse"


class Begin(Struct, frozen=True, tag="b"):
    """Start a report. ``fresh`` throws an open draft away; else it is offered again.

    ``school`` is set where a person belongs to several and has chosen one.
    """

    fresh: bool = False
    school: str = ""


class AnswerPage(Struct, frozen=True, tag="a", omit_defaults=True):
    """Submit a page of the report; ``only`` = this one question of it was shown."""

    draft: str
    revision: int
    page: str
    only: str = ""


class GoTo(Struct, frozen=True, tag="g", omit_defaults=True):
    """Show a page of the report again: Back, or Change. Answers are kept. ``only`` = one question of it."""

    draft: str
    revision: int
    page: str
    only: str = ""


class SendReport(Struct, frozen=True, tag="s", omit_defaults=True):
    """Send the report from the check page; ``unfinished`` = now, as far as it got, because of danger."""

    draft: str
    revision: int
    unfinished: bool = False


class Discard(Struct, frozen=True, tag="d"):
    """Throw the draft away."""

    draft: str
    revision: int


class TakeOut(Struct, frozen=True, tag="t"):
    """Take a file out of a draft again."""

    draft: str
    revision: int
    file: str


class Act(Struct, frozen=True, tag="c", omit_defaults=True):
    """Do something to a case, or open the form that asks what doing it needs.

    ``version`` is the case's version when the button was drawn; ``which`` what of several it is about.
    """

    case: str
    action: Action
    version: int
    which: str = ""


class Fill(Struct, frozen=True, tag="f", omit_defaults=True):
    """Submit a case's form; ``which`` as in :class:`Act`, where the form is about one of several."""

    case: str
    action: Action
    version: int
    which: str = ""


class Ask(Struct, frozen=True, tag="q"):
    """A command as a button; ``argument`` is a case id or a spoken reference, or ""."""

    command: ChatCommand
    argument: str = ""


class AskFor(Struct, frozen=True, tag="r", omit_defaults=True):
    """Ask for another holder of a seat or for an absence, or for one of these to be taken back.

    Pressed, it shows the form. ``which`` = the seat, or the id of what is taken back; ``school`` = of which.
    """

    what: ChatCommand
    which: str = ""
    undo: bool = False
    school: str = ""


class Settle(Struct, frozen=True, tag="y"):
    """Agree to what somebody asked for, or refuse it."""

    change: str
    agreed: bool


Intent = Begin | AnswerPage | GoTo | SendReport | Discard | TakeOut | Act | Fill | Ask | AskFor | Settle

#: No button of ours carries more characters than this.
LONGEST = 300

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Intent)


def encode(intent: Intent) -> str:
    """Return the intent as a short string for a button's value."""
    return _encoder.encode(intent).decode()


def decode(raw: str) -> Intent:
    """Return the intent a button carried. Raises InvalidAnswer for anything else."""
    try:
        if len(raw) > LONGEST:
            raise unknown_button()
        intent: Intent = _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeEncodeError):  # the second: half a character, as some clients cut
        raise unknown_button() from None
    return intent


def unknown_button() -> InvalidAnswer:
    """Return the refusal of what no button of ours carries."""
    return InvalidAnswer(
        "",
        "That button is not one of ours.",
        "Type help to see what you can do.",
        reference="unknown-button",
    )
