"""A school's own policy as written: what its file may hold. How it is joined to the duties: ``join``."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import msgspec
from msgspec import Struct

from flows.errors import PolicyError
from flows.model import Hold
from flows.policy.table import WRITTEN, Clause, Contact, Follow

#: Conditions as a school may write them: one value needs no brackets.
Written = dict[str, str | bool | list[str | bool]]


class OwnVariant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename=WRITTEN):
    """What a row asks for in addition when more holds. Without ``when`` it adds to a duty's variant.

    ``consider`` are actions of one's own that are only put to who decides.
    """

    id: str
    when: list[Written] = []
    unless: list[Written] = []
    tell: list[str] = []
    police: str = ""
    legal: str = ""
    urgency: str = ""
    actions: list[str] = []
    consider: list[str] = []
    hold: Hold | None = None


class OwnRow(OwnVariant, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of a school's. With a quote it is the policy's words; ``named`` are levels that it names."""

    kind: str = ""
    clauses: list[str] = []
    quote: str | None = None
    because: str = ""
    named: list[str] = []
    apart: bool = False
    safeguarding_deadline: bool = False
    variant: list[OwnVariant] = []


class SecondLook(OwnRow, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row for later: it applies ``after`` one of these rows did, and ``if_any`` of this has happened."""

    after: str | list[str] = []
    if_any: list[str]


class More(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename=WRITTEN):
    """What a school adds to the duty called ``row``."""

    row: str
    when: list[Written] = []
    clauses: list[str] = []
    quote: str | None = None
    because: str = ""
    named: list[str] = []
    tell: list[str] = []
    police: str = ""
    legal: str = ""
    urgency: str = ""
    actions: list[str] = []
    consider: list[str] = []
    variant: list[OwnVariant] = []


class Consequence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An action of a school's own. ``letter`` names a draft that a person sends; ``decide`` = what becomes of
    it is recorded before the case is closed; what reaches whoever posted it waits while contact is on hold.
    """

    do: str
    letter: str = ""
    decide: bool = False
    reaches_poster: bool = True


class OwnBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A body outside with a name of its own: whether to contact it is always decided and recorded."""

    name: str
    phone: str = ""
    email: str = ""


class OwnPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A school's file as written. ``words`` is the file that quotes are taken from."""

    version: str
    words: str = ""
    clause: dict[str, Clause] = {}
    consequence: dict[str, Consequence] = {}
    body: dict[str, OwnBody] = {}
    row: list[OwnRow] = []
    more: list[More] = []
    second_look: list[SecondLook] = []
    contact: list[Contact] = []
    follow: list[Follow] = []


def read_own(text: str) -> OwnPolicy:
    """Return a school's policy as written. Raises PolicyError, whose ``part`` is the place msgspec names."""
    try:
        raw: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(
            "policy-not-toml", f"The policy file cannot be read: {error}.", "Mend that line."
        ) from error
    try:
        return msgspec.convert(raw, OwnPolicy)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `")
        raise _misshapen(what, place.rstrip("`")) from error


#: What somebody may try who wants less than the duties, and what is said of it; some under [[more]] only.
_NO_LESS = {
    **dict.fromkeys(("delete", "remove", "without"), "a duty cannot be taken away"),
    "hold": "a hold cannot be taken away",
}
_NO_LESS_OF_DUTIES = _NO_LESS | {"unless": "a duty cannot be narrowed", "id": "a duty keeps its name"}

#: What msgspec calls a kind of value, and what it is to who writes the file.
_KIND_OF = {"array": "a list", "object": "a part of its own", "str": "text", "bool": "true or false"}
_KINDS = re.compile(rf"`({'|'.join(_KIND_OF)})`")


def _misshapen(what: str, place: str) -> PolicyError:
    """Return the error for a file that is not laid out as it should be."""
    strange = what.rpartition("unknown field `")[2].rstrip("`") if "unknown field" in what else ""
    key = strange or place.rpartition(".")[2]
    no_less = _NO_LESS_OF_DUTIES if place.startswith("$.more") else _NO_LESS
    mend = "docs/own-policy.md describes every key"
    if key in no_less:
        said, mend = no_less[key], "A school's file only adds; take this line out"
    elif strange:
        said = f"{strange} is no key here"
    else:
        said = _KINDS.sub(lambda kind: _KIND_OF[kind[1]], f"{what[0].lower()}{what[1:]}")
    place = f"{place or '$'}.{strange}".rstrip(".")
    return PolicyError("policy-shape", f"The policy file: {said}.", f"{mend}.", part=place)
