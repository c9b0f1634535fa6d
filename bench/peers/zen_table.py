"""The policy's rows as a decision table for zen-engine, a rules engine written in Rust.

Each way in which a row can match becomes one rule of a table that collects. Rows that ask whether another
row matched cannot stand in one zen table and are left out, which only makes zen's work less.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import zen

from flows.assessment import DERIVED, FACTS, KEYS, Assessment
from flows.policy import Policy

ASKS_ABOUT_ROWS = {"matched", "not_matched", "nobody_told"}
OUTPUTS = ("row", "police", "legal", "urgency", "tell", "actions")


def covered(policy: Policy) -> list[Mapping[str, Any]]:
    """Return the rows that one zen table can hold."""
    return [row.source for row in policy.rows if not _asks_about_rows(row.source)]


def _asks_about_rows(source: Mapping[str, Any]) -> bool:
    parts = [source, *source.get("outcome", ())]
    named = any(part.get(field) for part in parts for field in ASKS_ABOUT_ROWS)
    return named or any("row" in condition for part in parts for condition in part.get("when", ()))


def table(policy: Policy) -> dict[str, Any]:
    """Return the decision: what comes in, one table that collects, what goes out."""
    rules = [rule for source in covered(policy) for rule in _rules(source)]
    asked = sorted({name for rule in rules for name in rule if name in FACTS})
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


def _rules(source: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield a rule for each condition of the row, and of each of its outcomes."""
    for part in (source, *source.get("outcome", ())):
        for condition in part.get("when", ()):
            cells = {fact: _cell(fact, values) for fact, values in condition.items()}
            yield {**cells, **_asks(source["id"], part)}


def _cell(fact: str, values: Iterable[Any]) -> str:
    words = ", ".join(f"'{value}'" if isinstance(value, str) else str(value).lower() for value in values)
    return f"some($, # in [{words}])" if fact in KEYS and KEYS[fact].many else words


def _asks(row: str, part: Mapping[str, Any]) -> dict[str, str]:
    one = {name: f"'{part[name]}'" for name in ("police", "legal", "urgency") if name in part}
    many = {name: json.dumps(part.get(name, [])) for name in ("tell", "actions")}
    return {"row": f"'{row}'", **dict.fromkeys(("police", "legal", "urgency"), ""), **one, **many}


def facts(assessment: Assessment) -> dict[str, Any]:
    """Return the facts as zen takes them: words, lists of words, true and false."""
    ready: dict[str, Any] = {fact: assessment.true(fact) for fact in DERIVED}
    for key, spec in KEYS.items():
        held = assessment.values(key)
        ready[key] = list(held) if spec.many else held[0]
    return ready


class ZenPeer:
    """zen-engine with the table loaded and compiled once, on its fast path."""

    def __init__(self, policy: Policy) -> None:
        """Compile the table."""
        compiled = zen.ZenDecisionContent(json.dumps(table(policy)))
        self._engine = zen.ZenEngine({"loader": lambda _: compiled})

    def decide(self, ready: Mapping[str, Any]) -> dict[str, Any]:
        """Return what zen answers, with its trace: which rules hit, and what they looked at."""
        answer: dict[str, Any] = self._engine.evaluate("policy", ready, {"trace": True})
        return answer

    def rows(self, ready: Mapping[str, Any]) -> set[str]:
        """Return the rows that matched."""
        return {hit["row"] for hit in self.decide(ready)["result"] or ()}
