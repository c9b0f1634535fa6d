"""Reading ``policy.toml``: a mistake is refused with row, field and mend. Rows are compiled once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from flows.assessment import BITS, FACTS
from flows.errors import PolicyError
from flows.model import Layer, Level, Reason, Urgency

_ROW_FIELDS = frozenset(
    {
        "id", "layer", "clauses", "quote", "because", "when", "matched", "not_matched", "tell", "police",
        "legal", "urgency", "actions", "hold", "head", "nobody_told", "named_by_policy", "outcome",
    }
)  # fmt: skip
_OUTCOME_FIELDS = frozenset({"name", "when", "not_matched", "tell", "police", "legal", "urgency", "actions"})
_SEATS = ("dsl",)
#: A condition: one mask a fact (all must meet the bits), and the rows of which one must have matched.
Condition = tuple[tuple[int, ...], frozenset[str]]


class Outcome(Struct, frozen=True, kw_only=True):
    """What a row (or one of its outcomes) asks for, and when."""

    name: str = ""
    when: tuple[Condition, ...] = ()
    not_matched: frozenset[str] = frozenset()
    tell: tuple[str, ...] = ()
    levels: tuple[tuple[str, Level], ...] = ()
    urgency: Urgency | None = None
    actions: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    facts: tuple[tuple[str, str, int], ...] = ()

    def applies(self, bits: int, matched: set[str]) -> bool:
        """Return whether any of its conditions holds."""
        if self.not_matched and not self.not_matched.isdisjoint(matched):
            return False
        for masks, rows in self.when:
            for mask in masks:
                if not bits & mask:
                    break
            else:
                if not rows or ("any" in rows and matched) or not rows.isdisjoint(matched):
                    return True
        return False


class Row(Struct, frozen=True, kw_only=True):
    """One row of the table."""

    id: str
    layer: Layer
    because: str
    clauses: tuple[str, ...] = ()
    quote: str | None = None
    head: bool = True
    hold: bool = False
    nobody_told: bool = False
    named_by_policy: bool = False
    matched: frozenset[str] = frozenset()
    main: Outcome
    outcomes: tuple[Outcome, ...] = ()
    source: dict[str, Any] = {}

    def match(self, bits: int, matched: set[str]) -> tuple[Outcome, ...]:
        """Return the outcomes that apply (the row itself first); empty = it does not match."""
        if self.nobody_told:
            return () if matched else (self.main,)
        if self.matched and self.matched.isdisjoint(matched):
            return ()
        found = tuple([o for o in self.outcomes if o.applies(bits, matched)])
        if not self.main.when:
            return (self.main, *found) if found else ()
        return (self.main, *found) if self.main.applies(bits, matched) else ()

    def reason(self, outcomes: tuple[Outcome, ...], bits: int) -> Reason:
        """Return why: the facts that matched and what was asked for."""
        facts: dict[str, tuple[str, ...] | str | bool] = {}
        for outcome in outcomes:
            for fact, value, bit in outcome.facts:
                if bits & bit:
                    if value in ("true", "false"):
                        facts[fact] = value == "true"
                    else:
                        before = facts.get(fact, ())
                        if isinstance(before, tuple) and value not in before:
                            facts[fact] = (*before, value)
        asks = tuple(dict.fromkeys(ask for outcome in outcomes for ask in outcome.asks))
        if self.head:
            asks = ("headteacher", *asks)
        if self.hold:
            asks = (*asks, "action:hold_contact_with_poster")
        return Reason(
            row=self.id,
            layer=self.layer,
            clauses=self.clauses,
            quote=self.quote,
            because=self.because,
            facts=facts,
            asks=asks,
        )


class Policy(Struct, frozen=True, kw_only=True):
    """A checked, compiled policy."""

    version: str
    clauses: dict[str, str]
    rows: tuple[Row, ...]


def load(text: str) -> Policy:
    """Return the policy a file holds. Raises PolicyError naming row, field and mend."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _wrong("the file", "syntax", str(error), "Mend that line.") from None
    version, clauses, rows = table.get("version"), table.get("clauses", {}), table.get("row", [])
    if not isinstance(version, str) or not version:
        raise _wrong("the file", "version", "is missing", 'Say version = "2026-11" at the top.')
    if not isinstance(rows, list) or not rows:
        raise _wrong("the file", "row", "there are no rows", "Each row begins with [[row]].")
    compiled: list[Row] = []
    for number, source in enumerate(rows, start=1):
        compiled.append(_row(source, number, clauses, [row.id for row in compiled]))
    return Policy(version=version, clauses=clauses, rows=tuple(compiled))


def _wrong(row: str, field: str, what: str, mend: str) -> PolicyError:
    return PolicyError("policy-file", f"The policy file is wrong in {row}, {field}: {what}.", mend)


