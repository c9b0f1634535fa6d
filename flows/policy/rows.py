"""Rows ready to be tested: what one row asks for, with the reason it gives, for the facts at hand.

What a row asks for depends on few facts, so it is remembered by those facts' bits alone; so is each reason
by the bits of the facts it shows. Nothing remembered is ever more than was worked out from the same bits.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from flows.model import Hold, Layer, Reason
from flows.policy.compiled import compiled
from flows.policy.conditions import Compiled, Shown, Words
from flows.policy.contradictions import impossible
from flows.policy.facts import BITS
from flows.policy.outputs import CHAIRS, HEAD, HOLD, Names, levels, urgency
from flows.policy.table import Row, Variant, wrong
from flows.school import Seat

_HEAD_OUT, _CHAIR_OUT = BITS["head_out"][True], BITS["chair_out"][True]
_KEPT_DSL = BITS["keep_from"]["dsl"]
#: A group of more bits than this stands in the memory as one bit: some of them, or none.
_WIDE = 8
#: Lines that follow share a memory while they look at no more bits than this together.
_TOGETHER = 12
T = TypeVar("T")


def keep(kept: dict[int, T], key: int, value: T, most: int) -> T:
    """Return the value, remembered among at most so many (0 = never)."""
    if most:
        if len(kept) >= most:
            kept.clear()
        kept[key] = value
    return value


class Outcome(Struct, frozen=True, kw_only=True):
    """What a row that applied asks for: as a number, and as words. ``shown`` are the facts of its reason."""

    row: str
    layer: Layer
    clauses: tuple[str, ...] = ()
    quote: str | None = None
    because: str
    wants: int = 0
    asks: tuple[str, ...]
    shown: tuple[Shown, ...]
    seen: int
    hold: Hold | None = None
    safeguarding_deadline: bool = False
    instead_of: Seat | None = None
    reasons: dict[int, Reason]

    def reason(self, bits: int, words: Words, remember: int) -> Reason:
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
            facts={fact: words.value(fact, key & mask) for fact, mask in self.shown},
            asks=self.asks,
            hold=self.hold,
            safeguarding_deadline=self.safeguarding_deadline,
            instead_of=self.instead_of,
        )
        return keep(self.reasons, key, reason, remember)


def seen(shown: Iterable[Shown]) -> int:
    """Return all the bits that a reason shows."""
    bits = 0
    for _, mask in shown:
        bits |= mask
    return bits


class Line(Struct, frozen=True, kw_only=True):
    """One row, compiled. ``looks_at`` covers every bit that what it asks for depends on, but for those of
    ``wide``, of which only whether any is there counts.
    """

    row: Row
    bit: int
    test: Compiled
    variants: tuple[tuple[Compiled, Variant], ...]
    looks_at: int
    wide: int
    names: Names
    kind: int
    remember: int
    outcomes: dict[int, Outcome | None]

    def outcome(self, bits: int) -> Outcome | None:
        """Return what the row asks for with these facts, or None when it does not apply."""
        key = bits & self.looks_at
        if bits & self.wide:
            key |= self.bit
        try:
            return self.outcomes[key]
        except KeyError:
            return keep(self.outcomes, key, self._worked_out(bits), self.remember)

    def _worked_out(self, bits: int) -> Outcome | None:
        held = self.test.first(bits)
        if held is None:
            return None
        more = [(test, variant) for test, variant in self.variants if test.hit(bits)]
        asking: list[Variant] = [self.row, *(variant for _, variant in more)]
        wants = HEAD * self.row.asks_head | CHAIRS * self.row.chairs_part | HOLD * bool(self.row.hold)
        for each in asking:
            wants |= self.names.asked(each)
        shown = dict.fromkeys((*held.shown, *(fact for test, _ in more for fact in test.shown(bits))))
        return Outcome(
            row=self.row.id,
            layer=self.row.layer,
            clauses=tuple(self.row.clauses),
            quote=self.row.quote,
            because=self.row.because,
            wants=wants,
            asks=_asks(self.row, asking, wants, bits),
            shown=tuple(shown),
            seen=seen(shown),
            hold=self.row.hold,
            safeguarding_deadline=self.row.safeguarding_deadline,
            reasons={},
        )


def line(row: Row, words: Words, names: Names, *, kind: int, earlier: frozenset[str], remember: int) -> Line:
    """Return a row of the table, compiled. Raises PolicyError for conditions that cannot be tested."""
    test = compiled(row.id, row.when, row.unless, words, earlier.__contains__)
    known = (earlier | {row.id}).__contains__
    variants = tuple((compiled(v.id, v.when, v.unless, words, known), v) for v in row.variant)
    for more, variant in variants:
        if all(impossible(words, one, other) for one in test.when for other in more.when):
            raise wrong(variant.id, "when", "can never hold where its row does", "Mend one of the two")
    looks_at = _HEAD_OUT * row.asks_head | _CHAIR_OUT * row.chairs_part | _KEPT_DSL
    wide = 0
    for each in (test, *(test for test, _ in variants)):
        few, many = each.looks_at(_WIDE)
        looks_at, wide = looks_at | few, wide or many
        looks_at |= many & ~wide
    return Line(
        row=row,
        bit=words.rows[row.id],
        test=test,
        variants=variants,
        looks_at=looks_at,
        wide=wide,
        names=names,
        kind=kind,
        remember=remember,
        outcomes={},
    )


def _asks(row: Row, asking: list[Variant], wants: int, bits: int) -> tuple[str, ...]:
    """Return all that a row and its variants ask for, as words; a seat that must not know is never named."""
    asks: list[str] = []
    if row.asks_head and not bits & _HEAD_OUT:
        asks.append(Seat.HEADTEACHER.value)
    if row.chairs_part and not bits & _CHAIR_OUT:
        asks.append(Seat.CHAIR.value)
    seats = sorted({seat for each in asking for seat in each.tell})
    asks += [Seat.DEPUTY_DSL.value if seat == Seat.DSL and bits & _KEPT_DSL else seat for seat in seats]
    asks += [f"{body}:{level}" for body, level in reversed(levels(wants).items())]
    asks += [f"urgency:{urgency(wants)}"] if any(each.urgency for each in asking) else []
    asks += [f"action:{action}" for action in sorted({a for each in asking for a in each.actions})]
    return (*asks, "action:hold_contact_with_poster") if row.hold else tuple(asks)


class Follows(Struct, frozen=True, kw_only=True):
    """Lines without a reason of their own, remembered together. ``first``: the first that holds counts."""

    lines: tuple[tuple[Compiled, int], ...]
    looks_at: int
    first: bool
    remember: int
    kept: dict[int, int]

    def wants(self, bits: int) -> int:
        """Return what these lines ask for with these facts."""
        key = bits & self.looks_at
        found = self.kept.get(key)
        if found is not None:
            return found
        wants = 0
        for test, asked in self.lines:
            if test.hit(bits):
                wants |= asked
                if self.first:
                    break
        return keep(self.kept, key, wants, self.remember)


def follows(lines: list[tuple[Compiled, int]], remember: int, *, first: bool = False) -> tuple[Follows, ...]:
    """Return the lines, in their order, those that look at few bits together in one memory."""
    found: list[Follows] = []
    for test, wants in lines:
        looks_at, _ = test.looks_at()
        last = found[-1] if found else None
        if last is None or not (first or (last.looks_at | looks_at).bit_count() <= _TOGETHER):
            found.append(
                Follows(lines=((test, wants),), looks_at=looks_at, first=first, remember=remember, kept={})
            )
            continue
        together = (*last.lines, (test, wants))
        found[-1] = replace(last, lines=together, looks_at=last.looks_at | looks_at)
    return tuple(found)
