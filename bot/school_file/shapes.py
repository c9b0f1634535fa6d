"""What a value of a school's file looks like: addresses, numbers, and the ids that platforms give.

Only the shape is looked at; whether an account or a channel is real, only its platform can tell. Where
people usually write something else (a channel's name, a link to it), the mend says so and, where it can,
what they meant.
"""

from __future__ import annotations

import datetime as dt
import re
import urllib.parse
from collections.abc import Callable

from msgspec import Struct

_GUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_OTHER = "This is the id of a"
_UNTIL_KNOWN = "Leave it empty until you know it."


#: letters of a text that is no link
LONGEST, LONGEST_LINK = 120, 2_000


def not_one_line(value: str, most: int = LONGEST) -> tuple[str, str] | None:
    """Return what is wrong with a text that people read on one line, and the mend; None if nothing."""
    if not value.isprintable():
        return "a sign that nobody sees stands in this text, or a new line.", "Type it again, on one line."
    if len(value) > most:
        return "this is longer than what belongs here.", f"Write at most {most} letters."
    return None


def time_of_day(written: str) -> dt.time | str:
    """Return the time that is written as "15:00"; else how it is written if it is one, "15:00" if none."""
    found = re.fullmatch(r"([01]?[0-9]|2[0-3])([:.h]?)([0-5][0-9])", written.strip())
    if found and found[2] == ":":
        return dt.time(int(found[1]), int(found[3]))
    return f"{found[1]:0>2}:{found[3]}" if found else "15:00"


class Shape(Struct, frozen=True):
    """What a value must look like, and what to say where it does not."""

    pattern: re.Pattern[str]
    what: str
    mend: str
    instead: Callable[[str], str] = lambda _: ""
    #: letters, at most
    most: int = LONGEST_LINK
    #: whether capitals make no difference, so that it is kept in small letters
    small: bool = False

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
    if value == "USLACKBOT":
        return "This is Slack's own bot, which reads nothing."
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


_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_DOMAIN = rf"{_LABEL}(?:\.{_LABEL})*\.[A-Za-z]{{2,}}"
#: where anybody in the world may have an address, and what every school's address ends with
_EVERYBODYS = (
    "gmail|googlemail|outlook|hotmail|live|msn|yahoo|ymail|rocketmail|icloud|me|mac|aol|gmx|mail|proton|"
    "protonmail|zoho|btinternet|btopenworld|sky|virginmedia|talktalk|ntlworld|tiscali|blueyonder|plus"
)
_ENDS_OF_ALL = rf"(?:{_EVERYBODYS})\.(?:com|me|net|co\.uk)|(?:sch|co|org|ac|gov|ltd|me|net|plc)\.uk"


def _domain_instead(value: str) -> str:
    """Return what is said of an end that lets everybody in, or nobody."""
    if re.fullmatch(rf"@?(?:{_ENDS_OF_ALL})", value, re.IGNORECASE):
        return "Anybody may have an address that ends so. Write the whole of what stands behind your own @."
    return ""


EMAIL = Shape(
    re.compile(rf"(?!\.)(?:(?!\.\.)[^@\s,;:<>\"()\\])+(?<!\.)@{_DOMAIN}"),
    "this is not a whole e-mail address.",
    f'For example "head@school.example". {_UNTIL_KNOWN}',
)
DOMAIN = Shape(
    re.compile(rf"(?!@?(?:{_ENDS_OF_ALL})$)@?{_DOMAIN}", re.IGNORECASE),
    "this is not the end of a school's e-mail addresses.",
    'Write what stands behind the @: "school.example".',
    _domain_instead,
)


def _phone_instead(value: str) -> str:
    """Return the number that a table program has taken the 0 or the + from."""
    digits = re.sub(r"[ ().-]", "", value)
    if re.fullmatch(r"44[1-9][0-9]{8,9}", digits):
        return f'The + in front is missing: "+{value}".'
    if re.fullmatch(r"[1-9][0-9]{8,9}", digits):
        return f'The 0 in front is missing, as Excel leaves it out: "0{value}".'
    return ""


_MORE_DIGITS = r"[^\dx]*\d"
_WHOLE = (  # a British number has 8 to 11 digits, one with its country up to 15; an extension may follow
    rf"(?=\(?(?:0[1-9](?:{_MORE_DIGITS}){{6,9}}|(?:\+|00 ?)[1-9](?:{_MORE_DIGITS}){{7,14}})[^\dx]*(?:x|$))"
    r"[+0(](?:[ ().\-/]*[0-9])+[ )]*(?:(?:x|ext\.?|extension) ?[0-9]{1,6})?"
)
_SHORT = r"1[0-9]{2}|116 ?[0-9]{3}"
PHONE = Shape(
    re.compile(_WHOLE, re.IGNORECASE),
    "this is not a phone number.",
    f"Write all its digits from the 0 or the + on, with spaces where you like. {_UNTIL_KNOWN}",
    _phone_instead,
)
#: of an office that has a short number as well, such as 101
OFFICE_PHONE = Shape(re.compile(rf"{_WHOLE}|{_SHORT}", re.IGNORECASE), PHONE.what, PHONE.mend, _phone_instead)
_NO_LINK = r"\s<>\"|\\^`{}"
LINK = Shape(
    re.compile(rf"https?://[^/@{_NO_LINK}]+\.[^/@{_NO_LINK}]+(?:[/?#][^{_NO_LINK}]*)?"),
    "this is not a link.",
    f"Copy it from the browser's address line; it begins with https://. {_UNTIL_KNOWN}",
)


def _name_instead(value: str) -> str:
    """Return what was written in the place of a name."""
    if "@" in value:
        return f"{'This is an e-mail address' if EMAIL.fits(value) else 'An @ stands in it'}. {_A_NAME}"
    return f"This is a phone number. {_A_NAME}" if PHONE.fits(value) else ""


_A_NAME = 'Write the name as people say it: "Mrs J Ash".'
NAME = Shape(
    re.compile(r"(?=.*[^\W\d_])(?!.*(?:@|://))(?!(?:.*\d){6}).*"),
    "this is not a name.",
    _A_NAME,
    _name_instead,
    LONGEST,
)
#: what a person is called in the file; accounts that no file lists are called slack:U…
PERSON_ID = Shape(
    re.compile(r"[^\W_](?:[\w .'-]{0,38}[\w'])?"),
    "this cannot be somebody's id.",
    "Use one word, such as the surname: [people.example].",
)
SLACK_PERSON = Shape(
    re.compile(r"(?!USLACKBOT)[UW][A-Z0-9]{2,}"),
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
    small=True,
)
TEAMS_CHANNEL = Shape(
    re.compile(r"19:[A-Za-z0-9_=-]+@thread\.(?:tacv2|skype)"),
    "this is not a Teams channel's id.",
    'Press ⋯ beside the channel, Get link to channel; the id is its part "19:…@thread.tacv2".',
    _teams_instead,
)
TRY_OUT_NAME = Shape(
    re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,39}"),
    "this cannot be a name in the try-out.",
    "Use one word: letters and digits.",
)