def _row(source: Mapping[str, Any], number: int, clauses: Mapping[str, str], before: list[str]) -> Row:
    name = source.get("id")
    where = f"row {name or number}"
    if not isinstance(name, str) or not name:
        raise _wrong(where, "id", "is missing", "Give every row a name of its own.")
    if name in before:
        raise _wrong(where, "id", "is used twice", "Give every row a name of its own.")
    _only(where, source, _ROW_FIELDS)
    if not isinstance(source.get("because"), str) or not source["because"].strip():
        raise _wrong(where, "because", "is missing", "Say in a plain sentence why the row applies.")
    if source.get("layer") not in set(Layer):
        raise _wrong(where, "layer", f"is {source.get('layer')!r}", "Use policy, safeguarding or setting.")
    cited = tuple(source.get("clauses", ()))
    for clause in cited:
        if clause not in clauses:
            raise _wrong(where, "clauses", f"{clause!r} is no clause", "Use one of those under [clauses].")
    quote = source.get("quote")
    _check_quote(where, source, quote, cited, clauses)
    matched = frozenset(source.get("matched", ()))
    _earlier(where, "matched", matched, before)
    main = _outcome(where, source, before)
    outcomes = tuple(
        _outcome(f"{name}.{o.get('name', n)}", o, before) for n, o in enumerate(source.get("outcome", ()), 1)
    )
    if not main.when and not outcomes and not source.get("nobody_told"):
        raise _wrong(where, "when", "is missing", "Say when the row applies.")
    return Row(
        id=name,
        layer=Layer(source["layer"]),
        because=source["because"],
        clauses=cited,
        quote=quote,
        head=source.get("head", True),
        hold=source.get("hold", False),
        nobody_told=source.get("nobody_told", False),
        named_by_policy=source.get("named_by_policy", False),
        matched=matched,
        main=main,
        outcomes=outcomes,
        source=dict(source),
    )


def _check_quote(
    where: str, source: Mapping[str, Any], quote: object, cited: tuple[str, ...], clauses: Mapping[str, str]
) -> None:
    if source["layer"] == "policy" and (not quote or not cited):
        raise _wrong(
            where, "quote", "a policy row must quote its clause", "Add clauses and quote, or use setting."
        )
    if quote is None:
        return
    if source["layer"] != "policy" or not isinstance(quote, str):
        raise _wrong(where, "quote", "only a policy row quotes the policy", "Remove it, or change the layer.")
    if not any(quote in text for text in clauses.values()) and quote not in _ELSEWHERE:
        raise _wrong(
            where, "quote", "does not stand in any clause", "Copy the policy's words letter for letter."
        )


#: The policy's words that stand between two clauses of the file.
_ELSEWHERE = frozenset(
    {
        "inviting them to address any legitimate concerns about the school "
        "via the appropriate and established channels"
    }
)


def _outcome(where: str, source: Mapping[str, Any], before: list[str]) -> Outcome:
    if where.count("."):
        _only(where, source, _OUTCOME_FIELDS)
    facts: dict[tuple[str, str, int], None] = {}
    when = tuple(_condition(where, c, before, facts) for c in source.get("when", ()))
    not_matched = frozenset(source.get("not_matched", ()))
    _earlier(where, "not_matched", not_matched, before)
    levels = tuple(
        (body, _closed(where, body, source[body], Level)) for body in ("police", "legal") if body in source
    )
    urgency = _closed(where, "urgency", source["urgency"], Urgency) if "urgency" in source else None
    tell = tuple(source.get("tell", ()))
    for seat in tell:
        if seat not in _SEATS:
            raise _wrong(
                where, "tell", f"{seat!r} cannot be told by a row", "Use dsl; the rest follows from §6."
            )
    actions = tuple(source.get("actions", ()))
    asks = (
        *tell,
        *(f"{body}:{level}" for body, level in levels),
        *((f"urgency:{urgency}",) if urgency else ()),
        *(f"action:{action}" for action in actions),
    )
    return Outcome(
        name=str(source.get("name", "")),
        when=when,
        not_matched=not_matched,
        tell=tell,
        levels=levels,
        urgency=urgency,
        actions=actions,
        asks=asks,
        facts=tuple(facts),
    )


def _condition(
    where: str, condition: Mapping[str, Any], before: list[str], facts: dict[tuple[str, str, int], None]
) -> Condition:
    masks: list[int] = []
    rows: frozenset[str] = frozenset()
    for fact, values in condition.items():
        if not isinstance(values, list) or not values:
            raise _wrong(where, "when", f"{fact} needs a list of values", f'Write {fact} = ["…"].')
        if fact == "row":
            rows = frozenset(values)
            _earlier(where, "when.row", rows - {"any"}, before)
            continue
        if fact not in FACTS:
            raise _wrong(where, "when", f"{fact!r} is no fact", "See the facts listed in docs/policy.md.")
        mask = 0
        for value in values:
            word = str(value).lower() if isinstance(value, bool) else value
            if (fact, word) not in BITS:
                raise _wrong(
                    where, "when", f"{fact} has no value {value!r}", f"Use {', '.join(FACTS[fact])}."
                )
            mask |= BITS[fact, word]
            facts[fact, word, BITS[fact, word]] = None
        masks.append(mask)
    return tuple(masks), rows


def _closed(where: str, field: str, value: object, kind: Any) -> Any:
    try:
        return kind(value)
    except ValueError:
        raise _wrong(where, field, f"{value!r} is unknown", f"Use {', '.join(kind)}.") from None


def _only(where: str, source: Mapping[str, Any], known: frozenset[str]) -> None:
    for field in source:
        if field not in known:
            raise _wrong(where, field, "is unknown", f"Use {', '.join(sorted(known))}.")


def _earlier(where: str, field: str, names: frozenset[str], before: list[str]) -> None:
    for name in names:
        if name not in before:
            raise _wrong(where, field, f"{name!r} is no row above this one", "Name a row that stands higher.")
