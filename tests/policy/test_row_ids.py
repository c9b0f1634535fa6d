"""A row's id is a name and nothing else: what the row means stands in its columns."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from flows.case.lifecycle import open_case
from flows.messages.templates import case_card
from flows.model import Answer, CaseId, Decision
from flows.policy.assessment import assess
from flows.policy.engine import decide, default_policy, duties, form, load
from flows.policy.own import read_own
from tests.flows.matter import SCHOOL, Matter, report
from tests.source import ROOT, SOURCES, nodes, relative

TABLE = default_policy().table
#: names that others have given something of theirs: a kind of store for backups
OTHERS = {"S3"}
IDS = {
    *(row.id for row in TABLE.row),
    *(row.id for row in TABLE.lead),
    TABLE.nobody.id,
}
#: What stored cases of an older shape meant by their ids is history.
HISTORY = {"storage/upgrades.py"}


def renamed(text: str) -> str:
    """Return the table with every row called something else; clauses keep their names."""

    def rename(found: re.Match[str]) -> str:
        return re.sub(
            r'"([A-Z]\w*)((?:\.\w+)?)"',
            lambda name: f'"new_{name[1]}{name[2]}"' if name[1] in IDS else name[0],
            found[0],
        )

    return re.sub(r'(?m)^(?:id|row) = "[^"]+"$|matched = \[[^\]]*\]', rename, text)


OWN = (ROOT / "flows/policy/forms/county.toml").read_text("utf-8")
NEW = load(renamed(duties()), read_own(renamed(OWN)), words=form("county")[1])


def named_back(decision: Decision) -> Decision:
    """Return a decision of the renamed table under the old names."""
    plain = msgspec.json.encode(decision).replace(b'"new_', b'"')
    return msgspec.json.decode(plain, type=Decision)


def test_every_row_was_renamed() -> None:
    """The renamed table has none of the names that the packaged one has."""
    assert {row.id for row in NEW.table.row} == {f"new_{row.id}" for row in TABLE.row}
    assert {row.id for row in NEW.table.lead} == {f"new_{row.id}" for row in TABLE.lead}
    assert NEW.table.nobody.id == f"new_{TABLE.nobody.id}"


def test_a_decision_is_the_same_whatever_its_rows_are_called(
    sets: Callable[[int, int], Iterator[dict[str, Any]]],
) -> None:
    """All that is asked for, its kind, and every reason with what it saw are equal but for the names."""
    for answers in sets(2_000, 9):
        facts = assess(answers, unfinished=answers.get("unfinished", False))
        assert named_back(decide(NEW, facts)) == decide(default_policy(), facts)


SAMPLES: dict[str, dict[str, Answer]] = {
    "danger": {"immediate_danger": "yes"},
    "imagery": {"sexual_imagery_child": "not_sure"},
    "a child at risk": {"child_at_risk": "yes", "violence": "yes"},
    "an adult at risk": {"adult_at_risk": "not_sure"},
    "an allegation": {"staff_allegation": ("headteacher", "chair")},
    "a threat": {"violence": "yes", "targets": ("staff",)},
    "hate": {"other_hate": "yes"},
    "conduct": {"poster": ("staff",), "nature": ("could_harm_reputation",)},
    "abuse": {"targets": ("staff",), "nature": ("abusive",)},
    "criticism": {"nature": ("critical_of_leadership",), "keep_from": ("chair",)},
    "a pupil": {"targets": ("pupil",), "nature": ("genuine_concern",)},
}


@pytest.mark.parametrize("answers", SAMPLES.values(), ids=SAMPLES)
def test_a_case_is_the_same_whatever_its_rows_are_called(answers: dict[str, Answer]) -> None:
    """Hold, what ends it, the deadline, who answers and every card are equal."""
    step = Matter(answers).step(None)
    cases = [
        open_case(report(answers), case_id=CaseId("C1"), code="001", step=replace(step, policy=policy))
        for policy in (default_policy(), NEW)
    ]
    one, other = (change.case for change in cases)
    assert one is not None
    assert other is not None
    assert [duty.rows for duty in other.duties] == [
        tuple(f"new_{row}" for row in duty.rows) for duty in one.duties
    ]
    assert replace(other, decision=one.decision, duties=one.duties) == one
    assert case_card(other, SCHOOL, step.at) == case_card(one, SCHOOL, step.at)


@pytest.mark.unwatched
def test_no_row_is_named_in_the_code() -> None:
    """The product's source holds no id of a row: not to compare with, not in passing.

    A single letter means something else to a platform or a calendar; where decisions are read, none is there.
    """
    names = sorted(name for name in IDS - OTHERS if len(name) > 1)
    whole = re.compile(rf"\b(?:{'|'.join(names)})\b")
    named: list[str] = []
    for path in SOURCES:
        if relative(path) in HISTORY:
            continue
        types = {id(arg) for node in nodes(path) if isinstance(node, ast.Call) for arg in _type_name(node)}
        named += [
            f"{relative(path)}:{node.lineno}"
            for node in nodes(path)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in types
            if whole.search(node.value) or (node.value in IDS and relative(path).startswith("flows/"))
        ]
    assert named == []


def _type_name(call: ast.Call) -> list[ast.expr]:
    """Return the name a type variable gives itself: one letter, and no row."""
    return call.args[:1] if isinstance(call.func, ast.Name) and call.func.id == "TypeVar" else []
