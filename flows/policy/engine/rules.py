"""Rows ready to be tested: what one row asks for, with the reason it gives, for the facts at hand.

What a row asks for depends on few facts, so it is remembered by those facts' bits alone; so is each reason
by the bits of the facts it shows. Nothing remembered is ever more than was worked out from the same bits.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from flows.model import Hold, Layer, Reason
from flows.policy.engine.compiled import compiled
from flows.policy.engine.conditions import Compiled, FactBits, ShownFact
from flows.policy.engine.contradictions import impossible
from flows.policy.engine.memory import Memory
from flows.policy.engine.outputs import CHAIRS, HEAD, HOLD, Names, levels, urgency
from flows.policy.facts import BITS
from flows.policy.table import Rule, Variant, wrong
from flows.school import Seat

_HEAD_OUT, _CHAIR_OUT = BITS["head_out"][True], BITS["chair_out"][True]
_KEPT_DSL = BITS["keep_from"]["dsl"]
#: A group of more bits than this stands in the memory as one bit: some of them, or none.
_WIDE = 8


class Outcome(Struct, frozen=True, kw_only=True):
    """What a row that applied asks for: as a number, and as words. ``shown`` are the facts of its reason."""

    row: str
    layer: Layer
    clauses: tuple[str, ...] = ()
    quote: str | None = None
    because: str
    asked_for: int = 0
    asks: tuple[str, ...]
    shown: tuple[ShownFact, ...]
    seen: int
    hold: Hold | None = None
    safeguarding_deadline: bool = False
    apart: bool = False
    instead_of: Seat | None = None
    reasons: Memory[Reason]

    def reason(self, bits: int, facts: FactBits) -> Reason:
        """Return the reason for these facts."""
        key = bits & self.seen
        found = self.reasons.get(key)
        if found is not None:
            return found
        reason = Reason(
            row=self.row,
            layer=self.layer,
            clauses=self.clauses,
            quote=self.quote,
            because=self.because,
            facts={fact: facts.value(fact, key & mask) for fact, mask in self.shown},
            asks=self.asks,
            hold=self.hold,
            safeguarding_deadline=self.safeguarding_deadline,
            apart=self.apart,
            instead_of=self.instead_of,
        )
        return self.reasons.remember(key, reason)


def seen(shown: Iterable[ShownFact]) -> int:
    """Return all the bits that a reason shows."""
    bits = 0
    for _, mask in shown:
        bits |= mask
    return bits


class CompiledRule(Struct, frozen=True, kw_only=True):
    """One row, compiled. ``looks_at`` covers every bit that what it asks for depends on, but for those of
    ``wide``, of which only whether any is there counts.
    """

    row: Rule
    bit: int
    test: Compiled
    variants: tuple[tuple[Compiled, Variant], ...]
    looks_at: int
    wide: int
    names: Names
    kind: int
    outcomes: Memory[Outcome | None]

    def outcome(self, bits: int) -> Outcome | None:
        """Return what the row asks for with these facts, or None when it does not apply."""
        key = bits & self.looks_at
        if bits & self.wide:
            key |= self.bit
        try:
            return self.outcomes[key]
        except KeyError:
            return self.outcomes.remember(key, self._worked_out(bits))

    def _worked_out(self, bits: int) -> Outcome | None:
        held = self.test.first(bits)
        if held is None:
            return None
        more = [(test, variant) for test, variant in self.variants if test.first(bits)]
        asking: list[Variant] = [self.row, *(variant for _, variant in more)]
        hold = next((each.hold for each in asking if each.hold), None)
        asked_for = HEAD * self.row.asks_head | CHAIRS * self.row.chairs_part | HOLD * bool(hold)
        for each in asking:
            asked_for |= self.names.asked(each)
        shown = dict.fromkeys((*held.shown, *(fact for test, _ in more for fact in test.shown(bits))))
        return Outcome(
            row=self.row.id,
            layer=self.row.layer,
            clauses=tuple(self.row.clauses),
            quote=self.row.quote,
            because=self.row.because,
            asked_for=asked_for,
            asks=_asks(self.row, asking, asked_for, bits),
            shown=tuple(shown),
            seen=seen(shown),
            hold=hold,
            safeguarding_deadline=self.row.safeguarding_deadline,
            apart=self.row.apart,
            reasons=Memory(self.outcomes.most),
        )


def compiled_rule(
    row: Rule, facts: FactBits, names: Names, *, kind: int, earlier: frozenset[str], remember: int
) -> CompiledRule:
    """Return a row of the table, compiled. Raises PolicyError for conditions that cannot be tested."""
    test = compiled(row.id, row.when, row.unless, facts, earlier.__contains__)
    known = (earlier | {row.id}).__contains__
    variants = tuple((compiled(v.id, v.when, v.unless, facts, known), v) for v in row.variant)
    for more, variant in variants:
        if all(impossible(facts, one, other) for one in test.when for other in more.when):
            raise wrong(variant.id, "when", "can never hold where its row does", "Mend one of the two")
    looks_at = _HEAD_OUT * row.asks_head | _CHAIR_OUT * row.chairs_part | _KEPT_DSL
    wide = 0
    for each in (test, *(test for test, _ in variants)):
        few, many = each.looks_at(_WIDE)
        looks_at, wide = looks_at | few, wide or many
        looks_at |= many & ~wide
    return CompiledRule(
        row=row,
        bit=facts.rows[row.id],
        test=test,
        variants=variants,
        looks_at=looks_at,
        wide=wide,
        names=names,
        kind=kind,
        outcomes=Memory(remember),
    )


def _asks(row: Rule, asking: list[Variant], asked_for: int, bits: int) -> tuple[str, ...]:
    """Return all that a row and its variants ask for, as words; a seat that must not know is never named."""
    asks: list[str] = []
    if row.asks_head and not bits & _HEAD_OUT:
        asks.append(Seat.HEADTEACHER.value)
    if row.chairs_part and not bits & _CHAIR_OUT:
        asks.append(Seat.CHAIR.value)
    seats = sorted({seat for each in asking for seat in each.tell})
    asks += [Seat.DEPUTY_DSL.value if seat == Seat.DSL and bits & _KEPT_DSL else seat for seat in seats]
    asks += [f"{body}:{level}" for body, level in reversed(levels(asked_for).items())]
    asks += [f"urgency:{urgency(asked_for)}"] if any(each.urgency for each in asking) else []
    asks += [f"action:{action}" for action in sorted({a for each in asking for a in each.actions})]
    return (*asks, "action:hold_contact_with_poster") if asked_for & HOLD else tuple(asks)
