"""Conditions that can never hold: found from what the facts are made of, without trying answers.

Only what is certain is called impossible; that a row fires at all is for its example to show.
"""

from __future__ import annotations

from flows.policy.engine.conditions import FactBits, Test
from flows.policy.facts import BITS, LATE, NOTHING, WORKED_OUT
from flows.questions.table import KEYS


def impossible(facts: FactBits, *tests: Test) -> bool:
    """Return whether these sets of conditions can never hold together."""
    groups, none = _spelled_out(tests)
    if any(not group & ~none for group in groups):
        return True
    for fact in (*BITS, *LATE):
        if fact in KEYS and KEYS[fact].many:
            continue
        left = every = sum(facts.bits[fact].values())
        for group in groups:
            if not group & ~every:  # it asked_for a value of this fact, which has one alone
                left &= group
        if not left & ~none:
            return True
    return False


def implies(one: Test, other: Test) -> bool:
    """Return whether wherever ``one`` holds, ``other`` does."""
    groups, none = _spelled_out((one,))
    wanted = (*_bits(other.every), *other.groups)
    return not other.none & ~none and all(any(not group & ~want for group in groups) for want in wanted)


def _spelled_out(tests: tuple[Test, ...]) -> tuple[list[int], int]:
    """Return the groups of bits of which one must be there, and the bits that must not; worked-out facts
    stand for what they are made of.
    """
    none = 0
    groups: list[int] = []
    for test in tests:
        none |= test.none
        groups += [*_bits(test.every), *test.groups]
    for fact in reversed(WORKED_OUT.values()):
        yes, no = BITS[fact.name][True], BITS[fact.name][False]
        if yes in groups:
            groups += fact.groups
            none |= fact.none
        if no in groups and len(fact.groups) == 1 and not fact.none:
            none |= fact.groups[0]
    for key in KEYS.values():
        if NOTHING in (values := BITS.get(key.name, {})) and values[NOTHING] in groups:
            none |= sum(values.values()) - values[NOTHING]
    return groups, none


def _bits(mask: int) -> list[int]:
    return [1 << at for at in range(mask.bit_length()) if mask >> at & 1]
