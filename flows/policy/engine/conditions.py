"""Conditions of the decision table, compiled to bit masks.

A set of conditions becomes three tests on one whole number: bits that must all be there, bits of which none
may be, and groups of which one must be. What cannot be tested is refused with row, field and mend.
"""

from __future__ import annotations

from msgspec import Struct

from flows.policy.facts import BITS, LATE, NOTHING, WIDTH, Value
from flows.policy.table import Table
from flows.questions.table import KEYS

#: A fact that a reason shows, and the bits of it that count.
ShownFact = tuple[str, int]


class Test(Struct, frozen=True):
    """One set of conditions, as masks: of the bits ``fixed`` exactly ``every``, and one of each group.

    ``shown`` are the facts it looked at, each with all its bits.
    """

    fixed: int
    every: int
    groups: tuple[int, ...]
    shown: tuple[ShownFact, ...]

    @property
    def none(self) -> int:
        """The bits of which none may be there."""
        return self.fixed ^ self.every

    def holds(self, bits: int) -> bool:
        """Return whether the set holds."""
        if bits & self.fixed != self.every:
            return False
        for group in self.groups:  # noqa: SIM110 - a loop: a generator would cost more than all the rest
            if not bits & group:
                return False
        return True


class Compiled(Struct, frozen=True):
    """The tests of one row or line."""

    when: tuple[Test, ...]
    unless: tuple[Test, ...] = ()

    def first(self, bits: int) -> Test | None:
        """Return the first set that holds, or None when the row does not apply."""
        for test in self.when:
            if bits & test.fixed == test.every and test.holds(bits):  # most fail here, without a call
                for other in self.unless:
                    if other.holds(bits):
                        return None
                return test
        return None

    def shown(self, bits: int) -> tuple[ShownFact, ...]:
        """Return the facts of every set that held."""
        return tuple(dict.fromkeys(fact for test in self.when if test.holds(bits) for fact in test.shown))

    def looks_at(self, widest: int = WIDTH) -> tuple[int, int]:
        """Return the bits these tests depend on, and apart from them the one group wider than ``widest``."""
        mask, wide = 0, 0
        for each in (*self.when, *self.unless):
            mask |= each.fixed
            for group in each.groups:
                if group.bit_count() > widest and wide in {0, group}:
                    wide = group
                else:
                    mask |= group
        return mask, wide


class FactBits(Struct, frozen=True):
    """Where every fact's, row's and late fact's bits lie; rows are the values of ``matched``."""

    bits: dict[str, dict[Value, int]]
    rows: dict[Value, int]

    def value(self, fact: str, bits: int) -> str | bool | tuple[str, ...]:
        """Return what a fact is, in words; for ``matched`` the rows."""
        held = [value for value, bit in self.bits[fact].items() if bits & bit]
        many = fact == "matched" or (fact in KEYS and KEYS[fact].many and held != [NOTHING])
        return tuple(map(str, held)) if many else held[0]

    def shown(self, fact: str) -> ShownFact:
        """Return a fact with all its bits."""
        return fact, sum(self.bits[fact].values())


def lay_out(table: Table) -> FactBits:
    """Return where the bits of rows and of late facts lie: above the assessment's."""
    rows: dict[Value, int] = {row.id: 1 << WIDTH + at for at, row in enumerate(table.row)}
    place = WIDTH + len(rows)
    bits: dict[str, dict[Value, int]] = {**BITS, "matched": rows}
    for fact, values in LATE.items():
        bits[fact] = {value: 1 << place + at for at, value in enumerate(values)}
        place += len(values)
    return FactBits(bits, rows)
