"""The decision table as written: TOML in, its rows as values out. Compiles nothing and decides nothing.

The duties are written as such a table, and with a school's own file they are joined into one
(:mod:`flows.policy.own`). A file that is wrong is refused with the row, the field and the mend.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

import msgspec
from msgspec import Struct

from flows.errors import PolicyError
from flows.model import Hold, Layer, OwnAction
from flows.school import Seat

Conditions = dict[str, list[str | bool]]
#: In a condition on rows: every one of them.
ANY_ROW_ABOVE = "any_row_above"
#: What is called by another word in the files: who writes them asks *how soon*, and asks *for* something.
WRITTEN = {"urgency": "soon", "actions": "ask"}


class Variant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename=WRITTEN):
    """What is asked for in addition when more holds; the base of every row."""

    id: str
    when: list[Conditions]
    unless: list[Conditions] = []
    tell: list[str] = []
    police: str = ""
    legal: str = ""
    urgency: str = ""
    actions: list[str] = []
    hold: Hold | None = None


class Rule(Variant, frozen=True, kw_only=True, forbid_unknown_fields=True, rename=WRITTEN):
    """One row as written. A ``late`` one stands after those of a school's own file."""

    layer: Layer
    late: bool = False
    clauses: list[str] = []
    quote: str | None = None
    because: str = ""
    level_layer: dict[str, str] = {}
    kind: str = ""
    safeguarding_deadline: bool = False
    apart: bool = False
    asks_head: bool = True
    chairs_part: bool = False
    variant: list[Variant] = []


class LeadRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename=WRITTEN):
    """One row of who is told and who leads."""

    id: str
    because: str = ""
    when: list[Conditions]
    then: str
    instead_of: Seat | None = None
    legal: str = ""
    actions: list[str] = []


class Contact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of how whoever posted it is contacted: the first that holds counts."""

    id: str
    when: list[Conditions]
    unless: list[Conditions] = []
    action: str


class Follow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename=WRITTEN):
    """One line of what follows from several rows. ``late`` as with rows."""

    id: str
    late: bool = False
    when: list[Conditions]
    actions: list[str]


class Nobody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename=WRITTEN):
    """What holds when no row does."""

    id: str
    layer: Layer
    because: str = ""
    urgency: str
    actions: list[str]


class Clause(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A clause: who must do it, and its words."""

    actor: str
    quote: str


class UnderHold(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a hold is called, and what waits under it."""

    action: str
    suffix: str
    waits: list[str]


class Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file as written; ``own`` are the actions that a school's file brings."""

    version: str
    kinds: list[str]
    clause: dict[str, Clause] = {}
    fact: dict[str, str]
    fact_false: dict[str, str]
    row: list[Rule]
    nobody: Nobody
    lead: list[LeadRule]
    kept_out: dict[str, str]
    contact: list[Contact] = []
    follow: list[Follow]
    hold: UnderHold
    own: dict[str, OwnAction] = {}


def read(text: str) -> Table:
    """Return the table as written. Raises PolicyError naming row, field and mend."""
    raw: dict[str, Any] = {}
    try:
        raw = tomllib.loads(text)
        return msgspec.convert(raw, Table)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(
            "policy-not-toml", f"The policy file cannot be read: {error}.", "Mend that line."
        ) from error
    except msgspec.ValidationError as error:
        raise PolicyError(
            "policy-shape",
            f"The policy file is not laid out as it should be: {_named(raw, str(error))}.",
            "The head of flows/policy/duties.toml says what each field is.",
        ) from error


def _named(raw: dict[str, Any], complaint: str) -> str:
    """Return msgspec's complaint with the row's own id before it."""
    found = re.search(r"\$\.(\w+)\[(\d+)\]", complaint)
    row = raw[found[1]][int(found[2])] if found else None
    if found and isinstance(row, dict) and "id" in row:
        return f"{found[1]} {row['id']}: {complaint}"
    return complaint


def wrong(owner: str, part: str, what: str, mend: str) -> PolicyError:
    """Return the error for one field of one row."""
    return PolicyError(
        "policy-row", f"Policy row {owner}, field {part}: {what}.", f"{mend}.", owner=owner, part=part
    )
