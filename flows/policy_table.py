"""The decision table, checked and compiled: TOML in, rows of bit masks out. Decides nothing.

A condition set becomes three tests on one whole number: bits that must all be there, bits of which none
may be, and groups of which one must be. A file that is wrong is refused with the row, the field and the
mend; nothing of it is used.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import msgspec
from msgspec import Struct

from flows.assessment import BITS, WIDTH, Assessment, Value
from flows.errors import PolicyError
from flows.model import Layer, Level
from flows.school import Seat

Conditions = dict[str, list[str | bool]]
SEATS = tuple(Seat)
LEVELS = ("", *Level)
#: What is known only after the table: usable in [[lead]] and [[follow]].
LATE: dict[str, tuple[Value, ...]] = {
    "head_asked": (True, False),
    "chairs_part": (True, False),
    "vice_chair_told": (True, False),
    "legal": (*(str(level) for level in Level), "nothing"),
    "police": (*(str(level) for level in Level), "nothing"),
}


class Variant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is asked for in addition when more holds; the base of every row."""

    id: str
    when: list[Conditions]
    unless: list[Conditions] = []
    tell: list[str] = []
    police: str = ""
    legal: str = ""
    urgency: str = ""
    actions: list[str] = []


class Row(Variant, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row as written."""

    layer: Layer
    clauses: list[str] = []
    quote: str | None = None
    because: str = ""
    level_layer: dict[str, str] = {}
    hold: bool = False
    asks_head: bool = True
    chairs_part: bool = False
    variant: list[Variant] = []


class LeadRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of the rows L."""

    id: str
    because: str = ""
    when: list[Conditions]
    then: str
    legal: str = ""
    actions: list[str] = []


class Contact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of how C3 and C4 reach whoever posted it: the first that holds counts."""

    id: str
    when: list[Conditions]
    unless: list[Conditions] = []
    action: str


class Follow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of what follows from several rows."""

    id: str
    when: list[Conditions]
    actions: list[str]


class Nobody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
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


class Hold(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a hold is called, and what waits under it."""

    action: str
    suffix: str
    waits: list[str]


class Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file as written."""

    version: str
    clause: dict[str, Clause]
    fact: dict[str, str]
    row: list[Row]
    nobody: Nobody
    lead: list[LeadRow]
    kept_out: dict[str, str]
    contact: list[Contact]
    follow: list[Follow]
    hold: Hold


class Test(Struct, frozen=True):
    """One set of conditions, as masks. ``shown`` are the facts it looked at."""

    every: int
    none: int
    groups: tuple[int, ...]
    shown: tuple[str, ...]

    def holds(self, bits: int) -> bool:
        """Return whether the set holds."""
        if bits & self.every != self.every or bits & self.none:
            return False
        for group in self.groups:  # noqa: SIM110 - a loop: a generator would cost more than all the rest
            if not bits & group:
                return False
        return True


class Compiled(Struct, frozen=True):
    """The tests of one row or line."""

    when: tuple[Test, ...]
    unless: tuple[Test, ...] = ()

    def hit(self, bits: int) -> bool:
        """Return whether the row applies."""
        for test in self.when:
            if test.holds(bits):
                return not any(other.holds(bits) for other in self.unless)
        return False

    def shown(self, bits: int) -> tuple[str, ...]:
        """Return the facts of every set that held."""
        return tuple(dict.fromkeys(f for test in self.when if test.holds(bits) for f in test.shown))


class Words(Struct, frozen=True):
    """Where every fact's, row's and late fact's bits lie."""

    bits: dict[str, dict[Value, int]]
    rows: dict[str, int]

    def value(self, fact: str, bits: int) -> str | bool | tuple[str, ...]:
        """Return what a fact is, in words; for ``matched`` the rows."""
        if fact == "matched":
            return tuple(row for row, bit in self.rows.items() if bits & bit)
        if fact in BITS:
            return Assessment(bits).value(fact)
        return next(value for value, bit in self.bits[fact].items() if bits & bit)


def policy_text() -> str:
    """Return the school's policy, word for word, as packaged."""
    return files("flows").joinpath("policy.txt").read_text("utf-8")


def read(text: str) -> Table:
    """Return the table as written. Raises PolicyError naming row, field and mend."""
    try:
        return msgspec.convert(tomllib.loads(text), Table)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(
            "policy-not-toml", f"The policy file cannot be read: {error}.", "Mend that line."
        ) from error
    except msgspec.ValidationError as error:
        raise PolicyError(
            "policy-shape",
            f"The policy file is not laid out as it should be: {_named(text, str(error))}.",
            "The head of flows/policy.toml says what each field is.",
        ) from error


def _named(text: str, complaint: str) -> str:
    """Return msgspec's complaint with the row's own id beside its number."""
    raw: Any = tomllib.loads(text)
    for part in ("row", "lead", "contact", "follow"):
        for at, row in enumerate(raw.get(part, []) if isinstance(raw, dict) else []):
            mark = f"$.{part}[{at}]"
            if mark in complaint.replace("[...]", f"[{at}]") and f"[{at}]" in complaint and "id" in row:
                return f"{part} {row['id']}: {complaint}"
    return complaint


def lay_out(table: Table) -> Words:
    """Return where the bits of rows and of late facts lie: above the assessment's."""
    place, rows = WIDTH, {}
    for row in table.row:
        rows[row.id] = 1 << place
        place += 1
    bits = dict(BITS)
    for fact, values in LATE.items():
        bits[fact] = {value: 1 << place + at for at, value in enumerate(values)}
        place += len(values)
    return Words(bits, rows)


def compiled(
    owner: str, when: list[Conditions], unless: list[Conditions], words: Words, known: Callable[[str], bool]
) -> Compiled:
    """Return the tests of a row. ``known`` says whether a row or fact may be asked about here."""
    if not when:
        raise wrong(owner, "when", "has no condition", "Say when the row applies")
    return Compiled(
        tuple(_test(owner, "when", conditions, words, known) for conditions in when),
        tuple(_test(owner, "unless", conditions, words, known) for conditions in unless),
    )


def _test(owner: str, part: str, conditions: Conditions, words: Words, known: Callable[[str], bool]) -> Test:
    every, none, groups = 0, 0, []
    if not conditions:
        raise wrong(owner, part, "holds an empty set of conditions", "Name at least one fact")
    for fact, values in conditions.items():
        if not values:
            raise wrong(owner, f"{part}.{fact}", "lists no value", "List at least one")
        bits = [_bit(owner, f"{part}.{fact}", fact, value, words, known) for value in values]
        mask = 0
        for bit in bits:
            mask |= bit
        if fact == "not_matched":
            none |= mask
        elif len(bits) == 1:
            every |= mask
        else:
            groups.append(mask)
    shown = tuple(fact for fact in conditions if fact != "not_matched")
    return Test(every, none, tuple(groups), shown)


def _bit(owner: str, where: str, fact: str, value: Value, words: Words, known: Callable[[str], bool]) -> int:
    if fact in ("matched", "not_matched"):
        if value not in words.rows:
            raise wrong(owner, where, f"names {value!r}, which is no row", "Name a row by its id")
        if not known(str(value)):
            raise wrong(
                owner, where, f"names {value!r}, which comes later", "Only earlier rows can be tested"
            )
        return words.rows[str(value)]
    if fact not in words.bits or (fact in LATE and not known(fact)):
        raise wrong(owner, where, "is no fact that can be tested here", "The [fact] part lists the facts")
    for own, bit in words.bits[fact].items():
        if own == value and type(own) is type(value):
            return bit
    choices = ", ".join(str(own).lower() if isinstance(own, bool) else own for own in words.bits[fact])
    raise wrong(owner, where, f"has no value {value!r}", f"Choose among {choices}")


def wrong(owner: str, part: str, what: str, mend: str) -> PolicyError:
    """Return the error for one field of one row."""
    return PolicyError("policy-row", f"Policy row {owner}, field {part}: {what}.", f"{mend}.")
