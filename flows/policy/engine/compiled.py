"""Conditions as written, compiled to bit masks; what cannot be tested, or never holds, is refused by name."""

from __future__ import annotations

from collections.abc import Callable

from flows.policy.engine.conditions import Compiled, FactBits, ShownFact, Test
from flows.policy.engine.contradictions import implies, impossible
from flows.policy.facts import LATE, Value
from flows.policy.table import ANY_ROW_ABOVE, Conditions, wrong

#: Says whether a row or a late fact may be asked about here.
Known = Callable[[str], bool]


def compiled(
    owner: str,
    when: list[Conditions],
    unless: list[Conditions],
    facts: FactBits,
    known: Callable[[str], bool],
) -> Compiled:
    """Return the tests of a row. ``known`` says whether a row or fact may be asked about here."""
    if not when:
        raise wrong(owner, "when", "has no condition", "Say when the row applies")
    ready = Compiled(
        tuple(_test(owner, "when", conditions, facts, known) for conditions in when),
        tuple(_test(owner, "unless", conditions, facts, known) for conditions in unless),
    )
    for at, test in enumerate(ready.when, 1):
        if impossible(facts, test):
            raise wrong(owner, "when", f"can never hold: set {at} contradicts itself", "Mend that set")
        if any(implies(test, other) for other in ready.unless):
            raise wrong(owner, "unless", f"takes back set {at} of when", "Mend one of the two")
    return ready


def _test(
    owner: str, part: str, conditions: Conditions, facts: FactBits, known: Callable[[str], bool]
) -> Test:
    every, none = 0, 0
    groups: list[int] = []
    shown: list[ShownFact] = []
    if not conditions:
        raise wrong(owner, part, "holds an empty set of conditions", "Name at least one fact")
    for fact, values in conditions.items():
        if not values:
            raise wrong(owner, f"{part}.{fact}", "lists no value", "List at least one")
        bits = [_bit(owner, f"{part}.{fact}", fact, value, facts=facts, known=known) for value in values]
        mask = 0
        for bit in bits:
            mask |= bit
        if fact == "not_matched":
            none |= mask
            continue
        shown.append((fact, mask) if fact == "matched" else facts.shown(fact))
        if mask.bit_count() == 1:
            every |= mask
        else:
            groups.append(mask)
    if every & none:
        raise wrong(owner, part, "wants the same row matched and not matched", "Leave out one of the two")
    return Test(every | none, every, tuple(groups), tuple(shown))


def _bit(owner: str, where: str, fact: str, value: Value, *, facts: FactBits, known: Known) -> int:
    if fact in ("matched", "not_matched"):
        if value == ANY_ROW_ABOVE:
            return sum(bit for row, bit in facts.rows.items() if known(str(row)))
        if value not in facts.rows:
            raise wrong(owner, where, f"names {value!r}, which is no row", "Name a row by its id")
        if not known(str(value)):
            raise wrong(
                owner, where, f"names {value!r}, which comes later", "Only earlier rows can be tested"
            )
        return facts.rows[str(value)]
    if fact not in facts.bits or (fact in LATE and not known(fact)):
        raise wrong(owner, where, "is no fact that can be tested here", "docs/own-policy.md lists the facts")
    for own, bit in facts.bits[fact].items():
        if own == value and type(own) is type(value):
            return bit
    choices = ", ".join(str(own).lower() if isinstance(own, bool) else own for own in facts.bits[fact])
    raise wrong(owner, where, f"has no value {value!r}", f"Choose among {choices}")
