"""What must be true of a decision table beyond its shape; refused with row, field and mend."""

from __future__ import annotations

from flows.errors import PolicyError
from flows.model import URGENCIES, Layer, Level
from flows.policy.facts import BITS, LATE
from flows.policy.said import PARTS, parts_named
from flows.policy.table import ANY_ROW_ABOVE, Rule, Table, Variant, wrong
from flows.school import LOOKS_ON, Seat
from flows.words import known

_THEN = ("chairs_part_and_leads", "vice_chair_instead", "chair_affected", "nobody_left")
_LAYERS = tuple(Layer)


def check_table(table: Table, words: str) -> None:
    """Raise PolicyError for the first thing that is wrong. ``words`` is the text quotes come from."""
    text = _flat(words)
    _facts(table)
    _ids(table)
    reasons = [(row.id, row.because) for row in table.row] + [(row.id, row.because) for row in table.lead]
    for owner, because in reasons:
        for part in sorted(parts_named(because)):
            _one_of(owner, "because", part, PARTS)
    for name, clause in table.clause.items():
        if not _quoted(clause.quote, text):
            raise wrong(name, "quote", "is not in the policy's text", "Copy the policy's own words")
    for kind in table.kinds:
        if not known(f"kind.{kind}"):
            raise wrong("kinds", kind, "has no words", "Give it some in flows/words/en/case.toml, [kind]")
    for row in table.row:
        _row(row, table, text)
    for lead in table.lead:
        if not lead.because:
            raise wrong(lead.id, "because", "is missing", "Say in one plain sentence why")
        _one_of(lead.id, "then", lead.then, _THEN)
        _one_of(lead.id, "legal", lead.legal, ("", *Level))
    if not table.nobody.because:
        raise wrong(table.nobody.id, "because", "is missing", "Say in one plain sentence why")
    _one_of(table.nobody.id, "soon", table.nobody.urgency, URGENCIES)
    if table.kept_out != {"dsl": "deputy_dsl", "vice_chair": "substitute_governor"}:
        raise wrong(
            "kept_out",
            "seats",
            "names other substitutes",
            "dsl → deputy_dsl, vice_chair → substitute_governor",
        )
    if table.hold.action != "hold_contact_with_poster":
        raise wrong("hold", "action", "is not known", "Write hold_contact_with_poster")


def _facts(table: Table) -> None:
    facts = {*BITS, *LATE}
    for fact in table.fact:
        if fact not in facts:
            raise wrong(
                "fact", fact, "is no fact: nothing sets it", "flows/policy/facts.py declares the facts"
            )
    tested = _tested(table)
    for fact in tested:
        if fact in facts and not table.fact.get(fact):
            raise wrong("fact", fact, "has no words", "Say in a few words what it means")
    for fact, values in tested.items():
        if False in values and not table.fact_false.get(fact):
            raise wrong("fact_false", fact, "has no words", "Say what it means when it is not so")


def _tested(table: Table) -> dict[str, set[str | bool]]:
    """Return the facts that some row or line looks at, with the values it looks for."""
    rows: list[Variant] = [*table.row, *(variant for row in table.row for variant in row.variant)]
    sets = [conditions for row in rows for conditions in (*row.when, *row.unless)]
    sets += [conditions for line in table.contact for conditions in (*line.when, *line.unless)]
    sets += [conditions for line in table.lead for conditions in line.when]
    sets += [conditions for line in table.follow for conditions in line.when]
    tested: dict[str, set[str | bool]] = {}
    for conditions in sets:
        for fact, values in conditions.items():
            tested.setdefault(fact, set()).update(values)
    return tested


def _ids(table: Table) -> None:
    seen: set[str] = set()
    variants = [v.id for row in table.row for v in row.variant]
    for name in (*(r.id for r in table.row), *variants, *(r.id for r in table.lead), table.nobody.id):
        if not name:
            raise PolicyError("policy-row", "A policy row has no id.", "Give every row its own.")
        if name == ANY_ROW_ABOVE:
            raise wrong(name, "id", "stands for every row above", "Give the row another")
        if name in seen:
            raise wrong(name, "id", "is used twice", "Give every row its own id")
        seen.add(name)


def _row(row: Rule, table: Table, text: str) -> None:
    if not row.because:
        raise wrong(row.id, "because", "is missing", "Say in one plain sentence why")
    _one_of(row.id, "kind", row.kind, ("", *table.kinds))
    for clause in row.clauses:
        _one_of(row.id, "clauses", clause, tuple(table.clause))
    if row.layer is Layer.POLICY and not row.quote:
        raise wrong(row.id, "quote", "is missing", "A policy row quotes its clause")
    if row.layer is not Layer.POLICY and row.quote:
        raise wrong(row.id, "quote", "does not belong here", "Only rows of layer policy quote")
    sources = [_flat(table.clause[name].quote) for name in row.clauses] or [text]
    if row.quote and not any(_quoted(row.quote, source) for source in sources):
        where = "the words of its clauses" if row.clauses else "the policy's words"
        raise wrong(row.id, "quote", f"is not in {where}", "Copy the policy's own words")
    for each in (row, *row.variant):
        _asks(each)
        for body in ("police", "legal"):
            if getattr(each, body) and body not in row.level_layer:
                raise wrong(
                    row.id,
                    "level_layer",
                    f"does not say whose level {body} is",
                    "policy, safeguarding or setting",
                )
    for body, layer in row.level_layer.items():
        _one_of(row.id, "level_layer", body, ("police", "legal"))
        _one_of(row.id, f"level_layer.{body}", layer, _LAYERS)
    for variant in row.variant:
        if not variant.id.startswith(f"{row.id}."):
            raise wrong(variant.id, "id", "does not start with its row's", f"Call it {row.id}.something")


def _asks(each: Variant) -> None:
    for seat in each.tell:
        _one_of(each.id, "tell", seat, tuple(seat for seat in Seat if seat not in LOOKS_ON))
    _one_of(each.id, "police", each.police, ("", *Level))
    _one_of(each.id, "legal", each.legal, ("", *Level))
    _one_of(each.id, "soon", each.urgency, ("", *URGENCIES))
    for action in each.actions:
        if not action.replace("_", "").isalnum() or action != action.lower():
            raise wrong(each.id, "ask", f"holds {action!r}", "Write actions as small_words_joined")


def _one_of(owner: str, part: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise wrong(
            owner, part, f"has no value {value!r}", f"Choose among {', '.join(c for c in choices if c)}"
        )


def _quoted(quote: str, text: str) -> bool:
    """Return whether the text holds the quote; "…" stands for words left out, its parts keep order."""
    place = 0
    for part in quote.split("…"):
        place = text.find(_flat(part), place)
        if place < 0:
            return False
        place += len(_flat(part))
    return True


def _flat(text: str) -> str:
    return " ".join(text.split())
