"""What a value of a school's file looks like: addresses, numbers, and the ids that platforms give.

Only the shape is looked at; whether an account or a channel is real, only its platform can tell. Where
people usually write something else (a channel's name, a link to it), the mend says so and, where it can,
what they meant.
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Callable

from msgspec import Struct

_GUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_OTHER = "This is the id of a"
_UNTIL_KNOWN = "Leave it empty until you know it."


class Shape(Struct, frozen=True):
    """What a value must look like, and what to say where it does not."""

    pattern: re.Pattern[str]
    what: str
    mend: str
    instead: Callable[[str], str] = lambda _: ""

    def fits(self, value: str) -> bool:
        """Return whether the value looks right."""
        return self.pattern.fullmatch(value) is not None

    def mend_for(self, value: str) -> str:
        """Return what to do about this value: what it looks like instead, or the usual mend."""
        instead = self.instead(value)
        right = self.mend.replace("It begins", "The right one begins", 1)
        return f"{instead} {right}" if instead.startswith(_OTHER) else instead or self.mend


_KINDS = {
    "U": "person",
    "W": "person",
    "C": "channel",
    "G": "channel",
    "T": "workspace",
    "D": "direct message",
}


def _slack_instead(value: str) -> str:
    """Return what a Slack id may have been confused with."""
    linked = re.search(r"/(?:archives|team|client/\w+)/([A-Z][A-Z0-9]{5,})", value)
    linked = linked or re.fullmatch(r"<[@#]([A-Z0-9]{3,})(?:\|.*)?>", value)
    if linked:
        return f'This is a link; the id is its part "{linked[1]}".'
    if re.fullmatch(r"[ucwgts]0[a-z0-9]{4,}", value):
        return f'Its letters are capitals: "{value.upper()}".'
    if value.startswith("#"):
        return (
            "This is the channel's name. Its id begins with C: open the channel, press its name, look under "
            "About at the very end."
        )
    if value.startswith("@"):
        return "This is a name. The member id begins with U: open the profile, press ⋮, Copy member ID."
    if re.fullmatch(r"[UWCGTD][A-Z0-9]{2,}", value):
        return f"{_OTHER} {_KINDS[value[0]]}."
    return ""


def _teams_instead(value: str) -> str:
    """Return what a Teams channel's id may have been confused with."""
    linked = re.search(r"19:[^/?\s]+@thread\.\w+", urllib.parse.unquote(value))
    if linked and value != linked[0]:
        return f'This is a link; the id is its part "{linked[0]}".'
    return ""


def _entra_instead(value: str) -> str:
    """Return what an object id may have been confused with."""
    if "@" in value:
        return (
            "This is an e-mail address. The object id stands in Entra, under Users, in the person's overview."
        )
    return ""


EMAIL = Shape(
    re.compile(r"[^@\s,;:<>\"]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"),
    "this is not a whole e-mail address.",
    f'For example "head@school.example". {_UNTIL_KNOWN}',
)
DOMAIN = Shape(
    re.compile(r"@?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"),
    "this is not the end of an e-mail address.",
    'Write what stands behind the @: "school.example".',
)
PHONE = Shape(
    re.compile(
        r"(?=(?:\D*\d){6}|(?:\D*\d){3}\D*$)"  # a whole number, or a short one such as 101
        r"\+?[0-9(](?:[ ().\-/]*[0-9]){2,15}[ )]*(?:(?:x|ext\.?|extension) ?[0-9]{1,6})?",
        re.IGNORECASE,
    ),
    "this is not a phone number.",
    f"Write its digits, with spaces where you like. {_UNTIL_KNOWN}",
)
LINK = Shape(
    re.compile(r"https?://[^\s/.]+\.[^\s]+"),
    "this is not a link.",
    f"Copy it from the browser's address line; it begins with https://. {_UNTIL_KNOWN}",
)
SLACK_PERSON = Shape(
    re.compile(r"[UW][A-Z0-9]{2,}"),
    "this is not a Slack member id.",
    "It begins with U: open the profile, press ⋮, Copy member ID.",
    _slack_instead,
)
SLACK_CHANNEL = Shape(
    re.compile(r"[CG][A-Z0-9]{3,}"),
    "this is not a Slack channel's id.",
    "It begins with C: open the channel, press its name, look under About at the very end.",
    _slack_instead,
)
SLACK_STAFF = Shape(
    re.compile(r"[CGS][A-Z0-9]{3,}"),
    "this is neither a Slack channel's id nor a user group's.",
    "A private channel's id begins with C, a user group's with S.",
    _slack_instead,
)
SLACK_WORKSPACE = Shape(
    re.compile(r"(?:T|E)[A-Z0-9]+"),
    "this is not a Slack workspace's id.",
    "It begins with T and stands in the address of Slack in a browser: …/client/T….",
    _slack_instead,
)
ENTRA = Shape(
    re.compile(_GUID),
    "this is not an object id from Entra.",
    'It looks like "00000000-0000-0000-0000-000000000001".',
    _entra_instead,
)
TEAMS_CHANNEL = Shape(
    re.compile(r"19:[A-Za-z0-9_=-]+@thread\.(?:tacv2|skype)"),
    "this is not a Teams channel's id.",
    'Press ⋯ beside the channel, Get link to channel; the id is its part "19:…@thread.tacv2".',
    _teams_instead,
)
TRY_OUT_NAME = Shape(
    re.compile(r"[A-Za-z0-9_.-]{1,40}"),
    "this cannot be a name in the try-out.",
    "Use one word: letters and digits.",
)
