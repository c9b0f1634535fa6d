"""Rows ready to be tested: what one row asks for, with the reason it gives, for the facts at hand."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from flows.assessment import BITS, NOTHING
from flows.model import URGENCIES, Layer, Reason
from flows.policy_table import LEVELS, Compiled, LeadRow, Row, Test, Variant, Words, compiled
from flows.school import Seat

_URGENCY = {str(urgency): rank for rank, urgency in enumerate(URGENCIES)} | {"": 0}
_HEAD_OUT, _CHAIR_OUT = BITS["head_out"][True], BITS["chair_out"][True]
_KEPT_DSL = BITS["keep_from"]["dsl"]


class Live(Struct, frozen=True, kw_only=True):
    """What a row that applied asks for; levels and urgency as ranks (0 = none, routine)."""

    reason: Reason
    tell: frozenset[Seat]
    actions: frozenset[str]
    police: int
    legal: int
    urgency: int
    hold: bool
    head: bool
    chairs: bool


class Line(Struct, frozen=True, kw_only=True):
    """One row, compiled. ``looks_at`` covers, for each set of conditions, every
    bit the outcome depends on once that set held.
    """

    row: Row | LeadRow
    bit: int
    test: Compiled
    variants: tuple[tuple[Compiled, Variant], ...] = ()
    looks_at: tuple[int, ...] = ()
    remember: int = 0
    kept: dict[tuple[int, int], Live] = {}


def line(row: Row, words: Words, earlier: frozenset[str], remember: int) -> Line:
    """Return a row of the table, compiled. Raises PolicyError for conditions that cannot be tested."""
    test = compiled(row.id, row.when, row.unless, words, earlier.__contains__)
    known = (earlier | {row.id}).__contains__
    variants = tuple((compiled(v.id, v.when, v.unless, words, known), v) for v in row.variant)
    always = _HEAD_OUT | _CHAIR_OUT | _KEPT_DSL
    for each, _ in variants:
        always |= _looks_at(each, words)
    looks_at = tuple(always | _looks_at(Compiled((one,)), words) for one in test.when)
    return Line(
        row=row,
        bit=words.rows[row.id],
        test=test,
        variants=variants,
        looks_at=looks_at,
        remember=remember,
        kept={},
    )


def lead_line(row: LeadRow, words: Words, known: frozenset[str]) -> Line:
    """Return a row L, compiled."""
    return Line(row=row, bit=0, test=compiled(row.id, row.when, [], words, known.__contains__), kept={})


def _looks_at(test: Compiled, words: Words) -> int:
    mask = 0
    for each in (*test.when, *test.unless):
        mask |= each.every | each.none | _all_of(each, words)
    return mask


def _all_of(test: Test, words: Words) -> int:
    """Return every bit of the facts a test shows: a reason names all that a fact holds."""
    mask = sum(words.rows.values()) if "matched" in test.shown else 0
    for fact in test.shown:
        if fact != "matched":
            mask |= sum(words.bits[fact].values())
    return mask


def live(row: Line, bits: int, words: Words) -> Live | None:
    """Return what the row asks for with these facts, or None when it does not apply."""
    for at, test in enumerate(row.test.when):  # noqa: B007 - used once it is found
        if bits & test.every == test.every and test.holds(bits):
            break
    else:
        return None
    if any(other.holds(bits) for other in row.test.unless):
        return None
    seen = bits & row.looks_at[at]
    found = row.kept.get((at, seen))
    if found is None:
        found = _worked_out(row, row.test.when[at], seen, words)
        if row.remember:
            if len(row.kept) >= row.remember:
                row.kept.clear()
            row.kept[at, seen] = found
    return found


def _worked_out(line: Line, held: Test, bits: int, words: Words) -> Live:
    row = line.row
    assert isinstance(row, Row)  # noqa: S101 - lead rows are settled elsewhere
    more = [(test, variant) for test, variant in line.variants if test.hit(bits)]
    asking: list[Variant] = [row, *(variant for _, variant in more)]
    tell = frozenset(Seat(name) for each in asking for name in each.tell)
    actions = frozenset(name for each in asking for name in each.actions)
    police = max(LEVELS.index(each.police) for each in asking)
    legal = max(LEVELS.index(each.legal) for each in asking)
    urgency = max(_URGENCY[each.urgency] for each in asking)
    found = Live(
        reason=Reason(
            row=row.id,
            layer=row.layer,
            clauses=tuple(row.clauses),
            quote=row.quote if row.layer is Layer.POLICY else None,
            because=row.because,
            facts=facts((Compiled((held,)), *(test for test, _ in more)), bits, words),
        ),
        tell=tell,
        actions=actions,
        police=police,
        legal=legal,
        urgency=urgency,
        hold=row.hold,
        head=row.asks_head,
        chairs=row.chairs_part,
    )
    named = any(each.urgency for each in asking)
    return replace(found, reason=replace(found.reason, asks=_asks(found, bits, named=named)))


def facts(tests: tuple[Compiled, ...], bits: int, words: Words) -> dict[str, str | bool | tuple[str, ...]]:
    """Return the facts that matched, with all that each holds."""
    shown = dict.fromkeys(fact for test in tests for fact in test.shown(bits))
    found = {fact: words.value(fact, bits) for fact in shown}
    return {fact: (NOTHING if value == () else value) for fact, value in found.items()}


def _asks(found: Live, bits: int, *, named: bool) -> tuple[str, ...]:
    """Return all that a row asks for, as words; a seat that must not know is never named."""
    asks: list[str] = []
    if found.head and not bits & _HEAD_OUT:
        asks.append("headteacher")
    if found.chairs and not bits & _CHAIR_OUT:
        asks.append("chair_of_governors")
    for seat in sorted(found.tell):
        asks.append("deputy_dsl" if seat is Seat.DSL and bits & _KEPT_DSL else seat.value)
    if found.police:
        asks.append(f"police:{LEVELS[found.police]}")
    if found.legal:
        asks.append(f"legal:{LEVELS[found.legal]}")
    if named:
        asks.append(f"urgency:{URGENCIES[found.urgency]}")
    asks += [f"action:{action}" for action in sorted(found.actions)]
    if found.hold:
        asks.append("action:hold_contact_with_poster")
    return tuple(asks)
