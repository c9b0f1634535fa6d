"""The policy's rows as a decision table for zen-engine, a rules engine written in Rust.

Each way in which a row can match becomes one rule of a table that collects. Rows that ask whether another
row matched cannot stand in one zen table and are left out, which only makes zen's work less.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, cast

import zen

from flows.policy.assessment import Assessment
from flows.policy.engine import Policy
from flows.policy.facts import BITS, NOTHING
from flows.policy.table import Conditions, Rule, Variant
from flows.questions.table import KEYS

OUTPUTS = ("row", "police", "legal", "urgency", "tell", "actions")


def covered(policy: Policy) -> list[Rule]:
    """Return the rows that one zen table can hold: no *unless*, no question about another row."""
    return [row for row in policy.table.row if all(_plain(part) for part in (row, *row.variant))]


def _plain(part: Variant) -> bool:
    asks_about_rows = any(fact in ("matched", "not_matched") for needs in part.when for fact in needs)
    return not asks_about_rows and not part.unless


def table(policy: Policy) -> dict[str, Any]:
    """Return the decision: what comes in, one table that collects, what goes out."""
    rules = [rule for row in covered(policy) for rule in _rules(row)]
    asked = sorted({name for rule in rules for name in rule if name not in {"_id", *OUTPUTS}})
    content = {
        "hitPolicy": "collect",
        "inputs": [{"id": name, "name": name, "field": name} for name in asked],
        "outputs": [{"id": name, "name": name, "field": name} for name in OUTPUTS],
        "rules": [{"_id": str(n), **dict.fromkeys(asked, ""), **rule} for n, rule in enumerate(rules)],
    }
    place = {"x": 0, "y": 0}
    return {
        "contentType": "application/vnd.gorules.decision",
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in", "position": place},
            {
                "id": "rows",
                "type": "decisionTableNode",
                "name": "rows",
                "position": place,
                "content": content,
            },
            {"id": "out", "type": "outputNode", "name": "out", "position": place},
        ],
        "edges": [
            {"id": "1", "sourceId": "in", "targetId": "rows", "type": "edge"},
            {"id": "2", "sourceId": "rows", "targetId": "out", "type": "edge"},
        ],
    }


def _rules(row: Rule) -> Iterator[dict[str, str]]:
    """Yield a rule for each condition of the row, and of each of its variants where the row holds too."""
    for needs in row.when:
        yield {**_cells(needs), **_asks(row.id, row)}
        for variant in row.variant:
            for more in variant.when:
                yield {**_cells(needs, more), **_asks(row.id, variant)}


def _cells(needs: Conditions, more: Conditions | None = None) -> dict[str, str]:
    more = more or {}
    both = {
        fact: [value for value in values if value in more.get(fact, values)] for fact, values in needs.items()
    }
    return {fact: _cell(fact, values) for fact, values in {**more, **both}.items()}


def _cell(fact: str, values: Iterable[str | bool]) -> str:
    words = [f"'{value}'" if isinstance(value, str) else str(value).lower() for value in values]
    if fact not in KEYS or not KEYS[fact].many:
        return ", ".join(words)
    return "len($) == 0" if words == [f"'{NOTHING}'"] else f"some($, # in [{', '.join(words)}])"


def _asks(row: str, part: Variant) -> dict[str, str]:
    one = {name: getattr(part, name) for name in ("police", "legal", "urgency")}
    many = {name: json.dumps(getattr(part, name)) for name in ("tell", "actions")}
    return {"row": f"'{row}'", **{name: value and f"'{value}'" for name, value in one.items()}, **many}


def facts(assessment: Assessment) -> dict[str, Any]:
    """Return the facts as zen takes them: words, lists of words, true and false."""
    ready: dict[str, Any] = {}
    for fact in BITS:
        value = assessment.value(fact)
        ready[fact] = list(value) if isinstance(value, tuple) else value
    return ready


class ZenPeer:
    """zen-engine with the table loaded and compiled once, on its fast path."""

    def __init__(self, policy: Policy) -> None:
        """Compile the table."""
        compiled = zen.ZenDecisionContent(json.dumps(table(policy)))
        self._engine = zen.ZenEngine({"loader": lambda _: compiled})

    def decide(self, ready: dict[str, Any]) -> dict[str, Any]:
        """Return what zen answers, with its trace: which rules hit, and what they looked at."""
        return cast("dict[str, Any]", self._engine.evaluate("policy", ready, {"trace": True}))

    def rows(self, ready: dict[str, Any]) -> set[str]:
        """Return the rows that matched."""
        return {hit["row"] for hit in self.decide(ready)["result"] or ()}
